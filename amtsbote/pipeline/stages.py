"""Which targets a message may reach: live and test never meet, at addressing and again at every delivery."""

from amtsbote.model.deadletter import Reason
from amtsbote.model.directory import Authority, Directory
from amtsbote.model.ids import TargetId
from amtsbote.model.message import Message
from amtsbote.model.stage import Stage
from amtsbote.pipeline.steps import Held


def staged_targets(message: Message, authority: Authority, directory: Directory) -> tuple[TargetId, ...]:
    """The targets of the authority that the message goes to; the first is the primary one.

    Targets of the other stage are passed over. A copy that is off is left out; a live message whose primary target is
    off needs a person: nobody else becomes primary unasked. Raises `Held`.
    """
    if not authority.targets:
        raise Held(Reason.NO_TARGET, {"authority": authority.id})
    stages = [(target, directory.targets[target].stage) for target in authority.targets]
    primary = next((stage for _, stage in stages if stage is message.stage or stage is _displaces(message)), None)
    if primary is not message.stage:
        told = ", ".join(f"{target} ({stage})" for target, stage in stages)
        raise Held(Reason.WRONG_STAGE, {"submission": message.stage, "authority": authority.id, "targets": told})
    return tuple(target for target, stage in stages if stage is message.stage)


def must_fit(message: Message, target: TargetId, directory: Directory) -> None:
    """Whether the target may have the message as the directory is now. One that is gone is somebody else's matter.
    Raises `Held`."""
    entry = directory.targets.get(target)
    if entry is not None and entry.stage is not message.stage:
        raise Held(Reason.WRONG_STAGE, {"submission": message.stage, "targets": f"{target} ({entry.stage})"})


def _displaces(message: Message) -> Stage:
    """Which stage stops the search for a primary target: only a live message waits for one that is off."""
    return Stage.TEST if message.test else Stage.OFF

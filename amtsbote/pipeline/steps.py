"""What all steps share: how they leave early and how they are recorded."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from amtsbote.api.operations import Around, unobserved
from amtsbote.api.returning import Refusal
from amtsbote.errors import AmtsboteError, Damaged, Rejected
from amtsbote.model.deadletter import Reason
from amtsbote.model.trace import StepRecord
from amtsbote.text.catalogue import say

P = ParamSpec("P")


class Told(Protocol):
    """A result that can say what a person needs to know of it, without personal data."""

    def told(self) -> Mapping[str, str]: ...


R = TypeVar("R", bound=Told)


class Held(AmtsboteError):
    """A person is needed: the message becomes a Klärungsfall."""

    def __init__(self, reason: Reason, details: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = dict(details or {})
        self.facts: Mapping[str, str] | None = None
        """What the service package declares of the message; None where it was not read so far."""


class Declined(AmtsboteError):
    """It is not passed on; the authority is told."""

    def __init__(self, reason: str, *, person: bool = False, **values: object) -> None:
        """`person`: somebody else has to know as well, because the applicant waits for an answer."""
        super().__init__(reason)
        de, en = (say(f"answer.{reason}", language, **values) for language in ("de", "en"))
        self.refusal = Refusal(reason, de, en)
        self.person = person


class Recorder:
    """Runs the steps of one attempt and writes down how each went."""

    def __init__(self, clock: Callable[[], datetime], attempt: int, around: Around = unobserved) -> None:
        self._clock = clock
        self._attempt = attempt
        self._around = around
        self.records: list[StepRecord] = []

    def step(self, name: str, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        started = self._clock()
        try:
            result = self._around(f"step:{name}", function)(*args, **kwargs)
        except Exception as error:
            self._note(name, started, *_verdict_on(error))
            raise
        self._note(name, started, "ok", result.told())
        return result

    async def step_async(
        self, name: str, function: Callable[P, Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The same for the one step that waits: `deliver`."""
        started = self._clock()
        try:
            result = await self._around(f"step:{name}", function)(*args, **kwargs)
        except Exception as error:
            self._note(name, started, *_verdict_on(error))
            raise
        self._note(name, started, "ok", result.told())
        return result

    def _note(self, name: str, started: datetime, verdict: str, details: Mapping[str, str]) -> None:
        microseconds = int((self._clock() - started).total_seconds() * 1_000_000)
        self.records.append(StepRecord(name, self._attempt, started, microseconds, verdict, details))


def _verdict_on(error: Exception) -> tuple[str, Mapping[str, str]]:
    match error:
        case Rejected():
            return "rejected", {"problems": ", ".join(problem.type.code for problem in error.problems)}
        case Held():
            return "held", {"reason": error.reason, **error.details}
        case Declined(refusal=refusal):
            return "rejected", {"reason": refusal.reason}
        case Damaged():
            return "held", {"reason": Reason.PART_DAMAGED}
        case _:
            return "failed", {"error": type(error).__name__}

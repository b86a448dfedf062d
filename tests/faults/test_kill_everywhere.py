"""The daemon is killed before and after every step, commit, fsync, rename and private-key operation, and started again:
nothing that was acknowledged is lost, nothing is delivered twice, nothing is stuck.

`make faults` kills at a sample of the calls, `make faults RUNS=1000` at every one.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from application_kit import Application, Enclosure, Sealed
from broker_kit import ORDERED, RunningBroker, broker_at
from delivered_folders import left_in_workshop
from installation_kit import CHEMNITZ
from patience import PATIENCE
from portal_kit import Portal, Sent, waited_for
from thoroughly import EVERYWHERE

from amtsbote.pipeline import STEPS

OPERATIONS = (*(f"step:{step}" for step in STEPS), "commit", "fsync", "rename", "sign", "unwrap")
SPARE = "arm nothing before 1"
SMALL = Enclosure(b"%PDF-1.7 plan", "plan.pdf", "application/pdf")
LARGE = Enclosure(b"\xff\xd8\xff" + bytes(range(256)) * 500, "photo.jpg", "image/jpeg")


@pytest.fixture
def broker(shared_folder: Path, tmp_path: Path) -> Iterator[RunningBroker]:
    """It tries again at once: a delivery that was cut off need not wait."""
    settings = {"WORK__FIRST_RETRY": "PT0.05S", "WORK__LONGEST_RETRY": "PT0.2S"}
    with broker_at(tmp_path, shared_folder, started=False, **settings) as prepared:
        prepared.start(ORDERED)
        yield prepared
        prepared.kill()  # the last kill may still be armed: it must not come in the middle of an orderly end


@pytest.mark.timeout(900 if EVERYWHERE else 300)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_at_this_operation_nothing_is_lost_and_nothing_comes_twice(
    broker: RunningBroker, operation: str
) -> None:
    portal = broker.portal()
    sealed = portal.seal(Application(CHEMNITZ, enclosures=(SMALL, LARGE)))
    calls = _calls_of_one_submission(broker, portal, sealed, operation)
    survived = []
    for side, number in _points(calls):
        doomed = broker.running
        broker.order(f"arm {operation} {side} {number}")
        sent = _send_until_answered(broker, portal, sealed)
        _wait_for_the_end(broker, portal, sent)
        if broker.running is doomed:
            if _spared(broker):
                survived.append((side, number))
            else:
                _start_again(broker)
        _exactly_once(broker, portal, sent)
    assert all(number > max(1, calls // 2) for _, number in survived), "an operation that has to happen did not"


def _calls_of_one_submission(broker: RunningBroker, portal: Portal, sealed: Sealed, operation: str) -> int:
    """How often the operation is called in the course of one submission that nothing disturbs."""
    portal.token()
    broker.order("count")
    sent = _send_until_answered(broker, portal, sealed)
    portal.ends_with(sent, "accept-submission")
    waited_for(lambda: _idle(broker) or None, "an idle broker")
    calls: int = json.loads(broker.order("report"))[operation]
    return calls


def _points(calls: int) -> list[tuple[str, int]]:
    chosen = set(range(1, calls + 1))
    if not EVERYWHERE:
        chosen = {1, (calls + 1) // 2, calls} if calls > 6 else {1, calls}
    return [(side, number) for number in sorted(chosen) for side in ("before", "after")]


def _send_until_answered(broker: RunningBroker, portal: Portal, sealed: Sealed) -> Sent:
    """What a careful portal does: what had no answer is repeated, and nothing else."""
    created = _answered(broker, lambda: portal.announce(sealed.application), 201).json()
    sent = Sent(created["submissionId"], created["caseId"], CHEMNITZ, sealed)
    for attachment, token in sealed.attachments.items():
        _answered(broker, partial(portal.attach, sent.submission, attachment, token), 204)
    _answered(broker, lambda: portal.submit(sent.submission, sealed), 200)
    return sent


def _wait_for_the_end(broker: RunningBroker, portal: Portal, sent: Sent) -> None:
    """Until the broker has died or has nothing left to do."""

    def ended() -> bool | None:
        if broker.running.poll() is not None:
            return True
        try:
            last = portal.events(sent.case)[-1].name
            return True if last == "accept-submission" and _idle(broker) else None
        except httpx.TransportError:
            return None

    waited_for(ended, "the end of the broker or of its work")


def _exactly_once(broker: RunningBroker, portal: Portal, sent: Sent) -> None:
    portal.ends_with(sent, "accept-submission")
    waited_for(lambda: _idle(broker) or None, "an idle broker")
    names = [event.name for event in portal.events(sent.case)]
    assert names == ["create-submission", "submit-submission", "accept-submission"]
    for target in ("chemnitz", "archive"):
        [folder] = broker.delivered(sent.submission, target)
        assert folder.data == sent.sealed.application.data
        assert folder.attachments == (SMALL.content, LARGE.content)
        assert not [name for name in left_in_workshop(broker.installation.target(target)) if name.startswith("tmp-")]
    assert broker.dead_letters() == 0


def _answered(broker: RunningBroker, ask: Callable[[], httpx.Response], status: int) -> httpx.Response:
    for _ in range(3):
        try:
            answer = ask()
        except httpx.TransportError:
            broker.running.wait(PATIENCE)
            _start_again(broker)
            continue
        assert answer.status_code == status, answer.text
        return answer
    raise AssertionError("no answer after three starts")


def _spared(broker: RunningBroker) -> bool:
    """Disarms one that lives; False for one that has died, and be it at this moment."""
    try:
        return broker.order(SPARE) == "ok"
    except BrokenPipeError:
        return False


def _start_again(broker: RunningBroker) -> None:
    assert broker.kill_is_done()
    broker.start(ORDERED)


def _idle(broker: RunningBroker) -> bool:
    """Nothing to process and nothing to deliver."""
    jobs = broker.metrics()
    return not any(jobs.get(f'amtsbote_jobs{{kind="{kind}"}}', 0) for kind in ("process", "deliver"))

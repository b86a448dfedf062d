"""The clock jumps an hour forward and an hour back while applications come in: nothing is lost, doubled or stuck."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from application_kit import Application
from broker_kit import ORDERED, RunningBroker, broker_at
from installation_kit import CHEMNITZ
from portal_kit import Portal, Sent, waited_for
from thoroughly import thorough

ONE = Application(CHEMNITZ)
HOUR = 3600
SOON = {"WORK__FIRST_RETRY": "PT0.1S", "WORK__LONGEST_RETRY": "PT0.3S"}


@pytest.fixture
def broker(shared_folder: Path, tmp_path: Path) -> Iterator[RunningBroker]:
    with broker_at(tmp_path, shared_folder, started=False, **SOON) as prepared:
        prepared.start(ORDERED)
        yield prepared


class Load:
    """A portal that sends all the time, and asks for a new token whenever its own is not taken any more."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.sent: list[Sent] = []
        self.failed: list[BaseException] = []
        self._sealed = portal.seal(ONE)
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def more(self, number: int) -> None:
        """Waits for so many more."""
        wanted = len(self.sent) + number
        waited_for(lambda: True if self.failed or len(self.sent) >= wanted else None, "more applications", 60)
        assert self.failed == []

    def _send(self) -> None:
        try:
            while not self._enough.is_set():
                view = with_token(self.portal, lambda: self.portal.announce(ONE)).json()
                submission = view["submissionId"]
                with_token(self.portal, partial(self.portal.submit, submission, self._sealed))
                self.sent.append(Sent(submission, view["caseId"], CHEMNITZ, self._sealed))
        except BaseException as error:  # noqa: BLE001  (the test looks at it)
            self.failed.append(error)


def with_token(portal: Portal, ask: Callable[[], httpx.Response]) -> httpx.Response:
    answer = ask()
    if answer.status_code == 401:
        portal._token = ""
        answer = ask()
    assert answer.is_success, answer.text
    return answer


def _arrived(broker: RunningBroker, target: str, number: int) -> bool | None:
    return True if len(broker.folder(target)) >= number else None


@thorough
def test_an_hour_forward_and_an_hour_back_under_load_change_nothing(broker: RunningBroker) -> None:
    with Load(broker.portal()) as load:
        load.more(3)
        for later in (HOUR, 0, -HOUR, 0):
            broker.order(f"clock {later}")
            load.more(4)
    portal = broker.portal()
    for sent in load.sent:
        portal.ends_with(sent, "accept-submission", 60)
    for target in ("chemnitz", "archive"):
        waited_for(partial(_arrived, broker, target, len(load.sent)), target, 60)
        arrived = [folder.manifest["ids"]["message"] for folder in broker.folder(target)]
        assert sorted(arrived) == sorted(sent.submission for sent in load.sent)
    for sent in load.sent:
        names = [event.name for event in portal.events(sent.case)]
        assert names == ["create-submission", "submit-submission", "accept-submission"]
    assert broker.dead_letters() == 0
    log = broker.logs()
    assert log.count("clock.set_back") >= 2
    assert "job.lease_lost" not in log

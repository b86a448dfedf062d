"""Callbacks as a receiver on Node alone takes them: HTTPS, HMAC over the raw bytes, nothing older than five minutes."""

import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from application_kit import ANSWER_SCHEMA
from broker_kit import RunningBroker
from foreign_programs import Person, Program
from installation_kit import CHEMNITZ, DRESDEN
from node_people import content_of, decides, ended, reply_key, reply_waiting, sends
from portal_kit import waited_for
from tls_for_tests import Authority

CLIENT = "Node 20, receiver of callbacks"
TYPES = "https://schema.fitko.de/fit-connect/submission-api/callbacks/"
SECRET = "ein Geheimnis für Rückrufe"
WRONG = "another secret"


class Receiver:
    """Of calls made with `SECRET`; what else comes in is refused. `ahead`: seconds its clock is fast."""

    def __init__(self, program: Program, authority: Authority, ahead: int = 0) -> None:
        pem = authority.certified("127.0.0.1").read_text()
        self._program = program
        self._trusting = ssl.create_default_context(cafile=str(authority.file))
        url = f"https://127.0.0.1:{program.ask('listen', key=pem, cert=pem, secret=SECRET, ahead=ahead)}/told"
        self.callback = {"url": url, "secret": SECRET}

    def told(self, kind: str, message: str) -> Any:
        """What a call about this submission or reply said, when it has come."""
        return self.call(kind, message)["content"]

    def call(self, kind: str, message: str) -> Any:
        """The same with `headers` and `body` as they came."""

        def found() -> Any:
            calls = self._program.ask("received")["taken"]
            return next(
                (one for one in calls if one["content"]["type"] == TYPES + kind and message in one["body"]), None
            )

        return waited_for(found, f"{kind} about {message}")

    def refused(self, message: str) -> Any:
        """Why a call about this submission or reply was refused, when it has come."""

        def found() -> Any:
            calls = self._program.ask("received")["refused"]
            return next((call["why"] for call in calls if message in call["body"]), None)

        return waited_for(found, f"a refused call about {message}")

    def post(self, headers: dict[str, str], body: str) -> int:
        """Somebody else calls; the status of the answer."""
        signed = {name: value for name, value in headers.items() if name.startswith("callback-")}
        with httpx.Client(verify=self._trusting, trust_env=False) as http:
            return http.post(self.callback["url"], headers=signed, content=body.encode()).status_code


@pytest.fixture(scope="session")
def receiver(programs: Callable[[str], Program], authority: Authority) -> Receiver:
    return Receiver(programs("receiver"), authority)


@pytest.fixture(scope="session")
def fast_receiver(programs: Callable[[str], Program], authority: Authority) -> Receiver:
    return Receiver(programs("receiver"), authority, ahead=600)


@pytest.fixture
def dresden(broker: RunningBroker, node_client: Callable[..., Person]) -> Person:
    return node_client("dresden-software", manages=True)


def test_a_portal_is_told_that_its_application_was_accepted(hamburg: Person, receiver: Receiver) -> None:
    sent = sends(hamburg, CHEMNITZ, callback=receiver.callback)

    assert ended(hamburg, sent)["name"] == "accept-submission"
    said = receiver.told("new-events", sent["submissionId"])
    ours = {name: sent[name] for name in ("submissionId", "caseId", "destinationId")}
    assert sent["caseId"] in said["caseIds"]
    assert ours in said["submissions"]


def test_a_portal_is_told_of_a_decision_that_lay_in_a_folder(
    broker: RunningBroker, hamburg: Person, receiver: Receiver
) -> None:
    sent = sends(hamburg, CHEMNITZ, callback=receiver.callback, replyKey=reply_key(broker))
    assert ended(hamburg, sent)["name"] == "accept-submission"
    decides(broker, sent["submissionId"])

    reply = reply_waiting(hamburg, sent["caseId"])

    assert reply in receiver.told("new-replies", reply["replyId"])["replies"]
    hamburg("acceptReply", replyId=reply["replyId"])


def test_a_subscriber_is_told_of_submissions_and_of_replies_to_it(
    broker: RunningBroker, hamburg: Person, dresden: Person, receiver: Receiver
) -> None:
    channels = {"fitConnect": {"processStandards": [ANSWER_SCHEMA]}}
    dresden("change", destinationId=DRESDEN, replyChannels=channels, callback=receiver.callback)

    sent = sends(hamburg, DRESDEN)
    reply = hamburg("reply", destinationId=DRESDEN, caseId=sent["caseId"], **content_of())

    ours = {name: sent[name] for name in ("submissionId", "caseId", "destinationId")}
    assert ours in receiver.told("new-submissions", sent["submissionId"])["submissions"]
    said = receiver.told("new-replies", reply["replyId"])["replies"]
    assert {name: reply[name] for name in ("replyId", "caseId", "destinationId")} in said
    dresden("change", destinationId=DRESDEN, callback=None)


def test_what_was_signed_with_another_secret_is_refused(hamburg: Person, receiver: Receiver) -> None:
    sent = sends(hamburg, CHEMNITZ, callback={**receiver.callback, "secret": WRONG})

    assert receiver.refused(sent["submissionId"]) == "another signature"


def test_the_signature_is_over_the_very_bytes_and_the_time(hamburg: Person, receiver: Receiver) -> None:
    sent = sends(hamburg, CHEMNITZ, callback=receiver.callback)
    call = receiver.call("new-events", sent["submissionId"])
    headers, body = call["headers"], call["body"]
    later = {**headers, "callback-timestamp": str(int(headers["callback-timestamp"]) + 1)}

    assert receiver.post(headers, body) == 200
    assert receiver.post(headers, f"{body} ") == 403
    assert receiver.post(later, body) == 403


def test_what_is_older_than_five_minutes_is_refused(hamburg: Person, fast_receiver: Receiver) -> None:
    sent = sends(hamburg, CHEMNITZ, callback=fast_receiver.callback)

    assert fast_receiver.refused(sent["submissionId"]) == "not of now"

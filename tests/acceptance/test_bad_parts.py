"""Parts that come in the wrong way: refused on the spot with a sentence that says what to do, and nothing changes."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from acceptance_words import NewBroker, asked_raw, refused
from application_kit import Application, Enclosure, Sealed
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ
from portal_kit import Portal, Sent

VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])
PLAN = Enclosure(b"%PDF-1.7 plan" * 9000, "plan.pdf", "application/pdf", "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6bf301")
WITH_PLAN = Application(CHEMNITZ, enclosures=(PLAN,))
JOSE, JSON = "application/jose", "application/json"


def begun(portal: Portal, application: Application = WITH_PLAN) -> tuple[str, str, Sealed]:
    """Announced, and nothing of it sent: submission, address of its attachment, what is to be sent."""
    created = portal.announce(application)
    assert created.status_code == 201, created.text
    submission = created.json()["submissionId"]
    path = f"/{application.version}/submissions/{submission}"
    return path, f"{path}/attachments/{application.parts[0]}", portal.seal(application)


def in_pieces(content: str) -> Iterator[bytes]:
    raw = content.encode()
    for start in range(0, len(raw), 50_000):
        yield raw[start : start + 50_000]


# ---- how a body comes


@VERSIONS
def test_a_body_without_length_is_taken_in_pieces(broker: RunningBroker, portal: Portal, version: str) -> None:
    submission, attachment, sealed = begun(portal, WITH_PLAN.but(version=version))

    token, body = in_pieces(sealed.attachments[PLAN.id]), in_pieces(json.dumps(sealed.body))
    attached = portal.call("PUT", attachment, content=token, headers={"Content-Type": JOSE})
    submitted = portal.call("PUT", submission, content=body, headers={"Content-Type": JSON})

    assert (attached.status_code, submitted.status_code) == (204, 200), attached.text
    assert "content-length" not in attached.request.headers
    sent = Sent(submitted.json()["submissionId"], submitted.json()["caseId"], CHEMNITZ, sealed)
    portal.ends_with(sent, "accept-submission")
    assert broker.delivered(sent.submission)[0].attachments == (PLAN.content,)


@pytest.mark.parametrize("kind", [JOSE, JSON])
def test_a_request_that_says_nothing_of_its_body_has_none(broker: RunningBroker, portal: Portal, kind: str) -> None:
    submission, attachment, sealed = begun(portal)
    head = (
        f"PUT /submission-api{attachment if kind == JOSE else submission} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Connection: close\r\nAuthorization: Bearer {portal.token()}\r\nContent-Type: {kind}\r\n\r\n"
    )
    answer = asked_raw(broker, head.encode())

    assert (answer.status_code, answer.json()["code"]) == (411, "AB-1304")
    _still_open(portal, submission, attachment, sealed)


REPEATED: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "Content-Type": lambda token: [("Authorization", token), ("Content-Type", JSON), ("Content-Type", JOSE)],
    "the same Content-Type": lambda token: [("Authorization", token), ("Content-Type", JSON), ("content-type", JSON)],
    "Authorization": lambda token: [("Authorization", token), ("Authorization", "Bearer x"), ("Content-Type", JSON)],
}


@pytest.mark.parametrize("name", REPEATED)
def test_a_header_that_comes_twice_is_refused(broker: RunningBroker, portal: Portal, name: str) -> None:
    submission, attachment, sealed = begun(portal)
    headers = REPEATED[name](f"Bearer {portal.token()}")

    answer = portal.http.put(f"{broker.base}/submission-api{submission}", json=sealed.body, headers=headers)

    problem = refused(answer, 400, "repeated-header")
    assert name.rpartition(" ")[2].lower() in problem["detail"]
    _still_open(portal, submission, attachment, sealed)


@VERSIONS
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/jose", "application/jsonx", "", "application/x, application/json"]
)
def test_a_submit_of_another_content_type_is_refused(portal: Portal, version: str, kind: str) -> None:
    submission, attachment, sealed = begun(portal, WITH_PLAN.but(version=version))

    answer = portal.call("PUT", submission, content=json.dumps(sealed.body), headers={"Content-Type": kind})

    problem = refused(answer, 415, "unsupported-media-type")
    assert "application/json" in problem["detail"]
    _still_open(portal, submission, attachment, sealed)


TRAILING = {"a letter": "x", "a second document": "{}", "a NUL": "\0", "a comma": ","}


@pytest.mark.parametrize("name", TRAILING)
def test_what_follows_the_json_is_refused(portal: Portal, name: str) -> None:
    submission, attachment, sealed = begun(portal)

    answer = portal.call(
        "PUT", submission, content=json.dumps(sealed.body) + TRAILING[name], headers={"Content-Type": JSON}
    )

    refused(answer, 400, "malformed-request")
    _still_open(portal, submission, attachment, sealed)


def _still_open(portal: Portal, submission: str, attachment: str, sealed: Sealed) -> None:
    """Nothing was taken, and the same submission goes through when it is sent rightly."""
    refused(portal.call("PUT", submission, json=sealed.body), 422, "attachments-missing")
    token = sealed.attachments[PLAN.id]
    assert portal.call("PUT", attachment, content=token, headers={"Content-Type": JOSE}).status_code == 204
    assert portal.call("PUT", submission, json=sealed.body).status_code == 200


# ---- how many, how much, and which


@VERSIONS
def test_the_attachment_that_is_one_too_many_is_counted(broker: RunningBroker, portal: Portal, version: str) -> None:
    ids = [str(uuid.uuid4()) for _ in range(101)]

    problem = refused(
        portal.announce(Application(CHEMNITZ, version=version), announcedAttachments=ids), 400, "constraint-violation"
    )

    assert "101" in problem["detail"]
    assert "100" in problem["detail"]
    assert portal.announce(Application(CHEMNITZ), announcedAttachments=ids[1:]).status_code == 201


@VERSIONS
def test_what_is_announced_and_missing_or_sent_and_not_announced_is_named(portal: Portal, version: str) -> None:
    first, second, third = (str(uuid.uuid4()) for _ in range(3))
    application = Application(CHEMNITZ, version=version)
    sent = portal.seal(application)
    submission = portal.announce(application, announcedAttachments=[first, second]).json()["submissionId"]
    assert portal.attach(submission, first, sent.data, version=version).status_code == 204

    missing = refused(portal.submit(submission, sent), 422, "attachments-missing")
    foreign = refused(portal.attach(submission, third, sent.data, version=version), 422, "attachment-not-announced")

    assert second in missing["detail"]
    assert first not in missing["detail"]
    assert third in foreign["detail"]


def test_all_attachments_together_are_bounded_encrypted_and_decrypted(new_broker: NewBroker) -> None:
    broker = new_broker(LIMITS__ATTACHMENTS_TOTAL="500000")
    portal = broker.portal()
    halves = tuple(Enclosure(bytes(250_000), f"{name}.bin", "a/b") for name in "ab")
    whole = portal.seal(Application(CHEMNITZ, enclosures=halves))
    created = portal.announce(whole.application).json()

    (first, token), (second, more) = whole.attachments.items()
    assert portal.attach(created["submissionId"], first, token).status_code == 204
    problem = refused(portal.attach(created["submissionId"], second, more), 413, "content-too-large")
    assert "500000" in problem["detail"]

    compressed = Application(CHEMNITZ, enclosures=(*halves, Enclosure(b"x", "c.bin", "a/b")), compressed=True)
    rejected = portal.ends_with(portal.send(compressed), "reject-submission")
    assert rejected.problems == [("content-too-large", f"attachment:{compressed.enclosures[2].id}")]
    assert portal.accepted(compressed.but(enclosures=halves))


def problem_in(language: str, answer: Callable[..., Any]) -> dict[str, Any]:
    problem: dict[str, Any] = answer(headers={"Accept-Language": language}).json()
    return problem


def test_the_reason_is_told_in_german_and_in_english(portal: Portal) -> None:
    def asked(**options: Any) -> Any:
        headers = {"Content-Type": JSON} | options["headers"]
        return portal.call("POST", "/v2/submissions", content=b'{"region": "1", "region": "2"}', headers=headers)

    assert "Ein Name kommt in einem Objekt zweimal vor" in problem_in("de", asked)["detail"]
    assert "A name occurs twice in one object" in problem_in("en", asked)["detail"]

"""Requests that are refused on the spot: always a complete problem, and the next good submission is accepted."""

import json
import socket
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from acceptance_words import PROBLEMS, asked_raw, refused
from application_kit import Application, Enclosure, Sealed, cut_off, encode, header_with, raw_header
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ
from portal_kit import LEIKA, Portal, waited_for

NOBODY = "00000000-1111-4222-8333-444444444444"
SERVICE = {"identifier": f"{LEIKA}99093003001002", "name": "Baumfällgenehmigung"}
CREATE: dict[str, Any] = {"destinationId": CHEMNITZ, "announcedAttachments": [], "publicService": SERVICE}


CREATIONS: dict[str, tuple[bytes | dict[str, Any], int, str]] = {
    "empty": (b"", 400, "malformed-request"),
    "not JSON": (b"destinationId=1", 400, "malformed-request"),
    "truncated": (json.dumps(CREATE).encode()[:-9], 400, "malformed-request"),
    "a list": (b"[]", 400, "malformed-request"),
    "duplicate members": (b'{"region": "14", "region": "02"}', 400, "malformed-request"),
    "duplicate members inside": (b'{"publicService": {"name": "a", "name": "b"}}', 400, "malformed-request"),
    "nested too deeply": (b'{"a":' + b"[" * 20_000, 400, "malformed-request"),
    "nested too deeply and complete": (b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400, "malformed-request"),
    "a string without an end": (b'{"region": "' + b'\\"' * 30_000, 400, "malformed-request"),
    "not UTF-8": (b'{"region": "\xff"}', 400, "malformed-request"),
    "UTF-16": (json.dumps(CREATE).encode("utf-16"), 400, "malformed-request"),
    "NaN": (b'{"region": NaN}', 400, "malformed-request"),
    "a number of many digits": (b'{"region": ' + b"9" * 5000 + b"}", 400, "malformed-request"),
    "half a character": (
        json.dumps(CREATE | {"publicService": SERVICE | {"name": "\ud800"}}).encode(),
        400,
        "malformed-request",
    ),
    "a NUL": (json.dumps(CREATE | {"publicService": SERVICE | {"name": "a\0"}}).encode(), 400, "malformed-request"),
    "oversized": (json.dumps(CREATE | {"more": "x" * 70_000}).encode(), 413, "content-too-large"),
    "no destination": ({}, 400, "constraint-violation"),
    "destination no UUID": (CREATE | {"destinationId": "chemnitz"}, 400, "constraint-violation"),
    "destination a number": (CREATE | {"destinationId": 1}, 400, "constraint-violation"),
    "unknown destination": (CREATE | {"destinationId": NOBODY}, 404, "destination-not-found"),
    "no service": (CREATE | {"publicService": None}, 400, "constraint-violation"),
    "malformed service": (
        CREATE | {"publicService": SERVICE | {"identifier": "urn:x"}},
        400,
        "constraint-violation",
    ),
    "unknown service": (
        CREATE | {"publicService": SERVICE | {"identifier": f"{LEIKA}99050012104000"}},
        422,
        "unsupported-service",
    ),
    "malformed region": (CREATE | {"region": "../14"}, 400, "constraint-violation"),
    "region of a length there is not": (CREATE | {"region": "1451"}, 400, "constraint-violation"),
    "unknown case": (CREATE | {"caseId": NOBODY}, 404, "case-not-found"),
    "attachment no UUID": (CREATE | {"announcedAttachments": ["../../etc/passwd"]}, 400, "constraint-violation"),
    "too many attachments": (
        CREATE | {"announcedAttachments": [str(uuid.uuid4()) for _ in range(101)]},
        400,
        "constraint-violation",
    ),
}


@pytest.mark.parametrize("name", CREATIONS)
def test_a_bad_creation_is_refused(broker: RunningBroker, portal: Portal, name: str) -> None:
    body, status, kind = CREATIONS[name]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    answer = portal.call("POST", "/v2/submissions", content=content, headers={"Content-Type": "application/json"})

    refused(answer, status, kind)
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_a_creation_of_another_content_type_is_refused(broker: RunningBroker, portal: Portal) -> None:
    answer = portal.call("POST", "/v2/submissions", content=json.dumps(CREATE), headers={"Content-Type": "text/plain"})

    refused(answer, 415, "unsupported-media-type")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


WRONG_JWE: dict[str, tuple[Callable[[str], str], str]] = {
    "not a JWE": (lambda _: "not a JWE", "invalid-jwe"),
    "nothing": (lambda _: "", "invalid-jwe"),
    "only dots": (lambda _: "....", "invalid-jwe"),
    "a sixth segment": (lambda token: token + ".AAAA", "invalid-jwe"),
    "a segment short": (lambda token: token.rsplit(".", 1)[0], "invalid-jwe"),
    "truncated in the tag": (cut_off(3), "invalid-jwe"),
    "padding": (lambda token: token + "=", "invalid-jwe"),
    "not base64url": (lambda token: token.replace(".", ".+", 3), "invalid-jwe"),
    "a line break": (lambda token: token[:-4] + "\n" + token[-4:], "invalid-jwe"),
    "letters that are none": (lambda token: token[:-2] + "ä" + token[-1:], "invalid-jwe"),
    "header not JSON": (raw_header(b"alg"), "invalid-jwe"),
    "header with a member twice": (
        raw_header(b'{"alg":"RSA-OAEP-256","alg":"dir","enc":"A256GCM","kid":"aaaaaaaa"}'),
        "invalid-jwe",
    ),
    "header nested too deeply": (raw_header(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"), "invalid-jwe-header"),
    "wrong algorithm": (header_with(alg="RSA-OAEP"), "invalid-jwe-header"),
    "RSA 1.5": (header_with(alg="RSA1_5"), "invalid-jwe-header"),
    "direct encryption": (header_with(alg="dir"), "invalid-jwe-header"),
    "no algorithm": (header_with(alg=None), "invalid-jwe-header"),
    "wrong encryption": (header_with(enc="A128CBC-HS256"), "invalid-jwe-header"),
    "another compression": (header_with(zip="GZIP"), "invalid-jwe-header"),
    "a critical extension": (header_with(crit=["exp"]), "invalid-jwe-header"),
    "no key id": (header_with(kid=None), "invalid-jwe-header"),
    "an unknown key": (header_with(kid="A" * 43), "unknown-encryption-key"),
}
NO_CONTENT_TYPE = {
    "no content type": (header_with(cty=None), "invalid-jwe-header"),
    "another content type": (header_with(cty="text/plain"), "invalid-jwe-header"),
}


@pytest.mark.parametrize("part", ["encryptedMetadata", "encryptedData"])
@pytest.mark.parametrize("name", WRONG_JWE | NO_CONTENT_TYPE)
def test_a_submit_with_a_wrong_jwe_is_refused_and_may_be_repeated_rightly(
    broker: RunningBroker, portal: Portal, name: str, part: str
) -> None:
    change, kind = (WRONG_JWE | NO_CONTENT_TYPE)[name]
    sent = portal.begin(Application(CHEMNITZ))
    body = {"encryptedMetadata": sent.sealed.metadata, "encryptedData": sent.sealed.data}

    answer = portal.call("PUT", f"/v2/submissions/{sent.submission}", json=body | {part: change(body[part])})

    refused(answer, 422, kind)
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    portal.ends_with(sent, "accept-submission")


@pytest.mark.parametrize("name", WRONG_JWE)
def test_an_attachment_with_a_wrong_jwe_is_refused_and_may_be_repeated_rightly(portal: Portal, name: str) -> None:
    change, kind = WRONG_JWE[name]
    sent = portal.begin(Application(CHEMNITZ, enclosures=(Enclosure(b"plan", "a.pdf", "application/pdf"),)))
    [(attachment, token)] = sent.sealed.attachments.items()

    answer = portal.attach(sent.submission, attachment, change(token))

    refused(answer, 422, kind)
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    portal.ends_with(sent, "accept-submission")


SUBMITS: dict[str, tuple[Callable[[Sealed], bytes], int, str]] = {
    "empty": (lambda _: b"", 400, "malformed-request"),
    "truncated": (
        lambda sealed: json.dumps({"encryptedMetadata": sealed.metadata}).encode()[:-2],
        400,
        "malformed-request",
    ),
    "duplicate members": (
        lambda sealed: b'{"encryptedMetadata": "a", "encryptedMetadata": "' + sealed.metadata.encode() + b'"}',
        400,
        "malformed-request",
    ),
    "without data": (
        lambda sealed: json.dumps({"encryptedMetadata": sealed.metadata}).encode(),
        400,
        "constraint-violation",
    ),
    "without metadata": (
        lambda sealed: json.dumps({"encryptedData": sealed.data}).encode(),
        400,
        "constraint-violation",
    ),
    "data a list": (
        lambda sealed: json.dumps({"encryptedMetadata": sealed.metadata, "encryptedData": []}).encode(),
        400,
        "constraint-violation",
    ),
    "metadata too large": (
        lambda sealed: json.dumps(
            {"encryptedMetadata": _longer(sealed.metadata, 1 << 20), "encryptedData": sealed.data}
        ).encode(),
        413,
        "content-too-large",
    ),
    "body too large": (
        lambda sealed: json.dumps(
            {"encryptedMetadata": sealed.metadata, "encryptedData": _longer(sealed.data, 30 << 20)}
        ).encode(),
        413,
        "content-too-large",
    ),
}


@pytest.mark.parametrize("name", SUBMITS)
def test_a_bad_submit_is_refused(broker: RunningBroker, portal: Portal, name: str) -> None:
    make, status, kind = SUBMITS[name]
    sent = portal.begin(Application(CHEMNITZ))
    headers = {"Content-Type": "application/json"}

    answer = portal.call("PUT", f"/v2/submissions/{sent.submission}", content=make(sent.sealed), headers=headers)

    refused(answer, status, kind)
    assert [event.name for event in portal.events(sent.case)] == ["create-submission"]
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_a_body_announced_as_larger_than_all_memory_is_refused_before_it_comes(
    broker: RunningBroker, portal: Portal
) -> None:
    sent = portal.begin(Application(CHEMNITZ))

    answer = asked_raw(broker, _head(portal, f"/v2/submissions/{sent.submission}", "application/json", 10**12))

    refused(answer, 413, "content-too-large")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_what_a_client_does_not_take_is_not_done(broker: RunningBroker, portal: Portal) -> None:
    refused(portal.call("POST", "/v2/submissions", json=CREATE, headers={"Accept": "text/html"}), 406, "not-acceptable")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_an_unknown_submission_is_not_found(broker: RunningBroker, portal: Portal) -> None:
    sealed = portal.seal(Application(CHEMNITZ))

    refused(portal.submit(NOBODY, sealed), 404, "submission-not-found")
    refused(portal.attach(NOBODY, NOBODY, sealed.data), 404, "submission-not-found")
    refused(portal.submit("1", sealed), 400, "constraint-violation")
    refused(portal.call("GET", f"/v2/cases/{NOBODY}/events"), 404, "case-not-found")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_an_attachment_that_was_announced_and_never_came_stops_the_submit(portal: Portal) -> None:
    application = Application(CHEMNITZ, enclosures=(Enclosure(b"plan", "a.pdf", "application/pdf"),))
    sealed = portal.seal(application)
    submission = portal.announce(application).json()["submissionId"]

    problem = refused(portal.submit(submission, sealed), 422, "attachments-missing")

    [(attachment, token)] = sealed.attachments.items()
    assert attachment in problem["detail"]
    assert portal.attach(submission, attachment, token).status_code == 204
    assert portal.submit(submission, sealed).status_code == 200


def test_an_attachment_nobody_announced_is_refused(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.begin(Application(CHEMNITZ))

    refused(portal.attach(sent.submission, NOBODY, sent.sealed.data), 422, "attachment-not-announced")
    refused(portal.attach(sent.submission, "..%2Fx", sent.sealed.data), 404, "not-found")
    refused(portal.attach(sent.submission, "photo", sent.sealed.data), 400, "constraint-violation")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_an_attachment_of_another_content_type_is_refused(portal: Portal) -> None:
    sent = portal.begin(Application(CHEMNITZ, enclosures=(Enclosure(b"plan", "a.pdf", "application/pdf"),)))
    [(attachment, token)] = sent.sealed.attachments.items()

    answer = portal.attach(sent.submission, attachment, token, headers={"Content-Type": "application/json"})

    refused(answer, 415, "unsupported-media-type")
    assert portal.submit(sent.submission, sent.sealed).status_code == 200


def test_the_same_submit_again_is_fine_and_another_one_is_not(broker: RunningBroker, portal: Portal) -> None:
    application = Application(CHEMNITZ, enclosures=(Enclosure(b"plan", "a.pdf", "application/pdf"),))
    sent = portal.send(application)
    [(attachment, token)] = sent.sealed.attachments.items()

    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    assert portal.attach(sent.submission, attachment, token).status_code == 204
    other = portal.seal(application)
    refused(portal.submit(sent.submission, other), 409, "submission-already-submitted")
    refused(
        portal.attach(sent.submission, attachment, other.attachments[attachment]), 409, "submission-already-submitted"
    )

    portal.ends_with(sent, "accept-submission")
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    assert [event.name for event in portal.events(sent.case)].count("submit-submission") == 1
    assert len(broker.delivered(sent.submission)) == 1


def test_an_upload_that_breaks_off_leaves_nothing(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.begin(Application(CHEMNITZ))
    application = Application(CHEMNITZ, enclosures=(Enclosure(bytes(900_000), "a.pdf", "application/pdf"),))
    sealed = portal.seal(application)
    submission = portal.announce(application).json()["submissionId"]
    [(attachment, token)] = sealed.attachments.items()
    incoming = broker.installation.folder / "site" / "data" / "parts" / "incoming"

    _break_off(broker, portal, f"/v2/submissions/{submission}/attachments/{attachment}", token, 700_000)

    waited_for(lambda: not list(incoming.iterdir()) or None, "the torn upload to be removed")
    refused(portal.submit(submission, sealed), 422, "attachments-missing")
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    portal.ends_with(sent, "accept-submission")


UNKNOWN = (
    "/",
    "/v2",
    "/submission-api",
    "/submission-api/v3/submissions",
    "/submission-api/v2/submissions/",
    "/submission-api/v2/nothing",
    "/submission-api/v2/submissions/%00",
    "/routing-api/v2/nothing",
    "/auth/nothing",
    "/metrics",
    "/favicon.ico",
)


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_address_that_does_not_exist_is_a_problem_too(broker: RunningBroker, portal: Portal, path: str) -> None:
    headers = {"Authorization": f"Bearer {portal.token()}"}

    answer = portal.http.get(broker.base + path, headers=headers)

    assert answer.status_code in (400, 403, 404)
    refused(answer, answer.status_code, answer.json()["type"].removeprefix(PROBLEMS))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/submission-api/v2/submissions", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("POST", f"/submission-api/v2/submissions/{NOBODY}", {"GET", "HEAD", "PUT", "OPTIONS"}),
        ("PATCH", f"/submission-api/v2/destinations/{NOBODY}", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/auth/token", {"POST", "OPTIONS"}),
        ("PUT", "/routing-api/v2/routes", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_method_that_is_not_there_is_named(
    broker: RunningBroker, portal: Portal, method: str, path: str, allowed: set[str]
) -> None:
    answer = portal.http.request(method, broker.base + path)

    refused(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == allowed


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("", "constraint-violation"),
        ("leikaKey=1&ars=145110000000", "constraint-violation"),
        ("leikaKey=99093003001002", "invalid-area"),
        ("leikaKey=99093003001002&ars=145110000000&ags=14511000", "invalid-area"),
        ("leikaKey=99093003001002&ars=14511", None),
        ("leikaKey=99093003001002&ars=1451", "constraint-violation"),
        ("leikaKey=99093003001002&ars=145110000000&limit=501", "constraint-violation"),
        ("leikaKey=99093003001002&ars=145110000000&offset=-1", "constraint-violation"),
        ("leikaKey=٩٩093003001002&ars=145110000000", "constraint-violation"),
    ],
)
def test_a_bad_question_for_routes_is_a_problem(
    broker: RunningBroker, portal: Portal, query: str, kind: str | None
) -> None:
    answer = portal.http.get(f"{broker.base}/routing-api/v2/routes?{query}")

    if kind is None:
        assert answer.status_code == 200
    else:
        refused(answer, 400, kind)


def test_problems_speak_german_and_english(broker: RunningBroker, portal: Portal) -> None:
    german, english = (
        portal.call("GET", f"/v2/destinations/{NOBODY}", headers={"Accept-Language": language}).json()
        for language in ("de", "en-GB,en;q=0.9")
    )

    assert german["type"] == english["type"]
    assert german["detail"] != english["detail"]


def _longer(token: str, size: int) -> str:
    head, _, rest = token.rpartition(".")
    first, _, ciphertext = head.rpartition(".")
    return f"{first}.{ciphertext}{encode(bytes(size))[: size // 4 * 4]}.{rest}"


def _break_off(broker: RunningBroker, portal: Portal, path: str, token: str, after: int) -> None:
    with socket.create_connection(("127.0.0.1", broker.port)) as connection:
        connection.sendall(_head(portal, path, "application/jose", len(token)) + token[:after].encode())


def _head(portal: Portal, path: str, content_type: str, length: int) -> bytes:
    return (
        f"PUT /submission-api{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {portal.token()}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()

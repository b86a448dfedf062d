"""What a portal believes of an event log."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from amtsbote.jose.jws import compact, sign_ps512, signing_input
from amtsbote.model.ids import CaseId, DestinationId, MessageId, PartId
from transport.fitconnect.client import Failure, SendingFailed, Sent, VerifiedEvent
from transport.fitconnect.client.eventlog import BY_DESTINATION, BY_SERVICE, signer_of, verify_event
from transport.fitconnect.events import EVENTS, NAMES, SCHEMA

SERVICE = "https://amtsbote.example/submission-api"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SENT = Sent(
    MessageId("50000000-0000-4000-8000-00000000000a"),
    CaseId("c0000000-0000-4000-8000-00000000000b"),
    DestinationId("d1d1d1d1-0000-4000-8000-000000000001"),
    {PartId("metadata"): "m" * 22, PartId("data"): "d" * 22},
)
TAGS = {"authenticationTags": {"metadata": "m" * 22, "data": "d" * 22, "attachments": {}}}
PROBLEMS = {"problems": [{"type": "x", "title": "y"}]}


def claims(event: str, body: dict[str, Any], issuer: str, **changes: Any) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "jti": "e0000000-0000-4000-8000-00000000000c",
        "iss": issuer,
        "iat": int(NOW.timestamp()),
        "sub": f"submission:{SENT.submission}",
        "txn": f"case:{SENT.case}",
        "events": {EVENTS + event: body},
    } | changes


def accept(**changes: Any) -> dict[str, Any]:
    return claims("accept-submission", TAGS, SENT.destination, **changes)


@pytest.fixture(scope="module")
def signed(rsa_key: Callable[[str], RSAPrivateKey]) -> Callable[..., str]:
    def sign(content: dict[str, Any], key: str = "events") -> str:
        data = signing_input(
            {"typ": "secevent+jwt", "alg": "PS512", "kid": "key-of-someone"}, json.dumps(content).encode()
        )
        return compact(data, sign_ps512(rsa_key(key), data))

    return sign


@pytest.fixture(scope="module")
def verified(rsa_key: Callable[[str], RSAPrivateKey]) -> Callable[[str], VerifiedEvent]:
    """Verifies with the key `events` for whoever claims to have signed."""
    public = rsa_key("events").public_key()
    return lambda token: verify_event(token, {signer_of(token): public}, SENT, service=SERVICE, now=NOW)


def reason_of(action: Callable[[], object]) -> str:
    with pytest.raises(SendingFailed) as caught:
        action()
    assert caught.value.failure is Failure.EVENT
    return caught.value.en


@pytest.mark.parametrize(
    ("event", "body", "issuer"),
    [
        ("create-submission", {}, SERVICE),
        ("submit-submission", TAGS, SERVICE),
        ("notify-submission", {"notifyType": "callback"}, SERVICE),
        ("delete-submission", {}, SERVICE),
        ("reject-submission", PROBLEMS, SERVICE),
        ("reject-submission", PROBLEMS, SENT.destination),
        ("accept-submission", TAGS, SENT.destination),
        ("forward-submission", {}, SENT.destination),
    ],
)
def test_who_may_say_it_is_believed(event: str, body: Any, issuer: str, signed: Any, verified: Any) -> None:
    found = verified(signed(claims(event, body, issuer)))

    assert (found.name, found.claims.issuer) == (event, issuer)


@pytest.mark.parametrize(
    ("event", "body", "issuer"),
    [
        ("accept-submission", TAGS, SERVICE),
        ("forward-submission", {}, SERVICE),
        ("submit-submission", TAGS, SENT.destination),
        ("delete-submission", {}, SENT.destination),
        ("accept-submission", TAGS, "d1d1d1d1-0000-4000-8000-000000000002"),
        ("create-submission", {}, "https://evil.example"),
        ("create-submission", {}, SERVICE + "/"),
    ],
)
def test_who_may_not_say_it_is_not_believed(event: str, body: Any, issuer: str, signed: Any, verified: Any) -> None:
    assert "iss" in reason_of(lambda: verified(signed(claims(event, body, issuer))))


def test_every_event_has_somebody_who_may_say_it() -> None:
    assert BY_SERVICE | BY_DESTINATION == NAMES


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"txn": f"case:{SENT.submission}"}, "txn"),
        ({"iat": int((NOW + timedelta(minutes=6)).timestamp())}, "iat"),
        ({"iat": 1}, "iat"),
        ({"iat": "x"}, "iat"),
        ({"iss": None}, "iss"),
        (
            {"events": {EVENTS + "accept-submission": {"authenticationTags": {"metadata": "m" * 22}}}},
            "authenticationTags",
        ),
        ({"events": {EVENTS + "accept-submission": {}}}, "authenticationTags"),
        ({"events": {EVENTS + "unheard-of": {}}}, "events"),
    ],
)
def test_an_entry_that_does_not_hold_is_not_believed(changes: Any, reason: str, signed: Any, verified: Any) -> None:
    assert reason in reason_of(lambda: verified(signed(accept(**changes))))


def test_clocks_may_differ_a_little(signed: Any, verified: Any) -> None:
    assert verified(signed(accept(iat=int((NOW + timedelta(minutes=4)).timestamp())))).name == "accept-submission"


def test_events_of_other_submissions_of_the_case_have_other_tags(signed: Any, verified: Any) -> None:
    other = accept(
        sub=f"submission:{SENT.case}",
        events={EVENTS + "accept-submission": {"authenticationTags": {"metadata": "x" * 22}}},
    )

    assert verified(signed(other)).claims.message == SENT.case


def test_without_a_key_or_with_another_nothing_is_believed(signed: Any, verified: Any) -> None:
    assert "signature" in reason_of(lambda: verified(signed(accept(), "portal")))
    token = signed(accept())
    assert "key" in reason_of(lambda: verify_event(token, {}, SENT, service=SERVICE, now=NOW))


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 300_000])
def test_what_is_no_token_is_not_believed(token: str, verified: Any) -> None:
    reason_of(lambda: verified(token))


def test_claims_that_are_no_strict_json_are_not_believed(rsa_key: Any) -> None:
    data = signing_input({"typ": "secevent+jwt", "alg": "PS512", "kid": "key-of-someone"}, b'{"iss":1,"iss":2}')
    token = compact(data, sign_ps512(rsa_key("events"), data))

    assert "duplicate-member" in reason_of(lambda: signer_of(token))

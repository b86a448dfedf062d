"""Security Event Tokens: the exact payloads we write, and what is believed of others'."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amtsbote.errors import RequestRefused, table
from amtsbote.jose.jws import JwsHeader, compact, sign_ps512, signing_input
from amtsbote.model.event import Event, EventKind, SaidProblem
from amtsbote.model.ids import CaseId, ClientId, DestinationId, EventId, KeyId, MessageId, PartId, TenantId
from amtsbote.model.message import Message, MessageKind, Notified, State
from transport.fitconnect.events import (
    EVENTS,
    LIMIT,
    NAMES,
    SCHEMA,
    SetClaims,
    SetRefused,
    check_claims,
    parse_set,
    payload,
    read_set,
    uri_of,
)

SERVICE = "https://amtsbote.example/submission-api"
DESTINATION = DestinationId("d1d1d1d1-0000-4000-8000-000000000001")
SUBMISSION = MessageId("50000000-0000-4000-8000-00000000000a")
CASE = CaseId("c0000000-0000-4000-8000-00000000000b")
JTI = EventId("e0000000-0000-4000-8000-00000000000c")
PHOTO, PLAN = (PartId(f"a0000000-0000-4000-8000-00000000000{number}") for number in (1, 2))
TAGS = {PartId("metadata"): "m" * 22, PartId("data"): "d" * 22, PLAN: "p" * 22, PHOTO: "f" * 22}
SUBMISSIONS = MessageKind.SUBMISSION
KID = KeyId("key-of-the-destination")
AT = datetime(2024, 5, 1, 12, 0, 0, 987654, tzinfo=UTC)


def event(kind: EventKind, **changes: Any) -> Event:
    values: dict[str, Any] = {"issuer": DESTINATION, "at": AT, "tags": TAGS, "problems": ()} | changes
    values.setdefault("about", SUBMISSIONS)
    return Event(id=JTI, case=CASE, message=SUBMISSION, kind=kind, **values)


def message() -> Message:
    return Message(
        id=SUBMISSION,
        case=CASE,
        destination=DESTINATION,
        tenant=TenantId("chemnitz"),
        sender=ClientId("portal"),
        service="99093003001002",
        service_name="Baumfällgenehmigung",
        region="145110000000",
        announced=(PHOTO, PLAN),
        state=State.SUBMITTED,
        held_from=None,
        created_at=AT,
        submitted_at=AT,
    )


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good accept event; None removes."""
    body: dict[str, Any] = json.loads(payload(event(EventKind.ACCEPT), service_issuer=SERVICE))
    return {name: value for name, value in (body | changes).items() if value is not None}


def tags_with(**changes: Any) -> dict[str, Any]:
    own = claims()["events"][EVENTS + "accept-submission"]["authenticationTags"]
    tags = {name: value for name, value in (own | changes).items() if value is not None}
    return {EVENTS + "accept-submission": {"authenticationTags": tags}}


@pytest.fixture(scope="module")
def key(rsa_key: Callable[[str], RSAPrivateKey]) -> RSAPrivateKey:
    return rsa_key("events")


@pytest.fixture(scope="module")
def signed(key: RSAPrivateKey) -> Callable[..., str]:
    def sign(content: dict[str, Any] | bytes, **header: Any) -> str:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        data = signing_input({"typ": "secevent+jwt", "alg": "PS512", "kid": KID} | header, raw)
        return compact(data, sign_ps512(key, data))

    return sign


@pytest.fixture(scope="module")
def read(key: RSAPrivateKey) -> Callable[[str], SetClaims]:
    def known(header: JwsHeader) -> Any:
        return key.public_key() if header.kid == KID else None

    return lambda token: parse_set(token, known)


def test_the_payload_of_an_accept_is_exactly_this() -> None:
    written = payload(event(EventKind.ACCEPT), service_issuer=SERVICE)

    attachments = f'{{"{PHOTO}":"{"f" * 22}","{PLAN}":"{"p" * 22}"}}'
    assert written.decode() == (
        f'{{"$schema":"{SCHEMA}","jti":"{JTI}","iss":"{DESTINATION}","iat":1714564800,'
        f'"sub":"submission:{SUBMISSION}","txn":"case:{CASE}",'
        f'"events":{{"https://schema.fitko.de/fit-connect/events/accept-submission":{{"authenticationTags":'
        f'{{"metadata":"{"m" * 22}","data":"{"d" * 22}","attachments":{attachments}}}}}}}}}'
    )


def test_what_no_destination_says_the_service_says() -> None:
    written = json.loads(payload(event(EventKind.CREATE, issuer=None, tags={}), service_issuer=SERVICE))

    assert (written["iss"], written["events"]) == (SERVICE, {EVENTS + "create-submission": {}})


def test_tags_without_data_are_written_without_data() -> None:
    tags = {PartId("metadata"): "m" * 22}
    written = json.loads(payload(event(EventKind.SUBMIT, tags=tags), service_issuer=SERVICE))

    assert written["events"][EVENTS + "submit-submission"] == {
        "authenticationTags": {"metadata": "m" * 22, "attachments": {}}
    }


def test_a_reject_carries_its_problems_in_german_with_english_beside() -> None:
    findings = [{"path": "$.a", "de": "fehlt", "en": "missing"}]
    problem = table.METADATA_INVALID(
        instance="metadata", schema="2.1.0", count=1, extensions={"findings": findings, "title": "not this"}
    )

    written = payload(event(EventKind.REJECT, problems=(problem,)), service_issuer=SERVICE)

    assert json.loads(written)["events"][EVENTS + "reject-submission"]["problems"] == [
        {
            "type": "https://schema.fitko.de/fit-connect/events/problems/schema-violation",
            "title": "Metadaten entsprechen nicht dem Schema",
            "detail": problem.detail("de"),
            "instance": "metadata",
            "titleEn": problem.title("en"),
            "detailEn": problem.detail("en"),
            "findings": findings,
        }
    ]


def test_the_same_event_has_the_same_bytes_whatever_the_order_of_its_tags() -> None:
    backwards = dict(reversed(TAGS.items()))

    assert payload(event(EventKind.SUBMIT), service_issuer=SERVICE) == payload(
        event(EventKind.SUBMIT, tags=backwards), service_issuer=SERVICE
    )


def test_every_event_has_a_name_of_its_own() -> None:
    uris = {uri_of(kind, about).removeprefix(EVENTS) for kind in EventKind for about in MessageKind}

    assert uris == NAMES
    assert {"create-submission", "notify-submission", "forward-submission", "accept-reply", "delete-reply"} <= NAMES


@pytest.mark.parametrize("about", MessageKind)
@pytest.mark.parametrize("kind", EventKind)
def test_what_we_write_we_read(kind: EventKind, about: MessageKind, signed: Any, read: Any) -> None:
    problems = (table.DATA_MISSING(instance="data"),) if kind is EventKind.REJECT else ()
    written = payload(event(kind, problems=problems, about=about), service_issuer=SERVICE)

    found = read(signed(written))

    assert (found.kind, found.about, found.id, found.case, found.message) == (kind, about, JTI, CASE, SUBMISSION)
    assert (found.at, found.payload, found.key) == (AT.replace(microsecond=0), written, KID)
    assert found.tags == (TAGS if kind in {EventKind.ACCEPT, EventKind.SUBMIT} else {})
    assert [problem["instance"] for problem in found.problems] == [problem.instance for problem in problems]


@pytest.mark.parametrize("how", Notified)
def test_a_notification_says_how(how: Notified) -> None:
    written = json.loads(payload(event(EventKind.NOTIFY, issuer=None, notified=how), service_issuer=SERVICE))

    assert written["events"] == {EVENTS + "notify-submission": {"notifyType": how.value}}


def test_problems_in_the_words_of_a_receiver_are_passed_on_as_they_are() -> None:
    said = SaidProblem("https://portal.example/problems/unreadable", "Nicht lesbar", "Die PDF ist leer.", "data")
    written = json.loads(payload(event(EventKind.REJECT, problems=(said,)), service_issuer=SERVICE))

    assert written["events"][EVENTS + "reject-submission"]["problems"] == [asdict(said)]


@pytest.mark.parametrize("about", MessageKind)
def test_an_event_is_about_what_its_subject_names(about: MessageKind, signed: Any, read: Any) -> None:
    other = next(kind for kind in MessageKind if kind is not about)

    with pytest.raises(SetRefused, match="not about what sub names"):
        read(signed(claims(sub=f"{other}:{SUBMISSION}", events={uri_of(EventKind.DELETE, about): {}})))


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0", "1.2.2", "1.9.10"])
def test_every_1_x_of_the_payload_schema_is_read(version: str, signed: Any, read: Any) -> None:
    assert read(signed(claims(**{"$schema": SCHEMA.replace("1.2.2", version)}))).kind is EventKind.ACCEPT


@pytest.mark.parametrize(
    ("name", "key_name"), [("accept-submission", "authenticationTags"), ("reject-submission", "problems")]
)
def test_only_without_a_schema_an_event_may_come_without_its_payload(
    name: str, key_name: str, signed: Any, read: Any
) -> None:
    bare: dict[str, Any] = {EVENTS + name: {}}

    assert read(signed(claims(events=bare, **{"$schema": None}))).tags == {}
    with pytest.raises(SetRefused, match=key_name):
        read(signed(claims(events=bare)))


def test_ids_are_the_same_in_capital_letters(signed: Any, read: Any) -> None:
    capital = claims(
        jti=JTI.upper(),
        sub=f"submission:{SUBMISSION.upper()}",
        txn=f"case:{CASE.upper()}",
        events=tags_with(attachments={PHOTO.upper(): "f" * 22, PLAN.upper(): "p" * 22}),
    )

    assert check_claims(read(signed(capital)), message(), TAGS, now=AT) is EventKind.ACCEPT


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"$schema": SCHEMA.replace("1.2.2", "2.0.0")}, "schema"),
        ({"$schema": SCHEMA + "x"}, "schema"),
        ({"$schema": 1}, "schema"),
        ({"jti": None}, "jti"),
        ({"jti": "1"}, "jti"),
        ({"jti": 1}, "jti"),
        ({"iss": None}, "iss"),
        ({"iss": ""}, "iss"),
        ({"iss": ["x"]}, "iss"),
        ({"iss": "x" * 2001}, "iss"),
        ({"iat": None}, "iat"),
        ({"iat": "1714564800"}, "iat"),
        ({"iat": 1714564800.0}, "iat"),
        ({"iat": True}, "iat"),
        ({"iat": 1577833199}, "iat"),
        ({"iat": 10**18}, "iat"),
        ({"sub": None}, "sub"),
        ({"sub": SUBMISSION}, "sub"),
        ({"sub": f"case:{SUBMISSION}"}, "sub"),
        ({"sub": f"submission:{SUBMISSION}\n"}, "sub"),
        ({"txn": None}, "txn"),
        ({"txn": f"case:{CASE} "}, "txn"),
        ({"events": None}, "events"),
        ({"events": []}, "events"),
        ({"events": {}}, "events"),
        (
            {"events": {uri_of(EventKind.ACCEPT, SUBMISSIONS): {}, uri_of(EventKind.REJECT, SUBMISSIONS): {}}},
            "exactly one",
        ),
        ({"events": {EVENTS + "explode-submission": {}}}, "not known"),
        ({"events": {"accept-submission": {}}}, "not known"),
        ({"events": {uri_of(EventKind.ACCEPT, SUBMISSIONS): None}}, "not an object"),
        ({"events": {uri_of(EventKind.ACCEPT, SUBMISSIONS): {"authenticationTags": "x"}}}, "authenticationTags"),
        ({"events": tags_with(metadata=None)}, "authenticationTags"),
        ({"events": tags_with(metadata="")}, "authenticationTags"),
        ({"events": tags_with(metadata="x" * 65)}, "authenticationTags"),
        ({"events": tags_with(data=1)}, "authenticationTags"),
        ({"events": tags_with(attachments=[])}, "authenticationTags"),
        ({"events": tags_with(attachments={"metadata": "x"})}, "authenticationTags"),
        ({"events": tags_with(attachments={PHOTO: None})}, "authenticationTags"),
        ({"events": {uri_of(EventKind.REJECT, SUBMISSIONS): {"problems": []}}}, "problems"),
        ({"events": {uri_of(EventKind.REJECT, SUBMISSIONS): {"problems": {"type": "x"}}}}, "problems"),
        ({"events": {uri_of(EventKind.REJECT, SUBMISSIONS): {"problems": ["x"]}}}, "problems"),
        ({"events": {uri_of(EventKind.REJECT, SUBMISSIONS): {"problems": [{"title": "x"}]}}}, "problems"),
        ({"events": {uri_of(EventKind.REJECT, SUBMISSIONS): {"problems": [{"type": "x"}] * 101}}}, "problems"),
    ],
)
def test_bad_claims_are_refused_with_their_reason(changes: Any, reason: str, signed: Any, read: Any) -> None:
    with pytest.raises(SetRefused, match=reason):
        read(signed(claims(**changes)))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"typ": "JWT"}, "typ"),
        ({"alg": "RS256"}, "alg"),
        ({"alg": "none"}, "alg"),
        ({"kid": "another-key"}, "key is not known"),
        ({"crit": ["x"], "x": 1}, "crit"),
    ],
)
def test_another_header_is_refused(header: dict[str, Any], reason: str, signed: Any, read: Any) -> None:
    with pytest.raises(SetRefused, match=reason):
        read(signed(claims(), **header))


def test_claims_are_strict_json(signed: Any, read: Any) -> None:
    doubled = payload(event(EventKind.CREATE), service_issuer=SERVICE)[:-1] + b',"iss":"x"}'

    with pytest.raises(SetRefused, match="duplicate-member"):
        read(signed(doubled))


def test_a_changed_token_does_not_fit_its_signature(signed: Any, read: Any) -> None:
    header, _body, signature = signed(claims()).split(".")
    other = signed(claims(iss=SERVICE)).split(".")[1]

    with pytest.raises(SetRefused, match="signature"):
        read(f"{header}.{other}.{signature}")


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "....", "x" * (LIMIT + 1), "ä.b.c"])
def test_what_is_no_token_is_refused(token: str, read: Any) -> None:
    with pytest.raises(SetRefused):
        read(token)


def test_for_a_subscriber_a_refusal_is_a_problem_of_the_table(signed: Any) -> None:
    with pytest.raises(RequestRefused) as caught:
        read_set(signed(claims()), lambda _header: None)
    assert caught.value.problem.type is table.INVALID_SET
    assert caught.value.problem.values == {"reason": "the key is not known"}


def test_a_subscriber_may_accept_reject_and_forward(signed: Any, key: RSAPrivateKey) -> None:
    reject = claims(events={uri_of(EventKind.REJECT, SUBMISSIONS): {"problems": [{"type": "x"}]}})
    forward = claims(events={uri_of(EventKind.FORWARD, SUBMISSIONS): {}})
    kinds = [
        check_claims(read_set(signed(each), lambda _header: key.public_key()), message(), TAGS, now=AT)
        for each in (claims(), reject, forward)
    ]

    assert kinds == [EventKind.ACCEPT, EventKind.REJECT, EventKind.FORWARD]


def test_an_accept_without_schema_and_tags_is_still_an_accept(signed: Any, read: Any) -> None:
    bare = claims(events={uri_of(EventKind.ACCEPT, SUBMISSIONS): {}}, **{"$schema": None})

    assert check_claims(read(signed(bare)), message(), TAGS, now=AT) is EventKind.ACCEPT


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": SERVICE}, "iss"),
        ({"iss": "d1d1d1d1-0000-4000-8000-000000000002"}, "iss"),
        ({"sub": f"submission:{CASE}"}, "sub"),
        ({"sub": f"reply:{SUBMISSION}", "events": {uri_of(EventKind.FORWARD, MessageKind.REPLY): {}}}, "sub"),
        ({"txn": f"case:{SUBMISSION}"}, "txn"),
        ({"events": {uri_of(EventKind.CREATE, SUBMISSIONS): {}}}, "events"),
        ({"events": {uri_of(EventKind.DELETE, SUBMISSIONS): {}}}, "events"),
        ({"events": {EVENTS + "notify-submission": {"notifyType": "polling"}}}, "events"),
        ({"events": tags_with(data="x" * 22)}, "authenticationTags"),
        ({"events": tags_with(data=None)}, "authenticationTags"),
        ({"events": tags_with(attachments={PHOTO: "f" * 22})}, "authenticationTags"),
    ],
)
def test_a_subscriber_may_not_write_anything_else(changes: Any, reason: str, signed: Any, read: Any) -> None:
    with pytest.raises(RequestRefused) as caught:
        check_claims(read(signed(claims(**changes))), message(), TAGS, now=AT)
    assert caught.value.problem.type is table.INVALID_SET
    assert reason in caught.value.problem.values["reason"]


@pytest.mark.parametrize("seconds", [-299, 0, 3600, 3900])
def test_the_clocks_of_both_may_be_off_by_five_minutes(seconds: int, signed: Any, read: Any) -> None:
    claimed = read(signed(claims(iat=int(AT.timestamp()) + seconds)))

    assert check_claims(claimed, message(), TAGS, now=AT + timedelta(hours=1)) is EventKind.ACCEPT


@pytest.mark.parametrize(("seconds", "reason"), [(-301, "before the submit"), (3901, "in the future")])
def test_an_event_from_before_the_submit_or_from_the_future_is_refused(
    seconds: int, reason: str, signed: Any, read: Any
) -> None:
    claimed = read(signed(claims(iat=int(AT.timestamp()) + seconds)))

    with pytest.raises(RequestRefused) as caught:
        check_claims(claimed, message(), TAGS, now=AT + timedelta(hours=1))
    assert reason in caught.value.problem.values["reason"]


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
members = st.sampled_from(["$schema", "jti", "iss", "iat", "sub", "txn", "events"])
bodies = st.dictionaries(
    st.sampled_from([uri_of(EventKind.ACCEPT, SUBMISSIONS), uri_of(EventKind.REJECT, SUBMISSIONS), "x"]),
    wild | st.dictionaries(st.sampled_from(["authenticationTags", "problems"]), wild),
    max_size=2,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.dictionaries(members, wild, max_size=3), events=st.none() | bodies)
def test_whatever_is_signed_is_read_or_refused_and_never_breaks(
    changes: dict[str, Any], events: Any, signed: Any, read: Any
) -> None:
    body = claims() | changes | ({} if events is None else {"events": events})
    try:
        found = read(signed(body))
    except SetRefused:
        return
    assert found.event in NAMES

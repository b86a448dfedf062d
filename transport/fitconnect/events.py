"""Entries of the event log as Security Event Tokens (RFC 8417): the payloads we write, and the reading of all others'.

The header is `typ: secevent+jwt`, `alg: PS512`, `kid`. The claims are `$schema`, `jti`, `iss` (a destination id, or the
address of the service), `iat`, `sub` (`submission:<uuid>` or `reply:<uuid>`), `txn` (`case:<uuid>`) and `events` with
exactly one event, whose name is the verb and the kind of the message: `accept-reply`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from amtsbote.errors import EVENT_PROBLEMS, AmtsboteError, Problem, RequestRefused, table
from amtsbote.jose import MalformedJose
from amtsbote.jose.jws import KeyFor, KeyUnknown, SignatureInvalid, verify_compact
from amtsbote.model.event import Event, EventKind, SaidProblem
from amtsbote.model.formats import UUID, is_uuid
from amtsbote.model.ids import CaseId, EventId, KeyId, MessageId, PartId
from amtsbote.model.message import DATA, METADATA, Message, MessageKind
from amtsbote.model.strictjson import NotStrictJson, read_object

TYPE: Final = "secevent+jwt"
SCHEMA: Final = "https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json"
EVENTS: Final = "https://schema.fitko.de/fit-connect/events/"
LIMIT: Final = 256 * 1024
"""Characters of one token."""
FIRST_SECOND: Final = 1_577_833_200
"""Smallest `iat` (SET payload schema): 2020-01-01 at midnight in Germany."""
LAST_SECOND: Final = 253_402_300_799
SKEW: Final = timedelta(minutes=5)
"""How far the clock of a subscriber may be off."""

NAMES: Final = frozenset(f"{kind}-{about}" for kind in EventKind for about in MessageKind)
"""All events of a case: last segments of their URIs."""
TAGGED: Final = frozenset({EventKind.SUBMIT, EventKind.ACCEPT})
REASONED: Final = frozenset({EventKind.REJECT})
RECEIVERS: Final = frozenset({EventKind.ACCEPT, EventKind.REJECT, EventKind.FORWARD})
"""What a receiver may say of a message; everything else this service says itself."""

_SUBJECT: Final = re.compile(rf"(?P<kind>submission|reply):(?P<id>{UUID})")
_TRANSACTION: Final = re.compile(rf"case:(?P<id>{UUID})")
_SCHEMA: Final = re.compile(
    r"https://schema\.fitko\.de/fit-connect/set-payload/1\.\d+\.\d+/set-payload\.schema\.json", re.ASCII
)
_LONGEST_TAG: Final = 64
_LONGEST_ISSUER: Final = 2000
_MOST_PROBLEMS: Final = 100


class SetRefused(AmtsboteError):
    """A token that is no valid Security Event Token. `reason` is a short, stable English phrase without values."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SetClaims:
    """A Security Event Token with a good signature and well-formed claims. Whether its issuer may say this about
    this message is not checked yet: `check_claims`."""

    id: EventId
    issuer: str
    at: datetime
    about: MessageKind
    message: MessageId
    case: CaseId
    kind: EventKind
    tags: Mapping[PartId, str]
    """Authentication tags by part; empty when the event carries none."""
    problems: tuple[Mapping[str, Any], ...]
    """Problems of a reject event, as written."""
    key: KeyId
    payload: bytes
    """The exact bytes that were signed."""

    @property
    def event(self) -> str:
        """Last segment of the event URI, one of `NAMES`."""
        return f"{self.kind}-{self.about}"


def uri_of(kind: EventKind, about: MessageKind) -> str:
    """E.g. `https://schema.fitko.de/fit-connect/events/accept-reply`."""
    return f"{EVENTS}{kind}-{about}"


def payload(event: Event, *, service_issuer: str) -> bytes:
    """The exact payload bytes of an event, to be signed as they are. `service_issuer` says what no destination says."""
    claims = {
        "$schema": SCHEMA,
        "jti": event.id,
        "iss": event.issuer or service_issuer,
        "iat": int(event.at.timestamp()),
        "sub": f"{event.about}:{event.message}",
        "txn": f"case:{event.case}",
        "events": {uri_of(event.kind, event.about): _body(event)},
    }
    return json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()


def _body(event: Event) -> dict[str, Any]:
    if event.kind in TAGGED:
        return {"authenticationTags": _tags_on_the_wire(event.tags)}
    if event.kind in REASONED:
        return {"problems": [problem_on_the_wire(problem) for problem in event.problems]}
    return {"notifyType": event.notified.value} if event.notified is not None else {}


def _tags_on_the_wire(tags: Mapping[PartId, str]) -> dict[str, Any]:
    own: dict[str, Any] = {name: tags[name] for name in (METADATA, DATA) if name in tags}
    own["attachments"] = {part: tags[part] for part in sorted(tags) if part not in own}
    return own


def problem_on_the_wire(problem: Problem | SaidProblem) -> dict[str, Any]:
    """A problem of a reject event: German as the protocol's readers expect, English beside it."""
    if isinstance(problem, SaidProblem):
        return asdict(problem)
    return {
        **problem.extensions,
        "type": EVENT_PROBLEMS + problem.type.wire,
        "title": problem.title("de"),
        "detail": problem.detail("de"),
        "instance": problem.instance,
        "titleEn": problem.title("en"),
        "detailEn": problem.detail("en"),
    }


def reasons(payload: bytes) -> tuple[str, ...]:
    """What the problems of a reject event say, from a payload that this service has accepted or written."""
    [body] = json.loads(payload)["events"].values()
    said = ((problem.get("title"), problem.get("detail")) for problem in body.get("problems", ()))
    return tuple(": ".join(part for part in parts if isinstance(part, str) and part) for parts in said)


def read_set(token: str | bytes, key_for: KeyFor) -> SetClaims:
    """A token that a subscriber writes. Raises `RequestRefused` with INVALID_SET."""
    try:
        return parse_set(token, key_for)
    except SetRefused as error:
        raise _invalid(error.reason) from None


def parse_set(token: str | bytes, key_for: KeyFor) -> SetClaims:
    """Signature first, then the claims. Raises `SetRefused`."""
    try:
        header, raw = verify_compact(token, key_for, alg="PS512", typ=TYPE, limit=LIMIT)
        claims = read_object(raw, limit=LIMIT)
    except MalformedJose as error:
        raise SetRefused(error.reason) from None
    except KeyUnknown:
        raise SetRefused("the key is not known") from None
    except SignatureInvalid:
        raise SetRefused("the signature does not fit") from None
    except NotStrictJson as error:
        raise SetRefused(f"claims: {error.reason}") from None
    return _read_claims(claims, header.kid, raw)


def check_claims(claims: SetClaims, message: Message, tags: Mapping[PartId, str], *, now: datetime) -> EventKind:
    """What a subscriber may write about `message`, whose parts have these authentication tags: accept, reject or
    forward, in the name of the message's destination, after its submit. Raises `RequestRefused` with INVALID_SET."""
    if claims.kind not in RECEIVERS:
        raise _invalid("events: a subscriber may write accept, reject and forward events")
    if reason := _mismatch(claims, message, tags) or _not_in_time(claims.at, message, now):
        raise _invalid(reason)
    return claims.kind


def _invalid(reason: str) -> RequestRefused:
    return RequestRefused(table.INVALID_SET(reason=reason))


def _mismatch(claims: SetClaims, message: Message, tags: Mapping[PartId, str]) -> str:
    if claims.issuer != message.destination:
        return f"iss is not the destination of the {message.kind}"
    if claims.about is not message.kind or claims.message != message.id:
        return f"sub is not the {message.kind}"
    if claims.case != message.case:
        return "txn is not the case"
    if claims.tags and claims.tags != tags:
        return f"authenticationTags are not those of the {message.kind}"
    return ""


def _not_in_time(at: datetime, message: Message, now: datetime) -> str:
    if at > now + SKEW:
        return "iat is in the future"
    if at < (message.submitted_at or message.created_at) - SKEW:
        return "iat is before the submit"
    return ""


def _read_claims(claims: Mapping[str, Any], key: KeyId, raw: bytes) -> SetClaims:
    schema = claims.get("$schema")
    if schema is not None and _matched(_SCHEMA, schema) is None:
        raise SetRefused("$schema is not supported; supported: set-payload 1.x")
    identifier, issuer = claims.get("jti"), claims.get("iss")
    if not isinstance(identifier, str) or not is_uuid(identifier):
        raise SetRefused("jti is not a UUID")
    if not isinstance(issuer, str) or not 0 < len(issuer) <= _LONGEST_ISSUER:
        raise SetRefused("iss is missing")
    subject, transaction = _matched(_SUBJECT, claims.get("sub")), _matched(_TRANSACTION, claims.get("txn"))
    if subject is None:
        raise SetRefused("sub is neither submission:<UUID> nor reply:<UUID>")
    if transaction is None:
        raise SetRefused("txn is not case:<UUID>")
    about = MessageKind(subject["kind"])
    kind, body = _one_event(claims.get("events"), about)
    if schema is not None:
        _refuse_without_payload(kind, body)
    return SetClaims(
        id=EventId(identifier.lower()),
        issuer=issuer,
        at=_issued_at(claims.get("iat")),
        about=about,
        message=MessageId(subject["id"].lower()),
        case=CaseId(transaction["id"].lower()),
        kind=kind,
        tags=_read_tags(kind, body),
        problems=_read_problems(kind, body),
        key=key,
        payload=raw,
    )


def _matched(pattern: re.Pattern[str], value: object) -> re.Match[str] | None:
    return pattern.fullmatch(value) if isinstance(value, str) else None


def _issued_at(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not FIRST_SECOND <= value <= LAST_SECOND:
        raise SetRefused("iat is not a time in seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _one_event(events: object, about: MessageKind) -> tuple[EventKind, Mapping[str, Any]]:
    if not isinstance(events, dict) or len(events) != 1:
        raise SetRefused("events does not hold exactly one event")
    [(uri, body)] = events.items()
    name = uri.removeprefix(EVENTS)
    if not uri.startswith(EVENTS) or name not in NAMES:
        raise SetRefused("events holds an event that is not known")
    kind, _, suffix = name.rpartition("-")
    if suffix != about:
        raise SetRefused("the event is not about what sub names")
    if not isinstance(body, dict):
        raise SetRefused("the event's payload is not an object")
    return EventKind(kind), body


def _refuse_without_payload(kind: EventKind, body: Mapping[str, Any]) -> None:
    """What naming a `$schema` obliges to."""
    if kind in TAGGED and not body.get("authenticationTags"):
        raise SetRefused("authenticationTags are missing")
    if kind in REASONED and not body.get("problems"):
        raise SetRefused("problems are missing")


def _read_tags(kind: EventKind, body: Mapping[str, Any]) -> Mapping[PartId, str]:
    if kind not in TAGGED or "authenticationTags" not in body:
        return {}
    tags = body["authenticationTags"]
    attachments = tags.get("attachments", {}) if isinstance(tags, dict) else None
    if not isinstance(attachments, dict) or not all(map(is_uuid, attachments)):
        raise SetRefused("authenticationTags are not as the schema demands")
    named = {"metadata": tags.get("metadata")} | ({"data": tags["data"]} if "data" in tags else {}) | attachments
    if any(not isinstance(tag, str) or not 0 < len(tag) <= _LONGEST_TAG for tag in named.values()):
        raise SetRefused("authenticationTags are not as the schema demands")
    return {PartId(name.lower()): tag for name, tag in named.items()}


def _read_problems(kind: EventKind, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if kind not in REASONED or "problems" not in body:
        return ()
    problems = body["problems"]
    if not isinstance(problems, list) or len(problems) > _MOST_PROBLEMS:
        raise SetRefused("problems are not as the schema demands")
    if any(not isinstance(problem, dict) or not isinstance(problem.get("type"), str) for problem in problems):
        raise SetRefused("problems are not as the schema demands")
    return tuple(problems)

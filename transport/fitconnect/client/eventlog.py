"""Believing an event log: every entry is verified, none is skipped (dossier 4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import PublicKey
from amtsbote.jose.jws import JwsHeader, read_compact
from amtsbote.model.ids import KeyId
from amtsbote.model.strictjson import NotStrictJson, read_object
from transport.fitconnect.client.failures import Failure, SendingFailed
from transport.fitconnect.client.values import Sent, VerifiedEvent
from transport.fitconnect.events import FIRST_SECOND, LAST_SECOND, LIMIT, SetClaims, SetRefused, parse_set

CLOCKS_MAY_DIFFER: Final = timedelta(minutes=5)
BY_SERVICE: Final = frozenset(
    f"{verb}-{noun}" for verb in ("create", "submit", "notify", "reject", "delete") for noun in ("submission", "reply")
) | {"accept-reply"}
"""Events the service says itself; `reject` when a deadline has passed, and both decisions on a reply for a portal,
which has no key of its own."""
BY_DESTINATION: Final = frozenset(
    f"{verb}-{noun}" for verb in ("forward", "accept", "reject") for noun in ("submission", "reply")
)
"""Events only the destination's key may sign."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who claims to have signed: what is needed to find the key. Nothing of it is believed yet."""

    issuer: str
    kid: KeyId
    issued_at: int
    """Seconds since 1970."""


def signer_of(token: str) -> Signer:
    """Raises `SendingFailed`."""
    try:
        jws = read_compact(token, limit=LIMIT)
        claims = read_object(jws.payload, limit=LIMIT)
    except MalformedJose as error:
        raise _untrusted(error.reason) from None
    except NotStrictJson as error:
        raise _untrusted(f"claims: {error.reason}") from None
    issuer, issued_at = claims.get("iss"), claims.get("iat")
    if not isinstance(issuer, str) or not isinstance(issued_at, int):
        raise _untrusted("iss, iat")
    if not FIRST_SECOND <= issued_at <= LAST_SECOND:
        raise _untrusted("iat")
    return Signer(issuer, jws.header.kid, issued_at)


def verify_event(
    token: str, keys: Mapping[Signer, PublicKey], sent: Sent, *, service: str, now: datetime
) -> VerifiedEvent:
    """`service` is the `iss` of the service, `keys` what it and the destination publish. Raises `SendingFailed`."""
    signer = signer_of(token)

    def key_for(_header: JwsHeader) -> PublicKey | None:
        return keys.get(signer)

    try:
        claims = parse_set(token, key_for)
    except SetRefused as error:
        raise _untrusted(error.reason) from None
    if reason := _mismatch(claims, sent, service, now):
        raise _untrusted(reason)
    return VerifiedEvent(claims, token)


def _mismatch(claims: SetClaims, sent: Sent, service: str, now: datetime) -> str:
    speakers = {service: BY_SERVICE, sent.destination: BY_DESTINATION}
    if claims.event not in speakers.get(claims.issuer, frozenset()):
        return f"{claims.event}: iss"
    if claims.case != sent.case:
        return f"{claims.event}: txn"
    if claims.at > now + CLOCKS_MAY_DIFFER:
        return f"{claims.event}: iat"
    if claims.message == sent.submission and claims.tags and claims.tags != sent.tags:
        return f"{claims.event}: authenticationTags"
    return ""


def _untrusted(reason: str) -> SendingFailed:
    return SendingFailed(Failure.EVENT, reason=reason)

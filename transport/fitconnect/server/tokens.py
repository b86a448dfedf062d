"""OAuth 2.0 client credentials (RFC 6749, 4.4) and bearer tokens (RFC 6750; dossier 2.1).

Access tokens are JWTs signed with Ed25519 by a key of their own: real clients ask for one before every call, so making
and checking one must be cheap.
"""

import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import FORBIDDEN, INSUFFICIENT_SCOPE, UNAUTHORISED
from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import PublicKey, load_public
from amtsbote.jose.jws import JwsHeader, KeyUnknown, SignatureInvalid, compact, signing_input, verify_compact
from amtsbote.model.directory import Client, ClientRole, Directory, KeyPurpose
from amtsbote.model.ids import ClientId, EditorId, KeyId
from transport.fitconnect.server.scopes import Grant, Right, may, narrowed, scopes_of

LIFETIME: Final = 1800
"""Seconds; FIT-Connect allows 30 minutes."""
_TYPE: Final = "at+jwt"
_LIMIT: Final = 4096
_REMEMBERED: Final = 4096
CLIENTS: Final = frozenset({ClientRole.SENDER, ClientRole.SUBSCRIBER})
"""Those of FIT-Connect."""
EDITORS: Final = frozenset({ClientRole.EDITOR})
_NOBODY: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class _Checked:
    client: ClientId
    expires: int
    key: KeyId
    grant: Grant


class Tokens:
    """Of one token endpoint, for clients of certain roles: nobody else signs in there, and no other tokens count."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        sign: Callable[[KeyId, bytes], bytes],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        issuer: str,
        roles: Set[ClientRole] = CLIENTS,
    ) -> None:
        self._directory = directory
        self._sign = sign
        self._clock = clock
        self._new_id = new_id
        self._issuer = issuer
        self._roles = roles
        self._remembered: OrderedDict[bytes, _Checked] = OrderedDict()
        self._counted: tuple[Directory, frozenset[ClientId | None]] | None = None

    def client_with(self, client_id: str, secret: str) -> Client | None:
        """The active client with this secret. Takes the same way for an unknown client and a wrong secret."""
        client = self._directory().clients.get(ClientId(client_id))
        presented = hashlib.sha256(secret.encode()).hexdigest()
        hashes = client.secret_hashes if client else (_NOBODY,)
        matches = [hmac.compare_digest(presented, known) for known in hashes]
        return client if client is not None and self._admits(client) and any(matches) else None

    def are_of_use_to(self, client: Client) -> bool:
        """Not to a subscriber that has no destination and may make none: the public service gives it none (dossier
        2.1)."""
        return client.role is not ClientRole.SUBSCRIBER or client.manages or client.id in self._subscribers()

    def scope_for(self, client: Client, asked: str) -> str | None:
        """The scopes of a token for this client, narrowed to those asked for, if any. None when it may not have one of
        them."""
        scopes = narrowed(client, asked.split()) if asked.strip() else scopes_of(client)
        return None if scopes is None else " ".join(scopes)

    def issue(self, client: Client, scope: str | None = None) -> str:
        """A signed access token for 30 minutes; `scope` as `scope_for` gives it, or all the client has."""
        now = int(self._clock().timestamp())
        claims = {
            "iss": self._issuer,
            "sub": client.id,
            "aud": self._issuer,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": self._new_id(),
            "scope": scope if scope is not None else " ".join(scopes_of(client)),
        }
        key = self._directory().service_key(KeyPurpose.ACCESS_TOKEN)
        data = signing_input({"typ": _TYPE, "alg": "EdDSA", "kid": key}, json.dumps(claims).encode())
        return compact(data, self._sign(key, data))

    def client_of(self, authorization: str | None, *rights: Right) -> Client:
        """The client of a bearer token, as its scopes let it act. Raises `RequestRefused`: 401, and 403 where client or
        token has none of `rights`. A disabled client is out at once, and so is everybody whose token was signed with a
        key that is gone; what a client may no longer do, its tokens may not either."""
        client, grant = self._holder(authorization)
        return _acting(client, grant, rights)

    def recognised(self, authorization: str | None) -> ClientId | None:
        """Whose valid token this is, whatever it allows."""
        try:
            return self._holder(authorization)[0].id
        except RequestRefused:
            return None

    def _holder(self, authorization: str | None) -> tuple[Client, Grant]:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise RequestRefused(UNAUTHORISED())
        checked = self._checked(token.strip())
        client = self._directory().clients.get(checked.client)
        if client is None or not self._admits(client) or checked.expires <= self._clock().timestamp():
            raise RequestRefused(UNAUTHORISED())
        if self._public(checked.key) is None:
            raise RequestRefused(UNAUTHORISED())
        return client, checked.grant

    def _admits(self, client: Client) -> bool:
        if client.role is ClientRole.EDITOR and EditorId(client.owner) not in self._directory().editors:
            return False
        return client.active and client.role in self._roles

    def _subscribers(self) -> frozenset[ClientId | None]:
        """Who has a destination, computed once per revision of the directory."""
        directory = self._directory()
        if self._counted is None or self._counted[0] is not directory:
            self._counted = directory, frozenset(one.subscriber for one in directory.destinations.values())
        return self._counted[1]

    def _checked(self, token: str) -> _Checked:
        fingerprint = hashlib.sha256(token.encode()).digest()
        known = self._remembered.get(fingerprint)
        if known is None:
            known = self._remembered[fingerprint] = self._verify(token)
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return known

    def _verify(self, token: str) -> _Checked:
        try:
            header, payload = verify_compact(token, self._key, alg="EdDSA", typ=_TYPE, limit=_LIMIT)
        except (MalformedJose, KeyUnknown, SignatureInvalid):
            raise RequestRefused(UNAUTHORISED()) from None
        claims = json.loads(payload)
        if claims["iss"] != self._issuer or claims["aud"] != self._issuer:
            raise RequestRefused(UNAUTHORISED())
        return _Checked(ClientId(claims["sub"]), claims["exp"], header.kid, Grant.of(claims["scope"]))

    def _key(self, header: JwsHeader) -> PublicKey | None:
        public = self._public(header.kid)
        return None if public is None else load_public(public)

    def _public(self, kid: KeyId) -> bytes | None:
        entry = self._directory().keys.get(kid)
        if entry is None or entry.purpose is not KeyPurpose.ACCESS_TOKEN or entry.retired_at is not None:
            return None
        return entry.public


def _acting(client: Client, grant: Grant, rights: Sequence[Right]) -> Client:
    if not rights:
        return client
    possible = [right for right in rights if may(client, right)]
    if not possible:
        raise RequestRefused(FORBIDDEN())
    acting = grant.acting(client)
    if acting is None or grant.rights.isdisjoint(possible):
        raise RequestRefused(INSUFFICIENT_SCOPE(scope=possible[0].value))
    return acting

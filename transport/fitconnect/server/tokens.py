"""OAuth 2.0 client credentials (RFC 6749, 4.4) and bearer tokens (RFC 6750; dossier 2.1).

Access tokens are JWTs signed with Ed25519 by a key of their own: real clients ask for one before every call, so making
and checking one must be cheap.
"""

import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import FORBIDDEN, UNAUTHORISED
from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import PublicKey, load_public
from amtsbote.jose.jws import JwsHeader, KeyUnknown, SignatureInvalid, compact, signing_input, verify_compact
from amtsbote.model.directory import Client, ClientRole, Directory, KeyPurpose
from amtsbote.model.ids import ClientId, KeyId

LIFETIME: Final = 1800
"""Seconds; FIT-Connect allows 30 minutes."""
SCOPES: Final = {
    ClientRole.SENDER: "send:region:DE https://schema.fitko.de/fit-connect/oauth/scopes/send-submissions",
    ClientRole.SUBSCRIBER: "https://schema.fitko.de/fit-connect/oauth/scopes/subscribe-destinations",
}
"""Both vocabularies in use; clients treat them as opaque."""
_TYPE: Final = "at+jwt"
_LIMIT: Final = 4096
_REMEMBERED: Final = 4096
_NOBODY: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class _Checked:
    client: ClientId
    expires: int
    key: KeyId


class Tokens:
    def __init__(
        self,
        directory: Callable[[], Directory],
        sign: Callable[[KeyId, bytes], bytes],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        issuer: str,
    ) -> None:
        self._directory = directory
        self._sign = sign
        self._clock = clock
        self._new_id = new_id
        self._issuer = issuer
        self._remembered: OrderedDict[bytes, _Checked] = OrderedDict()

    def client_with(self, client_id: str, secret: str) -> Client | None:
        """The active client with this secret. Takes the same way for an unknown client and a wrong secret."""
        client = self._directory().clients.get(ClientId(client_id))
        presented = hashlib.sha256(secret.encode()).hexdigest()
        hashes = client.secret_hashes if client else (_NOBODY,)
        matches = [hmac.compare_digest(presented, known) for known in hashes]
        return client if client is not None and client.active and any(matches) else None

    def issue(self, client: Client) -> str:
        """A signed access token for 30 minutes."""
        now = int(self._clock().timestamp())
        claims = {
            "iss": self._issuer,
            "sub": client.id,
            "aud": self._issuer,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": self._new_id(),
            "scope": SCOPES[client.role],
        }
        key = self._directory().service_key(KeyPurpose.ACCESS_TOKEN)
        data = signing_input({"typ": _TYPE, "alg": "EdDSA", "kid": key}, json.dumps(claims).encode())
        return compact(data, self._sign(key, data))

    def client_of(self, authorization: str | None) -> Client:
        """The client of a bearer token. Raises `RequestRefused` with 401. A disabled client is out at once, and so is
        everybody whose token was signed with a key that is gone."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise RequestRefused(UNAUTHORISED())
        checked = self._checked(token.strip())
        client = self._directory().clients.get(checked.client)
        if client is None or not client.active or checked.expires <= self._clock().timestamp():
            raise RequestRefused(UNAUTHORISED())
        if self._public(checked.key) is None:
            raise RequestRefused(UNAUTHORISED())
        return client

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
        return _Checked(ClientId(claims["sub"]), claims["exp"], header.kid)

    def _key(self, header: JwsHeader) -> PublicKey | None:
        public = self._public(header.kid)
        return None if public is None else load_public(public)

    def _public(self, kid: KeyId) -> bytes | None:
        entry = self._directory().keys.get(kid)
        return entry.public if entry is not None and entry.purpose is KeyPurpose.ACCESS_TOKEN else None


def must_be(client: Client, role: ClientRole) -> Client:
    """Raises `RequestRefused` with 403 for a client of the other role."""
    if client.role is not role:
        raise RequestRefused(FORBIDDEN())
    return client

"""Private-key operations by key id. A key object never leaves this file (architecture, section 7)."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from amtsbote.api.operations import Around, unobserved
from amtsbote.errors import AmtsboteError
from amtsbote.jose.jwe import OAEP_256
from amtsbote.jose.jws import sign_ed25519, sign_ps512
from amtsbote.keys.making import PrivateKey, sealing_context
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId

_CONTENT_KEY = 32


class KeyUnavailable(AmtsboteError):
    """No private key with this id and purpose is held here."""


@dataclass(frozen=True, slots=True)
class _Held:
    purpose: KeyPurpose
    owner: str
    key: PrivateKey


class KeyStore:
    """Keys by id, opened from their seals once and kept in memory. Replaced as a whole when the directory changes."""

    def __init__(self, vault: Vault, entries: Iterable[KeyEntry], *, around: Around = unobserved) -> None:
        self._vault = vault
        self._keys: Mapping[KeyId, _Held] = {}
        self._decrypt = around("unwrap", _decrypt)
        self._sign = around("sign", _sign)
        self.replace(entries)

    def replace(self, entries: Iterable[KeyEntry]) -> None:
        """Take these keys instead of the present ones; keys already open are not opened again. Raises `Damaged` for a
        key of another master key: then all stays as it was."""
        self._keys = {
            entry.kid: self._held(entry, entry.sealed_private) for entry in entries if entry.sealed_private is not None
        }

    def unwrap(self, kid: KeyId, encrypted_key: bytes, *, owner: str) -> bytes:
        """A content encryption key, 32 bytes; random ones when it does not decrypt (RFC 7516, 11.5).

        Raises `KeyUnavailable` when `owner` has no such encryption key here.
        """
        held = self._known(kid)
        if held.purpose is not KeyPurpose.ENCRYPTION or held.owner != owner:
            raise KeyUnavailable(kid)
        if not isinstance(held.key, rsa.RSAPrivateKey):
            raise KeyUnavailable(kid)
        return self._decrypt(held.key, encrypted_key)

    def sign(self, kid: KeyId, data: bytes) -> bytes:
        """A signature in the one algorithm of the key's purpose: PS512, or Ed25519 for access tokens."""
        held = self._known(kid)
        if held.purpose is KeyPurpose.ENCRYPTION:
            raise KeyUnavailable(kid)
        return self._sign(held.key, data)

    def _held(self, entry: KeyEntry, sealed: bytes) -> "_Held":
        known = self._keys.get(entry.kid)
        key = known.key if known is not None else self._opened(entry, sealed)
        return _Held(entry.purpose, entry.owner, key)

    def _opened(self, entry: KeyEntry, sealed: bytes) -> PrivateKey:
        der = self._vault.unwrap(sealed, sealing_context(entry.kid, entry.purpose, entry.tenant))
        key = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
            raise KeyUnavailable(entry.kid)
        return key

    def _known(self, kid: KeyId) -> "_Held":
        try:
            return self._keys[kid]
        except KeyError:
            raise KeyUnavailable(kid) from None


def _decrypt(key: rsa.RSAPrivateKey, encrypted_key: bytes) -> bytes:
    substitute = os.urandom(_CONTENT_KEY)
    try:
        content_key = key.decrypt(encrypted_key, OAEP_256)
    except ValueError:
        return substitute
    return content_key if len(content_key) == _CONTENT_KEY else substitute


def _sign(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return sign_ed25519(key, data)
    return sign_ps512(key, data)

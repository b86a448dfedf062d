"""Private-key operations by key id. A key object never leaves this file (architecture, section 7)."""

import os
from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from amtsbote.api.operations import Around, unobserved
from amtsbote.errors import AmtsboteError
from amtsbote.keys.making import PrivateKey, sealing_context
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId

_OAEP_256 = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_PS512 = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=padding.PSS.DIGEST_LENGTH)
_CONTENT_KEY = 32


class KeyUnavailable(AmtsboteError):
    """No private key with this id and purpose is held here."""


class KeyStore:
    """Keys by id, opened from their seals once and kept in memory. Replaced as a whole when the directory changes."""

    def __init__(self, vault: Vault, entries: Iterable[KeyEntry], *, around: Around = unobserved) -> None:
        self._vault = vault
        self._keys: Mapping[KeyId, tuple[KeyPurpose, PrivateKey]] = {}
        self._decrypt = around("unwrap", _decrypt)
        self._sign = around("sign", _sign)
        self.replace(entries)

    def replace(self, entries: Iterable[KeyEntry]) -> None:
        """Take these keys instead of the present ones; keys already open are not opened again."""
        known = self._keys
        self._keys = {
            entry.kid: known.get(entry.kid) or (entry.purpose, self._opened(entry, entry.sealed_private))
            for entry in entries
            if entry.sealed_private is not None
        }

    def unwrap(self, kid: KeyId, encrypted_key: bytes) -> bytes:
        """A content encryption key, 32 bytes; random ones when it does not decrypt (RFC 7516, 11.5).

        Raises `KeyUnavailable` when there is no such encryption key.
        """
        key = self._private(kid, KeyPurpose.ENCRYPTION)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise KeyUnavailable(kid)
        return self._decrypt(key, encrypted_key)

    def sign(self, kid: KeyId, data: bytes) -> bytes:
        """A signature in the one algorithm of the key's purpose: PS512, or Ed25519 for access tokens."""
        purpose, key = self._known(kid)
        if purpose is KeyPurpose.ENCRYPTION:
            raise KeyUnavailable(kid)
        return self._sign(key, data)

    def _opened(self, entry: KeyEntry, sealed: bytes) -> PrivateKey:
        der = self._vault.unwrap(sealed, sealing_context(entry.kid, entry.purpose, entry.tenant))
        key = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
            raise KeyUnavailable(entry.kid)
        return key

    def _known(self, kid: KeyId) -> tuple[KeyPurpose, PrivateKey]:
        try:
            return self._keys[kid]
        except KeyError:
            raise KeyUnavailable(kid) from None

    def _private(self, kid: KeyId, purpose: KeyPurpose) -> PrivateKey:
        found, key = self._known(kid)
        if found is not purpose:
            raise KeyUnavailable(kid)
        return key


def _decrypt(key: rsa.RSAPrivateKey, encrypted_key: bytes) -> bytes:
    substitute = os.urandom(_CONTENT_KEY)
    try:
        content_key = key.decrypt(encrypted_key, _OAEP_256)
    except ValueError:
        return substitute
    return content_key if len(content_key) == _CONTENT_KEY else substitute


def _sign(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    return key.sign(data, _PS512, hashes.SHA512())

"""How a key comes into the house: made here, or imported once with full validation."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from amtsbote.errors import Misconfigured
from amtsbote.jose.jwk import thumbprint
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId, TenantId

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
SERVICE_PURPOSES = (KeyPurpose.EVENTS, KeyPurpose.ADDRESSING, KeyPurpose.ACCESS_TOKEN)


def new_service_keys(vault: Vault) -> tuple[KeyEntry, ...]:
    """The keys this service itself needs, one per purpose. Takes some seconds."""
    return tuple(_entry(_generate(purpose), purpose, "", None, (), vault) for purpose in SERVICE_PURPOSES)


def import_private(
    pem: bytes, *, purpose: KeyPurpose, owner: str, tenant: TenantId, chain: tuple[bytes, ...], vault: Vault
) -> KeyEntry:
    """An RSA private key from unencrypted PEM. Its numbers are validated here, once: later loads skip that (0.3 s)."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Misconfigured(
            "the private key is not a readable, unencrypted PEM file",
            "der private Schlüssel ist keine lesbare, unverschlüsselte PEM-Datei",
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Misconfigured("the private key must be an RSA key", "der private Schlüssel muss ein RSA-Schlüssel sein")
    return _entry(key, purpose, owner, tenant, chain, vault)


def import_public(
    public: rsa.RSAPublicKey, *, purpose: KeyPurpose, owner: str, tenant: TenantId, chain: tuple[bytes, ...]
) -> KeyEntry:
    """A key whose private half a subscriber holds."""
    return KeyEntry(thumbprint(public), purpose, owner, tenant, _der(public), chain, None)


def sealing_context(kid: KeyId, purpose: KeyPurpose, tenant: TenantId | None) -> str:
    """Associated data of a sealed private key: it opens only as this key, for this purpose, of this tenant."""
    return f"key:{kid}:{purpose}:{tenant or ''}"


def _generate(purpose: KeyPurpose) -> PrivateKey:
    if purpose is KeyPurpose.ACCESS_TOKEN:
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=4096)


def _entry(
    key: PrivateKey, purpose: KeyPurpose, owner: str, tenant: TenantId | None, chain: tuple[bytes, ...], vault: Vault
) -> KeyEntry:
    public = key.public_key()
    kid = thumbprint(public)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = vault.wrap(private, sealing_context(kid, purpose, tenant))
    return KeyEntry(kid, purpose, owner, tenant, _der(public), chain, sealed)


def _der(public: rsa.RSAPublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

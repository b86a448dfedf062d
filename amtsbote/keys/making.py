"""How a key comes into the house: made here, or imported once with full validation."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from amtsbote.errors import Misconfigured
from amtsbote.jose.jwk import thumbprint
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId, TenantId

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
SERVICE_PURPOSES = (KeyPurpose.EVENTS, KeyPurpose.ADDRESSING, KeyPurpose.ACCESS_TOKEN)

_VALID: Final[OrderedDict[bytes, None]] = OrderedDict()
"""SHA-256 of files whose numbers were validated by this process: a declaration is read for its preview and once more
when it is applied."""
_MOST_VALID: Final = 1_000
_LONGEST_NAME: Final = 64
"""Characters of an organisation or common name (RFC 5280, appendix A.1, upper bounds)."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a destination's key is for."""

    purpose: KeyPurpose
    owner: str
    """Destination id."""
    tenant: TenantId


def new_certifiable_key(belonging: Belonging, organisation: str, vault: Vault) -> tuple[KeyEntry, bytes]:
    """A new RSA-4096 key, sealed, and the request for its certificate (RFC 2986, PEM): `organisation` and the
    destination as subject, the key usage of its purpose. Takes some seconds."""
    key = _generate_rsa()
    entry = _entry(key, belonging.purpose, belonging.owner, belonging.tenant, (), vault)
    return entry, _request(key, belonging, organisation)


def new_service_keys(vault: Vault) -> tuple[KeyEntry, ...]:
    """The keys this service itself needs, one per purpose. Takes some seconds."""
    return tuple(new_service_key(purpose, vault) for purpose in SERVICE_PURPOSES)


def new_service_key(purpose: KeyPurpose, vault: Vault) -> KeyEntry:
    """A key of this service. Takes a second."""
    return _entry(_generate(purpose), purpose, "", None, (), vault)


def import_private(
    pem: bytes, *, purpose: KeyPurpose, owner: str, tenant: TenantId, chain: tuple[bytes, ...], vault: Vault
) -> KeyEntry:
    """An RSA private key from unencrypted PEM. Its numbers are validated here, once (0.3 s): later loads skip that."""
    try:
        key = _validated(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Misconfigured(
            "the private key is not a readable, unencrypted PEM file",
            "der private Schlüssel ist keine lesbare, unverschlüsselte PEM-Datei",
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Misconfigured("the private key must be an RSA key", "der private Schlüssel muss ein RSA-Schlüssel sein")
    return _entry(key, purpose, owner, tenant, chain, vault)


def _validated(pem: bytes) -> PrivateKeyTypes:
    """Raises what `load_pem_private_key` raises."""
    digest = sha256(pem).digest()
    key = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=digest in _VALID)
    _VALID[digest] = None
    if len(_VALID) > _MOST_VALID:
        _VALID.popitem(last=False)
    return key


def import_public(
    public: rsa.RSAPublicKey,
    *,
    purpose: KeyPurpose,
    owner: str,
    tenant: TenantId,
    chain: tuple[bytes, ...],
    kid: KeyId | None = None,
) -> KeyEntry:
    """A key whose private half a subscriber holds, who may call it something else than its thumbprint."""
    return KeyEntry(kid or thumbprint(public), purpose, owner, tenant, _der(public), chain, None)


def sealing_context(kid: KeyId, purpose: KeyPurpose, tenant: TenantId | None) -> str:
    """Associated data of a sealed private key: it opens only as this key, for this purpose, of this tenant."""
    return f"key:{kid}:{purpose}:{tenant or ''}"


def _generate(purpose: KeyPurpose) -> PrivateKey:
    if purpose is KeyPurpose.ACCESS_TOKEN:
        return ed25519.Ed25519PrivateKey.generate()
    return _generate_rsa()


def _generate_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=4096)


def _request(key: rsa.RSAPrivateKey, belonging: Belonging, organisation: str) -> bytes:
    """Signed with PKCS #1 v1.5, which every certification authority can read."""
    subject = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:_LONGEST_NAME]),
        x509.NameAttribute(NameOID.COMMON_NAME, belonging.owner[:_LONGEST_NAME]),
    ]
    encrypts = belonging.purpose is KeyPurpose.ENCRYPTION
    usage = x509.KeyUsage(
        digital_signature=not encrypts,
        key_encipherment=encrypts,
        data_encipherment=encrypts,
        content_commitment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = x509.CertificateSigningRequestBuilder(x509.Name(subject)).add_extension(usage, critical=True)
    return builder.sign(key, hashes.SHA512()).public_bytes(Encoding.PEM)


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

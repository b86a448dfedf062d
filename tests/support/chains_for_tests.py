"""Certificate chains for tests: roots, issuers and leaves with every property a test wants to spoil."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PSS = padding.PSS(padding.MGF1(hashes.SHA512()), padding.PSS.DIGEST_LENGTH)
LEAF_USES = frozenset({"digital_signature", "key_encipherment"})
ISSUER_USES = frozenset({"key_cert_sign", "crl_sign"})
_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip

Key = RSAPrivateKey | EllipticCurvePrivateKey


@dataclass(frozen=True)
class Wish:
    """What a certificate shall say. `uses` None: no key usage at all; `ca` None: no basic constraints."""

    name: str
    key: Key
    uses: frozenset[str] | None = LEAF_USES
    ca: bool | None = None
    path_length: int | None = None
    start: datetime = NOW - timedelta(days=1)
    end: datetime = NOW + timedelta(days=365)
    digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | hashes.SHA224 = field(default_factory=hashes.SHA512)
    scheme: padding.PSS | padding.PKCS1v15 = field(default_factory=lambda: PSS)
    critical: x509.ObjectIdentifier | None = None

    def but(self, **changes: object) -> "Wish":
        return replace(self, **changes)  # type: ignore[arg-type]  # the names are checked when it is called


def issuer(name: str, key: Key, path_length: int | None = None) -> Wish:
    return Wish(name, key, ISSUER_USES, ca=True, path_length=path_length, end=NOW + timedelta(days=3650))


def issue(wishes: Sequence[Wish]) -> list[bytes]:
    """Certificates, DER, leaf first: each is signed by the next, the last by itself."""
    return [_issue(wish, by) for wish, by in zip(wishes, [*wishes[1:], wishes[-1]], strict=True)]


def as_pem(chain: Sequence[bytes]) -> bytes:
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in chain)


def _issue(wish: Wish, by: Wish) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(wish.name))
        .issuer_name(_name(by.name))
        .public_key(wish.key.public_key())
        .serial_number(1 + sum(wish.name.encode()))
        .not_valid_before(wish.start)
        .not_valid_after(wish.end)
    )
    if wish.ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(wish.ca, wish.path_length), critical=True)
    if wish.uses is not None:
        builder = builder.add_extension(x509.KeyUsage(**{use: use in wish.uses for use in _USES}), critical=True)
    if wish.critical is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(wish.critical, b"\x05\x00"), critical=True)
    rsa_padding = wish.scheme if isinstance(by.key, RSAPrivateKey) else None
    return builder.sign(by.key, wish.digest, rsa_padding=rsa_padding).public_bytes(Encoding.DER)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

"""A certification authority for the demonstration: a root, an issuing CA, and certified keys for everyone."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

BITS: Final = 4096
ROOT: Final = "Amtsbote Demo Root CA"
ISSUING: Final = "Amtsbote Demo Issuing CA"
PORTAL_SIGNING: Final = "Onlinedienst Hamburg, Signatur"
ENCRYPTION: Final = "Grünflächenamt Chemnitz, Verschlüsselung"
PORTAL_REPLIES: Final = "Onlinedienst Hamburg, Antworten"
"""The portal's key for replies. It goes with each application and needs no certificate (dossier 3.2)."""
DESTINATION_SIGNING: Final = "Grünflächenamt Chemnitz, Signatur"

_ISSUES: Final = frozenset({"key_cert_sign", "crl_sign"})
_USES: Final[Mapping[str, frozenset[str]]] = {
    ROOT: _ISSUES,
    ISSUING: _ISSUES,
    PORTAL_SIGNING: frozenset({"digital_signature"}),
    ENCRYPTION: frozenset({"key_encipherment", "data_encipherment"}),
    DESTINATION_SIGNING: frozenset({"digital_signature"}),
}
NAMES: Final = tuple(_USES)
_ISSUER: Final[Mapping[str, str]] = {ROOT: ROOT, ISSUING: ROOT}
_ALL_USES: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
_LIFE: Final = timedelta(days=30)
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Certified:
    """A key with its chain: its own certificate first, the root last."""

    key: RSAPrivateKey
    chain: tuple[x509.Certificate, ...]

    def write_chain(self, to: Path) -> None:
        to.write_bytes(as_pem(self.chain))

    def write_key(self, to: Path) -> None:
        write_key(self.key, to)


def write_key(key: RSAPrivateKey, to: Path) -> None:
    """Readable for its owner only."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def make_keys() -> Mapping[str, RSAPrivateKey]:
    """By common name. Takes seconds and runs on all cores."""
    names = (*NAMES, PORTAL_REPLIES)
    with ThreadPoolExecutor() as pool:
        made = pool.map(lambda _: generate_private_key(public_exponent=65537, key_size=BITS), names)
        return dict(zip(names, made, strict=True))


def certify(keys: Mapping[str, RSAPrivateKey], at: datetime) -> Mapping[str, Certified]:
    """Everyone of `NAMES`, by common name."""
    certificates = {name: _certificate(name, keys, at) for name in _USES}
    authorities = (certificates[ISSUING], certificates[ROOT])
    chains = {ROOT: authorities[1:], ISSUING: authorities}
    return {
        name: Certified(keys[name], chains.get(name, (certificate, *authorities)))
        for name, certificate in certificates.items()
    }


def as_pem(chain: Sequence[x509.Certificate]) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


def _certificate(name: str, keys: Mapping[str, RSAPrivateKey], at: datetime) -> x509.Certificate:
    """RFC 5280; signed with RSASSA-PSS and SHA-512."""
    issuer = _ISSUER.get(name, ISSUING)
    uses = _USES[name]
    authority = uses == _ISSUES
    path_length = {ROOT: 1, ISSUING: 0}.get(name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(keys[name].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _CLOCKS_DIFFER)
        .not_valid_after(at + _LIFE)
        .add_extension(x509.BasicConstraints(authority, path_length), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in uses for use in _ALL_USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[name].public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[issuer].public_key()), critical=False)
    )
    return builder.sign(keys[issuer], SHA512(), rsa_padding=PSS(MGF1(SHA512()), PSS.DIGEST_LENGTH))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"), x509.NameAttribute(NameOID.COMMON_NAME, common)])

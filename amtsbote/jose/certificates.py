"""Certificates of destination and portal keys (RFC 5280): read a chain, and say exactly why one is refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtensionOID, SignatureAlgorithmOID

from amtsbote.errors import AmtsboteError
from amtsbote.errors.reasons import CERTIFICATE
from amtsbote.jose.jwk import PublicKey
from amtsbote.model.directory import KeyPurpose

DESTINATION_BITS: Final = 4096
"""Smallest RSA key of a destination (FIT-Connect routing API, schema `jwk`)."""
PORTAL_BITS: Final = 3072
"""Smallest RSA key of a portal's signature."""
ISSUER_BITS: Final = 3072
LONGEST_CHAIN: Final = 8


class Fault(StrEnum):
    """Why a chain is refused. The values are stable."""

    UNREADABLE = "unreadable"
    EMPTY = "empty"
    TOO_LONG = "too-long"
    KEY_TYPE = "key-type"
    OTHER_KEY = "other-key"
    WEAK_KEY = "weak-key"
    ORDER = "order"
    NOT_ANCHORED = "not-anchored"
    LEAF_IS_CA = "leaf-is-ca"
    NOT_A_CA = "not-a-ca"
    PATH_LENGTH = "path-length"
    CRITICAL_EXTENSION = "critical-extension"
    KEY_USAGE = "key-usage"
    WEAK_SIGNATURE = "weak-signature"
    SIGNATURE = "signature"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"


SENTENCES: Final[Mapping[Fault, tuple[str, str]]] = {fault: CERTIFICATE[f"certificate-{fault}"] for fault in Fault}

_STRONG_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_STRONG_SIGNATURES: Final = frozenset(
    {
        SignatureAlgorithmOID.RSASSA_PSS,
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
    }
)
_UNDERSTOOD: Final = frozenset(
    {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.CERTIFICATE_POLICIES}
)
"""Extensions that may be critical. Policies are read as *any policy*."""

_UNREADABLE: Final = (
    ValueError,
    TypeError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""Everything the library raises about a certificate it cannot read."""


class CertificateRefused(AmtsboteError):
    """A chain that may not be used: `reason` is a stable word, `de` and `en` are for the person who registers it."""

    def __init__(self, fault: Fault) -> None:
        self.reason = fault.value
        self.de, self.en = SENTENCES[fault]
        super().__init__(self.reason, self.en)


def read_chain(pem: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM file, DER, in the order of the file (leaf first). Anything else in it is skipped.
    Raises `CertificateRefused`."""
    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except _UNREADABLE:
        raise CertificateRefused(Fault.UNREADABLE) from None
    return tuple(certificate.public_bytes(serialization.Encoding.DER) for certificate in certificates)


def certified_key(certificate: bytes) -> RSAPublicKey:
    """The public key of a certificate (DER). Raises `CertificateRefused`."""
    return _key_of(_load(certificate))


def check_chain(
    public_key: PublicKey,
    chain: Sequence[bytes],
    anchors: Sequence[bytes],
    *,
    at: datetime,
    purpose: KeyPurpose,
    minimum_bits: int = DESTINATION_BITS,
) -> None:
    """Whether `chain` (DER, leaf first up to and including the root) certifies `public_key` for `purpose` at `at`.

    `anchors` are the registered roots, DER: the last certificate of the chain must be one of them. Every certificate
    is checked, the root included. Raises `CertificateRefused` with the first fault found.
    **Revocation is not checked here**: it needs the network and belongs to whoever registers and watches the key.
    An extended key usage that is not critical is not read: FIT-Connect demands key usage only, and no purpose of
    RFC 5280 (4.2.1.12) stands for encrypting applications or signing events, so that none could be missed. A critical
    one is refused like every extension that is not understood.
    """
    if not chain:
        raise CertificateRefused(Fault.EMPTY)
    if len(chain) > LONGEST_CHAIN:
        raise CertificateRefused(Fault.TOO_LONG)
    certificates = [_load(certificate) for certificate in chain]
    _check_keys(public_key, certificates, minimum_bits)
    _check_order(certificates)
    if chain[-1] not in anchors:
        raise CertificateRefused(Fault.NOT_ANCHORED)
    for certificate in certificates:
        _check_time(certificate, at)
        _check_critical(certificate)
    _check_leaf(certificates[0], purpose)
    for below, issuer in enumerate(certificates[1:]):
        _check_issuer(issuer, below)
    for certificate, issuer in pairwise(certificates):
        _check_signature(certificate, issuer)


def _load(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions, certificate.subject, certificate.issuer
    except _UNREADABLE:
        raise CertificateRefused(Fault.UNREADABLE) from None
    return certificate


def _key_of(certificate: x509.Certificate) -> RSAPublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateRefused(Fault.KEY_TYPE) from None
    if not isinstance(key, RSAPublicKey):
        raise CertificateRefused(Fault.KEY_TYPE)
    return key


def _check_keys(public_key: PublicKey, certificates: Sequence[x509.Certificate], minimum_bits: int) -> None:
    leaf, *issuers = (_key_of(certificate) for certificate in certificates)
    if leaf != public_key:
        raise CertificateRefused(Fault.ORDER if public_key in issuers else Fault.OTHER_KEY)
    minima = [minimum_bits] + [ISSUER_BITS] * len(issuers)
    for key, minimum in zip((leaf, *issuers), minima, strict=True):
        if key.key_size < minimum or key.public_numbers().e != 65537:
            raise CertificateRefused(Fault.WEAK_KEY)


def _check_order(certificates: Sequence[x509.Certificate]) -> None:
    if any(certificate.issuer != issuer.subject for certificate, issuer in pairwise(certificates)):
        raise CertificateRefused(Fault.ORDER)


def _check_time(certificate: x509.Certificate, at: datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise CertificateRefused(Fault.NOT_YET_VALID)
    if at > certificate.not_valid_after_utc:
        raise CertificateRefused(Fault.EXPIRED)


def _check_critical(certificate: x509.Certificate) -> None:
    if any(extension.critical and extension.oid not in _UNDERSTOOD for extension in certificate.extensions):
        raise CertificateRefused(Fault.CRITICAL_EXTENSION)


def _check_leaf(certificate: x509.Certificate, purpose: KeyPurpose) -> None:
    constraints = _constraints(certificate)
    if constraints is not None and constraints.ca:
        raise CertificateRefused(Fault.LEAF_IS_CA)
    usage = _usage(certificate)
    if usage is None or not _fits(usage, purpose):
        raise CertificateRefused(Fault.KEY_USAGE)


def _check_issuer(certificate: x509.Certificate, below: int) -> None:
    """`below`: how many other issuers stand between this one and the leaf."""
    constraints, usage = _constraints(certificate), _usage(certificate)
    if constraints is None or not constraints.ca or usage is None or not usage.key_cert_sign:
        raise CertificateRefused(Fault.NOT_A_CA)
    if constraints.path_length is not None and below > constraints.path_length:
        raise CertificateRefused(Fault.PATH_LENGTH)


def _check_signature(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        strong = isinstance(certificate.signature_hash_algorithm, _STRONG_HASHES)
    except (ValueError, UnsupportedAlgorithm):
        strong = False
    if not strong or certificate.signature_algorithm_oid not in _STRONG_SIGNATURES:
        raise CertificateRefused(Fault.WEAK_SIGNATURE)
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateRefused(Fault.SIGNATURE) from None


def _fits(usage: x509.KeyUsage, purpose: KeyPurpose) -> bool:
    if purpose is KeyPurpose.ENCRYPTION:
        return usage.key_encipherment or usage.data_encipherment
    return usage.digital_signature


def _constraints(certificate: x509.Certificate) -> x509.BasicConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return None


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None

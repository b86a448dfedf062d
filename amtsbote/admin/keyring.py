"""What all commands about keys know: how a key is found, shown, and found worthy."""

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from amtsbote.admin.asking import Answer, Arguments, Name
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Transaction, Unit
from amtsbote.jose.certificates import CertificateRefused, certified_key, check_chain, read_chain
from amtsbote.jose.jwk import load_public
from amtsbote.keys.calendar import valid_until
from amtsbote.model.directory import Directory, KeyEntry
from amtsbote.model.ids import KeyId
from amtsbote.model.shown import jsonable


class OneKey(Arguments):
    kid: Name


def the_directory(tx: Transaction) -> Directory:
    return tx.directory.load()


async def changing(office: Office, unit: Unit[Answer]) -> Answer:
    """Run a unit that changes the directory, and have the daemon take it over at once."""
    answer = await office.store.write(unit)
    await office.changed()
    return answer


def known_key(directory: Directory, kid: str) -> KeyEntry:
    """Raises `CommandRefused`."""
    key = directory.keys.get(KeyId(kid))
    if key is None:
        raise CommandRefused("not-found", "keys.unknown", kid=kid)
    return key


def changeable_key(directory: Directory, kid: str) -> KeyEntry:
    """A key of a destination that is not retired. Raises `CommandRefused`."""
    key = living_key(directory, kid)
    if not key.owner:
        raise CommandRefused("service-key", "keys.of-service", kid=kid)
    return key


def living_key(directory: Directory, kid: str) -> KeyEntry:
    """A key that is not retired. Raises `CommandRefused`."""
    key = known_key(directory, kid)
    if key.retired_at is not None:
        raise CommandRefused("retired", "keys.is-retired", kid=kid)
    return key


def read_pem_chain(pem: str) -> tuple[bytes, ...]:
    """Raises `CommandRefused`."""
    try:
        return read_chain(pem.encode())
    except CertificateRefused as refused:
        raise certificate_refused(refused) from None


def leaf_key(chain: tuple[bytes, ...]) -> RSAPublicKey:
    """Raises `CommandRefused`, also for an empty chain."""
    if not chain:
        raise CommandRefused("certificate", "keys.no-certificate")
    try:
        return certified_key(chain[0])
    except CertificateRefused as refused:
        raise certificate_refused(refused) from None


def check_certificates(office: Office, key: KeyEntry) -> None:
    """Whether the key's chain is good now for its purpose. Raises `CommandRefused` with the exact reason."""
    if not key.chain:
        raise CommandRefused("certificate", "keys.no-certificate")
    if not office.anchors:
        raise CommandRefused("certificate", "keys.no-anchor")
    try:
        check_chain(load_public(key.public), key.chain, office.anchors, at=office.clock(), purpose=key.purpose)
    except CertificateRefused as refused:
        raise certificate_refused(refused) from None


def certificate_refused(refused: CertificateRefused) -> CommandRefused:
    told = CommandRefused("certificate", "keys.certificate", fault=refused.reason)
    told.de, told.en = f"{told.de} {refused.de}", f"{told.en} {refused.en}"
    return told


def is_current(directory: Directory, key: KeyEntry) -> bool:
    """Whether its destination, or this service itself, uses it now."""
    if not key.owner:
        return key.follows and directory.service_key(key.purpose) == key.kid
    return any(key.kid in one.key_pair for one in directory.destinations.values())


def shown_key(directory: Directory, key: KeyEntry) -> dict[str, Any]:
    """JSON-ready; nothing secret."""
    return {
        "kid": key.kid,
        "purpose": key.purpose.value,
        "owner": key.owner,
        "tenant": key.tenant,
        "state": _state(directory, key),
        "held_here": key.sealed_private is not None,
        "valid_until": jsonable(valid_until(key)),
        "made_at": jsonable(key.made_at),
        "replaced_at": jsonable(key.replaced_at),
        "retired_at": jsonable(key.retired_at),
    }


def shown_certificate(der: bytes) -> dict[str, Any]:
    certificate = x509.load_der_x509_certificate(der)
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "valid_from": jsonable(certificate.not_valid_before_utc),
        "valid_until": jsonable(certificate.not_valid_after_utc),
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
    }


def _state(directory: Directory, key: KeyEntry) -> str:
    """`current`, `retired`, `former` (opens what was sent before), `uncertified`, or `ready` to be rotated to."""
    if key.retired_at is not None:
        return "retired"
    if is_current(directory, key):
        return "current"
    if key.replaced_at is not None:
        return "former"
    return "ready" if key.chain or not key.owner else "uncertified"

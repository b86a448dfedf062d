"""Keys that subscribers bring: a JWK with its certificates, refused with the member that is wrong and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import CHAIN_REFUSED, KEY_REFUSED
from amtsbote.jose import KeyRefused
from amtsbote.jose.certificates import CertificateRefused, check_chain
from amtsbote.jose.jwk import chain_of_jwk, destination_purpose, load_public, public_key_from_jwk
from amtsbote.keys.making import import_public
from amtsbote.model.directory import Destination, KeyEntry
from amtsbote.model.ids import KeyId


@dataclass(frozen=True, slots=True)
class Trust:
    """What a chain is judged by."""

    anchors: Sequence[bytes]
    """Registered roots, DER."""
    at: datetime


def certified_entry(jwk: Mapping[str, Any], destination: Destination, trust: Trust) -> KeyEntry:
    """A new key of a destination. Raises `RequestRefused` unless every member is as it must be (dossier 3.2) and its
    certificates are good for what it is for (3.3). Revocation is not checked."""
    try:
        purpose = destination_purpose(jwk)
        public, chain = public_key_from_jwk(jwk, purpose), chain_of_jwk(jwk)
    except KeyRefused as refused:
        told = {"member": refused.member}
        raise RequestRefused(KEY_REFUSED(member=refused.member, allowed=refused.allowed, extensions=told)) from None
    owner, kid = destination.id, KeyId(jwk["kid"])
    entry = import_public(public, purpose=purpose, owner=owner, tenant=destination.tenant, chain=chain, kid=kid)
    check_certified(entry, trust)
    return replace(entry, made_at=trust.at)


def check_certified(key: KeyEntry, trust: Trust) -> None:
    """Whether a key's certificates are good now for what it is for. Raises `RequestRefused`."""
    try:
        check_chain(load_public(key.public), key.chain, trust.anchors, at=trust.at, purpose=key.purpose)
    except CertificateRefused as refused:
        told = {"member": "x5c", "fault": refused.reason}
        raise RequestRefused(CHAIN_REFUSED(reason=f"certificate-{refused.reason}", extensions=told)) from None

"""Keys and certificates of a declaration: read, checked against the installation's anchors, made into key entries."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amtsbote.admin.declaration import DeclaredDestination, DeclaredKey
from amtsbote.admin.mistakes import Mistake, mistake
from amtsbote.errors import Misconfigured
from amtsbote.jose.certificates import (
    DESTINATION_BITS,
    PORTAL_BITS,
    CertificateRefused,
    Fault,
    certified_key,
    check_chain,
    read_chain,
)
from amtsbote.jose.jwk import thumbprint
from amtsbote.keys.making import import_private, import_public
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import Holding, KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId, TenantId

Chain = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class WantedKey:
    """One key of one destination, as declared."""

    place: str
    declared: DeclaredKey
    purpose: KeyPurpose
    destination: DeclaredDestination

    @property
    def tenant(self) -> TenantId:
        return TenantId(self.destination.tenant)


@dataclass(frozen=True, slots=True)
class Certifier:
    """Reads the keys of one declaration and collects what is wrong with them.

    A key that is registered already with the same chain is taken as it is; every new key and every new chain is
    checked: without a chain to an anchor, for another purpose, too weak or out of date, it is refused. So a file can be
    applied again after its certificates have expired.
    """

    files: Mapping[str, bytes]
    present: Mapping[KeyId, KeyEntry]
    vault: Vault
    anchors: Sequence[bytes]
    at: datetime
    entries: dict[KeyId, KeyEntry] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def destination_key(self, wanted: WantedKey) -> KeyId:
        """The id of the key, whose entry is collected. Empty after a mistake."""
        try:
            chain, public = self._read(wanted.declared.chain)
            entry = self._entry(wanted, chain, public)
        except CertificateRefused as refused:
            self._refuse(wanted.place, wanted.declared.chain, refused)
            return KeyId("")
        if entry is None:
            return KeyId("")
        self.entries[entry.kid] = entry
        return entry.kid

    def portal_key(self, place: str, file: str, known: Container[KeyId]) -> tuple[KeyId, bytes] | None:
        """Thumbprint and public key (DER) of a portal's signing certificate; None after a mistake. `known`: the keys
        this portal has already; only keys are kept of a portal, no chains."""
        try:
            chain, public = self._read(file)
            kid = thumbprint(public)
            if kid not in known:
                self._check(public, chain, KeyPurpose.SIGNATURE, PORTAL_BITS)
        except CertificateRefused as refused:
            self._refuse(place, file, refused)
            return None
        return kid, public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def _read(self, file: str) -> tuple[Chain, RSAPublicKey]:
        chain = read_chain(self.files.get(file, b""))
        if not chain:
            raise CertificateRefused(Fault.EMPTY)
        return chain, certified_key(chain[0])

    def _check(self, public: RSAPublicKey, chain: Chain, purpose: KeyPurpose, minimum_bits: int) -> None:
        check_chain(public, chain, self.anchors, at=self.at, purpose=purpose, minimum_bits=minimum_bits)

    def _entry(self, wanted: WantedKey, chain: Chain, public: RSAPublicKey) -> KeyEntry | None:
        kid = KeyId(wanted.declared.kid or thumbprint(public))
        known = self._known(public)
        fits = (wanted.destination.id, wanted.tenant, wanted.purpose)
        if known is not None and (known.owner, known.tenant, known.purpose) != fits:
            user = f"{known.owner or 'amtsbote'} ({known.purpose})"
            self.mistakes.append(mistake(wanted.place, "declaration.key-shared", kid=kid, user=user))
            return None
        if known is not None and known.retired_at is not None:
            self.mistakes.append(mistake(wanted.place, "declaration.key-retired", kid=kid))
            return None
        if known is not None and not known.suits(wanted.destination.holding):
            self.mistakes.append(mistake(wanted.place, "declaration.key-holding", kid=kid))
            return None
        if known is not None and known.chain == chain:
            return known
        self._check(public, chain, wanted.purpose, DESTINATION_BITS)
        if known is not None:
            return replace(known, chain=chain)
        if (other := self.entries.get(kid) or self.present.get(kid)) is not None:
            user = f"{other.owner or 'amtsbote'} ({other.purpose})"
            self.mistakes.append(mistake(wanted.place, "declaration.kid-taken", kid=kid, user=user))
            return None
        if wanted.destination.holding is Holding.END_TO_END:
            return import_public(
                public, purpose=wanted.purpose, owner=wanted.destination.id, tenant=wanted.tenant, chain=chain, kid=kid
            )
        return self._private(wanted, chain, kid)

    def _known(self, public: RSAPublicKey) -> KeyEntry | None:
        """Whatever it is called."""
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        known = (key for keys in (self.entries, self.present) for key in keys.values() if key.public == der)
        return next(known, None)

    def _private(self, wanted: WantedKey, chain: Chain, kid: KeyId) -> KeyEntry | None:
        file = wanted.declared.private
        if file is None:
            self.mistakes.append(mistake(wanted.place, "declaration.private-needed"))
            return None
        try:
            entry = import_private(
                self.files.get(file, b""),
                purpose=wanted.purpose,
                owner=wanted.destination.id,
                tenant=wanted.tenant,
                chain=chain,
                vault=self.vault,
            )
        except Misconfigured:
            self.mistakes.append(mistake(wanted.place, "declaration.key-unreadable", file=file))
            return None
        if entry.kid != kid:
            raise CertificateRefused(Fault.OTHER_KEY)
        return entry

    def _refuse(self, place: str, file: str, refused: CertificateRefused) -> None:
        if not self.anchors:
            self.mistakes.append(mistake(place, "declaration.no-anchor"))
            return
        de, en = (
            mistake(place, "declaration.certificate", file=file, reason=reason) for reason in (refused.de, refused.en)
        )
        self.mistakes.append(Mistake(place, de.de, en.en))

"""A reply of the broker to a portal: metadata 2.1.0, data and attachments, encrypted to the key the portal gave for it
(dossier 3.2, 3.6, 5.2 and 5.3)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from amtsbote.api.envelope import Enclosed, Enclosure, PartProof, Signer
from amtsbote.jose.jwk import reply_key
from amtsbote.model.content import ReplyChannel, SchemaRef
from amtsbote.model.ids import KeyId, PartId
from amtsbote.model.message import DATA, METADATA
from transport.fitconnect.packing import in_transit, pack

FRAGMENT: Final = 200 * 1024 * 1024
"""Bytes of plaintext beyond which an attachment goes in fragments (dossier 2.3)."""
_ENVELOPE: Final = 4096
"""Bytes a JWE is at most longer than its ciphertext in base64url."""


@dataclass(frozen=True, slots=True)
class _Key:
    kid: KeyId
    public: RSAPublicKey


@dataclass(frozen=True, slots=True)
class _Contents:
    schema: SchemaRef
    data: bytes
    attachments: Sequence[Enclosure]
    sender_reference: None = None
    reply_channel: None = None
    """The portal answers to the key of the destination, which it knows."""


class ReplyPacking:
    def __init__(
        self, enclosures: Sequence[Enclosure], channel: ReplyChannel, new_id: Callable[[], str], limit: int
    ) -> None:
        """`limit`: bytes of one part as the portal may fetch it."""
        self._enclosures = enclosures
        self._key = _Key(channel.key, reply_key(channel))
        size = min(FRAGMENT, max(_ENVELOPE, (limit - _ENVELOPE) // 4 * 3))
        self._transits = [in_transit(one, self._key, new_id, size) for one in enclosures]

    @property
    def parts(self) -> tuple[PartId, ...]:
        return tuple(part for transit in self._transits for part in transit.parts)

    def ciphertexts(self) -> Iterator[tuple[PartId, Iterator[bytes]]]:
        for transit in self._transits:
            yield from transit.ciphertexts()

    def proof(self, part: PartId) -> PartProof:
        tags = {part: tag for transit in self._transits for part, tag in transit.packed().tags.items()}
        return PartProof(tags[part], self._key.kid)

    def enclosed(self) -> tuple[Enclosed, ...]:
        return tuple(Enclosed(one.id, one.sha512) for one in (transit.packed() for transit in self._transits))

    def close(self, schema: SchemaRef, data: bytes, signer: Signer) -> Mapping[PartId, tuple[bytes, PartProof]]:
        attachments = [transit.packed() for transit in self._transits]
        packed = pack(_Contents(schema, data, self._enclosures), attachments, self._key, signer)
        tokens = {METADATA: packed.encrypted_metadata, DATA: packed.encrypted_data}
        return {part: (token, PartProof(packed.tags[part], self._key.kid)) for part, token in tokens.items()}

"""The envelope contract: how one protocol wraps a message and writes its events.

The pipeline knows no protocol; it is handed an envelope.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from amtsbote.model.content import Content, ReplyChannel, SchemaRef
from amtsbote.model.directory import Destination
from amtsbote.model.event import Event
from amtsbote.model.ids import KeyId, PartId
from amtsbote.model.message import Message, SubmittedPart


class KeyReader(Protocol):
    def unwrap(self, kid: KeyId, encrypted_key: bytes, *, owner: str) -> bytes:
        """Decrypt a content encryption key, RSA-OAEP-256 (RFC 7518, 4.3), with a key of the destination `owner`, also
        a former one: a message accepted before a change of keys stays readable. Returns 32 bytes: random ones when the
        decryption fails, so that only the tag check after it can fail (RFC 7516, 11.5)."""
        ...


@dataclass(frozen=True, slots=True)
class Trust:
    """What the sender's signature is checked with."""

    signing_keys: Mapping[KeyId, bytes]
    """Thumbprint → public key, DER. Algorithm PS512, fixed by being registered here."""


@dataclass(frozen=True, slots=True)
class PartProof:
    """What the envelope of a part shows without opening it."""

    tag: str
    key: KeyId


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with PS512."""

    kid: KeyId
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes into a message which we write."""

    filename: str
    mime_type: str
    purpose: str
    description: str | None
    size: int
    """Bytes."""
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """How the receiver finds an enclosure."""

    id: PartId
    sha512: str
    """Of the whole plaintext, lower-case hex."""


class Packing(Protocol):
    """A message being wrapped for its receiver, in constant memory: first all enclosures, then the rest."""

    @property
    def parts(self) -> tuple[PartId, ...]:
        """What the enclosures become, in order; a large one becomes several."""
        ...

    def ciphertexts(self) -> Iterator[tuple[PartId, Iterator[bytes]]]:
        """Each of `parts` with its bytes, once; each is to be used up before the next."""
        ...

    def proof(self, part: PartId) -> PartProof:
        """Of a part that has been used up."""
        ...

    def enclosed(self) -> tuple[Enclosed, ...]:
        """In order, once all have been used up."""
        ...

    def close(self, schema: SchemaRef, data: bytes, signer: Signer) -> Mapping[PartId, tuple[bytes, PartProof]]:
        """Metadata and data, the data signed."""
        ...


class PartCheck(Protocol):
    """Checks a part while it streams in; refuses with `RequestRefused` as early as it can."""

    def feed(self, chunk: bytes) -> None: ...

    def finish(self) -> PartProof: ...


class Envelope(Protocol):
    def open(
        self,
        message: Message,
        destination: Destination,
        parts: Mapping[PartId, SubmittedPart],
        keys: KeyReader,
        trust: Trust,
    ) -> Content:
        """Decrypt and verify every part. Raises `Rejected` for what the sender did wrong, `Damaged` for what we did.
        Attachments are read once, in constant memory, and not kept."""
        ...

    def pack(self, enclosures: Sequence[Enclosure], channel: ReplyChannel, new_id: Callable[[], str]) -> Packing:
        """Begin a reply to whoever gave this channel."""
        ...

    def reread(self, part: SubmittedPart, content_key: bytes) -> Iterator[bytes]:
        """Second pass: plaintext of a part, by its kept content key. Raises `Damaged` at the end for a wrong tag."""
        ...

    def event(self, event: Event) -> bytes:
        """The exact payload bytes of an event, to be signed as they are."""
        ...

    def reasons(self, payload: bytes) -> tuple[str, ...]:
        """The problems of a reject event, from its payload bytes: German sentences, as whoever wrote it said them."""
        ...

    def signed(self, payload: bytes, key: KeyId, sign: Callable[[bytes], bytes]) -> str:
        """The event as it goes over the wire: payload and signature by `key`, whose private half `sign` uses."""
        ...

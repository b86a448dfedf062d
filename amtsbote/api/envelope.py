"""The envelope contract: how one protocol wraps a message and writes its events.

The pipeline knows no protocol; it is handed an envelope.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from amtsbote.model.content import Content
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

    def reread(self, part: SubmittedPart, content_key: bytes) -> Iterator[bytes]:
        """Second pass: plaintext of a part, by its kept content key. Raises `Damaged` at the end for a wrong tag."""
        ...

    def event(self, event: Event) -> bytes:
        """The exact payload bytes of an event, to be signed as they are."""
        ...

    def signed(self, payload: bytes, key: KeyId, sign: Callable[[bytes], bytes]) -> str:
        """The event as it goes over the wire: payload and signature by `key`, whose private half `sign` uses."""
        ...

"""Reading a part to its end and proving that it is the part that was verified."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha512

from amtsbote.api import Original, VerifiedAttachment, VerifiedParts
from amtsbote.errors import Damaged


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bytes of one part come from, and what they must be."""

    chunks: Callable[[], Iterator[bytes]]
    size: int
    sha512: str
    """Hex digest."""

    def read(self) -> Iterator[bytes]:
        """The bytes, checked while they pass. Raises `Damaged` at the first byte too many, or at the end when bytes are
        missing or differ: nothing may be published before the last chunk."""
        digest, seen = sha512(), 0
        for chunk in self.chunks():
            seen += len(chunk)
            if seen > self.size:
                raise Damaged("a part is longer than it was when it was verified")
            digest.update(chunk)
            yield chunk
        if seen != self.size:
            raise Damaged("a part is shorter than it was when it was verified")
        if digest.hexdigest() != self.sha512.lower():
            raise Damaged("a part differs from what was verified")


def data_source(parts: VerifiedParts) -> Source:
    return Source(parts.data, parts.data_size, parts.data_sha512)


def original_source(original: Original) -> Source:
    return Source(original.data, original.size, original.sha512)


def attachment_source(attachment: VerifiedAttachment) -> Source:
    return Source(attachment.chunks, attachment.about.size, attachment.about.sha512)

"""Takes a compact JWE (RFC 7516, section 7.1) apart while it streams in, in constant memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from amtsbote.jose import HeaderRefused, MalformedJose, base64url, header
from amtsbote.model.ids import KeyId

STEP: Final = 256 * 1024
"""Largest piece looked at in one go, characters."""
ENCRYPTED_KEY: Final = range(512, 1025)
"""Bytes of an encrypted key: RSA-4096 to RSA-8192."""
IV: Final = 12
TAG: Final = 16
CONTENT_TYPE_LENGTH: Final = range(256)

_CIPHERTEXT: Final = 3
_LAST: Final = 4
_LONGEST: Final = tuple(
    base64url.encoded_length(size) for size in (header.HEADER_LIMIT, ENCRYPTED_KEY.stop - 1, IV, 0, TAG)
)
"""Characters of each segment; the ciphertext is not held."""


class JweRefused(HeaderRefused):
    """A header member of a JWE that is not allowed (FIT-Connect dossier of algorithms: one per member)."""


@dataclass(frozen=True, slots=True)
class JweHeader:
    """What is used of a protected header. `alg` and `enc` are not in it: there is one of each."""

    kid: KeyId
    cty: str
    """Media type of the plaintext; empty when the sender named none."""
    zip: bool
    """Whether the plaintext was compressed (`DEF`)."""


def read_header(segment: bytes) -> JweHeader:
    """Read the first segment (base64url). Raises `JweRefused` for a member, `MalformedJose` for anything else.
    Members that could bring a key of the sender's choice (`jwk`, `jku`, `x5c`, `x5u`, `epk`) are never looked at."""
    members = header.read_object(segment)
    _exactly(members, "alg", "RSA-OAEP-256")
    _exactly(members, "enc", "A256GCM")
    if "crit" in members:
        raise JweRefused("crit", "absent")
    if not header.is_key_id(members.get("kid")):
        raise JweRefused("kid", header.KEY_ID_FORM)
    if "zip" in members:
        _exactly(members, "zip", "DEF")
    content_type = members.get("cty", "")
    if not header.is_text(content_type, CONTENT_TYPE_LENGTH):
        raise JweRefused("cty", "up to 255 printable ASCII characters")
    return JweHeader(KeyId(members["kid"]), content_type, "zip" in members)


def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of at most `STEP`."""
    for chunk in chunks:
        for start in range(0, len(chunk), STEP):
            yield chunk[start : start + STEP]


class Segments:
    """The five segments. `header`, `encrypted_key` and `iv` are set as soon as their dot has been seen; the ciphertext
    is given out by `feed` and not kept. After an error the object is spent."""

    def __init__(self) -> None:
        self.header: JweHeader | None = None
        self.protected = b""
        """The first segment as it was received: the additional authenticated data."""
        self.encrypted_key = b""
        self.iv = b""
        self._index = 0
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """Returns the bytes of the ciphertext that have become complete. Raises `MalformedJose`."""
        ciphertext = b""
        while True:
            characters, dot, piece = piece.partition(b".")
            ciphertext += self._take(characters)
            if not dot:
                return ciphertext
            ciphertext += self._close()
            self._index += 1

    def finish(self) -> bytes:
        """The authentication tag. Raises `MalformedJose` when the token is not complete."""
        if self._index != _LAST:
            raise MalformedJose("fewer than five segments")
        return _of_length(self._held, TAG, "authentication tag")

    def _take(self, characters: bytes) -> bytes:
        held = self._held + characters
        if self._index == _CIPHERTEXT:
            whole = len(held) & ~3
            self._held = held[whole:]
            return base64url.decode(held[:whole])
        if len(held) > _LONGEST[self._index]:
            raise MalformedJose("a segment is too long")
        self._held = held
        return b""

    def _close(self) -> bytes:
        held, self._held = self._held, b""
        match self._index:
            case 0:
                self.header = read_header(held)
                self.protected = held
            case 1:
                self.encrypted_key = _encrypted_key(held)
            case 2:
                self.iv = _of_length(held, IV, "initialisation vector")
            case 3:
                return base64url.decode(held)
            case _:
                raise MalformedJose("more than five segments")
        return b""


def _encrypted_key(segment: bytes) -> bytes:
    raw = base64url.decode(segment)
    if len(raw) not in ENCRYPTED_KEY:
        raise MalformedJose("encrypted key is not of an RSA key of 4096 to 8192 bits")
    return raw


def _of_length(segment: bytes, size: int, name: str) -> bytes:
    raw = base64url.decode(segment)
    if len(raw) != size:
        raise MalformedJose(f"{name} is not {size} bytes")
    return raw


def _exactly(members: dict[str, Any], name: str, allowed: str) -> None:
    if members.get(name) != allowed:
        raise JweRefused(name, allowed)

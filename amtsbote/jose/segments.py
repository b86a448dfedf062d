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
    """A header member of a JWE that is not allowed."""


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


@dataclass(frozen=True, slots=True)
class Start:
    """Everything before the ciphertext."""

    header: JweHeader
    protected: bytes
    """The first segment as it was received: the additional authenticated data."""
    encrypted_key: bytes
    iv: bytes


class Segments:
    """The five segments. `header` and `start` are set as soon as their last dot has been seen; the ciphertext is given
    out by `feed` and not kept. After an error the object is spent."""

    def __init__(self) -> None:
        self.header: JweHeader | None = None
        self.start: Start | None = None
        self._closed: list[bytes] = []
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

    def finish(self) -> tuple[Start, bytes]:
        """The beginning and the authentication tag. Raises `MalformedJose` when the token is not complete."""
        if self.start is None or len(self._closed) != _LAST:
            raise MalformedJose("fewer than five segments")
        return self.start, _of_length(self._held, TAG, "authentication tag")

    def _take(self, characters: bytes) -> bytes:
        held = self._held + characters
        place = len(self._closed)
        if place == _CIPHERTEXT:
            whole = len(held) & ~3
            self._held = held[whole:]
            return base64url.decode(held[:whole])
        if len(held) > _LONGEST[place]:
            raise MalformedJose("a segment is too long")
        self._held = held
        return b""

    def _close(self) -> bytes:
        """A dot has come: what is held is the end of a segment."""
        segment, self._held = self._held, b""
        self._closed.append(segment)
        match self._closed:
            case [protected]:
                self.header = read_header(protected)
            case [protected, key, iv] if self.header is not None:
                self.start = Start(self.header, protected, _encrypted_key(key), _of_length(iv, IV, "vector"))
            case [_, _, _, rest_of_ciphertext]:
                return base64url.decode(rest_of_ciphertext)
            case [_, _, _, _, _]:
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

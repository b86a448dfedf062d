"""A version of the routing tables as one signed file, for another node or anybody who wants to check it.

The file is JSON, written in lines so that it can be read one table at a time: a head of a few members, then each table
on a line of its own, as text. `signature` is a compact JWS (RFC 7515, PS512) whose payload are the members of the head;
they name the SHA-256 of each table's bytes, and of all of them as `sha256sum *.csv | sha256sum` counts it.
"""

import codecs
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amtsbote.errors import AmtsboteError
from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import PublicKey
from amtsbote.jose.jws import KeyUnknown, SignatureInvalid, read_compact, signing_input, verify_compact
from amtsbote.model.ids import KeyId
from amtsbote.model.strictjson import NotStrictJson, read_object
from amtsbote.text.catalogue import say
from routing.layout import COLUMNS, MAX_TABLE_BYTES

FORMAT: Final = "urn:amtsbote:routing-snapshot:1"
TYPE: Final = "routing-snapshot"
"""`typ` of the signature: nothing else the same key signs can be taken for a snapshot."""
MEDIA_TYPE: Final = "application/json"
LARGEST: Final = 2 * MAX_TABLE_BYTES * len(COLUMNS)
"""Bytes of a file: quotation marks and line ends take two."""
_LONGEST_LINE: Final = 2 * MAX_TABLE_BYTES + 1024
_HEAD_LIMIT: Final = 64 * 1024
_PIECE: Final = 256 * 1024
_OPEN: Final = b'"tables":{'
_CLOSE: Final = b"}}"


class SnapshotRefused(AmtsboteError):
    """A file that cannot be believed. `reason` is a word of the catalogue: `snapshot.…`."""

    code: Final = "snapshot"

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = reason
        self.de = say(f"snapshot.{reason}", "de", **values)
        self.en = say(f"snapshot.{reason}", "en", **values)
        super().__init__(reason, self.en)


@dataclass(frozen=True, slots=True)
class Head:
    """What is signed."""

    issuer: str
    """Address of the routing API that answers from these tables; its keys are at `/.well-known/jwks.json` beneath."""
    version: int
    """The number it has there."""
    effective: date
    """The first German day it was in force on."""
    created: datetime
    digests: Mapping[str, str]
    """Table → SHA-256 of its bytes, hexadecimal, sorted by name."""

    @classmethod
    def of(cls, tables: Mapping[str, bytes], *, issuer: str, version: int, effective: date, created: datetime) -> Self:
        return cls(issuer, version, effective, created, _each(tables))

    @property
    def digest(self) -> str:
        """SHA-256 over all tables, hexadecimal."""
        return _over_all(self.digests)

    def members(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "format": FORMAT,
            "issuer": self.issuer,
            "version": self.version,
            "effective": self.effective.isoformat(),
            "created": self.created.astimezone(UTC).isoformat(timespec="seconds"),
            "sha256": self.digest,
            "digests": dict(self.digests),
        }

    def to_sign(self, key: KeyId) -> bytes:
        """The bytes whose PS512 signature makes this head a signed one."""
        return signing_input({"kid": key, "typ": TYPE, "alg": "PS512"}, json.dumps(self.members()).encode())


def digest_of(tables: Mapping[str, bytes]) -> str:
    """As the head of their snapshot would have it."""
    return _over_all(_each(tables))


def _each(tables: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(tables.items())}


def _over_all(digests: Mapping[str, str]) -> str:
    lines = (f"{digest}  {name}.csv\n" for name, digest in digests.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class OpenSnapshot:
    """A file whose head is signed by a known key. `tables` can be walked once: name and bytes, as they were signed.
    Raises `SnapshotRefused` where they are not, and at the end when something is missing."""

    head: Head
    key: KeyId
    tables: Iterator[tuple[str, bytes]]


def write(members: Mapping[str, Any], signature: str, tables: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The file in pieces. `members`: of a head; `tables`: those of the head, in its order, one at a time."""
    yield json.dumps({**members, "signature": signature}, ensure_ascii=False)[:-1].encode() + b", " + _OPEN
    between = b"\n"
    for name, content in tables:
        yield between + json.dumps(name).encode() + b': "'
        yield from _escaped(content)
        yield b'"'
        between = b",\n"
    yield b"\n" + _CLOSE + b"\n"


def read(file: BinaryIO, keys: Mapping[KeyId, PublicKey]) -> OpenSnapshot:
    """Open a file that one of the keys has signed. Raises `SnapshotRefused`."""
    line = file.readline(_HEAD_LIMIT)
    if not line.endswith(_OPEN + b"\n"):
        raise SnapshotRefused("form")
    try:
        members = read_object(line[:-1] + _CLOSE, limit=_HEAD_LIMIT)
    except NotStrictJson:
        raise SnapshotRefused("form") from None
    del members["tables"]
    if members.get("format") != FORMAT:
        raise SnapshotRefused("format", format=FORMAT)
    signature = members.pop("signature", None)
    key, signed = _verified(signature if isinstance(signature, str) else "", keys)
    if signed != members:
        raise SnapshotRefused("head")
    head = _head(members)
    return OpenSnapshot(head, key, _tables(file, head))


def _verified(signature: str, keys: Mapping[KeyId, PublicKey]) -> tuple[KeyId, Mapping[str, Any]]:
    try:
        named = read_compact(signature, limit=_HEAD_LIMIT).header.kid
        header, payload = verify_compact(
            signature, lambda header: keys.get(header.kid), alg="PS512", typ=TYPE, limit=_HEAD_LIMIT
        )
        return header.kid, read_object(payload, limit=_HEAD_LIMIT)
    except KeyUnknown:
        raise SnapshotRefused("key", kid=named) from None
    except SignatureInvalid:
        raise SnapshotRefused("signature", kid=named) from None
    except (MalformedJose, NotStrictJson):
        raise SnapshotRefused("form") from None


class _Members(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    issuer: str = Field(pattern="^https?://", max_length=2000)
    version: int = Field(ge=1, le=2**53)
    effective: date
    created: datetime
    sha256: str
    digests: dict[str, str] = Field(min_length=1, max_length=len(COLUMNS))


def _head(members: Mapping[str, Any]) -> Head:
    """Signed members may still be those of a later form, or of a service that has miscounted."""
    try:
        read = _Members.model_validate(members)
    except ValidationError:
        raise SnapshotRefused("form") from None
    head = Head(read.issuer, read.version, read.effective, read.created, read.digests)
    if list(read.digests) != sorted(read.digests) or read.sha256 != head.digest:
        raise SnapshotRefused("form")
    return head


def _tables(file: BinaryIO, head: Head) -> Iterator[tuple[str, bytes]]:
    left = len(head.digests)
    for name, digest in head.digests.items():
        left -= 1
        content = _table(file.readline(_LONGEST_LINE), name, last=not left)
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise SnapshotRefused("table", table=name)
        yield name, content
    if file.read(len(_CLOSE) + 2) != _CLOSE + b"\n":
        raise SnapshotRefused("end")


def _table(line: bytes, name: str, *, last: bool) -> bytes | None:
    """Its bytes; None for a line that is not this table's."""
    begin, end = json.dumps(name).encode() + b": ", b"\n" if last else b",\n"
    if not line.startswith(begin) or not line.endswith(end):
        return None
    try:
        text = json.loads(line[len(begin) : -len(end)])
        return text.encode() if isinstance(text, str) else None
    except ValueError:  # no JSON, no UTF-8, or half a character
        return None


def _escaped(content: bytes) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(content), _PIECE):
        text = decoder.decode(content[at : at + _PIECE], final=at + _PIECE >= len(content))
        yield json.dumps(text, ensure_ascii=False)[1:-1].encode()

"""Checks the envelope of a part as it comes in: a compact JWE for a key of the destination (dossier 3.1)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from amtsbote.api.envelope import PartProof
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import JWE_HEADER, JWE_KEY, NOT_A_JWE, TOO_LARGE
from amtsbote.jose import HeaderRefused, MalformedJose, TooLong
from amtsbote.jose.jwe import JweCheck, JweHeader
from amtsbote.mailroom.sending import Body
from amtsbote.model.directory import SETTLING, KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.message import Message

CONTENT_TYPES: Final = ("application/json", "application/xml")
"""`cty` of metadata and data; attachments may have any."""


@dataclass(frozen=True, slots=True)
class KeysOf:
    """The keys parts of one message may be encrypted to: its destination's current one, and former ones that were
    replaced after the message was announced, or just before: the sender had fetched them by then."""

    current: KeyId
    message: Message | None = None
    entries: Mapping[KeyId, KeyEntry] = field(default_factory=dict)

    def take(self, kid: KeyId) -> bool:
        return kid == self.current or self._former(self.entries.get(kid))

    def _former(self, entry: KeyEntry | None) -> bool:
        if entry is None or self.message is None or entry.replaced_at is None or entry.retired_at is not None:
            return False
        fits = entry.owner == self.message.destination and entry.purpose is KeyPurpose.ENCRYPTION
        return fits and self.message.created_at <= entry.replaced_at + SETTLING


class EnvelopeCheck:
    """`PartCheck` for FIT-Connect. Refuses at the first byte that is wrong, the header before the body has come."""

    def __init__(self, what: str, keys: KeysOf | None, limit: int, content_types: tuple[str, ...] = ()) -> None:
        """`keys`: None for a part whose key is only known to whoever it is for."""
        self._what = what
        self._keys = keys
        self._content_types = content_types
        self._check = JweCheck(limit)
        self._header_seen = False

    def feed(self, chunk: bytes) -> None:
        with _refusing(self._what):
            self._check.feed(chunk)
        if not self._header_seen and self._check.header is not None:
            self._see(self._check.header)

    def finish(self) -> PartProof:
        with _refusing(self._what):
            envelope = self._check.finish()
        return PartProof(envelope.tag, envelope.header.kid)

    def _see(self, header: JweHeader) -> None:
        if self._keys is not None and not self._keys.take(header.kid):
            raise RequestRefused(JWE_KEY(what=self._what, kid=self._keys.current))
        if self._content_types and header.cty not in self._content_types:
            raise RequestRefused(JWE_HEADER(what=self._what, name="cty", allowed=", ".join(self._content_types)))
        self._header_seen = True


def checked_body(what: str, token: str, keys: KeysOf | None, limit: int) -> Body:
    """Metadata or data out of a JSON body."""
    check = EnvelopeCheck(what, keys, limit, CONTENT_TYPES)
    content = token.encode("utf-8", "replace")
    check.feed(content)
    return Body(content, check.finish())


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    try:
        yield
    except TooLong as error:
        raise RequestRefused(TOO_LARGE(what=what, limit=error.limit)) from None
    except HeaderRefused as error:
        raise RequestRefused(JWE_HEADER(what=what, name=error.member, allowed=error.allowed)) from None
    except MalformedJose as error:
        raise RequestRefused(NOT_A_JWE(what=what, reason=error.reason)) from None

"""Checks the envelope of a part as it comes in: a compact JWE for the destination's current key (dossier 3.1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from amtsbote.api.envelope import PartProof
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import JWE_HEADER, JWE_KEY, NOT_A_JWE, TOO_LARGE
from amtsbote.jose import HeaderRefused, MalformedJose, TooLong
from amtsbote.jose.jwe import JweCheck, JweHeader
from amtsbote.mailroom.sending import Body
from amtsbote.model.ids import KeyId

CONTENT_TYPES: Final = ("application/json", "application/xml")
"""`cty` of metadata and data; attachments may have any."""


class EnvelopeCheck:
    """`PartCheck` for FIT-Connect. Refuses at the first byte that is wrong, the header before the body has come."""

    def __init__(self, what: str, key: KeyId, limit: int, content_types: tuple[str, ...] = ()) -> None:
        self._what = what
        self._key = key
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
        if header.kid != self._key:
            raise RequestRefused(JWE_KEY(what=self._what, kid=self._key))
        if self._content_types and header.cty not in self._content_types:
            raise RequestRefused(JWE_HEADER(what=self._what, name="cty", allowed=", ".join(self._content_types)))
        self._header_seen = True


def checked_body(what: str, token: str, key: KeyId, limit: int) -> Body:
    """Metadata or data out of a JSON body."""
    check = EnvelopeCheck(what, key, limit, CONTENT_TYPES)
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

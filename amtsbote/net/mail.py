"""The one way to send a letter by electronic mail (SMTP, RFC 5321; STARTTLS, RFC 3207)."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Final

from amtsbote.errors import AmtsboteError

_SECONDS: Final = 20.0
_FOR_GOOD: Final = 500


class Transport(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailFailed(AmtsboteError):
    """The server did not take the letter. Trying again later can help. `reason` names no address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Mailer:
    host: str
    """A name or an address; one of IPv6 may stand in brackets."""
    port: int
    sender: str
    transport: Transport = Transport.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    """None: the certificates of the system."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """One letter. Raises `MailFailed`, and `ValueError` for an address or subject that cannot stand in a header or
        that the server refuses for good (RFC 5321, 4.2.1: 5yz)."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, subject
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        letter.set_content(text)
        try:
            await asyncio.to_thread(self._send, letter)
        except smtplib.SMTPRecipientsRefused as error:
            if all(code >= _FOR_GOOD for code, _ in error.recipients.values()):
                raise ValueError(type(error).__name__) from error
            raise MailFailed(type(error).__name__) from error
        except (OSError, smtplib.SMTPException, UnicodeEncodeError) as error:  # the last: a login that is not ASCII
            raise MailFailed(type(error).__name__) from error

    def _send(self, letter: EmailMessage) -> None:
        with self._connected() as server:
            if self.transport is Transport.STARTTLS:
                server.starttls(context=self._trust())
            if self.user is not None:
                server.login(self.user, self.password or "")
            server.send_message(letter)

    def _connected(self) -> smtplib.SMTP:
        host = self.host.strip("[]")
        if self.transport is Transport.TLS:
            return smtplib.SMTP_SSL(host, self.port, timeout=_SECONDS, context=self._trust())
        return smtplib.SMTP(host, self.port, timeout=_SECONDS)

    def _trust(self) -> ssl.SSLContext:
        return self.trust or ssl.create_default_context()

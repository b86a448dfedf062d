"""A mail server for whoever sends: aiosmtpd, which keeps every letter it takes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailPeer:
    login: tuple[str, str] | None = None
    """User and password of whoever may send; None: everybody."""
    port: int = 0
    refusing: bool = False
    unwanted: dict[str, str] = field(default_factory=dict)
    """Address → what it says to it."""
    letters: list[EmailMessage] = field(default_factory=list)
    tried: list[tuple[str, str]] = field(default_factory=list)
    """Every user and password it was told."""

    async def handle_MAIL(  # noqa: N802  (its name in the library)
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusing:
            return "451 4.3.0 later"
        if self.login is not None and not session.authenticated:
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(  # noqa: N802  (as above)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unwanted:
            return self.unwanted[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (as above)
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 2.0.0 kept"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, told: Any
    ) -> AuthResult:
        assert isinstance(told, LoginPassword)
        self.tried.append((told.login.decode(), told.password.decode()))
        return AuthResult(success=self.tried[-1] == self.login, handled=False)


@asynccontextmanager
async def mail_peer(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    on: str = "127.0.0.1",
) -> AsyncIterator[MailPeer]:
    """`starttls` demands the command before anything else, `tls` speaks it from the first byte."""
    peer, loop = MailPeer(login), asyncio.get_running_loop()

    def spoken() -> SMTP:
        return SMTP(
            peer,
            hostname="localhost",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=peer.authenticate,
            auth_require_tls=tls is None,
            loop=loop,
        )

    server = await loop.create_server(spoken, on, 0, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    async with server:
        yield peer

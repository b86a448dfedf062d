"""Letters to a mail server on a real socket: protected as wanted, or not sent at all."""

import socket
import ssl
from contextlib import closing
from pathlib import Path

import pytest
from mail_peer import MailPeer, mail_peer
from tls_for_tests import Authority

from amtsbote.net.mail import Mailer, MailFailed, Transport

SENDER, TO = "amtsbote@betreiber.example", "software@leipzig.example"
LOGIN = ("amtsbote", "geheim: mit Abstand")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


def mailer(
    peer: MailPeer,
    transport: Transport,
    authority: Authority | None = None,
    login: tuple[str | None, str | None] = (None, None),
    host: str = "127.0.0.1",
) -> Mailer:
    trust = None if authority is None else ssl.create_default_context(cafile=str(authority.file))
    return Mailer(host, peer.port, SENDER, transport, *login, trust=trust)


async def refused(one: Mailer) -> str:
    """Why; no secret is told with it."""
    with pytest.raises(MailFailed) as caught:
        await one.send(TO, "Betreff", "Text")
    assert LOGIN[1] not in f"{caught.value!r} {caught.value.__cause__!r} {one!r}"
    return caught.value.reason


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with mail_peer() as peer:
        await mailer(peer, Transport.NONE).send(
            TO, "Seit drei Tagen wartet etwas – Prüfung", "Bitte abholen.\n.\nGrüße\n"
        )

    [letter] = peer.letters
    assert (letter["From"], letter["To"], letter["Subject"]) == (SENDER, TO, "Seit drei Tagen wartet etwas – Prüfung")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().splitlines() == ["Bitte abholen.", ".", "Grüße"]


async def test_an_address_refused_for_good_is_told_apart_from_one_refused_for_now() -> None:
    async with mail_peer() as peer:
        peer.unwanted = {"nobody@leipzig.example": "550 5.1.1 no such mailbox", TO: "451 4.7.1 greylisted"}
        with pytest.raises(ValueError, match="SMTPRecipientsRefused"):
            await mailer(peer, Transport.NONE).send("nobody@leipzig.example", "Betreff", "Text")
        assert await refused(mailer(peer, Transport.NONE)) == "SMTPRecipientsRefused"
        assert peer.letters == []


@pytest.mark.parametrize("transport", [Transport.STARTTLS, Transport.TLS])
@pytest.mark.parametrize("login", [None, LOGIN])
async def test_over_tls_it_arrives_with_and_without_a_login(
    authority: Authority, transport: Transport, login: tuple[str, str] | None
) -> None:
    context = authority.server("127.0.0.1")
    starttls, tls = (context, None) if transport is Transport.STARTTLS else (None, context)
    async with mail_peer(starttls=starttls, tls=tls, login=login) as peer:
        await mailer(peer, transport, authority, login or (None, None)).send(TO, "Betreff", "Text")

    assert len(peer.letters) == 1
    assert peer.tried == ([] if login is None else [login])


@pytest.mark.parametrize("transport", [Transport.STARTTLS, Transport.TLS])
@pytest.mark.parametrize("wrong", ["another name", "expired", "unknown authority"])
async def test_a_certificate_that_is_not_to_be_trusted_gets_neither_letter_nor_password(
    authority: Authority, tmp_path: Path, transport: Transport, wrong: str
) -> None:
    certified = Authority.made(tmp_path, "another") if wrong == "unknown authority" else authority
    name = "mail.example" if wrong == "another name" else "127.0.0.1"
    context = certified.server(name, expired=wrong == "expired")
    starttls, tls = (context, None) if transport is Transport.STARTTLS else (None, context)
    async with mail_peer(starttls=starttls, tls=tls, login=LOGIN) as peer:
        assert await refused(mailer(peer, transport, authority, LOGIN)) == "SSLCertVerificationError"

    assert (peer.letters, peer.tried) == ([], [])


async def test_without_an_authority_of_ones_own_the_systems_decide(authority: Authority) -> None:
    async with mail_peer(tls=authority.server("127.0.0.1")) as peer:
        assert await refused(mailer(peer, Transport.TLS)) == "SSLCertVerificationError"


async def test_a_server_that_offers_no_tls_gets_nothing(authority: Authority) -> None:
    """Also where somebody in between has taken the offer away."""
    async with mail_peer(login=LOGIN) as peer:
        assert await refused(mailer(peer, Transport.STARTTLS, authority, LOGIN)) == "SMTPNotSupportedError"
        assert await refused(mailer(peer, Transport.TLS, authority, LOGIN)) == "SSLError"

    assert (peer.letters, peer.tried) == ([], [])


async def test_a_server_that_demands_tls_gets_nothing_without(authority: Authority) -> None:
    async with mail_peer(starttls=authority.server("127.0.0.1")) as peer:
        assert await refused(mailer(peer, Transport.NONE)) == "SMTPSenderRefused"

    assert peer.letters == []


@pytest.mark.parametrize("login", [(LOGIN[0], "falsch"), (LOGIN[0], None), ("käthe", "x"), (None, None)])
async def test_a_wrong_login_or_none_is_told(authority: Authority, login: tuple[str | None, str | None]) -> None:
    async with mail_peer(starttls=authority.server("127.0.0.1"), login=LOGIN) as peer:
        reason = await refused(mailer(peer, Transport.STARTTLS, authority, login))

    assert reason == {None: "SMTPSenderRefused", "käthe": "UnicodeEncodeError"}.get(login[0], "SMTPAuthenticationError")
    assert peer.letters == []


async def test_where_nobody_listens_it_is_told() -> None:
    async with mail_peer() as gone:
        pass
    assert await refused(mailer(gone, Transport.NONE)) == "ConnectionRefusedError"


@pytest.mark.parametrize(
    ("to", "subject"), [("a@b.example\r\nBcc: c@d.example", "Betreff"), (TO, "Betreff\r\nBcc: c@d.example")]
)
async def test_nothing_can_be_added_to_the_head_of_a_letter(to: str, subject: str) -> None:
    async with mail_peer() as peer:
        with pytest.raises(ValueError, match=r"[Hh]eader|linefeed|newline|CR|LF"):
            await mailer(peer, Transport.NONE).send(to, subject, "Text")
    assert peer.letters == []


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_a_server_may_be_named_by_an_address_of_ipv6() -> None:
    with closing(socket.socket(socket.AF_INET6)) as trial:
        if trial.connect_ex(("::1", 9)) == 99:  # EADDRNOTAVAIL
            pytest.skip("no IPv6 here")
    async with mail_peer(on="::1") as peer:
        await mailer(peer, Transport.NONE, host="[::1]").send(TO, "Betreff", "Text")
    assert len(peer.letters) == 1

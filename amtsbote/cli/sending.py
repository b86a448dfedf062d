"""`amtsbote submissions send`: what a portal does, for the operator who wants to see that an installation works."""

import asyncio
import mimetypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli import exits
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings
from amtsbote.errors import Language
from amtsbote.jose.certificates import read_chain
from amtsbote.model.content import SchemaRef
from amtsbote.model.ids import DestinationId
from amtsbote.net import HttpClient
from schemas.package import LoadedPackage, installed_packages
from schemas.samples import trial_document
from transport.fitconnect.client import (
    FRAGMENT_SIZE,
    Application,
    AttachmentFile,
    Credentials,
    DestinationView,
    Endpoints,
    Sender,
    Sent,
    VerifiedEvent,
)

REJECTED: Final = "reject-submission"
FINAL: Final = frozenset({"accept-submission", REJECTED})
MEGABYTE: Final = 1_000_000
PAUSE: Final = 0.3
"""Seconds between two looks into the event log."""
_REGION_DIGITS: Final = 12
_BINARY: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the options of the command say is to be sent."""

    destination: DestinationId
    data: Path | None
    attachments: tuple[Path, ...]
    service: str | None
    region: str | None
    signing_key: Path | None
    fragment_size: int
    """Bytes of an attachment above which it goes in fragments."""
    wait: int
    """Seconds to wait for the decision."""
    language: Language


def send(
    ctx: typer.Context,
    destination: Annotated[str, typer.Argument(help="help.send.destination", metavar="DESTINATION")],
    *,
    client: Annotated[str, typer.Option("--client", help="help.send.client", metavar="ID")],
    secret_file: Annotated[Path, typer.Option("--secret-file", help="help.send.secret", metavar="FILE")],
    data: Annotated[Path | None, typer.Option("--data", help="help.send.data", metavar="FILE")] = None,
    attachment: Annotated[
        list[Path] | None, typer.Option("--attachment", help="help.send.attachment", metavar="FILE")
    ] = None,
    service: Annotated[str | None, typer.Option("--service", help="help.send.service", metavar="LEIKA")] = None,
    region: Annotated[str | None, typer.Option("--region", help="help.send.region", metavar="ARS")] = None,
    signing_key: Annotated[
        Path | None, typer.Option("--signing-key", help="help.send.signing-key", metavar="FILE")
    ] = None,
    fragment_size: Annotated[
        int, typer.Option("--fragment-size", help="help.send.fragment-size", min=1, metavar="MB")
    ] = FRAGMENT_SIZE // MEGABYTE,
    ca: Annotated[Path | None, typer.Option("--ca", help="help.send.ca", metavar="FILE")] = None,
    wait: Annotated[int, typer.Option("--wait", help="help.send.wait", min=0, max=3600, metavar="SECONDS")] = 30,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> int:
    settings = Settings.load(config)
    voice: Voice = ctx.obj
    enclosed = tuple(attachment or ())
    place, most = DestinationId(destination), fragment_size * MEGABYTE
    letter = Letter(place, data, enclosed, service, region, signing_key, most, wait, voice.language)
    credentials = Credentials(client, _content(secret_file).decode("utf-8", "replace").strip())

    def told(sent: Sent) -> None:
        if not json:
            voice.line(voice.say("send.sent", submission=sent.submission, case=sent.case))

    sent, end = asyncio.run(_carry_out(letter, settings, credentials, ca, told))
    if json:
        as_json(_as_words(sent, end))
    else:
        _tell_end(voice, sent, end, wait)
    return exits.FAILED if end is not None and end.name == REJECTED else exits.FINE


async def _carry_out(
    letter: Letter,
    settings: Settings,
    credentials: Credentials,
    ca: Path | None,
    told: Callable[[Sent], None],
) -> tuple[Sent, VerifiedEvent | None]:
    base = settings.public.url
    endpoints = Endpoints(f"{base}/auth/token", f"{base}/submission-api", f"{base}/routing-api")
    anchors = [certificate for file in settings.keys.trust_anchors for certificate in read_chain(_content(file))]
    async with HttpClient(ca_bundle=ca) as http:
        sender = Sender(endpoints, credentials, anchors, http, language=letter.language)
        destination = await sender.destination(letter.destination)
        application = application_for(letter, destination, installed_packages(settings.schemas.packages))
        key = await sender.encryption_key(destination)
        signing_key = _private_key(letter.signing_key)
        sent = await sender.send(
            application, destination, key, signing_key=signing_key, fragment_size=letter.fragment_size
        )
        told(sent)
        return sent, await _end_of(sender, sent, letter.wait)


async def _end_of(sender: Sender, sent: Sent, wait: int) -> VerifiedEvent | None:
    """The event that ends the case; None when there is none within `wait` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait):
            while True:
                final = [event for event in await sender.events(sent) if event.name in FINAL]
                if final:
                    return final[0]
                await asyncio.sleep(PAUSE)
    return None


def application_for(letter: Letter, destination: DestinationView, packages: Sequence[LoadedPackage]) -> Application:
    """Raises `CommandRefused` where the destination does not offer what is asked for, or a file cannot be read."""
    service, schema, package, regions = _offered(letter, destination, packages)
    region = letter.region or _only_region(regions)
    if not (region.isdecimal() and region.isascii() and len(region) == _REGION_DIGITS):
        raise CommandRefused("region", "send.region-wrong", region=region)
    if letter.data is not None:
        data = _content(letter.data)
    else:
        data = trial_document(package, schema.uri, region=region, service=service)
    files = [AttachmentFile(_readable(file), file.name, _mime_type(file)) for file in letter.attachments]
    return Application(service, package.about.title_de, region, schema, data, files)


def _offered(
    letter: Letter, destination: DestinationView, packages: Sequence[LoadedPackage]
) -> tuple[str, SchemaRef, LoadedPackage, tuple[str, ...]]:
    """The first service and schema that fit; the file's extension chooses between XML and JSON."""
    known = {ref: package for package in packages for ref in package.about.schemas}
    given = "" if letter.data is None else f"application/{letter.data.suffix.lower().removeprefix('.')}"
    fitting = [
        (key, ref, known[ref], offer.regions)
        for offer in destination.services
        for key in (offer.service.rpartition(":")[2],)
        for ref in offer.schemas
        if ref in known and letter.service in (None, key)
    ]
    if not fitting:
        raise CommandRefused("service", "send.service-unknown", service=letter.service or "–")
    return next((each for each in fitting if each[1].mime_type == given), fitting[0])


def _only_region(regions: tuple[str, ...]) -> str:
    keys = {region.rpartition(":")[2].removeprefix("DE") for region in regions}
    if len(keys) != 1 or len(only := keys.pop()) != _REGION_DIGITS:
        raise CommandRefused("region", "send.region-needed")
    return only


def _private_key(file: Path | None) -> RSAPrivateKey | None:
    if file is None:
        return None
    try:
        key = load_pem_private_key(_content(file), password=None)
    except (ValueError, TypeError) as error:
        raise CommandRefused("file", "send.no-rsa-key", path=file) from error
    if not isinstance(key, RSAPrivateKey):
        raise CommandRefused("file", "send.no-rsa-key", path=file)
    return key


def _content(file: Path) -> bytes:
    with _opened(file) as opened:
        return opened.read()


def _readable(file: Path) -> Path:
    """An attachment may be larger than memory: it is read while it is sent."""
    with _opened(file):
        return file


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as opened:
            yield opened
    except OSError as error:
        raise CommandRefused("file", "send.unreadable", path=file, reason=error) from error


def _mime_type(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or _BINARY


def _as_words(sent: Sent, end: VerifiedEvent | None) -> dict[str, Any]:
    return {
        "submission": sent.submission,
        "case": sent.case,
        "event": None if end is None else end.name,
        "problems": [] if end is None else [dict(problem) for problem in end.claims.problems],
    }


def _tell_end(voice: Voice, sent: Sent, end: VerifiedEvent | None, wait: int) -> None:
    if end is None:
        voice.line(voice.say("send.undecided", seconds=wait, submission=sent.submission))
        return
    voice.line(voice.say("send.reject-submission" if end.name == REJECTED else "send.accept-submission"))
    for problem in end.claims.problems:
        words = ("title", "detail") if voice.language == "de" else ("titleEn", "detailEn")
        voice.line("  " + " ".join(str(problem.get(word, "")) for word in words))

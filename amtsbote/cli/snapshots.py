"""`amtsbote routes`: export, verify, mirror."""

import asyncio
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from amtsbote.admin.opening import Ask, at_the_office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.snapshots import KEYS_LIMIT, believed, content_of, unreadable
from amtsbote.cli.changing import show_proposed
from amtsbote.cli.looking import asked
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings
from amtsbote.model.strictjson import read_object
from amtsbote.net import AnswerTooLong, HttpClient, Unreachable
from routing.snapshots import LARGEST, read, write

SignedFile = Annotated[Path, typer.Argument(help="help.routes.file", metavar="FILE")]


def export(ctx: typer.Context, file: SignedFile, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    if file.is_symlink() or file.exists():
        raise CommandRefused("exists", "export.exists", path=file)
    with at_the_office(Settings.load(config)) as ask:
        head = ask("routes.export", {})
        members = head["members"]
        _write(file, write(members, head["signature"], _tables(ask, members)))
    if json:
        as_json({"file": str(file), **members})
    else:
        told = {"version": members["version"], "tables": len(members["digests"]), "sha256": members["sha256"]}
        voice: Voice = ctx.obj
        voice.line(voice.say("routes.exported", file=file, **told))


def verify(
    ctx: typer.Context,
    file: SignedFile,
    *,
    jwks: Annotated[str, typer.Option("--jwks", help="help.routes.jwks-or-url", metavar="FILE|URL")],
    ca: Annotated[Path | None, typer.Option("--ca", help="help.routes.ca", metavar="FILE")] = None,
    json: AsJson = False,
) -> None:
    keys = believed(
        asyncio.run(_fetched(jwks, ca, KEYS_LIMIT)) if "://" in jwks else content_of(Path(jwks), KEYS_LIMIT), jwks
    )
    try:
        with file.open("rb") as opened:
            snapshot = read(opened, keys)
            for _ in snapshot.tables:
                pass
    except OSError as error:
        raise unreadable(file, error) from error
    members = snapshot.head.members()
    if json:
        as_json({"file": str(file), "kid": snapshot.key, **members})
    else:
        voice: Voice = ctx.obj
        voice.line(voice.say("routes.verified", kid=snapshot.key, **members))


def mirror(
    ctx: typer.Context,
    source: Annotated[str | None, typer.Argument(help="help.routes.mirror-source", metavar="FILE|URL")] = None,
    *,
    jwks: Annotated[Path | None, typer.Option("--jwks", help="help.routes.jwks", metavar="FILE")] = None,
    older: Annotated[bool, typer.Option("--older", help="help.routes.older")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="help.routes.replace")] = False,
    ca: Annotated[Path | None, typer.Option("--ca", help="help.routes.ca", metavar="FILE")] = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    wish: dict[str, Any] = {"older": older, "replace": replace}
    if jwks is not None:
        keys = content_of(jwks, KEYS_LIMIT)
        believed(keys, str(jwks))
        wish["keys"] = read_object(keys, limit=KEYS_LIMIT)
    place = source or _published(config)
    content = asyncio.run(_fetched(place, ca, LARGEST)) if "://" in place else content_of(Path(place), LARGEST)
    answer = asked("routes.mirror", {"content": b64encode(content).decode(), **wish}, config)
    if json:
        as_json(answer)
    else:
        _show_mirrored(ctx.obj, answer)


def _published(config: Path) -> str:
    """Where the node that is mirrored publishes its tables."""
    issuer = Settings.load(config).mirror.issuer
    if issuer is None:
        raise CommandRefused("arguments", "snapshot.nothing-named")
    return f"{issuer}/v2/snapshot"


def _show_mirrored(voice: Voice, answer: Mapping[str, Any]) -> None:
    if answer["state"] == "proposed":
        voice.line(voice.say("routes.mirror-proposed", **answer))
        show_proposed(voice, answer)
        if answer["later"]:
            voice.line(voice.say("routes.mirror-later", versions=_numbers(answer["later"])))
        return
    voice.line(voice.say("routes.mirrored-before" if answer["state"] == "known" else "routes.mirrored", **answer))
    if answer.get("replaced"):
        voice.line(voice.say("routes.mirror-replaced", versions=_numbers(answer["replaced"])))


def _numbers(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{number} ({day})" for number, day in versions.items())


def _tables(ask: Ask, members: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """One by one: the tables of a country are large."""
    for name in members["digests"]:
        yield name, b64decode(ask("routes.content", {"id": name, "version": members["version"]})["content"])


def _write(file: Path, pieces: Iterator[bytes]) -> None:
    """The file gets its name when all of it is there."""
    draft = file.with_name(f".{file.name}.part")
    try:
        with draft.open("xb") as opened:
            for piece in pieces:
                opened.write(piece)
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(file)
    except OSError as error:
        raise CommandRefused("cannot-write", "export.cannot-write", path=file, reason=error) from error
    finally:
        draft.unlink(missing_ok=True)


async def _fetched(url: str, ca: Path | None, limit: int) -> bytes:
    try:
        async with HttpClient(ca_bundle=ca, limit=limit) as http:
            answer = await http.request("GET", url, headers={"accept": "application/json"})
    except Unreachable as error:
        raise CommandRefused("unreachable", "snapshot.unreachable", url=url, reason=error) from error
    except AnswerTooLong:
        raise CommandRefused("too-large", "snapshot.too-large", url=url, limit=limit) from None
    if answer.status != 200:
        raise CommandRefused("unreachable", "snapshot.unreachable", url=url, reason=f"HTTP {answer.status}")
    return answer.body

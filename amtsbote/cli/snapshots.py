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
from amtsbote.cli.looking import asked
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings
from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import PublicKey, keys_of_set
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.strictjson import NotStrictJson, read_object
from amtsbote.net import AnswerTooLong, HttpClient, Unreachable
from routing.snapshots import LARGEST, read, write

KEYS_LIMIT = 1024 * 1024

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
    keys = _believed(asyncio.run(_fetched(jwks, ca)) if "://" in jwks else _content(Path(jwks), KEYS_LIMIT), jwks)
    try:
        with file.open("rb") as opened:
            snapshot = read(opened, keys)
            for _ in snapshot.tables:
                pass
    except OSError as error:
        raise _unreadable(file, error) from error
    members = snapshot.head.members()
    if json:
        as_json({"file": str(file), "kid": snapshot.key, **members})
    else:
        voice: Voice = ctx.obj
        voice.line(voice.say("routes.verified", kid=snapshot.key, **members))


def mirror(
    ctx: typer.Context,
    file: SignedFile,
    *,
    jwks: Annotated[Path, typer.Option("--jwks", help="help.routes.jwks", metavar="FILE")],
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    keys = _content(jwks, KEYS_LIMIT)
    _believed(keys, str(jwks))
    content = b64encode(_content(file, LARGEST)).decode()
    answer = asked("routes.mirror", {"content": content, "keys": read_object(keys, limit=KEYS_LIMIT)}, config)
    if json:
        as_json(answer)
        return
    voice: Voice = ctx.obj
    voice.line(voice.say("routes.mirrored-before" if answer["routing"] is None else "routes.mirrored", **answer))


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
        raise CommandRefused("cannot-write", "export.cannot-write", path=file, reason=error.strerror) from error
    finally:
        draft.unlink(missing_ok=True)


def _content(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(limit + 1)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> CommandRefused:
    return CommandRefused("not-found", "snapshot.no-file", path=path, reason=error.strerror)


async def _fetched(url: str, ca: Path | None) -> bytes:
    try:
        async with HttpClient(ca_bundle=ca, limit=KEYS_LIMIT) as http:
            answer = await http.request("GET", url, headers={"accept": "application/json"})
    except Unreachable as error:
        raise CommandRefused("unreachable", "snapshot.unreachable", url=url, reason=error) from error
    except AnswerTooLong:
        raise CommandRefused("keys", "snapshot.keys", source=url) from None
    if answer.status != 200:
        raise CommandRefused("unreachable", "snapshot.unreachable", url=url, reason=f"HTTP {answer.status}")
    return answer.body


def _believed(content: bytes, source: str) -> Mapping[KeyId, PublicKey]:
    try:
        keys = keys_of_set(read_object(content, limit=KEYS_LIMIT), KeyPurpose.ADDRESSING)
    except (NotStrictJson, MalformedJose):
        keys = {}
    if not keys:
        raise CommandRefused("keys", "snapshot.keys", source=source)
    return keys

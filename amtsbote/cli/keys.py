"""`amtsbote keys`: list, show, create, certify, import, export-public, rotate, retire, and those of `masterkey`."""

import os
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from amtsbote.admin.opening import at_the_office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.masterkey import register, tell_master_key
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings
from amtsbote.model.directory import KeyPurpose


class Purpose(StrEnum):
    """What a destination has keys for."""

    ENCRYPTION = KeyPurpose.ENCRYPTION.value
    SIGNATURE = KeyPurpose.SIGNATURE.value


_THUMBPRINT_LIKE_AN_OPTION: Final = re.compile(r"-[A-Za-z0-9_-]{42}")
"""RFC 7638, base64url: one in 64 begins with a hyphen."""


class KeyCommand(TyperCommand):
    """Takes such a thumbprint for what it is: behind a space the parser sees no option in it, `Kid` strips that."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(
            ctx, [f" {one}" if _THUMBPRINT_LIKE_AN_OPTION.fullmatch(one) else one for one in args]
        )


Kid = Annotated[str, typer.Argument(help="help.keys.kid", metavar="KID", parser=str.strip)]
Chain = Annotated[Path, typer.Argument(help="help.keys.chain", metavar="CHAIN.pem")]
ForDestination = Annotated[str, typer.Option("--destination", help="help.keys.destination", metavar="ID")]
ForPurpose = Annotated[Purpose, typer.Option("--purpose", help="help.keys.purpose")]
OfTenant = Annotated[str | None, typer.Option("--tenant", help="help.keys.tenant", metavar="ID")]


def group() -> typer.Typer:
    commands = typer.Typer(help="help.keys")
    commands.command("list", help="help.keys.list")(listing)
    commands.command("show", cls=KeyCommand, help="help.keys.show")(show)
    commands.command("create", help="help.keys.create")(create)
    commands.command("certify", cls=KeyCommand, help="help.keys.certify")(certify)
    commands.command("import", help="help.keys.import")(import_key)
    commands.command("export-public", cls=KeyCommand, help="help.keys.export-public")(export_public)
    commands.command("rotate", cls=KeyCommand, help="help.keys.rotate")(rotate)
    commands.command("retire", cls=KeyCommand, help="help.keys.retire")(retire)
    register(commands)
    return commands


def listing(
    ctx: typer.Context,
    *,
    destination: Annotated[
        str | None, typer.Option("--destination", help="help.keys.destination", metavar="ID")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = _asked("keys.list", {"destination": destination}, config)
    if json:
        as_json(answer)
    else:
        _show_list(ctx.obj, answer["keys"])
        tell_master_key(ctx.obj, answer["master_key"])


def show(ctx: typer.Context, kid: Kid, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    answer = _asked("keys.show", {"kid": kid}, config)
    if json:
        as_json(answer)
    else:
        _show_one(ctx.obj, answer)


def create(
    ctx: typer.Context,
    *,
    destination: ForDestination,
    purpose: ForPurpose,
    request: Annotated[Path, typer.Option("--request", help="help.keys.request", metavar="FILE")],
    tenant: OfTenant = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """The file comes first: a key whose request nobody has is of no use."""
    voice: Voice = ctx.obj
    arguments = {"destination": destination, "purpose": purpose.value, "tenant": tenant}
    descriptor = _new_file(request)
    try:
        answer = _asked("keys.create", arguments, config)
    except BaseException:
        os.close(descriptor)
        request.unlink()
        raise
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(answer["request"])
    if json:
        as_json(answer)
        return
    kid = answer["key"]["kid"]
    voice.line(voice.say("keys.created", kid=kid))
    voice.line(voice.say("keys.request-written", file=request, kid=kid))


def certify(
    ctx: typer.Context, kid: Kid, chain: Chain, *, config: Config = DEFAULT_CONFIG, json: AsJson = False
) -> None:
    answer = _asked("keys.certify", {"kid": kid, "chain": _text(chain)}, config)
    _tell_of_key(ctx.obj, "keys.certified", answer, json)


def import_key(
    ctx: typer.Context,
    chain: Chain,
    *,
    destination: ForDestination,
    purpose: ForPurpose,
    private: Annotated[Path | None, typer.Option("--private", help="help.keys.private", metavar="FILE")] = None,
    tenant: OfTenant = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    arguments = {
        "destination": destination,
        "purpose": purpose.value,
        "tenant": tenant,
        "chain": _text(chain),
        "private": _text(private) if private is not None else None,
    }
    _tell_of_key(ctx.obj, "keys.imported", _asked("keys.import", arguments, config), json)


def export_public(
    kid: Kid,
    *,
    pem: Annotated[bool, typer.Option("--pem", help="help.keys.pem")] = False,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = _asked("keys.export-public", {"kid": kid}, config)
    if json:
        as_json(answer)
    elif pem:
        sys.stdout.write(answer["pem"] + answer["chain"])
    else:
        as_json(answer["jwk"])


def rotate(
    ctx: typer.Context,
    destination: Annotated[str, typer.Argument(help="help.keys.destination", metavar="DESTINATION")],
    *,
    to: Annotated[str, typer.Option("--to", help="help.keys.to", metavar="KID", parser=str.strip)],
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    answer = _asked("keys.rotate", {"destination": destination, "to": to}, config)
    if json:
        as_json(answer)
    else:
        voice.line(voice.say("keys.rotated", current=answer["current"], former=answer["former"]))


def retire(ctx: typer.Context, kid: Kid, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    _tell_of_key(ctx.obj, "keys.retired-now", _asked("keys.retire", {"kid": kid}, config), json)


def _asked(command: str, arguments: Mapping[str, Any], config: Path) -> dict[str, Any]:
    with at_the_office(Settings.load(config)) as ask:
        return ask(command, arguments)


def _tell_of_key(voice: Voice, sentence: str, answer: Mapping[str, Any], machine: bool) -> None:
    if machine:
        as_json(answer)
    else:
        voice.line(voice.say(sentence, kid=answer["key"]["kid"], until=answer["key"]["valid_until"]))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError as error:
        raise CommandRefused("file", "keys.unreadable", path=file, reason=error) from error


def _new_file(file: Path) -> int:
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except OSError as error:
        raise CommandRefused("file", "keys.unwritable", path=file, reason=error) from error


def _show_list(voice: Voice, keys: list[dict[str, Any]]) -> None:
    if not keys:
        voice.line(voice.say("keys.none"))
        return
    voice.table(
        ("keys.kid", "keys.purpose", "keys.state", "keys.valid-until", "keys.owner"),
        [
            (
                key["kid"],
                voice.word("purpose", key["purpose"]),
                voice.word("keystate", key["state"]),
                key["valid_until"] or "–",
                key["owner"] or "–",
            )
            for key in keys
        ],
    )


_ROWS: Final = (
    ("keys.kid", "kid"),
    ("keys.owner", "owner"),
    ("keys.tenant", "tenant"),
    ("keys.valid-until", "valid_until"),
    ("keys.made", "made_at"),
    ("keys.replaced", "replaced_at"),
    ("keys.retired", "retired_at"),
)


def _show_one(voice: Voice, answer: Mapping[str, Any]) -> None:
    key = answer["key"]
    words = [
        (voice.say("keys.purpose"), voice.word("purpose", key["purpose"])),
        (voice.say("keys.state"), voice.word("keystate", key["state"])),
        (voice.say("keys.held-here"), voice.say("word.yes" if key["held_here"] else "word.no")),
        *((voice.say(title), key[name] or "–") for title, name in _ROWS),
    ]
    width = max(len(name) for name, _ in words)
    for name, value in words:
        voice.line(f"{name.ljust(width)}  {value}")
    if answer["chain"]:
        voice.line(f"\n{voice.say('keys.chain')}")
        voice.table(
            ("keys.subject", "keys.issuer", "keys.valid-until"),
            [(one["subject"], one["issuer"], one["valid_until"]) for one in answer["chain"]],
        )

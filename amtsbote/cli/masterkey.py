"""`amtsbote keys`: rotate-master, finish-master, rotate-service."""

import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.opening import Ask, at_the_office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.operations import Disk
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.progress import Progress
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings
from amtsbote.keys.vault import make_master_key, read_master_key
from amtsbote.model.directory import KeyPurpose

_PAUSE: Final = 1.0
"""Seconds between two looks whether the other nodes have had their time."""


class ServicePurpose(StrEnum):
    """What the service has keys of its own for."""

    EVENTS = KeyPurpose.EVENTS.value
    ADDRESSING = KeyPurpose.ADDRESSING.value
    ACCESS_TOKEN = KeyPurpose.ACCESS_TOKEN.value


def register(commands: typer.Typer) -> None:
    commands.command("rotate-service", help="help.keys.rotate-service")(rotate_service)
    commands.command("rotate-master", help="help.keys.rotate-master")(rotate_master)
    commands.command("finish-master", help="help.keys.finish-master")(finish_master)


def rotate_master(
    ctx: typer.Context,
    *,
    new_file: Annotated[Path, typer.Option("--new-file", help="help.keys.new-file", metavar="FILE")],
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """The file comes first, durable: what is wrapped under a key that nobody has would be lost."""
    voice: Voice = ctx.obj
    settings = Settings.load(config)
    path, present = new_file.absolute(), settings.keys.master_key_file
    with at_the_office(settings) as ask, Progress(voice) as progress:
        made = not path.exists()
        if made:
            _make(path, present)
        begun = ask("keys.rotate-master.begin", {"key": read_master_key(path).hex()})
        done = _all_steps(ask, voice, progress, begun["total"])
        told = {**ask("keys.rotate-master.end", {}), "rewrapped": done}
    if json:
        as_json(told)
        return
    if made:
        voice.line(voice.say("master.made", path=path))
    voice.line(voice.say("master.rewrapped", done=done, former=told["former"]))
    _tell_damaged(voice, told["damaged"])
    voice.line(voice.say("master.next", new=path, old=present))
    voice.line(voice.say("master.then"))


def finish_master(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    voice: Voice = ctx.obj
    with at_the_office(Settings.load(config)) as ask:
        told = ask("keys.finish-master", {})
    if json:
        as_json(told)
        return
    voice.line(voice.say("master.finished", id=told["id"], former=told["former"]))
    _tell_damaged(voice, told["damaged"])


def rotate_service(
    ctx: typer.Context,
    purpose: Annotated[ServicePurpose, typer.Argument(help="help.keys.service-purpose")],
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    with at_the_office(Settings.load(config)) as ask:
        answer = ask("keys.rotate-service", {"purpose": purpose.value})
    if json:
        as_json(answer)
    elif answer["ready"] is not None:
        voice.line(voice.say("service.published", ready=answer["ready"]))
    else:
        voice.line(voice.say("service.rotated", current=answer["current"], former=answer["former"]))


def tell_master_key(voice: Voice, key: dict[str, Any]) -> None:
    sentence = "master.key" if key["former"] is None else "master.key-unfinished"
    since = (key["since"] or "–")[:10]
    voice.line(f"\n{voice.say(sentence, id=key['id'], since=since, former=key['former'])}")


def _all_steps(ask: Ask, voice: Voice, progress: Progress, total: int) -> int:
    """Until nothing is left; returns how many secrets were wrapped anew."""
    done = 0
    place: dict[str, Any] = {}
    while True:
        answer = ask("keys.rotate-master.step", place)
        if answer["settling"]:
            sys.stderr.write(f"{voice.say('master.settling-now', seconds=answer['settling'])}\n")
            time.sleep(min(_PAUSE, answer["settling"]))
            continue
        done += int(answer["done"])
        progress(min(done, total), total)
        if answer["table"] is None:
            return done
        place = {"table": answer["table"], "after": answer["after"]}


def _tell_damaged(voice: Voice, count: int) -> None:
    if count:
        voice.line(voice.say("master.damaged", count=count))


def _make(path: Path, present: Path) -> None:
    """A new key beside nothing, for whoever owns the present one."""
    try:
        make_master_key(path)
        owner = present.stat()
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)
        Disk().sync_folder(path.parent)
    except OSError as error:
        raise CommandRefused("file", "master.unwritable", path=path, reason=error) from error

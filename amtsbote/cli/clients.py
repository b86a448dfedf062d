"""`amtsbote portals|tenants|editors client-…`: clients are let in, locked out, given a new secret, limited."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from amtsbote.admin.bundle import hash_of, new_secret
from amtsbote.cli.looking import asked
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json

ClientId = Annotated[str, typer.Argument(help="help.client.id", metavar="ID")]


def register(noun: str, group: typer.Typer) -> None:
    """Adds the commands for the clients of `portals`, `tenants` or `editors`."""
    group.command("client-on", help="help.client-on")(_switch(f"{noun}.client-on"))
    group.command("client-off", help="help.client-off")(_switch(f"{noun}.client-off"))
    if noun == "portals":
        group.command("client-regions", help="help.client-regions")(regions)
    elif noun == "tenants":
        group.command("client-manage-on", help="help.client-manage-on")(_switch("tenants.client-manage-on"))
        group.command("client-manage-off", help="help.client-manage-off")(_switch("tenants.client-manage-off"))
    group.command("client-add-secret", help="help.client-add-secret")(_add_secret(f"{noun}.client-add-secret"))
    group.command("client-drop-secret", help="help.client-drop-secret")(_drop_secret(f"{noun}.client-drop-secret"))


def switched(voice: Voice, answer: Mapping[str, Any], kind: str, *, machine: bool) -> None:
    """What became of a change of one entry."""
    if machine:
        as_json(answer)
        return
    key = "switching.changed" if answer["changed"] else "switching.same"
    voice.line(voice.say(key, kind=voice.word("kind", kind), id=answer[kind]["id"]))


def _switch(command: str) -> Callable[..., None]:
    def switch(ctx: typer.Context, client: ClientId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
        switched(ctx.obj, asked(command, {"id": client}, config), "client", machine=json)

    return switch


def regions(
    ctx: typer.Context,
    client: ClientId,
    only: Annotated[list[str] | None, typer.Argument(help="help.client.regions", metavar="[ARS]...")] = None,
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = asked("portals.client-regions", {"id": client, "regions": only or []}, config)
    switched(ctx.obj, answer, "client", machine=json)


def _add_secret(command: str) -> Callable[..., None]:
    def add(ctx: typer.Context, client: ClientId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
        """The secret is shown only after it counts; should that be interrupted, it is dropped with `--newer`."""
        secret = new_secret()
        answer = asked(command, {"id": client, "sha256": hash_of(secret)}, config)
        if json:
            as_json({**answer, "secret": secret})
            return
        voice: Voice = ctx.obj
        voice.line(voice.say("client.new-secret", id=client))
        voice.line(secret)
        voice.line(
            voice.say("client.new-secret-then", drop=command.replace(".", " ").replace("add", "drop"), id=client)
        )

    return add


def _drop_secret(command: str) -> Callable[..., None]:
    def drop(
        ctx: typer.Context,
        client: ClientId,
        *,
        newer: Annotated[bool, typer.Option("--newer", help="help.client.newer")] = False,
        config: Config = DEFAULT_CONFIG,
        json: AsJson = False,
    ) -> None:
        answer = asked(command, {"id": client, "newer": newer}, config)
        switched(ctx.obj, answer, "client", machine=json)

    return drop

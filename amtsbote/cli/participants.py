"""`amtsbote tenants`, `portals`, `destinations`, `authorities`, `targets`, `editors`: list, show, switch."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.participants import NOUNS
from amtsbote.cli import exits
from amtsbote.cli.clients import register, switched
from amtsbote.cli.looking import (
    Columns,
    EntryId,
    Limit,
    Offset,
    OfTenant,
    asked,
    named,
    show_fields,
    show_list,
    show_rows,
)
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.model.stage import Stage

_HELP: Final[Mapping[str, tuple[str, str, str]]] = {
    "tenants": ("help.tenants", "help.tenants.list", "help.tenants.show"),
    "portals": ("help.portals", "help.portals.list", "help.portals.show"),
    "destinations": ("help.destinations", "help.destinations.list", "help.destinations.show"),
    "authorities": ("help.authorities", "help.authorities.list", "help.authorities.show"),
    "targets": ("help.targets", "help.targets.list", "help.targets.show"),
    "editors": ("help.editors", "help.editors.list", "help.editors.show"),
}
_ID: Final = ("column.id", "id")
_NAME: Final = ("column.name", "name")
_TENANT: Final = ("column.tenant", "tenant")
_COLUMNS: Final[Mapping[str, Columns]] = {
    "tenants": (_ID, _NAME, ("column.land", "land")),
    "portals": (_ID, _NAME, ("column.signing-keys", "signing_keys")),
    "destinations": (
        _ID,
        _TENANT,
        _NAME,
        ("column.holding", "holding"),
        ("column.reach", "reach"),
        ("column.stage", "stage"),
        ("column.status", "status"),
    ),
    "authorities": (
        _ID,
        _TENANT,
        _NAME,
        ("column.targets", "targets"),
        ("column.origin", "origin"),
        ("column.stand", "stand"),
    ),
    "targets": (_ID, _TENANT, ("column.adapter", "adapter"), ("column.stage", "stage"), ("column.options", "options")),
    "editors": (
        _ID,
        _NAME,
        ("column.user", "user"),
        ("column.regions", "regions"),
        ("column.services", "services"),
        ("column.tenants", "tenants"),
        ("column.may-release", "may_release"),
    ),
}
_CLIENTS: Final[Columns] = (
    ("column.client", "id"),
    ("column.active", "active"),
    ("column.secrets", "secrets"),
    ("column.test", "test"),
    ("column.regions", "regions"),
    ("column.manages", "manages"),
)
"""Of the clients of a portal, a tenant or an editor."""
_RELATED: Final[Mapping[str, str]] = {
    "destinations": "looking.related.destinations",
    "authorities": "looking.related.authorities",
    "targets": "looking.related.targets",
}


def groups() -> dict[str, typer.Typer]:
    """Noun → its commands."""
    made = {noun: typer.Typer(help=_HELP[noun][0]) for noun in NOUNS}
    for noun, group in made.items():
        group.command("list", help=_HELP[noun][1])(_LISTS.get(noun, _list_of_tenant(noun)))
        group.command("show", help=_HELP[noun][2])(_show_of(noun))
    for noun in ("portals", "tenants", "editors"):
        register(noun, made[noun])
    made["destinations"].command("stage", help="help.destinations.stage")(_stage_switch("destinations"))
    made["targets"].command("stage", help="help.targets.stage")(_stage_switch("targets"))
    made["targets"].command("check", help="help.targets.check")(check)
    return made


def _list_of_all(noun: str) -> Callable[..., None]:
    def listing(
        ctx: typer.Context,
        *,
        offset: Offset = 0,
        limit: Limit = 50,
        config: Config = DEFAULT_CONFIG,
        json: AsJson = False,
    ) -> None:
        answer = asked(f"{noun}.list", {"offset": offset, "limit": limit}, config)
        show_list(ctx.obj, answer, noun, _COLUMNS[noun], machine=json)

    return listing


def _list_of_tenant(noun: str) -> Callable[..., None]:
    def listing(
        ctx: typer.Context,
        *,
        tenant: OfTenant = None,
        offset: Offset = 0,
        limit: Limit = 50,
        config: Config = DEFAULT_CONFIG,
        json: AsJson = False,
    ) -> None:
        answer = asked(f"{noun}.list", {"tenant": tenant, "offset": offset, "limit": limit}, config)
        show_list(ctx.obj, answer, noun, _COLUMNS[noun], machine=json)

    return listing


def _list_of_stage(noun: str) -> Callable[..., None]:
    def listing(
        ctx: typer.Context,
        *,
        tenant: OfTenant = None,
        stage: Annotated[Stage | None, typer.Option("--stage", help="help.stage")] = None,
        offset: Offset = 0,
        limit: Limit = 50,
        config: Config = DEFAULT_CONFIG,
        json: AsJson = False,
    ) -> None:
        chosen = stage.value if stage is not None else None
        wish = {"tenant": tenant, "stage": chosen, "offset": offset, "limit": limit}
        answer = asked(f"{noun}.list", wish, config)
        show_list(ctx.obj, answer, noun, _COLUMNS[noun], machine=json)

    return listing


_LISTS: Final[Mapping[str, Callable[..., None]]] = {
    "tenants": _list_of_all("tenants"),
    "portals": _list_of_all("portals"),
    "editors": _list_of_all("editors"),
    "destinations": _list_of_stage("destinations"),
    "targets": _list_of_stage("targets"),
}
"""Lists with other filters than the tenant."""


def _show_of(noun: str) -> Callable[..., None]:
    def show(ctx: typer.Context, entry: EntryId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
        answer = asked(f"{noun}.show", {"id": entry}, config)
        if json:
            as_json(answer)
        else:
            _show_entry(ctx.obj, answer, NOUNS[noun])

    return show


def _show_entry(voice: Voice, answer: Mapping[str, Any], kind: str) -> None:
    show_fields(voice, answer[kind])
    if answer["clients"]:
        voice.line("")
        show_rows(voice, [column for column in _CLIENTS if column[1] in answer["clients"][0]], answer["clients"])
    for noun, ids in answer["related"].items():
        voice.line(voice.say(_RELATED[noun], ids=named(ids)))


def _stage_switch(noun: str) -> Callable[..., None]:
    def switch(
        ctx: typer.Context,
        entry: EntryId,
        stage: Annotated[Stage, typer.Argument(help="help.stage.new", metavar="STAGE")],
        *,
        config: Config = DEFAULT_CONFIG,
        json: AsJson = False,
    ) -> None:
        answer = asked(f"{noun}.stage", {"id": entry, "stage": stage.value}, config)
        switched(ctx.obj, answer, NOUNS[noun], machine=json)

    return switch


_READINESS: Final[Mapping[str, str]] = {
    "ready": "targets.ready",
    "misfit": "targets.misfit",
    "unavailable": "targets.unavailable",
}


def check(ctx: typer.Context, entry: EntryId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Ends with the exit code of a failure when the target is not ready."""
    answer = asked("targets.check", {"id": entry}, config)
    voice: Voice = ctx.obj
    if json:
        as_json(answer)
    else:
        voice.line(voice.say(_READINESS[answer["readiness"]], id=entry, reason=answer[voice.language]))
    if answer["readiness"] != "ready":
        raise typer.Exit(exits.FAILED)

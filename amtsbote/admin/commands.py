"""The commands of an operator: one table, the same for the daemon's socket and for a command without a daemon."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from amtsbote.admin import (
    audit,
    backup,
    callbacks,
    checking,
    clients,
    deadletters,
    deliveries,
    doctor_facts,
    drafts,
    explaining,
    export,
    importing,
    participants,
    regions,
    releasing,
    replaying,
    routes,
    snapshots,
    storecheck,
    submissions,
    switching,
)
from amtsbote.admin.apply import Basis, apply, preview
from amtsbote.admin.asking import Answer, Arguments, Command, Listed, MessageStage, One, read_arguments
from amtsbote.admin.bundle import Bundle
from amtsbote.admin.keys import COMMANDS as KEYS
from amtsbote.admin.office import Office
from amtsbote.admin.people import EDITOR
from amtsbote.admin.refusals import CommandRefused
from amtsbote.errors import NotFound
from amtsbote.model.ids import MessageId
from amtsbote.model.message import State


class _Preview(Arguments):
    bundle: Bundle


class _Basis(Arguments):
    revision: int
    routing: int


class _Apply(Arguments):
    bundle: Bundle
    basis: _Basis


class _List(Listed):
    state: State | None = None
    stage: MessageStage | None = None


async def run_command(office: Office, actor: str, name: str, arguments: Mapping[str, Any]) -> Answer:
    """Carry out one command for `actor`. Raises `CommandRefused` or another `AmtsboteError`."""
    command = COMMANDS.get(name)
    if command is None:
        raise CommandRefused("no-command", "office.no-command", command=repr(name[:50]))
    if actor.startswith(EDITOR) and name not in FOR_EDITORS:
        raise CommandRefused("not-allowed", "office.not-for-editors")
    return await command(office, actor, arguments)


async def _preview(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = await asyncio.to_thread(read_arguments, _Preview, arguments)
    return await preview(office, asked.bundle)


async def _apply(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = await asyncio.to_thread(read_arguments, _Apply, arguments)
    return await apply(office, actor, asked.bundle, Basis(asked.basis.revision, asked.basis.routing))


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_List, arguments)
    return await office.store.read(submissions.listing(asked.state, asked.stage, asked.page))


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    return await _of_one(office, arguments, submissions.showing)


async def _trace(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    return await _of_one(office, arguments, submissions.tracing)


async def _of_one(
    office: Office, arguments: Mapping[str, Any], reader: Callable[[MessageId], submissions.Query]
) -> Answer:
    message = MessageId(read_arguments(One, arguments).id)
    try:
        return await office.store.read(reader(message))
    except NotFound:
        raise CommandRefused("not-found", "office.submission-unknown", id=message) from None


FOR_EDITORS: Final = frozenset(
    {
        *routes.COMMANDS,
        *drafts.COMMANDS,
        *importing.COMMANDS,
        *releasing.COMMANDS,
        *replaying.COMMANDS,
        *explaining.COMMANDS,
        *snapshots.FOR_EDITORS,
    }
)
"""What the editors of the routing tables may use: nothing else of the installation is theirs to see."""

COMMANDS: Final[Mapping[str, Command]] = {
    **KEYS,
    **participants.COMMANDS,
    **switching.COMMANDS,
    **clients.COMMANDS,
    **checking.COMMANDS,
    **explaining.COMMANDS,
    **routes.COMMANDS,
    **regions.COMMANDS,
    **snapshots.COMMANDS,
    **drafts.COMMANDS,
    **importing.COMMANDS,
    **releasing.COMMANDS,
    **replaying.COMMANDS,
    **deadletters.COMMANDS,
    **deliveries.COMMANDS,
    **callbacks.COMMANDS,
    **audit.COMMANDS,
    **export.COMMANDS,
    **doctor_facts.COMMANDS,
    **backup.COMMANDS,
    **storecheck.COMMANDS,
    "apply.preview": _preview,
    "apply": _apply,
    "submissions.list": _list,
    "submissions.show": _show,
    "submissions.trace": _trace,
}

"""Change one entry of the directory, audited: here the stage of a destination or a target.

A change that would not fit the rest is refused.

Nothing is deleted: messages and signed events refer to destinations and clients for good.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from amtsbote.admin.asking import Answer, Command, One, read_arguments
from amtsbote.admin.difference import id_of, kind_of, view
from amtsbote.admin.office import Office
from amtsbote.admin.participants import unknown_entry
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.errors import StaleState
from amtsbote.model.directory import Client, Destination, Directory, Target
from amtsbote.model.ids import DestinationId, TargetId
from amtsbote.model.stage import Stage
from routing.destinations import new_ambiguity

Switched = TypeVar("Switched", Client, Destination, Target)


class _Staged(One):
    stage: Stage


async def _destination(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Staged, arguments)
    directory = await office.store.read(lambda tx: tx.directory.load())
    before = directory.destinations.get(DestinationId(asked.id))
    if before is None:
        raise unknown_entry("destination", asked.id)
    after = replace(before, stage=asked.stage)
    if after.stage is not before.stage:
        await asyncio.to_thread(_demand_unambiguous, directory, after)
    return await switch(office, actor, directory.revision, before, after)


async def _target(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Staged, arguments)
    directory = await office.store.read(lambda tx: tx.directory.load())
    before = directory.targets.get(TargetId(asked.id))
    if before is None:
        raise unknown_entry("target", asked.id)
    return await switch(office, actor, directory.revision, before, replace(before, stage=asked.stage))


def _demand_unambiguous(directory: Directory, after: Destination) -> None:
    """A destination switched on may serve the same authority, service and region as another one does meanwhile."""
    new = new_ambiguity(directory, replace(directory, destinations={**directory.destinations, after.id: after}))
    if new is not None:
        refused = CommandRefused("ambiguous", "office.ambiguous", reason=new.text("en"))
        refused.de = new.text("de")
        raise refused


async def switch(office: Office, actor: str, revision: int, before: Switched, after: Switched) -> Answer:
    """Recorded only on the directory that was looked at. Raises `CommandRefused` when it changed meanwhile."""
    kind, shown = kind_of(after), partial(view, adapters=office.adapters)
    if before != after:
        row = AuditRow(office.clock(), actor, f"{kind}.changed", id_of(after), shown(before), shown(after))
        try:
            await office.store.write(_recorded(revision, after, row))
        except StaleState:
            raise CommandRefused("changed-meanwhile", "office.changed-meanwhile") from None
        await office.changed()
    return {"changed": before != after, kind: {"id": id_of(after), **shown(after)}}


def _recorded(revision: int, entry: Client | Destination | Target, row: AuditRow) -> Unit[None]:
    def unit(tx: Transaction) -> None:
        if tx.directory.revision() != revision:
            raise StaleState("directory")
        tx.directory.put(entry)
        tx.audit.add(row)

    return unit


COMMANDS: Final[Mapping[str, Command]] = {
    "destinations.stage": _destination,
    "targets.stage": _target,
}

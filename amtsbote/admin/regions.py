"""What a running installation knows of regions: its tables, and what changed keys mean for destinations and for
submissions that are not finished."""

import asyncio
import base64
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from amtsbote.admin.asking import MOST_LISTED, Answer, Arguments, Command, read_arguments
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Page, Transaction
from amtsbote.model.directory import Destination, Directory, OfferedService
from amtsbote.model.message import Message, State
from amtsbote.model.routing import german_day

_OPEN: Final = (State.ANNOUNCED, State.SUBMITTED, State.DELIVERING, State.HELD)
_LENGTHS: Final = (12, 9, 5, 3, 2)

Key = Annotated[str, StringConstraints(pattern="^[0-9]{2,12}$")]


class _Step(Arguments):
    old: Key
    new: Key | None = None
    """None: nobody knows, or nothing."""


class _Changed(Arguments):
    steps: Annotated[list[_Step], Field(max_length=100_000)]


async def _tables(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """The routing tables in force, each in base64."""
    read_arguments(Arguments, arguments)
    today = german_day(office.clock())
    document = await office.store.read(lambda tx: tx.routing.current(today))
    if document is None:
        raise CommandRefused("not-found", "office.no-routes")
    tables = {name: base64.b64encode(content).decode() for name, content in document.tables.items()}
    return {"version": document.version, "tables": tables}


async def _affected(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    steps = read_arguments(_Changed, arguments).steps

    def query(tx: Transaction) -> tuple[Directory, Answer]:
        return tx.directory.load(), _submissions(tx, {step.old for step in steps})

    directory, submissions = await office.store.read(query)
    destinations = await asyncio.to_thread(lambda: list(_destinations(directory, steps)))
    return {"destinations": destinations, **submissions}


def _destinations(directory: Directory, steps: list[_Step]) -> Iterator[Answer]:
    """Offered regions that name an old key, or that held a municipality and do not hold it under its new key."""
    for destination in directory.destinations.values():
        for offered in destination.services:
            for step in steps if offered.regions else ():
                if step.old in offered.regions:
                    yield _of_offer(destination, offered, step, named=True)
                elif step.new and offered.covers(step.old) and not offered.covers(step.new):
                    yield _of_offer(destination, offered, step, named=False)


def _of_offer(destination: Destination, offered: OfferedService, step: _Step, *, named: bool) -> Answer:
    where = {"destination": destination.id, "name": destination.name, "tenant": destination.tenant}
    return {**where, "service": offered.service, "old": step.old, "new": step.new, "named": named}


def _submissions(tx: Transaction, old: set[str]) -> Answer:
    """Those that are not finished and whose sender named an old key, page by page."""
    found: list[Answer] = []
    total = 0
    for state in _OPEN:
        offset = 0
        while True:
            _, page = tx.messages.page(state, Page(offset, MOST_LISTED))
            for message in page:
                if key := _key(message, old):
                    total += 1
                    found += [_of_message(message, key)] if len(found) < MOST_LISTED else []
            offset += MOST_LISTED
            if len(page) < MOST_LISTED:
                break
    return {"submissions": found, "total": total}


def _key(message: Message, old: set[str]) -> str | None:
    region = message.region or ""
    return next((region[:length] for length in _LENGTHS if len(region) >= length and region[:length] in old), None)


def _of_message(message: Message, key: str) -> Answer:
    return {
        "id": message.id,
        "state": message.state.value,
        "stage": message.stage.value,
        "service": message.service,
        "old": key,
        "destination": message.destination,
    }


COMMANDS: Final[Mapping[str, Command]] = {"regions.tables": _tables, "regions.affected": _affected}

"""Look at the routing tables in force: which there are, their rows, and why a question is answered as it is."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Any, Final

from amtsbote.admin.asking import Answer, Arguments, Command, Listed, MessageStage, read_arguments
from amtsbote.admin.declaration import RegionKey, ServiceKey
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Transaction
from amtsbote.model.directory import Directory
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.shown import jsonable
from amtsbote.model.stage import Stage
from routing.destinations import destination_for
from routing.layout import COLUMNS, open_table
from routing.resolver import Resolver


class _Table(Listed):
    id: str
    containing: str = ""
    """Only rows with this in one of their cells."""


class _Question(Arguments):
    service: ServiceKey
    region: RegionKey
    on: date | None = None
    stage: MessageStage = Stage.LIVE


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    read_arguments(Arguments, arguments)
    document = await office.store.read(lambda tx: tx.routing.current())
    tables = document.tables if document is not None else {}
    return {
        "version": document.version if document is not None else 0,
        "routes": [
            {
                "id": name,
                "rows": sum(1 for _ in open_table(name, content).rows),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in sorted(tables.items())
        ],
    }


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Table, arguments)
    document = await _document(office)
    if asked.id not in document.tables:
        raise CommandRefused("not-found", "office.table-unknown", id=repr(asked.id[:50]), known=", ".join(COLUMNS))
    return await asyncio.to_thread(_rows, document, asked)


def _rows(document: RoutingDocument, asked: _Table) -> Answer:
    table = open_table(asked.id, document.tables[asked.id])
    found = [(line, cells) for line, cells in table.rows if any(asked.containing in cell for cell in cells)]
    page = islice(found, asked.offset, asked.offset + asked.limit)
    return {
        "version": document.version,
        "total": len(found),
        "offset": asked.offset,
        "columns": table.header,
        "rows": [{"line": line, "cells": cells} for line, cells in page],
    }


async def _explain(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Question, arguments)
    document = await _document(office)
    directory = await office.store.read(_directory)
    on = asked.on or german_day(office.clock())

    def explained() -> Answer:
        """Loads the tables: a second for those of a whole country."""
        return _explained(Resolver.load(document, office.roles), directory, asked, on)

    return await asyncio.to_thread(explained)


def _explained(resolver: Resolver, directory: Directory, asked: _Question, on: date) -> Answer:
    found = resolver.resolve(asked.service, asked.region, on, asked.stage)
    inboxes = {name: destination_for(name, asked.service, asked.region, directory) for name in found.authorities}
    return {
        "version": resolver.version,
        "service": asked.service,
        "region": asked.region,
        "on": on.isoformat(),
        "stage": asked.stage.value,
        "role": found.role,
        "authorities": [
            {
                "id": name,
                "name": directory.authorities[name].name if name in directory.authorities else None,
                "destination": inbox.id if inbox is not None else None,
                "targets": jsonable(directory.authorities[name].targets) if name in directory.authorities else [],
            }
            for name, inbox in inboxes.items()
        ],
        "hops": [jsonable(hop) for hop in found.trace.hops],
        "off": [jsonable(hop) for hop in resolver.switched_off(asked.service, asked.region, on)],
    }


async def _document(office: Office) -> RoutingDocument:
    document = await office.store.read(lambda tx: tx.routing.current())
    if document is None:
        raise CommandRefused("not-found", "office.no-routes")
    return document


def _directory(tx: Transaction) -> Directory:
    return tx.directory.load()


COMMANDS: Final[Mapping[str, Command]] = {"routes.list": _list, "routes.show": _show, "routes.explain": _explain}

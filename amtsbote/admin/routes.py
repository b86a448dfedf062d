"""Look at the routing tables: their versions, the rows of one, and why a question is answered as it is."""

import asyncio
import base64
import hashlib
from collections.abc import Collection, Mapping
from datetime import date
from itertools import islice
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from amtsbote.admin.asking import Answer, Arguments, Command, Listed, MessageStage, read_arguments
from amtsbote.admin.declaration import RegionKey, ServiceKey
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Transaction
from amtsbote.errors import NotFound
from amtsbote.model.directory import Directory
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.shown import jsonable
from amtsbote.model.stage import Stage
from routing.destinations import destination_for
from routing.layout import COLUMNS, open_table
from routing.resolver import Resolver

VersionNumber = Annotated[int, Field(ge=1, le=2**53)]


class _Table(Listed):
    id: str
    containing: str = ""
    """Only rows with this in one of their cells."""
    version: VersionNumber | None = None
    """None: the one in force."""


class _Content(Arguments):
    id: str
    version: VersionNumber | None = None


class _Question(Arguments):
    service: ServiceKey
    region: RegionKey
    on: date | None = None
    stage: MessageStage = Stage.LIVE


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    read_arguments(Arguments, arguments)
    today = german_day(office.clock())
    document = await office.store.read(lambda tx: tx.routing.current(today))
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
    document = await document_of(office, asked.version)
    _demand_table(document, asked.id)
    return await asyncio.to_thread(_rows, document, asked)


async def _content(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """A table as it was written, to be changed and proposed."""
    asked = read_arguments(_Content, arguments)
    document = await document_of(office, asked.version)
    _demand_table(document, asked.id)
    return {"version": document.version, "content": base64.b64encode(document.tables[asked.id]).decode()}


def _demand_table(document: RoutingDocument, name: str) -> None:
    if name not in document.tables:
        raise CommandRefused("not-found", "office.table-unknown", id=repr(name[:50]), known=", ".join(COLUMNS))


async def _versions(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(Listed, arguments)
    today = german_day(office.clock())
    (total, found), in_force, pending = await office.store.read(
        lambda tx: (tx.routing.versions(asked.page), tx.routing.version(today), tx.routing.pending(today))
    )
    coming = {version.number for version in pending}
    return {
        "total": total,
        "offset": asked.offset,
        "versions": [{**jsonable(one), "standing": _standing(one.number, in_force, coming)} for one in found],
    }


def _standing(number: int, in_force: int, coming: Collection[int]) -> Literal["in-force", "pending", "past"]:
    if number == in_force:
        return "in-force"
    return "pending" if number in coming else "past"


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
    document = await document_of(office)
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


async def document_of(office: Office, version: int | None = None) -> RoutingDocument:
    """A version of the tables, by default the one in force. Raises `CommandRefused` when there is none."""
    if version is not None:
        try:
            return await office.store.read(lambda tx: tx.routing.document(version))
        except NotFound:
            raise CommandRefused("not-found", "office.version-unknown", version=version) from None
    today = german_day(office.clock())
    document = await office.store.read(lambda tx: tx.routing.current(today))
    if document is None:
        raise CommandRefused("not-found", "office.no-routes")
    return document


def _directory(tx: Transaction) -> Directory:
    return tx.directory.load()


COMMANDS: Final[Mapping[str, Command]] = {
    "routes.list": _list,
    "routes.show": _show,
    "routes.content": _content,
    "routes.versions": _versions,
    "routes.explain": _explain,
}

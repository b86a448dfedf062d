"""Look at the routing tables: their versions, the rows of one, and why a question is answered as it is."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Collection, Mapping
from datetime import date
from itertools import islice
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from amtsbote.admin.asking import Answer, Arguments, Command, Listed, read_arguments
from amtsbote.admin.doctor_sources import freshness
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.errors import NotFound
from amtsbote.model.directory import Directory
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.shown import jsonable
from routing.defaults import Override, standings
from routing.layout import COLUMNS, open_table
from schemas.package import default_rules

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


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    read_arguments(Arguments, arguments)
    today = german_day(office.clock())
    document, directory = await office.store.read(lambda tx: (tx.routing.current(today), tx.directory.load()))
    return await asyncio.to_thread(_listed, office, document, directory)


def _listed(office: Office, document: RoutingDocument | None, directory: Directory) -> Answer:
    """Counts every row: a second for those of a country."""
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
        "sources": freshness(office, directory, document),
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
    encoded = await asyncio.to_thread(b64encode, document.tables[asked.id])
    return {"version": document.version, "content": encoded.decode()}


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


async def _defaults(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """What the service packages say, and which rows of the operator go before it."""
    read_arguments(Arguments, arguments)
    today = german_day(office.clock())
    document = await office.store.read(lambda tx: tx.routing.current(today)) or RoutingDocument(0, {})
    found = await asyncio.to_thread(standings, default_rules(office.packages), document, today)
    return {
        "version": document.version,
        "defaults": [
            {
                **jsonable(one.default),
                "overridden": [_overriding(row) for row in one.overridden],
                "everywhere": one.everywhere,
            }
            for one in found
        ],
    }


def _overriding(row: Override) -> Answer:
    open_ended = {date.min, date.max}
    days = {"begin": row.begin, "end": row.end}
    told = {name: None if day in open_ended else day.isoformat() for name, day in days.items()}
    return {
        "line": row.line,
        "region": row.region,
        "role": row.role,
        "kind": row.kind,
        "condition": row.condition,
        **told,
    }


async def document_of(office: Office, version: int | None = None, *, on: date | None = None) -> RoutingDocument:
    """A version of the tables, by default the one in force, or the one that will be on a later day. Raises
    `CommandRefused` when there is none."""
    if version is not None:
        try:
            return await office.store.read(lambda tx: tx.routing.document(version))
        except NotFound:
            raise CommandRefused("not-found", "office.version-unknown", version=version) from None
    today = german_day(office.clock())
    day = max(on or today, today)
    document = await office.store.read(lambda tx: tx.routing.current(day))
    if document is None:
        raise CommandRefused("not-found", "office.no-routes")
    return document


COMMANDS: Final[Mapping[str, Command]] = {
    "routes.list": _list,
    "routes.defaults": _defaults,
    "routes.show": _show,
    "routes.content": _content,
    "routes.versions": _versions,
}

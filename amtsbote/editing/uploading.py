"""Proposing a change set: a form with the tables, as CSV or XLSX."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.admin.commands import run_command
from amtsbote.admin.refusals import CommandRefused
from amtsbote.editing.apart import Apart
from amtsbote.editing.forms import boundary_of, read_form
from amtsbote.editing.front import EditingFront
from amtsbote.editing.views import proposed
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from routing.layout import COLUMNS, MAX_TABLE_BYTES
from transport.fitconnect.server.bodies import SMALL_BODY, read_bytes

LARGEST_UPLOAD: Final = 2 * MAX_TABLE_BYTES + SMALL_BODY
"""Bytes of the whole form: two of the largest tables."""
WORDS: Final = ("reason", "effective", "base")
"""Parts that are no tables."""
_PACKED: Final = b"PK\x03\x04"
"""How an XLSX file begins, and no table does."""


async def propose(front: EditingFront, request: Request, actor: str) -> Response:
    """POST /v1/drafts: `reason`, `effective`, `base`, and each table as a part that has its name."""
    boundary = boundary_of(request.headers.get("content-type", ""))
    with front.admission.room(LARGEST_UPLOAD) as room:
        body = await read_bytes(request, LARGEST_UPLOAD, front.limits, room)
        parts = await asyncio.to_thread(read_form, boundary, body)
        del body
        words: dict[str, str] = {name: _text(name, parts.pop(name)) for name in WORDS if name in parts}
        wish = {name: text for name, text in words.items() if text}
        done = await run_command(
            front.office, actor, "routes.propose", {**wish, "tables": await _tables(front.files, parts)}
        )
    return proposed(done)


async def _tables(apart: Apart, parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Name of the table → CSV. Workbooks are opened in a process apart."""
    tables: dict[str, bytes] = {}
    unpacked = await _unpacked(apart, {name: data for name, data in parts.items() if data.startswith(_PACKED)})
    for name, content in parts.items():
        for table, data in unpacked.get(name, {name: content}).items():
            if table not in COLUMNS:
                raise CommandRefused("usage", "office.table-unknown", id=repr(table), known=", ".join(COLUMNS))
            if table in tables:
                raise CommandRefused("usage", "tables.twice", table=table, file=name)
            tables[table] = data
    if not tables:
        raise CommandRefused("usage", "office.table-unknown", id="–", known=", ".join(COLUMNS))
    return tables


async def _unpacked(apart: Apart, workbooks: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Name of each workbook → its tables. One errand, so that its time is that of the whole request."""
    if not workbooks:
        return {}
    unpacked: dict[str, dict[str, bytes]] = {}
    async with apart.at("workbook") as errand:
        for name, content in workbooks.items():
            found = await errand.ask({"name": name, "content": await asyncio.to_thread(_as_text, content)})
            unpacked[name] = await asyncio.to_thread(_as_tables, found)
    return unpacked


def _as_text(content: bytes) -> str:
    return b64encode(content).decode()


def _as_tables(found: Mapping[str, str]) -> dict[str, bytes]:
    return {table: b64decode(data) for table, data in found.items()}


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestRefused(INVALID_FIELD(field=name, reason="not-utf-8")) from None

"""Where a document would go, by a folder of routing tables: needs no installation."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from amtsbote.admin.refusals import CommandRefused
from amtsbote.model.report import Route
from amtsbote.model.routing import RoutingDocument
from routing.layout import COLUMNS, REQUIRED
from routing.resolver import Resolver


def route(folder: Path, roles: Mapping[str, str], service: str, region: str, on: date) -> Route:
    """`roles`: those of services the tables do not name. Raises `CommandRefused` for a table that is not there,
    `Misconfigured` for one that cannot be read."""
    files = {name: folder / f"{name}.csv" for name in COLUMNS}
    tables = {name: _table(file) for name, file in files.items() if name in REQUIRED or file.exists()}
    return Route.of(Resolver.load(RoutingDocument(0, tables), roles).resolve(service, region, on))


def _table(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise CommandRefused("not-found", "preflight.no-file", path=path, reason=cause.strerror) from cause

"""Which authorities may get messages of a service as further recipients, as far as the tables alone can tell."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeAlias

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import DefaultRule
from amtsbote.model.stage import Stage
from routing.cells import FURTHER
from routing.layout import COMPETENCES, ROLES, ends_on, open_table

Further: TypeAlias = Mapping[str, Collection[tuple[AuthorityId, str]]]
"""Service → authority, and the region of the rule that names it; empty where a fact names the place."""


def further_recipients(
    tables: Mapping[str, bytes], defaults: Iterable[DefaultRule], among: Collection[AuthorityId], today: date
) -> Further:
    """Of sound tables, and of these authorities alone. Rules that have ended are left out, conditions are not asked."""
    services = _by_role(tables, defaults, today)
    found: dict[str, set[tuple[AuthorityId, str]]] = defaultdict(set)
    for row in _rows(COMPETENCES, tables, today):
        authority = AuthorityId(row["behoerde"])
        if authority in among and row.get("stage", "") != Stage.OFF:
            for service, placed in services.get(row["rolle"], ()):
                found[service].add((authority, "" if placed else row["gebiet"]))
    return found


def _by_role(
    tables: Mapping[str, bytes], defaults: Iterable[DefaultRule], today: date
) -> Mapping[str, set[tuple[str, bool]]]:
    """Role of a further recipient → services, and whether a fact names its place."""
    services: dict[str, set[tuple[str, bool]]] = defaultdict(set)
    for row in _rows(ROLES, tables, today):
        if row.get("art") == FURTHER:
            services[row["rolle"]].add((row["leistung"], bool(row.get("ort"))))
    for default in defaults:
        if default.kind == FURTHER:
            services[default.role].add((default.service, bool(default.place)))
    return services


def _rows(name: str, tables: Mapping[str, bytes], today: date) -> Iterator[dict[str, str]]:
    if name not in tables:
        return
    table = open_table(name, tables[name])
    for _, cells in table.rows:
        row = dict(zip(table.header, cells, strict=True))
        if ends_on(row["gueltig_bis"]) >= today:
            yield row

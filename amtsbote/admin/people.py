"""Who may change which rows of the routing tables, and whose consent a change needs.

The operator (root and the user of the service) may change all of them and is one person; an editor of the declaration
may change the rows in its scope: regions × services × tenants.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from amtsbote.admin.refusals import CommandRefused
from amtsbote.model.directory import Directory, Editor
from amtsbote.model.ids import AuthorityId, EditorId, TenantId
from amtsbote.model.routing import DefaultRule, within
from routing.difference import RowChange, Tables
from routing.layout import COMPETENCES, PREFIX_LENGTHS, ROLES, SERVICES, open_table

EDITOR: Final = "editor:"
"""How the actor of an editor begins; what follows is its id."""
OPERATOR: Final = "operator"
_REGIONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "gebiete": ("ars",),
    "nachfolger": ("ars_alt", "ars_neu"),
    "orte": ("ags",),
    "vertretungen": ("gebiet", "handelnd"),
    "leistungen": (),
    "rollen": ("gebiet",),
    "zustaendigkeiten": ("gebiet",),
}
"""Table → columns with a place that must lie in the scope. An AGS begins like the ARS as far as the Kreis."""


@dataclass(frozen=True, slots=True)
class Person:
    """`editor` is None for the operator."""

    actor: str
    editor: Editor | None

    @property
    def identity(self) -> str:
        return identity_of(self.actor)

    @property
    def may_release(self) -> bool:
        return self.editor is None or self.editor.may_release


def identity_of(actor: str) -> str:
    """Root and the user of the service are one: whoever is the one can be the other."""
    return actor if actor.startswith(EDITOR) else OPERATOR


def person_of(actor: str, directory: Directory) -> Person:
    """Raises `CommandRefused` for an editor that is none any more."""
    if not actor.startswith(EDITOR):
        return Person(actor, None)
    editor = directory.editors.get(EditorId(actor.removeprefix(EDITOR)))
    if editor is None:
        raise CommandRefused("stranger", "office.editor-gone")
    return Person(actor, editor)


def second_persons(author: str, directory: Directory) -> list[str]:
    """Who else may release what this author proposes, by name; the operator is always one, unless he is the author."""
    editors = [one.name for one in directory.editors.values() if one.may_release and f"{EDITOR}{one.id}" != author]
    return sorted(editors) if identity_of(author) == OPERATOR else [OPERATOR, *sorted(editors)]


def outside(
    person: Person,
    changes: Sequence[RowChange],
    directory: Directory,
    documents: Iterable[Tables],
    defaults: Iterable[DefaultRule],
) -> list[RowChange]:
    """The changes a person may not make. `documents`: the tables before and after; `defaults`: what the service
    packages say beside them."""
    editor = person.editor
    if editor is None:
        return []
    served = _served(documents, defaults) if editor.services else {}
    return [
        change
        for change in changes
        if not all(_inside(editor, change.table, row, directory, served) for row in change.sides)
    ]


def _inside(
    editor: Editor, table: str, row: Mapping[str, str], directory: Directory, served: Mapping[str, set[str]]
) -> bool:
    places = [row.get(column, "") for column in _REGIONS_OF[table] if column != "ars_neu" or row.get(column)]
    if table == SERVICES:
        places = [""]
    if not all(any(within(place, region) for region in editor.regions) for place in places):
        return False
    if editor.tenants and not (table == COMPETENCES and _owner(row, directory) in editor.tenants):
        return False
    return not editor.services or _about_services(editor, table, row, served)


def _about_services(editor: Editor, table: str, row: Mapping[str, str], served: Mapping[str, set[str]]) -> bool:
    """Whether a row concerns services of the scope alone. Regions and their fate concern every service."""
    if table in {SERVICES, ROLES}:
        services = {row.get("leistung", "")}
    elif role := row.get("rolle"):
        services = served.get(role, set())
    else:
        services = set()
    return bool(services) and all(service.startswith(editor.services) for service in services)


def _served(documents: Iterable[Tables], defaults: Iterable[DefaultRule]) -> dict[str, set[str]]:
    """Role → every service it stands for."""
    served: dict[str, set[str]] = {}
    for default in defaults:
        served.setdefault(default.role, set()).add(default.service)
    for tables in documents:
        for service, role in _cells(tables, ROLES, "leistung", "rolle"):
            served.setdefault(role, set()).add(service)
    return served


def wanting_consent(
    changes: Sequence[RowChange], directory: Directory, documents: Sequence[Tables], today: date
) -> list[TenantId]:
    """The tenants concerned by a change that want a second person for it, in order.

    A rule concerns whose authority it names, and whose rule for the same role it stands before or behind; a row of
    another table, and one that names nobody, concerns everybody. One that its source only says again concerns nobody;
    no source has said so on a day to come, which would make its next extracts older.
    """
    changes = [change for change in changes if not change.renewed or change.stand > today.isoformat()]
    wanting = {name for name, tenant in directory.tenants.items() if tenant.four_eyes}
    if not wanting:
        return []
    rows = [row for change in changes for row in change.sides if change.table == COMPETENCES]
    owners = {_owner(row, directory) for row in rows}
    if None in owners or any(change.table != COMPETENCES for change in changes):
        return sorted(wanting)
    owners |= set(_neighbours(rows, directory, documents))
    return sorted(owner for owner in owners if owner in wanting)


def _neighbours(
    rows: Sequence[Mapping[str, str]], directory: Directory, documents: Sequence[Tables]
) -> Iterator[TenantId | None]:
    """Who is competent for the same role in a region around one that changes."""
    around = {(row.get("rolle", ""), row.get("gebiet", "")[:length]) for row in rows for length in PREFIX_LENGTHS}
    for tables in documents:
        for role, region, authority in _cells(tables, COMPETENCES, "rolle", "gebiet", "behoerde"):
            if (role, region) in around:
                yield _owner({"behoerde": authority}, directory)


def _owner(row: Mapping[str, str], directory: Directory) -> TenantId | None:
    authority = directory.authorities.get(AuthorityId(row.get("behoerde", "")))
    return None if authority is None else authority.tenant


def _cells(tables: Tables, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
    """Of a checked table."""
    if name not in tables:
        return
    table = open_table(name, tables[name])
    places = [table.header.index(column) for column in columns]
    for _, cells in table.rows:
        yield tuple(cells[place] for place in places)

"""Whether what rows refer to is there: services, regions, authorities, facts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NamedTuple

from amtsbote.model import conditions
from amtsbote.model.ids import AuthorityId
from routing import faults
from routing.faults import Fault
from routing.layout import ACTING, COMPETENCES, NOBODY, PLACES, PREFIX_LENGTHS, REGIONS, ROLES, SERVICES, SUCCESSORS
from routing.refusal import TableProblem
from routing.rows import KEPT, Findings, Tables

_AGS_DIGITS: Final = {2: 2, 3: 3, 5: 5, 12: 8}
"""Digits of an ARS → digits of the AGS beside it; an association (9) has none."""
_SHOWN_NEAR: Final = 3
_SEARCHES: Final = 20
"""How often one check looks for what is near: a comparison with thousands takes a tenth of a second."""
_COMPARED: Final = 3_000
"""Words to compare with, at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is beside the tables."""

    authorities: Collection[AuthorityId] | None
    """None when nobody knows."""
    facts: Collection[str] | None = None
    """Names that service packages declare; None when the packages are not known."""
    services: Collection[str] | None = None
    """Services of service packages, or offered by a destination; None when nobody knows."""


class _Near:
    """What a word that is not there may have meant."""

    def __init__(self) -> None:
        self._left = _SEARCHES

    def to(self, word: str, there: Collection[str]) -> str:
        """For a sentence: up to three, the nearest first. Of very many, those that begin alike are compared."""
        self._left -= 1
        if self._left < 0:
            return "–"
        compared = there if len(there) <= _COMPARED else [one for one in there if one[:5] == word[:5]]
        near = [] if len(compared) > _COMPARED else get_close_matches(word, sorted(compared), _SHOWN_NEAR)
        return ", ".join(near) or "–"


class _Reference(NamedTuple):
    """Every cell of this column must be one of `known`."""

    table: str
    column: str
    known: Collection[str]
    fault: Fault


def check_references(tables: Tables, known: Known, findings: Findings) -> None:
    near = _Near()
    for table, column, there, fault in _references(tables, known):
        place = KEPT[table].index(column)
        for row in tables[table] or []:
            if row.cells[place] not in there:
                value = row.cells[place]
                findings.add(fault.at(table, row.line, column, value=value, other=near.to(value, there)))
    if known.services is not None:
        _check_packages(tables, known.services, near, findings)
    if known.facts is not None:
        _check_facts(tables, {*known.facts, *conditions.BUILT_IN}, findings)


def check_pairs_of_keys(tables: Tables, findings: Findings) -> None:
    for line, (ars, ags), _, _ in tables[REGIONS] or []:
        if ags and len(ags) != _AGS_DIGITS.get(len(ars)):
            findings.add(faults.BAD_AGS.at(REGIONS, line, "ags", value=ags))


def _references(tables: Tables, known: Known) -> Iterator[_Reference]:
    """A table that cannot be read is not held against the rules that refer to it."""
    services, regions = tables[SERVICES], tables[REGIONS]
    if services is not None:
        yield _Reference(ROLES, "leistung", {row.cells[0] for row in services}, faults.SERVICE_UNKNOWN)
    if regions is not None:
        prefixes = {row.cells[0][:length] for row in regions for length in PREFIX_LENGTHS} | {""}
        yield _Reference(ROLES, "gebiet", prefixes, faults.REGION_UNKNOWN)
        yield _Reference(COMPETENCES, "gebiet", prefixes, faults.REGION_UNKNOWN)
        yield _Reference(ACTING, "gebiet", prefixes, faults.REGION_UNKNOWN)
        yield _Reference(ACTING, "handelnd", prefixes, faults.REGION_UNKNOWN)
        succeeded = {row.cells[0] for row in tables[SUCCESSORS] or []}
        yield _Reference(SUCCESSORS, "ars_neu", prefixes | succeeded, faults.REGION_UNKNOWN)
        yield _Reference(PLACES, "ags", {row.cells[1] for row in regions if row.cells[1]}, faults.AGS_UNKNOWN)
    if known.authorities is not None:
        yield _Reference(COMPETENCES, "behoerde", {*known.authorities, NOBODY}, faults.AUTHORITY_UNKNOWN)


def _check_packages(tables: Tables, served: Collection[str], near: _Near, findings: Findings) -> None:
    for row in tables[ROLES] or []:
        if row.cells[0] not in served:
            other = near.to(row.cells[0], served)
            findings.add(faults.SERVICE_UNSERVED.at(ROLES, row.line, "leistung", value=row.cells[0], other=other))


def _check_facts(tables: Tables, there: Collection[str], findings: Findings) -> None:
    for table in (ROLES, COMPETENCES):
        condition = KEPT[table].index("bedingung")
        for row in tables[table] or []:
            asked = conditions.parse(row.cells[condition]).facts if row.cells[condition] else frozenset()
            for name in sorted(asked.difference(there)):
                findings.add(_fact_unknown((table, row.line, "bedingung"), name, there))
    place = KEPT[ROLES].index("ort")
    for row in tables[ROLES] or []:
        if row.cells[place] and row.cells[place] not in there:
            findings.add(_fact_unknown((ROLES, row.line, "ort"), row.cells[place], there))


def _fact_unknown(at: tuple[str, int, str], name: str, there: Collection[str]) -> TableProblem:
    near = get_close_matches(name, there, _SHOWN_NEAR, 0.5) or sorted(there)
    return faults.FACT_UNKNOWN.at(*at, value=name, other=", ".join(near))

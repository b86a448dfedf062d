"""Whether what rows refer to is there: services, regions, authorities, facts."""

from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple

from amtsbote.model import conditions
from amtsbote.model.ids import AuthorityId
from amtsbote.model.spelling import nearest
from routing import faults
from routing.cells import cleaned
from routing.faults import Fault
from routing.layout import ACTING, COMPETENCES, NOBODY, PLACES, PREFIX_LENGTHS, REGIONS, ROLES, SERVICES, SUCCESSORS
from routing.refusal import TableProblem
from routing.rows import KEPT, Findings, Refused, Tables

_AGS_DIGITS: Final = {2: 2, 3: 3, 5: 5, 12: 8}
"""Digits of an ARS → digits of the AGS beside it; an association (9) has none."""
_SEARCHES: Final = 20
"""How often one check looks for what is near: a comparison with thousands takes a tenth of a second."""
_LIKE_KEYS: Final = 0.6
"""Digits are like each other sooner than words are."""
_COMPARED: Final = 3_000
"""Words to compare with, at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is beside the tables."""

    authorities: Set[AuthorityId] | None
    """None when nobody knows."""
    facts: Set[str] | None = None
    """Names that service packages declare; None when the packages are not known."""
    services: Set[str] | None = None
    """Services of service packages, or offered by a destination; None when nobody knows."""


class _Near:
    """What a word that is not there may have meant."""

    def __init__(self) -> None:
        self._left = _SEARCHES

    def to(self, word: str, there: Collection[str]) -> str:
        """For a sentence: up to three, the nearest first, or nothing. Of very many, those that begin alike are
        compared."""
        self._left -= 1
        if self._left < 0:
            return ""
        compared = there if len(there) <= _COMPARED else [one for one in there if one[:5] == word[:5]]
        return "" if len(compared) > _COMPARED else ", ".join(nearest(word, compared, likeness=_LIKE_KEYS))


class _Reference(NamedTuple):
    """Every cell of this column must be one of `known`."""

    table: str
    column: str
    known: Collection[str]
    fault: Fault


def check_references(tables: Tables, refused: Refused, known: Known, findings: Findings) -> None:
    """What a refused row may have named is not missing."""
    near = _Near()
    for table, column, there, fault in _references(tables, refused, known):
        place = KEPT[table].index(column)
        for row in tables[table] or []:
            if row.cells[place] not in there:
                value = row.cells[place]
                findings.add(fault.at(table, row.line, column, value=value, near=near.to(value, there)))
    if known.services is not None:
        _check_packages(tables, known.services, near, findings)
    if known.facts is not None:
        _check_facts(tables, {*known.facts, *conditions.BUILT_IN}, findings)


def check_pairs_of_keys(tables: Tables, findings: Findings) -> None:
    for line, (ars, ags), _, _ in tables[REGIONS] or []:
        if ags and len(ags) != _AGS_DIGITS.get(len(ars)):
            findings.add(faults.BAD_AGS.at(REGIONS, line, "ags", value=ags))


def _references(tables: Tables, refused: Refused, known: Known) -> Iterator[_Reference]:
    """A table that cannot be read is not held against the rules that refer to it."""
    services, regions = tables[SERVICES], tables[REGIONS]
    if services is not None:
        named = {row.cells[0] for row in services} | _meant(refused[SERVICES])
        yield _Reference(ROLES, "leistung", named, faults.SERVICE_UNKNOWN)
    if regions is not None:
        keys = chain((row.cells[0] for row in regions), _meant(refused[REGIONS]))
        prefixes = {key[:length] for key in keys for length in PREFIX_LENGTHS} | {""}
        yield _Reference(ROLES, "gebiet", prefixes, faults.REGION_UNKNOWN)
        yield _Reference(COMPETENCES, "gebiet", prefixes, faults.REGION_UNKNOWN)
        yield _Reference(ACTING, "gebiet", prefixes, faults.REGION_UNKNOWN)
        yield _Reference(ACTING, "handelnd", prefixes, faults.REGION_UNKNOWN)
        succeeded = {row.cells[0] for row in tables[SUCCESSORS] or []} | _meant(refused[SUCCESSORS])
        yield _Reference(SUCCESSORS, "ars_neu", prefixes | succeeded, faults.REGION_UNKNOWN)
        ags = {row.cells[1] for row in regions if row.cells[1]} | _meant(refused[REGIONS])
        yield _Reference(PLACES, "ags", ags, faults.AGS_UNKNOWN)
    if known.authorities is not None:
        yield _Reference(COMPETENCES, "behoerde", {*known.authorities, NOBODY}, faults.AUTHORITY_UNKNOWN)


def _meant(cells: Collection[str]) -> set[str]:
    """Keys that cells of refused rows may stand for, with the zero a spreadsheet drops, too."""
    keys = {key for cell in cells if (key := cleaned(cell)).isdigit()}
    return keys | {f"0{key}" for key in keys}


def _check_packages(tables: Tables, served: Collection[str], near: _Near, findings: Findings) -> None:
    for row in tables[ROLES] or []:
        if row.cells[0] not in served:
            like = near.to(row.cells[0], served)
            findings.add(faults.SERVICE_UNSERVED.at(ROLES, row.line, "leistung", value=row.cells[0], near=like))


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
    near = nearest(name, there) or sorted(there)
    return faults.FACT_UNKNOWN.at(*at, value=name, other=", ".join(near))

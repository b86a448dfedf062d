"""The one door: an offer is merged into what is there, and every row says what became of it.

Rows of the source itself are replaced by what it says now; rows by hand and of other sources are never overridden: a
collision leaves the offered row out and is told.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from amtsbote.model.directory import Authority
from amtsbote.model.ids import AuthorityId
from routing import faults
from routing.importing.authority_merge import MergedAuthorities, merge_authorities
from routing.importing.offered import RulesOf, read_offered, read_present, told
from routing.importing.rule_merge import RuleMerge, Vouched
from routing.layout import AUTHORITIES, COMPETENCES
from routing.offer import Offer
from routing.refusal import RoutingRefused, shown
from routing.regions.merge import merge
from routing.regions.outcome import CHANGES, Note
from routing.regions.tables import read_tables, write_tables

_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")

__all__ = ["Registry", "Vouched", "named_in", "take_in"]


@dataclass(frozen=True, slots=True)
class Registry:
    """What is there, and what has become of the offers taken in so far."""

    tables: Mapping[str, bytes]
    authorities: Mapping[AuthorityId, Authority] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def changed(self) -> bool:
        return any(note.outcome in CHANGES for note in self.notes)


def take_in(
    registry: Registry, offer: Offer, vouched: Vouched, needed: Mapping[AuthorityId, str] = MappingProxyType({})
) -> Registry:
    """The registry with the offer in it. `needed`: authorities that must not go, with what names them; those that the
    tables name come to them.

    Raises `RoutingRefused` and `RegionsRefused`."""
    if not _SOURCE.fullmatch(offer.source):
        raise RoutingRefused([faults.BAD_SOURCE.at(shown(offer.source), value=offer.source)])
    offered = read_offered(offer.tables)
    tables, notes = _with_regions(registry.tables, offer, vouched) if offer.rows else (dict(registry.tables), ())
    after, more = _with_rules(tables, offer, offered, vouched) if offered.keys() - {AUTHORITIES} else (tables, ())
    merged = MergedAuthorities()
    if AUTHORITIES in offered:
        named = {**needed, **named_in([after])}
        merged = merge_authorities(registry.authorities, offer, offered[AUTHORITIES], named, vouched)
    gone = {one.id for one in merged.withdrawn}
    authorities = {name: one for name, one in registry.authorities.items() if name not in gone}
    authorities |= {one.id: one for one in merged.put}
    return Registry(after, authorities, (*registry.notes, *notes, *more, *merged.notes))


def _with_regions(
    tables: Mapping[str, bytes], offer: Offer, vouched: Vouched
) -> tuple[dict[str, bytes], tuple[Note, ...]]:
    merged = merge(read_tables(tables), offer, complete=vouched.complete)
    return {**tables, **write_tables(merged.tables)}, merged.notes


def _with_rules(
    tables: Mapping[str, bytes], offer: Offer, offered: RulesOf, vouched: Vouched
) -> tuple[dict[str, bytes], tuple[Note, ...]]:
    merging = RuleMerge(tables, offer, offered, vouched)
    return merging.merged(tables), tuple(merging.notes)


def named_in(documents: Iterable[Mapping[str, bytes]]) -> dict[AuthorityId, str]:
    """Authority → the first rule that names it."""
    found: dict[AuthorityId, str] = {}
    for tables in documents:
        for row in read_present(tables, [COMPETENCES])[COMPETENCES]:
            found.setdefault(AuthorityId(row["behoerde"]), told(row))
    return found

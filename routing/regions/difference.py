"""Two states of the regions side by side: what is gone, new, renamed, and which keys probably follow which.

That a key follows another is a proposal with its reason, never a fact: it is in no official list.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from routing.regions.area import Area, Course, Succession
from routing.regions.spelling import words_of


class Reason(StrEnum):
    """Why a key probably follows another, the strongest first. Words of the catalogue: `regions.reason.…`."""

    SAME_AGS = "same-ags"
    SAME_NAME_DISTRICT = "same-name-district"
    SAME_NAME_LAND = "same-name-land"
    PART_OF_NAME = "part-of-name"
    """The only new municipality of the district bears the old one's name in its own."""


class What(StrEnum):
    """Words of the catalogue: `regions.change.…`."""

    RENAMED = "renamed"
    NEW_ARS = "new-ars"
    """Another ARS beside the same AGS."""
    NEW_KEY = "new-key"
    """Another ARS, and the name tells."""
    GONE = "gone"
    """With proposals of where it may have gone, or without: successor unknown."""
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Proposal:
    new: Area
    reason: Reason

    @property
    def course(self) -> Course:
        return Course.ABSORBED if self.reason is Reason.PART_OF_NAME else Course.NEW_KEY


@dataclass(frozen=True, slots=True)
class Change:
    what: What
    old: Area | None
    new: Area | None
    proposals: tuple[Proposal, ...] = ()

    @property
    def unknown(self) -> bool:
        """Whether nobody knows what became of a key."""
        return self.what is What.GONE and not self.proposals


_PLAIN: Final = frozenset({Reason.SAME_AGS, Reason.SAME_NAME_DISTRICT, Reason.SAME_NAME_LAND})


def difference(old: Iterable[Area], new: Iterable[Area]) -> tuple[Change, ...]:
    """Changes from one state to the other, of the groups both have, in the order of their keys."""
    before, after = list(old), list(new)
    groups = {area.group for area in before} & {area.group for area in after}
    first = {area.ars: area for area in before if area.group in groups}
    second = {area.ars: area for area in after if area.group in groups}
    gone = [area for key, area in first.items() if key not in second]
    added = [area for key, area in second.items() if key not in first]
    proposals = {area.ars: _proposals(area, added, gone) for area in gone}
    changes = [_gone(area, proposals[area.ars]) for area in gone]
    paired = {change.new.ars for change in changes if change.new is not None}
    changes += [Change(What.ADDED, None, area) for area in added if area.ars not in paired]
    changes += [
        Change(What.RENAMED, area, second[key])
        for key, area in first.items()
        if key in second and second[key].name != area.name
    ]
    return tuple(sorted(changes, key=lambda change: (_key(change), change.what)))


def successions(changes: Iterable[Change], since: date, origin: str) -> tuple[Succession, ...]:
    """The proposals as rows of `nachfolger`, none of them confirmed."""
    return tuple(
        Succession(change.old.ars, proposal.new.ars, since, proposal.course, False, origin, since)
        for change in changes
        if change.old is not None
        for proposal in change.proposals
    )


def _key(change: Change) -> str:
    area = change.old or change.new
    return area.ars if area is not None else ""


def _gone(area: Area, proposals: Sequence[Proposal]) -> Change:
    if len(proposals) == 1 and proposals[0].reason in _PLAIN:
        what = What.NEW_ARS if proposals[0].reason is Reason.SAME_AGS else What.NEW_KEY
        return Change(what, area, proposals[0].new, tuple(proposals))
    return Change(What.GONE, area, None, tuple(proposals))


def _proposals(area: Area, added: Sequence[Area], gone: Sequence[Area]) -> tuple[Proposal, ...]:
    """All new keys for which the strongest reason speaks that speaks for any. A name in the whole Land is a reason only
    where one municipality has lost it and one has won it."""
    same_group = [new for new in added if new.group == area.group and new.ars[:2] == area.ars[:2]]
    named = [new for new in same_group if new.name == area.name]
    by_reason: Mapping[Reason, list[Area]] = {
        Reason.SAME_AGS: [new for new in same_group if area.ags and new.ags == area.ags],
        Reason.SAME_NAME_DISTRICT: [new for new in named if new.district == area.district],
        Reason.SAME_NAME_LAND: named if _alone(area, gone) and len(named) == 1 else [],
        Reason.PART_OF_NAME: _bearing_its_name(area, same_group),
    }
    return next((tuple(Proposal(new, why) for new in found) for why, found in by_reason.items() if found), ())


def _alone(area: Area, gone: Sequence[Area]) -> bool:
    return sum(one.name == area.name and one.ars[:2] == area.ars[:2] for one in gone) == 1


def _bearing_its_name(area: Area, added: Sequence[Area]) -> list[Area]:
    words = words_of(area.name)
    return [new for new in added if new.district == area.district and words and words[0] in words_of(new.name)]


def by_what(changes: Iterable[Change]) -> Mapping[What, list[Change]]:
    found: dict[What, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.what].append(change)
    return found

"""The authorities of an offer become entries of the directory. What the declaration or another source says stays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from amtsbote.model.directory import Authority
from amtsbote.model.ids import AuthorityId, TargetId, TenantId
from routing import faults
from routing.importing.rule_merge import Vouched, cut_off
from routing.layout import AUTHORITIES
from routing.offer import Offer
from routing.refusal import RoutingRefused
from routing.regions.outcome import Note, Outcome
from routing.regions.rules import RuleRow


@dataclass(frozen=True, slots=True)
class MergedAuthorities:
    put: tuple[Authority, ...] = ()
    """New ones, and those that are as they were but for what the source says, its day at least."""
    withdrawn: tuple[Authority, ...] = ()
    notes: tuple[Note, ...] = ()


def merge_authorities(
    present: Mapping[AuthorityId, Authority],
    offer: Offer,
    offered: Sequence[RuleRow],
    needed: Mapping[AuthorityId, str],
    vouched: Vouched,
) -> MergedAuthorities:
    """`needed`: authorities that must not go, with what names them. One of an earlier day was withdrawn before and only
    stayed because it was needed: no list is cut off because of it. Raises `RoutingRefused` for one that is offered
    twice."""
    wanted = _wanted(offer, offered)
    own = {name: one for name, one in present.items() if one.origin == offer.origin}
    newest = max((one.stand for one in own.values() if one.stand), default=offer.stand)
    if newest > offer.stand:
        return _nothing(Outcome.OLDER, newest.isoformat(), offer.stand.isoformat())
    missing = own.keys() - wanted.keys()
    said = {name for name, one in own.items() if one.stand is None or one.stand == newest}
    if cut_off(len(said), len(said & missing)) and not vouched.complete:
        return _nothing(Outcome.INCOMPLETE, str(len(said)), str(len(said & missing)))
    notes = [note for one in wanted.values() if (note := _note_of(present.get(one.id), one)) is not None]
    put = [one for one in wanted.values() if _is_own(present.get(one.id), one) and present.get(one.id) != one]
    gone = [own[name] for name in sorted(missing)]
    notes += [_note_of_missing(one, needed.get(one.id)) for one in gone]
    return MergedAuthorities(tuple(put), tuple(one for one in gone if one.id not in needed), tuple(notes))


def _wanted(offer: Offer, offered: Iterable[RuleRow]) -> dict[AuthorityId, Authority]:
    wanted: dict[AuthorityId, Authority] = {}
    lines: dict[AuthorityId, int] = {}
    for row in offered:
        name = AuthorityId(row["behoerde"])
        if name in wanted:
            raise RoutingRefused(
                [faults.AUTHORITY_TWICE.at(AUTHORITIES, row.line, "behoerde", value=name, other=lines[name])]
            )
        lines[name] = row.line
        targets = tuple(TargetId(target.strip()) for target in row["ziele"].split(",") if target.strip())
        wanted[name] = Authority(name, TenantId(row["mandant"]), row["name"], targets, offer.origin, offer.stand)
    return wanted


def _is_own(there: Authority | None, one: Authority) -> bool:
    return there is None or there.origin == one.origin


def _note_of(there: Authority | None, one: Authority) -> Note | None:
    """None where nothing but the day is new."""
    key = f"{AUTHORITIES} {one.id}"
    if there is None:
        return Note(Outcome.ADDED, key, "", _told(one))
    same = replace(there, origin=one.origin, stand=one.stand) == one
    if _is_own(there, one):
        return None if same else Note(Outcome.CHANGED, key, _told(there), _told(one))
    return Note(Outcome.AGREES if same else Outcome.LOCAL_FIRST, key, _told(there), _told(one))


def _note_of_missing(one: Authority, named_by: str | None) -> Note:
    key = f"{AUTHORITIES} {one.id}"
    if named_by is not None:
        return Note(Outcome.STILL_NEEDED, key, named_by, "")
    return Note(Outcome.WITHDRAWN, key, _told(one), "")


def _nothing(outcome: Outcome, before: str, after: str) -> MergedAuthorities:
    return MergedAuthorities(notes=(Note(outcome, AUTHORITIES, before, after),))


def _told(one: Authority) -> str:
    known = " ".join(filter(None, (one.origin, one.stand.isoformat() if one.stand else "")))
    return f"{one.name} ({one.tenant}) {', '.join(one.targets)}".rstrip() + (f" [{known}]" if known else "")

"""Why a child may not stand where it stands, or what a content still needs: asked of xmlschema's own model of it.

libxml2 lists what may come next. It does not say what must come, how often, or that a child is only misplaced. Every
guess is tried on the model before it is told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from lxml import etree
from xmlschema.validators import XsdElement, XsdGroup

from schemas.explaining.insight import Insight
from schemas.places import Places

_MOST_CHILDREN: Final = 2000
_MOST_TRIALS: Final = 100
"""Children before or behind the failing one that are looked at for what goes wrong with it: each costs a walk through
all."""
_MOST_NAMES: Final = 10


@dataclass(frozen=True, slots=True)
class _Break:
    index: int
    """Of the child that does not fit; the number of all where one is missing."""
    particle: Any = None
    """What was not met; None where the model was at its end."""
    occurs: int = 0


def of_content(group: XsdGroup, parent: etree._Element, child: etree._Element | None, places: Places) -> Insight | None:
    """`child`: the one that was not expected, None where something is missing at the end. None where xmlschema sees the
    first fault elsewhere."""
    children = list(parent.iterchildren(etree.Element))
    index = len(children) if child is None else children.index(child)
    if index > _MOST_CHILDREN:
        return None
    tags = [str(each.tag) for each in children[: index + 1]]
    later = [str(each.tag) for each in children[index + 1 :]]
    found = _first_break(group, tags, ended=child is None)
    if found is None or found.index != index:
        return None
    if child is not None and (fault := _fault(group, tags, places)):
        return fault
    if child is not None and (meant := _namesake(group, tags)):
        return Insight(meant=places.name(meant) or "", space=etree.QName(child).namespace or "")
    if child is not None and not _declared(group, tags[-1]):
        if later and _first_break(group, [*tags[:-1], later[0]]) is None:
            return None
    elif child is not None and (behind := _shown(_behind(group, tags, later), places)):
        return Insight(behind=behind[:_MOST_NAMES])
    if found.particle is None or found.particle.is_emptiable():
        return None
    names = _shown(_openers(found.particle), places)
    if not names or len(names) > _MOST_NAMES:
        return None
    return Insight(missing=names, least=found.particle.min_occurs, there=found.occurs)


def _first_break(group: XsdGroup, tags: Sequence[str], *, ended: bool = False) -> _Break | None:
    """Where a walk through the children first fails. `ended`: whether no more are to come."""
    model = group.get_model_visitor()
    for index, tag in enumerate(tags):
        while True:
            if model.element is None:
                return _Break(index)
            matched = model.match_element(tag) is not None
            for particle, occurs, _ in model.advance(matched):
                return _Break(index, particle, occurs)
            if matched:
                break
    for particle, occurs, _ in model.stop() if ended else ():
        return _Break(len(tags), particle, occurs)
    return None


def _fault(group: XsdGroup, tags: Sequence[str], places: Places) -> Insight | None:
    """What is wrong with the last of the children itself: one too many, beside what excludes it, or misplaced."""
    before, tag = tags[:-1], tags[-1]
    declared = _declared(group, tag)
    if not declared:
        return None
    model = group.get_model_visitor()
    each = [model.overall_max_occurs(item) for item in dict.fromkeys(declared)]
    most = sum(filter(None, each))
    if None not in each and 0 < most <= before.count(tag):
        return Insight(most=most)
    if len(before) > _MOST_TRIALS:
        return None
    for choice in _choices(group):
        if rivals := _rivals(group, choice, before, tag):
            return Insight(rivals=_shown(rivals, places))
        together = choice.max_occurs or 0
        if _holds(choice, tag) and 1 < together <= sum(_holds(choice, each) for each in before):
            return Insight(most=together, rivals=_shown(_openers(choice), places))
    for place in range(len(before) - 1, -1, -1):
        moved = [*before[:place], tag, *before[place:]]
        if _first_break(group, moved) is None:
            return Insight(before=places.name(before[place]) or "")
    return None


def _behind(group: XsdGroup, tags: Sequence[str], later: Sequence[str]) -> Sequence[str]:
    """Clark names of later siblings behind which the last of the children fits: it has come too early. None where one
    more element in front of it would bring the content further: then that is missing, whatever follows. `wanted`: which
    it may be, where that is known."""
    *before, tag = tags
    if len(tags) + len(later) > _MOST_TRIALS:
        return ()
    moved, rest = _moved(group, before, tag, later)
    if not moved:
        return ()
    reached = _reached(group, [*before, *moved, tag, *rest])
    possible = dict.fromkeys(str(item.name) for item in group.iter_elements() if isinstance(item, XsdElement))
    added = (_reached(group, [*before, name, tag, *later]) - 1 for name in islice(possible, _MOST_TRIALS))
    return moved if reached >= max(added, default=0) else ()


def _moved(group: XsdGroup, before: Sequence[str], tag: str, later: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those of the later siblings that must come first, in an order that fits, and the others; none where `tag` fits
    behind none of them."""
    moved: list[str] = []
    rest = list(later)
    for _ in range(_MOST_TRIALS):
        if moved and _first_break(group, [*before, *moved, tag]) is None:
            return moved, rest
        fitting = (name for name in dict.fromkeys(rest) if _first_break(group, [*before, *moved, name]) is None)
        name = next(fitting, None)
        if name is None:
            break
        rest.remove(name)
        moved.append(name)
    return [], rest


def _reached(group: XsdGroup, tags: Sequence[str]) -> int:
    """How many of the children fit, and one more where nothing is missing behind them."""
    found = _first_break(group, tags, ended=True)
    return len(tags) + 1 if found is None else found.index


def _namesake(group: XsdGroup, tags: Sequence[str]) -> str:
    """Clark name of what is called as the last of the children and fits in its place; empty where nothing is."""
    *before, tag = tags
    local = etree.QName(tag).localname
    declared = (item for item in group.iter_elements() if isinstance(item, XsdElement))
    names = dict.fromkeys(each.name for item in declared for each in (item, *item.iter_substitutes()))
    alike = (name for name in names if name != tag and etree.QName(name).localname == local)
    return next((name for name in alike if _first_break(group, [*before, name]) is None), "")


def _rivals(group: XsdGroup, choice: XsdGroup, before: Sequence[str], tag: str) -> Sequence[str]:
    """Children of other alternatives of a choice, without which this one could stand here."""
    if choice.max_occurs != 1 or not _holds(choice, tag):
        return ()
    others = [item for item in choice.content if not _holds(item, tag)]
    rivals = [each for each in dict.fromkeys(before) if any(_holds(item, each) for item in others)]
    kept = [each for each in before if each not in rivals]
    return rivals if rivals and _first_break(group, [*kept, tag]) is None else ()


def _choices(group: XsdGroup) -> Iterator[XsdGroup]:
    if group.model == "choice":
        yield group
    for item in group.content:
        if isinstance(item, XsdGroup):
            yield from _choices(item)


def _holds(item: Any, tag: str) -> bool:
    found = item.match_element(tag) if isinstance(item, XsdGroup) else item.match(tag)
    return found is not None


def _declared(group: XsdGroup, tag: str) -> Sequence[XsdElement]:
    return [item for item in group.iter_elements() if isinstance(item, XsdElement) and _holds(item, tag)]


def _shown(names: Iterable[str], places: Places) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(places.name, names))))


def _openers(particle: Any) -> Iterator[str]:
    """Clark names of the elements one of which it cannot do without; those that take the place of an abstract one
    included."""
    if isinstance(particle, XsdElement):
        if not particle.abstract:
            yield particle.name
        yield from sorted(each.name for each in particle.iter_substitutes() if not each.abstract)  # it keeps a set
    elif isinstance(particle, XsdGroup):
        needed = [item for item in particle.content if particle.model == "choice" or not item.is_emptiable()]
        for item in needed[:1] if particle.model == "sequence" else needed:
            yield from _openers(item)

"""A message that several closed sets of its standard know: which of them decides?"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from amtsbote.model.schema import Inspection
from schemas.plan import SchemaPlan

_ROOTS: Final = {"DOC-NAMESPACE": 1, "DOC-ROOT": 2}
Judge = Callable[[SchemaPlan], Inspection]


def judged(plans: Sequence[SchemaPlan], judge: Judge) -> Inspection:
    """By the first set that takes the document, else by the one it comes nearest to. There is one set at least."""
    return min(_verdicts(plans, judge), key=_distance)


def _verdicts(plans: Sequence[SchemaPlan], judge: Judge) -> Iterator[Inspection]:
    for plan in plans:
        found = judge(plan)
        yield found
        if found.valid or not found.well_formed:
            return


def _distance(found: Inspection) -> tuple[int, bool, int]:
    """Of a document from a set: another root is farthest, and the same in another namespace comes next."""
    root = max((_ROOTS.get(each.code, 0) for each in found.findings), default=0)
    return root, found.more, len(found.errors)

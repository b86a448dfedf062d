"""A message that several closed sets of its standard know: which of them decides?"""

from collections.abc import Callable, Iterator, Sequence

from amtsbote.model.schema import Inspection
from schemas.plan import SchemaPlan

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


def _distance(found: Inspection) -> tuple[bool, bool, int]:
    """Of a document from a set: another root is farthest."""
    return any(each.code == "DOC-ROOT" for each in found.findings), found.more, len(found.errors)

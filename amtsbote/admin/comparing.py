"""What a change set would do to submissions of the last days: asked of the tables in force and of those to come."""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from amtsbote.model.routing import DefaultRule, RoutingDocument
from amtsbote.model.stage import Stage
from routing.coverage import Answer
from routing.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Moved:
    """A submission that would go elsewhere."""

    asked: Mapping[str, Any]
    before: Answer
    after: Answer

    def as_document(self) -> dict[str, Any]:
        sides = (("before", self.before), ("after", self.after))
        told = {name: {"verdict": side.verdict.value, "authorities": side.authorities} for name, side in sides}
        return {**self.asked, **told}


def document_of(answer: Mapping[str, Any]) -> tuple[RoutingDocument, tuple[DefaultRule, ...]]:
    """Tables and the packages' rules as `routes.document` hands them out."""
    tables = {name: b64decode(data) for name, data in answer["tables"].items()}
    return RoutingDocument(answer["version"], tables), tuple(DefaultRule(**rule) for rule in answer["defaults"])


class Comparison:
    """Loads both states of the tables: seconds, and hundreds of megabytes, for those of a country."""

    def __init__(self, present: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        """As `routes.document` hands them out."""
        self._present, self._changed = (Resolver.load(*document_of(answer)) for answer in (present, changed))

    def moved(self, submissions: Iterable[Mapping[str, Any]]) -> Iterator[Moved]:
        """`submissions` as `routes.submissions` has them."""
        for asked in submissions:
            question = (asked["service"], asked["region"], date.fromisoformat(asked["date"]), Stage(asked["stage"]))
            sides = (self._present, self._changed)
            before, after = (Answer.of(one.resolve(*question, asked["facts"])) for one in sides)
            if (before.verdict, before.authorities) != (after.verdict, after.authorities):
                yield Moved(asked, before, after)

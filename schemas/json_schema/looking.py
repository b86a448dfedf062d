"""A second look at the places of a JSON document that have failed: which alternative comes nearest, and where in the
schema it is written. Runs in a helper process of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from schemas.explaining.characters import stranger
from schemas.explaining.insight import Asked, Insight, Lack
from schemas.json_schema.judge import JsonJudge, alternatives
from schemas.json_schema.reading import read_payload
from schemas.plan import SchemaPlan
from schemas.reading import Unreadable

_MOST: Final = 10
_CHOICES: Final = frozenset({"anyOf", "oneOf"})
_OF_ANOTHER_KIND: Final = 100
_OF_ANOTHER_VALUE: Final = 10


class JsonLook:
    """Of one schema. Raises `Misconfigured` when it is none."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._judge = JsonJudge(Path(plan.json_schema), Path(plan.folder))

    def look(self, document: bytes, asked: Sequence[Asked]) -> list[Insight | None]:
        """What there is to say of each place, one for one; None where the judge finds nothing like it."""
        try:
            value = read_payload(document)
        except Unreadable:
            return [None] * len(asked)
        waiting = list(enumerate(asked))
        found: dict[int, Insight] = {}
        for error in self._judge.errors(value):
            seen = self._judge.observation(error)
            number = next(
                (number for number, each in waiting if (each.code, each.path) == (seen.code, seen.path)), None
            )
            if number is not None:
                waiting = [each for each in waiting if each[0] != number]
                found[number] = self._insight(error)
            if not waiting:
                break
        return [found.get(number) for number in range(len(asked))]

    def _insight(self, error: ValidationError) -> Insight:
        keywords = tuple(map(str, error.absolute_schema_path))
        if error.validator == "pattern":
            return replace(_stranger(error) or Insight(), keywords=keywords)
        if error.validator not in _CHOICES:
            return Insight(keywords=keywords)
        failed = alternatives(error)
        if not failed:
            return Insight(keywords=keywords, several=True)
        nearest = _nearest(failed)
        if nearest is None:
            return Insight(keywords=keywords)
        lacks = dict.fromkeys(map(self._lack, failed[nearest]))
        return Insight(keywords=keywords, nearest=nearest + 1, lacks=tuple(lacks)[:_MOST])

    def _lack(self, error: ValidationError) -> Lack:
        seen = self._judge.observation(error)
        return Lack(seen.code, seen.path, tuple(seen.expected), tuple(map(str, error.absolute_schema_path)))


def _nearest(failed: Mapping[int, Sequence[ValidationError]]) -> int | None:
    """The one that wants least; None where several want as much, or the document has nothing of it."""
    costs = {number: sum(map(_cost, errors)) for number, errors in failed.items()}
    least = [number for number, cost in costs.items() if cost == min(costs.values())]
    return least[0] if len(least) == 1 and not any(map(_is_another, failed[least[0]])) else None


def _cost(error: ValidationError) -> int:
    """How far an alternative is off by this: a value that tells alternatives apart weighs more than a missing one."""
    if _is_another(error):
        return _OF_ANOTHER_KIND
    return _OF_ANOTHER_VALUE if error.validator in ("const", "enum") else 1


def _is_another(error: ValidationError) -> bool:
    """Whether it is of another type, or has no member that is required."""
    if error.relative_path:
        return False
    present: Any = error.instance
    required: Any = error.validator_value
    return error.validator == "type" or (error.validator == "required" and not set(required) & set(present))


def _stranger(error: ValidationError) -> Insight | None:
    """Of a pattern for the whole value. It is in Python's words: the judge has read it so."""
    pattern, value = str(error.validator_value), error.instance
    if not isinstance(value, str) or not (pattern.startswith("^") and pattern.endswith(r"\Z")):
        return None
    whole = re.compile(pattern)
    return stranger(lambda piece: whole.search(piece) is not None, value)

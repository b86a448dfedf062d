"""Asking a helper process for a second look: started when there is something to explain, kept for what comes next.

Nothing here can cost a verdict or a finding: what takes too long, crashes or is not understood is not explained.
"""

import re
import sys
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from string import ascii_letters
from threading import Lock
from typing import Annotated, Any, Final, Self

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from amtsbote.errors import Misconfigured
from schemas.confinement import HelperLimits
from schemas.explaining.insight import Asked, Insight, Lack
from schemas.findings import AGAINST_JSON_SCHEMA, NAME, PATH, POINTER
from schemas.helper_process import HelperFailed, HelperProcess
from schemas.plan import SchemaPlan, readable

log = structlog.get_logger("amtsbote.schemas")

_MOST: Final = 2
"""Processes kept."""
_PATIENCE: Final = 2.0
"""Seconds to wait for the look at another document."""
_REST: Final = 60.0
"""Seconds without a second look by a schema after one that failed: nobody makes us start processes all day."""
_NAME: Final = re.compile(f"(?:{NAME})?")
_PATH: Final = re.compile(PATH)
_POINTER: Final = re.compile(POINTER)
_Number = Annotated[int, Field(ge=0, le=2**31)]
_Entry = tuple[str, bool]
"""What a helper calls the schema, and whether values are asked for."""


class _Lack(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str
    path: str
    expected: Annotated[tuple[str, ...], Field(max_length=10)]
    keywords: Annotated[tuple[str, ...], Field(max_length=500)]

    @model_validator(mode="after")
    def _plain_names(self) -> Self:
        named = all(_NAME.fullmatch(each) for each in self.expected)
        if self.code not in AGAINST_JSON_SCHEMA or not named or not _POINTER.fullmatch(self.path):
            raise ValueError("not names")
        return self


class _Seen(BaseModel):
    model_config = ConfigDict(extra="forbid")
    missing: Annotated[tuple[str, ...], Field(max_length=10)]
    least: _Number
    there: _Number
    most: _Number
    before: str
    behind: Annotated[tuple[str, ...], Field(max_length=10)]
    rivals: Annotated[tuple[str, ...], Field(max_length=10)]
    meant: str
    space: str | None
    items: Annotated[tuple[_Number, ...], Field(max_length=10)]
    character: Annotated[int, Field(ge=0, le=sys.maxunicode)]
    at: _Number
    other: str
    keywords: Annotated[tuple[str, ...], Field(max_length=500)]
    nearest: _Number
    several: bool
    lacks: Annotated[tuple[_Lack, ...], Field(max_length=10)]
    value: str

    @model_validator(mode="after")
    def _plain_names(self) -> Self:
        names = (*self.missing, self.before, *self.behind, *self.rivals, self.meant)
        if not all(map(_NAME.fullmatch, names)) or not _PATH.fullmatch(self.other):
            raise ValueError("not names")
        return self


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    insights: tuple[_Seen | None, ...]


class Misses:
    """How many second looks came to no end. Counted from any thread."""

    def __init__(self) -> None:
        self._counting = Lock()
        self.count = 0

    def add(self, package: str, reason: str) -> None:
        with self._counting:
            self.count += 1
        log.warning("schemas.second_look_failed", package=package, reason=reason)


class SecondLooks:
    """`insights` from any thread, one document at a time; `close` at the end."""

    def __init__(self, limits: HelperLimits, misses: Misses) -> None:
        self._misses = misses
        self._limits = replace(
            limits,
            cpu_seconds=min(limits.cpu_seconds, 3),
            wall_seconds=min(limits.wall_seconds, 4.0),
            start_seconds=min(limits.start_seconds, 15.0),
        )
        self._turn = Lock()
        self._changing = Lock()
        self._kept: OrderedDict[_Entry, HelperProcess] = OrderedDict()
        self._resting: dict[_Entry, float] = {}
        self._closed = False

    def insights(self, plan: SchemaPlan, document: bytes, asked: Sequence[Asked]) -> Sequence[Insight | None]:
        """One for each place; None where nothing more is known."""
        nothing = [None] * len(asked)
        entry = (plan.held_as, plan.quotes)
        if not asked or self._resting.get(entry, 0.0) > time.monotonic() or not self._turn.acquire(timeout=_PATIENCE):
            return nothing
        try:
            return self._looked(self._helper(entry, plan), plan, document, asked)
        except (HelperFailed, Misconfigured, OSError) as cause:
            if not self._closed:
                self._misses.add(plan.package, cause.reason if isinstance(cause, HelperFailed) else str(cause))
            self._resting[entry] = time.monotonic() + _REST
            self._end(entry)
            return nothing
        finally:
            self._turn.release()

    @staticmethod
    def _looked(
        helper: HelperProcess, plan: SchemaPlan, document: bytes, asked: Sequence[Asked]
    ) -> Sequence[Insight | None]:
        helper.await_ready()
        head, _ = helper.ask({"explain": plan.held_as, "asked": [asdict(each) for each in asked]}, document)
        return insights_of(plan, asked, head)

    def _helper(self, entry: _Entry, plan: SchemaPlan) -> HelperProcess:
        if entry not in self._kept:
            while len(self._kept) >= _MOST:
                self._end(next(iter(self._kept)))
            with self._changing:
                if self._closed:
                    raise HelperFailed("crashed")
                self._kept[entry] = HelperProcess(self._limits)
            self._kept[entry].teach(explained=(plan,))
        self._kept.move_to_end(entry)
        return self._kept[entry]

    def _end(self, entry: _Entry) -> None:
        with self._changing:
            helper = self._kept.pop(entry, None)
        if helper is not None:
            helper.kill()

    def close(self) -> None:
        """End the processes. A look that is being taken ends without a word."""
        with self._changing:
            self._closed = True
            for helper in self._kept.values():
                helper.hang_up()
        with self._turn:
            for entry in tuple(self._kept):
                self._end(entry)


def insights_of(plan: SchemaPlan, asked: Sequence[Asked], head: Mapping[str, Any]) -> Sequence[Insight | None]:
    """The checked answer. One that breaks the form raises `HelperFailed`: who gave it has read hostile input."""
    try:
        seen = _Answer.model_validate(head).insights
    except ValidationError:
        raise HelperFailed("crashed") from None  # its text would quote the answer
    if len(seen) != len(asked) or not all(each is None or _asked_for(each, plan) for each in seen):
        raise HelperFailed("crashed")
    return [None if each is None else _insight(each) for each in seen]


def _asked_for(seen: _Seen, plan: SchemaPlan) -> bool:
    """Whether it quotes the document only where the plan says so. A character that is no letter may be told."""
    letter = bool(seen.character) and chr(seen.character) in ascii_letters
    return plan.quotes or not (letter or seen.value or (seen.space and not plan.knows_space(seen.space)))


def _insight(seen: _Seen) -> Insight:
    lacks = tuple(Lack(**each.model_dump()) for each in seen.lacks)
    space = None if seen.space is None else readable(seen.space)
    return Insight(**{**seen.model_dump(), "lacks": lacks, "value": readable(seen.value), "space": space})

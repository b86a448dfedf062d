"""Helper processes that start when the first document of their schema comes, and end when others are asked more often.

For schemas that are rarely asked for and dear to hold: those of registered standards, those with Schematron, for which
Saxon takes memory of its own, and those in JSON, for which jsonschema would be loaded by every helper. A closed set has
helpers that judge all its messages, and so has telling messages apart: one, and more only while documents would wait
for it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock as Mutex
from typing import Final, NamedTuple

import structlog

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Inspection
from schemas.answers import Identified
from schemas.confinement import HelperLimits
from schemas.explaining.explainer import Explainers
from schemas.explaining.second_looks import Misses
from schemas.helper_process import HelperFailed
from schemas.helpers import HelperPool
from schemas.plan import Scenario, SchemaPlan

MOST: Final = 8
"""Helper processes kept for documents to come, beside those that one closed set may have at once."""

log = structlog.get_logger("amtsbote.schemas")


@dataclass
class _Kept:
    """One helper and who uses it. Starting it takes the mutex, so that one document starts it and others wait."""

    starting: Mutex = field(default_factory=Mutex)
    pool: HelperPool | None = None
    users: int = 0
    outdated: bool = False


class _Entry(NamedTuple):
    knowledge: str
    """What it has been told: a closed set, or how to tell messages apart."""
    number: int


class HelpersOnDemand:
    """`inspect` from any thread; `close` at the end."""

    def __init__(self, limits: HelperLimits, each: int = 1, most: int = MOST) -> None:
        """`each`: helpers that one closed set may have at once."""
        self._limits = limits
        self._each = each
        self._most = most + each - 1
        self._changing = Mutex()
        self._misses = Misses()
        self._explainers = Explainers(limits, self._misses)
        self._kept: OrderedDict[_Entry, _Kept] = OrderedDict()

    @property
    def second_looks_failed(self) -> int:
        """Since the start."""
        return self._misses.count

    @property
    def pids(self) -> tuple[int, ...]:
        """Helper processes at this moment."""
        return tuple(pid for kept in tuple(self._kept.values()) if kept.pool is not None for pid in kept.pool.pids)

    def inspect(self, plan: SchemaPlan, document: bytes, vouch: Callable[[], None] | None = None) -> Inspection:
        """Verdict on one document; blocks until there is one. `vouch` is called before a helper reads the schema files:
        it raises `Misconfigured` where they have changed. Raises `HelperFailed`."""

        def load(pool: HelperPool) -> None:
            if vouch is not None:
                vouch()
            pool.load((plan,))

        with self._helper(f"schema {plan.held_as}", plan.package, load) as helper:
            return helper.judge(plan, document)

    def identify(self, edition: str, scenarios: Sequence[Scenario], document: bytes) -> Identified:
        """Which of the scenarios the document fits; blocks like `inspect`. Other scenarios are another `edition`, so
        that whoever still had the former ones leaves no helper behind that knows only those. Raises `HelperFailed`."""
        with self._helper(f"edition {edition}", "", lambda pool: pool.load((), scenarios)) as helper:
            return helper.identify(document)

    def forget(self) -> None:
        """The schemas may have changed: every helper ends as soon as it has nothing in hand."""
        with self._changing:
            before, self._kept = list(self._kept.values()), OrderedDict()
            explainers, self._explainers = self._explainers, Explainers(self._limits, self._misses)
            for kept in before:
                kept.outdated = True
            idle = [kept for kept in before if not kept.users]
        _end(idle)
        explainers.close()

    def close(self) -> None:
        """A document in hand fails with `HelperFailed`."""
        with self._changing:
            self._most, kept = 0, list(self._kept.values())
        _end(kept)
        self._explainers.close()

    @contextmanager
    def _helper(self, knowledge: str, package: str, load: Callable[[HelperPool], None]) -> Iterator[HelperPool]:
        kept = self._taken(knowledge)
        try:
            with kept.starting:
                if kept.pool is None:
                    kept.pool = self._started(package, load)
                pool = kept.pool
            yield pool
        finally:
            _end(self._given_back(kept))

    def _taken(self, knowledge: str) -> _Kept:
        with self._changing:
            entry = min((_Entry(knowledge, number) for number in range(self._each)), key=self._effort)
            kept = self._kept.setdefault(entry, _Kept())
            self._kept.move_to_end(entry)
            kept.users += 1
            return kept

    def _effort(self, entry: _Entry) -> tuple[int, bool]:
        """One that is free before one that must be started, before one whose documents would be waited for."""
        kept = self._kept.get(entry)
        return (kept.users, False) if kept is not None else (0, True)

    def _given_back(self, kept: _Kept) -> list[_Kept]:
        with self._changing:
            kept.users -= 1
            ending = [kept] if kept.outdated and not kept.users else []
            idle = [entry for entry, each in self._kept.items() if not each.users]
            ended = idle[: max(0, len(self._kept) - self._most)]
            ending.extend(self._kept.pop(entry) for entry in ended)
            return ending

    def _started(self, package: str, load: Callable[[HelperPool], None]) -> HelperPool:
        pool = HelperPool(1, self._limits, self._explainers)
        try:
            pool.start()
            load(pool)
        except (Misconfigured, OSError) as cause:
            pool.close()
            log.error("schemas.unusable", package=package, reason=str(cause))
            raise HelperFailed("crashed") from cause
        return pool


def _end(helpers: Sequence[_Kept]) -> None:
    for kept in helpers:
        if kept.pool is not None:
            kept.pool.close()

"""Messages of registered standards, judged by helper processes that start when the first such document comes.

Schemas of standards are large, and most of a hundred registered ones are asked for rarely: each closed set has one
helper of its own, and those that were asked longest ago are ended. Nothing is read before the first question.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock as Mutex
from typing import Final

import structlog

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Inspection
from schemas.confinement import HelperLimits
from schemas.helper_process import HelperFailed
from schemas.helpers import HelperPool
from schemas.plan import SchemaPlan
from schemas.sets import judged
from schemas.standards.library import Library
from schemas.standards.lock import Lock
from schemas.standards.plans import plans_of, uri_of

MOST: Final = 8
"""Helper processes kept for documents to come."""

log = structlog.get_logger("amtsbote.schemas")


@dataclass
class _Kept:
    """The helper of one set. Starting it takes the mutex, so that one document starts it and others wait."""

    starting: Mutex = field(default_factory=Mutex)
    pool: HelperPool | None = None
    users: int = 0
    outdated: bool = False


class StandardsInUse:
    """`inspect` from any thread; `close` at the end."""

    def __init__(self, library: Library, limits: HelperLimits, most: int = MOST) -> None:
        self._library = library
        self._limits = limits
        self._most = most
        self._changing = Mutex()
        self._seen = -1
        self._messages: Mapping[str, Lock] = {}
        self._plans: dict[str, Sequence[SchemaPlan]] = {}
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @property
    def running(self) -> int:
        """Helper processes at this moment."""
        return sum(kept.pool is not None for kept in tuple(self._kept.values()))

    def messages(self) -> Set[str]:
        """URIs of all messages, `kennung_version#root`. Raises `Misconfigured` for a damaged registry."""
        with self._changing:
            ending = self._look_again()
            messages = self._messages.keys()
        _end(ending)
        return messages

    def inspect(self, uri: str, document: bytes) -> Inspection:
        """Verdict on one document; blocks until there is one. Raises `HelperFailed`, `KeyError` for a message that no
        registered standard has, and `Misconfigured` where Saxon is not installed for its rules."""
        with self._changing:
            ending = self._look_again()
        _end(ending)
        return judged(self._plans_of(uri), lambda plan: self._judged(plan, document))

    def close(self) -> None:
        with self._changing:
            self._most, kept = 0, list(self._kept.values())
        _end(kept)

    def _judged(self, plan: SchemaPlan, document: bytes) -> Inspection:
        with self._helper(plan) as helper:
            return helper.inspect(plan.uri, document)

    def _look_again(self) -> list[_Kept]:
        """Reads the registry when a standard came or went since; returns the helpers nobody needs any more."""
        now = self._library.stamp()
        if now == self._seen:
            return []
        self._messages = {uri_of(lock, root): lock for lock in self._library.standards() for root in lock.messages}
        self._plans, self._seen = {}, now
        before, self._kept = list(self._kept.values()), OrderedDict()
        for kept in before:
            kept.outdated = True
        return [kept for kept in before if not kept.users]

    def _plans_of(self, uri: str) -> Sequence[SchemaPlan]:
        if uri not in self._plans:
            try:
                self._plans[uri] = tuple(plans_of(self._library, (self._messages[uri],), uri))
            except Misconfigured as cause:
                log.error("standard.unusable", package=uri, reason=cause.en)
                raise
        return self._plans[uri]

    @contextmanager
    def _helper(self, plan: SchemaPlan) -> Iterator[HelperPool]:
        kept = self._taken(plan)
        try:
            with kept.starting:
                if kept.pool is None:
                    kept.pool = self._started(plan)
                pool = kept.pool
            yield pool
        finally:
            _end(self._given_back(kept))

    def _taken(self, plan: SchemaPlan) -> _Kept:
        with self._changing:
            kept = self._kept.setdefault(plan.xsd, _Kept())
            self._kept.move_to_end(plan.xsd)
            kept.users += 1
            return kept

    def _given_back(self, kept: _Kept) -> list[_Kept]:
        with self._changing:
            kept.users -= 1
            ending = [kept] if kept.outdated and not kept.users else []
            idle = [entry for entry, each in self._kept.items() if not each.users]
            ended = idle[: max(0, len(self._kept) - self._most)]
            ending.extend(self._kept.pop(entry) for entry in ended)
            return ending

    def _started(self, plan: SchemaPlan) -> HelperPool:
        pool = HelperPool(1, self._limits)
        try:
            pool.start()
            pool.load((plan,))
        except (Misconfigured, OSError) as cause:
            pool.close()
            log.error("standard.unusable", package=plan.package, reason=str(cause))
            raise HelperFailed("crashed") from cause
        return pool


def _end(helpers: Sequence[_Kept]) -> None:
    for kept in helpers:
        if kept.pool is not None:
            kept.pool.close()

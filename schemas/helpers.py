"""The pool of helper processes that read untrusted XML: one round trip per document, bounded in memory and time.

A helper that crashes, hangs or runs out of memory costs the document it was reading, and nothing else: it is killed
alone and replaced.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from queue import LifoQueue
from threading import Lock
from typing import Any, TypeVar

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Inspection, Postmark
from schemas.answers import Identified, identified_of, inspection_of, refused_unread, too_large, translated_of
from schemas.confinement import HelperLimits
from schemas.explaining.explainer import Explainers
from schemas.helper_process import HelperFailed, HelperProcess
from schemas.mapping import MappingPlan
from schemas.plan import Scenario, SchemaPlan

__all__ = ["HelperFailed", "HelperLimits", "HelperPool", "loaded_helpers"]


Answer = TypeVar("Answer")


class _Slot:
    """The place of one helper in the pool; empty between the end of one and the start of the next."""

    def __init__(self) -> None:
        self.helper: HelperProcess | None = None


class HelperPool:
    """`start`, then `load` once; `inspect` from any thread; `close` at the end."""

    def __init__(self, size: int, limits: HelperLimits, explainers: Explainers | None = None) -> None:
        """`explainers`: of whoever has several pools; otherwise the pool has its own."""
        self.limits = limits
        self._slots = tuple(_Slot() for _ in range(size))
        self._free: LifoQueue[_Slot] = LifoQueue()
        self._plans: Mapping[str, SchemaPlan] = {}
        self._scenarios: tuple[Scenario, ...] = ()
        self._mappings: tuple[MappingPlan, ...] = ()
        self._changing = Lock()
        self._explainers = Explainers(limits) if explainers is None else explainers
        self._explains_alone = explainers is None
        self._closed = False
        self._restarts = 0

    @property
    def second_looks_failed(self) -> int:
        """Since the start, of all pools that share the explainers."""
        return self._explainers.misses.count

    @property
    def restarts(self) -> int:
        """How many helpers had to be replaced."""
        return self._restarts

    @property
    def busy(self) -> int:
        """How many helpers have a document in hand, or are not loaded yet."""
        return len(self._slots) - self._free.qsize()

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(helper.pid for slot in self._slots if (helper := slot.helper) is not None)

    def start(self) -> None:
        """Launch all helpers; they wait for `load`."""
        for slot in self._slots:
            slot.helper = HelperProcess(self.limits)

    def load(
        self, plans: Sequence[SchemaPlan], scenarios: Sequence[Scenario] = (), mappings: Sequence[MappingPlan] = ()
    ) -> None:
        """Have every helper compile these schemas and mappings and know these scenarios. Raises `Misconfigured` when
        one cannot be compiled."""
        self._plans = {plan.uri: plan for plan in plans}
        self._scenarios, self._mappings = tuple(scenarios), tuple(mappings)
        try:
            for slot in self._slots:
                if slot.helper is not None:
                    self._teach(slot.helper)
            for slot in self._slots:
                self._living(slot)
        except HelperFailed as cause:
            raise Misconfigured(
                "a helper process for XML validation does not start", "ein Prüfprozess für XML lässt sich nicht starten"
            ) from cause
        for slot in self._slots:
            self._free.put(slot)

    def inspect(self, schema_uri: str, document: bytes) -> Inspection:
        """Verdict on one document; blocks until a helper is free and has answered. Raises `HelperFailed`."""
        return self.judge(self._plans[schema_uri], document)

    def judge(self, plan: SchemaPlan, document: bytes) -> Inspection:
        """The same by a plan that was loaded, or by another message of its closed set."""
        if len(document) > self.limits.document_bytes:
            return refused_unread(plan, "JSON-TOO-LARGE" if plan.json_schema else "XML-TOO-LARGE")
        about = {"schema": plan.held_as, **(_message(plan) if plan.closed_set else {})}
        found = self._asked(about, document, lambda head, _: inspection_of(plan, head))
        return replace(found, findings=self._explainers.explained(plan, found.findings, document))

    def identify(self, document: bytes) -> Identified:
        """Which of the scenarios the document fits; blocks like `inspect`. Raises `HelperFailed`."""
        if len(document) > self.limits.document_bytes:
            return too_large()
        scenarios = self._scenarios
        return self._asked({}, document, lambda head, _: identified_of(scenarios, head))

    def translate(self, mapping: str, document: bytes, postmark: Postmark) -> bytes | None:
        """What a mapping makes of a document, unchecked; None where it makes nothing. Blocks like `inspect`. Raises
        `HelperFailed`."""
        return self._asked({"mapping": mapping, "postmark": asdict(postmark)}, document, translated_of)

    def _asked(
        self, about: Mapping[str, Any], document: bytes, read: Callable[[Mapping[str, Any], bytes], Answer]
    ) -> Answer:
        slot = self._free.get()
        try:
            return read(*self._living(slot).ask(about, document))
        except BaseException:
            self._clear(slot)
            raise
        finally:
            self._free.put(slot)

    def _living(self, slot: _Slot) -> HelperProcess:
        """The slot's helper, ready for a document: a new one where the last one was killed or died while idle."""
        if slot.helper is not None and slot.helper.gone:
            self._clear(slot)
        if slot.helper is None:
            self._launch(slot)
        if slot.helper is None:
            raise HelperFailed("crashed")
        slot.helper.await_ready()
        return slot.helper

    def _launch(self, slot: _Slot) -> None:
        with self._changing:
            if self._closed:
                return
            try:
                slot.helper = HelperProcess(self.limits)
            except OSError:
                return  # no process to be had now; the next document tries again
        self._teach(slot.helper)

    def _teach(self, helper: HelperProcess) -> None:
        helper.teach(tuple(self._plans.values()), self._scenarios, self._mappings)

    def _clear(self, slot: _Slot) -> None:
        with self._changing:
            helper, slot.helper = slot.helper, None
            if helper is None or self._closed:
                return
            self._restarts += 1
        helper.kill()
        self._launch(slot)

    def close(self) -> None:
        """End all helpers; once is enough. A document that is being read fails with `HelperFailed`."""
        with self._changing:
            ending = [] if self._closed else [slot.helper for slot in self._slots if slot.helper is not None]
            self._closed = True
        for helper in ending:
            helper.hang_up()
        for helper in ending:
            helper.end()
        if self._explains_alone:
            self._explainers.close()


def _message(plan: SchemaPlan) -> Mapping[str, Any]:
    """Which of the messages of its closed set it is."""
    return {"root": plan.root, "others": [asdict(each) for each in plan.others]}


@contextmanager
def loaded_helpers(
    limits: HelperLimits,
    plans: Sequence[SchemaPlan] = (),
    scenarios: Sequence[Scenario] = (),
    mappings: Sequence[MappingPlan] = (),
) -> Iterator[HelperPool]:
    """One helper for as long as the block lasts. Raises `Misconfigured` when a schema cannot be compiled."""
    pool = HelperPool(1, limits)
    pool.start()
    try:
        pool.load(plans, scenarios, mappings)
        yield pool
    finally:
        pool.close()

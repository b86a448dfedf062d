"""Metrics for Prometheus: every step, commit, fsync, rename and private-key operation, and what waits."""

import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from amtsbote.api.notices import Tally
from amtsbote.api.persistence import Queue
from amtsbote.keys.calendar import Expiry
from amtsbote.model.job import JobKind
from amtsbote.model.stage import Stage
from routing.freshness import Freshness

P = ParamSpec("P")
R = TypeVar("R")

_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meter:
    """`around` is the wrapping of the composition root (`amtsbote.api.operations.Around`)."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(name, meaning, labels, registry=registry)

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(name, meaning, labels, registry=registry)

        self._seconds = Histogram(
            "amtsbote_operation_seconds", "Duration of operations", ["operation"], buckets=_BUCKETS, registry=registry
        )
        self._cpu = counter("amtsbote_operation_cpu_seconds", "CPU time of the thread in operations", "operation")
        self._failures = counter("amtsbote_operation_failures", "Operations that raised", "operation")
        self.jobs = gauge("amtsbote_jobs", "Rows of the job table", "kind")
        self._waiting = gauge("amtsbote_jobs_waiting", "Jobs that are due and in nobody's hand", "kind")
        self._oldest = gauge("amtsbote_jobs_oldest_due_seconds", "How long the oldest waiting job has been due", "kind")
        self._deliveries = {
            Stage.LIVE: counter("amtsbote_deliveries", "Attempts at a delivery", "target", "outcome"),
            Stage.TEST: counter(
                "amtsbote_test_deliveries", "Attempts at a delivery of a test message", "target", "outcome"
            ),
        }
        self._replies = {
            Stage.LIVE: counter("amtsbote_replies", "What became of answers of authorities", "target", "outcome"),
            Stage.TEST: counter(
                "amtsbote_test_replies", "What became of answers of authorities to test messages", "target", "outcome"
            ),
        }
        self._calls = counter("amtsbote_callbacks", "Calls to receivers", "outcome")
        self._receivers = gauge("amtsbote_callback_receivers", "Receivers whose last call failed", "standing")
        self._notices = gauge("amtsbote_callback_notices", "What receivers are to be told and have not been")
        self.helpers_busy = gauge("amtsbote_helpers_busy", "Validation helpers with a document in hand")
        self.dead_letters = gauge("amtsbote_dead_letters", "Open Klärungsfälle", "reason")
        self.test_dead_letters = gauge("amtsbote_test_dead_letters", "Open Klärungsfälle of test messages", "reason")
        self.oldest_dead_letter = gauge("amtsbote_dead_letter_oldest_seconds", "Age of the oldest open Klärungsfall")
        self.helper_restarts = gauge("amtsbote_helper_restarts", "Validation helpers replaced since the start")
        self.second_looks_failed = gauge("amtsbote_second_looks_failed", "Second looks at findings without an answer")
        self._silent_rules = gauge(
            "amtsbote_silent_rules_documents",
            "Documents judged by a rule set none of whose rules has met anything",
            "package",
            "rules",
        )
        self.key_expiry = gauge(
            "amtsbote_key_expiry_seconds", "Time until a certified key runs out; negative afterwards", "kid", "owner"
        )
        self._sources = gauge(
            "amtsbote_source_newest_timestamp_seconds",
            "Newest day of what was imported from a source of the routing registry",
            "source",
        )
        self._answers = counter("amtsbote_answers", "Answers of the public listener", "status")
        self._editing = counter("amtsbote_editing_answers", "Answers of the editing API", "status")
        self._problems = counter("amtsbote_problems", "Refused requests", "code")
        self._tokens = counter("amtsbote_tokens", "Requests for an access token", "outcome")
        self.store_up = gauge("amtsbote_store_up", "1 when the store answered this scrape")
        self.orphans = gauge("amtsbote_orphans", "Files without a row found at the start")

    def measure_keys(self, expiries: Iterable[Expiry]) -> None:
        """Keys that are not among them any more disappear."""
        self.key_expiry.clear()
        for one in expiries:
            self.key_expiry.labels(one.kid, one.owner).set(one.left.total_seconds())

    def measure_sources(self, sources: Iterable[Freshness]) -> None:
        """The beginning of the newest day, UTC. Sources that are not among them any more disappear."""
        self._sources.clear()
        for one in sources:
            if one.newest is not None:
                moment = datetime(one.newest.year, one.newest.month, one.newest.day, tzinfo=UTC)
                self._sources.labels(one.source).set(moment.timestamp())

    def measure_silence(self, documents: Mapping[tuple[str, str], int]) -> None:
        """(package or standard, rule set) → documents."""
        for (package, rules), count in documents.items():
            self._silent_rules.labels(package, rules).set(count)

    def measure_queues(self, queues: Mapping[JobKind, Queue], now: datetime) -> None:
        for kind, queue in queues.items():
            self._waiting.labels(kind).set(queue.count)
            self._oldest.labels(kind).set((now - queue.oldest).total_seconds() if queue.oldest is not None else 0)

    def count_delivery(self, stage: Stage, target: str, outcome: str) -> None:
        """One attempt at a delivery: `delivered`, `again` or `held`. Test messages have a series of their own, so that
        no sum and no alarm over the live ones sees them."""
        self._deliveries[stage].labels(target, outcome).inc()

    def count_reply(self, stage: Stage, target: str, outcome: str) -> None:
        """One answer of an authority: `passed-on`, `declined`, `again` or `given-up` when it is collected, `accepted`
        or `rejected` when its portal has decided. Those to test messages have a series of their own."""
        self._replies[stage].labels(target, outcome).inc()

    def answered(self, status: int) -> None:
        """One answer of the FIT-Connect server."""
        self._answers.labels(status).inc()

    def answered_editor(self, status: int) -> None:
        """One answer of the editing API. Problems and tokens of both listeners are counted together."""
        self._editing.labels(status).inc()

    def refused(self, code: str) -> None:
        """One request that became a problem, by the code of the error table."""
        self._problems.labels(code).inc()

    def token(self, outcome: str) -> None:
        """One request for a token: `granted`, or the error of RFC 6749."""
        self._tokens.labels(outcome).inc()

    def count_call(self, outcome: str) -> None:
        """One callback: `told`, `failed` or `stopped`."""
        self._calls.labels(outcome).inc()

    def measure_callbacks(self, tally: Tally) -> None:
        self._receivers.labels("failing").set(tally.failing)
        self._receivers.labels("stopped").set(tally.stopped)
        self._notices.set(tally.notices)

    def exposition(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self._registry)

    def around(self, name: str, function: Callable[P, R], /) -> Callable[P, R]:
        if iscoroutinefunction(function):
            return self._around_coroutine(name, function)  # type: ignore[return-value]  # R is the coroutine
        seconds, cpu, failures = self._of(name)

        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            began, computed = time.perf_counter(), time.thread_time()
            try:
                return function(*args, **kwargs)
            except Exception:
                failures.inc()
                raise
            finally:
                seconds.observe(time.perf_counter() - began)
                cpu.inc(time.thread_time() - computed)

        return measured

    def _around_coroutine(
        self, name: str, function: Callable[P, Coroutine[Any, Any, R]]
    ) -> Callable[P, Coroutine[Any, Any, R]]:
        seconds, _, failures = self._of(name)

        async def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            began = time.perf_counter()
            try:
                return await function(*args, **kwargs)
            except Exception:
                failures.inc()
                raise
            finally:
                seconds.observe(time.perf_counter() - began)

        return measured

    def _of(self, name: str) -> tuple[Histogram, Counter, Counter]:
        return self._seconds.labels(name), self._cpu.labels(name), self._failures.labels(name)

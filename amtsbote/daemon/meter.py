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
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._seconds = Histogram(
            "amtsbote_operation_seconds",
            "Duration of operations",
            ["operation"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._cpu = Counter(
            "amtsbote_operation_cpu_seconds",
            "CPU time of the thread in operations",
            ["operation"],
            registry=self._registry,
        )
        self._failures = Counter(
            "amtsbote_operation_failures", "Operations that raised", ["operation"], registry=self._registry
        )
        self.jobs = Gauge("amtsbote_jobs", "Rows of the job table", ["kind"], registry=self._registry)
        self._waiting = Gauge(
            "amtsbote_jobs_waiting", "Jobs that are due and in nobody's hand", ["kind"], registry=self._registry
        )
        self._oldest = Gauge(
            "amtsbote_jobs_oldest_due_seconds",
            "How long the oldest waiting job has been due",
            ["kind"],
            registry=self._registry,
        )
        self._deliveries = {
            Stage.LIVE: Counter(
                "amtsbote_deliveries", "Attempts at a delivery", ["target", "outcome"], registry=self._registry
            ),
            Stage.TEST: Counter(
                "amtsbote_test_deliveries",
                "Attempts at a delivery of a test message",
                ["target", "outcome"],
                registry=self._registry,
            ),
        }
        self._replies = {
            Stage.LIVE: Counter(
                "amtsbote_replies",
                "What became of answers of authorities",
                ["target", "outcome"],
                registry=self._registry,
            ),
            Stage.TEST: Counter(
                "amtsbote_test_replies",
                "What became of answers of authorities to test messages",
                ["target", "outcome"],
                registry=self._registry,
            ),
        }
        self._calls = Counter("amtsbote_callbacks", "Calls to receivers", ["outcome"], registry=self._registry)
        self._receivers = Gauge(
            "amtsbote_callback_receivers", "Receivers whose last call failed", ["standing"], registry=self._registry
        )
        self._notices = Gauge(
            "amtsbote_callback_notices", "What receivers are to be told and have not been", registry=self._registry
        )
        self.helpers_busy = Gauge(
            "amtsbote_helpers_busy", "Validation helpers with a document in hand", registry=self._registry
        )
        self.dead_letters = Gauge("amtsbote_dead_letters", "Open Klärungsfälle", ["reason"], registry=self._registry)
        self.test_dead_letters = Gauge(
            "amtsbote_test_dead_letters", "Open Klärungsfälle of test messages", ["reason"], registry=self._registry
        )
        self.oldest_dead_letter = Gauge(
            "amtsbote_dead_letter_oldest_seconds", "Age of the oldest open Klärungsfall", registry=self._registry
        )
        self.helper_restarts = Gauge(
            "amtsbote_helper_restarts", "Validation helpers replaced since the start", registry=self._registry
        )
        self.second_looks_failed = Gauge(
            "amtsbote_second_looks_failed", "Second looks at findings without an answer", registry=self._registry
        )
        self._silent_rules = Gauge(
            "amtsbote_silent_rules_documents",
            "Documents judged by a rule set none of whose rules has met anything",
            ["package", "rules"],
            registry=self._registry,
        )
        self.key_expiry = Gauge(
            "amtsbote_key_expiry_seconds",
            "Time until a certified key runs out; negative afterwards",
            ["kid", "owner"],
            registry=self._registry,
        )
        self._sources = Gauge(
            "amtsbote_source_newest_timestamp_seconds",
            "Newest day of what was imported from a source of the routing registry",
            ["source"],
            registry=self._registry,
        )
        self._answers = Counter(
            "amtsbote_answers", "Answers of the public listener", ["status"], registry=self._registry
        )
        self._editing = Counter(
            "amtsbote_editing_answers", "Answers of the editing API", ["status"], registry=self._registry
        )
        self._problems = Counter("amtsbote_problems", "Refused requests", ["code"], registry=self._registry)
        self._tokens = Counter("amtsbote_tokens", "Requests for an access token", ["outcome"], registry=self._registry)
        self.store_up = Gauge("amtsbote_store_up", "1 when the store answered this scrape", registry=self._registry)
        self.orphans = Gauge("amtsbote_orphans", "Files without a row found at the start", registry=self._registry)

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

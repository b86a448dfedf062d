"""A store against a model in memory: messages, jobs and deliveries in any order hypothesis thinks of.

Each rule does the same to both and compares the answer; the invariant compares what can be seen.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from store_samples import MINUTE, NOON, a_delivery, a_message

from amtsbote.api.persistence import Page, Store, Transaction
from amtsbote.errors import LeaseLost, NotFound, StaleState
from amtsbote.model.ids import DeliveryId, MessageId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import DELIVERY_TRANSITIONS, TRANSITIONS, DeliveryState, State

IDS = st.sampled_from(["m1", "m2", "m3"])
KINDS = st.sampled_from(list(JobKind))
MINUTES = st.integers(0, 5)


@dataclass
class ModelJob:
    due: datetime
    attempt: int = 0
    lease: datetime | None = None
    holder: Job | None = None


@dataclass
class Model:
    messages: dict[str, State] = field(default_factory=dict)
    deliveries: dict[str, DeliveryState] = field(default_factory=dict)
    jobs: dict[tuple[JobKind, str], ModelJob] = field(default_factory=dict)

    def due(self, kinds: list[JobKind], now: datetime) -> list[tuple[JobKind, str]]:
        ready = [
            (job.due, key)
            for key, job in self.jobs.items()
            if key[0] in kinds and job.due <= now and (job.lease is None or job.lease <= now)
        ]
        return [key for _, key in sorted(ready, key=lambda item: item[0])]

    def held_by(self, job: Job) -> ModelJob:
        known = self.jobs.get((job.kind, job.reference))
        if known is None or known.holder != job:
            raise LeaseLost
        return known


class StoreMachine(RuleBasedStateMachine):
    open_store: Callable[[Path], Store]

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.store = type(self).open_store(Path(self.folder.name))
        self.model = Model()
        self.now = NOON
        self.claimed: list[Job] = []

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def agree(self, unit: Callable[[Transaction], Any], expected: Callable[[], Any], *, undo: bool = False) -> None:
        """Store and model answer the same, or raise the same. With `undo`, the unit fails afterwards: no trace."""

        def whole(tx: Transaction) -> Any:
            answer = unit(tx)
            if undo:
                raise LookupError
            return answer

        try:
            answer = expected()
        except (NotFound, StaleState, ValueError) as error:
            with pytest.raises(type(error)):
                self.runner.run(self.store.write(whole))
            return
        if undo:
            with pytest.raises(LookupError):
                self.runner.run(self.store.write(whole))
        else:
            assert self.runner.run(self.store.write(whole)) == answer

    @rule(minutes=MINUTES)
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(name=IDS)
    def add_message(self, name: str) -> None:
        def expected() -> None:
            if name in self.model.messages:
                raise StaleState
            self.model.messages[name] = State.ANNOUNCED
            self.model.deliveries[f"v-{name}"] = DeliveryState.PENDING

        def unit(tx: Transaction) -> None:
            tx.messages.add(a_message(name), None)
            tx.deliveries.add([a_delivery(f"v-{name}", name)])

        self.agree(unit, expected)

    @rule(name=IDS, source=st.sampled_from(State), to=st.sampled_from(State))
    def move_message(self, name: str, source: State, to: State) -> None:
        def expected() -> None:
            if to not in TRANSITIONS[source]:
                raise ValueError
            if name not in self.model.messages:
                raise NotFound
            if self.model.messages[name] is not source:
                raise StaleState
            self.model.messages[name] = to

        self.agree(lambda tx: tx.messages.move(MessageId(name), source, to, at=self.now), expected)

    @rule(name=IDS, data=st.data())
    def move_message_rightly_but_fail_afterwards(self, name: str, data: st.DataObject) -> None:
        source = self.model.messages.get(name, State.ANNOUNCED)
        to = data.draw(st.sampled_from([*TRANSITIONS[source], State.EXPIRED]))

        def unit(tx: Transaction) -> None:
            tx.messages.move(MessageId(name), source, to, at=self.now)

        def expected() -> None:
            if to not in TRANSITIONS[source]:
                raise ValueError
            if name not in self.model.messages:
                raise NotFound

        self.agree(unit, expected, undo=True)

    @rule(name=IDS, source=st.sampled_from(DeliveryState), to=st.sampled_from(DeliveryState))
    def move_delivery(self, name: str, source: DeliveryState, to: DeliveryState) -> None:
        def expected() -> None:
            if to not in DELIVERY_TRANSITIONS[source]:
                raise ValueError
            if f"v-{name}" not in self.model.deliveries:
                raise NotFound
            if self.model.deliveries[f"v-{name}"] is not source:
                raise StaleState
            self.model.deliveries[f"v-{name}"] = to

        self.agree(lambda tx: tx.deliveries.move(DeliveryId(f"v-{name}"), source, to, failure=None), expected)

    @rule(kind=KINDS, name=IDS, minutes=MINUTES)
    def add_job(self, kind: JobKind, name: str, minutes: int) -> None:
        due = self.now + minutes * MINUTE + len(self.model.jobs) * MINUTE / 60

        def expected() -> None:
            self.model.jobs.setdefault((kind, name), ModelJob(due))

        self.agree(lambda tx: tx.jobs.add(kind, name, due), expected)

    @rule(kinds=st.lists(KINDS, max_size=3, unique=True), limit=st.integers(0, 3), lease=st.integers(1, 4))
    def claim(self, kinds: list[JobKind], limit: int, lease: int) -> None:
        jobs = self.runner.run(
            self.store.write(lambda tx: tx.jobs.claim(kinds, limit, now=self.now, lease=lease * MINUTE))
        )

        assert [(job.kind, job.reference) for job in jobs] == self.model.due(kinds, self.now)[:limit]
        for job in jobs:
            known = self.model.jobs[job.kind, job.reference]
            assert (job.attempt, job.due) == (known.attempt + 1, known.due)
            assert known.holder is None or job.token > known.holder.token
            known.attempt, known.lease, known.holder = job.attempt, self.now + lease * MINUTE, job
        self.claimed += jobs

    @rule(
        data=st.data(),
        how=st.sampled_from(["finish", "again", "postpone", "extend"]),
        minutes=MINUTES,
        undo=st.booleans(),
    )
    def use_any_job_ever_claimed(self, data: st.DataObject, how: str, minutes: int, undo: bool) -> None:
        if not self.claimed:
            return
        job = data.draw(st.sampled_from(self.claimed))
        until = self.now + minutes * MINUTE + MINUTE / 7

        def expected() -> None:
            known = self.model.held_by(job)
            if undo:
                return
            match how:
                case "finish":
                    del self.model.jobs[job.kind, job.reference]
                case "extend":
                    known.lease = until
                case _:
                    known.due, known.lease, known.holder = until, None, None
                    known.attempt -= how == "postpone"

        def unit(tx: Transaction) -> None:
            match how:
                case "finish":
                    tx.jobs.finish(job)
                case "postpone":
                    tx.jobs.postpone(job, until)
                case "extend":
                    tx.jobs.extend(job, until)
                case _:
                    tx.jobs.again(job, until)

        self.agree(unit, expected, undo=undo)

    @rule(kind=KINDS, name=IDS)
    def drop_job(self, kind: JobKind, name: str) -> None:
        self.agree(lambda tx: tx.jobs.drop(kind, name), lambda: self.model.jobs.pop((kind, name), None) and None)

    @rule()
    def restart(self) -> None:
        self.runner.run(self.store.close())
        self.store = type(self).open_store(Path(self.folder.name))
        leased = [job for job in self.model.jobs.values() if job.lease is not None]
        for job in leased:
            job.lease = job.holder = None

        assert self.runner.run(self.store.write(lambda tx: tx.jobs.release())) == len(leased)

    @invariant()
    def the_same_is_seen(self) -> None:
        def look(tx: Transaction) -> tuple[Any, ...]:
            _, messages = tx.messages.page(None, Page(0, 10))
            deliveries = [delivery for message in messages for delivery in tx.deliveries.of(message.id)]
            return (
                {message.id: message.state for message in messages},
                {delivery.id: delivery.state for delivery in deliveries},
                tx.jobs.counts(),
            )

        model = self.model
        assert self.runner.run(self.store.read(look)) == (
            model.messages,
            model.deliveries,
            {kind: sum(key[0] is kind for key in model.jobs) for kind in JobKind},
        )


def test_the_store_does_what_the_model_does(open_store: Callable[[Path], Store]) -> None:
    machine = type("Machine", (StoreMachine,), {"open_store": staticmethod(open_store)})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

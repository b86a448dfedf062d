"""The one job table: due, leased, fenced."""

from datetime import timedelta
from typing import Any

import pytest
from store_samples import MINUTE, NOON, a_message

from amtsbote.api.persistence import Scope, Store, Transaction
from amtsbote.errors import LeaseLost, NotFound
from amtsbote.model.ids import MessageId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import State

PROCESS, DELIVER, EXPIRE = JobKind.PROCESS, JobKind.DELIVER, JobKind.EXPIRE


async def add(store: Store, *jobs: tuple[JobKind, str, int]) -> None:
    """Jobs as (kind, reference, minutes after noon)."""

    def unit(tx: Transaction) -> None:
        for kind, reference, minutes in jobs:
            tx.jobs.add(kind, reference, NOON + minutes * MINUTE)

    await store.write(unit)


async def claim(
    store: Store, *kinds: JobKind, at: int = 0, limit: int = 10, lease: timedelta = MINUTE
) -> tuple[Job, ...]:
    return await store.write(lambda tx: tx.jobs.claim(kinds, limit, now=NOON + at * MINUTE, lease=lease))


def references(jobs: tuple[Job, ...]) -> list[str]:
    return [job.reference for job in jobs]


async def test_due_jobs_of_the_wanted_kinds_are_claimed_oldest_first(store: Store) -> None:
    await add(
        store, (PROCESS, "b", -1), (DELIVER, "a", -2), (EXPIRE, "x", -9), (PROCESS, "later", 1), (PROCESS, "c", 0)
    )

    assert references(await claim(store, PROCESS, DELIVER, limit=2)) == ["a", "b"]
    assert references(await claim(store, PROCESS, DELIVER)) == ["c"]
    assert references(await claim(store, PROCESS, DELIVER)) == []
    assert references(await claim(store)) == []


async def test_a_claim_counts_the_attempt_and_raises_the_token(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0))

    [first] = await claim(store, PROCESS)
    [second] = await claim(store, PROCESS, at=1)

    assert (first.kind, first.reference, first.due) == (PROCESS, "m1", NOON)
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.token > first.token
    assert second.id == first.id


async def test_a_lease_keeps_others_away_until_its_last_moment(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0))
    await claim(store, PROCESS, lease=5 * MINUTE)

    assert await claim(store, PROCESS, at=4) == ()
    assert references(await claim(store, PROCESS, at=5)) == ["m1"]


async def test_an_expired_lease_comes_in_the_order_of_its_due_time(store: Store) -> None:
    await add(store, (PROCESS, "old", -5))
    await claim(store, PROCESS)
    await add(store, (PROCESS, "young", -1), (PROCESS, "oldest", -9))

    assert references(await claim(store, PROCESS, at=1, limit=2)) == ["oldest", "old"]


async def test_adding_a_job_again_changes_nothing(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0))
    [job] = await claim(store, PROCESS)
    await add(store, (PROCESS, "m1", 30), (DELIVER, "m1", 0))

    await store.write(lambda tx: tx.jobs.again(job, NOON + MINUTE))

    [again] = await claim(store, PROCESS, at=1)
    assert (again.attempt, again.due) == (2, NOON + MINUTE)


async def test_an_extended_lease_keeps_others_away_longer(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0))
    [job] = await claim(store, PROCESS)

    await store.write(lambda tx: tx.jobs.extend(job, NOON + 5 * MINUTE))

    assert await claim(store, PROCESS, at=4) == ()
    [again] = await claim(store, PROCESS, at=5)
    assert again.attempt == 2


async def test_a_postponed_job_was_never_tried_and_has_a_new_token_next_time(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0))
    [job] = await claim(store, PROCESS)

    await store.write(lambda tx: tx.jobs.postpone(job, NOON + MINUTE))

    assert await claim(store, PROCESS) == ()
    [again] = await claim(store, PROCESS, at=1)
    assert (again.attempt, again.due) == (1, NOON + MINUTE)
    assert again.token > job.token


@pytest.mark.parametrize("how", ["finish", "again", "postpone", "extend"])
async def test_whoever_lost_the_lease_writes_nothing_at_all(store: Store, how: str) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    await add(store, (PROCESS, "m1", 0))
    [lost] = await claim(store, PROCESS)
    [held] = await claim(store, PROCESS, at=1)

    def unit(tx: Transaction) -> None:
        tx.messages.move(MessageId("m1"), State.ANNOUNCED, State.SUBMITTED, at=NOON)
        arguments: tuple[Any, ...] = (lost,) if how == "finish" else (lost, NOON + 9 * MINUTE)
        getattr(tx.jobs, how)(*arguments)

    with pytest.raises(LeaseLost):
        await store.write(unit)

    assert (await store.read(lambda tx: tx.messages.get(MessageId("m1")))).state is State.ANNOUNCED
    await store.write(lambda tx: tx.jobs.finish(held))
    assert (await store.read(lambda tx: tx.jobs.counts()))[PROCESS] == 0


async def test_a_lease_that_ran_out_still_counts_while_nobody_took_the_job(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0))
    [job] = await claim(store, PROCESS)

    await store.write(lambda tx: tx.jobs.finish(job))

    assert await claim(store, PROCESS, at=60) == ()


async def test_a_job_given_back_or_finished_cannot_be_finished_again(store: Store) -> None:
    await add(store, (PROCESS, "given back", 0), (PROCESS, "finished", 0))
    back, finished = await claim(store, PROCESS)
    await store.write(lambda tx: tx.jobs.again(back, NOON + MINUTE))
    await store.write(lambda tx: tx.jobs.finish(finished))
    await add(store, (PROCESS, "finished", 0))
    await claim(store, PROCESS)

    with pytest.raises(LeaseLost):
        await store.write(lambda tx: tx.jobs.finish(back))
    with pytest.raises(LeaseLost):
        await store.write(lambda tx: tx.jobs.finish(finished))


async def test_dropping_a_job_takes_it_from_its_worker(store: Store) -> None:
    await add(store, (EXPIRE, "m1", 0))
    [job] = await claim(store, EXPIRE)

    await store.write(lambda tx: tx.jobs.drop(EXPIRE, "m1"))
    await store.write(lambda tx: tx.jobs.drop(EXPIRE, "m1"))

    with pytest.raises(LeaseLost):
        await store.write(lambda tx: tx.jobs.again(job, NOON))


async def test_release_forgets_every_lease_but_not_the_attempts(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0), (DELIVER, "v1", 0), (EXPIRE, "free", 0))
    [before] = await claim(store, PROCESS, lease=timedelta(days=1))
    await claim(store, DELIVER, lease=timedelta(days=1))

    assert await store.write(lambda tx: tx.jobs.release()) == 2
    assert await store.write(lambda tx: tx.jobs.release()) == 0

    with pytest.raises(LeaseLost):
        await store.write(lambda tx: tx.jobs.finish(before))
    [after] = await claim(store, PROCESS)
    assert after.attempt == 2


async def test_jobs_are_counted_by_kind(store: Store) -> None:
    await add(store, (PROCESS, "m1", 0), (PROCESS, "m2", 0), (EXPIRE, "m1", 0))

    assert await store.read(lambda tx: tx.jobs.counts()) == {**dict.fromkeys(JobKind, 0), PROCESS: 2, EXPIRE: 1}


async def test_a_job_for_a_message_that_is_not_there_is_refused_where_a_scope_can_tell(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))

    await store.write(lambda tx: tx.jobs.add(PROCESS, "m1", NOON), scope=Scope("sender", "s1"))
    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.jobs.add(PROCESS, "m2", NOON), scope=Scope("sender", "s1"))


async def test_a_queue_is_what_is_due_and_in_nobodys_hand(store: Store) -> None:
    await add(store, (PROCESS, "a", -3), (PROCESS, "b", -2), (PROCESS, "later", 1), (DELIVER, "d", 5))
    await claim(store, PROCESS, limit=1)

    queues = await store.read(lambda tx: tx.jobs.waiting(NOON))
    expired = await store.read(lambda tx: tx.jobs.waiting(NOON + MINUTE))

    assert {kind: (queue.count, queue.oldest) for kind, queue in queues.items()} == {
        **dict.fromkeys(JobKind, (0, None)),
        PROCESS: (1, NOON - 2 * MINUTE),
    }
    assert expired[PROCESS].count == 3
    assert expired[PROCESS].oldest == NOON - 3 * MINUTE


async def test_an_attempt_whose_end_nobody_wrote_is_told_from_one_that_was_given_back(store: Store) -> None:
    await add(store, (DELIVER, "m1", 0))
    [job] = await claim(store, DELIVER)
    assert not job.broken_off
    await store.write(lambda tx: tx.jobs.again(job, NOON))
    [given_back] = await claim(store, DELIVER)
    assert (given_back.ended, given_back.broken_off) == (1, False)

    [lost] = await claim(store, DELIVER, at=1)
    await store.write(lambda tx: tx.jobs.postpone(lost, NOON + MINUTE))
    [postponed] = await claim(store, DELIVER, at=1)

    assert (lost.broken_off, postponed.broken_off) == (True, True)


async def test_a_job_in_hand_is_not_withdrawn(store: Store) -> None:
    await add(store, (DELIVER, "held", 0))
    await claim(store, DELIVER)
    await add(store, (DELIVER, "free", 0))

    async def withdrawn_is(reference: str) -> bool:
        return await store.write(lambda tx: tx.jobs.withdraw(DELIVER, reference))

    withdrawn = [await withdrawn_is(reference) for reference in ("held", "free", "-")]

    assert withdrawn == [False, True, False]
    assert references(await claim(store, DELIVER, at=1)) == ["held"]


async def test_after_the_clock_was_set_back_what_was_due_soon_is_due_soon(store: Store) -> None:
    await add(store, (DELIVER, "now", 0), (DELIVER, "retry", 60), (DELIVER, "running", -60), (EXPIRE, "deadline", 60))
    await claim(store, DELIVER, at=-60, limit=1, lease=70 * MINUTE)
    hour, now = timedelta(hours=1), NOON - timedelta(hours=1)

    await store.write(lambda tx: tx.jobs.bring_forward(DELIVER, hour, now=now, latest=now + MINUTE))

    assert references(await claim(store, DELIVER, EXPIRE, at=-60)) == ["now"]
    assert references(await claim(store, DELIVER, at=-59)) == ["now", "running"]
    assert references(await claim(store, DELIVER, EXPIRE, at=0, lease=9 * MINUTE)) == ["now", "running", "retry"]
    assert references(await claim(store, EXPIRE, at=60)) == ["deadline"]


async def test_references_are_found_by_how_they_begin(store: Store) -> None:
    await add(store, (DELIVER, "main a%", 5), (DELIVER, "main _b", -5), (DELIVER, "mainly", 0), (PROCESS, "main c", 0))
    await claim(store, DELIVER)

    async def found(beginning: str) -> frozenset[str]:
        return await store.read(lambda tx: tx.jobs.references(DELIVER, beginning))

    assert await found("main ") == {"main a%", "main _b"}
    assert await found("main %") == await found("%") == frozenset()
    assert await found("") == {"main a%", "main _b", "mainly"}

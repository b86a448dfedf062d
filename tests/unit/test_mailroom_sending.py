"""Announce, attach, submit: what is answered is kept, what is refused leaves nothing behind."""

import asyncio
import errno
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from application_kit import CHEMNITZ, TREE_FELLING, Application, Enclosure
from house_for_tests import DIRECT, OTHER_PORTAL, PORTAL, PROOF, SEALED, Agrees, House, chunked, with_entries

from amtsbote.api.operations import Disk
from amtsbote.api.persistence import SYSTEM, Scope, Store, Transaction, Unit
from amtsbote.errors import CommitUnknown, ProblemType, RequestRefused, StorageFailed, StorageFull, table
from amtsbote.mailroom import Announcement, Limits, Sending
from amtsbote.mailroom.parts import INLINE
from amtsbote.mailroom.sending import Body
from amtsbote.model.event import EventKind
from amtsbote.model.ids import CaseId, DestinationId, PartId
from amtsbote.model.job import JobKind
from amtsbote.model.message import DATA, METADATA, Message, MessageKind, State
from amtsbote.model.stage import Stage
from amtsbote.runner.expire import expire_job

PHOTO = Enclosure(b"p" * 200_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")
PLAN = Enclosure(b"q" * 10, "Plan.pdf", "application/pdf", "aaaaaaaa-0000-4000-8000-000000000002")
PLAIN = Application(DIRECT)
WITH_PHOTO = PLAIN.but(enclosures=(PHOTO,))
WISH = Announcement(DIRECT, TREE_FELLING, "Baum", CHEMNITZ, None, ())


class HeldUp:
    """A store whose next commit waits for the gate, also when whoever asked for it is gone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.writing = asyncio.Event()
        self.gate = asyncio.Event()
        self.committed: asyncio.Future[Any]

    async def write(self, unit: Unit[Any], *, scope: Scope = SYSTEM, patient: bool = False) -> Any:
        async def later() -> Any:
            await self.gate.wait()
            return await self._store.write(unit, scope=scope, patient=patient)

        self.committed = asyncio.ensure_future(later())
        self.writing.set()
        return await asyncio.shield(self.committed)

    async def read(self, query: Unit[Any], *, scope: Scope = SYSTEM) -> Any:
        return await self._store.read(query, scope=scope)

    async def close(self) -> None:
        await self._store.close()


async def refused(house: House, wish: Announcement) -> ProblemType:
    with pytest.raises(RequestRefused) as refusal:
        await house.sending.announce(house.client(), wish)
    return refusal.value.problem.type


async def test_a_message_is_complete_from_announcing_to_submitting(house: House) -> None:
    message = await house.submitted(WITH_PHOTO.but(enclosures=(PHOTO, PLAN)))

    assert message.state is State.SUBMITTED
    assert message.submitted_at == house.clock()
    assert [event.kind for event in await house.events(message)] == [EventKind.CREATE, EventKind.SUBMIT]
    assert await house.jobs() == {JobKind.PROCESS: 1}
    parts = await house.store.read(lambda tx: tx.parts.of(message.id))
    assert set(parts) == {METADATA, DATA, PHOTO.id, PLAN.id}
    assert house.woken == 1


async def test_the_bytes_are_kept_as_they_came(house: House) -> None:
    ready = house.sealed(WITH_PHOTO)
    message = await house.announced(WITH_PHOTO)
    await house.attached(message, PartId(PHOTO.id), ready.attachments[PHOTO.id])
    await house.submit(message, ready)

    parts = await house.store.read(lambda tx: tx.parts.of(message.id))
    assert b"".join(house.parts.chunks(parts[PartId(PHOTO.id)])).decode() == ready.attachments[PHOTO.id]
    assert b"".join(house.parts.chunks(parts[DATA])).decode() == ready.data
    assert parts[PartId(PHOTO.id)].file is not None
    assert parts[METADATA].inline is not None


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (replace(WISH, destination=DestinationId("99999999-0000-4000-8000-0")), table.DESTINATION_NOT_FOUND),
        (replace(WISH, service="99000000000000"), table.SERVICE_NOT_OFFERED),
        (replace(WISH, attachments=tuple(map(PartId, "abcd"))), table.TOO_MANY_ATTACHMENTS),
        (replace(WISH, case=CaseId("of-nobody")), table.CASE_NOT_FOUND),
    ],
)
async def test_what_cannot_be_announced_is_refused_and_nothing_is_kept(
    house: House, wish: Announcement, problem: ProblemType
) -> None:
    assert await refused(house, wish) is problem
    assert await house.jobs() == {}


async def test_an_inactive_destination_takes_nothing(house: House) -> None:
    inactive = replace(house.directory.destinations[DIRECT], stage=Stage.OFF)
    house.directory = with_entries(house.directory, destinations=[inactive])

    assert await refused(house, WISH) is table.DESTINATION_INACTIVE


async def test_a_case_goes_on_at_its_destination_only_and_for_its_sender_only(house: House) -> None:
    first = await house.announced(PLAIN)

    second = await house.sending.announce(house.client(), replace(WISH, case=first.case))
    assert second.case == first.case
    assert await refused(house, replace(WISH, case=first.case, destination=SEALED)) is table.CASE_MISMATCH
    with pytest.raises(RequestRefused) as foreign:
        await house.sending.announce(house.client(OTHER_PORTAL), replace(WISH, case=first.case))
    assert foreign.value.problem.type is table.CASE_NOT_FOUND


async def test_nobody_else_sees_a_message(house: House) -> None:
    message = await house.announced(PLAIN)

    assert (await house.sending.expected(house.client(PORTAL), MessageKind.SUBMISSION, message.id))[0].id == message.id
    with pytest.raises(RequestRefused) as foreign:
        await house.sending.expected(house.client(OTHER_PORTAL), MessageKind.SUBMISSION, message.id)
    assert foreign.value.problem.type is table.SUBMISSION_NOT_FOUND


async def test_only_announced_attachments_are_taken_in(house: House) -> None:
    message = await house.announced(PLAIN)

    with pytest.raises(RequestRefused) as refusal:
        await house.attached(message, PartId(PHOTO.id), house.sealed(WITH_PHOTO).attachments[PHOTO.id])

    assert refusal.value.problem.type is table.ATTACHMENT_NOT_ANNOUNCED
    assert house.body_files() == []


async def test_an_attachment_can_be_replaced_until_the_submit_and_leaves_one_file(house: House) -> None:
    message = await house.announced(WITH_PHOTO)
    first, second = house.sealed(WITH_PHOTO), house.sealed(WITH_PHOTO)

    await house.attached(message, PartId(PHOTO.id), first.attachments[PHOTO.id])
    await house.attached(message, PartId(PHOTO.id), second.attachments[PHOTO.id])
    await house.submit(message, second)

    parts = await house.store.read(lambda tx: tx.parts.of(message.id))
    assert b"".join(house.parts.chunks(parts[PartId(PHOTO.id)])).decode() == second.attachments[PHOTO.id]
    assert len(house.body_files()) == 1


async def test_after_the_submit_the_same_attachment_is_fine_and_another_is_not(house: House) -> None:
    message = await house.announced(WITH_PHOTO)
    ready, other = house.sealed(WITH_PHOTO), house.sealed(WITH_PHOTO)
    await house.attached(message, PartId(PHOTO.id), ready.attachments[PHOTO.id])
    await house.submit(message, ready)
    kept = house.body_files()

    await house.attached(message, PartId(PHOTO.id), ready.attachments[PHOTO.id])
    with pytest.raises(RequestRefused) as refusal:
        await house.attached(message, PartId(PHOTO.id), other.attachments[PHOTO.id])

    assert refusal.value.problem.type is table.ALREADY_SUBMITTED
    assert house.body_files() == kept


async def test_a_message_without_its_attachments_cannot_be_submitted(house: House) -> None:
    message = await house.announced(WITH_PHOTO)

    with pytest.raises(RequestRefused) as refusal:
        await house.submit(message, house.sealed(WITH_PHOTO))

    assert refusal.value.problem.type is table.ATTACHMENTS_MISSING
    assert refusal.value.problem.values == {"ids": PHOTO.id}
    assert await house.state(message) is State.ANNOUNCED
    assert await house.jobs() == {JobKind.EXPIRE: 1}


async def test_all_attachments_together_have_a_limit(house: House) -> None:
    house.limits = Limits(10**9, 3, 300_000)
    message = await house.announced(WITH_PHOTO.but(enclosures=(PHOTO, PLAN)))
    ready = house.sealed(WITH_PHOTO.but(enclosures=(PHOTO, replace(PLAN, content=b"q" * 100_000))))
    await house.attached(message, PartId(PHOTO.id), ready.attachments[PHOTO.id])

    with pytest.raises(RequestRefused) as refusal:
        await house.attached(message, PartId(PLAN.id), ready.attachments[PLAN.id])

    assert refusal.value.problem.type is table.TOO_LARGE
    assert len(house.body_files()) == 1
    await house.attached(message, PartId(PHOTO.id), ready.attachments[PHOTO.id])


async def test_the_same_submit_twice_at_once_is_one_submission(house: House) -> None:
    message = await house.announced(PLAIN)
    ready = house.sealed(PLAIN)

    both = await asyncio.gather(*(house.submit(message, ready) for _ in range(4)))

    assert {one.id for one in both} == {message.id}
    assert [event.kind for event in await house.events(message)] == [EventKind.CREATE, EventKind.SUBMIT]
    assert await house.jobs() == {JobKind.PROCESS: 1}


async def test_of_two_different_submits_at_once_one_wins_and_the_other_hears_it(house: House) -> None:
    large = PLAIN.but(data=b"<a>" + b"x" * 100_000 + b"</a>")
    message = await house.announced(large)
    sets = [house.sealed(large) for _ in range(3)]

    results = await asyncio.gather(*(house.submit(message, ready) for ready in sets), return_exceptions=True)

    winners = [number for number, result in enumerate(results) if isinstance(result, Message)]
    losers = [result for result in results if isinstance(result, RequestRefused)]
    assert len(winners) == 1
    assert [loser.problem.type for loser in losers] == [table.ALREADY_SUBMITTED] * 2
    parts = await house.store.read(lambda tx: tx.parts.of(message.id))
    assert b"".join(house.parts.chunks(parts[DATA])).decode() == sets[winners[0]].data
    assert [file.name for file in house.body_files()] == [(parts[DATA].file or "").rpartition("/")[2]]


async def test_a_commit_that_fails_leaves_no_files(house: House) -> None:
    message = await house.announced(WITH_PHOTO)
    large = b"x" * (INLINE + 1)
    await house.store.close()

    with pytest.raises(StorageFailed):
        await house.sending.submit(house.client(), message, Body(large, PROOF), Body(large, PROOF))
    with pytest.raises(StorageFailed):
        await house.sending.attach(house.client(), message, PartId(PHOTO.id), chunked(large), Agrees())

    assert house.body_files() == []


class Unanswered:
    """Commits, and loses the answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, unit: Unit[Any], *, scope: Scope = SYSTEM, patient: bool = False) -> Any:
        await self._store.write(unit, scope=scope, patient=patient)
        raise CommitUnknown

    async def read(self, query: Unit[Any], *, scope: Scope = SYSTEM) -> Any:
        return await self._store.read(query, scope=scope)

    async def close(self) -> None:
        await self._store.close()


async def test_what_a_commit_without_an_answer_may_own_stays_and_the_same_again_is_one(house: House) -> None:
    message = await house.announced(WITH_PHOTO)
    large = Body(b"x" * (INLINE + 1), PROOF)
    unsure = Sending(replace(house.desk, store=Unanswered(house.store)))

    with pytest.raises(CommitUnknown):
        await unsure.attach(house.client(), message, PartId(PHOTO.id), chunked(large.content), Agrees())
    with pytest.raises(CommitUnknown):
        await unsure.submit(house.client(), message, large, large)

    kept = house.body_files()
    assert len(kept) == 3
    assert (await house.sending.submit(house.client(), message, large, large)).state is State.SUBMITTED
    assert house.body_files() == kept


async def test_a_disk_that_fills_up_between_two_parts_leaves_no_files(house: House) -> None:
    message = await house.announced(PLAIN)
    syncs = 0

    def full_from_the_third_on(_: int) -> None:
        nonlocal syncs
        syncs += 1
        if syncs > 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    house.files._disk = Disk(sync=full_from_the_third_on)
    large = b"x" * (INLINE + 1)

    with pytest.raises(StorageFull):
        await house.sending.submit(house.client(), message, Body(large, PROOF), Body(large, PROOF))

    assert house.body_files() == []
    assert await house.state(message) is State.ANNOUNCED


async def test_a_cancelled_submit_that_is_committed_all_the_same_keeps_its_files(house: House) -> None:
    message = await house.announced(PLAIN)
    large = b"x" * (INLINE + 1)
    store = HeldUp(house.store)
    sending = Sending(replace(house.desk, store=store))
    submitting = asyncio.create_task(sending.submit(house.client(), message, Body(large, PROOF), Body(large, PROOF)))
    await store.writing.wait()
    submitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submitting
    store.gate.set()
    await store.committed

    parts = await house.store.read(lambda tx: tx.parts.of(message.id))
    assert set(parts) == {METADATA, DATA}
    for part in parts.values():
        assert b"".join(house.parts.chunks(part)) == large


async def test_an_expired_message_takes_no_more_and_its_files_are_gone(house: House) -> None:
    message = await house.announced(WITH_PHOTO)
    ready = house.sealed(WITH_PHOTO)
    await house.attached(message, PartId(PHOTO.id), ready.attachments[PHOTO.id])
    house.clock.passes(timedelta(days=1))

    await expire_job(await house.claimed(JobKind.EXPIRE), house.shop)

    assert await house.state(message) is State.EXPIRED
    assert [event.kind for event in await house.events(message)] == [EventKind.CREATE, EventKind.DELETE]
    assert house.body_files() == []
    assert await house.jobs() == {}
    for late in (house.submit(message, ready), house.attached(message, PartId(PHOTO.id), ready.attachments[PHOTO.id])):
        with pytest.raises(RequestRefused) as refusal:
            await late
        assert refusal.value.problem.type is table.SUBMISSION_EXPIRED
    assert house.body_files() == []


async def test_once_its_content_is_deleted_a_repetition_hears_just_that(house: House) -> None:
    message = await house.announced(WITH_PHOTO)
    ready = house.sealed(WITH_PHOTO)
    photo = ready.attachments[PHOTO.id]
    await house.attached(message, PartId(PHOTO.id), photo)
    await house.submit(message, ready)

    def deleted(tx: Transaction) -> tuple[str, ...]:
        tx.messages.move(message.id, State.SUBMITTED, State.REJECTED, at=house.clock())
        tx.messages.move(message.id, State.REJECTED, State.DELETED, at=house.clock())
        return tx.parts.drop(message.id)

    await house.parts.forget(*await house.store.write(deleted))

    for again in (house.submit(message, ready), house.attached(message, PartId(PHOTO.id), photo)):
        with pytest.raises(RequestRefused) as refusal:
            await again
        assert refusal.value.problem.type is table.MESSAGE_DELETED
    assert house.body_files() == []

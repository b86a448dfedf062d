"""The outbox of callbacks: notices wait for their receiver, are told once, and a receiver's standing is kept."""

from dataclasses import replace

import pytest
from store_samples import MINUTE, NOON, a_message, a_notice, a_receiver, submitted

from amtsbote.api.notices import Tally, Untold
from amtsbote.api.persistence import Scope, Store, Transaction
from amtsbote.errors import NotFound
from amtsbote.model.callback import Callback, Mention, NoticeKind, Standing
from amtsbote.model.ids import CaseId, ClientId, DestinationId, MessageId, ReceiverId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Direction, MessageKind, State

R1, R2, D1 = ReceiverId("r1"), ReceiverId("r2"), ReceiverId("d1")
EVENTS, SUBMISSIONS = NoticeKind.NEW_EVENTS, NoticeKind.NEW_SUBMISSIONS
FAILING = Standing(failing_since=NOON, failure="timeout", tries=3)
STOPPED = replace(FAILING, stopped_at=NOON + MINUTE)


async def told(store: Store, *notices: tuple[str, str, NoticeKind]) -> None:
    """Notices as (receiver, message, kind)."""

    def unit(tx: Transaction) -> None:
        for receiver, message, kind in notices:
            tx.notices.add(a_notice(receiver, message, kind=kind))

    await store.write(unit)


@pytest.fixture
async def filled(store: Store) -> Store:
    def unit(tx: Transaction) -> None:
        for name in ("m1", "m2", "m3"):
            submitted(tx, a_message(name))
        tx.receivers.add(a_receiver())

    await store.write(unit)
    return store


async def taken(store: Store, receiver: ReceiverId = R1, batch: str = "b1", limit: int = 9) -> list[str]:
    return [one.message for one in await store.write(lambda tx: tx.notices.take(receiver, batch, limit))]


async def test_a_notice_is_taken_with_what_a_callback_says_of_its_message(filled: Store) -> None:
    await told(filled, ("r1", "m1", SUBMISSIONS))

    [mention] = await filled.write(lambda tx: tx.notices.take(R1, "b1", 9))

    assert mention == Mention(
        SUBMISSIONS,
        MessageId("m1"),
        MessageKind.SUBMISSION,
        CaseId("case-of-m1"),
        DestinationId("d1"),
        State.SUBMITTED,
    )


async def test_notices_of_one_kind_are_taken_oldest_first_and_no_more_than_wanted(filled: Store) -> None:
    await told(filled, ("r1", "m2", EVENTS), ("r1", "m1", SUBMISSIONS), ("r2", "m1", EVENTS), ("r1", "m1", EVENTS))
    await told(filled, ("r1", "m3", EVENTS))

    assert await taken(filled, limit=2) == ["m2", "m1"]
    assert await taken(filled) == ["m2", "m1", "m3"]
    assert await taken(filled, R2) == ["m1"]


async def test_what_was_told_is_gone_and_what_came_meanwhile_is_not(filled: Store) -> None:
    await told(filled, ("r1", "m1", EVENTS), ("r1", "m2", EVENTS), ("r1", "m3", SUBMISSIONS))
    await taken(filled)
    await told(filled, ("r1", "m1", EVENTS))

    await filled.write(lambda tx: tx.notices.told(R1, "b1"))

    assert await taken(filled, batch="b2") == ["m3"]
    await filled.write(lambda tx: tx.notices.told(R1, "b2"))
    assert await taken(filled, batch="b3") == ["m1"]


async def test_a_mark_of_an_attempt_before_does_not_remove_anything(filled: Store) -> None:
    await told(filled, ("r1", "m1", EVENTS), ("r1", "m2", EVENTS))
    await taken(filled, batch="lost")
    await taken(filled, batch="now", limit=1)

    await filled.write(lambda tx: tx.notices.told(R1, "lost"))
    await filled.write(lambda tx: tx.notices.told(R2, "now"))

    assert await filled.read(lambda tx: tx.notices.count(R1)) == 2


async def test_nobody_hears_of_a_message_that_is_not_there(filled: Store) -> None:
    with pytest.raises(NotFound):
        await told(filled, ("r1", "m9", EVENTS))
    with pytest.raises(NotFound):
        await filled.write(lambda tx: tx.notices.add(a_notice()), scope=Scope("sender", "s2"))
    await filled.write(lambda tx: tx.notices.add(a_notice()), scope=Scope("sender", "s1"))

    assert await filled.read(lambda tx: tx.notices.count(R1)) == 1


async def untold(store: Store, limit: int = 9) -> list[str]:
    return [one.receiver for one in await store.read(lambda tx: tx.notices.untold(limit))]


async def test_whoever_is_to_be_told_and_has_no_job_is_named_once(filled: Store) -> None:
    assert await untold(filled) == []

    await told(filled, ("r2", "m1", EVENTS), ("r1", "m1", EVENTS), ("r1", "m2", EVENTS), ("d1", "m1", SUBMISSIONS))

    assert await untold(filled) == ["d1", "r1", "r2"]
    assert await untold(filled, 2) == ["d1", "r1"]
    await filled.write(lambda tx: tx.jobs.add(JobKind.CALLBACK, "r1", NOON))
    await filled.write(lambda tx: tx.jobs.add(JobKind.PROCESS, "r2", NOON))
    assert await untold(filled) == ["d1", "r2"]


async def test_whoever_rests_is_named_with_the_end_of_it_and_whoever_is_stopped_is_not(filled: Store) -> None:
    await told(filled, ("r1", "m1", EVENTS), ("d1", "m1", EVENTS))
    callback, rest = a_receiver().callback, NOON + MINUTE
    await filled.write(lambda tx: tx.receivers.keep(R1, callback, Standing(told_at=NOON, rest_until=rest)))
    await filled.write(lambda tx: tx.receivers.keep(D1, callback, STOPPED))

    assert await filled.read(lambda tx: tx.notices.untold(9)) == (Untold(R1, rest),)


async def test_notices_are_forgotten_by_receiver_and_by_age(filled: Store) -> None:
    await told(filled, ("r1", "m1", EVENTS), ("r2", "m1", EVENTS))
    await filled.write(lambda tx: tx.notices.add(a_notice(at=NOON + MINUTE)))

    assert await filled.write(lambda tx: tx.notices.prune(NOON)) == 0
    assert await filled.write(lambda tx: tx.notices.prune(NOON + MINUTE)) == 2
    assert await filled.read(lambda tx: (tx.notices.count(R1), tx.notices.count(R2))) == (1, 0)
    await filled.write(lambda tx: tx.notices.forget(R1))
    assert await untold(filled) == []


async def test_a_receiver_named_again_stays_as_it_is(filled: Store) -> None:
    again = a_receiver(callback=Callback("https://elsewhere.example/", b"other"))

    await filled.write(lambda tx: tx.receivers.add(again), scope=Scope("sender", "s1"))

    assert await filled.read(lambda tx: tx.receivers.find(R1)) == a_receiver()
    assert await filled.read(lambda tx: tx.receivers.find(R2)) is None
    with pytest.raises(NotFound):
        await filled.write(lambda tx: tx.receivers.add(again), scope=Scope("sender", "s2"))


async def test_receivers_at_an_address_are_found_newest_first(filled: Store) -> None:
    def unit(tx: Transaction) -> None:
        for name in ("r2", "r3"):
            tx.receivers.add(a_receiver(name))
        tx.receivers.add(a_receiver("r4", client=ClientId("s2")))
        tx.receivers.add(a_receiver("r5", callback=Callback("https://portal.example/other", b"x")))

    await filled.write(unit)
    url = a_receiver().callback.url
    found = await filled.read(lambda tx: tx.receivers.named(ClientId("s1"), url, 2))

    assert [one.id for one in found] == ["r3", "r2"]


async def test_a_message_remembers_who_is_told_of_it(filled: Store) -> None:
    await filled.write(lambda tx: tx.messages.add(a_message("m4", callback=R1), None))

    assert await filled.read(lambda tx: tx.messages.get(MessageId("m4")).callback) == R1
    assert await filled.read(lambda tx: tx.messages.get(MessageId("m1")).callback) is None


@pytest.mark.parametrize("standing", [Standing(), FAILING, STOPPED, Standing(NOON, NOON + MINUTE)])
async def test_the_standing_of_a_receiver_is_kept_whole(filled: Store, standing: Standing) -> None:
    callback = Callback("https://new.example/", b"new")
    for name in (R1, D1):
        await filled.write(lambda tx, name=name: tx.receivers.keep(name, callback, standing))  # type: ignore[misc]

    one, other = await filled.read(lambda tx: (tx.receivers.find(R1), tx.receivers.find(D1)))
    assert one == a_receiver(standing=standing)  # with the callback its client named
    assert other == a_receiver("d1", client=None, callback=callback, standing=standing)
    await filled.write(lambda tx: tx.receivers.keep(D1, callback, Standing()))
    assert await filled.read(lambda tx: tx.receivers.find(D1)) == a_receiver("d1", client=None, callback=callback)


async def test_operators_see_those_in_trouble_or_all_and_how_many(filled: Store) -> None:
    callback = a_receiver().callback
    await told(filled, ("r1", "m1", EVENTS), ("r2", "m1", EVENTS))
    await filled.write(lambda tx: tx.receivers.add(a_receiver("r2")))
    assert await filled.read(lambda tx: tx.receivers.page(troubled=True, offset=0, limit=9)) == (0, ())

    await filled.write(lambda tx: tx.receivers.keep(R1, callback, FAILING))
    await filled.write(lambda tx: tx.receivers.keep(D1, callback, STOPPED))

    total, found = await filled.read(lambda tx: tx.receivers.page(troubled=True, offset=0, limit=9))
    assert (total, [one.id for one in found]) == (2, ["d1", "r1"])
    total, found = await filled.read(lambda tx: tx.receivers.page(troubled=False, offset=1, limit=1))
    assert (total, [one.id for one in found]) == (3, ["r2"])
    assert await filled.read(lambda tx: tx.receivers.tally()) == Tally(failing=1, stopped=1, notices=2)
    assert [one.id for one in await filled.read(lambda tx: tx.receivers.stopped_destinations())] == ["d1"]


# receivers that nobody needs any more


def named(tx: Transaction, message: str, receiver: str, *states: State, case: str = "") -> None:
    """A message that names this receiver, and what became of it."""
    tx.receivers.add(a_receiver(receiver))
    whole = a_message(message, callback=ReceiverId(receiver), case=CaseId(case or f"case-of-{message}"))
    tx.messages.add(whole, None)
    before = State.ANNOUNCED
    for state in states:
        tx.messages.move(whole.id, before, state, at=NOON)
        before = state


async def pruned(store: Store, *answering: str, limit: int = 9) -> list[str]:
    """The receivers that are gone afterwards."""
    everyone = await store.read(lambda tx: tx.receivers.page(troubled=False, offset=0, limit=99))
    count = await store.write(lambda tx: tx.receivers.prune(tuple(map(DestinationId, answering)), limit))
    left = await store.read(lambda tx: tx.receivers.page(troubled=False, offset=0, limit=99))
    gone = sorted({one.id for one in everyone[1]} - {one.id for one in left[1]})
    assert count == len(gone)
    return list(gone)


DONE = (State.SUBMITTED, State.ACCEPTED, State.DELETED)


async def test_a_receiver_stays_while_its_message_can_have_events(store: Store) -> None:
    for number, states in enumerate([(), DONE[:1], DONE[:2], (State.SUBMITTED, State.REJECTED)]):
        await store.write(lambda tx, n=number, s=states: named(tx, f"m{n}", f"r{n}", *s))  # type: ignore[misc]

    assert await pruned(store) == []


async def test_a_receiver_stays_while_the_case_may_be_answered(store: Store) -> None:
    """A decision may come long after the content of the application is gone."""
    await store.write(lambda tx: named(tx, "m1", "r1", *DONE))
    await store.write(lambda tx: named(tx, "m2", "r2", State.EXPIRED))

    assert await pruned(store, "d0", "d1") == ["r2"]
    assert await pruned(store, "d0") == ["r1"]
    assert await store.read(lambda tx: tx.messages.get(MessageId("m1")).callback) is None


async def test_a_receiver_that_another_was_named_after_in_its_case_is_not_needed(store: Store) -> None:
    for message, receiver in (("m1", "r1"), ("m2", "r2"), ("m3", "r2")):
        await store.write(lambda tx, m=message, r=receiver: named(tx, m, r, *DONE, case="one"))  # type: ignore[misc]

    assert await pruned(store, "d1") == ["r1"]


async def test_a_receiver_of_a_subscriber_is_not_needed_after_its_reply(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        named(tx, "m1", "r1", *DONE)
        reply = a_message("m2", kind=MessageKind.REPLY, direction=Direction.TO_PORTAL, callback=ReceiverId("r2"))
        tx.receivers.add(a_receiver("r2"))
        tx.messages.add(replace(reply, case=CaseId("case-of-m1")), None)
        for before, after in zip((State.ANNOUNCED, *DONE), DONE, strict=False):
            tx.messages.move(reply.id, before, after, at=NOON)

    await store.write(unit)

    assert await pruned(store, "d1") == ["r2"]


async def test_a_receiver_stays_while_something_is_to_be_told(store: Store) -> None:
    await store.write(lambda tx: named(tx, "m1", "r1", *DONE))
    await store.write(lambda tx: named(tx, "m2", "r2", *DONE))
    await told(store, ("r1", "m1", EVENTS))
    await store.write(lambda tx: tx.jobs.add(JobKind.CALLBACK, "r2", NOON))
    assert await pruned(store) == []

    await store.write(lambda tx: tx.notices.forget(R1))
    await store.write(lambda tx: tx.jobs.drop(JobKind.CALLBACK, "r2"))

    assert await pruned(store) == ["r1", "r2"]


async def test_no_more_receivers_are_removed_than_wanted_and_none_of_a_destination(store: Store) -> None:
    for number in range(3):
        await store.write(lambda tx, n=number: named(tx, f"m{n}", f"r{n}", *DONE))  # type: ignore[misc]
    await store.write(lambda tx: tx.receivers.keep(D1, a_receiver().callback, STOPPED))

    assert await pruned(store, limit=2) == ["r0", "r1"]
    assert await pruned(store) == ["r2"]
    assert await pruned(store) == []


async def test_every_receiver_is_met_once_in_steps_of_any_size(store: Store) -> None:
    for number in range(3):
        await store.write(lambda tx, n=number: tx.receivers.add(a_receiver(f"r{n}")))  # type: ignore[misc]

    whole = await store.read(lambda tx: tx.receivers.after(0, 9))
    steps, after = [], 0
    while found := await store.read(lambda tx, after=after: tx.receivers.after(after, 2)):  # type: ignore[misc]
        steps += found
        after = found[-1][0]

    assert [one for _, one in whole] == [a_receiver(f"r{n}") for n in range(3)]
    assert tuple(steps) == whole

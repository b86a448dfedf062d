"""Messages, parts, events, deliveries, Klärungsfälle and traces: what a store gives back is what it was given."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from store_samples import (
    MINUTE,
    NOON,
    a_delivery,
    a_letter,
    a_line,
    a_message,
    a_note,
    a_part,
    a_step,
    an_assignment,
    an_event,
    in_file,
    submitted,
)

from amtsbote.api.persistence import Page, Scope, Store, Transaction
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.deadletter import Backlog, LetterAction, Settlement
from amtsbote.model.event import EventKind
from amtsbote.model.ids import CaseId, DeadLetterId, DeliveryId, DestinationId, EventId, MessageId, PartId
from amtsbote.model.job import JobKind
from amtsbote.model.message import TRANSITIONS, DeliveryState, Direction, MessageKind, Notified, State
from amtsbote.model.stage import Stage

M1 = MessageId("m1")
ALL = Page(0, 100)
HERE = (MessageKind.SUBMISSION, Direction.TO_DESTINATION)
BACK = (MessageKind.REPLY, Direction.TO_PORTAL)


async def test_a_message_comes_back_as_it_was_added(store: Store) -> None:
    full = a_message(region=None, announced=(), state=State.SUBMITTED, submitted_at=NOON)
    await store.write(lambda tx: tx.messages.add(full, "subscriber"))

    assert await store.read(lambda tx: tx.messages.get(M1)) == full


async def test_an_id_is_taken_once(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))

    with pytest.raises(StaleState):
        await store.write(lambda tx: tx.messages.add(a_message(tenant="t2"), None))

    assert (await store.read(lambda tx: tx.messages.get(M1))).tenant == "t1"


async def test_an_unknown_message_is_not_found(store: Store) -> None:
    calls: list[Callable[[Transaction], Any]] = [
        lambda tx: tx.messages.get(M1),
        lambda tx: tx.messages.dossier(M1),
        lambda tx: tx.messages.keep_dossier(M1, b"x"),
        lambda tx: tx.messages.note(M1, a_note()),
        lambda tx: tx.messages.move(M1, State.ANNOUNCED, State.SUBMITTED, at=NOON),
        lambda tx: tx.parts.put(a_part()),
        lambda tx: tx.events.add(an_event()),
        lambda tx: tx.deliveries.add([a_delivery()]),
        lambda tx: tx.deliveries.get(DeliveryId("v1")),
        lambda tx: tx.deliveries.note_failure(DeliveryId("v1"), "AB-3001"),
        lambda tx: tx.deadletters.open(a_letter()),
        lambda tx: tx.traces.add(M1, [a_step()]),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            await store.write(call)


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("to", State)
async def test_only_transitions_of_the_table_are_written(store: Store, source: State, to: State) -> None:
    before = a_message(state=source, held_from=State.SUBMITTED if source is State.HELD else None, submitted_at=NOON)
    await store.write(lambda tx: tx.messages.add(before, None))

    if to in TRANSITIONS[source]:
        await store.write(lambda tx: tx.messages.move(M1, source, to, at=NOON + MINUTE))
        assert (await store.read(lambda tx: tx.messages.get(M1))).state is to
    else:
        with pytest.raises(ValueError, match="does not go"):
            await store.write(lambda tx: tx.messages.move(M1, source, to, at=NOON + MINUTE))
        assert await store.read(lambda tx: tx.messages.get(M1)) == before


async def test_a_move_from_a_state_that_is_over_is_stale(store: Store) -> None:
    await store.write(lambda tx: submitted(tx, a_message()))

    with pytest.raises(StaleState):
        await store.write(lambda tx: tx.messages.move(M1, State.ANNOUNCED, State.EXPIRED, at=NOON))

    assert (await store.read(lambda tx: tx.messages.get(M1))).state is State.SUBMITTED


async def test_submitting_notes_the_moment_once_and_holding_remembers_where_it_was(store: Store) -> None:
    def unit(tx: Transaction) -> list[tuple[Any, Any]]:
        tx.messages.add(a_message(), None)
        seen = []
        for step, (source, to) in enumerate(
            [
                (State.ANNOUNCED, State.SUBMITTED),
                (State.SUBMITTED, State.HELD),
                (State.HELD, State.SUBMITTED),
                (State.SUBMITTED, State.DELIVERING),
                (State.DELIVERING, State.HELD),
                (State.HELD, State.REJECTED),
            ]
        ):
            tx.messages.move(M1, source, to, at=NOON + step * MINUTE)
            now = tx.messages.get(M1)
            seen.append((now.submitted_at, now.held_from))
        return seen

    assert await store.write(unit) == [
        (NOON, None),
        (NOON, State.SUBMITTED),
        (NOON, None),
        (NOON, None),
        (NOON, State.DELIVERING),
        (NOON, None),
    ]


async def test_a_dossier_is_kept_and_replaced(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    with pytest.raises(NotFound):
        await store.read(lambda tx: tx.messages.dossier(M1))

    await store.write(lambda tx: tx.messages.keep_dossier(M1, b"first"))
    await store.write(lambda tx: tx.messages.keep_dossier(M1, b"second\x00"))

    assert await store.read(lambda tx: tx.messages.dossier(M1)) == b"second\x00"


async def test_messages_are_listed_by_case_for_pickup_and_for_operators(store: Store) -> None:
    case = CaseId("one-case")
    first, second = a_message("m1", case=case), a_message("m2", case=case, destination="d2")
    third = a_message("m3", destination="d2")

    def unit(tx: Transaction) -> None:
        for message, subscriber in ((first, "b1"), (second, "b1"), (third, None)):
            tx.messages.add(message, subscriber)
        for late, message in ((2, first), (1, second), (0, third)):
            tx.messages.move(message.id, State.ANNOUNCED, State.SUBMITTED, at=NOON + late * MINUTE)

    await store.write(unit)

    def ids(found: tuple[int, tuple[Any, ...]]) -> tuple[int, list[str]]:
        return found[0], [message.id for message in found[1]]

    def looks(tx: Transaction) -> list[Any]:
        return [
            [message.id for message in tx.messages.case(case)],
            ids(tx.messages.waiting(*HERE, None, ALL)),
            ids(tx.messages.waiting(*HERE, DestinationId("d2"), ALL)),
            ids(tx.messages.waiting(*HERE, None, Page(1, 1))),
            ids(tx.messages.page(None, Page(0, 2))),
            ids(tx.messages.page(State.SUBMITTED, Page(2, 2))),
            ids(tx.messages.page(State.HELD, ALL)),
            tx.messages.case(CaseId("nobody's")),
        ]

    assert await store.read(looks) == [
        ["m1", "m2"],
        (2, ["m2", "m1"]),
        (1, ["m2"]),
        (2, ["m1"]),
        (3, ["m3", "m2"]),
        (3, ["m1"]),
        (0, []),
        (),
    ]


async def test_a_replaced_part_names_the_file_nobody_owns_any_more(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    puts = [a_part(), in_file("aa/1"), in_file("aa/1"), in_file("bb/2"), a_part(inline=b"new")]

    assert await store.write(lambda tx: [tx.parts.put(part) for part in puts]) == [None, None, None, "aa/1", "bb/2"]
    assert await store.read(lambda tx: tx.parts.of(M1)) == {PartId("data"): a_part(inline=b"new")}


async def test_dropping_parts_names_their_files(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        for message in ("m1", "m2"):
            tx.messages.add(a_message(message), None)
            tx.parts.put(in_file(f"aa/{message}", message, "a1"))
            tx.parts.put(a_part(message))

    await store.write(unit)
    assert await store.read(lambda tx: tx.parts.files()) == {"aa/m1", "aa/m2"}

    assert await store.write(lambda tx: tx.parts.drop(M1)) == ("aa/m1",)
    assert await store.write(lambda tx: tx.parts.drop(M1)) == ()

    assert await store.read(lambda tx: tx.parts.of(M1)) == {}
    assert await store.read(lambda tx: tx.parts.files()) == {"aa/m2"}


@pytest.mark.parametrize("part", [a_part(inline=None), a_part(file="aa/1")], ids=["neither", "both"])
async def test_a_part_is_either_inline_or_a_file(store: Store, part: Any) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))

    with pytest.raises(ValueError, match=r"(?i)check"):
        await store.write(lambda tx: tx.parts.put(part))


async def test_two_rows_never_own_one_file(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.parts.put(in_file("aa/1", id="a1"))

    await store.write(unit)

    with pytest.raises(StaleState):
        await store.write(lambda tx: tx.parts.put(in_file("aa/1", id="a2")))


async def test_events_keep_their_bytes_and_the_first_signature(store: Store) -> None:
    first, second = an_event("e1"), an_event("e2", kind=EventKind.SUBMIT, at=NOON + MINUTE, jws="given")

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.events.add(first)
        tx.events.add(second)

    await store.write(unit)
    assert await store.read(lambda tx: tx.events.unsigned(10)) == (first,)

    await store.write(lambda tx: tx.events.keep_signature(EventId("e1"), "the first"))
    await store.write(lambda tx: tx.events.keep_signature(EventId("e1"), "too late"))

    signed = replace(first, jws="the first")
    assert await store.read(lambda tx: tx.events.unsigned(10)) == ()
    assert await store.read(lambda tx: tx.events.of_message(M1)) == (signed, second)
    assert await store.read(lambda tx: tx.events.of_case(first.case, Page(1, 5))) == (2, (second,))
    assert await store.read(lambda tx: tx.events.of_case(CaseId("nobody's"), ALL)) == (0, ())


async def test_an_event_of_another_case_or_with_a_known_id_is_refused(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.events.add(an_event())

    await store.write(unit)

    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.events.add(an_event("e2", case="somebody-else's")))
    with pytest.raises(StaleState):
        await store.write(lambda tx: tx.events.add(an_event("e1")))


async def test_a_delivery_is_delivered_once_and_a_dead_one_can_be_revived(store: Store) -> None:
    copy = a_delivery("v2", primary=False, target="archive")

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.deliveries.add([a_delivery(), copy])
        tx.deliveries.note_failure(DeliveryId("v1"), "AB-3001")
        tx.deliveries.move(DeliveryId("v1"), DeliveryState.PENDING, DeliveryState.DEAD, failure="AB-3002")
        tx.deliveries.move(DeliveryId("v1"), DeliveryState.DEAD, DeliveryState.PENDING, failure=None)
        tx.deliveries.move(DeliveryId("v1"), DeliveryState.PENDING, DeliveryState.DELIVERED, failure=None)
        tx.deliveries.note_failure(DeliveryId("v2"), "AB-3003")

    await store.write(unit)

    assert await store.read(lambda tx: tx.deliveries.of(M1)) == (
        a_delivery(state=DeliveryState.DELIVERED),
        replace(copy, failure="AB-3003"),
    )
    with pytest.raises(StaleState):
        await store.write(
            lambda tx: tx.deliveries.move(
                DeliveryId("v1"), DeliveryState.PENDING, DeliveryState.DELIVERED, failure=None
            )
        )
    with pytest.raises(ValueError, match="does not go"):
        await store.write(
            lambda tx: tx.deliveries.move(
                DeliveryId("v1"), DeliveryState.DELIVERED, DeliveryState.PENDING, failure=None
            )
        )


async def test_klaerungsfaelle_and_traces_come_back_in_order(store: Store) -> None:
    letters = (a_letter("k1"), a_letter("k2", delivery="v1", details={}))
    steps = (a_step("open"), a_step("inspect", verdict="retry", details={}), a_step("open", attempt=2))

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.deliveries.add([a_delivery()])
        for letter in letters:
            tx.deadletters.open(letter)
        tx.traces.add(M1, steps[:2])
        tx.traces.add(M1, steps[2:])

    await store.write(unit)

    assert await store.read(lambda tx: (tx.deadletters.of(M1), tx.deadletters.count())) == (letters, 2)
    assert await store.read(lambda tx: tx.traces.of(M1)) == steps


async def test_a_klaerungsfall_of_an_unknown_delivery_is_refused(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))

    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.deadletters.open(a_letter(delivery="nobody's")))


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.write(lambda tx: tx.messages.add(a_message(created_at=NOON.replace(tzinfo=None)), None))


async def test_a_subscriber_sees_only_messages_it_subscribes(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message("m1", state=State.SUBMITTED, submitted_at=NOON), "b1")
        tx.messages.add(a_message("m2", state=State.SUBMITTED, submitted_at=NOON), "b2")

    await store.write(unit)

    scope = Scope("subscriber", "b1")
    total, found = await store.read(lambda tx: tx.messages.waiting(*HERE, None, ALL), scope=scope)
    assert (total, [message.id for message in found]) == (1, ["m1"])


async def test_either_side_of_a_case_sees_what_waits_for_it(store: Store) -> None:
    there = {"state": State.SUBMITTED, "submitted_at": NOON, "case": CaseId("c"), "kind": MessageKind.REPLY}

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message("m1", state=State.SUBMITTED, submitted_at=NOON, case=CaseId("c")), "b1")
        tx.messages.add(a_message("r1", direction=Direction.TO_PORTAL, **there), "b1")
        tx.messages.add(a_message("r2", **there), "b1")
        tx.messages.add(a_message("r3", direction=Direction.TO_PORTAL, **{**there, "state": State.ANNOUNCED}), "b1")

    await store.write(unit)

    def seen(tx: Transaction) -> list[list[str]]:
        there = (MessageKind.REPLY, Direction.TO_DESTINATION)
        found = [tx.messages.waiting(*what, None, ALL)[1] for what in (HERE, there, BACK)]
        return [[message.id for message in messages] for messages in found]

    for scope in (Scope("subscriber", "b1"), Scope("sender", "s1")):
        assert await store.read(seen, scope=scope) == [["m1"], ["r2"], ["r1"]]
    assert await store.read(seen, scope=Scope("sender", "s2")) == [[], [], []]
    message = await store.read(lambda tx: tx.messages.get(MessageId("r1")))
    assert (message.kind, message.direction) == BACK


async def test_a_receiver_is_noted_as_told_once_for_each_way(store: Store) -> None:
    def unit(tx: Transaction) -> list[bool]:
        tx.messages.add(a_message("m1"), None)
        told = [Notified.POLLING, Notified.POLLING, Notified.CALLBACK, Notified.CALLBACK]
        return [tx.messages.note_notified(M1, how) for how in told]

    assert await store.write(unit) == [True, False, True, False]
    assert (await store.read(lambda tx: tx.messages.get(M1))).notified == frozenset(Notified)
    assert not await store.write(lambda tx: tx.messages.note_notified(MessageId("nobody"), Notified.POLLING))


async def test_what_waits_too_long_and_what_is_kept_long_enough(store: Store) -> None:
    here, times = DestinationId("d1"), [NOON + minutes * MINUTE for minutes in range(5)]

    def unit(tx: Transaction) -> None:
        for number, (name, subscriber) in enumerate((("m1", "b1"), ("m2", "b1"), ("m3", None), ("m4", "b1"))):
            tx.messages.add(a_message(name), subscriber)
            tx.messages.move(MessageId(name), State.ANNOUNCED, State.SUBMITTED, at=times[number])
        tx.messages.add(a_message("m5", destination=DestinationId("d2")), "b1")
        tx.messages.move(MessageId("m5"), State.ANNOUNCED, State.SUBMITTED, at=NOON)

    def unfetched(tx: Transaction, minutes: int, told: int, limit: int = 9) -> list[str]:
        return [one.id for one in tx.messages.unfetched(here, before=times[minutes], told=told, limit=limit)]

    def kept(tx: Transaction, accepted: int, rejected: int) -> list[str]:
        found = tx.messages.kept_long_enough(
            here, accepted_before=times[accepted], rejected_before=times[rejected], limit=9
        )
        return [one.id for one in found]

    await store.write(unit)
    looks = await store.read(lambda tx: [unfetched(tx, 0, 1), unfetched(tx, 4, 1), unfetched(tx, 4, 1, 2)])
    assert looks == [["m1"], ["m1", "m2", "m4"], ["m1", "m2"]]

    def told(tx: Transaction) -> list[bool]:
        return [tx.messages.note_told(M1, times) for times in (1, 1, 2, 1)]

    assert await store.write(told) == [True, False, True, False]
    assert await store.read(lambda tx: [unfetched(tx, 4, 2), unfetched(tx, 4, 3)]) == [["m2", "m4"], ["m1", "m2", "m4"]]

    def end(tx: Transaction) -> None:
        tx.messages.move(M1, State.SUBMITTED, State.ACCEPTED, at=times[1])
        tx.messages.move(MessageId("m2"), State.SUBMITTED, State.REJECTED, at=times[2])
        tx.messages.move(MessageId("m3"), State.SUBMITTED, State.REJECTED, at=times[1])
        tx.deadletters.open(a_letter("k1", "m3"))

    await store.write(end)
    looks = await store.read(lambda tx: [kept(tx, 0, 4), kept(tx, 1, 1), kept(tx, 4, 4)])
    assert looks == [["m2"], ["m1"], ["m1", "m2"]]
    await store.write(lambda tx: tx.messages.move(M1, State.ACCEPTED, State.DELETED, at=times[4]))
    assert await store.read(lambda tx: kept(tx, 4, 4)) == ["m2"]
    assert await store.read(lambda tx: unfetched(tx, 4, 9)) == ["m4"]


async def test_a_case_is_listed_by_the_message_it_began_with(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        for name, case in (("m1", "c1"), ("m2", "c2"), ("m3", "c1")):
            tx.messages.add(a_message(name, case=CaseId(case)), None)
        tx.messages.add(a_message("foreign", sender="s2"), None)

    await store.write(unit)

    def cases(page: Page) -> Callable[[Transaction], tuple[int, list[str]]]:
        def query(tx: Transaction) -> tuple[int, list[str]]:
            total, found = tx.messages.cases(page)
            return total, [message.id for message in found]

        return query

    assert await store.read(cases(ALL), scope=Scope("sender", "s1")) == (2, ["m2", "m1"])
    assert await store.read(cases(Page(1, 1)), scope=Scope("sender", "s1")) == (2, ["m1"])


K1 = DeadLetterId("k1")


async def test_a_settled_klaerungsfall_stays_with_its_history_and_counts_no_more(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.deadletters.open(a_letter("k1", token=7))
        tx.deadletters.open(a_letter("k2", opened_at=NOON + MINUTE))
        tx.deadletters.hand_over(K1, "Team Bau")
        tx.deadletters.note(K1, a_line())
        tx.deadletters.settle(K1, Settlement.RETRIED, at=NOON + MINUTE)
        tx.deadletters.note(K1, a_line(action=LetterAction.RETRIED, text=""))

    await store.write(unit)

    def look(tx: Transaction) -> tuple[Any, ...]:
        return tx.deadletters.get(K1), tx.deadletters.page("open", ALL), tx.deadletters.page("all", Page(0, 1))

    settled = a_letter("k1", token=7, owner="Team Bau", settled_at=NOON + MINUTE, settlement=Settlement.RETRIED)
    still_open = a_letter("k2", opened_at=NOON + MINUTE)
    assert await store.read(look) == (settled, (1, (still_open,)), (2, (settled,)))
    assert await store.read(lambda tx: tx.deadletters.count()) == 1
    backlog = {still_open.reason: Backlog(1, NOON + MINUTE)}
    assert await store.read(lambda tx: tx.deadletters.backlog(Stage.LIVE)) == backlog
    assert await store.read(lambda tx: tx.deadletters.history(K1)) == (
        a_line(),
        a_line(action=LetterAction.RETRIED, text=""),
    )


async def test_a_klaerungsfall_is_settled_once_and_then_belongs_to_nobody_else(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.deadletters.open(a_letter())
        tx.deadletters.settle(K1, Settlement.ASSIGNED, at=NOON)

    await store.write(unit)
    before = await store.read(lambda tx: tx.deadletters.get(K1))

    for call in (
        lambda tx: tx.deadletters.settle(K1, Settlement.REJECTED, at=NOON + MINUTE),
        lambda tx: tx.deadletters.hand_over(K1, "somebody else"),
    ):
        with pytest.raises(StaleState):
            await store.write(call)

    assert await store.read(lambda tx: tx.deadletters.get(K1)) == before


async def test_an_unknown_klaerungsfall_is_not_found(store: Store) -> None:
    calls: list[Callable[[Transaction], Any]] = [
        lambda tx: tx.deadletters.get(K1),
        lambda tx: tx.deadletters.settle(K1, Settlement.REJECTED, at=NOON),
        lambda tx: tx.deadletters.hand_over(K1, None),
        lambda tx: tx.deadletters.note(K1, a_line()),
        lambda tx: tx.messages.assign(M1, an_assignment()),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            await store.write(call)


async def test_what_the_messages_of_a_case_have_taught_comes_the_latest_message_first(store: Store) -> None:
    second = MessageId("m2")
    plain = a_note(region="14511", reply_channel=None)
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    await store.write(lambda tx: tx.messages.add(replace(a_message("m2"), case=CaseId("case-of-m1")), None))
    await store.write(lambda tx: tx.messages.add(a_message("m3"), None))
    assert await store.read(lambda tx: tx.messages.notes(CaseId("case-of-m1"))) == ()

    await store.write(lambda tx: tx.messages.note(second, a_note()))
    await store.write(lambda tx: tx.messages.note(M1, plain))
    await store.write(lambda tx: tx.messages.note(MessageId("m3"), a_note(region="01")))

    assert await store.read(lambda tx: tx.messages.notes(CaseId("case-of-m1"))) == ((second, a_note()), (M1, plain))
    await store.write(lambda tx: tx.messages.note(second, plain))
    assert await store.read(lambda tx: tx.messages.notes(CaseId("case-of-m1"))) == ((second, plain), (M1, plain))


async def test_the_latest_assignment_is_the_one_that_holds(store: Store) -> None:
    later = an_assignment(authority=None, target=None, region=None, reason="anders", at=NOON + MINUTE)
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    assert await store.read(lambda tx: tx.messages.assignment(M1)) is None

    await store.write(lambda tx: tx.messages.assign(M1, an_assignment()))
    assert await store.read(lambda tx: tx.messages.assignment(M1)) == an_assignment()
    await store.write(lambda tx: tx.messages.assign(M1, later))

    assert await store.read(lambda tx: tx.messages.assignment(M1)) == later


async def test_the_tokens_of_work_taken_up_again_begin_above_the_last_one(store: Store) -> None:
    def unit(tx: Transaction) -> list[int]:
        tx.messages.add(a_message(), None)
        tx.jobs.add(JobKind.PROCESS, "m1", NOON, after=41)
        tx.jobs.add(JobKind.PROCESS, "m1", NOON, after=99)
        return [job.token for job in tx.jobs.claim([JobKind.PROCESS], 5, now=NOON, lease=MINUTE)]

    assert await store.write(unit) == [42]

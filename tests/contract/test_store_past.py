"""Submissions of the past as they were asked for: with the place of their trace and the facts kept, page by page."""

from store_samples import MINUTE, NOON, a_message, a_step

from amtsbote.api.persistence import Store, Transaction
from amtsbote.model.ids import MessageId
from amtsbote.model.message import State
from amtsbote.model.stage import Stage


def told_of(tx: Transaction, name: str, minutes: int = 0, **changes: object) -> None:
    tx.messages.add(a_message(name, **changes), None)
    tx.messages.move(MessageId(name), State.ANNOUNCED, State.SUBMITTED, at=NOON + minutes * MINUTE)


async def test_those_since_a_moment_come_in_pages(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        for minutes, name in enumerate(("old", "a", "b", "c"), start=-1):
            told_of(tx, name, minutes, test=name == "b")
        tx.messages.add(a_message("announced"), None)

    await store.write(unit)
    first = await store.read(lambda tx: tx.messages.past(NOON, 0, 2))
    rest = await store.read(lambda tx: tx.messages.past(NOON, first[-1].number, 2))

    assert [(one.id, one.stage, one.submitted_at) for one in (*first, *rest)] == [
        ("a", Stage.LIVE, NOON),
        ("b", Stage.TEST, NOON + MINUTE),
        ("c", Stage.LIVE, NOON + 2 * MINUTE),
    ]


async def test_the_last_trace_tells_the_place_and_facts_are_those_kept_last(store: Store) -> None:
    facts = {"strasse": "gemeinde, Kreis", "betrag": "12", "name": "a=b"}

    def unit(tx: Transaction) -> None:
        told_of(tx, "m1", region="14")
        tx.traces.add(MessageId("m1"), [a_step("address", details={"region": "02", "facts": "alt=ja"})])
        tx.traces.add(MessageId("m1"), [a_step("address", details={"region": "145110000000", "facts": "alt=nein"})])
        tx.traces.add(MessageId("m1"), [a_step("deliver", details={"region": "16"})])
        tx.messages.keep_facts(MessageId("m1"), {"alt": "ja"})
        tx.messages.keep_facts(MessageId("m1"), facts)
        told_of(tx, "m2", region="14")

    await store.write(unit)
    read, unread = await store.read(lambda tx: tx.messages.past(NOON, 0, 9))

    assert (read.region, read.facts) == ("145110000000", facts)
    assert (unread.region, unread.facts) == ("14", {})

"""Submissions of the past as they were asked for: with the place and the facts of their trace, page by page."""

from collections.abc import Mapping

import pytest
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


@pytest.mark.parametrize(
    ("told", "facts"),
    [
        ("", {}),
        ("strasse=gemeinde", {"strasse": "gemeinde"}),
        ("strasse=gemeinde, betrag=12, ort=a, b=c", {"strasse": "gemeinde", "betrag": "12", "ort": "a", "b": "c"}),
        ("name=Frankfurt, Main, betrag=1", {"name": "Frankfurt, Main", "betrag": "1"}),
    ],
)
async def test_the_last_trace_tells_place_and_facts(store: Store, told: str, facts: Mapping[str, str]) -> None:
    def unit(tx: Transaction) -> None:
        told_of(tx, "m1", region="14")
        tx.traces.add(MessageId("m1"), [a_step("address", details={"region": "02", "facts": "alt=ja"})])
        tx.traces.add(MessageId("m1"), [a_step("address", details={"region": "145110000000", "facts": told})])
        tx.traces.add(MessageId("m1"), [a_step("deliver", details={"region": "16"})])
        told_of(tx, "m2", region="14")

    await store.write(unit)
    traced, untraced = await store.read(lambda tx: tx.messages.past(NOON, 0, 9))

    assert (traced.region, traced.facts) == ("145110000000", facts)
    assert (untraced.region, untraced.facts) == ("14", {})

"""Versions of the routing tables come into force on their day; change sets are settled once."""

from datetime import date, timedelta

import pytest
from store_samples import DAY, MINUTE, NOON, a_draft

from amtsbote.api.persistence import Page, Store, Transaction
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.versions import DraftState, Mirrored

ALL = Page(0, 100)
TOMORROW, NEXT_YEAR = DAY + timedelta(days=1), date(2027, 1, 1)


def three_versions(tx: Transaction) -> None:
    """The second is to come next year; the third, made later, counts from tomorrow on."""
    tx.routing.add({"gebiete": b"1"}, at=NOON, author="uid:0", reason="Anfang")
    tx.routing.add({"gebiete": b"2"}, at=NOON, author="a", effective=NEXT_YEAR, releaser="b", draft=7)
    tx.routing.add({"gebiete": b"3"}, at=NOON, author="a", effective=TOMORROW)


async def test_the_version_in_force_is_the_newest_whose_day_has_come(store: Store) -> None:
    await store.write(three_versions)

    days = (DAY - timedelta(days=1), DAY, TOMORROW, NEXT_YEAR)
    assert await store.read(lambda tx: [tx.routing.version(day) for day in days]) == [0, 1, 3, 3]
    current = await store.read(lambda tx: tx.routing.current(TOMORROW))
    assert current is not None
    assert current.tables == {"gebiete": b"3"}


async def test_what_is_overtaken_before_its_day_is_not_pending(store: Store) -> None:
    await store.write(three_versions)
    assert [one.number for one in await store.read(lambda tx: tx.routing.pending(DAY))] == [3]

    await store.write(lambda tx: tx.routing.add({}, at=NOON, author="a", effective=NEXT_YEAR))
    assert [one.number for one in await store.read(lambda tx: tx.routing.pending(DAY))] == [3, 4]


async def test_a_version_keeps_who_made_and_released_it_and_why(store: Store) -> None:
    await store.write(three_versions)

    total, found = await store.read(lambda tx: tx.routing.versions(Page(1, 2)))

    assert total == 3
    assert [(one.number, one.author, one.reason, one.effective, one.releaser, one.draft) for one in found] == [
        (2, "a", "", NEXT_YEAR, "b", 7),
        (1, "uid:0", "Anfang", DAY, None, None),
    ]


async def test_a_mirrored_version_says_where_it_comes_from(store: Store) -> None:
    def mirrored(tx: Transaction) -> None:
        for issuer, number in (("https://a", 3), ("https://b", 9), ("https://a", 4)):
            tx.routing.add({}, at=NOON, author="a", mirrored=Mirrored(issuer, number, "ab"))

    await store.write(mirrored)

    assert (await store.read(lambda tx: tx.routing.about(2))).mirrored == Mirrored("https://b", 9, "ab")
    found = await store.read(lambda tx: [tx.routing.mirrored(f"https://{name}") for name in "abc"])
    assert [one and (one.number, one.mirrored and one.mirrored.version) for one in found] == [(3, 4), (2, 9), None]
    with pytest.raises(NotFound):
        await store.read(lambda tx: tx.routing.about(4))


async def test_every_version_can_still_be_read(store: Store) -> None:
    await store.write(three_versions)

    assert (await store.read(lambda tx: tx.routing.document(2))).tables == {"gebiete": b"2"}
    with pytest.raises(NotFound):
        await store.read(lambda tx: tx.routing.document(4))


async def test_a_version_to_come_leaves_the_signatures_of_the_one_in_force(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        first = tx.routing.add({}, at=NOON, author="a")
        tx.routing.keep_signature(first, "d1", "jws")
        tx.routing.add({}, at=NOON, author="a", effective=TOMORROW)

    await store.write(unit)

    assert await store.read(lambda tx: tx.routing.signature(1, "d1")) == "jws"


async def test_a_change_set_keeps_its_tables_and_is_settled_once(store: Store) -> None:
    number = await store.write(lambda tx: tx.drafts.add(a_draft(effective=NEXT_YEAR), {"gebiete": b"\xff\x00"}))

    draft = await store.read(lambda tx: tx.drafts.get(number))
    assert (draft.proposed, draft.state) == (a_draft(effective=NEXT_YEAR), DraftState.OPEN)
    assert await store.read(lambda tx: tx.drafts.tables(number)) == {"gebiete": b"\xff\x00"}

    later = NOON + MINUTE
    await store.write(lambda tx: tx.drafts.settle(number, DraftState.RELEASED, at=later, by="editor:two", version=2))
    settled = await store.read(lambda tx: tx.drafts.get(number))
    assert (settled.state, settled.settled_at, settled.settled_by, settled.version) == (
        DraftState.RELEASED,
        later,
        "editor:two",
        2,
    )
    with pytest.raises(StaleState):
        await store.write(lambda tx: tx.drafts.settle(number, DraftState.DISCARDED, at=later, by="editor:one"))


async def test_a_change_set_says_whose_snapshot_it_is(store: Store) -> None:
    proposed = a_draft(mirrored=Mirrored("https://a", 3, "ab"))
    number = await store.write(lambda tx: tx.drafts.add(proposed, {}))

    assert (await store.read(lambda tx: tx.drafts.get(number))).proposed == proposed


async def test_change_sets_are_listed_by_state_newest_first(store: Store) -> None:
    await store.write(lambda tx: [tx.drafts.add(a_draft(digest=digest), {}) for digest in ("a", "b", "a")])
    await store.write(lambda tx: tx.drafts.settle(1, DraftState.DISCARDED, at=NOON, by="x"))

    async def numbers(state: DraftState | None) -> list[int]:
        return [one.number for one in (await store.read(lambda tx: tx.drafts.page(state, ALL)))[1]]

    assert await numbers(None) == [3, 2, 1]
    assert await numbers(DraftState.OPEN) == [3, 2]
    assert await store.read(lambda tx: (tx.drafts.open_with("a"), tx.drafts.open_with("c"))) == (3, None)


async def test_there_is_no_change_set_that_nobody_proposed(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.read(lambda tx: tx.drafts.get(1))
    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.drafts.settle(1, DraftState.DISCARDED, at=NOON, by="x"))

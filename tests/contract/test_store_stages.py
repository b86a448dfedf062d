"""What stores keep of test and live: the message's stage, the entries' stage, lists and counts by stage."""

from typing import Any

from store_entries import a_target
from store_samples import NOON, a_delivery, a_letter, a_message

from amtsbote.api.persistence import DeliveryWish, Page, Store, Transaction
from amtsbote.model.deadletter import Backlog, Reason
from amtsbote.model.message import State
from amtsbote.model.stage import Stage

ALL = Page(0, 100)


def both(tx: Transaction) -> None:
    """`m1` is live, `m2` a test; each with a delivery and a letter of its own."""
    for number, test in ((1, False), (2, True)):
        name = f"m{number}"
        tx.messages.add(a_message(name, test=test), None)
        tx.deliveries.add([a_delivery(f"v{number}", name)])
        tx.deadletters.open(a_letter(f"k{number}", name))


def ids(found: tuple[int, tuple[Any, ...]]) -> tuple[int, list[str]]:
    return found[0], [one.id for one in found[1]]


async def test_a_message_is_read_back_with_its_stage(store: Store) -> None:
    await store.write(both)

    found = await store.read(lambda tx: [tx.messages.get(a_message(name).id).stage for name in ("m1", "m2")])

    assert found == [Stage.LIVE, Stage.TEST]


async def test_lists_can_be_narrowed_to_one_stage_and_count_it_alone(store: Store) -> None:
    await store.write(both)

    def looks(tx: Transaction, stage: Stage | None) -> list[tuple[int, list[str]]]:
        return [
            ids(tx.messages.page(None, ALL, stage)),
            ids(tx.messages.page(State.ANNOUNCED, ALL, stage)),
            ids(tx.deliveries.page(DeliveryWish(stage=stage), ALL)),
            ids(tx.deadletters.page("open", ALL, stage)),
            ids(tx.deadletters.page("all", ALL, stage)),
        ]

    live = await store.read(lambda tx: looks(tx, Stage.LIVE))
    test = await store.read(lambda tx: looks(tx, Stage.TEST))
    total = await store.read(lambda tx: [count for count, _ in looks(tx, None)])
    assert live == [(1, [f"{sort}1"]) for sort in "mmvkk"]
    assert test == [(1, [f"{sort}2"]) for sort in "mmvkk"]
    assert total == [2] * 5


async def test_the_backlog_of_live_messages_does_not_see_tests(store: Store) -> None:
    await store.write(both)
    await store.write(lambda tx: tx.deadletters.open(a_letter("k3", "m2", reason=Reason.NO_TARGET)))

    one = {Reason.SEVERAL_COMPETENT: Backlog(1, NOON)}
    assert await store.read(lambda tx: tx.deadletters.backlog(Stage.LIVE)) == one
    assert await store.read(lambda tx: tx.deadletters.backlog(Stage.TEST)) == one | {Reason.NO_TARGET: Backlog(1, NOON)}


async def test_a_target_keeps_its_stage(store: Store) -> None:
    target = a_target(stage=Stage.OFF)
    await store.write(lambda tx: tx.directory.put(target))

    assert (await store.read(lambda tx: tx.directory.load())).targets[target.id] == target

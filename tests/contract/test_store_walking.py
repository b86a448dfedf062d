"""All parts, one after the other, in steps of any size."""

from functools import partial

from store_samples import a_message, a_part, in_file

from amtsbote.api.persistence import Scope, Store, Transaction
from amtsbote.model.ids import MessageId
from amtsbote.model.message import Part


def fill(tx: Transaction) -> None:
    for message in ("m1", "m2"):
        tx.messages.add(a_message(message), None)
        tx.parts.put(a_part(message))
    tx.parts.put(in_file("aa/1"))


async def walked(store: Store, step: int) -> list[Part]:
    parts: list[Part] = []
    found = await store.read(lambda tx: tx.parts.after(0, step))
    while found:
        parts += [part for _, part in found]
        found = await store.read(partial(_after, found[-1][0], step))
    return parts


def _after(number: int, step: int, tx: Transaction) -> tuple[tuple[int, Part], ...]:
    return tx.parts.after(number, step)


async def test_every_part_is_met_once_in_steps_of_any_size(store: Store) -> None:
    await store.write(fill)

    once = await walked(store, 100)

    assert [part.message for part in once] == ["m1", "m2"]
    assert await walked(store, 1) == once
    assert await store.read(lambda tx: tx.parts.count()) == 2


async def test_a_stranger_meets_no_part(store: Store) -> None:
    await store.write(fill)
    stranger = Scope("sender", "nobody")

    assert await store.read(lambda tx: (tx.parts.after(0, 9), tx.parts.count()), scope=stranger) == ((), 0)


async def test_every_dossier_is_met_once_in_steps_of_any_size(store: Store) -> None:
    await store.write(fill)
    await store.write(lambda tx: tx.messages.keep_dossier(MessageId("m2"), b"second"))
    await store.write(lambda tx: tx.messages.keep_dossier(MessageId("m1"), b"first"))

    both = await store.read(lambda tx: tx.messages.dossiers(0, 9))
    [(number, *first)] = await store.read(lambda tx: tx.messages.dossiers(0, 1))
    [(_, *second)] = await store.read(lambda tx: tx.messages.dossiers(number, 1))

    assert [(message, sealed) for _, message, sealed in both] == [("m1", b"first"), ("m2", b"second")]
    assert [tuple(first), tuple(second)] == [("m1", b"first"), ("m2", b"second")]

"""Secrets wrapped under one master key: met once each, replaced one by one, and only as they were read."""

from dataclasses import replace
from functools import partial

import pytest
from store_samples import MINUTE, NOON, a_message, a_part, a_receiver, in_file

from amtsbote.api.persistence import Store, Transaction
from amtsbote.model.callback import Callback
from amtsbote.model.ids import MessageId, PartId, ReceiverId
from amtsbote.model.masterkey import Change, MasterKey, WrappedKind, WrappedValue

OLD, NEW = b"\x00\x01\xfe\xff", b"\x00\x01\xfe\xfe"
KEY = OLD.hex()
UNDER_OLD = ["m0", "m2", "m3"]


def fill(tx: Transaction) -> None:
    """A part and a dossier for each message; those of m1 are under the new key already."""
    for number in range(4):
        message = f"m{number}"
        under = NEW if number == 1 else OLD
        part = a_part(message) if number % 2 else in_file(f"aa/{number}", message)
        tx.messages.add(a_message(message), None)
        tx.messages.keep_dossier(MessageId(message), under + b"dossier")
        tx.parts.put(replace(part, seal=under + b"seal"))
        callback = Callback("https://portal.example/", under + b"secret")
        tx.receivers.add(a_receiver(message, callback=callback))


async def walked(store: Store, kind: WrappedKind, step: int) -> list[WrappedValue]:
    values: list[WrappedValue] = []
    found = await store.read(lambda tx: tx.master.wrapped(kind, KEY, 0, step))
    while found:
        values += found
        found = await store.read(partial(_after, kind, found[-1].number, step))
    return values


def _after(kind: WrappedKind, number: int, step: int, tx: Transaction) -> tuple[WrappedValue, ...]:
    return tx.master.wrapped(kind, KEY, number, step)


@pytest.mark.parametrize("kind", WrappedKind)
async def test_every_secret_under_the_key_is_met_once_in_steps_of_any_size(store: Store, kind: WrappedKind) -> None:
    await store.write(fill)

    once = await walked(store, kind, 100)

    assert [value.owner for value in once] == UNDER_OLD
    assert {value.part for value in once} == ({PartId("data")} if kind is WrappedKind.PART else {None})
    assert all(value.wrapped[:4] == OLD for value in once)
    assert await walked(store, kind, 1) == once
    assert await store.read(lambda tx: tx.master.count(kind, KEY)) == len(UNDER_OLD)


@pytest.mark.parametrize("kind", WrappedKind)
async def test_a_secret_is_replaced_once_and_nothing_else_changes(store: Store, kind: WrappedKind) -> None:
    await store.write(fill)
    first, *others = await walked(store, kind, 100)
    before = await store.read(partial(_kept, first.owner))

    assert await store.write(lambda tx: tx.master.rewrap(kind, first, NEW + b"again"))
    assert not await store.write(lambda tx: tx.master.rewrap(kind, first, NEW + b"too late"))

    assert await walked(store, kind, 100) == others
    assert await store.read(partial(_kept, first.owner)) == before | {kind: NEW + b"again"}


def _kept(name: str, tx: Transaction) -> dict[WrappedKind, bytes]:
    """The secrets of a message, and of the receiver that is called alike."""
    receiver = tx.receivers.find(ReceiverId(name))
    assert receiver is not None
    return {
        WrappedKind.PART: tx.parts.of(MessageId(name))[PartId("data")].seal,
        WrappedKind.DOSSIER: tx.messages.dossier(MessageId(name)),
        WrappedKind.CALLBACK: receiver.callback.sealed_secret,
    }


async def test_the_master_key_is_recorded_with_its_change_and_without(store: Store) -> None:
    assert await store.read(lambda tx: tx.master.get()) is None
    begun = MasterKey("00112233", NOON, Change("44556677", b"\x00forward", b"\xffback", None))
    switched = MasterKey("00112233", NOON, Change("44556677", b"\x00forward", b"\xffback", NOON + MINUTE))

    for key in (begun, switched, MasterKey("00112233", NOON)):
        await store.write(lambda tx, key=key: tx.master.put(key))  # type: ignore[misc]  # bound now
        assert await store.read(lambda tx: tx.master.get()) == key

"""What still needs a key: counted by every store alike."""

import pytest
from store_samples import MINUTE, NOON, a_message, a_part, an_event, submitted

from amtsbote.api.persistence import Scope, Store
from amtsbote.model.ids import DestinationId, EventId, KeyId
from amtsbote.model.message import State

D1 = DestinationId("d1")
KID = KeyId("kid")
FINISHED = {State.ACCEPTED, State.REJECTED, State.EXPIRED, State.DELETED}


@pytest.mark.parametrize("state", State)
async def test_a_message_counts_as_unfinished_until_it_is_over(store: Store, state: State) -> None:
    held_from = State.SUBMITTED if state is State.HELD else None
    message = a_message(state=state, held_from=held_from, submitted_at=NOON)
    await store.write(lambda tx: tx.messages.add(message, None))
    await store.write(lambda tx: tx.parts.put(a_part()))

    expected = 0 if state in FINISHED else 1
    assert await store.read(lambda tx: tx.messages.unfinished(D1, KID, NOON)) == expected
    assert await store.read(lambda tx: tx.messages.unfinished_at(D1)) == expected
    assert await store.read(lambda tx: tx.messages.unfinished_at(DestinationId("d2"))) == 0


async def test_what_was_submitted_counts_for_the_keys_of_its_parts_and_for_no_other(store: Store) -> None:
    for name, keys in (("m1", ("kid", "kid")), ("m2", ("other", "kid")), ("m3", ("other", "other"))):
        await store.write(lambda tx, name=name: submitted(tx, a_message(name)))  # type: ignore[misc]  # bound now
        for part, key in zip(("data", "metadata"), keys, strict=True):
            kept = a_part(name, part, key=KeyId(key))
            await store.write(lambda tx, kept=kept: tx.parts.put(kept))  # type: ignore[misc]  # bound now

    counts = [
        await store.read(lambda tx, key=key: tx.messages.unfinished(D1, KeyId(key), NOON))  # type: ignore[misc]
        for key in ("kid", "other", "third")
    ]
    assert counts == [2, 2, 0]


async def test_what_is_not_submitted_counts_when_it_was_announced_by_then(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message("m1"), None))
    await store.write(lambda tx: tx.messages.add(a_message("m2", created_at=NOON + MINUTE), None))
    await store.write(lambda tx: tx.messages.add(a_message("m3", destination=DestinationId("d2")), None))

    counts = [
        await store.read(lambda tx, until=until: tx.messages.unfinished(D1, KID, until))  # type: ignore[misc]
        for until in (NOON - MINUTE, NOON, NOON + MINUTE)
    ]
    assert counts == [0, 1, 2]


async def test_events_wait_for_the_key_that_is_to_sign_them(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    for name, key, jws in (("e1", "k1", None), ("e2", "k1", "a.b.c"), ("e3", "k2", None)):
        event = an_event(name, key=KeyId(key), jws=jws)
        await store.write(lambda tx, event=event: tx.events.add(event))  # type: ignore[misc]  # bound now
    assert await store.read(lambda tx: tx.events.unsigned_by(KeyId("k1"))) == 1

    await store.write(lambda tx: tx.events.keep_signature(EventId("e1"), "a.b.c"))
    assert await store.read(lambda tx: tx.events.unsigned_by(KeyId("k1"))) == 0


async def test_another_tenants_messages_and_events_are_not_counted(store: Store) -> None:
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    await store.write(lambda tx: tx.events.add(an_event(key=KeyId("k1"))))
    for tenant, count in (("t1", 1), ("t2", 0)):
        scope = Scope("tenant", tenant)
        assert await store.read(lambda tx: tx.messages.unfinished(D1, KID, NOON), scope=scope) == count
        assert await store.read(lambda tx: tx.messages.unfinished_at(D1), scope=scope) == count
        assert await store.read(lambda tx: tx.events.unsigned_by(KeyId("k1")), scope=scope) == count

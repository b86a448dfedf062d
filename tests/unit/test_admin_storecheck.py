"""Checking a store with real parts: nothing damaged is dropped, and nothing stops the check."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from office_site import A_DOSSIER, Site, flip, opened_site
from store_entries import A_DESTINATION
from store_samples import NOON

from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.rewrapping import TABLES
from amtsbote.api.persistence import DirectoryEntry, Page, Transaction
from amtsbote.keys.callbacks import sealed_callback
from amtsbote.keys.making import sealing_context
from amtsbote.keys.vault import Vault
from amtsbote.model.callback import Callback, Receiver
from amtsbote.model.deadletter import Reason, Settlement
from amtsbote.model.directory import KeyEntry, KeyPurpose
from amtsbote.model.ids import ClientId, DestinationId, KeyId, MessageId, ReceiverId
from amtsbote.model.job import JobKind
from amtsbote.model.message import State
from amtsbote.runner.dossier import close_dossier


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened_site(tmp_path) as opened:
        yield opened


def _submit(tx: Transaction) -> None:
    tx.messages.move(MessageId("m1"), State.ANNOUNCED, State.SUBMITTED, at=NOON)
    tx.jobs.add(JobKind.PROCESS, "m1", NOON)


async def test_an_intact_store_has_nothing_to_report(site: Site) -> None:
    await site.keep("m1")
    await site.keep("m2", body=b"small")

    found = await site.check()

    assert (found["total"], found["checked"], found["damaged"], found["orphans"]) == (2, 2, [], 0)


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
async def test_a_damaged_part_is_set_aside_and_its_message_waits_for_a_person(site: Site, damage: str) -> None:
    part = await site.keep("m1")
    whole = await site.keep("m2")
    await site.office.store.write(_submit)
    file = site.file(part)
    if damage == "flipped":
        flip(file, 300_000)
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[: 256 * 1024 + 16])
    else:
        file.unlink()

    found = await site.check()
    again = await site.check()

    [one] = found["damaged"]
    assert (one["submission"], one["part"], one["moved"]) == ("m1", "data", damage != "gone")
    assert one["state"] == "held" == await site.state("m1")
    assert (site.folder / "data" / "damaged" / file.name).exists() == (damage != "gone")
    assert not file.exists()
    assert site.file(whole).exists()
    store = site.office.store
    [letter] = await store.read(lambda tx: tx.deadletters.of(MessageId("m1")))
    assert letter.reason is Reason.PART_DAMAGED
    assert sum((await store.read(lambda tx: tx.jobs.counts())).values()) == 0
    assert [row.action for row in await store.read(lambda tx: tx.audit.page(Page(0, 9)))] == ["part-damaged"]
    assert len(again["damaged"]) == 1  # still said, with one Klärungsfall


async def test_what_is_being_delivered_is_held_by_its_delivery_and_settled_damage_counts_again(site: Site) -> None:
    on_its_way, settled = await site.keep("m1"), await site.keep("m2", body=b"small")
    await site.office.store.write(lambda tx: tx.parts.put(replace(settled, sha512="00" * 64)))
    await site.office.store.write(_deliver)
    flip(site.file(on_its_way))
    first = await site.check()
    store = site.office.store
    [letter] = await store.read(lambda tx: tx.deadletters.of(MessageId("m2")))
    await store.write(lambda tx: tx.deadletters.settle(letter.id, Settlement.RETRIED, at=NOON))
    await store.write(lambda tx: tx.messages.move(MessageId("m2"), State.HELD, State.SUBMITTED, at=NOON))

    await site.check()

    assert {one["submission"]: one["state"] for one in first["damaged"]} == {"m1": "delivering", "m2": "held"}
    assert await store.read(lambda tx: tx.deadletters.of(MessageId("m1"))) == ()
    assert len(await store.read(lambda tx: tx.deadletters.of(MessageId("m2")))) == 2
    assert await site.state("m2") is State.HELD


def _deliver(tx: Transaction) -> None:
    for message in map(MessageId, ("m1", "m2")):
        tx.messages.move(message, State.ANNOUNCED, State.SUBMITTED, at=NOON)
    tx.messages.move(MessageId("m1"), State.SUBMITTED, State.DELIVERING, at=NOON)


async def test_a_part_that_cannot_be_set_aside_stops_nothing(site: Site) -> None:
    for message in ("m1", "m2"):
        flip(site.file(await site.keep(message)))
    (site.folder / "data" / "damaged").touch()  # no folder: nothing can be moved into it

    found = await site.check()

    assert [(one["submission"], one["moved"]) for one in found["damaged"]] == [("m1", False), ("m2", False)]


async def test_a_dossier_that_does_not_open_is_told(site: Site) -> None:
    for message in map(MessageId, ("m1", "m2")):
        sealed = close_dossier(A_DOSSIER, message, site.office.vault)
        kept = sealed if message == "m1" else sealed[:-1] + bytes([sealed[-1] ^ 1])
        await site.office.store.write(lambda tx, name=message, body=kept: tx.messages.keep_dossier(name, body))  # type: ignore[misc]

    found = await site.asked("store.check-dossiers")
    last = await site.asked("store.check-dossiers", after=found["after"])

    assert [(one["submission"], one["fault"], one["state"]) for one in found["damaged"]] == [
        ("m2", "dossier", "announced")
    ]
    assert (found["checked"], last["checked"], last["after"]) == (2, 0, None)


def spoilt(wrapped: bytes, place: int = -1) -> bytes:
    content = bytearray(wrapped)
    content[place] ^= 1
    return bytes(content)


def a_key(vault: Vault, name: str, *, sound: bool) -> KeyEntry:
    sealed = vault.wrap(b"secret", sealing_context(KeyId(name), KeyPurpose.EVENTS, None))
    return KeyEntry(KeyId(name), KeyPurpose.EVENTS, "", None, b"public", (), sealed if sound else spoilt(sealed))


@pytest.mark.parametrize("place", [0, -1])
async def test_every_secret_that_does_not_open_is_told(site: Site, place: int) -> None:
    """Also where the id of its master key is what was changed, and one that was moved to another row."""
    vault, store = site.office.vault, site.office.store
    receivers = [
        Receiver(ReceiverId(name), ClientId("s1"), sealed_callback(vault, "https://portal.example", "secret", of))
        for name, of in (("sound", "sound"), ("shut", "shut"), ("moved", "sound"))
    ]
    receivers[1] = replace(
        receivers[1], callback=Callback("https://x.example", spoilt(receivers[1].callback.sealed_secret, place))
    )
    entries: list[DirectoryEntry] = [
        replace(
            A_DESTINATION, id=DestinationId(name), callback=sealed_callback(vault, "https://amt.example", "secret", of)
        )
        for name, of in (("d1", "d1"), ("d2", "d1"))
    ]
    entries += [a_key(vault, "sound-key", sound=True), a_key(vault, "shut-key", sound=False)]

    def unit(tx: Transaction) -> None:
        for receiver in receivers:
            tx.receivers.add(receiver)
        for entry in entries:
            tx.directory.put(entry)

    await store.write(unit)
    await site.keep("m1")
    await site.check()  # a single key that does not open is no foreign master key

    found = await site.asked("store.check-secrets")
    last = await site.asked("store.check-secrets", after=found["after"])

    assert {(one["secret"], one["of"]) for one in found["shut"]} == {
        ("callback", "shut"),
        ("callback", "moved"),
        ("destination-callback", "d2"),
        ("private-key", "shut-key"),
    }
    assert (found["checked"], last) == (7, {"checked": 0, "shut": [], "after": None})


def test_every_sort_of_secret_is_checked() -> None:
    """What a change of the master key wraps anew, is opened by a check."""
    assert set(TABLES) == {"private-keys", "destination-callbacks", "callbacks", "dossiers", "parts"}


async def test_with_a_foreign_master_key_nothing_is_touched(site: Site) -> None:
    part = await site.keep("m1")
    foreign = Vault(bytes([1]) * 32)
    entry = KeyEntry(KeyId("k"), KeyPurpose.EVENTS, "", None, b"public", (), foreign.wrap(b"secret", "a key"))
    await site.office.store.write(lambda tx: tx.directory.put(entry))

    with pytest.raises(CommandRefused) as refused:
        await site.check()

    assert refused.value.code == "master-key"
    assert site.file(part).exists()


async def test_a_body_in_its_row_is_compared_too(site: Site) -> None:
    part = await site.keep("m1", body=b"small")
    await site.office.store.write(lambda tx: tx.parts.put(replace(part, sha512="00" * 64)))

    [one] = (await site.check())["damaged"]

    assert (one["fault"], one["moved"], one["state"]) == ("digest", False, "announced")


async def test_files_no_row_owns_are_counted_and_left(site: Site) -> None:
    part = await site.keep("m1")
    await site.office.store.write(lambda tx: tx.parts.drop(part.message))
    await site.keep("m2")

    found = await site.check()

    assert found["orphans"] == 1
    assert site.file(part).exists()

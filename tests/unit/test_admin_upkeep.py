"""Backing up, restoring and checking a store with real parts: complete or refused, and nothing damaged is dropped."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from store_samples import NOON, a_message

from amtsbote.admin.commands import run_command
from amtsbote.admin.manifest import digest_of
from amtsbote.admin.office import Office, Upkeep, nobody_to_tell
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.restoring import restore
from amtsbote.api import Disk
from amtsbote.api.envelope import PartProof
from amtsbote.api.persistence import Page, Transaction
from amtsbote.daemon.settings import Settings
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import PartRoom
from amtsbote.model.deadletter import Reason, Settlement
from amtsbote.model.directory import KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId, MessageId, PartId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Part, State
from amtsbote.store import BodyFiles, SqliteStore

LARGE = bytes(range(256)) * 2500
PROOF = PartProof("tag", KeyId("kid"))


@dataclass
class Site:
    """An office over a data folder, with ids that count."""

    folder: Path
    office: Office
    parts: PartRoom

    async def keep(self, message: str, part: str = "data", body: bytes = LARGE) -> Part:
        kept = await self.parts.keep(MessageId(message), PartId(part), body, PROOF)
        await self.office.store.write(lambda tx: tx.parts.put(kept))
        return kept

    def file(self, part: Part) -> Path:
        return self.folder / "data" / "parts" / str(part.file)

    async def asked(self, command: str, **arguments: Any) -> dict[str, Any]:
        return await run_command(self.office, "uid:1", command, arguments)

    async def back_up(self, to: Path) -> dict[str, Any]:
        await self.asked("backup.begin", folder=str(to))
        await self.asked("backup.parts", folder=str(to), done=0)
        return await self.asked("backup.end", folder=str(to))

    async def check(self) -> dict[str, Any]:
        first = await self.asked("store.check")
        last = await self.asked("store.check", after=first["after"])
        return {**first, "orphans": last["orphans"]}

    async def state(self, message: str) -> State:
        return (await self.office.store.read(lambda tx: tx.messages.get(MessageId(message)))).state


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = SqliteStore.open(tmp_path / "data", readers=1)
    vault, numbers = Vault(bytes(32)), iter(range(1000))
    files = BodyFiles(tmp_path / "data" / "parts", Disk())
    parts = PartRoom(vault, files)
    upkeep = Upkeep(tmp_path / "data", files, parts, lambda: f"id-{next(numbers)}")
    for message in ("m1", "m2"):
        await store.write(lambda tx, name=message: tx.messages.add(a_message(name), None))  # type: ignore[misc]
    yield Site(tmp_path, Office(store, vault, (), (), {}, lambda: NOON, nobody_to_tell, upkeep), parts)
    await store.close()


def settings(folder: Path) -> Settings:
    folder.mkdir()
    key = folder / "master.key"
    key.write_text(bytes(32).hex())
    key.chmod(0o600)
    made = Settings()
    storage = made.storage.model_copy(update={"folder": folder / "data"})
    return made.model_copy(update={"storage": storage, "keys": made.keys.model_copy(update={"master_key_file": key})})


def untold(_: int, __: int) -> None:
    """Nobody watches."""


def back(site: Site, name: str = "second") -> Path:
    return restore(settings(site.folder / name), site.folder / "backup", untold).folder


# backup and restore


async def test_what_was_backed_up_is_what_is_restored(site: Site) -> None:
    large, small = await site.keep("m1"), await site.keep("m2", body=b"small")

    made = await site.back_up(site.folder / "backup")
    folder = await asyncio.to_thread(back, site)

    assert (made["parts"], made["missing"]) == (1, [])
    again = SqliteStore.open(folder, readers=1)
    parts = PartRoom(site.office.vault, BodyFiles(folder / "parts", Disk()))
    for part, body in ((large, LARGE), (small, b"small")):
        found = (await again.read(lambda tx, part=part: tx.parts.of(part.message)))[part.id]  # type: ignore[misc]
        assert b"".join(parts.chunks(found)) == body
    await again.close()


async def test_a_backup_is_for_its_owner_only_and_sha256sum_verifies_it(site: Site) -> None:
    await site.keep("m1")
    await site.back_up(site.folder / "backup")

    kept = [path for path in (site.folder / "backup").rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    verified = await asyncio.create_subprocess_exec(
        "sha256sum", "-c", "parts.sha256", cwd=site.folder / "backup", stdout=asyncio.subprocess.DEVNULL
    )
    assert await verified.wait() == 0


async def test_what_is_written_meanwhile_is_either_in_the_backup_or_not(site: Site) -> None:
    backup = site.folder / "backup"
    await site.keep("m1")
    await site.asked("backup.begin", folder=str(backup))
    later = await site.keep("m2")
    await site.asked("backup.parts", folder=str(backup), done=0)

    made = await site.asked("backup.end", folder=str(backup))

    assert made["parts"] == 1
    assert not (backup / "parts" / str(later.file)).exists()


async def test_a_part_dropped_meanwhile_leaves_the_copy_with_its_row(site: Site) -> None:
    backup = site.folder / "backup"
    part = await site.keep("m1")
    await site.asked("backup.begin", folder=str(backup))
    await site.office.store.write(lambda tx: tx.parts.drop(part.message))
    site.file(part).unlink()
    await site.asked("backup.parts", folder=str(backup), done=0)

    made = await site.asked("backup.end", folder=str(backup))
    folder = await asyncio.to_thread(back, site)

    assert (made["parts"], made["missing"]) == (0, [])
    again = SqliteStore.open(folder, readers=1)
    assert await again.read(lambda tx: tx.parts.count()) == 0
    await again.close()


async def test_a_part_that_is_missing_though_its_row_is_there_is_told(site: Site) -> None:
    part = await site.keep("m1")
    site.file(part).unlink()

    made = await site.back_up(site.folder / "backup")

    assert made["missing"] == [part.file]


@pytest.mark.parametrize("where", ["data/backup", "data/../data/b", "full", "full/letter/below"])
async def test_a_backup_goes_into_a_new_folder_outside_the_data(site: Site, where: str) -> None:
    (site.folder / "full").mkdir()
    (site.folder / "full" / "letter").touch()

    with pytest.raises(CommandRefused):
        await site.asked("backup.begin", folder=str(site.folder / where))


async def test_a_backup_whose_parts_were_not_all_asked_for_is_not_sealed(site: Site) -> None:
    await site.keep("m1")
    await site.keep("m2")
    backup = site.folder / "backup"
    await site.asked("backup.begin", folder=str(backup))

    with pytest.raises(CommandRefused):
        await site.asked("backup.end", folder=str(backup))

    assert not (backup / "manifest.json").exists()


def flip(file: Path, place: int = 5) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("what", ["manifest.json", "parts.sha256", "amtsbote.db", "part", "part gone"])
async def test_a_damaged_or_unfinished_backup_is_refused_and_makes_no_database(site: Site, what: str) -> None:
    part = await site.keep("m1")
    await site.back_up(site.folder / "backup")
    files = {"part": site.folder / "backup" / "parts" / str(part.file)}
    if what == "part gone":
        files["part"].unlink()
    elif what == "manifest.json":
        (site.folder / "backup" / what).unlink()
    else:
        flip(files.get(what, site.folder / "backup" / what))

    with pytest.raises(CommandRefused) as refused:
        await asyncio.to_thread(back, site)

    assert refused.value.code in {"no-backup", "backup-damaged"}
    assert not (site.folder / "second" / "data" / "amtsbote.db").exists()


async def test_a_restore_needs_an_empty_data_folder_that_nobody_uses(site: Site) -> None:
    await site.back_up(site.folder / "backup")
    wanted = settings(site.folder / "second")
    await asyncio.to_thread(restore, wanted, site.folder / "backup", untold)

    with pytest.raises(CommandRefused):
        await asyncio.to_thread(restore, wanted, site.folder / "backup", untold)


async def test_a_name_in_the_list_never_leads_out_of_the_backup(site: Site) -> None:
    await site.keep("m1")
    await site.back_up(site.folder / "backup")
    victim = site.folder / "victim"
    victim.write_bytes(b"x")
    listing, manifest = site.folder / "backup" / "parts.sha256", site.folder / "backup" / "manifest.json"
    listing.write_text(f"{digest_of(victim)}  parts/../../victim\n")
    told = json.loads(manifest.read_bytes())
    manifest.write_text(json.dumps({**told, "list_sha256": digest_of(listing)}))

    with pytest.raises(CommandRefused):
        await asyncio.to_thread(back, site)


async def test_a_store_elsewhere_is_not_backed_up_here(site: Site) -> None:
    office = Office(site.office.store, site.office.vault, (), (), {}, lambda: NOON, nobody_to_tell)
    with pytest.raises(CommandRefused) as refused:
        await run_command(office, "uid:1", "backup.begin", {"folder": str(site.folder / "b")})
    assert refused.value.code == "elsewhere"


# store check


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

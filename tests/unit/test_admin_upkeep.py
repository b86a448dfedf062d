"""Backing up and restoring a store with real parts: complete or refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from office_site import LARGE, Site, flip, opened_site
from store_samples import NOON

from amtsbote.admin.commands import run_command
from amtsbote.admin.manifest import digest_of
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.restoring import restore
from amtsbote.api import Disk
from amtsbote.daemon.settings import Settings
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import PartRoom
from amtsbote.model.directory import KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.store import BodyFiles, SqliteStore


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened_site(tmp_path) as opened:
        yield opened


def settings(folder: Path) -> Settings:
    folder.mkdir(exist_ok=True)
    key = folder / "master.key"
    key.write_text(bytes(32).hex())
    key.chmod(0o600)
    made = Settings()
    storage = made.storage.model_copy(update={"folder": folder / "data"})
    return made.model_copy(update={"storage": storage, "keys": made.keys.model_copy(update={"master_key_file": key})})


def untold(_: int, __: int) -> None:
    """Nobody watches."""


def back(site: Site, name: str = "second") -> Path:
    wanted = settings(site.folder / name)
    restore(wanted, site.folder / "backup", untold)
    return wanted.storage.folder


# backup and restore


async def test_a_backup_under_another_master_key_leaves_no_trace(site: Site) -> None:
    foreign = Vault(bytes([1]) * 32)
    entry = KeyEntry(KeyId("k"), KeyPurpose.EVENTS, "", None, b"public", (), foreign.wrap(b"secret", "a key"))
    await site.office.store.write(lambda tx: tx.directory.put(entry))
    await site.keep("m1")
    await site.back_up(site.folder / "backup")

    with pytest.raises(CommandRefused) as refused:
        await asyncio.to_thread(back, site)

    assert refused.value.code == "master-key"
    data = site.folder / "second" / "data"
    assert not (data / "amtsbote.db").exists()
    assert not list(data.rglob("*.part"))


async def test_parts_of_somebody_else_are_not_mixed_with_those_of_the_backup(site: Site) -> None:
    await site.keep("m1")
    await site.back_up(site.folder / "backup")
    other = BodyFiles(site.folder / "second" / "data" / "parts", Disk()).begin()
    other.write(b"of another installation")
    other.keep()

    with pytest.raises(CommandRefused) as refused:
        await asyncio.to_thread(back, site)

    assert refused.value.code == "in-the-way"
    assert not (site.folder / "second" / "data" / "amtsbote.db").exists()


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
    office = Office(site.office.store, site.office.vault, (), frozenset, {}, lambda: NOON, nobody_to_tell)
    with pytest.raises(CommandRefused) as refused:
        await run_command(office, "uid:1", "backup.begin", {"folder": str(site.folder / "b")})
    assert refused.value.code == "elsewhere"

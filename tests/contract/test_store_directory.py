"""The directory, the routing tables and the audit rows."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from store_entries import ENTRIES, MAPS, TENANT_1, a_target
from store_samples import DAY, MINUTE, NOON

from amtsbote.api.persistence import AuditRow, DirectoryEntry, Page, Store, Transaction
from amtsbote.errors import NotFound
from amtsbote.model.directory import Authority, Directory
from amtsbote.model.ids import AuthorityId, TargetId


def entries_of(directory: Directory) -> list[DirectoryEntry]:
    return [entry for name in MAPS for entry in getattr(directory, name).values()]


async def test_an_empty_directory_has_revision_0(store: Store) -> None:
    directory = await store.read(lambda tx: tx.directory.load())

    assert (directory.revision, entries_of(directory)) == (0, [])


async def test_every_sort_of_entry_comes_back_as_it_was_put(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        for entry in ENTRIES:
            tx.directory.put(entry)

    await store.write(unit)
    directory = await store.read(lambda tx: tx.directory.load())

    assert entries_of(directory) == list(ENTRIES)
    assert directory.revision == len(ENTRIES)


async def test_each_change_raises_the_revision_and_replaces_or_removes(store: Store) -> None:
    renamed = replace(TENANT_1, name="Stadt Chemnitz, Grünflächenamt")

    await store.write(lambda tx: tx.directory.put(TENANT_1))
    await store.write(lambda tx: tx.directory.put(renamed))
    assert entries_of(await store.read(lambda tx: tx.directory.load())) == [renamed]

    await store.write(lambda tx: tx.directory.remove(renamed))
    assert entries_of(await store.read(lambda tx: tx.directory.load())) == []
    assert await store.read(lambda tx: tx.directory.revision()) == 3
    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.directory.remove(renamed))
    assert await store.read(lambda tx: tx.directory.revision()) == 3


async def test_options_keep_their_types(store: Store) -> None:
    options: dict[str, str | int | bool] = {
        "text": "1",
        "number": 1,
        "truth": True,
        "word": "true",
        "umlaut": "ä\u0000",
    }
    await store.write(lambda tx: tx.directory.put(a_target(options=MappingProxyType(options))))

    loaded = (await store.read(lambda tx: tx.directory.load())).targets[TargetId("folder")].options

    assert [(name, type(value), value) for name, value in loaded.items()] == [
        (name, type(value), value) for name, value in options.items()
    ]


@pytest.mark.parametrize("wrong", [{"list": ["a"]}, {"number": 1.5}, {"bytes": b"\xff"}])
async def test_an_entry_that_would_come_back_differently_is_refused(store: Store, wrong: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (its sentence depends on what is wrong)
        await store.write(lambda tx: tx.directory.put(a_target(options=wrong)))

    assert await store.read(lambda tx: tx.directory.revision()) == 0


async def test_a_loaded_directory_cannot_be_changed(store: Store) -> None:
    await store.write(lambda tx: tx.directory.put(TENANT_1))
    directory: Any = await store.read(lambda tx: tx.directory.load())

    with pytest.raises(TypeError):
        directory.tenants["t2"] = TENANT_1


async def test_eleven_thousand_authorities_are_loaded(store: Store) -> None:
    authorities = [
        Authority(AuthorityId(f"a{number}"), TENANT_1.id, f"Amt Nr. {number}", (TargetId("folder"),))
        for number in range(11_000)
    ]

    def unit(tx: Transaction) -> None:
        for authority in authorities:
            tx.directory.put(authority)

    await store.write(unit)

    assert len((await store.read(lambda tx: tx.directory.load())).authorities) == 11_000


async def test_routing_versions_follow_each_other_and_keep_the_bytes(store: Store) -> None:
    assert await store.read(lambda tx: (tx.routing.version(DAY), tx.routing.current(DAY))) == (0, None)
    first = {"gebiete": b"ars;ags\r\n", "leistungen": b"\xef\xbb\xbf"}

    assert await store.write(lambda tx: tx.routing.add(first, at=NOON, author="uid:0")) == 1
    assert await store.write(lambda tx: tx.routing.add({"gebiete": b""}, at=NOON, author="uid:0")) == 2

    current = await store.read(lambda tx: tx.routing.current(DAY))
    assert current is not None
    assert (current.version, current.tables) == (2, {"gebiete": b""})


async def test_the_tables_of_a_version_are_the_bytes_that_were_given(store: Store) -> None:
    tables = {"gebiete": bytes(range(256)) * 1000, "leere": b""}
    await store.write(lambda tx: tx.routing.add(tables, at=NOON, author="uid:0"))

    current = await store.read(lambda tx: tx.routing.current(DAY))

    assert current is not None
    assert current.tables == tables


async def test_the_first_signature_of_a_version_and_subject_wins(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        version = tx.routing.add({}, at=NOON, author="uid:0")
        tx.routing.keep_signature(version, "d1", "first")
        tx.routing.keep_signature(version, "d1", "second")
        tx.routing.keep_signature(version, "d2", "other")

    await store.write(unit)

    def look(tx: Transaction) -> list[str | None]:
        return [tx.routing.signature(1, "d1"), tx.routing.signature(1, "d2"), tx.routing.signature(2, "d1")]

    assert await store.read(look) == ["first", "other", None]


async def test_a_new_version_forgets_the_signatures_of_the_older_ones(store: Store) -> None:
    def add(tx: Transaction) -> int:
        version = tx.routing.add({}, at=NOON, author="uid:0")
        tx.routing.keep_signature(version, "d1", f"of {version}")
        return version

    versions = [await store.write(add) for _ in range(3)]

    kept = await store.read(lambda tx: [tx.routing.signature(version, "d1") for version in versions])
    assert kept == [None, None, "of 3"]


async def test_a_signature_of_an_unknown_version_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.routing.keep_signature(7, "d1", "jws"))


async def test_audit_rows_are_listed_newest_first(store: Store) -> None:
    rows = [
        AuditRow(NOON + number * MINUTE, "uid:1000", "change", f"destination:d{number}", before, {"name": "ä"})
        for number, before in enumerate([None, {"name": "a", "list": [1, None]}, {}])
    ]

    def unit(tx: Transaction) -> None:
        for row in rows:
            tx.audit.add(row)

    await store.write(unit)

    assert await store.read(lambda tx: tx.audit.page(Page(0, 2))) == (rows[2], rows[1])
    assert await store.read(lambda tx: tx.audit.page(Page(2, 2))) == (rows[0],)

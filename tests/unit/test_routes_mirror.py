"""Taking over the tables of another node: what editors may, and what several nodes make of it at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chains_for_tests import NOW
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DeclaringOffice, declaring_office
from postgres_kit import open_postgres
from routes_kit import (
    CHEMNITZ,
    DRESDEN,
    GERA,
    KARIN,
    OPERATOR,
    RULES,
    TABLES,
    THEA,
    in_force,
    propose,
    release,
    rules,
    settle,
)
from snapshot_kit import ISSUER, asked, published, signed

from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Page, Transaction
from amtsbote.daemon.settings import Mirror
from routing.snapshots import SnapshotRefused

SAXON = (*RULES, f"gba;{DRESDEN};amt;;")
THURINGIAN = (RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2])


@pytest.fixture
def key(rsa_key: Callable[[str], RSAPrivateKey]) -> RSAPrivateKey:
    return rsa_key("root")


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        await settle(office, tmp_path)
        yield office


def tables(*rules: str) -> dict[str, bytes]:
    changed: Mapping[str, tuple[str, ...]] = {**TABLES, "zustaendigkeiten": (TABLES["zustaendigkeiten"][0], *rules)}
    return {name: "\n".join([*rows, ""]).encode() for name, rows in changed.items()}


def mirroring(office: Office, folder: Path, key: RSAPrivateKey) -> Office:
    """The installation declared to be a mirror of the node with this key."""
    file = folder / "jwks.json"
    file.write_text(json.dumps(published(key)))
    return replace(office, mirror=Mirror(issuer=ISSUER, keys=file))


async def mirror(desk: DeclaringOffice, actor: str, file: bytes, **wish: Any) -> dict[str, Any]:
    return await run_command(desk.office, actor, "routes.mirror", asked(file, **wish))


async def released(desk: DeclaringOffice, *rows: str) -> None:
    """A change of this node, of an editor's."""
    await release(desk, OPERATOR, (await propose(desk, KARIN, rules(*rows)))["draft"])


async def code(awaited: Any) -> str:
    with pytest.raises(CommandRefused) as caught:
        await awaited
    return caught.value.code


async def test_an_editor_takes_over_what_lies_in_the_scope(desk: DeclaringOffice, key: RSAPrivateKey) -> None:
    keys = published(key)
    made = await mirror(desk, KARIN, signed(key, tables(*SAXON), 1), keys=keys)

    assert (made["state"], made["draft"], made["four_eyes"]) == ("proposed", 1, ["chemnitz"])
    assert await code(release(desk, KARIN, 1)) == "four-eyes"
    assert await in_force(desk) == [*RULES]
    assert (await release(desk, OPERATOR, 1))["version"] == 2
    assert await in_force(desk) == [*SAXON]
    [newest, _] = (await desk.run("routes.versions", {}))["versions"]
    assert (newest["author"], newest["releaser"], newest["mirrored"]["version"]) == (KARIN, OPERATOR, 1)


async def test_a_snapshot_that_changes_rows_outside_the_scope_is_refused(
    desk: DeclaringOffice, key: RSAPrivateKey
) -> None:
    file = signed(key, tables(*THURINGIAN), 1)

    assert await code(mirror(desk, KARIN, file, keys=published(key))) == "out-of-scope"
    assert (await desk.run("routes.drafts", {}))["total"] == 0
    assert (await mirror(desk, THEA, file, keys=published(key)))["draft"] == 1


async def test_in_a_declared_mirror_only_the_operator_takes_over(
    desk: DeclaringOffice, key: RSAPrivateKey, tmp_path: Path
) -> None:
    desk.office = mirroring(desk.office, tmp_path, key)
    file = signed(key, tables(*SAXON), 1)

    assert await code(mirror(desk, KARIN, file, replace=True)) == "not-allowed"
    assert (await mirror(desk, OPERATOR, file, replace=True))["replaced"] == {"1": NOW.date().isoformat()}
    assert await in_force(desk) == [*SAXON]


async def test_who_signs_with_another_key_is_not_believed(
    desk: DeclaringOffice, key: RSAPrivateKey, rsa_key: Callable[[str], RSAPrivateKey], tmp_path: Path
) -> None:
    desk.office = mirroring(desk.office, tmp_path, key)

    with pytest.raises(SnapshotRefused) as caught:
        await mirror(desk, OPERATOR, signed(rsa_key("portal"), tables(*SAXON), 1), replace=True)
    assert caught.value.args[0] == "key"


async def test_after_a_change_in_need_a_mirror_comes_back_to_what_it_has_mirrored(
    desk: DeclaringOffice, key: RSAPrivateKey, tmp_path: Path
) -> None:
    """The declaration is taken out for the change, and put back."""
    alone, declared = desk.office, mirroring(desk.office, tmp_path, key)
    file = signed(key, tables(*SAXON), 1)
    desk.office = declared
    await mirror(desk, OPERATOR, file, replace=True)
    desk.office = alone
    await released(desk, *RULES)
    desk.office = declared

    assert await code(mirror(desk, OPERATOR, file)) == "local"
    assert await in_force(desk) == [*RULES]
    back = await mirror(desk, OPERATOR, file, replace=True)
    assert (back["state"], [*back["replaced"]]) == ("in-force", ["3"])
    assert await in_force(desk) == [*SAXON]
    assert (await mirror(desk, OPERATOR, file, replace=True))["state"] == "known"


async def test_what_a_release_put_together_is_not_yet_what_a_mirror_mirrors(
    desk: DeclaringOffice, key: RSAPrivateKey, tmp_path: Path
) -> None:
    """The change set of a snapshot was released on rows of this node, before there was a declaration."""
    file, own = signed(key, tables(*SAXON), 1), f"gba;{CHEMNITZ[:5]};amt;;"
    draft = (await mirror(desk, OPERATOR, file, keys=published(key)))["draft"]
    await released(desk, *RULES, own)
    await release(desk, KARIN, draft)
    assert {*await in_force(desk)} == {*SAXON, own}
    desk.office = mirroring(desk.office, tmp_path, key)

    assert await code(mirror(desk, OPERATOR, file)) == "local"
    assert (await mirror(desk, OPERATOR, file, replace=True))["state"] == "in-force"
    assert await in_force(desk) == [*SAXON]


async def test_a_write_that_does_not_come_through_leaves_nothing_and_is_repeated(
    desk: DeclaringOffice, key: RSAPrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one changes the tables between the check and the commit."""
    desk.office = mirroring(desk.office, tmp_path, key)
    store = desk.office.store
    real = store.write

    async def overtaken(unit: Any, *, patient: bool = False) -> Any:
        monkeypatch.setattr(store, "write", real)
        await mirror(desk, OPERATOR, signed(key, tables(*THURINGIAN), 1), replace=True)
        return await real(unit, patient=patient)

    monkeypatch.setattr(store, "write", overtaken)
    newer = signed(key, tables(*SAXON), 2)
    assert await code(mirror(desk, OPERATOR, newer, replace=True)) == "changed-meanwhile"
    assert await in_force(desk) == [*THURINGIAN]
    assert [one["number"] for one in (await desk.run("routes.versions", {}))["versions"]] == [2, 1]
    assert (await mirror(desk, OPERATOR, newer))["state"] == "in-force"
    assert await in_force(desk) == [*SAXON]


async def test_of_several_nodes_that_mirror_at_once_one_makes_the_version(
    desk: DeclaringOffice, key: RSAPrivateKey, tmp_path: Path
) -> None:
    stores = [open_postgres(tmp_path / "cluster") for _ in range(3)]
    directory = await desk.directory()

    def declared(tx: Transaction) -> None:
        for tenant in directory.tenants.values():
            tx.directory.put(tenant)
        for authority in directory.authorities.values():
            tx.directory.put(authority)

    await stores[0].write(declared)
    nodes = [mirroring(replace(desk.office, store=store, changed=_nobody), tmp_path, key) for store in stores]
    file = asked(signed(key, tables(*SAXON), 7))

    async def taken(node: Office) -> str:
        try:
            return str((await run_command(node, OPERATOR, "routes.mirror", file))["state"])
        except CommandRefused as refused:
            return refused.code

    try:
        states = await asyncio.gather(*map(taken, nodes))
        assert states.count("in-force") == 1
        assert set(states) <= {"in-force", "known", "changed-meanwhile"}
        assert [await taken(node) for node in nodes] == ["known"] * 3
        made, _ = await stores[2].read(lambda tx: tx.routing.versions(Page(0, 1)))
        assert made == 1
    finally:
        for store in stores:
            await store.close()


async def _nobody() -> None:
    """Is told of the change."""

"""Clients of portals and tenants: secrets replaced with overlap, rights and regions changed, an audit row for each."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import PORTAL, TENANTS, TOWN, DeclaringOffice, declaring_office

from amtsbote.admin.bundle import hash_of, new_secret, secret_file
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.refusals import CommandRefused
from amtsbote.model.directory import Client
from amtsbote.model.ids import ClientId

Key = Callable[[str], RSAPrivateKey]
NEW, NEWEST = hash_of("new"), hash_of("newest")


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        await office.apply(TOWN)
        yield office


async def client(desk: DeclaringOffice, name: str = "hamburg-portal") -> Client:
    return (await desk.directory()).clients[ClientId(name)]


async def code(desk: DeclaringOffice, command: str, **arguments: Any) -> str:
    with pytest.raises(CommandRefused) as caught:
        await desk.run(command, arguments)
    assert caught.value.de != caught.value.en
    return caught.value.code


EDITOR = """
[[editors]]
id = "sachsen"
name = "Karin Maier"
regions = ["14"]
[[editors.clients]]
id = "sachsen-programm"
"""


@pytest.mark.parametrize(
    ("noun", "name"),
    [("portals", "hamburg-portal"), ("tenants", "saxony-software"), ("editors", "sachsen-programm")],
)
async def test_a_secret_is_replaced_with_an_overlap(desk: DeclaringOffice, noun: str, name: str) -> None:
    await desk.apply(EDITOR)
    [old] = (await client(desk, name)).secret_hashes

    await desk.run(f"{noun}.client-add-secret", {"id": name, "sha256": NEW})
    assert (await client(desk, name)).secret_hashes == (old, NEW)
    assert desk.told[-1] == (await desk.directory()).revision
    await desk.run(f"{noun}.client-drop-secret", {"id": name})
    assert (await client(desk, name)).secret_hashes == (NEW,)

    dropped, added = (await desk.audit())[:2]
    assert {(row.actor, row.action, row.subject) for row in (added, dropped)} == {("uid:4711", "client.changed", name)}
    assert added.after is not None
    assert dropped.after is not None
    assert added.after["secret_hashes"] == [f"sha256:{one[:16]}" for one in (old, NEW)]
    assert dropped.after["secret_hashes"] == [f"sha256:{NEW[:16]}"]


async def test_a_new_secret_that_was_lost_is_dropped_and_the_old_one_stays(desk: DeclaringOffice) -> None:
    before = await client(desk)
    await desk.run("portals.client-add-secret", {"id": "hamburg-portal", "sha256": NEW})
    await desk.run("portals.client-drop-secret", {"id": "hamburg-portal", "newer": True})

    assert await client(desk) == before


async def test_a_client_has_one_or_two_secrets(desk: DeclaringOffice) -> None:
    assert await code(desk, "portals.client-drop-secret", id="hamburg-portal") == "wrong-state"
    await desk.run("portals.client-add-secret", {"id": "hamburg-portal", "sha256": NEW})
    assert not (await desk.run("portals.client-add-secret", {"id": "hamburg-portal", "sha256": NEW}))["changed"]
    assert await code(desk, "portals.client-add-secret", id="hamburg-portal", sha256=NEWEST) == "wrong-state"
    assert await code(desk, "portals.client-add-secret", id="hamburg-portal", sha256="new") == "arguments"
    assert await code(desk, "portals.client-add-secret", id="saxony-software", sha256=NEW) == "not-found"


def test_a_new_secret_has_256_bits() -> None:
    assert len({new_secret(), new_secret()}) == 2
    assert len(new_secret(bytes)) == 43


async def test_applying_the_declaration_again_leaves_both_secrets(desk: DeclaringOffice) -> None:
    """The file beside the declaration holds the old one, and it still counts."""
    await desk.run("portals.client-add-secret", {"id": "hamburg-portal", "sha256": NEW})
    before = await client(desk)
    await desk.apply(TOWN)

    assert await client(desk) == before


async def test_a_secret_file_with_another_secret_takes_the_place_of_both(desk: DeclaringOffice) -> None:
    await desk.run("portals.client-add-secret", {"id": "hamburg-portal", "sha256": NEW})
    file = secret_file(desk.folder / "declaration.toml", "hamburg-portal")
    file.write_text("n" * 43)
    await desk.apply(TOWN)

    assert (await client(desk)).secret_hashes == (hash_of("n" * 43),)


async def test_regions_and_the_right_to_manage_are_changed(desk: DeclaringOffice) -> None:
    await desk.run("portals.client-regions", {"id": "hamburg-portal", "regions": ["02", "14511", "02"]})
    await desk.run("tenants.client-manage-on", {"id": "saxony-software"})
    assert (await client(desk)).regions == ("02", "14511")
    assert (await client(desk, "saxony-software")).manages
    shown = await desk.run("portals.show", {"id": "hamburg"})
    assert shown["clients"][0]["regions"] == ["02", "14511"]

    await desk.run("portals.client-regions", {"id": "hamburg-portal"})
    await desk.run("tenants.client-manage-off", {"id": "saxony-software"})
    assert (await client(desk)).regions == ()
    assert not (await client(desk, "saxony-software")).manages
    assert await code(desk, "portals.client-regions", id="hamburg-portal", regions=["1451"]) == "arguments"
    assert await code(desk, "portals.client-regions", id="hamburg-portal", regions=["14"] * 51) == "arguments"
    assert await code(desk, "tenants.client-regions", id="saxony-software", regions=["14"]) == "no-command"
    assert await code(desk, "portals.client-manage-on", id="hamburg-portal") == "no-command"


async def test_a_declaration_says_both_and_an_export_repeats_it(desk: DeclaringOffice) -> None:
    declared = TENANTS.replace('id = "saxony-software"', 'id = "saxony-software"\nmanages = true')
    declared += PORTAL.replace('id = "hamburg-portal"', 'id = "hamburg-portal"\nregions = ["02", "14"]')
    await desk.apply(declared)

    assert (await client(desk)).regions == ("02", "14")
    assert (await client(desk, "saxony-software")).manages
    exported = (await desk.run("export", {"folder": "files"}))["declaration"]
    assert 'regions = ["02", "14"]' in exported
    assert "manages = true" in exported


@pytest.mark.parametrize(
    "declaration",
    [
        TENANTS.replace('id = "saxony-software"', 'id = "saxony-software"\nregions = ["14"]'),
        PORTAL.replace('id = "hamburg-portal"', 'id = "hamburg-portal"\nmanages = true'),
        PORTAL.replace('id = "hamburg-portal"', 'id = "hamburg-portal"\nregions = ["DE14"]'),
    ],
)
async def test_what_would_do_nothing_is_refused(desk: DeclaringOffice, declaration: str) -> None:
    with pytest.raises(DeclarationRefused):
        await desk.apply(declaration)


async def test_an_editor_is_shown_with_its_clients(desk: DeclaringOffice) -> None:
    await desk.apply(EDITOR)

    shown = await desk.run("editors.show", {"id": "sachsen"})
    assert shown["editor"]["user"] is None
    assert shown["clients"] == [{"id": "sachsen-programm", "active": True, "secrets": 1}]
    assert (await desk.run("editors.list", {}))["total"] == 1
    assert await code(desk, "portals.client-off", id="sachsen-programm") == "not-found"


async def test_with_an_editor_go_its_clients_and_their_secrets(desk: DeclaringOffice) -> None:
    """Whoever has its name later does not have what it knew."""
    await desk.apply(EDITOR)
    before = (await client(desk, "sachsen-programm")).secret_hashes
    await desk.apply('[remove]\neditors = ["sachsen"]\n')
    assert ClientId("sachsen-programm") not in (await desk.directory()).clients

    secret_file(desk.folder / "declaration.toml", "sachsen-programm").unlink()
    await desk.apply(EDITOR)
    assert (await client(desk, "sachsen-programm")).secret_hashes != before


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ('[[editors]]\nid = "a"\nname = "A"\nregions = ["14"]\n', "Unix-Benutzer"),
        (EDITOR + 'regions = ["14"]\n', "seinen eigenen Bereich"),
        (EDITOR.replace("sachsen-programm", "hamburg-portal"), "owner"),
    ],
)
async def test_an_editor_needs_a_door_and_its_client_is_nobody_elses(
    desk: DeclaringOffice, wrong: str, key: str
) -> None:
    with pytest.raises(DeclarationRefused) as caught:
        await desk.apply(wrong)
    assert any(key in mistake.de for mistake in caught.value.mistakes)

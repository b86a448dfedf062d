"""Who may import, who must consent, and what an imported authority is to the rest of an installation."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DIRECT, SERVICE, TOWN, DeclaringOffice, declaring_office
from routes_kit import CHEMNITZ, DRESDEN, KARIN, OPERATOR, PAUL, RULES, in_force, propose, release, rules, settle

from amtsbote.admin.commands import run_command
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.refusals import CommandRefused
from amtsbote.daemon.settings import Mirror
from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import german_day

Key = Callable[[str], RSAPrivateKey]
HEADS = {
    "behoerden": "behoerde;mandant;name;ziele",
    "zustaendigkeiten": "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis",
}


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    """Two Länder with editors, whose tenants want four eyes."""
    async with declaring_office(tmp_path, rsa_key) as office:
        await settle(office, tmp_path)
        yield office


async def imports(desk: DeclaringOffice, actor: str, stand: str = "2026-03-01", **tables: list[str]) -> dict[str, Any]:
    written = {name: "".join(f"{row}\n" for row in (HEADS[name], *rows)) for name, rows in tables.items()}
    offer = {"source": "pvog", "stand": stand, "tables": written}
    return await run_command(desk.office, actor, "routes.import", {"offers": [offer]})


async def code(awaited: Any) -> str:
    with pytest.raises(CommandRefused) as caught:
        await awaited
    assert caught.value.de != caught.value.en
    return caught.value.code


async def test_an_editor_imports_rules_in_his_scope_and_a_second_person_releases_them(desk: DeclaringOffice) -> None:
    made = await imports(desk, PAUL, zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])
    assert (made["draft"], made["four_eyes"], made["counts"]) == (1, ["chemnitz"], {"added": 1})
    assert await in_force(desk) == [*RULES]

    assert await code(release(desk, PAUL, 1)) == "not-allowed"
    await release(desk, KARIN, 1)
    assert (await in_force(desk))[-1].startswith(f"gba;{DRESDEN};amt;")
    assert await code(imports(desk, PAUL, zustaendigkeiten=["gba;16;amt;;"])) == "out-of-scope"


async def test_authorities_are_the_operators_to_import(desk: DeclaringOffice) -> None:
    assert await code(imports(desk, PAUL, behoerden=["neu;chemnitz;Neu;"])) == "not-allowed"

    assert (await imports(desk, OPERATOR, behoerden=["neu;chemnitz;Neu;"]))["authorities"] == {"added": 1}
    [row] = [row for row in await desk.audit() if row.action == "authority.added" and row.subject == "neu"]
    assert row.after is not None
    assert (row.actor, row.after["origin"], row.after["stand"]) == (OPERATOR, "import:pvog", "2026-03-01")


async def test_what_its_source_only_says_again_takes_no_second_person(desk: DeclaringOffice) -> None:
    await imports(desk, OPERATOR, zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])
    await release(desk, KARIN, 1)

    again = await imports(desk, OPERATOR, "2026-03-02", zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])
    assert (again["rows"], again["four_eyes"]) == ({"zustaendigkeiten": {"changed": 1}}, [])
    await release(desk, OPERATOR, 2)
    assert (await in_force(desk))[-1].endswith("import:pvog;2026-03-02")

    other = await imports(desk, OPERATOR, "2026-03-03", zustaendigkeiten=[f"gba;{DRESDEN};meldeamt;;"])
    assert other["four_eyes"] == ["chemnitz"]


async def test_a_day_to_come_written_by_hand_takes_a_second_person(desk: DeclaringOffice) -> None:
    await imports(desk, OPERATOR, zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])
    await release(desk, KARIN, 1)
    present = await run_command(desk.office, OPERATOR, "routes.content", {"id": "zustaendigkeiten"})
    table = b64decode(present["content"])

    four_eyes = []
    for day in (b"2026-03-02", b"2999-12-31"):
        written = b64encode(table.replace(b"2026-03-01", day)).decode()
        four_eyes.append((await propose(desk, OPERATOR, {"zustaendigkeiten": written}))["four_eyes"])
    assert four_eyes == [[], ["chemnitz"]]


async def test_an_extract_of_a_day_to_come_is_refused(desk: DeclaringOffice) -> None:
    today = german_day(desk.office.clock())
    await imports(desk, OPERATOR, today.isoformat(), zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])

    later = (today + timedelta(days=1)).isoformat()
    assert await code(imports(desk, OPERATOR, later, zustaendigkeiten=[f"gba;{DRESDEN};meldeamt;;"])) == "usage"


async def test_a_new_day_is_released_although_a_version_to_come_changes_the_rule(desk: DeclaringOffice) -> None:
    await imports(desk, OPERATOR, zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])
    await release(desk, KARIN, 1)
    await propose(desk, KARIN, rules(*RULES, f"gba;{DRESDEN};meldeamt;;"), effective="2099-01-01")
    await release(desk, OPERATOR, 2)

    await imports(desk, OPERATOR, "2026-05-02", zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])
    await release(desk, OPERATOR, 3)

    assert (await in_force(desk))[-1].endswith("import:pvog;2026-05-02")
    assert (await in_force(desk, version=5))[-1].startswith(f"gba;{DRESDEN};meldeamt;")


async def test_the_new_day_of_an_authority_is_kept_and_neither_counted_nor_audited(desk: DeclaringOffice) -> None:
    rows = ["neu;chemnitz;Neu;", "alt;chemnitz;Alt;"]
    await imports(desk, OPERATOR, behoerden=rows)
    before = await desk.audit()

    again = await imports(desk, OPERATOR, "2026-03-02", behoerden=rows)
    assert (again["authorities"], again["notes"], again["recorded"]) == ({}, [], True)
    assert await desk.audit() == before
    assert (await desk.directory()).authorities[AuthorityId("neu")].stand == date(2026, 3, 2)

    other = await imports(desk, OPERATOR, "2026-03-03", behoerden=["neu;chemnitz;Anders;", rows[1]])
    assert other["authorities"] == {"changed": 1}
    assert {row.subject for row in await desk.audit() if row.action == "authority.changed"} == {"neu"}


async def test_an_authority_stays_that_only_a_version_to_come_names(desk: DeclaringOffice) -> None:
    await imports(desk, OPERATOR, behoerden=["neu;chemnitz;Neu;"])
    await propose(desk, KARIN, rules(*RULES, f"unb;{DRESDEN};neu;;"), effective="2099-01-01")
    await release(desk, OPERATOR, 1)
    assert await in_force(desk) == [*RULES]

    gone = await imports(desk, OPERATOR, "2026-04-01", behoerden=[])
    assert gone["counts"] == {"still-needed": 1}
    assert f"unb;{DRESDEN};neu" in gone["notes"][0]["before"]


@pytest.mark.parametrize("source", ["PVOG", "", "a b", "import:x", "x" * 65])
async def test_a_source_has_a_plain_name(desk: DeclaringOffice, source: str) -> None:
    offer = {"source": source, "stand": "2026-03-01", "tables": {}}
    with pytest.raises(Exception, match="is no name of a source"):
        await run_command(desk.office, OPERATOR, "routes.import", {"offers": [offer]})


async def test_a_declared_mirror_imports_no_rules_but_its_authorities(desk: DeclaringOffice) -> None:
    mirror = Mirror(issuer="https://land.example/routing-api", keys=Path("land.jwks.json"))
    desk.office = replace(desk.office, mirror=mirror)

    assert await code(imports(desk, OPERATOR, zustaendigkeiten=[f"gba;{DRESDEN};amt;;"])) == "mirror"
    made = await imports(desk, OPERATOR, behoerden=["gartenamt;chemnitz;Gartenamt;"])
    assert (made["draft"], made["authorities"]) == (None, {"added": 1})


@pytest.mark.parametrize("offers", [[], [{}], [{"source": "x", "stand": "gestern"}], ["x"], None])
async def test_arguments_that_are_no_offer_are_refused(desk: DeclaringOffice, offers: Any) -> None:
    assert await code(run_command(desk.office, OPERATOR, "routes.import", {"offers": offers})) == "arguments"


async def test_an_imported_authority_is_reached_like_a_declared_one_and_stays_while_a_destination_names_it(
    tmp_path: Path, rsa_key: Key
) -> None:
    async with declaring_office(tmp_path, rsa_key) as desk:
        await desk.apply(TOWN)
        await imports(desk, OPERATOR, behoerden=["gartenamt;chemnitz;Gartenamt;folder"])
        taken = TOWN.replace('authority = "amt"', 'authority = "gartenamt"')
        await desk.apply(taken)
        asked = {"service": SERVICE, "region": CHEMNITZ}
        assert (await desk.run("route.explain", asked))["authority"] == "amt"

        held = await imports(desk, OPERATOR, "2026-03-02", behoerden=[])
        assert held["counts"] == {"still-needed": 1}
        assert DIRECT in held["notes"][0]["before"]

        moved = await imports(
            desk, OPERATOR, "2026-03-03", behoerden=["gartenamt;chemnitz;Garten- und Forstamt;folder"]
        )
        assert moved["authorities"] == {"changed": 1}
        with pytest.raises(DeclarationRefused) as refused:
            await imports(desk, OPERATOR, "2026-03-04", behoerden=["gartenamt;saxony;Gartenamt;"])
        assert any("chemnitz" in mistake.en for mistake in refused.value.mistakes)


async def test_nobody_is_faster_unseen(desk: DeclaringOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody applies a declaration between the plan and its recording."""
    store = desk.office.store
    real = store.write

    async def overtaken(unit: Any, *, patient: bool = False) -> Any:
        directory = await desk.directory()
        monkeypatch.setattr(store, "write", real)
        await real(lambda tx: tx.directory.put(replace(directory.tenants["gera"], name="Gera")))  # type: ignore[index]
        return await real(unit, patient=patient)

    monkeypatch.setattr(store, "write", overtaken)
    assert await code(imports(desk, OPERATOR, behoerden=["neu;chemnitz;Neu;"])) == "changed-meanwhile"

"""Who may change which rows: a Land, a provider and a specialist each change their own and nothing else."""

from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from chains_for_tests import NOW
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DeclaringOffice, declaring_office
from routes_kit import (
    CHEMNITZ,
    DRESDEN,
    GERA,
    KARIN,
    KISA,
    LAENDER,
    OPERATOR,
    OTHER,
    PAUL,
    RULES,
    SERVICE,
    TABLES,
    THEA,
    TREES,
    csv,
    in_force,
    propose,
    release,
    rules,
    settle,
)
from store_samples import a_message

from amtsbote.admin.commands import FOR_EDITORS, run_command
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Transaction
from amtsbote.model.ids import TenantId
from amtsbote.model.message import State

REGIONS, SERVICES, ROLES = (TABLES[name][1:] for name in ("gebiete", "leistungen", "rollen"))
SAXON = (f"gba;{CHEMNITZ};meldeamt;;", *RULES[1:])
THURINGIAN = (RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2])
BOTH = (SAXON[0], THURINGIAN[1], RULES[2])
EVERYBODYS = (*RULES, "gba;;amt;;")


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        await settle(office, tmp_path)
        yield office


async def named_outside(desk: DeclaringOffice, actor: str, tables: Mapping[str, str]) -> str:
    """The rows a proposal is refused for."""
    with pytest.raises(CommandRefused) as caught:
        await propose(desk, actor, tables)
    assert caught.value.code == "out-of-scope"
    return caught.value.de


@pytest.mark.parametrize(
    ("actor", "tables"),
    [
        (KARIN, rules(*SAXON)),
        (KARIN, {"gebiete": csv("gebiete", *REGIONS, "145225102380;14522380;Mühlau;;")}),
        (THEA, rules(*THURINGIAN)),
        (KISA, rules(*THURINGIAN)),
        (TREES, rules(*BOTH)),
        (TREES, rules(*EVERYBODYS)),
        (TREES, {"leistungen": csv("leistungen", f"{SERVICE};Baumfällgenehmigung", SERVICES[1])}),
        (TREES, {"rollen": csv("rollen", f"{SERVICE};MELDID;;", ROLES[1])}),
    ],
)
async def test_a_change_within_the_scope_is_taken(desk: DeclaringOffice, actor: str, tables: Mapping[str, str]) -> None:
    assert (await propose(desk, actor, tables))["draft"] == 1


@pytest.mark.parametrize(
    ("actor", "tables", "rows"),
    [
        (KARIN, rules(*THURINGIAN), f"zustaendigkeiten, 3: gba;{GERA};amt-gera → gba;{GERA};amt-gera;2026-01-01"),
        (KARIN, rules(*BOTH), GERA),
        (KARIN, rules(RULES[0], RULES[2]), GERA),
        (KARIN, rules(RULES[0], f"gba;{DRESDEN};amt-gera;;", RULES[2]), GERA),
        (KARIN, rules(*EVERYBODYS), "gba;;amt"),
        (KARIN, rules(*RULES, "gba;16;amt;;"), "gba;16;amt"),
        (KARIN, {"gebiete": csv("gebiete", *REGIONS[:2], f"{GERA};16052000;Anders;;")}, "Anders"),
        (KARIN, {"rollen": csv("rollen", f"{SERVICE};MELDID;;", ROLES[1])}, SERVICE),
        (KARIN, {"leistungen": csv("leistungen", f"{SERVICE};Anders", SERVICES[1])}, "Anders"),
        (KISA, rules(*SAXON), CHEMNITZ),
        (KISA, {"gebiete": csv("gebiete", *REGIONS, "160530000000;16053000;Jena;;")}, "Jena"),
        (TREES, rules(RULES[0], RULES[1], "MELDID;14;amt;;"), "MELDID"),
        (TREES, {"rollen": csv("rollen", ROLES[0], f"{OTHER};gba;;")}, OTHER),
        (TREES, {"gebiete": csv("gebiete", *REGIONS, "160530000000;16053000;Jena;;")}, "Jena"),
    ],
)
async def test_a_row_outside_the_scope_is_named_and_nothing_is_proposed(
    desk: DeclaringOffice, actor: str, tables: Mapping[str, str], rows: str
) -> None:
    assert rows in await named_outside(desk, actor, tables)
    assert (await desk.run("routes.drafts", {}))["total"] == 0


@pytest.mark.parametrize("table", ["nachfolger", "vertretungen", "orte"])
async def test_both_places_of_a_row_must_lie_in_the_scope(desk: DeclaringOffice, table: str) -> None:
    own, foreign = {
        "nachfolger": (f"{CHEMNITZ};{DRESDEN}", f"{CHEMNITZ};{GERA}"),
        "vertretungen": (f"{CHEMNITZ};{DRESDEN}", f"{CHEMNITZ};{GERA}"),
        "orte": ("09111;14511000;Chemnitz", "07545;16052000;Gera"),
    }[table]
    header, rest = {
        "nachfolger": ("ars_alt;ars_neu;ab", ";2026-01-01"),
        "vertretungen": ("gebiet;handelnd;rolle;gueltig_ab;gueltig_bis", ";;2026-02-01;"),
        "orte": ("plz;ags;ort", ""),
    }[table]

    def proposal(row: str) -> dict[str, str]:
        return {table: b64encode(f"{header}\n{row}{rest}\n".encode()).decode()}

    assert "Gera" in (said := await named_outside(desk, KARIN, proposal(foreign))) or GERA in said
    assert (await propose(desk, KARIN, proposal(own)))["draft"] == 1


async def test_a_saxon_release_cannot_change_a_thuringian_row(desk: DeclaringOffice) -> None:
    await propose(desk, THEA, rules(*THURINGIAN))
    await propose(desk, OPERATOR, rules(*BOTH))

    for draft in (1, 2):
        with pytest.raises(CommandRefused) as caught:
            await release(desk, KARIN, draft)
        assert caught.value.code == "out-of-scope"
        assert GERA in caught.value.de
    assert await in_force(desk) == [*RULES]


async def test_what_a_release_really_changes_counts_not_what_was_once_proposed(desk: DeclaringOffice) -> None:
    """Saxony's proposal is older than Thuringia's version: releasing it takes nothing of that back."""
    await propose(desk, PAUL, rules(*SAXON))
    await propose(desk, THEA, rules(*THURINGIAN))
    await release(desk, OPERATOR, 2)

    await release(desk, KARIN, 1)

    assert await in_force(desk) == [SAXON[0], THURINGIAN[1], RULES[2]]


async def test_a_release_stays_in_the_scope_in_the_versions_to_come_too(desk: DeclaringOffice) -> None:
    """From 2999 the role of the trees is that of another service, too."""
    alone = LAENDER.partition("[routes]")[0]
    await desk.apply(
        alone.replace('land = "14"', 'land = "14"\nfour_eyes = false').replace(
            'land = "16"', 'land = "16"\nfour_eyes = false'
        )
    )
    shared = {"rollen": csv("rollen", ROLES[0], f"{OTHER};gba;;")}
    await propose(desk, OPERATOR, shared, effective="2999-01-01")
    assert (await release(desk, OPERATOR, 1))["version"] == 2
    assert (await propose(desk, TREES, rules(*SAXON)))["draft"] == 2

    with pytest.raises(CommandRefused) as caught:
        await release(desk, TREES, 2)

    assert (caught.value.code, "Version 2" in caught.value.de, CHEMNITZ in caught.value.de) == (
        "out-of-scope",
        True,
        True,
    )
    assert await in_force(desk) == await in_force(desk, version=2) == [*RULES]
    assert (await release(desk, OPERATOR, 2))["carried"] == [2]


async def test_a_land_cannot_roll_back_what_another_one_changed(desk: DeclaringOffice) -> None:
    await propose(desk, THEA, rules(*THURINGIAN))
    await release(desk, OPERATOR, 1)

    with pytest.raises(CommandRefused) as caught:
        await run_command(desk.office, KARIN, "routes.rollback", {"version": 1, "reason": "zurück"})
    assert caught.value.code == "out-of-scope"


async def test_an_editor_who_has_gone_may_nothing_any_more(desk: DeclaringOffice) -> None:
    await desk.apply('[remove]\neditors = ["karin"]\n')

    with pytest.raises(CommandRefused) as caught:
        await propose(desk, KARIN, rules(*SAXON))
    assert caught.value.code == "stranger"


async def test_an_editor_sees_and_changes_routing_tables_alone(desk: DeclaringOffice) -> None:
    assert {name for name in FOR_EDITORS if not name.startswith("routes.")} == {"route.explain"}
    for command in ("apply", "submissions.list", "audit.list", "export", "destinations.stage", "routes.export"):
        with pytest.raises(CommandRefused) as caught:
            await run_command(desk.office, KARIN, command, {})
        assert caught.value.code == "not-allowed"


async def test_one_person_is_one_editor(desk: DeclaringOffice) -> None:
    twin = '[[editors]]\nid = "karin2"\nname = "K. Maier"\nuser = "maier"\nregions = ["14"]\nmay_release = true\n'
    with pytest.raises(DeclarationRefused) as caught:
        await desk.apply(twin)
    assert "„maier“ gehört schon zum Bearbeiter „karin“" in caught.value.mistakes[0].de


@pytest.mark.parametrize(
    "wrong", [("regions = []", "regions"), ('regions = ["14"]\nservices = ["14"]', "services"), ("", "regions")]
)
async def test_nobody_gets_all_of_germany_by_leaving_something_out(
    desk: DeclaringOffice, wrong: tuple[str, str]
) -> None:
    said, field = wrong
    with pytest.raises(DeclarationRefused) as caught:
        await desk.apply(f'[[editors]]\nid = "new"\nname = "N"\nuser = "new"\n{said}\n')
    assert field in caught.value.mistakes[0].place


async def test_an_export_brings_editors_and_four_eyes_back(desk: DeclaringOffice) -> None:
    await desk.apply(LAENDER.replace('land = "16"', 'land = "16"\nfour_eyes = false').partition("[routes]")[0])
    exported = (await desk.run("export", {"folder": "files"}))["declaration"]

    assert (await desk.preview(exported.partition("[routes]")[0]))["changes"] == []
    assert 'user = "fischer"' in exported
    assert "four_eyes = false" in exported


@pytest.mark.parametrize(
    ("actor", "seen"), [(KARIN, [CHEMNITZ]), (THEA, [GERA]), (TREES, [CHEMNITZ, GERA]), (KISA, [])]
)
async def test_an_editor_tries_a_change_on_the_submissions_of_the_scope(
    desk: DeclaringOffice, actor: str, seen: list[str]
) -> None:
    def unit(tx: Transaction) -> None:
        for place in (CHEMNITZ, GERA):
            message = a_message(place, service=SERVICE, region=place, tenant=TenantId("chemnitz"))
            tx.messages.add(message, None)
            tx.messages.move(message.id, State.ANNOUNCED, State.SUBMITTED, at=NOW)

    await desk.office.store.write(unit)

    answer = await run_command(desk.office, actor, "routes.submissions", {"days": 1})

    assert [one["region"] for one in answer["submissions"]] == seen


async def test_an_editor_is_told_who_is_competent_and_why_but_not_of_the_operators_targets(
    desk: DeclaringOffice,
) -> None:
    target = '[[targets]]\nid = "t"\ntenant = "chemnitz"\nadapter = "folder"\noptions = { path = "/tmp" }\n'
    amt = '[[authorities]]\nid = "amt"\ntenant = "chemnitz"\nname = "Grünflächenamt"\ntargets = ["t"]\n'
    await desk.apply(target + amt)
    asked = {"service": SERVICE, "region": CHEMNITZ}

    told = {actor: await run_command(desk.office, actor, "route.explain", asked) for actor in (OPERATOR, KARIN)}

    assert (told[OPERATOR]["targets"], told[KARIN]["targets"]) == (["t"], [])
    assert told[KARIN]["authorityName"] == "Grünflächenamt"
    assert {**told[KARIN], "targets": ["t"]} == told[OPERATOR]

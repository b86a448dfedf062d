"""Change sets of the routing tables: proposed, compared, released by a second person, never lost, never in the way."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chains_for_tests import NOW
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DeclaringOffice, declaring_office
from routes_kit import (
    CHEMNITZ,
    DRESDEN,
    GERA,
    KARIN,
    LAENDER,
    OPERATOR,
    PAUL,
    ROOT,
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

from amtsbote.admin.apart import Scales
from amtsbote.admin.commands import run_command
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.refusals import CommandRefused

NEW = f"gba;{DRESDEN};amt;;"
CHANGED = f"gba;{CHEMNITZ};meldeamt;;"
NEXT_YEAR = f"{NOW.year + 1}-01-01"
WITHOUT = LAENDER.replace('land = "14"', 'land = "14"\nfour_eyes = false')
"""Chemnitz does without a second person."""


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        await settle(office, tmp_path)
        yield office


async def code(awaited: Any) -> str:
    with pytest.raises(CommandRefused) as caught:
        await awaited
    assert caught.value.de != caught.value.en
    return caught.value.code


async def test_a_change_set_is_in_force_only_when_a_second_person_has_released_it(desk: DeclaringOffice) -> None:
    made = await propose(desk, PAUL, rules(*RULES, NEW))
    assert made["releasers"] == ["operator", "Bodo Baum", "Karin Maier", "Kirsten Fischer", "Thea Schulz"]
    assert (made["draft"], made["rows"], made["four_eyes"]) == (1, {"zustaendigkeiten": {"added": 1}}, ["chemnitz"])
    assert await in_force(desk) == [*RULES]

    assert (await release(desk, KARIN, 1))["version"] == 2
    assert await in_force(desk) == [*RULES, NEW]
    [newest, _] = (await desk.run("routes.versions", {}))["versions"]
    assert (newest["author"], newest["releaser"], newest["reason"], newest["draft"], newest["standing"]) == (
        PAUL,
        KARIN,
        "Neue Zuständigkeit",
        1,
        "in-force",
    )


async def test_nobody_releases_what_he_proposed_under_whatever_user(desk: DeclaringOffice) -> None:
    await propose(desk, KARIN, rules(*RULES, NEW))
    assert await code(release(desk, KARIN, 1)) == "four-eyes"

    await propose(desk, OPERATOR, rules(*RULES[1:]))
    assert await code(release(desk, ROOT, 2)) == "four-eyes"
    assert (await release(desk, OPERATOR, 1))["version"] == 2


async def test_who_may_not_release_does_not(desk: DeclaringOffice) -> None:
    await propose(desk, KARIN, rules(*RULES, NEW))
    assert await code(release(desk, PAUL, 1)) == "not-allowed"


async def test_where_no_concerned_tenant_wants_four_eyes_one_person_suffices(
    desk: DeclaringOffice, tmp_path: Path
) -> None:
    await settle(desk, tmp_path, WITHOUT)
    assert (await propose(desk, KARIN, rules(*RULES, NEW)))["four_eyes"] == []
    assert (await release(desk, KARIN, 1))["version"] == 2

    both = rules(RULES[0], f"gba;{GERA};amt-gera;;2030-01-01", RULES[2], NEW, f"gba;{DRESDEN[:5]};amt;;")
    assert (await propose(desk, OPERATOR, both))["four_eyes"] == ["gera"]
    assert await code(release(desk, OPERATOR, 2)) == "four-eyes"


async def test_a_rule_concerns_who_loses_by_it(desk: DeclaringOffice, tmp_path: Path) -> None:
    """Gera is competent in its Kreis; a rule for the town alone takes that from it, one for the Land does not."""
    kreis = "gba;16052;amt-gera;;"
    await settle(desk, tmp_path, WITHOUT, zustaendigkeiten=[header(), kreis, RULES[2]])
    await release(desk, TREES, 1)

    assert (await propose(desk, OPERATOR, rules(kreis, RULES[2], f"gba;{GERA};amt;;")))["four_eyes"] == ["gera"]
    assert (await propose(desk, OPERATOR, rules(kreis, RULES[2], "gba;16;amt;;")))["four_eyes"] == []


async def test_a_rule_concerns_who_loses_by_it_later(desk: DeclaringOffice, tmp_path: Path) -> None:
    """From 2999 Gera is competent in all of Saxony; a rule of today for a town there would take that away."""
    await settle(desk, tmp_path, WITHOUT)
    saxony = "gba;14;amt-gera;;"
    await propose(desk, OPERATOR, rules(*RULES, saxony), effective="2999-01-01")
    assert (await release(desk, KARIN, 1))["version"] == 2
    assert (await propose(desk, KARIN, rules(*RULES, NEW)))["draft"] == 2

    assert await code(release(desk, KARIN, 2)) == "four-eyes"
    (tmp_path / "zustaendigkeiten.csv").write_text("\n".join([header(), *RULES, NEW, ""]), "utf-8")
    assert (await desk.preview(WITHOUT))["four_eyes"] == ["gera"]

    assert (await release(desk, OPERATOR, 2))["carried"] == [2]
    assert await in_force(desk, version=4) == [*RULES, saxony, NEW]


async def test_rows_of_other_tables_concern_every_tenant(desk: DeclaringOffice, tmp_path: Path) -> None:
    await settle(desk, tmp_path, WITHOUT)
    services = {"leistungen": csv("leistungen", "99093003001002;Anders", "99102013104000;Anmeldung")}
    assert (await propose(desk, OPERATOR, services))["four_eyes"] == ["gera"]


async def test_the_difference_names_every_row_and_who_must_consent(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(CHANGED, RULES[1], NEW), effective=NEXT_YEAR)

    answer = await desk.run("routes.difference", {"id": 1})

    assert answer["draft"]["effective"] == NEXT_YEAR
    assert answer["four_eyes"] == ["chemnitz"]
    assert [(one["action"], one["line"], one["table"]) for one in answer["changes"]] == [
        ("changed", 2, "zustaendigkeiten"),
        ("removed", 4, "zustaendigkeiten"),
        ("added", 4, "zustaendigkeiten"),
    ]
    assert answer["changes"][0]["after"]["behoerde"] == "meldeamt"


async def test_a_change_set_with_mistakes_is_refused_with_table_line_and_column(desk: DeclaringOffice) -> None:
    with pytest.raises(DeclarationRefused) as caught:
        await propose(desk, PAUL, rules(*RULES, "gba;14;nobody;;"))
    assert "zustaendigkeiten, Zeile 5, Spalte behoerde" in caught.value.mistakes[0].de
    assert await code(propose(desk, PAUL, rules(*RULES))) == "nothing"
    assert await code(propose(desk, PAUL, {"zustaendigkeit": ""})) == "not-found"
    assert await code(propose(desk, PAUL, rules(*RULES, NEW), base=7)) == "not-found"


async def test_the_same_proposal_twice_is_one(desk: DeclaringOffice) -> None:
    made = [await propose(desk, PAUL, rules(*RULES, NEW)) for _ in range(2)]
    assert [(one["draft"], one["made"]) for one in made] == [(1, True), (1, False)]


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\n", "\x85"])
async def test_a_reason_is_one_line_of_text(desk: DeclaringOffice, character: str) -> None:
    reason = f"vor{character}her"
    assert await code(propose(desk, PAUL, rules(*RULES, NEW), reason=reason)) == "arguments"
    assert (
        await code(run_command(desk.office, PAUL, "routes.rollback", {"version": 1, "reason": reason})) == "arguments"
    )
    offers = {"offers": [{}], "reason": reason}
    assert await code(run_command(desk.office, OPERATOR, "routes.import", offers)) == "arguments"


class Together(Scales):
    """Nobody goes on before two have weighed."""

    def __init__(self) -> None:
        super().__init__()
        self._two = asyncio.Barrier(2)

    async def __call__(self, *given: Any, **named: Any) -> Any:
        weighed = await super().__call__(*given, **named)
        await self._two.wait()
        return weighed


async def test_of_two_first_proposals_at_once_one_is_told_of_the_other(
    tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]
) -> None:
    async with declaring_office(tmp_path, rsa_key) as new:
        await new.apply(LAENDER.partition("[routes]")[0])
        first = {name: csv(name, *rows[1:]) for name, rows in TABLES.items()}

        new.office = replace(new.office, scales=Together())
        ended = await asyncio.gather(*(propose(new, OPERATOR, first) for _ in range(2)), return_exceptions=True)

    [version] = [one["version"] for one in ended if isinstance(one, dict)]
    [refusal] = [one.code for one in ended if isinstance(one, CommandRefused)]
    assert (version, refusal) == (1, "changed-meanwhile")


async def test_what_is_settled_stays_settled(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW))
    assert await code(run_command(desk.office, THEA, "routes.discard", {"id": 1})) == "out-of-scope"
    await run_command(desk.office, PAUL, "routes.discard", {"id": 1})

    assert await code(release(desk, KARIN, 1)) == "settled"
    assert await code(run_command(desk.office, PAUL, "routes.discard", {"id": 1})) == "changed-meanwhile"
    assert await code(release(desk, KARIN, 2)) == "not-found"
    [draft] = (await desk.run("routes.drafts", {}))["drafts"]
    assert (draft["state"], draft["settled_by"]) == ("discarded", PAUL)


async def test_a_change_on_an_older_version_is_made_to_the_newer_one(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW))
    await propose(desk, THEA, rules(RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2]))
    await release(desk, KARIN, 1)
    await release(desk, OPERATOR, 2)

    assert await in_force(desk) == [RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2], NEW]


async def test_a_change_of_rows_that_changed_meanwhile_is_refused_with_them(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(CHANGED, *RULES[1:]))
    await propose(desk, PAUL, rules(*RULES[1:]))
    await release(desk, KARIN, 1)

    with pytest.raises(CommandRefused) as caught:
        await release(desk, KARIN, 2)
    assert caught.value.code == "overlapping"
    assert f"gba;{CHEMNITZ};amt → gba;{CHEMNITZ};meldeamt" in caught.value.de


async def test_a_proposal_can_name_the_version_it_was_made_from(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW))
    await release(desk, KARIN, 1)

    await propose(desk, THEA, rules(RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2]), base=1)
    await release(desk, OPERATOR, 2)

    assert NEW in await in_force(desk)


async def test_a_version_for_later_waits_and_goes_on_with_what_is_released_before(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW), effective=NEXT_YEAR)
    await release(desk, KARIN, 1)
    assert await in_force(desk) == [*RULES]

    await propose(desk, PAUL, rules(CHANGED, *RULES[1:]))
    assert (await release(desk, KARIN, 2))["carried"] == [2]
    assert await in_force(desk) == [CHANGED, *RULES[1:]]
    standings = {one["number"]: one["standing"] for one in (await desk.run("routes.versions", {}))["versions"]}
    assert standings == {1: "past", 2: "past", 3: "in-force", 4: "pending"}

    desk.at(datetime(NOW.year, 12, 31, 23, tzinfo=UTC))  # midnight in Germany
    assert await in_force(desk) == [CHANGED, *RULES[1:], NEW]


async def test_what_is_released_for_later_is_not_taken_away_by_who_changed_the_tables_of_today(
    desk: DeclaringOffice,
) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW), effective=NEXT_YEAR)
    await release(desk, KARIN, 1)

    assert await code(propose(desk, PAUL, rules(CHANGED, *RULES[1:]), effective=NEXT_YEAR)) == "refused"
    await propose(desk, PAUL, rules(CHANGED, *RULES[1:]), effective=NEXT_YEAR, base=1)
    await release(desk, KARIN, 2)

    assert await in_force(desk, version=3) == [CHANGED, *RULES[1:], NEW]


async def test_a_question_about_a_later_day_is_answered_by_the_version_of_that_day(desk: DeclaringOffice) -> None:
    """One about an earlier day by the tables of today, which know best."""
    await propose(desk, PAUL, rules(*RULES, NEW), effective=NEXT_YEAR)
    await release(desk, KARIN, 1)

    async def asked(**day: str) -> tuple[int, str]:
        answer = await desk.run("route.explain", {"service": SERVICE, "region": DRESDEN, **day})
        return answer["trace"]["version"], answer["outcome"]

    until = f"{NOW.year}-12-31"
    assert [await asked(), await asked(on=until), await asked(on="2020-01-01")] == [(1, "unresolved")] * 3
    assert await asked(on=NEXT_YEAR) == (2, "resolved")


async def test_a_day_that_has_passed_before_the_release_is_the_day_of_the_release(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW), effective="2020-01-01")
    assert (await release(desk, KARIN, 1))["effective"] == NOW.date().isoformat()


async def test_rolling_back_proposes_the_old_tables_and_keeps_the_history(desk: DeclaringOffice) -> None:
    places = b64encode(b"plz;ags;ort\n09111;14511000;Chemnitz\n").decode()
    await propose(desk, OPERATOR, {**rules(CHANGED, RULES[1], NEW), "orte": places})
    await release(desk, KARIN, 1)

    made = await run_command(desk.office, KARIN, "routes.rollback", {"version": 1, "reason": "Irrtum"})
    assert made["rows"]["orte"] == {"removed": 1}
    await release(desk, OPERATOR, 2)

    assert await in_force(desk) == [*RULES]
    assert await in_force(desk, version=2) == [CHANGED, RULES[1], NEW]
    assert [one["number"] for one in (await desk.run("routes.versions", {}))["versions"]] == [3, 2, 1]


async def test_everything_leaves_an_audit_row(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW))
    await release(desk, KARIN, 1)
    await propose(desk, PAUL, rules(CHANGED, *RULES[1:], NEW))
    await run_command(desk.office, KARIN, "routes.discard", {"id": 2})

    rows = [(row.actor, row.action, row.subject) for row in reversed(await desk.audit()) if "editor:" in row.actor]
    assert rows == [
        (PAUL, "draft.proposed", "1"),
        (KARIN, "routing.released", "2"),
        (PAUL, "draft.proposed", "2"),
        (KARIN, "draft.discarded", "2"),
    ]


# apply


async def test_apply_proposes_where_a_tenant_wants_a_second_person(desk: DeclaringOffice, tmp_path: Path) -> None:
    (tmp_path / "zustaendigkeiten.csv").write_text("\n".join([header(), *RULES, NEW, ""]), "utf-8")
    renamed = LAENDER.replace("Stadt Gera", "Gera")
    assert (await desk.preview(renamed))["four_eyes"] == ["chemnitz"]

    done = await desk.apply(renamed)

    assert done["recorded"]["draft"] == 1
    assert (await desk.directory()).tenants["gera"].name == "Gera"  # type: ignore[index]
    assert await in_force(desk) == [*RULES]
    assert (await desk.apply(renamed))["recorded"]["draft"] == 1
    assert "routing.changed" not in {row.action for row in await desk.audit()}
    await release(desk, KARIN, 1)
    assert await in_force(desk) == [*RULES, NEW]
    assert (await desk.preview(renamed))["changes"] == []


async def test_apply_cannot_switch_the_second_person_off_and_do_without_at_once(
    desk: DeclaringOffice, tmp_path: Path
) -> None:
    (tmp_path / "zustaendigkeiten.csv").write_text("\n".join([header(), *RULES, NEW, ""]), "utf-8")

    assert (await desk.apply(WITHOUT))["recorded"]["draft"] == 1
    done = await desk.apply(WITHOUT)

    assert (done["recorded"]["draft"], done["recorded"]["routing"]) == (None, 2)
    assert await in_force(desk) == [*RULES, NEW]


async def test_an_authority_of_a_version_to_come_cannot_be_removed(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES[:2]))
    await release(desk, KARIN, 1)
    await propose(desk, PAUL, rules(*RULES), effective=NEXT_YEAR)
    await release(desk, KARIN, 2)

    with pytest.raises(DeclarationRefused) as caught:
        await desk.apply('[remove]\nauthorities = ["meldeamt"]\n')
    assert "meldeamt" in caught.value.mistakes[0].de


def header() -> str:
    return "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis"


async def test_of_two_releases_at_once_none_is_lost(desk: DeclaringOffice) -> None:
    await propose(desk, PAUL, rules(*RULES, NEW))
    await propose(desk, THEA, rules(RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2]))

    ended = await asyncio.gather(release(desk, KARIN, 1), release(desk, OPERATOR, 2), return_exceptions=True)

    for draft, (actor, one) in enumerate(zip((KARIN, OPERATOR), ended, strict=True), start=1):
        if isinstance(one, CommandRefused):
            assert one.code == "changed-meanwhile"
            await release(desk, actor, draft)
    assert await in_force(desk) == [RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2], NEW]

"""Trying a change set before it is released: which submissions would go elsewhere, and what is covered."""

import asyncio
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from routes_kit import CHEMNITZ, DRESDEN, GERA, LAENDER, OTHER, RULES, SERVICE, TABLES
from store_samples import a_message

from amtsbote.api.persistence import Transaction
from amtsbote.cli.entry import run
from amtsbote.model.directory import Destination, Holding, OfferedService, Reach
from amtsbote.model.ids import DestinationId, KeyId, MessageId, TenantId
from amtsbote.model.message import State
from amtsbote.model.stage import Stage
from amtsbote.model.trace import StepRecord
from amtsbote.store import SqliteStore
from schemas.package import BUNDLED

NOW = datetime.now(UTC)
ROLES = (f"{TABLES['rollen'][0]};art", *(f"{row};" for row in TABLES["rollen"][1:]), f"{SERVICE};unb;;;entfaellt")
"""Without the further recipient that the package names in some months."""
PLACES = (CHEMNITZ, DRESDEN, GERA)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two Länder, three submissions of today and one of last year, and a change set that gives Dresden an authority."""
    folder = tmp_path_factory.mktemp("fresh") / "bote"
    assert run(["init", str(folder), "--json"]) == 0
    config = ["--json", "--config", str(folder / "amtsbote.toml")]
    write_tables(folder / "tables", *RULES)
    declared = LAENDER
    for name in TABLES:
        declared = declared.replace(f'"{name}.csv"', f'"tables/{name}.csv"')
    (folder / "laender.toml").write_text(declared, "utf-8")
    assert run(["apply", str(folder / "laender.toml"), "--yes", *config]) == 0
    asyncio.run(submissions(folder / "data"))
    asyncio.run(put(folder / "data", inbox("14", "16")))
    write_tables(folder / "changed", *RULES, f"gba;{DRESDEN};amt;;")
    table = folder / "changed/zustaendigkeiten.csv"
    assert run(["routes", "propose", str(table), "--reason", "Dresden", *config]) == 0
    return folder


@pytest.fixture
def site(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(fresh, tmp_path / "bote")
    monkeypatch.chdir(tmp_path / "bote")
    monkeypatch.setenv("AMTSBOTE_LANG", "en")
    monkeypatch.delenv("AMTSBOTE_CONFIG", raising=False)
    return Path()


def write_tables(folder: Path, *rules: str) -> None:
    folder.mkdir()
    for name, rows in TABLES.items():
        written = {"zustaendigkeiten": (rows[0], *rules), "rollen": ROLES}.get(name, rows)
        (folder / f"{name}.csv").write_text("\n".join([*written, ""]), "utf-8")


def addressed(**details: str) -> StepRecord:
    return StepRecord("address", 1, NOW, 1, "ok", details)


def inbox(*regions: str) -> Destination:
    """A collecting destination of both Länder."""
    services = tuple(OfferedService(service, "Leistung", regions, ()) for service in (SERVICE, OTHER))
    name, tenant, key = DestinationId("11111111-1111-4111-8111-111111111111"), TenantId("chemnitz"), KeyId("k")
    made = Destination(name, tenant, "Alle", Holding.BROKER, Reach.COLLECTING, Stage.LIVE, services, key, key)
    return replace(made, serves=(tenant, TenantId("gera")))


async def put(folder: Path, destination: Destination) -> None:
    store = SqliteStore.open(folder)
    await store.write(lambda tx: tx.directory.put(destination))
    await store.close()


async def submissions(folder: Path) -> None:
    def unit(tx: Transaction) -> None:
        for place, days in ((CHEMNITZ, 1), (DRESDEN, 1), (GERA, 1), (DRESDEN, 400)):
            message = MessageId(f"{place}-{days}")
            tx.messages.add(a_message(message, service=SERVICE, region=place if place != GERA else "02"), None)
            tx.messages.move(message, State.ANNOUNCED, State.SUBMITTED, at=NOW - timedelta(days=days))
            if place == GERA:  # announced with another region than the tables were asked with
                tx.traces.add(message, [addressed(region=GERA)])
                tx.messages.keep_facts(message, {"handwerk": "true"})

    store = SqliteStore.open(folder)
    await store.write(unit)
    await store.close()


@pytest.fixture(autouse=True)
def quiet(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What furnishing said is gone."""
    assert site.exists()
    capsys.readouterr()


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(["routes", *words]) == code
    output = capsys.readouterr()
    return output.out + output.err


def test_what_would_go_elsewhere_is_listed_with_both_answers(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "what-if", "1")
    assert f"{SERVICE} {DRESDEN}: gap → amt (competent) ({DRESDEN}-1)" in told
    assert "1 of 3 submissions would have gone elsewhere." in told
    assert "2 of 4" in said(capsys, "what-if", "1", "--days", "500")


def test_a_program_gets_every_one_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(said(capsys, "what-if", "1", "--json", "--days", "500"))
    assert [one["id"] for one in answer["moved"]] == [f"{DRESDEN}-1", f"{DRESDEN}-400"]
    assert answer["moved"][0]["after"] == {"verdict": "competent", "authorities": ["amt"]}
    assert (answer["checked"], answer["elsewhere"]) == (4, 2)

    [head, row] = said(capsys, "what-if", "1", "--csv").splitlines()
    assert row.split(";")[0] == f"{DRESDEN}-1"
    assert row.split(";")[-4:] == ["gap", "", "competent", "amt"]
    assert len(head.split(";")) == len(row.split(";"))


def test_submissions_are_asked_for_page_by_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amtsbote.admin.replaying.MOST_LISTED", 1)
    assert "2 of 4" in said(capsys, "what-if", "1", "--days", "500")


def test_the_facts_of_a_submission_decide(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [RULES[0], f"gba;{GERA};meldeamt;;", f"gba;{GERA};amt-gera;;", RULES[2]]
    terms = ["", "handwerk=true", "handwerk=false", ""]
    written = [f"{row};{term}" for row, term in zip(rows, terms, strict=True)]
    head = f"{TABLES['zustaendigkeiten'][0]};bedingung"
    Path("changed/zustaendigkeiten.csv").write_text("\n".join([head, *written, ""]), "utf-8")
    said(capsys, "propose", "changed/zustaendigkeiten.csv", "--reason", "Handwerk")

    [moved] = json.loads(said(capsys, "what-if", "2", "--json"))["moved"]

    assert (moved["region"], moved["facts"]) == (GERA, {"handwerk": "true"})
    assert (moved["before"]["authorities"], moved["after"]["authorities"]) == (["amt-gera"], ["meldeamt"])


def test_what_is_settled_is_not_tried(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "discard", "1")
    assert "settled already" in said(capsys, "what-if", "1", code=1)


def test_gaps_are_counted_by_land_and_written_as_csv_and_page(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "coverage", "--csv", "gaps.csv", "--html", "page.html")
    assert "6 pairs of service and municipality, 2 services." in told
    assert "Gaps: 2, conflicts: 0." in told
    assert "Competent authority, but no destination: 0." in told
    rows = Path("gaps.csv").read_text("utf-8").splitlines()
    assert [row.split(";")[:6] for row in rows[1:]] == [
        [SERVICE, "Baumfällung", DRESDEN, "Dresden", "1", "gap"],
        [OTHER, "Anmeldung", GERA, "Gera", "1", "gap"],
    ]
    assert f"no rule names an authority in {DRESDEN}" in rows[1]
    page = Path("page.html").read_text("utf-8")
    assert f"<td class=text>{DRESDEN}<td class=text>Dresden<td>1" in page
    assert "<script" not in page


def test_a_change_set_and_a_folder_are_covered_before_they_are_released(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Gaps: 1, conflicts: 0." in said(capsys, "coverage", "--draft", "1")
    assert "Gaps: 1, conflicts: 0." in said(capsys, "coverage", "--tables", "changed", "--config", "nowhere.toml")
    assert "Gaps: 0, conflicts: 0." in said(capsys, "coverage", "--draft", "1", "--land", "14")
    lands = json.loads(said(capsys, "coverage", "--service", SERVICE, "--json"))["lands"]
    assert {land: counts["gap"] for land, counts in lands.items()} == {"14": 1, "16": 0}


def test_an_authority_without_a_live_destination_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(put(Path("data"), inbox("14")))

    told = said(capsys, "coverage", "--csv", "gaps.csv", "--html", "page.html")

    assert "Competent authority, but no destination: 1." in told
    [row] = [row for row in Path("gaps.csv").read_text("utf-8").splitlines() if "no destination" in row]
    assert row.split(";")[:7] == [SERVICE, "Baumfällung", GERA, "Gera", "1", "no destination", "amt-gera"]
    assert "No live destination takes the service here" in row
    assert '<td class="no-destination">1 no destination' in Path("page.html").read_text("utf-8")
    answer = json.loads(said(capsys, "coverage", "--json"))
    assert answer["destinations_examined"] is True
    assert {land: counts["no-destination"] for land, counts in answer["lands"].items()} == {"14": 0, "16": 1}

    asyncio.run(put(Path("data"), replace(inbox("14", "16"), stage=Stage.TEST)))
    assert "Competent authority, but no destination: 4." in said(capsys, "coverage")


def test_of_a_folder_destinations_are_those_of_a_declaration_or_not_looked_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    offline = ("coverage", "--tables", "changed", "--config", "nowhere.toml")
    assert "Destinations were not looked at; give the declaration" in said(capsys, *offline, "--html", "page.html")
    assert "Destinations were not looked at" in Path("page.html").read_text("utf-8")
    unknown = json.loads(said(capsys, *offline, "--json"))
    assert unknown["destinations_examined"] is False
    assert {counts["no-destination"] for counts in unknown["lands"].values()} == {None}

    schema = '{ uri = "urn:x", mime_type = "application/xml" }'
    offer = f'{{ service = "{SERVICE}", name = "Baum", regions = ["{CHEMNITZ}"], schemas = [{schema}] }}'
    Path("towns.toml").write_text(
        f"""{Path("laender.toml").read_text("utf-8")}
[[destinations]]
id = "11111111-1111-4111-8111-111111111111"
tenant = "chemnitz"
name = "Bäume"
holding = "broker"
reach = "direct"
authority = "amt"
services = [{offer}]
""",
        "utf-8",
    )
    told = said(capsys, *offline, "--declaration", "towns.toml")
    assert "Competent authority, but no destination: 4." in told, "Dresden and Gera, and both places of the other one"
    assert "not looked at" not in told


def test_packages_of_a_folder_take_part_offline(capsys: pytest.CaptureFixture[str]) -> None:
    rows = Path("changed/rollen.csv").read_text("utf-8").splitlines()
    Path("changed/rollen.csv").write_text("\n".join([rows[0], *rows[2:]]), "utf-8")
    shutil.copytree(BUNDLED / "baumfaellgenehmigung/1.0", "packages/baum/2.0")
    file = Path("packages/baum/2.0/service.toml")
    changed = {'role = "gba"': 'role = "eigen"', '"1.0"': '"2.0"', "_1.0#": "_2.0#"}
    text = file.read_text("utf-8")
    for before, after in changed.items():
        text = text.replace(before, after)
    file.write_text(text, "utf-8")
    offline = ("coverage", "--tables", "changed", "--service", SERVICE, "--config", "nowhere.toml")

    assert "Gaps: 0," in said(capsys, *offline), "the package of the product says gba"
    assert "Gaps: 3," in said(capsys, *offline, "--packages", "packages"), "the own, newer one another role"


def test_a_land_that_is_none_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Known Länder: 14, 16." in said(capsys, "coverage", "--land", "17", code=64)


@pytest.mark.parametrize("option", ["--packages", "--declaration"])
def test_what_is_not_for_an_installation_is_not_passed_over(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert f"{option} belongs to --tables" in said(capsys, "coverage", option, "x", code=64)


def test_everything_can_be_written_and_names_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    leistungen = Path("changed/leistungen.csv")
    leistungen.write_text(leistungen.read_text("utf-8").replace("Anmeldung", "<b>An&meldung"), "utf-8")
    said(capsys, "coverage", "--tables", "changed", "--csv", "all.csv", "--all", "--html", "page.html")

    assert f"{SERVICE};Baumfällung;14;" in Path("all.csv").read_text("utf-8")
    assert "&lt;b&gt;An&amp;meldung" in Path("page.html").read_text("utf-8")
    assert "either --draft or --tables" in said(capsys, "coverage", "--draft", "1", "--tables", "changed", code=64)

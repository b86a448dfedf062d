"""The example tables say what their guide says, and the real list of municipalities loads."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from national_routing import (
    national_authorities,
    national_authority,
    national_document,
    national_regions,
    national_services,
)
from routing_documents import TREE, table, with_bytes

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import RoutingDocument
from routing.resolver import Resolver
from routing.tables import Known, check

EXAMPLES = Path(__file__).resolve().parents[2] / "config" / "routing"
DECLARED = {
    AuthorityId(name) for name in ("chemnitz-gruenflaechenamt", "burgstaedt-ordnungsamt", "hamburg-bezirksaemter")
}
DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def example() -> RoutingDocument:
    return RoutingDocument(1, {file.stem: file.read_bytes() for file in EXAMPLES.glob("*.csv")})


def test_the_example_passes_its_own_check(example: RoutingDocument) -> None:
    check(example, Known(DECLARED))


def test_the_guide_tells_what_the_example_answers(example: RoutingDocument) -> None:
    guide = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    resolver = Resolver.load(example)

    rows = re.findall(r"^\| `(\d{12})` [^|]*\| (?:`([a-z-]+)`|niemand, Klärungsfall) \|", guide, re.MULTILINE)

    assert len(rows) == 6
    for ars, authority in rows:
        assert resolver.resolve(TREE, ars, DAY).authorities == ((authority,) if authority else ())


def test_the_uder_of_today_has_an_ags_that_does_not_follow_from_its_ars(example: RoutingDocument) -> None:
    resolver = Resolver.load(example)

    [ars] = resolver.ars_of_ags("16061119", DAY)

    assert ars == "160615051097"
    assert ars[:5] + ars[9:] != "16061119"


def test_the_real_municipalities_load_and_every_ags_finds_its_ars(reference: Path) -> None:
    with (reference / "xoev" / "regional" / "gemeinden_de_2026-06-30.csv").open(encoding="utf-8", newline="") as file:
        real = [(row["ars"], row["ags"], row["name"]) for row in csv.DictReader(file)]
    districts = sorted({ars[:5] for ars, _, _ in real})
    tables = with_bytes(
        gebiete=table("gebiete", *(f'{ars};{ags};"{name}";;' for ars, ags, name in real)),
        zustaendigkeiten=table("zustaendigkeiten", *(f"gba;{district};amt;;" for district in districts)),
    )
    check(tables, Known({AuthorityId("amt")}))

    resolver = Resolver.load(tables)

    assert len(real) > 10_900
    for ars, ags, name in real:
        assert ars in resolver.ars_of_ags(ags, DAY)
        found = resolver.resolve(TREE, ars, DAY)
        assert found.authorities == ("amt",)
        assert found.trace.hops[1].rule == f"{ars} {name}"


def test_keys_that_have_disappeared_have_nobody_even_where_the_land_has(reference: Path) -> None:
    regions = reference / "regions"
    with (regions / "gemeinden-2026-06-30.csv").open(encoding="utf-8", newline="") as file:
        today = [row["ars"] for row in csv.DictReader(file, delimiter=";")]
    with (regions / "obsolete-keys.csv").open(encoding="utf-8", newline="") as file:
        gone = [row["schluessel"] for row in csv.DictReader(file, delimiter=";") if row["ebene"] == "gemeindenByArs"]
    resolver = Resolver.load(
        with_bytes(
            gebiete=table("gebiete", *(f"{ars};;Name;;" for ars in today)),
            zustaendigkeiten=table("zustaendigkeiten", "gba;;amt;;"),
        )
    )

    stale = [ars for ars in gone if ars not in set(today)]
    assert len(stale) > 100
    assert all(resolver.resolve(TREE, ars, DAY).authorities == () for ars in stale)


def test_tables_of_national_size_pass_and_answer_beside_a_hundred_thousand_exceptions() -> None:
    tables = national_document()
    check(tables, Known(national_authorities()))
    resolver = Resolver.load(tables)
    regions, services = national_regions(), national_services()

    assert len(set(regions)) == 10_944
    for number in range(0, len(regions), 101):
        service = number % len(services)
        found = resolver.resolve(services[service], regions[number], DAY)
        assert found.authorities == (national_authority(service % 20, regions[number]),)

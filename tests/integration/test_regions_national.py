"""The lists of the whole country, of 2023 and of 2026: a Gebietsreform without a lost or doubled municipality."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from amtsbote.admin.region_files import RegionFile
from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import RoutingDocument
from routing.offer import Offer
from routing.references import Known
from routing.regions.area import Area, Art
from routing.regions.difference import Change, What, by_what, difference, successions
from routing.regions.merge import Merged, merge
from routing.regions.outcome import Outcome
from routing.regions.reform import reform, remembered, steps_of
from routing.regions.search import Fit, Gazetteer, Wish
from routing.regions.tables import RegionTables, read_tables, write_tables
from routing.resolver import Resolver
from routing.tables import check

FIRST, SECOND = date(2023, 11, 30), date(2026, 6, 30)
EVE = SECOND - timedelta(days=1)
CODE_LISTS = "xoev/regional/genericode/urn_de_bund_destatis_bevoelkerungsstatistik_schluessel"
TREE = "99093003001002"


@pytest.fixture(scope="module")
def old(reference: Path) -> Offer:
    return RegionFile(reference / "regions/gemeinden-2023-11-30.csv").offer()


@pytest.fixture(scope="module")
def new(reference: Path) -> Offer:
    return RegionFile(reference / "regions/gemeinden-2026-06-30.csv").offer()


@pytest.fixture(scope="module")
def changes(old: Offer, new: Offer) -> tuple[Change, ...]:
    return difference(old.areas, new.areas)


@pytest.fixture(scope="module")
def merged(old: Offer, new: Offer) -> Merged:
    return merge(merge(RegionTables(), old).tables, new)


def keys(areas: list[Area]) -> list[str]:
    return sorted(area.ars for area in areas)


def test_on_every_day_each_municipality_is_there_once(merged: Merged, old: Offer, new: Offer) -> None:
    for day, offer in ((FIRST, old), (EVE, old), (SECOND, new), (date(2030, 1, 1), new)):
        valid = list(merged.tables.on(day))
        assert keys(valid) == keys(list(offer.areas)), "none lost, none doubled"
        assert len({area.ags for area in valid}) == len(valid)


def test_every_one_of_the_79_differences_is_explained_or_said_to_be_unknown(
    changes: tuple[Change, ...], reference: Path
) -> None:
    listed = (reference / "regions/aenderungen-2023-11-30_2026-06-30.csv").read_text("utf-8").splitlines()[1:]
    found = by_what(changes)

    assert len(changes) == len(listed) == 79
    assert Counter(line.split(";")[0] for line in listed) == {
        "weggefallen": len(found[What.GONE]),
        "umbenannt": len(found[What.RENAMED]),
        "ars_geaendert_ags_gleich": len(found[What.NEW_ARS]),
        "umgeschluesselt": len(found[What.NEW_KEY]),
        "neu": len(found[What.ADDED]),
    }
    assert sum(change.unknown for change in changes) == 38
    berga = [change for change in found[What.GONE] if change.proposals]
    assert [change.old.ars for change in berga if change.old] == ["160760004004", "160765004084"]


def test_the_computed_list_says_what_we_propose(changes: tuple[Change, ...], reference: Path) -> None:
    computed = RegionFile(reference / "regions/aenderungen-2023-11-30_2026-06-30.csv").offer()
    proposed = {(one.old, one.new) for one in successions(changes, SECOND, "import:gemeinden")}

    assert {(one.old, one.new) for one in computed.successions} <= proposed


def test_the_reform_gives_tables_that_are_taken_and_rules_that_follow_their_municipality(
    old: Offer, new: Offer, changes: tuple[Change, ...]
) -> None:
    """One rule per municipality: what it says is as true afterwards as it was before, or somebody is told."""
    competences = [f"gba;{area.ars};amt;;" for area in old.areas]
    before = {
        **write_tables(merge(RegionTables(), old).tables),
        "leistungen": f"leistung;name\n{TREE};Baum\n".encode(),
        "rollen": f"leistung;rolle;gueltig_ab;gueltig_bis\n{TREE};gba;;\n".encode(),
        "zustaendigkeiten": "\n".join(["rolle;gebiet;behoerde;gueltig_ab;gueltig_bis", *competences, ""]).encode(),
    }
    merged = merge(read_tables(before), new).tables
    steps = steps_of(changes, merged, SECOND, new.origin)
    places = RegionTables(merged.areas, remembered(merged, steps), merged.places)
    found = reform(before, places, steps)
    document = RoutingDocument(1, found.tables)

    check(document, Known({AuthorityId("amt")}))
    assert Counter(one.effect.value for one in found.affected) == {"continued": 10, "ended": 40, "shifted": 2}
    resolver = Resolver.load(document)
    nobody = {area.ars for area in new.areas if not resolver.resolve(TREE, area.ars, SECOND).authorities}
    assert nobody == {"130009999998", "160760094094"}, "the two new ones: nobody has decided yet"
    assert all(resolver.resolve(TREE, area.ars, EVE).authorities for area in old.areas)


@pytest.fixture(scope="module")
def country(reference: Path) -> Merged:
    """All official lists, one after the other as an operator imports them."""
    names = (
        "xoev/regional/GV100AD_301123.txt",
        f"{CODE_LISTS}_rs_2025-11-30.xml",
        f"{CODE_LISTS}_kreis_2026-01-31.xml",
        f"{CODE_LISTS}_rs_2026-06-30.xml",
        f"{CODE_LISTS}_ags_2026-06-30.xml",
        "regions/verbaende-2026-06-30.csv",
        "regions/gemeinden-2026-06-30.csv",
        "regions/plz-ags-2021.csv",
        "regions/obsolete-keys.csv",
    )
    result = Merged(RegionTables(), ())
    for name in names:
        after = merge(result.tables, RegionFile(reference / name).offer())
        result = Merged(after.tables, (*result.notes, *after.notes))
    return result


def test_the_official_lists_together_give_every_municipality_once_with_its_ags(country: Merged) -> None:
    arts = Counter(area.art for area in country.tables.on(SECOND) if len(area.ars) == 12)
    valid = [area for area in country.tables.on(SECOND) if area.group == "gemeinde"]

    assert (arts[Art.GEMEINDE], arts[Art.GEMEINDEFREI], arts[Art.ORTSTEIL]) == (10_747, 197, 283)
    assert len({area.ars for area in valid}) == len({area.ags for area in valid if area.ags}) == len(valid) == 10_944


def test_pseudo_districts_have_municipalities_and_no_district(country: Merged) -> None:
    valid = list(country.tables.on(SECOND))
    for key, count in (("03901", 1), ("07000", 1), ("13000", 2)):
        within = [area for area in valid if area.ars.startswith(key)]
        assert [area.art for area in within] == [Art.GEMEINDEFREI] * count


def test_uder_keeps_the_keys_of_the_lists_and_the_disagreement_is_told(country: Merged) -> None:
    uder = [(area.ars, area.ags) for area in country.tables.on(SECOND) if area.name == "Uder" and len(area.ars) == 12]

    assert uder == [("160615051097", "16061119")]
    assert "160615051119" in {note.key for note in country.of(Outcome.DISAGREES)}


def test_what_apply_takes_comes_out_and_the_same_lists_again_change_nothing(country: Merged, reference: Path) -> None:
    again = merge(country.tables, RegionFile(reference / f"{CODE_LISTS}_rs_2026-06-30.xml").offer())
    tables = {
        **write_tables(country.tables),
        "leistungen": b"leistung;name\n",
        "rollen": b"leistung;rolle;gueltig_ab;gueltig_bis\n",
        "zustaendigkeiten": b"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\n",
    }

    check(RoutingDocument(1, tables), Known(set()))
    assert again.notes == ()


def test_every_ambiguous_name_is_answered_with_all_its_places(country: Merged) -> None:
    gazetteer = Gazetteer.of(country.tables)
    valid = [area for area in country.tables.on(SECOND) if area.group == "gemeinde"]
    ambiguous = {name for name, count in Counter(area.name for area in valid).items() if count > 1}

    assert len(ambiguous) > 250
    for name in ambiguous:
        found = gazetteer.search(Wish(name), SECOND)
        best = [one.area.ars for one in found if one.fit <= Fit.FULL_NAME and one.valid]
        assert {area.ars for area in valid if area.name == name} <= set(best), name
        assert all(one.land for one in found)
    neuenkirchen = [one for one in gazetteer.search(Wish("Neuenkirchen"), SECOND) if one.fit is Fit.NAME]
    assert len([one for one in neuenkirchen if one.area.art is Art.GEMEINDE and one.district]) == 11

"""Areas are found by name and postcode as people type them, on their days only, however a pattern is made."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.regions.area import Area
from routing.regions.search import Gazetteer
from routing.regions.tables import read_tables

TODAY = date(2026, 7, 1)
REGIONS = """ars;ags;name;gueltig_ab;gueltig_bis;art;typ
064350014014;06435014;Hanau, Brüder-Grimm-Stadt;;2025-12-31;gemeinde;
064150000000;06415000;Hanau, Brüder-Grimm-Stadt;2026-01-01;;gemeinde;Kreisfreie Stadt
15003;15003;Magdeburg, Landeshauptstadt;;;kreis;
150030000000;15003000;Magdeburg, Landeshauptstadt;;;;
150020000000;15002000;Halle (Saale), Stadt;;;;
057540008008;05754008;Halle (Westf.), Stadt;;;;
146250020020;14625020;Bautzen / Budyšin, Stadt;;;;
053150000000;05315000;Köln, Stadt;;;;
160715008053;16071053;Magdala, Stadt;;;;
064120000000;06412000;Frankfurt am Main, Stadt;;;;
145225102;;Burgstädt;;;;
14;14;Sachsen;;;;
"""
PLACES = """plz;ags;ort
06108;15002000;Halle (Saale)
06110;15002000;Halle (Saale)
33790;05754008;Halle (Westf.)
60306;06412000;Frankfurt am Main
60529;06412000;Schwanheim
"""


@pytest.fixture(scope="module")
def areas() -> Gazetteer:
    return Gazetteer.of(read_tables({"gebiete": REGIONS.encode(), "orte": PLACES.encode()}))


def ids(found: Sequence[Area]) -> list[str]:
    return [area.ars for area in found]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (["Mag*"], ["160715008053", "150030000000", "15003"]),
        (["Mag"], []),
        (["hanau"], ["064150000000"]),
        (["Halle Saale"], ["150020000000"]),
        (["Halle"], ["150020000000", "057540008008"]),
        (["Halle", "06110"], ["150020000000"]),
        (["Halle", "Saale", "33790"], []),
        (["061*"], ["150020000000"]),
        (["60529"], ["064120000000"]),
        (["Schwanheim"], ["064120000000"]),
        (["Koeln"], ["053150000000"]),
        (["KÖLN"], ["053150000000"]),
        (["koln"], ["053150000000"]),
        (["budysin"], ["146250020020"]),
        (["Budyšin"], ["146250020020"]),
        (["Frank*Main"], ["064120000000"]),
        (["Frankfurt Main"], ["064120000000"]),
        (["Frankfurt am *"], ["064120000000"]),
        (["Frankfurt a*"], ["064120000000"]),
        (["*burg", "Mag*"], ["150030000000", "15003"]),
        (["*städt"], ["145225102"]),
        (["*(*)*"], []),
        (["\n"], []),
    ],
)
def test_every_area_that_all_terms_fit_and_no_other(areas: Gazetteer, terms: list[str], expected: list[str]) -> None:
    assert ids(areas.matching(terms, TODAY)) == expected


def test_an_area_is_found_on_its_days_only(areas: Gazetteer) -> None:
    assert ids(areas.matching(["Hanau"], date(2025, 12, 31))) == ["064350014014"]
    assert ids(areas.matching(["Hanau"], date(2026, 1, 1))) == ["064150000000"]


def test_what_it_is_comes_from_the_table_or_from_the_length_of_its_key(areas: Gazetteer) -> None:
    def types(term: str) -> list[str]:
        return [area.called for area in areas.matching([term], TODAY)]

    assert types("Hanau") == ["Kreisfreie Stadt"]
    assert types("Magdeburg") == ["Gemeinde", "Kreis"]
    assert types("Burgstädt") == ["Gemeindeverband"]
    assert types("Sachsen") == ["Land"]


def test_tables_without_areas_find_nothing() -> None:
    header = REGIONS.partition("\n")[0].encode()

    assert Gazetteer.of(read_tables({"gebiete": header})).matching(["Hanau"], TODAY) == ()


@given(st.lists(st.text("ab*äß (ſ﷽", max_size=30), min_size=1, max_size=10))
def test_whatever_a_pattern_is_made_of_each_term_narrows(terms: list[str]) -> None:
    areas = Gazetteer.of(read_tables({"gebiete": b"ars;ags;name;gueltig_ab;gueltig_bis\n14;14;abaab \xc3\xa4b;;"}))

    together = set(ids(areas.matching(terms, TODAY)))

    assert together <= set(ids(areas.matching(terms[:1], TODAY)))

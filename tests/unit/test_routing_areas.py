"""Areas are found by name and postcode as people type them, on their days only, however a pattern is made."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amtsbote.errors import Misconfigured
from amtsbote.model.routing import FoundArea, RoutingDocument
from routing.areas import Areas

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
def areas() -> Areas:
    return Areas.load(RoutingDocument(1, {"gebiete": REGIONS.encode(), "orte": PLACES.encode()}))


def ids(found: Sequence[FoundArea]) -> list[str]:
    return [area.id for area in found]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (["Mag*"], ["160715008053", "15003", "150030000000"]),
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
        (["*burg", "Mag*"], ["15003", "150030000000"]),
        (["*städt"], ["145225102"]),
        (["*(*)*"], []),
        (["\n"], []),
    ],
)
def test_every_area_that_all_terms_fit_and_no_other(areas: Areas, terms: list[str], expected: list[str]) -> None:
    assert ids(areas.matching(terms, TODAY)) == expected


def test_an_area_is_found_on_its_days_only(areas: Areas) -> None:
    assert ids(areas.matching(["Hanau"], date(2025, 12, 31))) == ["064350014014"]
    assert ids(areas.matching(["Hanau"], date(2026, 1, 1))) == ["064150000000"]


def test_what_it_is_comes_from_the_table_or_from_the_length_of_its_key(areas: Areas) -> None:
    def types(term: str) -> list[str]:
        return [area.type for area in areas.matching([term], TODAY)]

    assert types("Hanau") == ["Kreisfreie Stadt"]
    assert types("Magdeburg") == ["Kreis", "Gemeinde"]
    assert types("Burgstädt") == ["Gemeindeverband"]
    assert types("Sachsen") == ["Land"]


def test_tables_without_areas_find_nothing_and_damaged_ones_are_said_to_be() -> None:
    header = REGIONS.partition("\n")[0].encode()

    assert Areas.load(RoutingDocument(1, {"gebiete": header})).matching(["Hanau"], TODAY) == ()
    with pytest.raises(Misconfigured, match="version 1 cannot be searched"):
        Areas.load(RoutingDocument(1, {"gebiete": header + b"\n1;;zu kurz;;;;"}))


@given(st.lists(st.text("ab*äß (ſ﷽", max_size=30), min_size=1, max_size=10))
def test_whatever_a_pattern_is_made_of_each_term_narrows(terms: list[str]) -> None:
    areas = Areas.load(RoutingDocument(1, {"gebiete": b"ars;ags;name;gueltig_ab;gueltig_bis\n14;14;abaab \xc3\xa4b;;"}))

    together = set(ids(areas.matching(terms, TODAY)))

    assert together <= set(ids(areas.matching(terms[:1], TODAY)))

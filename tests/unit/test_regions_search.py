"""Places by name, postcode and key: every one that fits, the best first."""

from datetime import date

import pytest

from routing.regions.area import Area, Art, Course, Place, Succession, kind_of
from routing.regions.search import Fit, Gazetteer, LandUnknown, Wish
from routing.regions.tables import RegionTables

TODAY = date(2026, 11, 30)


def area(ars: str, name: str, ags: str = "", art: Art | None = None, end: date = date.max) -> Area:
    return Area(ars, name, art or kind_of(ars), ags, end=end, origin="import:liste")


OLD_HANAU = area("064350014014", "Hanau, Brüder-Grimm-Stadt", "06435014", end=date(2025, 12, 31))
GAZETTEER = Gazetteer.of(
    RegionTables(
        (
            area("03", "Niedersachsen"),
            area("06", "Hessen"),
            area("13", "Mecklenburg-Vorpommern"),
            area("16", "Thüringen"),
            area("03352", "Cuxhaven"),
            area("13004", "Schwerin"),
            area("033525411038", "Neuenkirchen", "03352038"),
            area("130755553101", "Neuenkirchen", "13075101"),
            area("034595404", "Neuenkirchen"),
            area("130040000000", "Schwerin, Landeshauptstadt", "13004000"),
            area("130715154001", "Alt Schwerin", "13071001"),
            area("034575402019", "Schwerinsdorf", "03457019"),
            area("091620000000", "München, Landeshauptstadt", "09162000"),
            area("095750153153", "Neustadt a.d.Aisch, St", "09575153"),
            area("100450117117", "St. Ingbert, Stadt", "10045117"),
            area("146250020020", "Bautzen / Budyšin, Stadt", "14625020"),
            area("094710131131", "Großheirath", "09471131"),
            area("021010101101", "Hamburg-Altstadt, OT 101", art=Art.ORTSTEIL),
            area("039019999999", "Küstengewässer", "03901999"),
            area("064150000000", "Hanau, Brüder-Grimm-Stadt", "06415000"),
            OLD_HANAU,
            area("160615009039", "Glasehausen", "16061039", end=date(2023, 12, 31)),
            area("160755000001", "Aufgelöst", end=date(2020, 12, 31)),
        ),
        (
            Succession(OLD_HANAU.ars, "064150000000", date(2026, 1, 1), Course.NEW_KEY),
            Succession("160755000001", "", date(2021, 1, 1), Course.DISSOLVED),
        ),
        (
            Place("17498", "13075101", "Neuenkirchen"),
            Place("17498", "13075101", "Oldenhagen"),
            Place("63450", "06415000", "Hanau"),
            Place("63450", "06435014", "Hanau"),
        ),
    )
)


def names(text: str = "", postcode: str = "", land: str = "", district: str = "") -> list[str]:
    return [found.area.ars for found in GAZETTEER.search(Wish(text, postcode, land, district), TODAY)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("München", "091620000000"),
        ("muenchen", "091620000000"),
        ("MUNCHEN", "091620000000"),
        ("sankt ingbert", "100450117117"),
        ("St Ingbert", "100450117117"),
        ("Neustadt an der Aisch", "095750153153"),
        ("neustadt aisch", "095750153153"),
        ("budysin", "146250020020"),
        ("Grossheirath", "094710131131"),
        ("großhei", "094710131131"),
        ("Altstadt", "021010101101"),
        ("Oldenhagen", "130755553101"),
    ],
)
def test_a_name_is_found_however_it_is_typed(typed: str, first: str) -> None:
    assert names(typed)[0] == first


def test_every_place_of_the_name_is_told_with_district_and_land() -> None:
    found = GAZETTEER.search(Wish("Neuenkirchen"), TODAY)

    assert [(one.area.ars, one.district, one.land) for one in found] == [
        ("033525411038", "Cuxhaven", "Niedersachsen"),
        ("130755553101", "", "Mecklenburg-Vorpommern"),
        ("034595404", "", "Niedersachsen"),
    ]


def test_the_whole_name_goes_before_its_beginning_and_that_before_a_part() -> None:
    found = GAZETTEER.search(Wish("Schwerin"), TODAY)

    assert [(one.area.ars, one.fit) for one in found] == [
        ("130040000000", Fit.NAME),
        ("13004", Fit.NAME),
        ("034575402019", Fit.BEGINNING),
        ("130715154001", Fit.WITHIN),
    ]


@pytest.mark.parametrize("land", ["13", "MV", "mv", "Mecklenburg-Vorpommern", "mecklenburg vorpommern"])
def test_a_land_narrows(land: str) -> None:
    assert names("Neuenkirchen", land=land) == ["130755553101"]


@pytest.mark.parametrize("district", ["03352", "Cuxhaven", "Landkreis cuxhaven "])
def test_a_district_narrows_and_alone_names_all_that_is_in_it(district: str) -> None:
    assert names("Neuenkirchen", district=district) == ["033525411038"]
    assert names(district=district) == ["033525411038", "03352"]


def test_a_district_that_is_none_finds_nothing() -> None:
    assert names("Neuenkirchen", district="Atlantis") == names(district="03") == []


@pytest.mark.parametrize("land", ["Preußen", "17", "XX", "3"])
def test_a_land_that_is_none_is_told_with_those_there_are(land: str) -> None:
    with pytest.raises(LandUnknown) as unknown:
        names("Neuenkirchen", land=land)

    assert unknown.value.known["13"] == "Mecklenburg-Vorpommern"


def test_where_no_region_is_known_no_land_is_refused() -> None:
    assert Gazetteer.of(RegionTables()).search(Wish("Neuenkirchen", land="17"), TODAY) == ()


def test_a_postcode_gives_every_municipality_and_narrows_a_name() -> None:
    assert names(postcode="17498") == names("17498") == ["130755553101"]
    assert names("Hanau", postcode="63450") == ["064150000000", OLD_HANAU.ars]
    assert names("Schwerin", postcode="63450") == []


@pytest.mark.parametrize(
    ("key", "ars"),
    [
        ("130755553101", "130755553101"),
        ("13075101", "130755553101"),
        ("13004", "13004"),
        ("16", "16"),
        ("03901", "039019999999"),
    ],
)
def test_keys_of_every_length_are_found(key: str, ars: str) -> None:
    assert names(key) == [ars]


def test_an_ended_key_says_its_successor_and_since_when_or_that_it_is_unknown() -> None:
    [hanau] = GAZETTEER.search(Wish(OLD_HANAU.ars), TODAY)
    [unknown] = GAZETTEER.search(Wish("Glasehausen"), TODAY)
    [dissolved] = GAZETTEER.search(Wish("160755000001"), TODAY)

    assert [(one.ars, one.since, one.confirmed) for one in hanau.followers] == [
        ("064150000000", date(2026, 1, 1), True)
    ]
    assert (unknown.valid, unknown.followers) == (False, ())
    assert [one.ars for one in dissolved.followers] == [""]
    assert GAZETTEER.search(Wish(OLD_HANAU.ars), date(2025, 1, 1))[0].valid


def test_what_is_valid_goes_before_what_has_ended() -> None:
    assert names("Hanau") == ["064150000000", OLD_HANAU.ars]


@pytest.mark.parametrize("text", ["", " ", "-", "x", "Atlantis", "4711", "()", "Neuenkirchen Atlantis"])
def test_nothing_is_found_where_nothing_fits(text: str) -> None:
    assert names(text) == []

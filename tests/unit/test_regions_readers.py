"""Files of regions: recognised by what is in them, read as they are, and refused in words that help."""

from datetime import date
from pathlib import Path

import pytest
from region_files import CITY_PART, GV100AD, code_list, csv_text, municipalities, record

from amtsbote.admin.region_files import RegionFile, day_in
from routing.offer import Offer
from routing.regions.area import Area, Art, Course
from routing.regions.refusing import RegionsRefused


@pytest.fixture
def read(tmp_path: Path) -> "Reading":
    return Reading(tmp_path)


class Reading:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, content: bytes | str, name: str = "liste-2026-06-30.csv", stand: date | None = None) -> Offer:
        file = self._folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return RegionFile(file, stand).offer()

    def refused(self, content: bytes | str, name: str = "liste-2026-06-30.csv") -> str:
        with pytest.raises(RegionsRefused) as caught:
            self(content, name)
        assert caught.value.text("de") != caught.value.text("en")
        return caught.value.text("de")


def keyed(offer: Offer) -> dict[str, Area]:
    return {area.ars: area for area in offer.areas}


# what they are


def test_a_code_list_of_ars_tells_municipalities_areas_without_one_and_parts_of_cities(read: Reading) -> None:
    offer = read(
        code_list(
            "rs",
            "2026-06-30",
            ("160615051097", " Uder  "),
            ("039019999999", "Küstengewässer"),
            ("070009999999", "Hoheitsgebiet"),
            ("021010101101", "Hamburg-Altstadt, OT 101", CITY_PART),
        )
    )

    assert (offer.source, offer.stand, offer.origin) == ("destatis-rs", date(2026, 6, 30), "import:destatis-rs")
    assert {key: area.art for key, area in keyed(offer).items()} == {
        "160615051097": Art.GEMEINDE,
        "039019999999": Art.GEMEINDEFREI,
        "070009999999": Art.GEMEINDEFREI,
        "021010101101": Art.ORTSTEIL,
    }
    assert offer.complete == {"gemeinde", "ortsteil-12"}
    assert keyed(offer)["160615051097"].name == "Uder"
    assert {area.ags for area in offer.areas} == {""}, "an AGS is never computed from an ARS"


def test_a_code_list_of_ags_gives_no_region_by_itself(read: Reading) -> None:
    offer = read(code_list("ags", "2026-06-30", ("16061119", "Uder")))

    assert offer.areas == ()
    assert [(entry.ags, entry.name) for entry in offer.ags_list] == [("16061119", "Uder")]


@pytest.mark.parametrize(
    ("word", "rows", "arts"),
    [
        ("kreis", (("16061", "Eichsfeld"), ("02101", "Hamburg-Altstadt", CITY_PART)), [Art.KREIS, Art.ORTSTEIL]),
        ("bezirk", (("095", "Mittelfranken"), ("021", "Hamburg-Mitte", CITY_PART)), [Art.BEZIRK, Art.ORTSTEIL]),
        ("bundesland", (("16", "Thüringen"),), [Art.LAND]),
    ],
)
def test_code_lists_of_larger_regions(read: Reading, word: str, rows: tuple[tuple[str, ...]], arts: list[Art]) -> None:
    offer = read(code_list(word, "2026-01-31", *rows))

    assert [area.art for area in offer.areas] == arts
    assert [area.ags for area in offer.areas] == [area.ars for area in offer.areas]


def test_a_gv100ad_is_read_field_by_field(read: Reading) -> None:
    offer = read(GV100AD, "GV100AD.txt")
    areas = keyed(offer)

    assert (offer.source, offer.stand) == ("gv100ad", date(2023, 11, 30))
    assert {key: (area.ags, area.art, area.typ) for key, area in areas.items()} == {
        "16": ("16", Art.LAND, ""),
        "031": ("031", Art.BEZIRK, ""),
        "16061": ("16061", Art.KREIS, "Landkreis"),
        "160615012": ("", Art.VERBAND, "Verwaltungsgemeinschaft"),
        "160615012097": ("16061097", Art.GEMEINDE, "Kreisangehörige Gemeinde"),
        "160610115115": ("16061115", Art.GEMEINDE, "Stadt"),
        "035019501501": ("03501501", Art.GEMEINDEFREI, "gemeindefreies Gebiet (unbewohnt)"),
    }
    assert [(place.postcode, place.ags) for place in offer.places] == [("37318", "16061097"), ("37327", "16061115")]
    assert offer.skipped == 2, "the planning region, and the association of one municipality"


def test_lists_of_municipalities_keep_both_keys_as_they_are(read: Reading) -> None:
    offer = read(municipalities("160615051097;16061119;Uder", '130009999998;13000998;"gemeindefrei; M-V"'))

    assert keyed(offer)["160615051097"].ags == "16061119"
    assert keyed(offer)["130009999998"].art is Art.GEMEINDEFREI
    assert keyed(offer)["130009999998"].name == "gemeindefrei; M-V"


def test_a_list_with_types_and_seats(read: Reading) -> None:
    header = "ars;ags;name;typ;typ_text;plz_sitz"
    offer = read(csv_text(header, "145110000000;14511000;Chemnitz, Stadt;61;Kreisfreie Stadt;09111"))

    assert offer.areas[0].typ == "Kreisfreie Stadt"
    assert [(place.postcode, place.ags, place.name) for place in offer.places] == [
        ("09111", "14511000", "Chemnitz, Stadt")
    ]


def test_the_joined_list_has_commas_between_its_fields(read: Reading) -> None:
    header = "ars,ags,name,land,regbez,gemeindeart_2023,note"
    offer = read(csv_text(header, '145110000000,14511000,"Chemnitz, Stadt",14,145,Kreisfreie Stadt,'))

    assert (offer.source, offer.areas[0].name, offer.areas[0].typ) == (
        "gemeinden-xrepository",
        "Chemnitz, Stadt",
        "Kreisfreie Stadt",
    )


def test_a_municipality_without_association_is_none_in_the_list_of_associations(read: Reading) -> None:
    offer = read(csv_text("verband;name", "145225102;Burgstädt", "145110000;Chemnitz, Stadt"))

    assert list(keyed(offer)) == ["145225102"]
    assert (offer.areas[0].art, offer.areas[0].ags, offer.skipped) == (Art.VERBAND, "", 1)


def test_lists_of_districts_and_laender(read: Reading) -> None:
    districts = read(csv_text("kreis;land;name;sitz;typ;typ_text", "14522;14;Mittelsachsen;Freiberg;43;Landkreis"))
    laender = read(csv_text("land;name;sitz", "14;Sachsen;Dresden"))

    assert (districts.areas[0].art, districts.areas[0].typ) == (Art.KREIS, "Landkreis")
    assert laender.areas[0].art is Art.LAND


def test_keys_that_are_gone_were_valid_to_the_end_of_their_last_list(read: Reading) -> None:
    rows = ("gemeindenByArs;160615012097;Uder;2023", "kreise;16056;Eisenach, Stadt;2020")
    offer = read(csv_text("ebene;schluessel;name;zuletzt_enthalten_jahr", *rows), "obsolete.csv")

    assert {key: area.end for key, area in keyed(offer).items()} == {
        "160615012097": date(2023, 12, 31),
        "16056": date(2020, 12, 31),
    }
    assert (offer.stand, offer.complete) == (date(2023, 12, 31), frozenset())


def test_computed_differences_are_proposals_and_a_change_list_says_what_is_confirmed(read: Reading) -> None:
    computed = read(
        csv_text(
            "art;ars_alt;name_alt;ars_neu;name_neu",
            "umgeschluesselt;064350014014;Hanau;064150000000;Hanau",
            "weggefallen;072325005089;Niedergeckler;;",
            "umbenannt;091840123123;Haar;091840123123;Haar, St",
        )
    )
    own = read(
        csv_text(
            "ars_alt;ars_neu;ab;art;bestaetigt",
            "064350014014;064150000000;2026-01-01;neuer-schluessel;ja",
            "072325005089;;2025-01-01;aufgeloest;vorschlag",
        ),
        "eigene.csv",
    )

    assert [(one.old, one.new, one.confirmed) for one in computed.successions] == [
        ("064350014014", "064150000000", False)
    ]
    assert [(one.since, one.course, one.confirmed) for one in own.successions] == [
        (date(2026, 1, 1), Course.NEW_KEY, True),
        (date(2025, 1, 1), Course.DISSOLVED, False),
    ]


def test_postcodes(read: Reading) -> None:
    offer = read(csv_text("plz;ags;ort", "01067;14612000;Dresden", "01067;14612000;Dresden"), "plz-2021.csv")

    assert (offer.stand, len(offer.places)) == (date(2021, 1, 1), 2)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("gemeinden-2026-02-30.csv", None),
        ("gemeinden-2026-13-45.csv", None),
        ("aenderungen-2023-11-30_2026-13-01.csv", None),
        ("gemeinden-2026-06-30.csv", date(2026, 6, 30)),
        ("aenderungen-2023-11-30_2026-06-30.csv", date(2026, 6, 30)),
        ("plz-ags-2021.csv", date(2021, 1, 1)),
        ("gemeinden.csv", None),
    ],
)
def test_the_day_of_a_list_may_stand_in_its_name(name: str, day: date | None) -> None:
    assert day_in(name) == day


# what is wrong with them

ONE = "145110000000;14511000;Chemnitz, Stadt"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (municipalities("145225102060;14522060;Burgstädt").decode().encode("latin-1"), "„Burgstädt“"),
        (municipalities(ONE).decode().encode("utf-16"), "UTF-16"),
        (municipalities("145225102060;14522060;BurgstÃ¤dt"), "gemeint ist vermutlich „Burgstädt“"),
        (b"PK\x03\x04 a workbook", "Arbeitsmappe"),
        (b" \n ", "leer"),
        (municipalities(ONE).replace(b";", b"\t"), "Zwischen den Feldern steht TAB, erwartet wird ;"),
        (b'ars,ags,name\n145110000000,14511000,"Chemnitz, Stadt"\n', "Zwischen den Feldern steht ,, erwartet wird ;"),
        (municipalities("10010000000;01001000;Flensburg"), "führende Null verloren: 010010000000"),
        (municipalities("010010000000;1001000;Flensburg"), "Zeile 2, Spalte ags: „1001000“ hat vermutlich"),
        (municipalities("1,45E+11;14511000;Chemnitz"), "in eine Zahl verwandelt"),
        (municipalities("145110000000.00;14511000;Chemnitz"), "Zahl mit Komma"),
        (municipalities("1451100000AB;14511000;Chemnitz"), "erwartet werden 12 Ziffern"),
        (municipalities(ONE, ONE), "Zeile 3: Der Schlüssel 145110000000 steht schon in Zeile 2"),
        (municipalities("145110000000;14511000;"), "Die Bezeichnung fehlt"),
        (municipalities("145110000000;14511000"), "Die Zeile hat 2 Felder statt 3"),
        (municipalities('145110000000;14511000;"Chemnitz'), "Anführungszeichen"),
        (b"id;wert\n1;2\n", "Was diese Datei ist, ist nicht zu erkennen"),
        (b"ars;ags;name;gueltig_ab;gueltig_bis\n", "die Tabelle gebiete selbst"),
        (csv_text("ebene;schluessel;name;zuletzt_enthalten_jahr", "dorf;;Ort;20"), "Möglich sind: kreise, gemeinde"),
        ("ars;ags;name\n".encode("utf-16-le"), "UTF-16"),
        (csv_text("ars;ags;name;name", f"{ONE};Karl-Marx-Stadt"), "steht zweimal in der Kopfzeile"),
        (csv_text("ars_alt;ars_neu;ab;art", "064350014014;;2026-13-01;weg"), "ist kein Datum"),
        (csv_text("ars_alt;ars_neu;ab;art", "064350014014;;2026-01-01;weg"), "Möglich sind: neuer-schluessel"),
        (b"<html/>", "keine Codeliste"),
        (code_list("rs", "2026-06-30", ("1451100000X", "Chemnitz")), "erwartet werden 12 Ziffern"),
        (code_list("rs", "2026-06-30", ("10010000000", "Flensburg")), "führende Null"),
        (code_list("staat", "2026-06-30", ("000", "Deutschland")), "keine Liste von Gebieten"),
        (record("60", "145110000000", "Chemnitz", "61")[:60].encode(), "kein Satz des GV100AD"),
        (
            (record("10", "14", "Sachsen") + "\n" + record("10", "16", "Thüringen", stand="20240101")).encode(),
            "20240101",
        ),
        (GV100AD.encode("latin-1"), "Zeile 1: Die Zeile ist nicht in UTF-8"),
        (GV100AD.encode("latin-1"), "„Thüringen“). Bitte umwandeln: iconv"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(read: Reading, content: bytes, said: str) -> None:
    assert said in read.refused(content)


def test_what_spreadsheets_and_publishers_write_is_read(read: Reading) -> None:
    excel = "\ufeff" + municipalities(ONE).decode().replace("\n", "\r\n")
    undated = code_list("kreis", "2026-Q2", ("16061", "Eichsfeld"))

    assert read(excel).areas[0].name == "Chemnitz, Stadt"
    assert read(undated, "kreis-2026-06-30.xml").stand == date(2026, 6, 30)
    assert "--stand" in read.refused(undated, "kreis.xml")


def test_a_list_of_no_day_asks_for_it(read: Reading) -> None:
    assert "--stand" in read.refused(municipalities(ONE), "gemeinden.csv")
    assert read(municipalities(ONE), "gemeinden.csv", date(2026, 6, 30)).stand == date(2026, 6, 30)


def test_many_mistakes_are_counted_and_the_first_are_said(read: Reading) -> None:
    rows = [f"{number};14511000;Ort" for number in range(200)]
    with pytest.raises(RegionsRefused) as caught:
        read(municipalities(*rows))

    assert (len(caught.value.problems), caught.value.total) == (100, 200)

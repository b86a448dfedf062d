"""Checking the operator's tables: every fault is found, named with its place, and nothing else escapes."""

import re
import tracemalloc
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_documents import AUTHORITIES, BURGSTAEDT, CHEMNITZ, TRADE, TREE, document, table, with_bytes

from amtsbote.errors import Misconfigured
from amtsbote.model.routing import RoutingDocument
from routing.layout import COLUMNS, MAX_LINE
from routing.resolver import Resolver
from routing.tables import MAX_PROBLEMS, Known, RoutingRefused, TableProblem, check

Rows = tuple[str, ...]
UMLAUT_IN_LATIN_1 = "gba;145110000000;m\xfcller;;".encode("latin-1")


def problems_of(tables: RoutingDocument) -> tuple[TableProblem, ...]:
    with pytest.raises(RoutingRefused) as refused:
        check(tables, Known(AUTHORITIES))
    return refused.value.problems


def places_of(tables: RoutingDocument) -> list[tuple[str, int, str]]:
    return [(problem.table, problem.line, problem.column) for problem in problems_of(tables)]


def test_a_sound_document_passes() -> None:
    check(document(), Known(AUTHORITIES))


BAD_CELLS = [
    ("gebiete", f"{CHEMNITZ[:-1]};;Chemnitz;;", "ars"),
    ("gebiete", "2000000000;;Hamburg ohne führende Null;;", "ars"),
    ("gebiete", ";;Bund;;", "ars"),
    ("gebiete", "14511000000x;;Chemnitz;;", "ars"),
    ("gebiete", "１４５１１;;Vollbreite Ziffern;;", "ars"),
    ("gebiete", f"{CHEMNITZ} ;;Leerzeichen am Ende;;", "ars"),
    ("gebiete", "145110000000;1451100;Chemnitz;;", "ags"),
    ("gebiete", "145110000001;14511;AGS des Kreises zur Gemeinde;;", "ags"),
    ("gebiete", "14522;14522060;AGS der Gemeinde zum Kreis;;", "ags"),
    ("gebiete", "145225102;14522;Verband mit AGS;;", "ags"),
    ("gebiete", "14522;;;;", "name"),
    ("gebiete", "14522;;   ;;", "name"),
    ("gebiete", f"14522;;{'x' * 501};;", "name"),
    ("gebiete", "14522;;Mittel\0sachsen;;", "name"),
    ("gebiete", "14522;;Mittel\u202esachsen;;", "name"),
    ("gebiete", '14522;;"Mittel\nsachsen";;', "name"),
    ("gebiete", "14522;;Mittelsachsen;01.01.2024;", "gueltig_ab"),
    ("gebiete", "14522;;Mittelsachsen;;20240101", "gueltig_bis"),
    ("gebiete", "14522;;Mittelsachsen;2024-02-30;", "gueltig_ab"),
    ("gebiete", "14522;;Mittelsachsen;2024-W01-1;", "gueltig_ab"),
    ("gebiete", "14522;;Mittelsachsen;0000-01-01;", "gueltig_ab"),
    ("gebiete", "14522;;Mittelsachsen;2024-01-02;2024-01-01", "gueltig_bis"),
    ("leistungen", "9909300300100;Kurz", "leistung"),
    ("leistungen", "12345678901234;Kein LeiKa", "leistung"),
    ("leistungen", "99093003001003;", "name"),
    ("rollen", f"{TREE[:-1]}x;gba;;", "leistung"),
    ("rollen", "99000000000001;gba;;", "leistung"),
    ("rollen", f"{TREE};;2099-01-01;", "rolle"),
    ("rollen", f"{TREE};g ba;2099-01-01;", "rolle"),
    ("rollen", f"{TREE};{'r' * 65};2099-01-01;", "rolle"),
    ("zustaendigkeiten", "gba;1451;amt-a;;", "gebiet"),
    ("zustaendigkeiten", "gba;99;amt-a;;", "gebiet"),
    ("zustaendigkeiten", "gba;145110000001;amt-a;;", "gebiet"),
    ("zustaendigkeiten", "gba;14;;;", "behoerde"),
    ("zustaendigkeiten", "gba;14;amt-unbekannt;;", "behoerde"),
    ("zustaendigkeiten", "gba;14;AMT-A;;", "behoerde"),
]


@pytest.mark.parametrize(("name", "row", "column"), BAD_CELLS)
def test_a_bad_cell_is_named_with_table_line_and_column(name: str, row: str, column: str) -> None:
    sound = document().tables[name].decode().splitlines()[1:]
    if name == "rollen" and "2099" in row:
        sound[0] = f"{TREE};gba;;2098-12-31"

    assert (name, len(sound) + 2, column) in places_of(document(**{name: (*sound, row)}))


@pytest.mark.parametrize("role", ["ag", "MELDID", "töj", "xga", "a-b.c", "9"])
def test_irregular_role_names_are_names(role: str) -> None:
    check(document(rollen=(f"{TREE};{role};;",)), Known(AUTHORITIES))


@pytest.mark.parametrize(
    ("name", "rows", "line"),
    [
        ("gebiete", (f"{CHEMNITZ};;A;;", f"{BURGSTAEDT};;B;;", f"{CHEMNITZ};;C;2020-01-01;"), 4),
        ("gebiete", (f"{BURGSTAEDT};;B;;", f"{CHEMNITZ};;A;;2020-01-01", f"{CHEMNITZ};;C;2020-01-01;"), 4),
        ("leistungen", (f"{TREE};A", f"{TRADE};C", f"{TREE};B"), 4),
        ("rollen", (f"{TREE};gba;;", f"{TREE};unb;2020-01-01;"), 3),
        ("rollen", (f"{TREE};gba;;", f"{TREE};gba;;"), 3),
        ("zustaendigkeiten", ("gba;14;amt-a;;", "gba;14;amt-a;2020-01-01;2020-12-31"), 3),
        ("zustaendigkeiten", ("gba;;amt-a;;", "gba;;amt-a;;"), 3),
        ("zustaendigkeiten", ("gba;14;amt-a;;", "gba;14;amt-b;;"), 3),
    ],
)
def test_what_may_hold_once_on_a_day_is_refused_twice(name: str, rows: Rows, line: int) -> None:
    assert [place[:2] for place in places_of(document(**{name: rows}))] == [(name, line)]


def test_an_overlap_with_an_earlier_long_rule_is_found_behind_a_short_one() -> None:
    rows = ("gba;14;amt-a;2000-01-01;2030-12-31", "gba;14;amt-a;2001-01-01;2001-12-31", "gba;14;amt-a;2020-01-01;")

    found = problems_of(document(zustaendigkeiten=rows))

    assert [(problem.line, re.findall(r"line (\d+)", problem.en)) for problem in found] == [(3, ["2"]), (4, ["2"])]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("gebiete", (f"{CHEMNITZ};;A;;2019-12-31", f"{CHEMNITZ};;C;2020-01-01;", f"{BURGSTAEDT};;B;;")),
        ("gebiete", (f"{CHEMNITZ};14511000;A;;", "145110000001;14511000;Zweiter ARS;;", f"{BURGSTAEDT};;B;;")),
        ("rollen", (f"{TREE};gba;;2019-12-31", f"{TREE};unb;2020-01-01;")),
        ("zustaendigkeiten", ("gba;14;amt-a;;", "unb;14;amt-a;;", "gba;;amt-a;;", "gba;145;amt-a;;")),
        ("zustaendigkeiten", ("gba;14;amt-a;2020-01-01;2020-01-01",)),
        ("zustaendigkeiten", ()),
    ],
)
def test_what_may_stand_side_by_side_passes(name: str, rows: Rows) -> None:
    check(document(**{name: rows}), Known(AUTHORITIES))


HEADERS: Mapping[str, tuple[bytes, list[tuple[str, int, str]]]] = {
    "missing": (b"leistung\n", [("leistungen", 1, "name")]),
    "unknown": (b"leistung;name;bemerkung\n", [("leistungen", 1, "")]),
    "twice": (b"leistung;name;name\n", [("leistungen", 1, "")]),
    "commas": (b"leistung,name\n", [("leistungen", 1, "")]),
    "tabs": (b"leistung\tname\n", [("leistungen", 1, "")]),
    "upper case": (b"Leistung;name\n", [("leistungen", 1, "leistung"), ("leistungen", 1, "")]),
    "empty file": (b"", [("leistungen", 0, "")]),
    "only line ends": (b"\r\n\r\n", [("leistungen", 0, "")]),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_wrong_header_is_the_only_complaint_about_its_table_and_those_that_refer_to_it(case: str) -> None:
    data, expected = HEADERS[case]

    assert places_of(with_bytes(leistungen=data)) == expected


def test_missing_and_unknown_tables_are_named() -> None:
    tables = dict(document().tables)
    del tables["rollen"]
    tables["rolen"] = b""

    assert places_of(RoutingDocument(1, tables)) == [("rolen", 0, ""), ("rollen", 0, "")]


DAMAGE: Mapping[str, tuple[bytes, int]] = {
    "not UTF-8": (table("zustaendigkeiten", "gba;14;amt-a;;") + UMLAUT_IN_LATIN_1, 3),
    "UTF-16": ("rolle;gebiet".encode("utf-16"), 1),
    "open quotation mark": (table("zustaendigkeiten", "gba;14;amt-a;;", 'gba;14;"amt-b;;', "unb;14;amt-a;;"), 3),
    "text behind a quotation mark": (table("zustaendigkeiten", 'gba;14;"amt-a"x;;'), 2),
    "ten megabytes in one line": (table("zustaendigkeiten", "gba;14;amt-a;;", "x" * 10_000_000), 3),
    "ten million fields in one line": (table("zustaendigkeiten", ";" * 10_000_000), 2),
    "ten megabytes in one quoted field": (table("zustaendigkeiten", '"' + "x\n" * 5_000_000), 2),
    "ten megabytes of header": (b"rolle;" * 1_700_000, 1),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_table_is_one_problem_at_the_line_where_it_begins(case: str) -> None:
    data, line = DAMAGE[case]

    assert places_of(with_bytes(zustaendigkeiten=data)) == [("zustaendigkeiten", line, "")]


def test_a_hostile_line_is_refused_before_it_becomes_a_million_fields() -> None:
    hostile = with_bytes(zustaendigkeiten=DAMAGE["ten million fields in one line"][0])
    tracemalloc.start()
    try:
        problems_of(hostile)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 25_000_000


def test_a_table_above_the_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.layout.MAX_TABLE_BYTES", 100)

    assert ("gebiete", 0, "") in places_of(document())


def test_a_table_with_too_many_lines_is_refused_even_when_they_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.layout.MAX_LINES", 100)

    check(document(zustaendigkeiten=("",) * 99), Known(set()))
    assert places_of(document(zustaendigkeiten=("",) * 100)) == [("zustaendigkeiten", 101, "")]


def test_checking_keeps_little_more_than_the_cells_it_compares() -> None:
    rules = tuple(f"r{number % 20};14{number % 1000:03};amt-{number % 4};2026-01-01;" for number in range(20_000))
    large = document(zustaendigkeiten=rules)
    tracemalloc.start()
    try:
        problems_of(large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 20_000 * 300


def test_a_line_with_too_few_or_too_many_fields_is_named_and_the_others_are_still_checked() -> None:
    rows = ("gba;14;amt-a;", "gba;14;amt-a;;;", "gba;14;nobody;;")

    expected = [("zustaendigkeiten", 2, ""), ("zustaendigkeiten", 3, ""), ("zustaendigkeiten", 4, "behoerde")]
    assert places_of(document(zustaendigkeiten=rows)) == expected


def test_all_problems_of_all_tables_come_at_once() -> None:
    broken = document(
        gebiete=(f"{CHEMNITZ};x;A;gestern;", f"{BURGSTAEDT};;B;;"),
        rollen=("1;gba;;",),
        zustaendigkeiten=("gba;99;x;;",),
    )

    assert set(places_of(broken)) == {
        ("gebiete", 2, "ags"),
        ("gebiete", 2, "gueltig_ab"),
        ("rollen", 2, "leistung"),
        ("zustaendigkeiten", 2, "gebiet"),
        ("zustaendigkeiten", 2, "behoerde"),
    }


def test_problems_are_kept_up_to_a_limit_and_counted_beyond() -> None:
    with pytest.raises(RoutingRefused) as refused:
        check(
            document(zustaendigkeiten=tuple(f"r{n};14;nobody;;" for n in range(MAX_PROBLEMS + 50))), Known(AUTHORITIES)
        )

    assert len(refused.value.problems) == MAX_PROBLEMS
    assert refused.value.total == MAX_PROBLEMS + 50
    assert str(MAX_PROBLEMS + 50) in str(refused.value)
    assert len(str(refused.value)) < 3000
    assert refused.value.text("de").count("\n") == MAX_PROBLEMS


def test_a_refusal_is_a_misconfiguration_in_german_and_english() -> None:
    with pytest.raises(Misconfigured) as refused:
        check(document(zustaendigkeiten=("gba;14;amt-x;;",)), Known(AUTHORITIES))

    assert isinstance(refused.value, RoutingRefused)
    [problem] = refused.value.problems
    assert problem.text("de") == (
        "zustaendigkeiten, Zeile 2, Spalte behoerde: Die Behörde amt-x ist weder erklärt noch eingeführt."
        " Bitte in der Deklaration anlegen oder die Kennung prüfen; ähnlich: amt-c, amt-b, amt-a."
    )
    assert problem.text("en") == (
        "zustaendigkeiten, line 2, column behoerde: The authority amt-x is neither declared nor imported."
        " Add it to the declaration or check the id; near to it: amt-c, amt-b, amt-a."
    )
    assert problem.text("en") in str(refused.value)


def test_a_cell_in_a_sentence_is_one_short_printable_line_and_no_format() -> None:
    [problem] = problems_of(document(rollen=('99;"{value.__class__} \x1b[31m\n' + "x" * 500 + '";;',)))[1:]

    for sentence in (problem.de, problem.en):
        assert "{value.__class__} \\u001b[31m\\u000a" in sentence
        assert "\x1b" not in sentence
        assert len(sentence) < 200


FORMS: Mapping[str, bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + document().tables["gebiete"],
    "CRLF": document().tables["gebiete"].replace(b"\n", b"\r\n"),
    "CR": document().tables["gebiete"].replace(b"\n", b"\r"),
    "no line end at the end": document().tables["gebiete"].rstrip(b"\n"),
    "empty lines and empty cells": document().tables["gebiete"].replace(b"\n", b"\n\n;;;;\n", 1),
    "everything quoted": re.sub(rb"[^;\n]+", rb'"\g<0>"', document().tables["gebiete"]),
    "other order of columns": f"name;gueltig_bis;ars;gueltig_ab;ags\nChemnitz, Stadt;;{CHEMNITZ};;14511000\n"
    f"Burgstädt, Stadt;;{BURGSTAEDT};;14522060\n".encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_honest_form_of_csv_means_the_same(form: str) -> None:
    tables = with_bytes(gebiete=FORMS[form])
    check(tables, Known(AUTHORITIES))
    resolver = Resolver.load(tables)

    [_, region, _] = resolver.resolve(TREE, CHEMNITZ, date(2026, 1, 1)).trace.hops
    assert region.rule == f"{CHEMNITZ} Chemnitz, Stadt"
    assert resolver.ars_of_ags("14522060", date(2026, 1, 1)) == (BURGSTAEDT,)


def test_a_line_is_read_up_to_its_limit_and_not_one_character_further() -> None:
    longest = f"{TREE};".ljust(MAX_LINE - 1, "x")

    assert places_of(document(leistungen=(longest, f"{TREE};A", f"{TRADE};B"))) == [("leistungen", 2, "name")]
    assert places_of(document(leistungen=(longest + "x", f"{TREE};A", f"{TRADE};B"))) == [("leistungen", 2, "")]


CELL = st.one_of(
    st.sampled_from(
        ["", "gba", "14", CHEMNITZ, TREE, "amt-a", "2024-01-01", '"', ";", "\n", "\0", "ä", "\ufeff", "\u2028"]
    ),
    st.text(max_size=8),
)


@given(name=st.sampled_from(sorted(COLUMNS)), rows=st.lists(st.lists(CELL, max_size=6).map(";".join), max_size=8))
def test_no_table_made_of_odd_cells_ends_in_anything_but_a_verdict(name: str, rows: list[str]) -> None:
    tables = with_bytes(**{name: "\n".join([";".join(COLUMNS[name]), *rows]).encode("utf-8", "replace")})
    assert_verdict(tables)


@given(name=st.sampled_from(sorted(COLUMNS)), data=st.binary(max_size=200), with_header=st.booleans())
def test_no_bytes_end_in_anything_but_a_verdict(name: str, data: bytes, *, with_header: bool) -> None:
    assert_verdict(with_bytes(**{name: (table(name) if with_header else b"") + data}))


@given(name=st.sampled_from(sorted(COLUMNS)), cut=st.integers(0, 200))
def test_a_table_cut_anywhere_is_refused_or_whole_up_to_its_last_line(name: str, cut: int) -> None:
    assert_verdict(with_bytes(**{name: document().tables[name][:cut]}))


def assert_verdict(tables: RoutingDocument) -> None:
    """Refused with at least one bounded problem, or passed and then loadable."""
    problems = verdict(tables)
    if problems is None:
        assert Resolver.load(tables).version == tables.version
    else:
        assert 1 <= len(problems) <= MAX_PROBLEMS
        assert all(problem.de and problem.en and len(problem.text("de")) < 400 for problem in problems)


def verdict(tables: RoutingDocument) -> tuple[TableProblem, ...] | None:
    try:
        check(tables, Known(AUTHORITIES))
    except RoutingRefused as refused:
        return refused.problems
    return None


MEISSEN = "146270140140"


@pytest.mark.parametrize(
    "damaged",
    [
        f"{MEISSEN};14627140;Mei\u00c3\u0178en;;",
        f"{MEISSEN};14627140;Meißen;01.01.2020;",
        f"{MEISSEN};14627140;Meißen;",
        f"{MEISSEN};14627140;;;",
    ],
)
def test_a_region_whose_row_was_refused_is_not_told_as_missing(damaged: str) -> None:
    rules = (f"gba;{MEISSEN};amt-a;;", "gba;14627;amt-b;;", "gba;02;amt-c;;")
    tables = document(
        gebiete=(f"{CHEMNITZ};14511000;Chemnitz;;", damaged),
        zustaendigkeiten=rules,
        orte=("01662;14627140;Meißen",),
    )

    assert places_of(tables)[0][:2] == ("gebiete", 3)
    assert places_of(tables)[1:] == [("zustaendigkeiten", 4, "gebiet")], "Hamburg is really not there"


def test_a_key_that_has_lost_its_zero_is_told_once() -> None:
    tables = document(gebiete=("20000000000;;Hamburg;;",), zustaendigkeiten=("gba;020000000000;amt-a;;",))
    [problem] = problems_of(tables)
    assert (problem.table, problem.column) == ("gebiete", "ars")


def test_a_service_whose_row_was_refused_is_not_told_as_missing() -> None:
    assert places_of(document(leistungen=(f"{TREE};Baum", f"{TRADE}; "))) == [("leistungen", 3, "name")]


@pytest.mark.parametrize(
    ("served", "told"), [((TRADE,), "prüfen."), ((TRADE, f"{TREE[:-1]}3"), f"ähnlich: {TREE[:-1]}3.")]
)
def test_a_service_nobody_serves_is_told_with_what_is_like_it_or_nothing(served: Rows, told: str) -> None:
    with pytest.raises(RoutingRefused) as refused:
        check(document(rollen=(f"{TREE};gba;;",)), Known(AUTHORITIES, services=set(served)))

    [problem] = refused.value.problems
    assert problem.de.endswith(told)
    assert "–" not in problem.de + problem.en


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("straßenklasse=gemeinde", "„straßenklasse“ kann keine Angabe heißen"),
        ("monat=3..9 und Strassenklasse = gemeinde", "Vermutlich ist strassenklasse gemeint."),
        ("strasenklasse=gemeinde", "Bekannt sind: strassenklasse"),
    ],
)
def test_a_fact_with_an_umlaut_or_a_slip_is_told_with_the_one_that_is_meant(written: str, told: str) -> None:
    header = "leistung;rolle;gueltig_ab;gueltig_bis;bedingung"
    tables = with_bytes(rollen=f"{header}\n{TREE};gba;;;{written}\n".encode())
    with pytest.raises(RoutingRefused) as refused:
        check(tables, Known(AUTHORITIES, frozenset({"strassenklasse", "handwerk"})))

    [problem] = refused.value.problems
    assert told in problem.de


def test_the_fact_that_names_a_place_is_told_with_the_one_that_is_meant() -> None:
    tables = with_bytes(rollen=f"leistung;rolle;gueltig_ab;gueltig_bis;ort\n{TREE};gba;;;früher\n".encode())
    [problem] = problems_of(tables)
    assert "„früher“ kann keine Angabe heißen" in problem.de
    assert problem.en.endswith("frueher is probably meant.")

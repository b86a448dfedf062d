"""Routing tables in a spreadsheet: taken over cell by cell; what the program has mangled is named with its place."""

import io
import zipfile
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook

from routing.refusal import RoutingRefused, TableProblem
from routing.workbook import read_workbook

HEADER = ("rolle", "gebiet", "behoerde", "gueltig_ab", "gueltig_bis")


def workbook(**sheets: list[tuple[Any, ...]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def with_sheet(sheet: str, padding: bytes = b"") -> bytes:
    """A workbook whose only sheet is this XML; `padding` makes it no denser than a table."""
    sound, packed = workbook(rollen=[("leistung",)]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for member in before.namelist():
            after.writestr(member, sheet if "worksheets/sheet" in member else before.read(member))
        after.writestr("xl/media/image1.png", padding)
    return packed.getvalue()


def problems(file: str, data: bytes) -> tuple[TableProblem, ...]:
    with pytest.raises(RoutingRefused) as caught:
        read_workbook(file, data)
    return caught.value.problems


def of_cell(column: str, cell: Any) -> TableProblem:
    [problem] = problems("x", workbook(rollen=[("leistung", column), ("99", cell)]))
    assert (problem.table, problem.line, problem.column) == ("rollen", 2, column)
    return problem


def test_every_sheet_is_a_table() -> None:
    data = workbook(
        Zustaendigkeiten=[HEADER, ("gba", "145110000000", "amt", date(2026, 1, 31), None), ("gba", "02", "x;y")],
        rollen=[("leistung", "rolle", "prioritaet", "name"), ("99093003001002", "gba", 10, 4711)],
    )

    assert {name: table.decode() for name, table in read_workbook("x", data).items()} == {
        "zustaendigkeiten": f'{";".join(HEADER)}\ngba;145110000000;amt;2026-01-31;\ngba;02;"x;y";;\n',
        "rollen": "leistung;rolle;prioritaet;name\n99093003001002;gba;10;4711\n",
    }


def test_a_single_sheet_is_the_table_the_file_is_named_after() -> None:
    assert list(read_workbook("rollen", workbook(Tabelle1=[("leistung", "rolle")]))) == ["rollen"]


def test_a_sheet_that_is_no_table_is_never_left_out_in_silence() -> None:
    [problem] = problems("x", workbook(rollen=[("leistung",)], Zuständigkeiten=[HEADER]))
    assert "„Zuständigkeiten“" in problem.de
    assert "zustaendigkeiten" in problem.de


@pytest.mark.parametrize(
    ("column", "cell", "meant"),
    [
        ("gebiet", 14511, "14511"),
        ("gebiet", 20000000000, "020000000000"),
        ("gebiet", 1.4511e11, "145110000000"),
        ("gebiet", 2, "02"),
        ("gebiet", 14, "14 / 014"),
        ("plz", 1067, "01067"),
        ("ags", 2000000, "02000000"),
        ("leistung2", 1, ""),
    ],
)
def test_a_key_that_has_become_a_number_is_named_with_what_it_may_have_been(
    column: str, cell: float, meant: str
) -> None:
    problem = of_cell(column, cell)
    assert f"vermutlich {meant}." in problem.de if meant else "erwartet wird Text" in problem.de


@pytest.mark.parametrize("cell", [1.23e18, 145.5, 777777])
def test_a_key_that_cannot_be_restored_is_said_so(cell: float) -> None:
    assert "nicht mehr zu erkennen" in of_cell("gebiet", cell).de


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("gebiet", datetime(2026, 3, 5), "ein Datum gemacht"),  # noqa: DTZ001  (a cell has no zone)
        ("gueltig_ab", datetime(2026, 3, 5, 8, 30), "Uhrzeit"),  # noqa: DTZ001
        ("gueltig_ab", 46054, "vermutlich 2026-02-01"),
        ("behoerde", 4711, "erwartet wird Text"),
        ("rolle", True, "Wahrheitswert"),
        ("rolle", "#REF!", "Fehler (#REF!)"),
    ],
)
def test_what_a_program_made_of_an_entry_is_not_taken_for_it(column: str, cell: Any, words: str) -> None:
    assert words in of_cell(column, cell).de


def test_a_formula_without_a_stored_result_is_no_empty_cell() -> None:
    """An empty `gebiet` would be all of Germany. A spreadsheet program stores results; a program that writes files
    does not."""
    rule = ("gba", '="14511"&"0000000"', "amt", "", "=A1")

    found = problems("x", workbook(rollen=[("leistung",), ("99093003001002",)], zustaendigkeiten=[HEADER, rule]))

    assert [(one.table, one.line, one.column) for one in found] == [
        ("zustaendigkeiten", 2, "gebiet"),
        ("zustaendigkeiten", 2, "gueltig_bis"),
    ]
    assert "kein gespeichertes Ergebnis" in found[0].de


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("<f>TEXT(A2,&quot;0&quot;)</f>", '=TEXT(A2,"0")'),
        ('<f t="shared" ref="B2:B9" si="0">A2</f>', "=A2"),
        ('<f t="array" ref="B2">A2:A3</f>', "=A2:A3"),
        ('<f t="dataTable" ref="B2" r1="A2"/>', "="),
    ],
)
def test_a_formula_is_refused_though_the_file_has_its_last_value(formula: str, told: str) -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = (
        '<row r="1"><c r="A1" t="str"><v>rolle</v></c><c r="B1" t="str"><v>gebiet</v></c></row>'
        f'<row r="2"><c r="A2" t="str"><v>gba</v></c><c r="B2" t="str">{formula}<v>145110000000</v></c></row>'
    )
    sheet = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'

    [problem] = problems("rollen", with_sheet(sheet))

    assert (problem.table, problem.line, problem.column) == ("rollen", 2, "gebiet")
    assert f"ist eine Formel ({told}); ihr gespeichertes Ergebnis „145110000000“" in problem.de


def test_what_is_no_workbook_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("xl/workbook.xml", "<nothing/>")
    for data in (b"rolle;gebiet\n", b"PK\x03\x04", packed.getvalue()):
        assert "keine lesbare XLSX" in problems("rollen", data)[0].de

    monkeypatch.setattr("routing.unpacking.MAX_UNPACKED", 1000)
    assert "zu groß" in problems("rollen", workbook(rollen=[("leistung",)]))[0].de


def test_a_row_of_millions_of_empty_cells_is_refused_before_it_is_read() -> None:
    sheet = f"<worksheet><sheetData><row>{'<c/>' * 1_200_000}</row></sheetData></worksheet>"

    assert "100-mal so groß" in problems("rollen", with_sheet(sheet))[0].de


@pytest.mark.parametrize("row", ["row", "x:row"])
def test_a_row_of_more_cells_than_a_sheet_has_columns_is_refused_however_dense_the_file_is(row: str) -> None:
    begin = '<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet = f"{begin}<{row}>{'<c><row/></c>' * 400_000}</{row}></sheetData></worksheet>"
    noise = Random(7).randbytes(100_000)  # noqa: S311  (no secret: what cannot be packed)

    [problem] = problems("rollen", with_sheet(sheet, noise))
    assert "mehr Zellen, als ein Blatt Spalten haben kann (16384)" in problem.de


def test_many_rows_and_a_wide_one_are_read() -> None:
    rows: list[tuple[Any, ...]] = [("leistung", *[None] * 16_382, "x"), *[("99", "text")] * 2_000]

    assert len(read_workbook("rollen", workbook(rollen=rows))["rollen"].splitlines()) == 2_001


def test_a_table_that_is_too_long_is_told_so_and_not_that_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.workbook.MAX_LINES", 2)
    [problem] = problems("rollen", workbook(rollen=[("leistung",), ("99",), ("98",)]))

    assert (problem.line, "mehr als 2 Zeilen" in problem.de) == (3, True)


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    sheet = f"{bomb}]><worksheet><sheetData><row><c t='inlineStr'><is><t>&j;</t></is></c></row></sheetData></worksheet>"
    assert problems("rollen", with_sheet(sheet))

"""A table as a workbook: what is read of it is what was written, and no cell is anything but text."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from routing.sheet import as_workbook
from routing.workbook import read_workbook

HEADER = ["ars", "ags", "name", "gueltig_ab", "gueltig_bis"]
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=20).filter(
    lambda text: not text.startswith("#") and "_x" not in text
)


def written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows([HEADER, *rows])
    return out.getvalue().encode()


@given(st.lists(st.lists(CELLS, min_size=5, max_size=5).filter(any), max_size=5))
def test_it_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    table = written(rows)

    assert read_workbook("gebiete", as_workbook("gebiete", table)) == {"gebiete": table}


def test_keys_stay_keys_and_nothing_becomes_a_formula() -> None:
    made = as_workbook("gebiete", written([["010510011011", "01051011", "=1+1", "2026-01-01", ""]]))

    [_, row] = load_workbook(io.BytesIO(made))["gebiete"].iter_rows(max_col=4)
    assert [(cell.value, cell.data_type, cell.number_format) for cell in row] == [
        (text, "s", "@") for text in ("010510011011", "01051011", "=1+1", "2026-01-01")
    ]


def test_what_no_xml_can_hold_is_marked() -> None:
    made = as_workbook("gebiete", written([["01", "", "a\x07b", "", ""]]))

    assert "a\ufffdb" in read_workbook("gebiete", made)["gebiete"].decode()

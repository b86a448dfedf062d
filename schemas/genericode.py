"""Code lists in OASIS genericode 1.0, as the XRepository gives them. Files of ours are read, nothing is fetched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

from schemas.reading import Unreadable, read_document

NAMESPACE: Final = "http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
_CODE_LIST: Final = f"{{{NAMESPACE}}}CodeList"
_MAX_TAGS: Final = 5_000_000
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class CodeList:
    uri: str
    version: str
    title: str
    codes: frozenset[str]
    """Values of all columns that are keys: which of them a standard uses, the list does not say."""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A list with all its columns, for whoever needs more of it than its codes."""

    uri: str
    version: str
    columns: tuple[str, ...]
    """Ids of the columns."""
    rows: tuple[tuple[str, ...], ...]
    """Cells in the order of `columns`, empty where a row says nothing."""


def read_code_table(data: bytes) -> CodeTable | None:
    """None for what is no genericode list."""
    root = _root(data)
    about = root.find("Identification") if root is not None else None
    if root is None or about is None:
        return None
    columns = tuple(column.get("Id", "") for column in root.iterfind("ColumnSet/Column"))
    rows = tuple(_row(row, columns) for row in root.iterfind("SimpleCodeList/Row"))
    return CodeTable(_line(about, "CanonicalUri"), _line(about, "Version"), columns, rows)


def _row(row: etree._Element, columns: tuple[str, ...]) -> tuple[str, ...]:
    cells = dict(_cells(row, columns))
    return tuple(cells.get(column, "") for column in columns)


def read_code_list(data: bytes) -> CodeList | None:
    """None for what is no genericode list with an identity and codes."""
    root = _root(data)
    about = root.find("Identification") if root is not None else None
    if root is None or about is None:
        return None
    uri, version, short, long = (_line(about, name) for name in ("CanonicalUri", "Version", "ShortName", "LongName"))
    codes = frozenset(_codes(root))
    return CodeList(uri, version, long or short or uri, codes) if uri and version and codes else None


def _root(data: bytes) -> etree._Element | None:
    if NAMESPACE.encode() not in data[:4096]:
        return None
    try:
        root = read_document(data, _MAX_TAGS)
    except Unreadable:
        return None
    return root if root.tag == _CODE_LIST else None


def _line(about: etree._Element, name: str) -> str:
    text = " ".join(about.findtext(name, "").split())
    return "".join(char for char in text if char.isprintable())[:_LONGEST]


def _codes(root: etree._Element) -> Iterator[str]:
    columns = [column.get("Id", "") for column in root.iterfind("ColumnSet/Column")]
    keys = {ref.get("Ref") for ref in root.iterfind("ColumnSet/Key/ColumnRef")} or set(columns[:1])
    for row in root.iterfind("SimpleCodeList/Row"):
        yield from (text for column, text in _cells(row, columns) if column in keys)


def _cells(row: etree._Element, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A value names its column, or belongs to the one after the value before."""
    place = -1
    for value in row.iterfind("Value"):
        named = value.get("ColumnRef")
        place = columns.index(named) if named in columns else place + 1
        if place < len(columns):
            yield columns[place], value.findtext("SimpleValue", "").strip()


@cache
def codes_of(file: Path) -> frozenset[str]:
    """Read once, however many schemas share the list. Empty when the file is none."""
    found = read_code_list(file.read_bytes())
    return found.codes if found is not None else frozenset()

"""How much a workbook may unpack to, found out before a library that builds trees sees it.

An XLSX file is packed XML: a few kilobytes can become gigabytes, and one row of millions of cells is a single tree.
"""

import io
import zipfile
import zlib
from typing import IO, Final
from xml.parsers import expat

from routing.faults import Fault
from routing.layout import MAX_TABLE_BYTES
from routing.refusal import RoutingRefused, shown

MAX_UNPACKED: Final = 256 * 1024 * 1024
"""Bytes of everything in the file, unpacked."""
MAX_DENSITY: Final = 100
"""How many times larger than packed a file of more than `SMALL` bytes unpacked may be. Tables of real keys are 10 to 30
times; what is denser repeats itself to exhaust whoever reads it."""
SMALL: Final = 4 * 1024 * 1024
MAX_CELLS: Final = 16_384
"""Columns a sheet can have (its last one is XFD)."""
_PER_CELL: Final = 4
"""Elements of a cell: itself and its value, or a text in two levels."""

NOT_XLSX: Final = Fault(
    "Die Datei ist keine lesbare XLSX-Arbeitsmappe. Bitte neu speichern oder als CSV angeben.",
    "The file is no readable XLSX workbook. Save it again or give it as CSV.",
)
TOO_LARGE: Final = Fault(
    "Die Arbeitsmappe ist zu groß (höchstens {other} Byte, auch ausgepackt). Bitte als CSV angeben.",
    "The workbook is too large (at most {other} bytes, unpacked, too). Give it as CSV.",
)
TOO_DENSE: Final = Fault(
    "Die Arbeitsmappe ist ausgepackt mehr als {other}-mal so groß wie gepackt, das ist keine gewöhnliche Tabelle. Bitte"
    " leere Zellen und Zeilen löschen, oder als CSV angeben.",
    "The workbook is more than {other} times larger unpacked than packed, which is no ordinary table. Delete empty"
    " cells and rows, or give it as CSV.",
)
ROW_TOO_LONG: Final = Fault(
    "Eine Zeile der Arbeitsmappe hat mehr Zellen, als ein Blatt Spalten haben kann ({other}). Bitte als CSV angeben.",
    "A row of the workbook has more cells than a sheet can have columns ({other}). Give it as CSV.",
)


def demand_bounded(file: str, data: bytes) -> bool:
    """Whether a cell has a formula. Raises RoutingRefused.

    A member never unpacks to more than its directory entry says: zipfile reads no further.
    """
    formulas = False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(data) > MAX_TABLE_BYTES or unpacked > MAX_UNPACKED:
                raise RoutingRefused([TOO_LARGE.at(shown(file), other=MAX_UNPACKED)])
            if unpacked > max(SMALL, MAX_DENSITY * len(data)):
                raise RoutingRefused([TOO_DENSE.at(shown(file), other=MAX_DENSITY)])
            for member in members:
                rows = _Rows(file)
                with packed.open(member) as stream:
                    rows.read(stream, xml=member.filename.endswith(".xml"))
                formulas = formulas or rows.formulas
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        raise RoutingRefused([NOT_XLSX.at(shown(file))]) from None
    return formulas


class _Rows:
    """Counts what is in a row, whatever its namespace, and builds nothing."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._depth = 0
        """Within the outermost row."""
        self._elements = 0
        self.formulas = False

    def read(self, stream: IO[bytes], *, xml: bool) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begins
        parser.EndElementHandler = self._ends
        if xml:
            parser.StartDoctypeDeclHandler = self._declares
        try:
            parser.ParseFile(stream)
        except expat.ExpatError:
            if xml:
                raise RoutingRefused([NOT_XLSX.at(shown(self._file))]) from None  # the rest are pictures and the like

    def _begins(self, name: str, _: object) -> None:
        if self._depth:
            self._depth += 1
            self._elements += 1
            self.formulas = self.formulas or name.rpartition(":")[2] == "f"
            if self._elements > MAX_CELLS * _PER_CELL:
                raise RoutingRefused([ROW_TOO_LONG.at(shown(self._file), other=MAX_CELLS)])
        elif name.rpartition(":")[2] == "row":
            self._depth, self._elements = 1, 0

    def _ends(self, _: str) -> None:
        if self._depth:
            self._depth -= 1

    def _declares(self, *_: object) -> None:
        """A document type declares entities; no part of a workbook has one (ECMA-376, part 2)."""
        raise RoutingRefused([NOT_XLSX.at(shown(self._file))])

"""A routing table as a spreadsheet (XLSX) that `workbook` reads. Every cell is text and stays it when a person changes
it: no program makes a number of a key, or a formula of a name.

By hand, a few parts of a package (ECMA-376, part 1): the library would write to the disk first, and make formulas.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from html import escape
from typing import Final

from routing.layout import open_table

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SHEET: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NO_XML: Final = re.compile("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document holds (XML 1.0, 2.2)."""

_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        f'<Override PartName="/xl/sheet.xml" ContentType="{_KIND}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="sheet.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_SHEET}"><fonts count="1"><font/></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
"""`numFmtId` 49 is text (18.8.30)."""


def as_workbook(name: str, content: bytes) -> bytes:
    """A checked table as XLSX, with one sheet of its name."""
    table = open_table(name, content)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part, text in _PARTS.items():
            package.writestr(part, _XML + text)
        package.writestr("xl/workbook.xml", _workbook(name))
        with package.open("xl/sheet.xml", "w", force_zip64=True) as sheet:
            columns = f'<cols><col min="1" max="{len(table.header)}" width="20" style="1" customWidth="1"/></cols>'
            sheet.write(f'{_XML}<worksheet xmlns="{_SHEET}">{columns}<sheetData>'.encode())
            sheet.write(_row(table.header))
            for _, cells in table.rows:
                sheet.write(_row(cells))
            sheet.write(b"</sheetData></worksheet>")
    return out.getvalue()


def _workbook(name: str) -> str:
    sheet = f'<sheet name="{escape(name)}" sheetId="1" r:id="r1"/>'
    return f'{_XML}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{sheet}</sheets></workbook>'


def _row(cells: Sequence[str]) -> bytes:
    return f"<row>{''.join(map(_cell, cells))}</row>".encode()


def _cell(text: str) -> str:
    """Empty ones stand as well: their place is told by their order."""
    if not text:
        return '<c s="1"/>'
    clean = escape(_NO_XML.sub("\ufffd", text), quote=False)
    return f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'

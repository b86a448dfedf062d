"""What is sent, drawn by the program: a photo of the oak (PNG), a site plan and the decision (PDF)."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

WIDTH: Final = 360
HEIGHT: Final = 270
_HORIZON: Final = 190
_TRUNK: Final = (172, 190, 130, 225)
_CROWN: Final = ((180, 85, 62), (135, 110, 42), (226, 112, 44), (180, 125, 50))
"""Circles: x, y, radius."""


def photo() -> bytes:
    """An oak on a meadow; PNG (RFC 2083), 8-bit RGB, the same bytes every time."""
    rows = b"".join(b"\x00" + b"".join(_row(y)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _row(y: int) -> Iterator[bytes]:
    for x in range(WIDTH):
        red, green, blue, grain = _colour(x, y)
        light = _noise(x, y) % grain - grain // 2
        yield bytes(min(255, max(0, channel + light)) for channel in (red, green, blue))


def _colour(x: int, y: int) -> tuple[int, int, int, int]:
    """Red, green, blue, and how coarse the surface is."""
    left, right, top, bottom = _TRUNK
    if any((x - cx) ** 2 + (y - cy) ** 2 < (radius - _noise(x // 3, y // 3) % 9) ** 2 for cx, cy, radius in _CROWN):
        return 58, 104, 40, 70
    if left <= x < right and top <= y < bottom:
        return 92, 68, 46, 40
    if y >= _HORIZON:
        return 118, 152, 74, 30
    return 150 + y // 3, 185 + y // 5, 225, 4


def _noise(x: int, y: int) -> int:
    mixed = (x * 374_761_393 + y * 668_265_263) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1_274_126_177) & 0xFFFFFFFF
    return mixed ^ (mixed >> 16)


_DRAWING: Final = """\
1 w 60 60 475 640 re S
0.93 g 180 330 190 130 re f 0 g 180 330 190 130 re S
0.25 w [6 3] 0 d 60 250 m 535 250 l S [] 0 d 1 w
0.2 0.5 0.2 RG 2 w {circle} S 0 0 0 RG
BT /F1 16 Tf 72 752 Td (Lageplan: Kaßbergstraße 31, 09112 Chemnitz) Tj ET
BT /F1 10 Tf 72 734 Td (Gemarkung Chemnitz, Flurstück 2417/3, Maßstab etwa 1 : 200, Norden ist oben) Tj ET
BT /F1 11 Tf 240 390 Td (Wohnhaus) Tj ET
BT /F1 11 Tf 412 545 Td (Baum 1: Stieleiche) Tj ET
BT /F1 10 Tf 72 236 Td (Kaßbergstraße) Tj ET
BT /F1 8 Tf 72 40 Td (Erfundenes Beispiel der Vorführung. Niemand wohnt hier, und dieser Baum bleibt stehen.) Tj ET
"""
_DECISION: Final = """\
BT /F1 11 Tf 72 770 Td (Stadt Chemnitz, Grünflächenamt) Tj ET
BT /F1 16 Tf 72 720 Td (Bescheid: Genehmigung einer Baumfällung) Tj ET
BT /F1 11 Tf 72 690 Td (Aktenzeichen 67-2026-118) Tj ET
BT /F1 11 Tf 72 650 Td (Die Fällung der Stieleiche auf dem Grundstück Kaßbergstraße 31 wird genehmigt.) Tj ET
BT /F1 11 Tf 72 630 Td (Auflage: Bis zum 30. November ist eine heimische Eiche nachzupflanzen.) Tj ET
BT /F1 11 Tf 72 590 Td (Gegen diesen Bescheid kann binnen eines Monats Widerspruch eingelegt werden.) Tj ET
BT /F1 8 Tf 72 40 Td (Erfundenes Beispiel der Vorführung. Niemand wohnt hier, und dieser Baum bleibt stehen.) Tj ET
"""
_CIRCLE: Final = (
    "450 580 m 450 591 441 600 430 600 c 419 600 410 591 410 580 c 410 569 419 560 430 560 c 441 560 450 569 450 580 c"
)


def site_plan() -> bytes:
    """House, oak and street."""
    return _page(_DRAWING.format(circle=_CIRCLE).encode("cp1252"))


def decision() -> bytes:
    """What Chemnitz decides."""
    return _page(_DECISION.encode("cp1252"))


def _page(drawing: bytes) -> bytes:
    """One A4 page; PDF 1.4 (ISO 32000-1, 7.5), the same bytes every time."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%bendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    )
    document = b"%PDF-1.4\n%\xe4\xf6\xfc\xdf\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    entries = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    table = b"xref\n0 %d\n%btrailer\n<< /Size %d /Root 1 0 R >>\n" % (count, entries, count)
    return document + table + b"startxref\n%d\n%%%%EOF\n" % len(document)

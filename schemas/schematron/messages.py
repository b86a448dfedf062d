"""The text of an assert or a report, with places where something of the document would stand."""

from collections.abc import Iterator, Sequence

from lxml import etree

from schemas.schematron.expressions import Substitution, substituted
from schemas.schematron.model import Name, Piece, Value
from schemas.schematron.source import SCH


def message_of(check: etree._Element, diagnostics: Sequence[etree._Element], params: Substitution) -> tuple[Piece, ...]:
    """White space counts once. The diagnostics follow the text."""
    pieces = [piece for node in (check, *diagnostics) for piece in (*_pieces(node, params), " ")]
    joined: list[Piece] = [""]
    for piece in pieces:
        if isinstance(piece, str) and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    spaced = [_spaced(piece) if isinstance(piece, str) else piece for piece in joined]
    return tuple(piece for piece in spaced if piece != "")


def _pieces(node: etree._Element, params: Substitution) -> Iterator[Piece]:
    yield node.text or ""
    for child in node:
        if child.tag == f"{SCH}name":
            yield Name(substituted(child.get("path", "."), params))
        elif child.tag == f"{SCH}value-of":
            yield Value(substituted(child.get("select", "."), params))
        elif isinstance(child.tag, str):
            yield from _pieces(child, params)
        yield child.tail or ""


def _spaced(text: str) -> str:
    inner = " ".join(text.split())
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' if before else ''}{inner}{' ' if after and inner else ''}"

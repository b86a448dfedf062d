"""Turning a message into another form of itself by the XSLT 1.0 of a package. Runs in the helper processes.

A stylesheet reads its input and nothing else: no files, no network, no extensions. Of JSON it reads, and for JSON it
writes, the document that stands for it (`json_xml`). What it makes is judged by the schema it claims to be of, like
everything else.
"""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Postmark
from schemas.json_schema.reading import read_payload
from schemas.json_xml import NotRepresented, to_json, to_xml
from schemas.reading import Unreadable, read_document, read_file

_XSLT: Final = "http://www.w3.org/1999/XSL/Transform"
_ROOTS: Final = frozenset({f"{{{_XSLT}}}stylesheet", f"{{{_XSLT}}}transform"})
_REACHING_OUT: Final = frozenset(f"{{{_XSLT}}}{name}" for name in ("import", "include", "document"))
_FOREIGN: Final = re.compile(r"\bdocument\s*\(|(?<![\w:.-])[A-Za-z_][\w.-]*:[A-Za-z_][\w.-]*\s*\(")
"""A call of `document`, or of a function with a prefix; an axis has two colons."""


@dataclass(frozen=True, slots=True)
class MappingPlan:
    """What a helper needs to know of one mapping."""

    source: str
    """URI of the schema of what goes in."""
    target: str
    package: str
    xslt: str
    from_json: bool = False
    to_json: bool = False

    @property
    def name(self) -> str:
        return f"{self.source} → {self.target}"


class Translator:
    """Compiled stylesheet. Raises `Misconfigured` when it cannot be compiled, or would reach out."""

    def __init__(self, plan: MappingPlan, max_tags: int) -> None:
        self._plan = plan
        self._max_tags = max_tags
        try:
            self._apply = etree.XSLT(read_stylesheet(Path(plan.xslt)), access_control=etree.XSLTAccessControl.DENY_ALL)
        except etree.XSLTParseError as cause:
            raise _wrong(
                Path(plan.xslt), f"does not compile: {cause}", f"lässt sich nicht übersetzen: {cause}"
            ) from cause

    def translate(self, document: bytes, postmark: Postmark) -> bytes | None:
        """None where the stylesheet makes nothing of it. What libxslt says is not kept: it may quote the document."""
        told = {name: etree.XSLT.strparam(value) for name, value in asdict(postmark).items()}
        try:
            made = self._apply(self._read(document), profile_run=False, **told).getroot()
            if made is None:
                return None
            return to_json(made) if self._plan.to_json else etree.tostring(made, xml_declaration=True, encoding="UTF-8")
        except (etree.XSLTApplyError, Unreadable, NotRepresented):
            return None

    def _read(self, document: bytes) -> etree._Element:
        if self._plan.from_json:
            return to_xml(read_payload(document))
        return read_document(document, self._max_tags, large_texts=True)


def read_stylesheet(file: Path) -> etree._Element:
    """Raises `Misconfigured` for one that is not XSLT 1.0, or could reach anything but its input."""
    try:
        root = read_file(file.read_bytes())
    except (OSError, etree.XMLSyntaxError) as cause:
        raise _wrong(file, f"cannot be read: {cause}", f"ist nicht lesbar: {cause}") from cause
    if root.tag not in _ROOTS or root.get("version") != "1.0" or root.getroottree().docinfo.internalDTD is not None:
        raise _wrong(file, "is no plain XSLT 1.0", "ist kein einfaches XSLT 1.0")
    for element in root.iter(etree.Element):
        if element.tag in _REACHING_OUT or any("extension-element-prefixes" in name for name in element.attrib):
            raise _reaches_out(file, element)
        if any(_FOREIGN.search(str(value)) for value in element.attrib.values()):
            raise _reaches_out(file, element)
    return root


def _reaches_out(file: Path, element: etree._Element) -> Misconfigured:
    return _wrong(
        file,
        f"line {element.sourceline}: import, include, document() and extensions are not allowed",
        f"Zeile {element.sourceline}: import, include, document() und Erweiterungen sind nicht erlaubt",
    )


def _wrong(file: Path, en: str, de: str) -> Misconfigured:
    return Misconfigured(f"{file}: {en}", f"{file}: {de}")

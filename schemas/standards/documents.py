"""One published schema file: its target namespace, what it refers to, and what it says about itself.

Published files are stranger than our own: a DOCTYPE with internal entities (W3C), ISO-8859-1, backslashes in
`schemaLocation`. They are read as bytes, without network and without any external entity.
"""

import posixpath
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from lxml import etree

from amtsbote.errors import Misconfigured
from schemas.reading import read_file

XSD: Final = "http://www.w3.org/2001/XMLSchema"
XS: Final = f"{{{XSD}}}"
KINDS: Final = {f"{XS}{kind}": kind for kind in ("import", "include", "redefine", "override")}


@dataclass(frozen=True, slots=True)
class Reference:
    """One import, include, redefine or override."""

    node: etree._Element
    kind: str
    namespace: str
    """Of what is referred to; for all but imports the document's own."""
    location: str
    """`schemaLocation` with `/`; empty when there is none."""


KENNUNG: Final = r"^urn:[A-Za-z0-9][A-Za-z0-9:._-]{0,199}$"
VERSION: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
"""Together short enough for the name of a folder, and nothing in them that a path or an XPath could mean."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`kennung` and version of an XÖV standard, from `xs:appinfo` (XÖV-Handbuch 4.0, section on schema generation)."""

    kennung: str
    version: str

    def __str__(self) -> str:
        return f"{self.kennung}_{self.version}"


@dataclass(frozen=True, slots=True)
class SchemaDocument:
    name: str
    """Where it lies in the published set, with `/`."""
    data: bytes
    """As published."""
    root: etree._Element
    namespace: str
    references: tuple[Reference, ...]

    @property
    def identity(self) -> Identity | None:
        kennung = self._said("standard", "kennung")
        version = self._said("versionStandard", "version")
        return Identity(kennung, version) if kennung and version else None

    def _said(self, group: str, name: str) -> str:
        return (self.root.findtext(f"{XS}annotation/{XS}appinfo/{{*}}{group}/{{*}}{name}") or "").strip()

    @property
    def title(self) -> str:
        """The standard's own short name, or its long one."""
        return self._said("standard", "nameKurz") or self._said("standard", "nameLang")

    def beside(self, location: str) -> str:
        """Name in the set that a relative location means, seen from this document."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.name), unquote(location)))


def read_schema(name: str, data: bytes) -> SchemaDocument:
    """Raises `Misconfigured` naming the file when it is not an XML schema that can be read."""
    try:
        root = read_file(data, entities=True)
    except etree.XMLSyntaxError as cause:
        raise Misconfigured(
            f"{name} cannot be read as XML: {cause.msg}", f"{name} ist kein lesbares XML: {cause.msg}"
        ) from cause
    if root.tag != f"{XS}schema":
        raise Misconfigured(f"{name} is not an XML schema", f"{name} ist kein XML-Schema")
    namespace = root.get("targetNamespace", "")
    found = [_reference(child, namespace) for child in root.iterchildren(*KINDS)]
    return SchemaDocument(name, data, root, namespace, tuple(found))


def _reference(node: etree._Element, own: str) -> Reference:
    kind = KINDS[str(node.tag)]
    namespace = node.get("namespace", "") if kind == "import" else own
    return Reference(node, kind, namespace, node.get("schemaLocation", "").strip().replace("\\", "/"))

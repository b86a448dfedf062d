"""The files of a rule set → one tree, with every include in its place. Nothing is read outside the folder."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured
from schemas.reading import Unreadable, read_document

SCH: Final = "{http://purl.oclc.org/dsdl/schematron}"
_HOME: Final = "{urn:amtsbote:schematron}file"
"""Attribute on what was included: the name of the file it came from."""
_MAX_TAGS: Final = 500_000
_MAX_FILES: Final = 200


def refused(where: str, en: str, de: str) -> Misconfigured:
    """Why a rule set cannot be used. `where`: file, and line where there is one."""
    return Misconfigured(f"Schematron {where}: {en}", f"Schematron {where}: {de}")


@dataclass(slots=True)
class Source:
    """The rule set in `file`, read. Raises `Misconfigured`."""

    folder: Path
    file: Path
    root: etree._Element = field(init=False)
    digest: str = field(init=False)
    """SHA-256 over the bytes of all files, in the order they were read."""
    _read: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        if not self.file.resolve().is_relative_to(self.folder):
            raise refused(self.file.name, "it lies outside of the folder", "Sie liegt außerhalb des Ordners")
        self.root = self._parsed(self.file.resolve())
        if self.root.tag != f"{SCH}schema":
            raise refused(self.file.name, "this is not an ISO Schematron schema", "Das ist kein ISO-Schematron-Schema")
        self._expand(self.root, self.file.resolve(), ())
        self.digest = sha256(b"".join(sha256(data).digest() for data in self._read)).hexdigest()

    def where(self, node: etree._Element) -> str:
        homes = (each.get(_HOME) for each in (node, *node.iterancestors()))
        return f"{next(filter(None, homes), self.file.name)}:{node.sourceline or 0}"

    def _parsed(self, path: Path) -> etree._Element:
        try:
            data = path.read_bytes()
            root = read_document(data, _MAX_TAGS)
        except OSError:
            raise refused(path.name, "the file is missing", "Die Datei fehlt") from None
        except Unreadable as cause:
            raise refused(
                path.name, f"the file is not permitted XML ({cause})", f"Die Datei ist kein zulässiges XML ({cause})"
            ) from cause
        self._read.append(data)
        return root

    def _expand(self, parent: etree._Element, path: Path, above: tuple[str, ...]) -> None:
        for node in list(parent.iter(f"{SCH}include", f"{SCH}extends")):
            if node.tag == f"{SCH}extends" and node.get("href") is None:
                continue
            found, home, key = self._found(node, path)
            if key in above or len(self._read) > _MAX_FILES:
                raise refused(self.where(node), "the include leads back to itself", "Das Include führt zu sich zurück")
            holder = etree.Element("holder")
            holder.extend([found] if node.tag == f"{SCH}include" else list(found))
            for part in holder.iterchildren(etree.Element):
                part.set(_HOME, home.name)
            self._expand(holder, home, (*above, key))
            _replace(node, list(holder))

    def _found(self, node: etree._Element, path: Path) -> tuple[etree._Element, Path, str]:
        """A copy of the element an include leads to, the file it is in, and the name of the place."""
        location, _, anchor = node.get("href", "").partition("#")
        home = (path.parent / location).resolve() if location else path
        if "://" in location or not home.is_relative_to(self.folder):
            raise refused(self.where(node), f"{location} leads out of the folder", f"{location} führt aus dem Ordner")
        root = self._parsed(home)
        found = next(_with_id(root, anchor), None) if anchor else root
        if found is None or found.tag == f"{SCH}schema":
            raise refused(
                self.where(node),
                f"{node.get('href')} is no part of a schema that could be included",
                f"{node.get('href')} ist kein Teil eines Schemas, der sich einfügen ließe",
            )
        return deepcopy(found), home, f"{home}#{anchor}"


def _with_id(root: etree._Element, anchor: str) -> Iterator[etree._Element]:
    return (each for each in root.iter(etree.Element) if each.get("id") == anchor)


def _replace(node: etree._Element, parts: list[etree._Element]) -> None:
    parent = node.getparent()
    if parent is None:
        return
    place = parent.index(node)
    tail, node.tail = node.tail, None
    parent[place : place + 1] = parts
    if parts:
        parts[-1].tail = tail

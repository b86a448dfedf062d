"""Where a reference of a published schema file leads.

Asked in this order: the file at the relative place; a catalogue within the set, for the location, then for the
namespace; a file of that name and namespace in the set; a catalogue given beside it; a registered building block; the
only file of that namespace in the set. What is found by none of these is missing. Nothing is ever fetched.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from amtsbote.errors import Misconfigured
from amtsbote.text.causes import cause_told
from schemas.standards.catalogue import Catalogue, is_catalogue, looked_up, read_catalogues
from schemas.standards.documents import Reference, SchemaDocument, read_schema
from schemas.standards.published import MAX_FILE

OUTSIDE: Final = "@catalogue/"
"""Stands before the names of files that a catalogue beside the set has brought in."""

Blocks = Callable[[str, str], "Block | None"]
"""(namespace, file name or empty) → a document of a registered standard."""


@dataclass(frozen=True, slots=True)
class Block:
    """A document that a registered standard holds, and where its references lead there."""

    standard: str
    """`kennung_version`."""
    document: SchemaDocument
    """Its name begins with the standard's, so that it meets no other."""
    links: Mapping[int, str]
    """Number of the reference → name of a document of the same standard."""
    read: Callable[[str], "Block"]


@dataclass(frozen=True, slots=True)
class Folder:
    """A catalogue and what lies beside it, outside the set."""

    catalogues: Sequence[Catalogue]
    path: Path

    def read(self, name: str) -> bytes | None:
        return _within(self.path, name)


def catalogue_folder(file: Path) -> Folder:
    """Raises `Misconfigured` when the file is no catalogue or cannot be read."""
    try:
        data = file.read_bytes()
    except OSError as cause:
        raise Misconfigured(
            f"the catalogue {file} cannot be read: {cause_told(cause, 'en')}",
            f"der Katalog {file} ist nicht lesbar: {cause_told(cause, 'de')}",
        ) from cause
    return Folder(read_catalogues(file.name, data, partial(_within, file.parent)), file.parent)


def _within(folder: Path, name: str) -> bytes | None:
    file = (folder / name).resolve()
    inside = file.is_relative_to(folder.resolve()) and file.is_file()
    return file.read_bytes() if inside and file.stat().st_size <= MAX_FILE else None


class Resolver:
    """Resolves the references of one published set."""

    def __init__(self, files: Mapping[str, bytes], outside: Folder | None, blocks: Blocks) -> None:
        self.documents = {name: read_schema(name, data) for name, data in files.items() if name.endswith(".xsd")}
        self._inside = tuple(
            read_catalogues(name, data, files.get)
            for name, data in files.items()
            if name.endswith(".xml") and is_catalogue(data)
        )
        self._outside = outside or Folder((), Path())
        self._blocks = blocks
        self._reached: dict[str, SchemaDocument] = {}
        """Documents from outside the set, by the name they have here."""
        self._twins: dict[tuple[str, str], SchemaDocument] = {}
        """The first of several copies of the same building block."""
        self._held: dict[str, Block] = {}

    def __call__(self, document: SchemaDocument, reference: Reference) -> SchemaDocument | None:
        if block := self._held.get(document.name):
            return self._beside_in_block(block, document, reference)
        return next((each for each in self._asked(document, reference) if each and _fits(each, reference)), None)

    def _asked(self, document: SchemaDocument, reference: Reference) -> Iterator[SchemaDocument | None]:
        yield self._beside(document, reference)
        yield self._by_own_catalogue(reference)
        yield self._by_name(document, reference)
        yield self._by_given_catalogue(reference)
        yield self._registered(reference)
        yield self._only_one(reference)

    def _beside(self, document: SchemaDocument, reference: Reference) -> SchemaDocument | None:
        if not reference.location or "://" in reference.location:
            return None
        name = document.beside(reference.location)
        if name.startswith(OUTSIDE) and document.name.startswith(OUTSIDE):
            return self._from_outside(name.removeprefix(OUTSIDE))
        return self.documents.get(name)

    def _by_own_catalogue(self, reference: Reference) -> SchemaDocument | None:
        for address in _addresses(reference):
            for catalogues in self._inside:
                target = looked_up(catalogues, address)
                if target is not None and (found := self.documents.get(target)):
                    return found
        return None

    def _by_given_catalogue(self, reference: Reference) -> SchemaDocument | None:
        targets = (looked_up(self._outside.catalogues, address) for address in _addresses(reference))
        return next((found for target in targets if target and (found := self._from_outside(target))), None)

    def _from_outside(self, name: str) -> SchemaDocument | None:
        full = OUTSIDE + name
        if full not in self._reached:
            data = self._outside.read(name)
            if data is None:
                return None
            self._reached[full] = read_schema(full, data)
        return self._first_copy(self._reached[full])

    def _first_copy(self, document: SchemaDocument) -> SchemaDocument:
        """Building blocks lie in many sets: one copy is enough, two would contradict each other."""
        return self._twins.setdefault((document.namespace, _file_name(document.name)), document)

    def _by_name(self, document: SchemaDocument, reference: Reference) -> SchemaDocument | None:
        wanted = _file_name(reference.location)
        same = [
            each
            for each in self.documents.values()
            if wanted and _file_name(each.name) == wanted and each.namespace == reference.namespace
        ]
        near = [each for each in same if each.name.rpartition("/")[0] == document.name.rpartition("/")[0]]
        return _alone(near) or _alone(same)

    def _registered(self, reference: Reference) -> SchemaDocument | None:
        """Only for imports: an include from elsewhere would mix versions of one standard."""
        if reference.kind != "import":
            return None
        found = self._blocks(reference.namespace, _file_name(reference.location))
        return None if found is None else self._from_block(found)

    def _beside_in_block(self, block: Block, document: SchemaDocument, reference: Reference) -> SchemaDocument:
        return self._from_block(block.read(block.links[document.references.index(reference)]))

    def _from_block(self, block: Block) -> SchemaDocument:
        self._held.setdefault(block.document.name, block)
        return self._first_copy(block.document)

    def _only_one(self, reference: Reference) -> SchemaDocument | None:
        if reference.kind != "import":
            return None
        return _alone(each for each in self.documents.values() if each.namespace == reference.namespace)


def _fits(found: SchemaDocument, reference: Reference) -> bool:
    """An import of a file with another namespace: libxml2 reads it and declares nothing. A file without a namespace may
    be included by, and include, one with any."""
    if reference.kind == "import":
        return found.namespace == reference.namespace
    return found.namespace == reference.namespace or "" in (found.namespace, reference.namespace)


def _addresses(reference: Reference) -> Iterator[str]:
    yield from filter(None, (reference.location, reference.namespace))


def _file_name(location: str) -> str:
    return location.rpartition("/")[2]


def _alone(found: Iterable[SchemaDocument]) -> SchemaDocument | None:
    listed = list(found)
    return listed[0] if len(listed) == 1 else None

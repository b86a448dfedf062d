"""Schema files in JSON: the closed set they form.

A `$ref` leads to a place in the same file, to a file of the package or to the meta schemas that come with the product.
One that leads nowhere, out of the package or to the network is an error here: nothing is ever fetched.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from amtsbote.errors import Misconfigured
from amtsbote.model.strictjson import NotStrictJson, read_value
from amtsbote.text.causes import cause_told

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_META: Final = "https://json-schema.org/draft/2020-12/"
_HOME: Final = "http://package.invalid/"
"""Base of files without `$id`; never called."""
_MAX_FILE: Final = 10 * 1024 * 1024
VALUES: Final = frozenset({"const", "enum", "default", "examples"})
"""Keywords that hold values, not schemas."""
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaSet:
    entry: str
    """URI of the schema a document must satisfy."""
    documents: Mapping[str, Schema]
    """By URI; a file may have two, its `$id` and the one it is referred to by."""


@dataclass(frozen=True, slots=True)
class Reference:
    base: str
    """URI of the schema it stands in."""
    target: str
    """As written."""

    @property
    def document(self) -> str:
        """URI of the file it leads to. A base that is a URN joins nothing, not even a fragment."""
        return urldefrag(self.base if self.target.startswith("#") else urljoin(self.base, self.target)).url


def read_set(entry: Path, folder: Path) -> SchemaSet:
    """The schema `entry` and all it refers to. Raises `Misconfigured` naming the file and the reference."""
    start = urljoin(_HOME, entry.resolve().relative_to(folder.resolve()).as_posix())
    documents: dict[str, Schema] = {}
    waiting = [(start, entry)]
    first = ""
    while waiting:
        uri, path = waiting.pop()
        schema = _read(path, dialect=uri == start)
        own = schema.get("$id", uri)
        first = first or own
        documents |= {uri: schema, own: schema, **dict(_embedded(schema, own))}
        waiting += [
            (reference.document, _file(reference, path, folder))
            for reference in references(schema, own)
            if not reference.document.startswith(_META) and reference.document not in documents
        ]
    return SchemaSet(first, documents)


def references(schema: Schema, base: str) -> Iterator[Reference]:
    for place, inside in subschemas(schema, base):
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(target := inside.get(keyword), str):
                yield Reference(place, target)


def subschemas(schema: Schema, base: str) -> Iterator[tuple[str, Schema]]:
    """Every object in a schema that may be one itself, and the base URI there."""
    waiting: list[tuple[str, Any]] = [(base, schema)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, Mapping):
            if isinstance(named := node.get("$id"), str):
                place = urljoin(place, named)
            yield place, node
            waiting += [(place, value) for name, value in node.items() if name not in VALUES]
        elif isinstance(node, list):
            waiting += [(place, value) for value in node]


def _embedded(schema: Schema, base: str) -> Iterator[tuple[str, Schema]]:
    return ((place, inside) for place, inside in subschemas(schema, base) if "$id" in inside and inside is not schema)


def _read(path: Path, *, dialect: bool) -> Schema:
    try:
        schema = read_value(path.read_bytes(), limit=_MAX_FILE)
    except OSError as cause:
        raise Misconfigured(
            f"schema file {path} cannot be read: {cause_told(cause, 'en')}",
            f"{path} ist nicht lesbar: {cause_told(cause, 'de')}",
        ) from cause
    except NotStrictJson as cause:
        raise Misconfigured(
            f"{path}: {cause.en} {cause.place}".rstrip(), f"{path}: {cause.de} {cause.place}".rstrip()
        ) from cause
    if not isinstance(schema, dict):
        raise Misconfigured(f"{path} is not a JSON schema", f"{path} ist kein JSON-Schema")
    if schema.get("$schema", "" if dialect else DIALECT) != DIALECT:
        raise Misconfigured(f"{path}: $schema must be {DIALECT}", f"{path}: $schema muss {DIALECT} sein")
    return schema


def _file(reference: Reference, path: Path, folder: Path) -> Path:
    location = urldefrag(reference.target).url
    target = (path.parent / location).resolve()
    if urlsplit(location).scheme or not target.is_relative_to(folder.resolve()):
        raise Misconfigured(
            f"{path}: {reference.target} leads out of the package",
            f"{path}: {reference.target} führt aus dem Paket hinaus",
        )
    if not target.is_file():
        raise Misconfigured(f"{path}: the file {location} is missing", f"{path}: die Datei {location} fehlt")
    return target

"""Registering a published standard: read, identify, resolve, compile twice, try the samples, write it all down."""

import posixpath
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

import xmlschema
from lxml import etree

from amtsbote.errors import AmtsboteError, Misconfigured
from schemas.genericode import read_code_list
from schemas.reading import Unreadable, read_document
from schemas.schematron.extra import saxon_is_here
from schemas.standards.bounding import bounded
from schemas.standards.choosing import Choice, Wanted, choose
from schemas.standards.documents import XS, Identity, SchemaDocument
from schemas.standards.engines import SECOND_OPINION_BYTES, Engine, with_libxml2, with_xmlschema
from schemas.standards.library import LINKED, PUBLISHED, Library
from schemas.standards.linking import DRIVER, Closure, Missing, close_over, link, within
from schemas.standards.lock import LOCK, Grades, Lock, LockedDocument, LockedList, LockedSample, LockedUnit, digests
from schemas.standards.order import Registered, Step
from schemas.standards.own_rules import OwnRules
from schemas.standards.published import read_published
from schemas.standards.resolving import Folder, Resolver
from schemas.standards.trying import MOST_TAGS, with_reasons, with_rules
from schemas.traits import traits_of
from schemas.xsd import prefixes_of, read_closure

SECONDS: Final = 20
"""Of CPU time for one sample: twice what a message gets."""
_NAMED: Final = 20
_MARK: Final = re.compile(r"(?:[A-Z_][\w.-]*)?version", re.ASCII | re.IGNORECASE)


def register(
    library: Library,
    path: Path,
    wanted: Wanted,
    outside: Folder | None,
    now: datetime,
    tell: Callable[[Step], None],
) -> Registered:
    """Register what lies at `path`. `outside`: a catalogue given beside it. `tell` hears what is being done.

    Raises `Misconfigured` that names the file and what to do; then nothing has been written.
    """
    tell("read")
    files = read_published(path)
    tell("resolve")
    resolver = Resolver(files, outside, library.block)
    if not resolver.documents:
        raise Misconfigured(f"{path} holds no XML schema (.xsd)", f"{path} enthält kein XML-Schema (.xsd)")
    choice = choose(resolver.documents, close_over(resolver.documents.values(), resolver), wanted)
    closure = close_over(choice.entries, resolver)
    if closure.missing:
        raise _incomplete(closure.missing)
    prefixes = prefixes_of(each.root for each in closure.documents.values())
    rules = OwnRules(wanted.when, prefixes)
    if library.holds(choice.identity):
        return Registered(_same(library, choice, closure, wanted), new=False)
    with library.adding(choice.identity) as folder:
        _publish(
            folder, {**_beside_the_schemas(files), **{each.name: each.data for each in closure.documents.values()}}
        )
        tell("compile")
        units = [*_units(folder, choice.entries, resolver)]
        tell("samples")
        samples = [*_tried(files, units, large_texts=wanted.large_texts)]
        lock = Lock(
            kennung=choice.identity.kennung,
            version=choice.identity.version,
            title=choice.title,
            registered_at=now,
            documents=tuple(_locked(closure, each) for each in closure.documents.values()),
            units=tuple(unit.locked for unit in units),
            samples=tuple(samples),
            version_marks=tuple(sorted(_version_marks(closure, choice.identity.version))),
            when=wanted.when,
            large_texts=wanted.large_texts,
            prefixes=prefixes if wanted.when else {},
            unfitting=tuple(rules.unfitting(_read(files, samples))),
            grades=wanted.grades or Grades(),
            code_lists=tuple(_code_lists(files)),
            schematron=tuple(name for name in sorted(files) if _is_schematron(name, files[name])),
            copies=choice.copies,
            doubts=tuple(doubt for unit in units for doubt in unit.doubts),
            files=digests(folder),
        )
        lock = with_reasons(folder, lock)
        if lock.schematron and saxon_is_here():
            tell("rules")
            lock = with_rules(folder, lock)
        (folder / LOCK).write_text(lock.model_dump_json(indent=1), "utf-8")
    return Registered(lock, new=True)


def _same(library: Library, choice: Choice, closure: Closure, wanted: Wanted) -> Lock:
    """The lock of the standard registered under this identity, if its schema files are these."""
    lock = library.find(str(choice.identity))
    now = {f"{PUBLISHED}/{each.name}": sha256(each.data).hexdigest() for each in closure.documents.values()}
    then = {f"{PUBLISHED}/{each.name}": lock.files.get(f"{PUBLISHED}/{each.name}") for each in lock.documents}
    if now != then:
        raise _other_files(choice.identity)
    if wanted.grades not in (None, lock.grades):
        raise _other_grades(choice.identity)
    if wanted.when and wanted.when != lock.when:
        raise _other_option(choice.identity, "--when")
    if wanted.large_texts and not lock.large_texts:
        raise _other_option(choice.identity, "--large-texts")
    return lock


def _other_files(identity: Identity) -> Misconfigured:
    return Misconfigured(
        f"{identity} is registered already with other files: a version never changes; remove it first if it must",
        f"{identity} ist bereits mit anderen Dateien registriert: Eine Version ändert sich nie; "
        "muss es sein, bitte zuerst entfernen",
    )


def _other_grades(identity: Identity) -> Misconfigured:
    return Misconfigured(
        f"{identity} is registered already with other grades: remove it first, then register it with these",
        f"{identity} ist bereits mit anderen Einstufungen registriert: "
        "bitte zuerst entfernen und dann mit diesen registrieren",
    )


def _other_option(identity: Identity, option: str) -> Misconfigured:
    return Misconfigured(
        f"{identity} is registered already with another {option}: remove it first, then register it anew",
        f"{identity} ist bereits mit anderem {option} registriert: erst entfernen, dann neu registrieren",
    )


def _incomplete(missing: Sequence[Missing]) -> Misconfigured:
    lines = [
        f"{each.document}:{each.line}: xs:{each.kind} {each.location or '-'} ({each.namespace or '-'})"
        for each in missing[:_NAMED]
    ]
    listed = "\n  ".join([*lines, *(["…"] if len(missing) > _NAMED else [])])
    return Misconfigured(
        f"references that lead to no file: {len(missing)}; add the files, name a catalogue with --catalog, "
        f"or register the building block first:\n  {listed}",
        f"Verweise, die zu keiner Datei führen: {len(missing)}; bitte die Dateien ergänzen, mit --catalog "
        f"einen Katalog nennen oder zuerst den Baustein registrieren:\n  {listed}",
    )


def _publish(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / PUBLISHED / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _beside_the_schemas(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What else is kept of a set: code lists, rules, catalogues, samples. Schema files only where they are used."""
    return {name: data for name, data in files.items() if posixpath.splitext(name)[1].lower() in _KEPT}


_KEPT: Final = frozenset({".xml", ".gml", ".gc", ".sch", ".xsl", ".xslt", ".json"})


@dataclass(frozen=True, slots=True)
class _Unit:
    """A compiled set."""

    locked: LockedUnit
    schema: etree.XMLSchema | None
    second: xmlschema.XMLSchemaBase | None
    doubts: tuple[str, ...]

    def verdict(self, root: etree._Element, data: bytes) -> tuple[bool, bool | None]:
        """By the engine of the unit, and by xmlschema beside libxml2."""
        asked = self.second if len(data) <= SECOND_OPINION_BYTES or self.schema is None else None
        opinion = None if asked is None else asked.is_valid(data)
        return (bool(opinion), None) if self.schema is None else (self.schema.validate(root), opinion)


class _Refused(AmtsboteError):
    """A set that no engine compiles."""


def _units(folder: Path, entries: Sequence[SchemaDocument], resolver: Resolver) -> Iterator[_Unit]:
    """One set for all entries, or one for each where they contradict each other."""
    try:
        yield _unit(folder, 1, entries, resolver)
    except _Refused as refused:
        if len(entries) == 1:
            raise _uncompiled(entries[0], refused) from refused
        for number, entry in enumerate(entries, 1):
            try:
                unit = _unit(folder, number, (entry,), resolver)
            except _Refused as why:
                raise _uncompiled(entry, why) from why
            if unit.locked.roots:
                yield unit
            else:
                shutil.rmtree(folder / unit.locked.folder)


def _uncompiled(entry: SchemaDocument, why: _Refused) -> Misconfigured:
    return Misconfigured(f"{entry.name} does not compile: {why}", f"{entry.name} lässt sich nicht übersetzen: {why}")


def _unit(folder: Path, number: int, entries: Sequence[SchemaDocument], resolver: Resolver) -> _Unit:
    closure = close_over(entries, resolver)
    home = folder / LINKED / str(number)
    home.mkdir(parents=True, exist_ok=True)
    for name, data in link(closure, entries).items():
        (home / name).write_bytes(data)
    roots = tuple(_roots(closure, entries))
    try:
        schema = with_libxml2(home)
    except etree.XMLSchemaParseError as cause:
        return _left_to_xmlschema(home, roots, cause)
    locked = _locked_unit(home, Engine.LIBXML2, roots)
    try:
        return _Unit(locked, schema, with_xmlschema(home, Engine.LIBXML2), ())
    except xmlschema.XMLSchemaException as doubt:
        names = ", ".join(entry.name for entry in entries[:_NAMED])
        return _Unit(locked, schema, None, (f"{names}: {_first_line(doubt)}",))


def _locked_unit(home: Path, engine: Engine, roots: tuple[str, ...]) -> LockedUnit:
    traits = traits_of(read_closure(home / DRIVER, home))
    return LockedUnit(folder=f"{LINKED}/{home.name}", engine=engine, roots=roots, traits=traits)


def _left_to_xmlschema(home: Path, roots: tuple[str, ...], cause: Exception) -> _Unit:
    try:
        second = with_xmlschema(home, Engine.XSD11)
    except xmlschema.XMLSchemaException as also:
        shutil.rmtree(home)
        raise _Refused(f"{_first_line(cause)}; {_first_line(also)}") from also
    return _Unit(_locked_unit(home, Engine.XSD11, roots), None, second, ())


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300].rstrip(":")


def _roots(closure: Closure, entries: Sequence[SchemaDocument]) -> Iterator[str]:
    """Global elements that are not abstract, of the entries and what belongs to them."""
    for entry in entries:
        for name in (entry.name, *sorted(within(closure, entry.name))):
            for node in closure.documents[name].root.iterchildren(f"{XS}element"):
                if node.get("abstract") not in ("true", "1"):
                    yield f"{{{entry.namespace}}}{node.get('name')}" if entry.namespace else node.get("name", "")


def _version_marks(closure: Closure, version: str) -> set[str]:
    """Attributes without a namespace called `…version` that may only hold this version, as XJustiz has one. Their names
    become part of an XPath, so what is no plain name is none of them."""
    return {
        name
        for document in closure.documents.values()
        for node in document.root.iter(f"{XS}attribute")
        if node.get("fixed") == version and _MARK.fullmatch(name := node.get("name", ""))
    }


def _tried(files: Mapping[str, bytes], units: Sequence[_Unit], *, large_texts: bool) -> Iterator[LockedSample]:
    """Every document of the set that begins like a message, with the verdict on it: of the first set that takes it."""
    homes: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        for tag in dict.fromkeys(unit.locked.roots):
            homes[tag].append(unit)
    for name, data in sorted(files.items()):
        if posixpath.splitext(name)[1].lower() not in (".xml", ".gml"):
            continue
        try:
            root = read_document(data, MOST_TAGS, large_texts=large_texts)
        except Unreadable:
            continue
        if taking := homes.get(str(root.tag)):
            try:
                valid, second = bounded(partial(_verdict, taking, root, data), SECONDS)
            except TimeoutError:
                yield LockedSample(name=name, valid=False, second=None, late=SECONDS)
            else:
                yield LockedSample(name=name, valid=valid, second=second)


def _verdict(units: Sequence[_Unit], root: etree._Element, data: bytes) -> tuple[bool, bool | None]:
    verdicts = [unit.verdict(root, data) for unit in units]
    return next((each for each in verdicts if each[0]), verdicts[0])


def _read(files: Mapping[str, bytes], samples: Sequence[LockedSample]) -> Iterator[tuple[str, etree._Element]]:
    """The valid samples."""
    return ((each.name, read_document(files[each.name], MOST_TAGS, large_texts=True)) for each in samples if each.valid)


def _code_lists(files: Mapping[str, bytes]) -> Iterator[LockedList]:
    for name, data in sorted(files.items()):
        if (found := read_code_list(data)) is not None:
            yield LockedList(name=name, uri=found.uri, version=found.version, title=found.title)


def _is_schematron(name: str, data: bytes) -> bool:
    """A rule set, or what could be one: files that are included by others begin otherwise."""
    if not name.lower().endswith(".sch"):
        return False
    root = _parsed(data)
    return root is None or etree.QName(root).localname == "schema"


def _parsed(data: bytes) -> etree._Element | None:
    try:
        return read_document(data, MOST_TAGS)
    except Unreadable:
        return None


def _locked(closure: Closure, document: SchemaDocument) -> LockedDocument:
    links = tuple(closure.links[document.name, number] for number in range(len(document.references)))
    return LockedDocument(name=document.name, namespace=document.namespace, links=links)

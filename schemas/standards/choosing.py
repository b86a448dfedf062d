"""Which standard a published set is, and which of its files are the ones to begin with."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from amtsbote.errors import Misconfigured
from schemas.standards.documents import KENNUNG, VERSION, Identity, SchemaDocument
from schemas.standards.linking import Closure, unreferenced
from schemas.standards.lock import Grades


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who registers said beside the path."""

    kennung: str = ""
    version: str = ""
    entries: tuple[str, ...] = ()
    """Names of schema files within the set."""
    grades: Grades | None = None
    """None where nothing was said of them."""
    when: tuple[str, ...] = ()
    """XPath conditions by which its messages are told."""
    large_texts: bool = False
    """Whether a text of its messages may have more than 10 MB."""


@dataclass(frozen=True, slots=True)
class Choice:
    identity: Identity
    title: str
    entries: tuple[SchemaDocument, ...]
    copies: tuple[str, ...] = field(default=())
    """Files left out because another folder of the set holds the same one."""


def choose(documents: Mapping[str, SchemaDocument], closure: Closure, wanted: Wanted) -> Choice:
    """Raises `Misconfigured` when the set does not say who it is, or says so of several standards at once."""
    entries = _named(documents, wanted.entries) or [each for each in unreferenced(closure) if each.name in documents]
    if not entries:
        raise Misconfigured(
            "no schema file to begin with: name it with --entry",
            "keine Schemadatei, mit der zu beginnen wäre: bitte mit --entry nennen",
        )
    spaces = {entry.namespace for entry in entries}
    said = {each.identity for each in documents.values() if each.identity and each.namespace in spaces}
    identity = _usable(_identity(said, wanted))
    if identity in said and not wanted.entries:
        own = {each.namespace for each in documents.values() if each.identity == identity}
        entries = [entry for entry in entries if entry.namespace in own]
    kept, copies = _without_copies(documents, entries)
    titles = [each.title for each in documents.values() if each.identity == identity and each.title]
    return Choice(identity, titles[0] if titles else identity.kennung.rpartition(":")[2], kept, copies)


def _named(documents: Mapping[str, SchemaDocument], names: Collection[str]) -> list[SchemaDocument]:
    for name in names:
        if name not in documents:
            near = ", ".join(get_close_matches(name, documents, 3, 0.3))
            raise Misconfigured(
                f"--entry {name}: there is no such schema file in the set; near it: {near or 'none'}",
                f"--entry {name}: diese Schemadatei gibt es im Satz nicht; ähnlich: {near or 'keine'}",
            )
    return [documents[name] for name in names]


def _identity(said: Collection[Identity], wanted: Wanted) -> Identity:
    fitting = [each for each in said if wanted.kennung in ("", each.kennung) and wanted.version in ("", each.version)]
    if len(fitting) == 1:
        return fitting[0]
    if len(fitting) > 1:
        listed = ", ".join(sorted(map(str, fitting)))
        raise Misconfigured(
            f"the set holds several standards: {listed}; choose one with --kennung and --version",
            f"der Satz enthält mehrere Standards: {listed}; bitte mit --kennung und --version einen wählen",
        )
    if wanted.kennung and wanted.version and not said:
        return Identity(wanted.kennung, wanted.version)
    listed = ", ".join(sorted(map(str, said)))
    if said:
        raise Misconfigured(
            f"the set says it is {listed}, not what --kennung and --version say",
            f"der Satz nennt sich {listed}, nicht wie --kennung und --version sagen",
        )
    raise Misconfigured(
        "the schema files do not say which standard they are (no kennung and version in xs:appinfo): "
        "give --kennung and --version",
        "die Schemadateien sagen nicht, welcher Standard sie sind (keine Kennung und Version in xs:appinfo): "
        "bitte --kennung und --version angeben",
    )


def _usable(identity: Identity) -> Identity:
    if re.fullmatch(KENNUNG, identity.kennung) and re.fullmatch(VERSION, identity.version):
        return identity
    named = f"{identity.kennung!r}, {identity.version!r}"
    raise Misconfigured(
        f"this names no standard: {named}; the kennung is a URN of at most 204 letters, digits and :._-, "
        "the version at most 32 letters, digits and ._-",
        f"das bezeichnet keinen Standard: {named}; die Kennung ist eine URN aus höchstens 204 Buchstaben, Ziffern und "
        ":._-, die Version höchstens 32 Buchstaben, Ziffern und ._-",
    )


def _without_copies(
    documents: Mapping[str, SchemaDocument], entries: Collection[SchemaDocument]
) -> tuple[tuple[SchemaDocument, ...], tuple[str, ...]]:
    """A ZIP of the XRepository often holds every file twice, with absolute and with relative imports: of two that have
    name and namespace in common the one in the fuller folder is taken."""
    sizes = {_folder(name): 0 for name in documents}
    for name in documents:
        sizes[_folder(name)] += 1
    best: dict[tuple[str, str], SchemaDocument] = {}
    for entry in sorted(entries, key=lambda each: (-sizes[_folder(each.name)], each.name)):
        best.setdefault((entry.namespace, entry.name.rpartition("/")[2]), entry)
    kept = tuple(entry for entry in entries if entry in best.values())
    return kept, tuple(entry.name for entry in entries if entry not in kept)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]

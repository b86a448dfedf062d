"""From published schema files to closed sets that a validator can load: every reference resolved, none left to chance.

libxml2 only warns when an import cannot be loaded, takes the first of several imports of one namespace and forgets the
others. So each reference is resolved here, and a set is written in which every reference is a file beside the one that
refers, and every namespace has one home.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from schemas.standards.documents import KINDS, XS, XSD, Reference, SchemaDocument

DRIVER: Final = "schema.xsd"
"""The file of a linked set that a validator loads."""
DRIVER_NAMESPACE: Final = "urn:amtsbote:schema:driver"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")

Resolve = Callable[[SchemaDocument, Reference], SchemaDocument | None]


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference that leads to nothing we hold."""

    document: str
    line: int
    kind: str
    namespace: str
    location: str


@dataclass(slots=True)
class Closure:
    """Documents reachable from some entries, and where each of their references leads."""

    documents: dict[str, SchemaDocument] = field(default_factory=dict)
    links: dict[tuple[str, int], str] = field(default_factory=dict)
    """(name of the document, number of its reference) → name of the document referred to."""
    missing: list[Missing] = field(default_factory=list)

    def targets(self, name: str, *kinds: str) -> Iterator[str]:
        for number, reference in enumerate(self.documents[name].references):
            if reference.kind in kinds:
                yield self.links[name, number]


def close_over(entries: Iterable[SchemaDocument], resolve: Resolve) -> Closure:
    """Everything the entries need."""
    closure = Closure()
    waiting = list(entries)
    while waiting:
        document = waiting.pop()
        if document.name in closure.documents:
            continue
        closure.documents[document.name] = document
        for number, reference in enumerate(document.references):
            target = resolve(document, reference)
            if target is None:
                line = reference.node.sourceline or 0
                closure.missing.append(
                    Missing(document.name, line, reference.kind, reference.namespace, reference.location)
                )
                continue
            closure.links[document.name, number] = target.name
            waiting.append(target)
    return closure


def unreferenced(closure: Closure) -> tuple[SchemaDocument, ...]:
    """Documents that no other one refers to, in the order of their names."""
    referred = {target for (name, _), target in closure.links.items() if target != name}
    return tuple(document for name, document in sorted(closure.documents.items()) if name not in referred)


def link(closure: Closure, entries: Sequence[SchemaDocument]) -> Mapping[str, bytes]:
    """File name → bytes of a closed set whose `DRIVER` leads to all entries."""
    homes = _homes(closure, entries)
    files = {_file(closure, name): _rewritten(closure, name, homes) for name in closure.documents}
    for namespace, members in homes.items():
        if len(members) > 1:
            files[_home(closure, homes, namespace)] = _wrapper(closure, namespace, members)
    spaces = dict.fromkeys(entry.namespace for entry in entries)
    files[DRIVER] = _driver({space: _home(closure, homes, space) for space in spaces})
    return files


def _homes(closure: Closure, entries: Sequence[SchemaDocument]) -> Mapping[str, tuple[str, ...]]:
    """Namespace → the documents that together hold what is imported from it. One that another of them includes or
    redefines comes along with that one."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        wanted[entry.namespace].add(entry.name)
    for name in closure.documents:
        for number, reference in enumerate(closure.documents[name].references):
            if reference.kind == "import":
                wanted[reference.namespace].add(closure.links[name, number])
    covered = {name: within(closure, name) for names in wanted.values() for name in names}
    return {
        namespace: tuple(sorted(name for name in names if not _held(name, names, covered)))
        for namespace, names in wanted.items()
    }


def _held(name: str, others: set[str], covered: Mapping[str, frozenset[str]]) -> bool:
    """Whether another one brings it along; of two that include each other the first by name stays."""
    return any(name in covered[other] and (other not in covered[name] or other < name) for other in others - {name})


def within(closure: Closure, start: str) -> frozenset[str]:
    """Names of what a document includes or redefines, and they in turn; not its own."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in closure.targets(waiting.pop(), "include", "redefine", "override"):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found - {start})


def _file(closure: Closure, name: str) -> str:
    """A plain name of ours: the published one may hold anything."""
    number = list(closure.documents).index(name)
    return f"{number:03d}-{_UNSAFE.sub('_', name.rsplit('/', 1)[-1])}"


def _home(closure: Closure, homes: Mapping[str, tuple[str, ...]], namespace: str) -> str:
    members = homes[namespace]
    return _file(closure, members[0]) if len(members) == 1 else f"namespace-{list(homes).index(namespace)}.xsd"


def _rewritten(closure: Closure, name: str, homes: Mapping[str, tuple[str, ...]]) -> bytes:
    document = closure.documents[name]
    root = deepcopy(document.root)
    nodes = root.iterchildren(*KINDS)
    for number, (node, reference) in enumerate(zip(nodes, document.references, strict=True)):
        if reference.kind == "import":
            node.set("schemaLocation", _home(closure, homes, reference.namespace))
        else:
            node.set("schemaLocation", _file(closure, closure.links[name, number]))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _wrapper(closure: Closure, namespace: str, members: Iterable[str]) -> bytes:
    root = etree.Element(f"{XS}schema", nsmap={"xs": XSD})
    if namespace:
        root.set("targetNamespace", namespace)
    for member in members:
        etree.SubElement(root, f"{XS}include", schemaLocation=_file(closure, member))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _driver(homes: Mapping[str, str]) -> bytes:
    """Imports every entry namespace."""
    root = etree.Element(f"{XS}schema", nsmap={"xs": XSD}, targetNamespace=DRIVER_NAMESPACE)
    for namespace, home in homes.items():
        node = etree.SubElement(root, f"{XS}import", schemaLocation=home)
        if namespace:
            node.set("namespace", namespace)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

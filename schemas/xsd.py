"""Schema files of a package: the closed set they form, and the names and types they declare.

libxml2 only warns when an import cannot be loaded, and the schema then means less than its author wrote. So every
reference is followed here first, and one that leads nowhere, out of the package or to the network is an error.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from amtsbote.errors import Misconfigured
from schemas.reading import read_file

XSD: Final = "http://www.w3.org/2001/XMLSchema"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_XS: Final = f"{{{XSD}}}"
OVERRIDE: Final = f"{_XS}override"
_REFERENCES: Final = frozenset({f"{_XS}import", f"{_XS}include", f"{_XS}redefine", OVERRIDE})
_REDEFINING: Final = (f"{_XS}redefine", OVERRIDE)
_GLOBAL: Final = tuple(
    _XS + name for name in ("element", "attribute", "complexType", "simpleType", "group", "attributeGroup")
)
_ASSERTIONS: Final = (f"{_XS}assert", f"{_XS}assertion")
_CONSTRAINTS: Final = tuple(_XS + name for name in ("key", "unique", "keyref"))


@dataclass(frozen=True, slots=True)
class XsdFile:
    path: Path
    root: etree._Element
    namespace: str
    """Its own, or for one without that of the file that includes it."""


def read_closure(entry: Path, folder: Path) -> tuple[XsdFile, ...]:
    """The schema file `entry` and every file it imports or includes, each once for each namespace it is read into.

    Raises `Misconfigured` naming the file when one is missing, lies outside `folder`, is an address, is not plain XML,
    or when one namespace is imported from two files (libxml2 would take the first and forget the other).
    """
    found: dict[tuple[Path, str], XsdFile] = {}
    homes: dict[str, Path] = {}
    waiting = [(entry, "")]
    while waiting:
        path, into = waiting.pop()
        if (path, into) in found:
            continue
        root = _parse(path)
        found[path, into] = file = XsdFile(path, root, root.get("targetNamespace", into))
        for kind, namespace, target in _references(file, folder):
            if kind == "import" and homes.setdefault(namespace, target) != target:
                both = target, homes[namespace]
                raise Misconfigured(
                    f"{path}: namespace {namespace} is imported from {both[0]} and {both[1]}",
                    f"{path}: Der Namensraum {namespace} wird aus {both[0]} und aus {both[1]} importiert",
                )
            waiting.append((target, "" if kind == "import" else file.namespace))
    return tuple(found.values())


def prefixes_of(roots: Iterable[etree._Element], given: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Prefix → namespace: those given, then as schema files use them, the first one for each. A namespace of theirs
    without one gets `ns`, `ns2` and so on, because XPath knows no default namespace."""
    found, files = dict(given), tuple(roots)
    for prefix, space in (item for root in files for item in root.nsmap.items()):
        if prefix and space and space not in found.values():
            found.setdefault(prefix, space)
    made = (name for number in count(1) if (name := f"ns{number}" if number > 1 else "ns") not in found)
    for space in dict.fromkeys(root.get("targetNamespace", "") for root in files):
        if space and space not in {*found.values(), _XML}:
            found[next(made)] = space
    return found


def _parse(path: Path) -> etree._Element:
    try:
        root = read_file(path.read_bytes())
    except (OSError, etree.XMLSyntaxError) as cause:
        raise Misconfigured(f"{path} cannot be read: {cause}", f"{path} ist nicht lesbar: {cause}") from cause
    if root.getroottree().docinfo.internalDTD is not None:
        raise Misconfigured(f"{path} has a DOCTYPE", f"{path} enthält eine DOCTYPE-Deklaration")
    if root.tag != f"{_XS}schema":
        raise Misconfigured(f"{path} is not an XML schema", f"{path} ist kein XML-Schema")
    return root


def _references(file: XsdFile, folder: Path) -> Iterator[tuple[str, str, Path]]:
    for child in file.root:
        if child.tag not in _REFERENCES:
            continue
        location = child.get("schemaLocation")
        if not location:
            namespace = child.get("namespace", "")
            raise Misconfigured(
                f"{file.path}: a reference without schemaLocation ({namespace})",
                f"{file.path}: ein Verweis ohne schemaLocation ({namespace})",
            )
        target = (file.path.parent / location).resolve()
        if "://" in location or not target.is_relative_to(folder.resolve()):
            raise Misconfigured(
                f"{file.path}: {location} leads out of the package",
                f"{file.path}: {location} führt aus dem Paket hinaus",
            )
        if not target.is_file():
            raise Misconfigured(
                f"{file.path}: the file {location} is missing", f"{file.path}: Die Datei {location} fehlt"
            )
        yield etree.QName(child).localname, child.get("namespace", ""), target


def documentation(node: Any) -> Sequence[str]:
    """Texts of the annotation of a declaration. `node`: an element of lxml, or of the standard library."""
    notes = node.findall(f"{_XS}annotation/{_XS}documentation")
    return [" ".join("".join(map(str, each.itertext())).split()) for each in notes]


class Vocabulary:
    """Names and declarations of a set of schema files. Names are in Clark notation: `{namespace}local`."""

    def __init__(self, files: Sequence[XsdFile], prefixes: Mapping[str, str]) -> None:
        """`prefixes`: namespace → prefix that paths and type names show."""
        self._prefixes = {**prefixes, XSD: "xs", _XML: "xml"}
        self._files = files
        self._spaces = {file.root: file for file in files}
        self._declared = {self._key(file, node): node for file in files for node in file.root.iterchildren(*_GLOBAL)}
        self._redefined = {
            self._key(file, node): node
            for file in files
            for around in file.root.iterchildren(*_REDEFINING)
            for node in around.iterchildren(*_GLOBAL)
        }
        self.constraints = {self._key(file, node)[1]: node for file in files for node in file.root.iter(*_CONSTRAINTS)}
        """`xs:key`, `xs:unique` and `xs:keyref` by their names, which are global wherever they stand."""
        self.assertions = tuple(node for file in files for node in file.root.iter(*_ASSERTIONS))
        """`xs:assert` and `xs:assertion`, which have no names."""
        self._elements = frozenset(map(self.name_of, self.nodes("element")))
        self._attributes = frozenset(map(self.name_of, self.nodes("attribute")))

    def _key(self, file: XsdFile, node: etree._Element) -> tuple[str, str]:
        name = node.get("name", "")
        return str(node.tag), f"{{{file.namespace}}}{name}" if file.namespace else name

    def nodes(self, kind: str) -> Iterator[etree._Element]:
        """Declarations of the kind with a name, wherever they stand."""
        return (node for file in self._files for node in file.root.iter(f"{_XS}{kind}") if node.get("name"))

    def declared(self, kind: str, clark: str, asking: etree._Element | None = None) -> etree._Element | None:
        """The global declaration. Within a redefinition, where `asking` stands, its own name means the original."""
        key = (f"{_XS}{kind}", clark)
        redefined = self._redefined.get(key)
        if redefined is None or (asking is not None and redefined in asking.iterancestors()):
            return self._declared.get(key)
        return redefined

    def name_of(self, node: etree._Element) -> str:
        """Name of a declaration: qualified when it is global or its form says so."""
        if ref := node.get("ref"):
            return self.clark(node, ref)
        file = self._spaces[node.getroottree().getroot()]
        default = file.root.get(f"{etree.QName(node).localname}FormDefault", "unqualified")
        qualified = node.getparent() is file.root or node.get("form", default) == "qualified"
        name = node.get("name", "")
        return f"{{{file.namespace}}}{name}" if qualified and file.namespace else name

    def clark(self, node: etree._Element, name: str) -> str:
        """A name without a namespace means, in a file without one, that of the file that includes it."""
        prefix, colon, local = name.rpartition(":")
        space = node.nsmap.get(prefix if colon else None) or self._into(node)
        return f"{{{space}}}{local}" if space else local

    def _into(self, node: etree._Element) -> str:
        file = self._spaces[node.getroottree().getroot()]
        return "" if "targetNamespace" in file.root.attrib else file.namespace

    def show(self, clark: str) -> str:
        """`prefix:local` as paths and type names show it."""
        name = etree.QName(clark)
        prefix = self._prefixes.get(name.namespace or "")
        return f"{prefix}:{name.localname}" if prefix else name.localname

    def element(self, clark: str) -> str | None:
        """How to show the element name, or None when the schema does not know it: then it is the sender's word."""
        return self.show(clark) if clark in self._elements else None

    def attribute(self, clark: str) -> str | None:
        return self.show(clark) if clark in self._attributes else None

    def type_name(self, declaration: etree._Element) -> str:
        """Name of the type an element is declared with; empty when the type has none."""
        if ref := declaration.get("ref"):
            declaration = self._declared.get((f"{_XS}element", self.clark(declaration, ref)), declaration)
        named = declaration.get("type")
        return self.show(self.clark(declaration, named)) if named else ""

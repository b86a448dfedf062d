"""Schema files of a package: the closed set they form, and the names and types they declare.

libxml2 only warns when an import cannot be loaded, and the schema then means less than its author wrote. So every
reference is followed here first, and one that leads nowhere, out of the package or to the network is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured

XSD: Final = "http://www.w3.org/2001/XMLSchema"
_XS: Final = f"{{{XSD}}}"
OVERRIDE: Final = f"{_XS}override"
_REFERENCES: Final = frozenset({f"{_XS}import", f"{_XS}include", f"{_XS}redefine", OVERRIDE})
_CONTAINERS: Final = frozenset(
    _XS + name for name in ("complexType", "sequence", "choice", "all", "complexContent", "restriction", "group")
)


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
                raise Misconfigured(f"{path}: namespace {namespace} is imported from {target} and {homes[namespace]}")
            waiting.append((target, "" if kind == "import" else file.namespace))
    return tuple(found.values())


def _parse(path: Path) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except (OSError, etree.XMLSyntaxError) as cause:
        raise Misconfigured(f"schema file {path} cannot be read: {cause}") from cause
    if root.getroottree().docinfo.internalDTD is not None:
        raise Misconfigured(f"schema file {path} has a DOCTYPE")
    if root.tag != f"{_XS}schema":
        raise Misconfigured(f"{path} is not an XML schema")
    return root


def _references(file: XsdFile, folder: Path) -> Iterator[tuple[str, str, Path]]:
    for child in file.root:
        if child.tag not in _REFERENCES:
            continue
        location = child.get("schemaLocation")
        if not location:
            raise Misconfigured(f"{file.path}: a reference without schemaLocation ({child.get('namespace', '')})")
        target = (file.path.parent / location).resolve()
        if "://" in location or not target.is_relative_to(folder.resolve()):
            raise Misconfigured(f"{file.path}: {location} leads out of the package")
        if not target.is_file():
            raise Misconfigured(f"{file.path}: the file {location} is missing")
        yield etree.QName(child).localname, child.get("namespace", ""), target


class Vocabulary:
    """Names and types that a set of schema files declares. Names are in Clark notation: `{namespace}local`."""

    def __init__(self, files: Sequence[XsdFile], prefixes: Mapping[str, str]) -> None:
        """`prefixes`: namespace → prefix that paths and type names show."""
        self._prefixes = {**prefixes, XSD: "xs"}
        self._spaces = {file.root: file for file in files}
        self._declared = {
            (child.tag, f"{{{file.namespace}}}{child.get('name')}" if file.namespace else child.get("name", "")): child
            for file in files
            for child in file.root.iterchildren(f"{_XS}element", f"{_XS}complexType", f"{_XS}simpleType", f"{_XS}group")
        }
        self._elements = self._names(files, "element")
        self._attributes = self._names(files, "attribute")

    def _names(self, files: Sequence[XsdFile], kind: str) -> frozenset[str]:
        return frozenset(
            self._name(node) for file in files for node in file.root.iter(f"{_XS}{kind}") if node.get("name")
        )

    def _name(self, node: etree._Element) -> str:
        """Name of a declaration: qualified when it is global or its form says so."""
        if ref := node.get("ref"):
            return self._clark(node, ref)
        file = self._spaces[node.getroottree().getroot()]
        default = file.root.get(f"{etree.QName(node).localname}FormDefault", "unqualified")
        qualified = node.getparent() is file.root or node.get("form", default) == "qualified"
        name = node.get("name", "")
        return f"{{{file.namespace}}}{name}" if qualified and file.namespace else name

    def _clark(self, node: etree._Element, name: str) -> str:
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

    def type_name(self, path: Sequence[str]) -> str:
        """Name of the declared type of the element at this path of names; empty when it has none or is not declared.

        `xsi:type` in a document is not followed.
        """
        node = self._declared.get((f"{_XS}element", path[0])) if path else None
        for name in path[1:]:
            node = next((each for each in self._particles(self._type_of(node)) if self._name(each) == name), None)
        if node is None:
            return ""
        if ref := node.get("ref"):
            node = self._declared.get((f"{_XS}element", self._clark(node, ref)), node)
        named = node.get("type")
        return self.show(self._clark(node, named)) if named else ""

    def _type_of(self, node: etree._Element | None) -> etree._Element | None:
        if node is None:
            return None
        if ref := node.get("ref"):
            return self._type_of(self._declared.get((f"{_XS}element", self._clark(node, ref))))
        if named := node.get("type"):
            return self._declared.get((f"{_XS}complexType", self._clark(node, named)))
        return node.find(f"{_XS}complexType")

    def _particles(self, node: etree._Element | None) -> Iterator[etree._Element]:
        if node is None:
            return
        for child in node:
            if child.tag == f"{_XS}element":
                yield child
            elif child.tag == f"{_XS}extension":
                yield from self._particles(
                    self._declared.get((f"{_XS}complexType", self._clark(child, child.get("base", ""))))
                )
                yield from self._particles(child)
            elif child.tag == f"{_XS}group" and (ref := child.get("ref")):
                yield from self._particles(self._declared.get((f"{_XS}group", self._clark(child, ref))))
            elif child.tag in _CONTAINERS:
                yield from self._particles(child)

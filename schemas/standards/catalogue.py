"""An OASIS XML catalogue: which file stands for which address (OASIS XML Catalogs 1.1, sections 6 and 7).

An address is asked for as a system identifier, a URI and a public identifier at once: a `schemaLocation` may be meant
as each of them. Targets are followed within the catalogue's folder only, and nothing is ever fetched.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import unquote

from lxml import etree

from amtsbote.errors import Misconfigured
from schemas.reading import read_file

_SPACE: Final = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"
_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/")
"""How what is no relative path begins."""
_EXACT: Final = {"uri": "name", "system": "systemId", "public": "publicId"}
_PREFIX: Final = {"rewriteURI": "uriStartString", "rewriteSystem": "systemIdStartString"}
_SUFFIX: Final = {"uriSuffix": "uriSuffix", "systemSuffix": "systemIdSuffix"}
_DELEGATE: Final = {
    "delegateURI": "uriStartString",
    "delegateSystem": "systemIdStartString",
    "delegatePublic": "publicIdStartString",
}
"""Kind of entry → its attribute that says for which addresses it is."""
Read = Callable[[str], bytes | None]
"""Name of a file → what is in it; None for one that is not there."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Addresses → targets, as paths from the folder that `read_catalogues` was told of."""

    name: str
    exact: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    suffixes: dict[str, str] = field(default_factory=dict)
    delegated: dict[str, str] = field(default_factory=dict)
    """Start of the addresses that another catalogue is to answer for → that one."""

    def lookup(self, address: str) -> str | None:
        """Path for the address. Raises `Misconfigured` where the answer lies outside of the folder, or the catalogue
        has another one answer for it by a `delegate` entry."""
        if (target := self._own(" ".join(address.split()))) is not None:
            return self._local(target)
        if (start := _longest(self.delegated, address.startswith)) is not None:
            raise Misconfigured(
                f"the catalogue {self.name} delegates {address} to {self.delegated[start]}: delegate entries are not "
                "followed; write nextCatalog instead",
                f"der Katalog {self.name} gibt {address} an {self.delegated[start]} weiter: delegate-Einträgen wird "
                "nicht gefolgt; bitte stattdessen nextCatalog schreiben",
            )
        return None

    def _own(self, address: str) -> str | None:
        if address in self.exact:
            return self.exact[address]
        if (start := _longest(self.prefixes, address.startswith)) is not None:
            return self.prefixes[start] + address.removeprefix(start)
        end = _longest(self.suffixes, address.endswith)
        return None if end is None else self.suffixes[end]

    def _local(self, target: str) -> str:
        if _ADDRESS.match(target):
            raise Misconfigured(
                f"the catalogue {self.name} leads to {target}: only relative paths are followed",
                f"der Katalog {self.name} führt zu {target}: nur relativen Pfaden wird gefolgt",
            )
        return posixpath.normpath(unquote(target))


def _longest(known: Mapping[str, str], fits: Callable[[str], bool]) -> str | None:
    return max(filter(fits, known), key=len, default=None)


def is_catalogue(data: bytes) -> bool:
    return b"urn:oasis:names:tc:entity:xmlns:xml:catalog" in data[:4096]


def looked_up(catalogues: Iterable[Catalogue], address: str) -> str | None:
    """By the first that knows the address. Raises as `Catalogue.lookup`."""
    return next((found for each in catalogues if (found := each.lookup(address)) is not None), None)


def read_catalogues(name: str, data: bytes, read: Read) -> Sequence[Catalogue]:
    """The catalogue `name` of a folder and those that it names as next ones, in the order in which they are asked.

    Entries are `uri`, `system`, `public`, `rewriteURI`, `rewriteSystem`, `uriSuffix`, `systemSuffix`, in groups or not,
    with `xml:base`. A next catalogue that is not there is passed over. Raises `Misconfigured` for what is no catalogue.
    """
    found: dict[str, Catalogue] = {}
    waiting = [(name, data)]
    while waiting:
        name, data = waiting.pop()
        if name in found:
            continue
        root = _parsed(name, data)
        found[name] = catalogue = Catalogue(name)
        following = list[str]()
        for node, base in _entries(root, name):
            _take(catalogue, node, partial(_joined, base))
            if node.tag == f"{_SPACE}nextCatalog":
                following.append(posixpath.normpath(unquote(_joined(base, node.get("catalog", "")))))
        waiting += [(each, more) for each in reversed(following) if (more := read(each)) is not None]
    return tuple(found.values())


def _parsed(name: str, data: bytes) -> etree._Element:
    try:
        root = read_file(data)
    except etree.XMLSyntaxError as cause:
        raise Misconfigured(
            f"the catalogue {name} cannot be read: {cause.msg}", f"der Katalog {name} ist nicht lesbar: {cause.msg}"
        ) from cause
    if root.tag != f"{_SPACE}catalog":
        raise Misconfigured(f"{name} is not an OASIS catalogue", f"{name} ist kein OASIS-Katalog")
    return root


def _entries(node: etree._Element, base: str) -> Iterator[tuple[etree._Element, str]]:
    """With what their targets are relative to: a file beside them."""
    base = _joined(base, node.get(_BASE, ""))
    for child in node.iterchildren(f"{_SPACE}*"):
        if child.tag == f"{_SPACE}group":
            yield from _entries(child, base)
        else:
            yield child, _joined(base, child.get(_BASE, ""))


def _take(catalogue: Catalogue, node: etree._Element, joined: Callable[[str], str]) -> None:
    """The first entry for an address counts."""
    kind = etree.QName(node).localname
    for kinds, target, entries in (
        (_EXACT, "uri", catalogue.exact),
        (_PREFIX, "rewritePrefix", catalogue.prefixes),
        (_SUFFIX, "uri", catalogue.suffixes),
        (_DELEGATE, "catalog", catalogue.delegated),
    ):
        if kind in kinds and (address := " ".join(node.get(kinds[kind], "").split())):
            entries.setdefault(address, joined(node.get(target) or "./"))


def _joined(base: str, target: str) -> str:
    """A reference seen from a base, which may be an address as well (RFC 3986, 5.2, as far as paths go)."""
    target = target.strip().replace("\\", "/")
    if not target:
        return base
    return target if _ADDRESS.match(target) else posixpath.join(posixpath.dirname(base), target)

"""An OASIS XML catalogue: which file stands for which address (OASIS XML Catalogs 1.1, sections 6.5 to 6.8)."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured
from schemas.reading import read_file

_NAMESPACE: Final = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    exact: Mapping[str, str]
    """Address → path relative to the catalogue's folder."""
    prefixes: Mapping[str, str]

    def lookup(self, address: str) -> str | None:
        """Path for the address, relative to the catalogue's folder; the longest matching prefix wins."""
        if address in self.exact:
            return self.exact[address]
        best = max((prefix for prefix in self.prefixes if address.startswith(prefix)), key=len, default=None)
        return None if best is None else posixpath.normpath(self.prefixes[best] + address.removeprefix(best))


NO_CATALOGUE: Final = Catalogue({}, {})


def is_catalogue(data: bytes) -> bool:
    return b"urn:oasis:names:tc:entity:xmlns:xml:catalog" in data[:4096]


def read_catalogue(name: str, data: bytes) -> Catalogue:
    """`uri`, `system`, `rewriteURI` and `rewriteSystem` entries. Raises `Misconfigured` for anything that leads to the
    network, and for what is no catalogue."""
    try:
        root = read_file(data)
    except etree.XMLSyntaxError as cause:
        raise Misconfigured(
            f"the catalogue {name} cannot be read: {cause.msg}", f"der Katalog {name} ist nicht lesbar: {cause.msg}"
        ) from cause
    if root.tag != f"{_NAMESPACE}catalog":
        raise Misconfigured(f"{name} is not an OASIS catalogue", f"{name} ist kein OASIS-Katalog")
    exact: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for node in root.iter(etree.Element):
        kind = etree.QName(node).localname
        if kind in ("uri", "system"):
            exact.setdefault(node.get("name") or node.get("systemId") or "", _local(name, node.get("uri", "")))
        elif kind in ("rewriteURI", "rewriteSystem"):
            start = node.get("uriStartString") or node.get("systemIdStartString") or ""
            prefixes.setdefault(start, _local(name, node.get("rewritePrefix", "")))
    return Catalogue(exact, prefixes)


def _local(name: str, target: str) -> str:
    if "://" in target or target.startswith("/"):
        raise Misconfigured(
            f"the catalogue {name} leads to {target}: only relative paths are followed",
            f"der Katalog {name} führt zu {target}: nur relativen Pfaden wird gefolgt",
        )
    return target.replace("\\", "/")

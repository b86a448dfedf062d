"""Which message a document is: by its root element and, where versions share a namespace, by what it says of its own
version. Runs in the helper processes.

Rules instead of a table of namespaces, as in the KoSIT validator: XJustiz keeps one namespace for all its versions.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from schemas.findings import Observation
from schemas.reading import Unreadable, read_document


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a document must be like to be this message."""

    uri: str
    """`kennung_version#root`."""
    root: str
    """Root element in Clark notation."""
    test: str = ""
    """XPath without prefixes that must be true, too."""


@dataclass(frozen=True, slots=True)
class Identification:
    well_formed: bool
    findings: tuple[Observation, ...]
    """Why the document cannot be read."""
    matches: tuple[str, ...] = ()
    """URIs of the scenarios it fits."""


class Identifier:
    def __init__(self, scenarios: Sequence[Scenario], max_tags: int) -> None:
        self._by_root: dict[str, list[tuple[str, etree.XPath]]] = defaultdict(list)
        for scenario in scenarios:
            self._by_root[scenario.root].append((scenario.uri, etree.XPath(f"boolean({scenario.test or 'true()'})")))
        self._max_tags = max_tags

    def identify(self, document: bytes) -> Identification:
        try:
            root = read_document(document, self._max_tags)
        except Unreadable as refused:
            return Identification(False, (refused.seen,))
        rules = self._by_root.get(str(root.tag), ())
        return Identification(True, (), tuple(uri for uri, test in rules if test(root)))

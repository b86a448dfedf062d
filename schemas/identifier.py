"""Which message a document is: by its root element, by what it says of its own version, and by rules in XPath. Runs in
the helper processes.

Rules instead of a table of namespaces, as in the KoSIT validator: XJustiz keeps one namespace for all its versions.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from schemas.findings import Observation
from schemas.plan import ANYTHING, Scenario, SchemaPlan
from schemas.reading import Unreadable, read_document
from schemas.xpath import condition, fits

_NEAR: Final = 20


class Recognition:
    """Tells messages apart. Rules are compiled when a document of their root comes."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._scenarios = scenarios
        self._tests: dict[int, etree.XPath] = {}
        self._by_root: dict[str, list[int]] = defaultdict(list)
        for number, scenario in enumerate(scenarios):
            self._by_root[scenario.root].append(number)

    def matches(self, root: etree._Element) -> tuple[int, ...]:
        """Numbers of the scenarios a document fits."""
        return tuple(number for number in self._by_root.get(str(root.tag), ()) if fits(self._test(number), root))

    def match(self, root: etree._Element) -> int | None:
        """The one scenario it fits; None when there is none, or more than one."""
        found = self.matches(root)
        return found[0] if len(found) == 1 else None

    def _test(self, number: int) -> etree.XPath:
        if number not in self._tests:
            scenario = self._scenarios[number]
            self._tests[number] = condition(scenario.test, scenario.prefixes)
        return self._tests[number]


class Agreement:
    """Whether a document is the message it is said to be. Raises `Misconfigured` for a rule that does not compile."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._when = None if plan.when == ANYTHING else condition(plan.when, plan.prefixes)
        self._marks = condition(plan.marks, {})

    def fits(self, root: etree._Element) -> bool:
        return self._when is None or fits(self._when, root)

    def of_other_version(self, root: etree._Element) -> bool:
        """Whether the document says of itself to be of another version."""
        return not fits(self._marks, root)


@dataclass(frozen=True, slots=True)
class Identification:
    well_formed: bool
    findings: tuple[Observation, ...]
    """Why the document cannot be read."""
    matches: tuple[str, ...] = ()
    """URIs of the scenarios it fits."""
    near: tuple[str, ...] = ()
    """Where it fits none: URIs of those of the same root name, in whatever namespace or version, first those of the
    same root."""
    space: str | None = None
    """Namespace of the root, where one of the scenarios has it, too; empty for none."""


class Identifier:
    def __init__(self, scenarios: Sequence[Scenario], max_tags: int) -> None:
        self._scenarios = scenarios
        self._recognition = Recognition(scenarios)
        self._max_tags = max_tags

    def identify(self, document: bytes) -> Identification:
        try:
            root = read_document(document, self._max_tags, large_texts=True)  # its own schema decides about that
        except Unreadable as refused:
            return Identification(False, (refused.seen,))
        if found := self._recognition.matches(root):
            return Identification(True, (), tuple(self._scenarios[number].uri for number in found))
        near = tuple(islice(self._called(str(root.tag)), _NEAR))
        space = etree.QName(root).namespace or ""
        known = not space or any(each.space == space for each in self._scenarios)
        return Identification(True, (), (), near, space if known else None)

    def _called(self, tag: str) -> Iterator[str]:
        name = tag.rpartition("}")[2]
        alike = [each for each in self._scenarios if each.root.rpartition("}")[2] == name]
        return (each.uri for each in sorted(alike, key=lambda each: each.root != tag))

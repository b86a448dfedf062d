"""What is counted and kept of a coverage while its pairs pass by."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Final

from routing.coverage import Covered, Stretch, Verdict

LISTED: Final = 2000
"""Places the page lists of each verdict; the CSV has all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Services with the same answer at a place where not simply one authority is competent."""

    services: tuple[str, ...]
    stretch: Stretch


@dataclass(slots=True)
class Report:
    """What is counted while the pairs pass by; it does not grow with them."""

    on: date
    version: int
    services: Mapping[str, str]
    names: Mapping[str, str]
    destinations_examined: bool
    by_land: dict[str, Counter[Verdict]] = field(default_factory=dict)
    by_service: dict[str, dict[str, Counter[Verdict]]] = field(default_factory=dict)
    """Service → Land → verdict → municipalities."""
    listed: dict[Verdict, list[Finding]] = field(default_factory=dict)
    more: int = 0

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Those there can be."""
        return tuple(one for one in Verdict if self.destinations_examined or one is not Verdict.NO_DESTINATION)

    @property
    def findings(self) -> Iterator[Finding]:
        return chain.from_iterable(self.listed.values())

    def count(self, covered: Covered) -> None:
        lands: dict[str, Counter[Verdict]] = {}
        for ars, answer in covered.answers.items():
            lands.setdefault(ars[:2], Counter())[answer.verdict] += 1
        for service in covered.services:
            self.by_service[service] = lands
            for land, counts in lands.items():
                self.by_land.setdefault(land, Counter()).update(counts)

    def keep(self, finding: Finding) -> None:
        same = self.listed.setdefault(finding.stretch.answer.verdict, [])
        if len(same) < LISTED:
            same.append(finding)
        else:
            self.more += 1

"""What is counted and kept of a coverage while its pairs pass by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from routing.coverage import Covered, Stretch, Verdict

LISTED: Final = 2000
"""Places the page lists; the CSV has all."""


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
    by_land: dict[str, Counter[Verdict]] = field(default_factory=dict)
    by_service: dict[str, dict[str, Counter[Verdict]]] = field(default_factory=dict)
    """Service → Land → verdict → municipalities."""
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    def count(self, covered: Covered) -> None:
        lands: dict[str, Counter[Verdict]] = {}
        for ars, answer in covered.answers.items():
            lands.setdefault(ars[:2], Counter())[answer.verdict] += 1
        for service in covered.services:
            self.by_service[service] = lands
            for land, counts in lands.items():
                self.by_land.setdefault(land, Counter()).update(counts)

    def keep(self, finding: Finding) -> None:
        if len(self.findings) < LISTED:
            self.findings.append(finding)
        else:
            self.more += 1

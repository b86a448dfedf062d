"""What is counted and kept of a coverage while its pairs pass by."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, Final

from amtsbote.admin.refusals import CommandRefused
from routing.coverage import Coverage, Covered, Stretch, Verdict

LISTED: Final = 2000
"""Places the page lists of each verdict; the CSV has all."""


def demand_land(asked: Coverage, land: str) -> None:
    """A slip would leave nothing to look at, and so no gap. Raises `CommandRefused`."""
    if land and asked.municipalities and not any(ars.startswith(land) for ars in asked.municipalities):
        keys = sorted({ars[:2] for ars in asked.municipalities})
        known = ", ".join(f"{key} {asked.names.get(key, '')}".strip() for key in keys)
        raise CommandRefused("usage", "coverage.land-unknown", land=land, known=known)


@dataclass(frozen=True, slots=True)
class Finding:
    """Services with the same answer at a place."""

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
    """Where not simply one authority is competent."""
    more: int = 0

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Those there can be."""
        return tuple(one for one in Verdict if self.destinations_examined or one is not Verdict.NO_DESTINATION)

    @property
    def findings(self) -> Iterator[Finding]:
        return chain.from_iterable(self.listed.values())

    def examined(self, asked: Coverage, service: str, land: str) -> Iterator[Finding]:
        """Every answer, counted as it passes by. `service` and `land`: beginnings of the keys asked for."""
        for covered in asked.groups(service, land):
            self.count(covered)
            for stretch in asked.stretches(covered):
                found = Finding(covered.services, stretch)
                if stretch.answer.verdict is not Verdict.COMPETENT:
                    self.keep(found)
                yield found

    def as_document(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "date": self.on.isoformat(),
            "destinations_examined": self.destinations_examined,
            "lands": {land: self._counts(counts) for land, counts in sorted(self.by_land.items())},
            "services": {
                service: {land: self._counts(counts) for land, counts in sorted(lands.items())}
                for service, lands in sorted(self.by_service.items())
            },
        }

    def _counts(self, counts: Counter[Verdict]) -> dict[str, int | None]:
        """None where nobody has counted."""
        return {verdict.value: counts[verdict] if verdict in self.verdicts else None for verdict in Verdict}

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

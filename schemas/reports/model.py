"""The result that every form of a report shows."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self

from amtsbote.model.schema import Layer, Severity, in_words
from schemas.preflight import Checked


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    name: str
    """Of the file; empty for one that came over the wire."""
    size: int
    sha256: str

    @classmethod
    def of(cls, name: str, content: bytes) -> Self:
        return cls(name, len(content), hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message would go on a day, by tables of competence."""

    service: str
    region: str
    on: date
    authorities: tuple[str, ...]
    """One when it is clear; none or several are for a person."""
    rules: tuple[str, ...]
    """What decided, as the tables have it."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    document: CheckedDocument
    at: datetime
    checked: Checked
    route: Route | None = None

    @property
    def quotes(self) -> bool:
        """Whether it holds values of the document."""
        return any(finding.value is not None for finding in self.checked.findings)

    def count(self, layer: Layer, severity: Severity) -> int:
        return sum(each.layer is layer and each.severity is severity for each in self.checked.findings)


def as_document(report: CheckReport) -> dict[str, Any]:
    """JSON-ready."""
    route = report.route
    return {
        **result(report.checked),
        "document": asdict(report.document),
        "checkedAt": report.at.isoformat(timespec="seconds"),
        **({} if route is None else {"route": {**asdict(route), "on": route.on.isoformat()}}),
    }


def result(checked: Checked) -> Mapping[str, Any]:
    """What was found, JSON-ready."""
    findings = [finding.document() for finding in checked.findings]
    return {**asdict(checked), "layers": in_words(checked.layers), "findings": findings}

"""The report on one document that nobody has sent yet: what was found in it, and where it would go.

`amtsbote check` and the preflight of portals make the same, and `as_document` is its one form as JSON.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from amtsbote.model.directory import Destination
from amtsbote.model.routing import RouteFound
from amtsbote.model.schema import Finding, Layer, LayerOutcome, Severity, in_words


class Verdict(StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    """No schema we hold is the document's, or several could be."""
    REFUSED = "refused"
    """Neither permitted XML nor permitted JSON: nothing in it was looked at."""


@dataclass(frozen=True, slots=True)
class Checked:
    verdict: Verdict
    schema: str
    """URI of the schema that decided; empty without one."""
    package: str
    layers: Mapping[Layer, LayerOutcome]
    findings: tuple[Finding, ...]
    more: bool
    """Whether the list of findings was cut."""
    candidates: tuple[str, ...] = ()
    """Schemas the document could be of, where the verdict is `unknown`."""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    """Prefix → namespace, of those in the paths of its findings, which are XPath with them."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the package declares for routing; for resolving the route, and not part of the report."""

    @property
    def verdict_told(self) -> str:
        """The verdict as a person is told it: `not-known` where the schema named for the document is not known."""
        not_read = self.layers[Layer.WELL_FORMED] is LayerOutcome.NOT_RUN
        return "not-known" if self.verdict is Verdict.UNKNOWN and not_read else self.verdict

    def outcome_told(self, layer: Layer) -> str:
        """The outcome as a person is told it: `no-schema` where nothing failed and no schema says what to check."""
        outcome = self.layers[layer]
        undecided = self.verdict is Verdict.UNKNOWN and outcome is LayerOutcome.NOT_RUN
        return "no-schema" if undecided else outcome


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
    """Where a message would go on a German day, by the tables of competence."""

    service: str
    """LeiKa key."""
    ars: str
    on: date
    authorities: tuple[str, ...]
    """Who is competent, or may be; none or several are for a person, unless the message decides."""
    rules: tuple[str, ...]
    """What decided, as the tables have it."""
    destination: Destination | None
    """The inbox every possibility leads to; None where there is none, and where only the tables are known."""
    name: str | None
    """Of the authority whose inbox it is, or of the inbox while several may be meant."""
    became: str | None = None
    """The key the region has on that day, where it is another one than was asked for."""

    @classmethod
    def of(cls, found: RouteFound, destination: Destination | None = None, name: str | None = None) -> Self:
        rules = (f"{hop.table}: {hop.rule}" for hop in found.trace.hops)
        asked = found.trace
        return cls(asked.service, asked.region, asked.on, tuple(found.authorities), tuple(rules), destination, name)

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "service": self.service,
            "ars": self.ars,
            "date": self.on.isoformat(),
            "authorities": self.authorities,
            "rules": self.rules,
            "destinationId": self.destination and self.destination.id,
            "destinationName": self.name,
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    document: CheckedDocument
    at: datetime
    checked: Checked
    route: Route | None = None
    """None where nobody asked for it."""
    acceptance: Mapping[str, Any] | None = None
    """What the preflight API says of the schema at the destination of the route; None without one of them."""

    @property
    def quotes(self) -> bool:
        """Whether it holds values of the document."""
        return any(finding.value is not None for finding in self.checked.findings)

    def count(self, layer: Layer, severity: Severity) -> int:
        return sum(each.layer is layer and each.severity is severity for each in self.checked.findings)


def as_document(report: CheckReport) -> dict[str, Any]:
    """JSON-ready; every member is always there."""
    checked = report.checked
    return {
        **{name: value for name, value in asdict(checked).items() if name != "facts"},
        "layers": in_words(checked.layers),
        "findings": [finding.document() for finding in checked.findings],
        "document": asdict(report.document),
        "checkedAt": report.at.isoformat(timespec="seconds"),
        "route": report.route and report.route.document(),
        "acceptance": report.acceptance,
    }

"""Values of the schema registry that other rooms and the store keep."""

from collections.abc import Mapping
from dataclasses import dataclass

from amtsbote.model.content import SchemaRef


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a document. Names places and types, never a value from the document."""

    code: str
    """Stable code, e.g. `XSD-PATTERN`."""
    de: str
    en: str
    path: str
    """Path of element names with positions, e.g. `/b:antrag/b:baum[2]/b:stammumfang`."""
    line: int
    type_name: str
    """Name of the schema type or rule that was not met; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Verdict on one document. Valid exactly when there are no findings."""

    package: str
    """Name and version of the service package that decided, e.g. `baumfaellgenehmigung 1.0`."""
    findings: tuple[Finding, ...]
    facts: Mapping[str, str]
    """Facts the package declares for routing (`region` and others), empty when there are findings. Never personal."""
    well_formed: bool = True
    """False when the document could not be read as permitted XML at all; the findings then say why."""
    more: bool = False
    """True when the list of findings was cut."""

    @property
    def valid(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class ServicePackage:
    """What operators and the destination need to know of a bundled package."""

    name: str
    version: str
    services: tuple[str, ...]
    """LeiKa keys the package serves."""
    schemas: tuple[SchemaRef, ...]
    title_de: str
    title_en: str

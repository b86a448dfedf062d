"""Values of the schema registry that other rooms and the store keep."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from amtsbote.model.content import SchemaRef


class Layer(StrEnum):
    """What a document is judged by, in this order. Each layer has a verdict of its own."""

    WELL_FORMED = "well-formed"
    """Permitted XML or JSON at all."""
    XSD = "xsd"
    REFERENCES = "references"
    """`xs:ID` and `xs:IDREF`."""
    CODE_LISTS = "code-lists"
    SCHEMATRON = "schematron"
    JSON_SCHEMA = "json-schema"
    PACKAGE_RULES = "package-rules"


class LayerOutcome(StrEnum):
    PASSED = "passed"
    """No error; warnings there may be."""
    FAILED = "failed"
    NOT_RUN = "not-run"
    """Could not be judged, because an earlier layer failed."""
    NOT_DECLARED = "not-declared"
    """The package or standard brings nothing for it."""
    NOT_CHECKED = "not-checked"
    """The package or standard brings something for it, and nobody looks at it here."""


def in_words(layers: Mapping[Layer, LayerOutcome]) -> dict[str, str]:
    """For JSON: writers of it want keys that are nothing but strings."""
    return {layer.value: outcome.value for layer, outcome in layers.items()}


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    """Told, and never a reason to reject."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A fact of the schema: what would be right. Never from the document."""

    what: str
    """`elements`, or as the schema calls it: `enumeration`, `maxLength`, `type`, …"""
    values: tuple[str, ...]
    more: bool = False
    """Whether values were left out: too many, or too long to be read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a document. Names places and types, never a value from the document."""

    code: str
    """Stable code, e.g. `XSD-PATTERN`."""
    layer: Layer
    severity: Severity
    de: str
    en: str
    path: str
    """Path of element names with positions, e.g. `/b:antrag/b:baum[2]/b:stammumfang`."""
    line: int
    type_name: str
    """Name of the schema type or rule that was not met; empty when there is none."""
    field: str = ""
    """What the schema's own documentation calls this place."""
    expected: tuple[Expectation, ...] = ()
    other_path: str = ""
    """Another place it is about: where the same key stands first."""
    value: str | None = None
    """What stands there. Only where somebody asked for it who has the document before him; never in the service."""

    def document(self) -> dict[str, Any]:
        """For JSON; a value that nobody asked for has no place in it."""
        return {name: value for name, value in asdict(self).items() if name != "value" or value is not None}


@dataclass(frozen=True, slots=True)
class Inspection:
    """Verdict on one document. Valid exactly when no finding is an error."""

    package: str
    """Name and version of the service package that decided, e.g. `baumfaellgenehmigung 1.0`."""
    layers: Mapping[Layer, LayerOutcome]
    """The outcome of every layer."""
    findings: tuple[Finding, ...]
    facts: Mapping[str, str]
    """Facts the package declares for routing (`region` and others), empty unless valid. Never personal."""
    more: bool = False
    """True when the list of findings was cut."""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    """Prefix → namespace, as paths have them."""
    rules_met: Mapping[str, bool] = field(default_factory=dict)
    """Schematron rule set that has judged the document → whether one of its rules met something in it."""

    @property
    def valid(self) -> bool:
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def well_formed(self) -> bool:
        """False when the document could not be read as permitted XML or JSON at all; the findings then say why."""
        return self.layers[Layer.WELL_FORMED] is LayerOutcome.PASSED


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


@dataclass(frozen=True, slots=True)
class Postmark:
    """What a mapping is told of a message beside its data, for what the other form says in a header of its own. Each is
    a parameter of the stylesheet, by the name it has here. The same at every attempt."""

    message: str
    """Id of the submission or reply, a UUID."""
    submitted_at: str
    """E.g. `2026-10-12T07:14:00Z`."""
    authority: str
    portal: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A message in another form of itself, valid by its schema."""

    schema: SchemaRef
    package: str
    """Name and version of the service package that has made it."""
    document: bytes

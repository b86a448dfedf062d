"""What a helper process is told of a schema, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.findings import Observation

MAX_FACT: Final = 200
MAX_FINDINGS: Final = 50


@dataclass(frozen=True, slots=True)
class FactPlan:
    name: str
    xpath: str
    """Evaluated on the document; the result is taken as a string without white space around it."""
    pattern: str
    """Regular expression the whole value must match, otherwise there is no such fact."""


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """What a helper needs to know of one schema of a package."""

    uri: str
    package: str
    """Name and version of the service package."""
    folder: str
    xsd: str
    root: str
    """Root element in Clark notation."""
    prefixes: Mapping[str, str]
    """Prefix → namespace, for paths shown and XPath expressions."""
    facts: Sequence[FactPlan] = ()
    slow: bool = False
    """Whether xmlschema inspects, because libxml2 does not compile the schema."""


@dataclass(frozen=True, slots=True)
class Report:
    """Verdict of a helper, before it gets its sentences."""

    well_formed: bool
    findings: tuple[Observation, ...]
    more: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)

"""What a helper process is told of a schema, and what it answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self

from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.findings import Observation
from schemas.schematron.ruleset import RuleSet

MAX_FACT: Final = 200
MAX_FINDINGS: Final = 50
MAX_VALUE: Final = 200
"""Characters of what stands at the place of a finding."""


ANYTHING: Final = "true()"


class Grade(StrEnum):
    """How much a rule matters that senders are known to break."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"

    @property
    def severity(self) -> Severity | None:
        """Of a finding; None where nobody looks."""
        return None if self is Grade.OFF else Severity(self.value)


@dataclass(frozen=True, slots=True)
class FactPlan:
    name: str
    at: str
    """XPath, whose result is taken as a string without white space around it; or a JSON Pointer."""
    pattern: str
    """Regular expression the whole value must match, otherwise there is no such fact."""


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A rule of a service package's own, in XPath 1.0 with the prefixes of the plan."""

    id: str
    context: str
    """Selects the elements that are judged, each by itself."""
    test: str
    severity: Severity
    de: str
    en: str


@dataclass(frozen=True, slots=True)
class ListPlan:
    """A code list in one version, and how wrong a key is that is not in it; None where nobody looks."""

    uri: str
    version: str
    title: str
    file: str
    severity: Severity | None


@dataclass(frozen=True, slots=True)
class CodeListsPlan:
    held: Sequence[ListPlan]
    named: Sequence[tuple[str, str]]
    """URI and version of the lists that the schema names, held or not; the version may be empty."""

    @property
    def titles(self) -> Mapping[str, tuple[str, str]]:
        """`list_key` → title and version, of every list that is not only the sender's word."""
        named = {list_key(uri, version): (uri, version) for uri, version in self.named}
        some = {each.uri: (each.title, "") for each in self.held}
        return {**named, **some, **{list_key(each.uri, each.version): (each.title, each.version) for each in self.held}}


def list_key(uri: str, version: str) -> str:
    """As XÖV writes it: `CanonicalVersionUri`."""
    return f"{uri}_{version}" if version else uri


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a document must be like to be this message."""

    uri: str
    """`kennung_version#root`."""
    root: str
    """Root element in Clark notation."""
    test: str = ANYTHING
    """XPath that must be true, too."""
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @property
    def space(self) -> str:
        """Namespace of its root, empty for none."""
        return self.root[1:].partition("}")[0] if self.root.startswith("{") else ""


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """What a helper needs to know of one schema of a package."""

    uri: str
    package: str
    """Name and version of the service package."""
    folder: str
    xsd: str = ""
    root: str = ""
    """Root element in Clark notation."""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    """Prefix → namespace, for paths shown and XPath expressions."""
    facts: Sequence[FactPlan] = ()
    slow: bool = False
    """Whether xmlschema inspects, because libxml2 does not compile the schema."""
    json_schema: str = ""
    """Of JSON payloads; then there is no `xsd`."""
    references: Severity | None = None
    """How wrong a broken `xs:ID` or `xs:IDREF` is; None where nobody looks, or there is none."""
    code_lists: CodeListsPlan | None = None
    """None where nobody looks, or the schema has no codes."""
    rule_sets: Sequence[RuleSet] = ()
    """Schematron."""
    rules: Sequence[RulePlan] = ()
    when: str = ANYTHING
    """XPath that is true for this message and no other of the same root."""
    marks: str = ANYTHING
    """XPath that is true unless the document names another version. Derived from the schema, so the schema decides."""
    others: Sequence[Scenario] = ()
    """Messages of the same name, so that a document of another version can be called what it is."""
    large_texts: bool = False
    """Whether a text may have more than 10 MB, such as an enclosure in base64."""
    quotes: bool = False
    """Whether findings say what stands at their place."""
    unchecked: Sequence[Layer] = ()
    """What the standard brings something for, and nobody looks at it."""
    closed_set: str = ""
    """What it is a message of, together with others that differ from it in URI, root and `others` alone: a helper that
    holds one of them judges all. Empty where each has a helper's knowledge of its own."""

    @property
    def held_as(self) -> str:
        """What a helper calls it."""
        return self.closed_set or self.uri

    def knows_space(self, namespace: str) -> bool:
        """Whether it is one of the schema's: others are the sender's word."""
        return namespace in self.prefixes.values()

    @property
    def ground(self) -> tuple[Layer, Layer]:
        """Layers that every document is judged by, and that the others rely on: when one fails, those are not run."""
        return Layer.WELL_FORMED, Layer.JSON_SCHEMA if self.json_schema else Layer.XSD

    @property
    def scenario(self) -> Scenario:
        return Scenario(self.uri, self.root, self.when, self.prefixes)

    def beside(self, known: Iterable[Scenario]) -> Self:
        """The same, knowing which of all the others are called alike."""
        name = _local(self.root)
        others = tuple(each for each in known if name and _local(each.root) == name and each.uri != self.uri)
        return replace(self, others=others)

    def quoting(self) -> Self:
        """The same with findings that quote the document: what stands at their place, and what a rule's author says."""
        return replace(self, rule_sets=tuple(replace(each, quoting=True) for each in self.rule_sets), quotes=True)

    @property
    def layers(self) -> Mapping[Layer, LayerOutcome]:
        """Every layer as it stands before a document is judged."""
        wanted = (
            (Layer.REFERENCES, self.references is not None),
            (Layer.CODE_LISTS, self.code_lists is not None),
            (Layer.SCHEMATRON, bool(self.rule_sets)),
            (Layer.PACKAGE_RULES, bool(self.rules)),
        )
        later = (layer for layer, there in wanted if there)
        declared = dict.fromkeys((*self.ground, *later), LayerOutcome.NOT_RUN)
        unchecked = dict.fromkeys(self.unchecked, LayerOutcome.NOT_CHECKED)
        return dict.fromkeys(Layer, LayerOutcome.NOT_DECLARED) | unchecked | declared


def _local(clark: str) -> str:
    return clark.rpartition("}")[2]


@dataclass(frozen=True, slots=True)
class Report:
    """Verdict of a helper, before it gets its sentences."""

    layers: Mapping[Layer, LayerOutcome]
    findings: tuple[Observation, ...]
    more: bool
    facts: Mapping[str, str]


def quoting(report: Report, value_at: Callable[[str], str]) -> Report:
    """The same with what stands at the path of each finding."""
    findings = (replace(found, value=readable(value_at(found.path))) for found in report.findings)
    return replace(report, findings=tuple(findings))


def readable(value: str) -> str:
    """On one line, and without what moves a cursor."""
    return "".join(each if each.isprintable() else " " for each in value[:MAX_VALUE])

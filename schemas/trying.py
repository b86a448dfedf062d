"""Trying a service package as a whole: is everything in it true that it says of itself?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lxml import etree

from amtsbote.model.schema import Finding, Inspection, Postmark
from schemas.confinement import HelperLimits
from schemas.helper_process import Reason
from schemas.helpers import HelperFailed, HelperPool, loaded_helpers
from schemas.json_schema.reading import read_payload
from schemas.package import LoadedPackage
from schemas.reading import read_file
from schemas.service_file import DeclaredSample

DESCRIPTION: Final = "beschreibung.de.md"
VALID: Final = "valid"
POSTMARK: Final = Postmark("00000000-0000-4000-8000-000000000001", "2026-10-12T07:14:00Z", "behoerde", "portal")
"""With which every vector of a mapping is tried."""
Defect = Literal[
    "verdict",
    "fact",
    "no-sample",
    "undeclared",
    "no-description",
    "mapping",
    "unmapped",
    "mapping-crashed",
    "mapping-memory",
    "mapping-timeout",
    "mapped-invalid",
    "silent-rules",
    "unbroken-rule",
    "idle-routing",
]
_FAILED: Final[Mapping[Reason, Defect]] = {
    "crashed": "mapping-crashed",
    "memory": "mapping-memory",
    "timeout": "mapping-timeout",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    defect: Defect
    name: str
    """Of the file, or of what else it is about."""
    expected: str = ""
    found: str = ""


def troubles(package: LoadedPackage, limits: HelperLimits) -> Iterator[Trouble]:
    """Everything that does not hold. Raises `Misconfigured` when a schema cannot be compiled, or what it needs is not
    installed."""
    package.demand_extras()
    if not (package.folder / DESCRIPTION).is_file():
        yield Trouble("no-description", DESCRIPTION)
    yield from _undeclared(package)
    with loaded_helpers(limits, package.plans(), mappings=package.mappings()) as helpers:
        yield from _tried(package, helpers)
        yield from _mapped(package, helpers)


def _undeclared(package: LoadedPackage) -> Iterator[Trouble]:
    declared = {package.folder / name for name in package.declared.files}
    for folder in ("samples", "mappings"):
        for file in sorted((package.folder / folder).glob("*")):
            if file not in declared:
                yield Trouble("undeclared", f"{folder}/{file.name}")


class _Proofs:
    """What the samples of a package have shown of it so far."""

    def __init__(self, package: LoadedPackage) -> None:
        plans = package.plans()
        self.facts = {(plan.uri, fact.name) for plan in plans for fact in plan.facts}
        self.schemas = {plan.uri for plan in plans}
        self.rule_sets = {(plan.uri, rules.name) for plan in plans for rules in plan.rule_sets}
        self.rules = {(plan.uri, rule.id) for plan in plans for rule in plan.rules}
        self.conditions = {one.condition for one in package.declared.routing if one.condition is not None}

    def take(self, uri: str, found: Inspection) -> None:
        self.facts -= {(uri, name) for name in found.facts}
        self.schemas -= {uri} if found.valid else set()
        self.rule_sets -= {each for each in self.rule_sets if each[0] == uri and found.rules_met.get(each[1])}
        self.rules -= {(uri, each.type_name) for each in found.findings if each.code == "PKG-RULE"}
        self.conditions -= {one for one in self.conditions if found.valid and one.fits(found.facts)}

    def owed(self) -> Iterator[Trouble]:
        """For what no sample stands."""
        yield from (Trouble("no-sample", uri) for uri in sorted(self.schemas))
        yield from (Trouble("fact", f"{uri} {name}") for uri, name in sorted(self.facts))
        yield from (Trouble("silent-rules", name) for _, name in sorted(self.rule_sets))
        yield from (Trouble("unbroken-rule", f"{uri} {rule}") for uri, rule in sorted(self.rules))
        yield from (Trouble("idle-routing", text) for text in sorted(one.text for one in self.conditions))


def _tried(package: LoadedPackage, helpers: HelperPool) -> Iterator[Trouble]:
    proofs, hopeless = _Proofs(package), set[str]()
    for sample in package.declared.samples:
        if sample.schema_uri in hopeless:
            continue
        document = (package.folder / sample.file).read_bytes()
        expected = _verdict(sample.code, sample.path, sample.rule)
        try:
            inspection = helpers.inspect(sample.schema_uri, document)
        except HelperFailed as failed:
            yield Trouble("verdict", sample.file, expected, failed.reason)
            hopeless.add(sample.schema_uri)  # each further sample could take as long
            continue
        found = ", ".join(_seen(each, sample) for each in inspection.findings) or VALID
        if found != expected:
            yield Trouble("verdict", sample.file, expected, found)
        proofs.take(sample.schema_uri, inspection)
    yield from proofs.owed()


def _mapped(package: LoadedPackage, helpers: HelperPool) -> Iterator[Trouble]:
    for mapping, plan in zip(package.declared.mappings, package.mappings(), strict=True):
        for vector in mapping.vectors:
            try:
                made = helpers.translate(plan.name, (package.folder / vector.input).read_bytes(), POSTMARK)
                if made is None:
                    yield Trouble("unmapped", vector.input, vector.expected)
                    continue
                verdict = helpers.inspect(plan.target, made)
            except HelperFailed as failed:
                yield Trouble(_FAILED[failed.reason], vector.input)
                continue
            same = _same_json if plan.to_json else _same_xml
            if not same(made, (package.folder / vector.expected).read_bytes()):
                yield Trouble("mapping", vector.input, vector.expected, "JSON" if plan.to_json else "XML")
            if not verdict.valid:
                found = ", ".join(_verdict(each.code, each.path) for each in verdict.errors)
                yield Trouble("mapped-invalid", vector.input, VALID, found)


def _same_xml(made: bytes, expected: bytes) -> bool:
    """As canonical XML 2.0 without white space at the edges of texts: how it is written does not count."""
    one, other = (etree.canonicalize(read_file(each), strip_text=True) for each in (made, expected))
    return one == other


def _same_json(made: bytes, expected: bytes) -> bool:
    """The order of members and white space do not count, each digit of a number does."""
    one, other = (
        json.dumps(read_payload(each), sort_keys=True, default=lambda number: {"number": str(number)})
        for each in (made, expected)
    )
    return one == other


def _seen(finding: Finding, sample: DeclaredSample) -> str:
    """As the sample could declare it: a rule counts where one is named."""
    return _verdict(finding.code, finding.path, finding.type_name if sample.rule else "")


def _verdict(code: str, path: str, rule: str = "") -> str:
    return f"{code} {path} {rule}".strip() or VALID

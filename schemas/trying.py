"""Trying a service package as a whole: is everything in it true that it says of itself?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from lxml import etree

from amtsbote.model.schema import Finding
from schemas.confinement import HelperLimits
from schemas.helpers import HelperFailed, HelperPool, loaded_helpers
from schemas.package import LoadedPackage
from schemas.schematron.sentences import met
from schemas.service_file import DeclaredSample

DESCRIPTION: Final = "beschreibung.de.md"
VALID: Final = "valid"
Defect = Literal[
    "verdict", "fact", "no-sample", "undeclared", "no-description", "mapping", "mapped-invalid", "silent-rules"
]


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


def _tried(package: LoadedPackage, helpers: HelperPool) -> Iterator[Trouble]:
    read: set[tuple[str, str]] = set()
    fitting: set[str] = set()
    silent = {(plan.uri, rules.name) for plan in package.plans() for rules in plan.rule_sets}
    for sample in package.declared.samples:
        document = (package.folder / sample.file).read_bytes()
        try:
            inspection = helpers.inspect(sample.schema_uri, document)
        except HelperFailed as failed:
            yield Trouble("verdict", sample.file, _verdict(sample.code, sample.path, sample.rule), failed.reason)
            continue
        found = ", ".join(_seen(each, sample) for each in inspection.findings) or VALID
        if found != (expected := _verdict(sample.code, sample.path, sample.rule)):
            yield Trouble("verdict", sample.file, expected, found)
        read |= {(sample.schema_uri, name) for name in inspection.facts}
        fitting |= {sample.schema_uri} if inspection.valid else set()
        silent -= {(uri, name) for uri, name in silent if uri == sample.schema_uri and met(inspection, name)}
    for schema in package.declared.schemas:
        if schema.uri not in fitting:
            yield Trouble("no-sample", schema.uri)
        for name in schema.facts:
            if (schema.uri, name) not in read:
                yield Trouble("fact", f"{schema.uri} {name}")
    for _, name in sorted(silent):
        yield Trouble("silent-rules", name)


def _mapped(package: LoadedPackage, helpers: HelperPool) -> Iterator[Trouble]:
    for mapping, plan in zip(package.declared.mappings, package.mappings(), strict=True):
        for vector in mapping.vectors:
            try:
                made = helpers.translate(plan.name, (package.folder / vector.input).read_bytes())
                verdict = None if made is None else helpers.inspect(plan.target, made)
            except HelperFailed as failed:
                yield Trouble("mapping", vector.input, vector.expected, failed.reason)
                continue
            if made is None or _canonical(made) != _canonical((package.folder / vector.expected).read_bytes()):
                yield Trouble("mapping", vector.input, vector.expected, "–" if made is None else "XML")
            if verdict is not None and not verdict.valid:
                found = ", ".join(_verdict(each.code, each.path) for each in verdict.errors)
                yield Trouble("mapped-invalid", vector.input, VALID, found)


def _canonical(document: bytes) -> str:
    """Canonical XML 2.0 without white space at the edges of texts: how it is written does not count."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    return etree.canonicalize(root, strip_text=True)


def _seen(finding: Finding, sample: DeclaredSample) -> str:
    """As the sample could declare it: a rule counts where one is named."""
    return _verdict(finding.code, finding.path, finding.type_name if sample.rule else "")


def _verdict(code: str, path: str, rule: str = "") -> str:
    return f"{code} {path} {rule}".strip() or VALID

"""Trying a service package as a whole: is everything in it true that it says of itself?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from schemas.confinement import HelperLimits
from schemas.helpers import HelperFailed, HelperPool, loaded_helpers
from schemas.package import LoadedPackage

DESCRIPTION: Final = "beschreibung.de.md"
VALID: Final = "valid"
Defect = Literal["verdict", "fact", "no-sample", "undeclared", "no-description"]


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
    with loaded_helpers(limits, package.plans()) as helpers:
        yield from _tried(package, helpers)


def _undeclared(package: LoadedPackage) -> Iterator[Trouble]:
    declared = {package.folder / sample.file for sample in package.declared.samples}
    for file in sorted((package.folder / "samples").glob("*")):
        if file not in declared:
            yield Trouble("undeclared", f"samples/{file.name}")


def _tried(package: LoadedPackage, helpers: HelperPool) -> Iterator[Trouble]:
    read: set[tuple[str, str]] = set()
    fitting: set[str] = set()
    for sample in package.declared.samples:
        document = (package.folder / sample.file).read_bytes()
        try:
            inspection = helpers.inspect(sample.schema_uri, document)
        except HelperFailed as failed:
            yield Trouble("verdict", sample.file, _verdict(sample.code, sample.path), failed.reason)
            continue
        found = ", ".join(_verdict(each.code, each.path) for each in inspection.errors) or VALID
        if found != (expected := _verdict(sample.code, sample.path)):
            yield Trouble("verdict", sample.file, expected, found)
        read |= {(sample.schema_uri, name) for name in inspection.facts}
        fitting |= {sample.schema_uri} if inspection.valid else set()
    for schema in package.declared.schemas:
        if schema.uri not in fitting:
            yield Trouble("no-sample", schema.uri)
        for name in schema.facts:
            if (schema.uri, name) not in read:
                yield Trouble("fact", f"{schema.uri} {name}")


def _verdict(code: str, path: str) -> str:
    return f"{code} {path}".strip() or VALID

"""A service package (Leistungspaket): a versioned folder with schemas, samples, routing defaults and a description.

`service.toml` declares it; everything it names must exist inside the folder, and every schema reference must resolve
there.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from amtsbote.errors import Misconfigured
from amtsbote.model.content import SchemaRef
from amtsbote.model.schema import ServicePackage
from schemas.findings import SENTENCES
from schemas.plan import FactPlan, SchemaPlan
from schemas.xsd import OVERRIDE, read_closure

BUNDLED: Final = Path(__file__).parent / "packages"

Leika = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Line = Annotated[str, Field(min_length=1, max_length=500)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Declared):
    de: Line
    en: Line


class DeclaredFact(Bilingual):
    """A value for routing, read from valid documents only. Must not be personal."""

    xpath: Line
    pattern: Line

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as cause:
            raise ValueError(f"not a regular expression: {cause}") from cause
        return pattern


class DeclaredSchema(_Declared):
    uri: Line
    mime_type: Annotated[str, Field(pattern=r"^application/xml$")]
    xsd: Line
    root: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.-]*:[A-Za-z_][\w.-]*$")]
    """`prefix:name`, the prefix from the table of prefixes."""
    facts: Mapping[Name, DeclaredFact] = Field(default_factory=dict)


class DeclaredSample(_Declared):
    file: Line
    schema_uri: Line
    code: str = ""
    """Code of the one finding expected; empty for a valid sample."""
    path: str = ""

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        if code and code not in SENTENCES:
            raise ValueError(f"no finding has the code {code}")
        return code


class ServiceFile(_Declared):
    """`service.toml`."""

    name: Name
    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    kennung: Annotated[str, Field(pattern=r"^urn:\S+$")]
    services: Annotated[tuple[Leika, ...], Field(min_length=1)]
    title: Bilingual
    description: Bilingual
    prefixes: Mapping[Name, Line]
    schemas: Annotated[tuple[DeclaredSchema, ...], Field(min_length=1)]
    routing: Mapping[Leika, Name]
    samples: tuple[DeclaredSample, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if strangers := set(self.routing) - set(self.services):
            raise ValueError(f"routing names services the package does not serve: {sorted(strangers)}")
        identity = f"{self.kennung}_{self.version}#"
        for schema in self.schemas:
            if not schema.uri.startswith(identity):
                raise ValueError(f"{schema.uri} does not begin with kennung and version: {identity}")
            if schema.root.partition(":")[0] not in self.prefixes:
                raise ValueError(f"the prefix of {schema.root} is not in the table of prefixes")
        if strangers := {sample.schema_uri for sample in self.samples} - {schema.uri for schema in self.schemas}:
            raise ValueError(f"samples name unknown schemas: {sorted(strangers)}")
        return self


@dataclass(frozen=True)
class LoadedPackage:
    """A checked package. Its schemas are compiled by the helpers, not here."""

    folder: Path
    declared: ServiceFile

    @property
    def label(self) -> str:
        return f"{self.declared.name} {self.declared.version}"

    @cached_property
    def about(self) -> ServicePackage:
        declared = self.declared
        refs = tuple(SchemaRef(schema.uri, schema.mime_type) for schema in declared.schemas)
        return ServicePackage(
            declared.name, declared.version, declared.services, refs, declared.title.de, declared.title.en
        )

    def plans(self) -> tuple[SchemaPlan, ...]:
        return tuple(self._plan(schema) for schema in self.declared.schemas)

    def _plan(self, schema: DeclaredSchema) -> SchemaPlan:
        prefix, _, local = schema.root.partition(":")
        return SchemaPlan(
            uri=schema.uri,
            package=self.label,
            folder=str(self.folder),
            xsd=str(self.folder / schema.xsd),
            root=f"{{{self.declared.prefixes[prefix]}}}{local}",
            prefixes=self.declared.prefixes,
            facts=tuple(FactPlan(name, fact.xpath, fact.pattern) for name, fact in schema.facts.items()),
        )


def load_package(folder: Path) -> LoadedPackage:
    """Read and check the package in `folder`. Raises `Misconfigured` that says what is wrong and where."""
    folder = folder.resolve()
    file = folder / "service.toml"
    try:
        declared = ServiceFile.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as cause:
        raise Misconfigured(f"{file}: {cause}") from cause
    for name in (*(schema.xsd for schema in declared.schemas), *(sample.file for sample in declared.samples)):
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise Misconfigured(f"{file}: there is no file {name} in the package")
    for schema in declared.schemas:
        for each in read_closure((folder / schema.xsd).resolve(), folder):
            if each.root.find(OVERRIDE) is not None:
                raise Misconfigured(f"{each.path}: xs:override is not supported")
    return LoadedPackage(folder, declared)


def bundled_packages() -> tuple[LoadedPackage, ...]:
    """The packages that come with the product, in the order of their names and versions."""
    return tuple(load_package(file.parent) for file in sorted(BUNDLED.glob("*/*/service.toml")))

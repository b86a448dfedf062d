"""A service package (Leistungspaket): a versioned folder with schemas, samples, routing defaults and a description.

`service.toml` declares it; everything it names must exist inside the folder, and every schema reference must resolve
there.
"""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from amtsbote.errors import Misconfigured
from amtsbote.model.content import SchemaRef
from amtsbote.model.schema import ServicePackage
from schemas.json_schema.files import read_set
from schemas.plan import FactPlan, SchemaPlan
from schemas.service_file import DeclaredSchema, JsonSchema, ServiceFile
from schemas.xsd import OVERRIDE, read_closure

BUNDLED: Final = Path(__file__).parent / "packages"


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
        facts = tuple(FactPlan(name, fact.at, fact.pattern) for name, fact in schema.facts.items())
        entry = str(self.folder / schema.entry)
        if isinstance(schema, JsonSchema):
            return SchemaPlan(schema.uri, self.label, str(self.folder), json_schema=entry, facts=facts)
        prefix, _, local = schema.root.partition(":")
        root = f"{{{self.declared.prefixes[prefix]}}}{local}"
        prefixes = self.declared.prefixes
        return SchemaPlan(schema.uri, self.label, str(self.folder), entry, root, prefixes, facts)


def load_package(folder: Path) -> LoadedPackage:
    """Read and check the package in `folder`. Raises `Misconfigured` that says what is wrong and where."""
    folder = folder.resolve()
    file = folder / "service.toml"
    try:
        declared = ServiceFile.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as cause:
        raise Misconfigured(f"{file}: {cause}") from cause
    for name in (*(schema.entry for schema in declared.schemas), *(sample.file for sample in declared.samples)):
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise Misconfigured(f"{file}: there is no file {name} in the package")
    for schema in declared.schemas:
        _must_be_closed(schema, folder)
    return LoadedPackage(folder, declared)


def _must_be_closed(schema: DeclaredSchema, folder: Path) -> None:
    entry = (folder / schema.entry).resolve()
    if isinstance(schema, JsonSchema):
        if (own := read_set(entry, folder).entry) != schema.uri:
            raise Misconfigured(f"{entry}: $id is {own}, and service.toml calls it {schema.uri}")
        return
    for each in read_closure(entry, folder):
        if each.root.find(OVERRIDE) is not None:
            raise Misconfigured(f"{each.path}: xs:override is not supported")


def bundled_packages() -> tuple[LoadedPackage, ...]:
    """The packages that come with the product, in the order of their names and versions."""
    return tuple(load_package(file.parent) for file in sorted(BUNDLED.glob("*/*/service.toml")))

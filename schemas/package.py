"""A service package (Leistungspaket): a versioned folder with schemas, samples, routing defaults and a description.

`service.toml` declares it; everything it names must exist inside the folder, and every schema reference must resolve
there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from amtsbote.errors import Misconfigured, NoSuchName
from amtsbote.model.content import SchemaRef
from amtsbote.model.routing import DefaultRule
from amtsbote.model.schema import ServicePackage
from schemas.genericode import read_code_list
from schemas.json_schema.files import read_set
from schemas.mapping import MappingPlan, read_stylesheet
from schemas.plan import ANYTHING, FactPlan, ListPlan, RulePlan, SchemaPlan
from schemas.schematron.extra import demand_saxon
from schemas.schematron.loading import load_rule_set
from schemas.service_file import DeclaredSchema, Fact, JsonSchema, ServiceFile, XmlSchema, read_service_file
from schemas.traits import Traits, traits_of, with_layers
from schemas.xsd import OVERRIDE, XsdFile, prefixes_of, read_closure

JSON: Final = "application/json"
BUNDLED: Final = Path(__file__).parent / "packages"
PACKAGE_FILES: Final = "*/*/service.toml"
"""Where packages lie in a folder of them: name and version."""


@dataclass(frozen=True)
class LoadedPackage:
    """A checked package. Its schemas are compiled by the helpers, not here."""

    folder: Path
    declared: ServiceFile
    traits: Mapping[str, Traits]
    """Of each XML schema, by its URI."""
    prefixes: Mapping[str, Mapping[str, str]]
    """Of each XML schema, by its URI: those declared, and others for further namespaces of its files."""
    lists: tuple[ListPlan, ...]

    @property
    def key(self) -> str:
        """What operators call it."""
        return f"{self.declared.name}_{self.declared.version}"

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

    def demand_extras(self) -> None:
        """Raises `Misconfigured` that says what must be installed for this package."""
        if any(isinstance(schema, XmlSchema) and schema.schematron for schema in self.declared.schemas):
            demand_saxon(f"package {self.label}")

    def plans(self) -> tuple[SchemaPlan, ...]:
        return self._plans

    @cached_property
    def _plans(self) -> tuple[SchemaPlan, ...]:
        return tuple(self._plan(schema) for schema in self.declared.schemas)

    def mappings(self) -> tuple[MappingPlan, ...]:
        return tuple(
            MappingPlan(
                each.source,
                each.target,
                self.label,
                str(self.folder / each.xslt),
                from_json=each.source_type == JSON,
                to_json=self.declared.types[each.target] == JSON,
            )
            for each in self.declared.mappings
        )

    def _plan(self, schema: DeclaredSchema) -> SchemaPlan:
        facts = tuple(FactPlan(name, fact.at, fact.pattern) for name, fact in schema.facts.items())
        entry = str(self.folder / schema.entry)
        if isinstance(schema, JsonSchema):
            return SchemaPlan(schema.uri, self.label, str(self.folder), json_schema=entry, facts=facts)
        prefix, _, local = schema.root.partition(":")
        root = f"{{{self.declared.prefixes[prefix]}}}{local}"
        prefixes = self.prefixes[schema.uri]
        plan = SchemaPlan(
            schema.uri,
            self.label,
            str(self.folder),
            entry,
            root,
            prefixes,
            facts,
            when=schema.when or ANYTHING,
            large_texts=schema.large_texts,
            rule_sets=tuple(load_rule_set(self.folder, name) for name in schema.schematron),
            rules=tuple(
                RulePlan(each.id, each.context, each.test, each.severity, each.de, each.en) for each in schema.rules
            ),
        )
        return with_layers(plan, self.traits[schema.uri], self.declared.references, self.lists)


def load_package(folder: Path) -> LoadedPackage:
    """Read and check the package in `folder`. Raises `Misconfigured` that says what is wrong and where."""
    folder = folder.resolve()
    file = folder / "service.toml"
    declared = read_service_file(file)
    for name in declared.files:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise Misconfigured(
                f"{file}: there is no file {name} in the package", f"{file}: im Paket gibt es keine Datei {name}"
            )
    for mapping in declared.mappings:
        read_stylesheet(folder / mapping.xslt)
    files = {schema.uri: _files(schema, folder) for schema in declared.schemas}
    traits = {uri: traits_of(read) for uri, read in files.items() if read}
    prefixes = {uri: prefixes_of((each.root for each in read), declared.prefixes) for uri, read in files.items()}
    package = LoadedPackage(folder, declared, traits, prefixes, tuple(_lists(declared, folder)))
    package.plans()
    return package


def _lists(declared: ServiceFile, folder: Path) -> Iterator[ListPlan]:
    seen: set[tuple[str, str]] = set()
    for each in declared.code_lists:
        found = read_code_list((folder / each.file).read_bytes())
        if found is None:
            raise Misconfigured(
                f"{folder / each.file} is no genericode list with CanonicalUri, Version and codes",
                f"{folder / each.file} ist keine Genericode-Liste mit CanonicalUri, Version und Codes",
            )
        if (found.uri, found.version) in seen:
            raise Misconfigured(
                f"{folder / each.file}: {found.uri} {found.version} is declared twice",
                f"{folder / each.file}: {found.uri} {found.version} ist doppelt angegeben",
            )
        seen.add((found.uri, found.version))
        yield ListPlan(found.uri, found.version, found.title, str(folder / each.file), each.grade.severity)


def _files(schema: DeclaredSchema, folder: Path) -> Sequence[XsdFile]:
    """None for JSON. Raises `Misconfigured` unless its files are a closed set."""
    entry = (folder / schema.entry).resolve()
    if isinstance(schema, JsonSchema):
        if (own := read_set(entry, folder).entry) != schema.uri:
            raise Misconfigured(
                f"{entry}: $id is {own}, and service.toml calls it {schema.uri}",
                f"{entry}: $id ist {own}, service.toml nennt es {schema.uri}",
            )
        return ()
    files = read_closure(entry, folder)
    for each in files:
        if each.root.find(OVERRIDE) is not None:
            raise Misconfigured(
                f"{each.path}: xs:override is not supported", f"{each.path}: xs:override wird nicht unterstützt"
            )
    return files


def bundled_packages() -> tuple[LoadedPackage, ...]:
    """The packages that come with the product, in the order of their names and versions."""
    return packages_in(BUNDLED)


def packages_in(folder: Path) -> tuple[LoadedPackage, ...]:
    """Every package of the folder, which need not exist. Raises `Misconfigured`."""
    return tuple(load_package(file.parent) for file in sorted(folder.glob(PACKAGE_FILES)))


def installed_packages(own: Path) -> tuple[LoadedPackage, ...]:
    """Those of the product, then those an operator keeps in the folder `own`. Raises `Misconfigured`."""
    return *bundled_packages(), *packages_in(own)


_KINDS: Final[Mapping[str, str]] = {"main": "haupt", "further": "weitere", "not-here": "entfaellt"}
"""The kinds of a rule, as the table of roles calls them."""


def default_rules(packages: Iterable[LoadedPackage]) -> tuple[DefaultRule, ...]:
    """What the packages say of routing. Of several versions of a package the newest that serves a service speaks."""
    newest: dict[tuple[str, str], LoadedPackage] = {}
    for package in sorted(packages, key=lambda one: _version(one.declared.version)):
        for service in package.declared.services:
            newest[package.declared.name, service] = package
    return tuple(
        DefaultRule(
            f"{name}-{package.declared.version}", service, one.role, one.region, _KINDS[one.kind], one.when, one.place
        )
        for (name, service), package in sorted(newest.items(), key=lambda item: item[0])
        for one in package.declared.routing
        if service in (one.services or package.declared.services)
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def declared_facts(packages: Iterable[LoadedPackage]) -> frozenset[str]:
    """Names of the facts that rules of routing may ask for."""
    return frozenset(name for package in packages for name in package.declared.facts)


def declarations_of(fact: str, packages: Iterable[LoadedPackage]) -> Sequence[Fact]:
    """How schemas read it, each way once."""
    schemas = (schema for package in packages for schema in package.declared.schemas)
    return list(dict.fromkeys(schema.facts[fact] for schema in schemas if fact in schema.facts))


def find_package(name: str, known: Sequence[LoadedPackage]) -> LoadedPackage:
    """By `name_version`, or by its name as long as there is one version only. Raises `Misconfigured`."""
    found = [package for package in known if name in {package.key, package.declared.name}]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(package.key for package in found or known)
    raise NoSuchName(
        f"no single service package is called {name}; there are: {listed}",
        f"kein einzelnes Leistungspaket heißt {name}; es gibt: {listed}",
    )

"""`service.toml`: what a service package declares."""

import re
import tomllib
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from amtsbote.errors import Language, Misconfigured
from amtsbote.model.conditions import MAX_CHARACTERS, Condition, ConditionRefused, parse
from amtsbote.model.schema import Severity
from amtsbote.text.causes import cause_told
from amtsbote.text.findings import finding
from schemas.findings import SENTENCES
from schemas.plan import Grade
from schemas.xpath import compiled

Leika = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Line = Annotated[str, Field(min_length=1, max_length=500)]
_OWN_RULE: Final = "service-file"
"""Type of the mistakes that have sentences of their own: `en` and `de` in their context."""


def _wrong(en: str, de: str) -> PydanticCustomError:
    return PydanticCustomError(_OWN_RULE, "{en}", {"en": en, "de": de})


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Declared):
    de: Line
    en: Line


class Fact(Bilingual):
    """A value for routing, read from valid documents only. Must not be personal."""

    pattern: Line

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as cause:
            raise _wrong(f"not a regular expression: {cause}", f"kein regulärer Ausdruck: {cause}") from cause
        return pattern


class XmlFact(Fact):
    xpath: Line

    @property
    def at(self) -> str:
        return self.xpath


class JsonFact(Fact):
    pointer: Annotated[str, Field(pattern=r"^(/([^~/]|~[01])*)+$")]
    """JSON Pointer (RFC 6901)."""

    @property
    def at(self) -> str:
        return self.pointer


class DeclaredRule(Bilingual):
    """What a valid document must satisfy, too. `de` and `en` say it to who has sent one that does not."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]
    context: Line = "/*"
    """XPath of the elements that are judged, each by itself."""
    test: Line
    """XPath that must be true, seen from such an element."""
    severity: Severity = Severity.ERROR


class XmlSchema(_Declared):
    mime_type: Literal["application/xml"]
    uri: Line
    """`kennung_version#root element`, as XÖV standards are named."""
    xsd: Line
    root: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.-]*:[A-Za-z_][\w.-]*$")]
    """`prefix:name`, the prefix from the table of prefixes."""
    when: Annotated[str, Field(max_length=500)] = ""
    """XPath that is true for this message and for no other with this root element."""
    large_texts: bool = False
    """Whether a text may have more than 10 MB, such as an enclosure in base64."""
    schematron: tuple[Line, ...] = ()
    """Rule sets a valid document must satisfy, too."""
    rules: tuple[DeclaredRule, ...] = ()
    facts: Mapping[Name, XmlFact] = Field(default_factory=dict)

    @property
    def entry(self) -> str:
        return self.xsd


class JsonSchema(_Declared):
    mime_type: Literal["application/json"]
    uri: Line
    """The `$id` of the schema, as FIM data schemas are named."""
    json_schema: Line
    facts: Mapping[Name, JsonFact] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _has_no_rules(cls, declared: Any) -> Any:
        if isinstance(declared, dict) and "rules" in declared:
            raise _wrong(
                "rules are XPath, and this is JSON: the JSON schema itself must say it (if/then, dependentRequired)",
                "rules sind XPath, dies ist JSON: Das muss das JSON-Schema selbst sagen (if/then, dependentRequired)",
            )
        return declared

    @property
    def entry(self) -> str:
        return self.json_schema


DeclaredSchema = Annotated[XmlSchema | JsonSchema, Field(discriminator="mime_type")]


class DeclaredSample(_Declared):
    file: Line
    schema_uri: Line
    code: str = ""
    """Code of the one finding expected, be it a warning; empty for a valid sample."""
    path: str = ""
    rule: str = ""
    """Id of the rule that is not met, where the finding is one of Schematron or of the package's own rules."""

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        if code and code not in SENTENCES:
            raise _wrong(f"no finding has the code {code}", f"kein Befund hat den Code {code}")
        return code


class DeclaredVector(_Declared):
    """What a mapping must make of a document."""

    input: Line
    expected: Line


class DeclaredMapping(_Declared):
    """Turns messages of another schema into those of one of this package."""

    source: Line = Field(alias="from")
    """URI of the other schema."""
    source_type: Literal["application/xml", "application/json"] = Field("application/xml", alias="from_type")
    target: Line = Field(alias="to")
    xslt: Line
    vectors: Annotated[tuple[DeclaredVector, ...], Field(min_length=1)]

    @property
    def files(self) -> tuple[str, ...]:
        return self.xslt, *(file for vector in self.vectors for file in (vector.input, vector.expected))


class DeclaredList(_Declared):
    """A code list in genericode that lies in the package."""

    file: Line
    grade: Grade = Grade.ERROR
    """How wrong a key is that is not in it."""


class DeclaredRouting(_Declared):
    """Who is competent, or gets a message, too, as long as the operator's own tables say nothing else."""

    role: Annotated[str, Field(pattern=r"^\S{1,64}$")]
    """Prefix of the DVDV."""
    services: tuple[Leika, ...] = ()
    """Those it is about; empty for all of the package."""
    region: Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})?$")] = ""
    """Where it counts: a prefix of the ARS, two digits for a Land; empty for everywhere."""
    kind: Literal["main", "further", "not-here"] = "main"
    """The competent role; one that gets the message, too; one that does not get it here."""
    when: Annotated[str, Field(max_length=MAX_CHARACTERS)] = ""
    """Condition on facts of the package, as in the table of roles."""
    place: Annotated[str, Field(max_length=64)] = ""
    """Fact that names the place, where it is not that of the message."""

    @field_validator("when")
    @classmethod
    def _is_a_condition(cls, text: str) -> str:
        try:
            return parse(text).text if text else ""
        except ConditionRefused as cause:
            raise _wrong(cause.en.format(value=cause.value), cause.de.format(value=cause.value)) from cause

    @property
    def condition(self) -> Condition | None:
        return parse(self.when) if self.when else None

    def excludes(self, other: Self) -> bool:
        """Whether the two are never about the same message."""
        both_main = self.kind == other.kind == "main"
        different = not both_main and ("main" in {self.kind, other.kind} or self.role != other.role)
        mine, theirs = self.condition, other.condition
        apart = mine is not None and theirs is not None and mine.apart(theirs)
        return different or self.region != other.region or apart


class ServiceFile(_Declared):
    """`service.toml`."""

    name: Name
    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    kennung: Annotated[str, Field(pattern=r"^urn:\S+$")]
    services: Annotated[tuple[Leika, ...], Field(min_length=1)]
    title: Bilingual
    description: Bilingual
    prefixes: Mapping[Name, Line] = Field(default_factory=dict)
    schemas: Annotated[tuple[DeclaredSchema, ...], Field(min_length=1)]
    routing: Annotated[tuple[DeclaredRouting, ...], Field(min_length=1)]
    references: Grade = Grade.WARNING
    """How wrong a broken `xs:ID` or `xs:IDREF` is."""
    code_lists: tuple[DeclaredList, ...] = ()
    samples: tuple[DeclaredSample, ...] = ()
    mappings: tuple[DeclaredMapping, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """All that it names."""
        schemas = (schema.entry for schema in self.schemas)
        samples = (sample.file for sample in self.samples)
        lists = (each.file for each in self.code_lists)
        return *schemas, *samples, *lists, *(file for mapping in self.mappings for file in mapping.files)

    @property
    def types(self) -> Mapping[str, str]:
        """URI of each schema → its media type."""
        return {schema.uri: schema.mime_type for schema in self.schemas}

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        named = {service for one in self.routing for service in one.services}
        if strangers := named - set(self.services):
            raise _wrong(
                f"routing names services the package does not serve: {sorted(strangers)}",
                f"routing nennt Leistungen, denen das Paket nicht dient: {sorted(strangers)}",
            )
        own = self.types
        if strangers := {mapping.target for mapping in self.mappings} - own.keys():
            raise _wrong(
                f"mappings lead to what is no schema of the package: {sorted(strangers)}",
                f"mappings führen zu etwas, das kein Schema des Pakets ist: {sorted(strangers)}",
            )
        for mapping in self.mappings:
            if own.get(mapping.source, mapping.source_type) != mapping.source_type:
                raise _wrong(
                    f"mappings from {mapping.source}: its from_type is {own[mapping.source]}",
                    f"mappings von {mapping.source}: from_type ist {own[mapping.source]}",
                )
        if strangers := {sample.schema_uri for sample in self.samples} - {schema.uri for schema in self.schemas}:
            raise _wrong(
                f"samples name unknown schemas: {sorted(strangers)}",
                f"samples nennt unbekannte Schemata: {sorted(strangers)}",
            )
        return self

    @model_validator(mode="after")
    def _routing_is_clear(self) -> Self:
        for one in self.routing:
            asked = {*(one.condition.facts if one.condition else ()), *filter(None, [one.place])}
            if strangers := asked - self.facts:
                raise _wrong(
                    f"routing asks for facts no schema declares: {sorted(strangers)}",
                    f"routing fragt nach Angaben, die kein Schema erklärt: {sorted(strangers)}",
                )
        for service in self.services:
            about = [one for one in self.routing if service in (one.services or self.services)]
            if any(not one.excludes(other) for one, other in combinations(about, 2)):
                raise _wrong(
                    f"routing says two things of {service} for one region that may hold together",
                    f"routing sagt zu {service} für ein Gebiet zweierlei, das zugleich gelten kann",
                )
        return self

    @property
    def facts(self) -> frozenset[str]:
        """Names of all facts its schemas declare."""
        return frozenset(name for schema in self.schemas for name in schema.facts)

    @model_validator(mode="after")
    def _schemas_are_named_rightly(self) -> Self:
        if len({schema.uri for schema in self.schemas}) < len(self.schemas):
            raise _wrong("two schemas have the same uri", "zwei Schemata haben dieselbe uri")
        identity = f"{self.kennung}_{self.version}#"
        for schema in self.schemas:
            if f"_{self.version}" not in schema.uri:
                raise _wrong(
                    f"{schema.uri} does not name the version: _{self.version}",
                    f"{schema.uri} nennt die Version nicht: _{self.version}",
                )
            if isinstance(schema, JsonSchema):
                continue
            if not schema.uri.startswith(identity):
                raise _wrong(
                    f"{schema.uri} does not begin with kennung and version: {identity}",
                    f"{schema.uri} beginnt nicht mit kennung und Version: {identity}",
                )
            if schema.root.partition(":")[0] not in self.prefixes:
                raise _wrong(
                    f"the prefix of {schema.root} is not in the table of prefixes",
                    f"das Präfix von {schema.root} steht nicht in der Tabelle prefixes",
                )
        return self

    @model_validator(mode="after")
    def _expressions_compile(self) -> Self:
        for schema in self.schemas:
            rules = schema.rules if isinstance(schema, XmlSchema) else ()
            if len({rule.id for rule in rules}) < len(rules):
                raise _wrong(
                    f"{schema.uri}: two rules have the same id", f"{schema.uri}: zwei Regeln haben dieselbe id"
                )
            for rule in rules:
                self._compiled(rule.context, f"rules {rule.id}")
                self._compiled(rule.test, f"rules {rule.id}")
            if isinstance(schema, XmlSchema) and schema.when:
                self._compiled(schema.when, f"{schema.uri} when")
        return self

    def _compiled(self, expression: str, place: str) -> None:
        try:
            compiled(expression, self.prefixes)
        except Misconfigured as cause:
            raise _wrong(f"{place}: {cause.en}", f"{place}: {cause.de}") from cause


def read_service_file(file: Path) -> ServiceFile:
    """Raises `Misconfigured` with everything that is wrong."""
    try:
        return ServiceFile.model_validate(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as cause:
        mistakes = cause.errors(include_url=False)
        en = "; ".join(_mistake(each, "en") for each in mistakes)
        de = "; ".join(_mistake(each, "de") for each in mistakes)
        raise Misconfigured(f"{file}: {en}", f"{file}: {de}") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"{file} is no TOML: {cause}", f"{file} ist kein TOML: {cause}") from cause
    except OSError as cause:
        said = (cause_told(cause, "en"), cause_told(cause, "de"))
        raise Misconfigured(f"{file} cannot be read: {said[0]}", f"{file} ist nicht lesbar: {said[1]}") from cause


def _mistake(item: Mapping[str, Any], language: Language) -> str:
    place = ".".join(map(str, item["loc"]))
    said = item["ctx"][language] if item["type"] == _OWN_RULE else finding(item).sentence(language)
    return f"{place}: {said}" if place else said

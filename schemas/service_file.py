"""`service.toml`: what a service package declares."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.findings import SENTENCES
from schemas.plan import Grade

Leika = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Line = Annotated[str, Field(min_length=1, max_length=500)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Declared):
    de: Line
    en: Line


class _Fact(Bilingual):
    """A value for routing, read from valid documents only. Must not be personal."""

    pattern: Line

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as cause:
            raise ValueError(f"not a regular expression: {cause}") from cause
        return pattern


class XmlFact(_Fact):
    xpath: Line

    @property
    def at(self) -> str:
        return self.xpath


class JsonFact(_Fact):
    pointer: Annotated[str, Field(pattern=r"^(/([^~/]|~[01])*)+$")]
    """JSON Pointer (RFC 6901)."""

    @property
    def at(self) -> str:
        return self.pointer


class XmlSchema(_Declared):
    mime_type: Literal["application/xml"]
    uri: Line
    """`kennung_version#root element`, as XÖV standards are named."""
    xsd: Line
    root: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.-]*:[A-Za-z_][\w.-]*$")]
    """`prefix:name`, the prefix from the table of prefixes."""
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

    @property
    def entry(self) -> str:
        return self.json_schema


DeclaredSchema = Annotated[XmlSchema | JsonSchema, Field(discriminator="mime_type")]


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
    prefixes: Mapping[Name, Line] = Field(default_factory=dict)
    schemas: Annotated[tuple[DeclaredSchema, ...], Field(min_length=1)]
    routing: Mapping[Leika, Name]
    references: Grade = Grade.WARNING
    """How wrong a broken `xs:ID` or `xs:IDREF` is."""
    samples: tuple[DeclaredSample, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if strangers := set(self.routing) - set(self.services):
            raise ValueError(f"routing names services the package does not serve: {sorted(strangers)}")
        if len({schema.uri for schema in self.schemas}) < len(self.schemas):
            raise ValueError("two schemas have the same uri")
        identity = f"{self.kennung}_{self.version}#"
        for schema in self.schemas:
            if f"_{self.version}" not in schema.uri:
                raise ValueError(f"{schema.uri} does not name the version: _{self.version}")
            if isinstance(schema, JsonSchema):
                continue
            if not schema.uri.startswith(identity):
                raise ValueError(f"{schema.uri} does not begin with kennung and version: {identity}")
            if schema.root.partition(":")[0] not in self.prefixes:
                raise ValueError(f"the prefix of {schema.root} is not in the table of prefixes")
        if strangers := {sample.schema_uri for sample in self.samples} - {schema.uri for schema in self.schemas}:
            raise ValueError(f"samples name unknown schemas: {sorted(strangers)}")
        return self

"""A valid application for trying out, made of a package's own samples."""

import json
from typing import Any

from lxml import etree

from amtsbote.errors import NotFound
from schemas.package import LoadedPackage
from schemas.reading import read_file
from schemas.service_file import JsonSchema, XmlSchema


def trial_document(package: LoadedPackage, schema_uri: str, *, region: str, service: str) -> bytes:
    """The shortest valid sample of the schema, for this region (ARS, 12 digits) and service (LeiKa, 14 digits), marked
    as a test where the schema knows such a mark. Raises `NotFound` when the package has no valid sample of it."""
    wanted = [schema for schema in package.declared.schemas if schema.uri == schema_uri]
    samples = [
        (package.folder / sample.file).read_bytes()
        for sample in package.declared.samples
        if sample.schema_uri == schema_uri and not sample.code
    ]
    if not wanted or not samples:
        raise NotFound(schema_uri)
    schema, sample = wanted[0], min(samples, key=len)
    values = {"region": region, "service": service}
    if isinstance(schema, JsonSchema):
        return _in_json(sample, schema, {**values, "test": True})
    return _in_xml(sample, schema, dict(package.declared.prefixes), values)


def _in_json(sample: bytes, schema: JsonSchema, values: dict[str, Any]) -> bytes:
    document = json.loads(sample)
    for name in values.keys() & schema.facts.keys():
        *way, last = schema.facts[name].pointer.split("/")[1:]
        place = document
        for step in way:
            place = place[step]
        place[last] = values[name]
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _in_xml(sample: bytes, schema: XmlSchema, prefixes: dict[str, str], values: dict[str, str]) -> bytes:
    root = read_file(sample)
    for name in values.keys() & schema.facts.keys():
        for element in root.iterfind(_below(schema.facts[name].xpath), namespaces=prefixes):
            element.text = values[name]
    if "test" in schema.facts:
        root.set("test", "true")  # the attribute XÖV standards have for it
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _below(xpath: str) -> str:
    """The path of a fact, `/antrag/a/b`, as seen from the root element."""
    return "/".join((".", *xpath.split("/")[2:]))

"""A valid application for trying out, made of a package's own samples."""

from lxml import etree

from amtsbote.errors import NotFound
from schemas.package import DeclaredSchema, LoadedPackage


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
    root = etree.fromstring(min(samples, key=len), etree.XMLParser(resolve_entities=False, no_network=True))
    for name, value in (("region", region), ("service", service)):
        _put(root, package, wanted[0], name, value)
    if "test" in wanted[0].facts:
        root.set("test", "true")  # the attribute XÖV standards have for it
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _put(root: etree._Element, package: LoadedPackage, schema: DeclaredSchema, name: str, value: str) -> None:
    if name not in schema.facts:
        return
    for element in root.iterfind(_below(schema.facts[name].xpath), namespaces=dict(package.declared.prefixes)):
        element.text = value


def _below(xpath: str) -> str:
    """The path of a fact, `/root/a/b`, as seen from the root element."""
    return "/".join((".", *xpath.split("/")[2:]))

"""The same check as `preflight`, by the helpers of a service: they stand ready, and know its schemas."""

from collections.abc import Sequence
from typing import Final

from amtsbote.model.content import SchemaRef
from amtsbote.model.report import Checked
from amtsbote.model.schema import LayerOutcome
from amtsbote.model.schema_uris import spelled_as_known
from schemas.preflight import among, called_alike, checked_by, only_fitting, refused, unfitting, unknown
from schemas.registry import XML, SchemaRegistry

JSON: Final = "application/json"


def check(registry: SchemaRegistry, document: bytes, mime_type: str, declared: str = "") -> Checked:
    """Without a declared schema, by what its content says. Raises as `SchemaRegistry.inspect`."""
    if declared:
        uris = {each.uri for each in registry.known}
        ref = SchemaRef(spelled_as_known(declared, uris), mime_type)
        if not registry.knows(ref):
            messages = called_alike(ref.uri, uris)
            if "#" in ref.uri or not messages or mime_type == JSON:
                return unknown(LayerOutcome.NOT_RUN, messages)
            return _told_by_content(registry, document, messages)
        return _by(registry, ref, document)
    if mime_type == JSON:
        refs = sorted((ref for ref in registry.bundled_schemas if ref.mime_type == JSON), key=lambda ref: ref.uri)
        return only_fitting([_by(registry, ref, document) for ref in refs])
    return _told_by_content(registry, document)


def _told_by_content(registry: SchemaRegistry, document: bytes, messages: Sequence[str] = ()) -> Checked:
    """`messages`: those of the standard that is named; none where none is."""
    identified = registry.identify(document)
    if identified.findings:
        return refused(identified.findings)
    identified = among(messages, identified) if messages else identified
    found = [ref for ref in (SchemaRef(uri, XML) for uri in identified.matches) if registry.knows(ref)]
    if len(found) == 1:
        return _by(registry, found[0], document)
    return unfitting(identified)


def _by(registry: SchemaRegistry, ref: SchemaRef, document: bytes) -> Checked:
    return checked_by(ref.uri, registry.inspect(ref, document))

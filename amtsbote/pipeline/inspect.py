"""Step 2, inspect: is the data what the destination takes, and does it satisfy its schema?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from amtsbote.api.answer import ANSWER_SCHEMA, AnswerUnreadable, read_answer
from amtsbote.errors import Problem, Rejected
from amtsbote.errors.table import (
    DATA_AGAINST_SCHEMA,
    DATA_SCHEMA_NOT_YET,
    DATA_SCHEMA_OVER,
    DATA_SCHEMA_UNSUPPORTED,
    DATA_SYNTAX,
)
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import Directory
from amtsbote.model.message import MessageKind
from amtsbote.model.schema import Finding, Inspection, Layer, LayerOutcome, in_words
from amtsbote.model.schema_uris import spelled_as_known
from amtsbote.pipeline.open import Opened, submitted_on
from schemas.findings import Observation, finding_of
from schemas.registry import SchemaRegistry


@dataclass(frozen=True, slots=True)
class Inspected:
    """An opened message whose data is valid. Made by `inspect_message` only."""

    opened: Opened
    inspection: Inspection

    def told(self) -> Mapping[str, str]:
        return {"package": self.inspection.package, "warnings": str(len(self.inspection.findings))}


def inspect_message(opened: Opened, schemas: SchemaRegistry, directory: Directory) -> Inspected:
    """Validate in a helper process: this side never parses a sender's XML or JSON."""
    schema = opened.content.schema
    if opened.message.kind is MessageKind.REPLY and schema == ANSWER_SCHEMA:
        return Inspected(opened, _read_as_answer(opened.content.data))
    opened = _as_listed(opened)
    schema = opened.content.schema
    if problem := _not_taken(schema, opened, schemas, directory):
        raise Rejected(problem)
    inspection = schemas.inspect(schema, opened.content.data)
    if not inspection.valid:
        raise _rejected(schema.uri, inspection)
    return Inspected(opened, inspection)


def _as_listed(opened: Opened) -> Opened:
    """With the schema as the destination spells it: everything that follows looks it up."""
    schema, offered = opened.content.schema, opened.destination.offers(opened.message.service)
    listed = offered.schemas if offered is not None else ()
    uri = spelled_as_known(schema.uri, (each.uri for each in listed if each.mime_type == schema.mime_type))
    if uri == schema.uri:
        return opened
    return replace(opened, content=replace(opened.content, schema=SchemaRef(uri, schema.mime_type)))


def _not_taken(schema: SchemaRef, opened: Opened, schemas: SchemaRegistry, directory: Directory) -> Problem | None:
    """None when the destination takes the schema for this service on the day of the submit."""
    destination, service, on = opened.destination, opened.message.service, submitted_on(opened.message)
    offered, term, uri = destination.offers(service), directory.term(destination, schema.uri), schema.uri
    supported = ", ".join(ref.uri for ref in directory.taken(destination, service, on)) or "–"
    if offered is None or schema not in offered.schemas or not schemas.knows(schema):
        return DATA_SCHEMA_UNSUPPORTED(instance="metadata", schema=uri, supported=supported)
    if term.over(on):
        return DATA_SCHEMA_OVER(instance="metadata", schema=uri, supported=supported, end=term.valid_to)
    if not term.begun(on):
        return DATA_SCHEMA_NOT_YET(instance="metadata", schema=uri, supported=supported, begin=term.valid_from)
    return None


def _read_as_answer(data: bytes) -> Inspection:
    """What an applicant says to an authority's answer. JSON, and small: it is read here."""
    try:
        read_answer(data)
    except AnswerUnreadable as error:
        if error.reason == "no-json":
            raise Rejected(DATA_SYNTAX(instance="data", reason=error.reason)) from None
        findings = tuple(finding_of(Observation("JSON-VALUE", place)) for place in error.places)
        raise _rejected(ANSWER_SCHEMA.uri, _as_answer(LayerOutcome.FAILED, findings)) from None
    return _as_answer(LayerOutcome.PASSED)


def _as_answer(outcome: LayerOutcome, findings: tuple[Finding, ...] = ()) -> Inspection:
    judged = {Layer.WELL_FORMED: LayerOutcome.PASSED, Layer.JSON_SCHEMA: outcome}
    return Inspection("antwort 1.0", dict.fromkeys(Layer, LayerOutcome.NOT_DECLARED) | judged, findings, {})


def _rejected(uri: str, inspection: Inspection) -> Rejected:
    findings = [finding.document() for finding in inspection.findings]
    extensions = {"layers": in_words(inspection.layers), "findings": findings, "moreFindings": inspection.more}
    count = len(inspection.errors)
    if not inspection.well_formed:
        return Rejected(DATA_SYNTAX(instance="data", extensions=extensions, reason=inspection.findings[0].code))
    return Rejected(DATA_AGAINST_SCHEMA(instance="data", extensions=extensions, schema=uri, count=count))

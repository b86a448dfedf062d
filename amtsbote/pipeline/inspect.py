"""Step 2, inspect: is the data what the destination takes, and does it satisfy its schema?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from amtsbote.api.answer import ANSWER_SCHEMA, AnswerUnreadable, read_answer
from amtsbote.errors import Rejected
from amtsbote.errors.table import DATA_AGAINST_SCHEMA, DATA_SCHEMA_UNSUPPORTED, DATA_SYNTAX
from amtsbote.model.message import MessageKind
from amtsbote.model.schema import Inspection, Layer, LayerOutcome, in_words
from amtsbote.pipeline.open import Opened
from schemas.registry import SchemaRegistry


@dataclass(frozen=True, slots=True)
class Inspected:
    """An opened message whose data is valid. Made by `inspect_message` only."""

    opened: Opened
    inspection: Inspection

    def told(self) -> Mapping[str, str]:
        return {"package": self.inspection.package, "warnings": str(len(self.inspection.findings))}


def inspect_message(opened: Opened, schemas: SchemaRegistry) -> Inspected:
    """Validate in a helper process: this side never parses a sender's XML or JSON."""
    schema = opened.content.schema
    if opened.message.kind is MessageKind.REPLY and schema == ANSWER_SCHEMA:
        return Inspected(opened, _read_as_answer(opened.content.data))
    offered = opened.destination.offers(opened.message.service)
    accepted = offered.schemas if offered else ()
    if schema not in accepted or schemas.package_for(schema) is None:
        supported = ", ".join(ref.uri for ref in accepted)
        raise Rejected(DATA_SCHEMA_UNSUPPORTED(instance="metadata", schema=schema.uri, supported=supported))
    inspection = schemas.inspect(schema, opened.content.data)
    if not inspection.valid:
        raise _rejected(schema.uri, inspection)
    return Inspected(opened, inspection)


def _read_as_answer(data: bytes) -> Inspection:
    """What an applicant says to an authority's answer. JSON, and small: it is read here."""
    try:
        read_answer(data)
    except AnswerUnreadable as error:
        if error.reason == "no-json":
            raise Rejected(DATA_SYNTAX(instance="data", reason=error.reason)) from None
        findings = [{"code": "JSON-VALUE", "path": place} for place in error.places]
        told = {"findings": findings, "moreFindings": False}
        uri, count = ANSWER_SCHEMA.uri, len(findings)
        raise Rejected(DATA_AGAINST_SCHEMA(instance="data", extensions=told, schema=uri, count=count)) from None
    judged = dict.fromkeys((Layer.WELL_FORMED, Layer.JSON_SCHEMA), LayerOutcome.PASSED)
    return Inspection("antwort 1.0", dict.fromkeys(Layer, LayerOutcome.NOT_DECLARED) | judged, (), {})


def _rejected(uri: str, inspection: Inspection) -> Rejected:
    findings = [asdict(finding) for finding in inspection.findings]
    extensions = {"layers": in_words(inspection.layers), "findings": findings, "moreFindings": inspection.more}
    count = len(inspection.errors)
    if not inspection.well_formed:
        return Rejected(DATA_SYNTAX(instance="data", extensions=extensions, reason=inspection.findings[0].code))
    return Rejected(DATA_AGAINST_SCHEMA(instance="data", extensions=extensions, schema=uri, count=count))

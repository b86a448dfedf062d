"""Asking before sending: an API of our own beside those of FIT-Connect (decision 0021)."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD, MEDIA_TYPE
from amtsbote.mailroom import present_destination
from amtsbote.model.directory import Destination, Directory
from amtsbote.model.report import CheckReport, as_document
from amtsbote.model.routing import german_day, german_midnight
from amtsbote.model.schema_uris import spelled_as_known
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.bodies import read_bytes
from transport.fitconnect.server.callers import sender
from transport.fitconnect.server.destinations import destination_id
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.naming import SERVICE_URN, service_key
from transport.fitconnect.server.routing import KEYS

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DOCUMENTS: Final = ("application/xml", "application/json")
_LONGEST_URI: Final = 500
_CACHED: Final = 300
"""Seconds for which everybody may keep an answer: so long a change may stay unseen."""


async def check(front: Front, request: Request) -> Response:
    """POST /v1/check?schema&service&ars, for senders: the document itself, of which nothing stays here."""
    sender(front, request)
    given, mime_type = request.query_params, _document_type(request)
    schema = given.get("schema", "")
    if len(schema) > _LONGEST_URI:
        raise RequestRefused(INVALID_FIELD(field="schema", reason=f"0..{_LONGEST_URI}"))
    asked = _asked_route(request)
    most = front.limits.data
    with front.admission.room(most) as room:
        document = await read_bytes(request, most, front.limits, room)
        report = await front.check(document, mime_type, schema)
    if asked is not None:
        report = _with_route(front, report, asked, report.checked.schema or schema)
    answered = answer(200, as_document(report))
    answered.headers["Cache-Control"] = "no-store"
    return answered


def _document_type(request: Request) -> str:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in _DOCUMENTS:
        raise RequestRefused(MEDIA_TYPE(expected=" | ".join(_DOCUMENTS)))
    return given


def _asked_route(request: Request) -> tuple[str, str] | None:
    """Service and region, when both are given."""
    service, region = request.query_params.get("service"), request.query_params.get("ars")
    if service is None and region is None:
        return None
    if service is None or region is None:
        raise RequestRefused(INVALID_FIELD(field="ars" if region is None else "service", reason="missing"))
    if KEYS["ars"].fullmatch(region) is None:
        raise RequestRefused(INVALID_FIELD(field="ars", reason=KEYS["ars"].pattern))
    return service_key(service, "service"), region


def _with_route(front: Front, report: CheckReport, asked: tuple[str, str], uri: str) -> CheckReport:
    """Where it would go today, as the routing API answers; and whether the destination takes the schema today, if one
    is known."""
    way = front.published.routes().route(*asked, report.at, report.checked.facts)
    if way.destination is None or not uri:
        return replace(report, route=way)
    taken = _acceptance(front.directory(), way.destination, uri, way.service, way.on)
    return replace(report, route=way, acceptance=taken)


async def acceptance(front: Front, request: Request) -> Response:
    """GET /v1/destinations/{id}/acceptance?schemaUri&service&date, without a token: does it take this schema then?"""
    now, directory = front.clock(), front.directory()
    found = present_destination(directory, destination_id(request), now)
    given = request.query_params
    uri = given.get("schemaUri", "")
    if not 0 < len(uri) <= _LONGEST_URI:
        raise RequestRefused(INVALID_FIELD(field="schemaUri", reason=f"1..{_LONGEST_URI}"))
    service = service_key(given["service"], "service") if "service" in given else None
    on = _day(given["date"]) if "date" in given else german_day(now)
    answered = answer(200, _acceptance(directory, found, uri, service, on))
    kept = _CACHED if "date" in given else min(_CACHED, _until_tomorrow(now))
    answered.headers["Cache-Control"] = f"public, max-age={kept}"
    return answered


def _acceptance(directory: Directory, found: Destination, uri: str, service: str | None, on: date) -> dict[str, Any]:
    asked = [one for one in found.services if service in {None, one.service}]
    uri = spelled_as_known(uri, (schema.uri for one in asked for schema in one.schemas))
    listed = [one.service for one in asked if any(schema.uri == uri for schema in one.schemas)]
    reason = _against(directory, found, uri, on) if listed else "not-offered"
    term = directory.term(found, uri)
    days = {"validFrom": term.valid_from, "validTo": term.valid_to} if listed else {}
    taken = dict.fromkeys(schema for one in asked for schema in directory.taken(found, one.service, on))
    return {
        "destinationId": found.id,
        "schemaUri": uri,
        "date": on.isoformat(),
        "accepted": reason is None,
        **({} if reason is None else {"reason": reason}),
        "services": [SERVICE_URN + one for one in listed],
        **{name: day.isoformat() for name, day in days.items() if day is not None},
        "submissionSchemas": [{"schemaUri": schema.uri, "mimeType": schema.mime_type} for schema in taken],
    }


def _against(directory: Directory, found: Destination, uri: str, on: date) -> str | None:
    """Why a schema that is listed is not taken."""
    term = directory.term(found, uri)
    if term.over(on):
        return "over"
    if not term.begun(on):
        return "not-yet"
    return None if found.takes_new else "inactive"


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value if _DAY.fullmatch(value) else "")
    except ValueError:
        raise RequestRefused(INVALID_FIELD(field="date", reason="YYYY-MM-DD")) from None


def _until_tomorrow(now: datetime) -> int:
    """Whole seconds for which today stays today."""
    return int((german_midnight(german_day(now)) - now).total_seconds())

"""Asking before sending: an API of our own beside those of FIT-Connect (decision 0021)."""

import re
from datetime import date, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from amtsbote.mailroom import present_destination
from amtsbote.model.directory import Destination, Directory
from amtsbote.model.routing import german_day, german_midnight
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.destinations import destination_id
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.naming import SERVICE_URN, service_key

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_URI: Final = 500
_CACHED: Final = 300
"""Seconds for which everybody may keep an answer: so long a change may stay unseen."""


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

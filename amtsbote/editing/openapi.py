"""What the editing API offers on the wire, as OpenAPI 3.1: written by hand, and held against every answer by tests."""

from collections.abc import Mapping
from typing import Any, Final

from amtsbote.model.routing import Outcome
from amtsbote.model.versions import DraftState
from routing.coverage import Verdict
from routing.layout import COLUMNS
from transport.fitconnect.server.openapi.document import Api
from transport.fitconnect.server.openapi.operations import BODY, Body, Operation, in_query, json, token
from transport.fitconnect.server.openapi.schemas import (
    COUNT,
    DAY,
    INSTANT,
    OAUTH_ERROR,
    PROBLEM,
    TEXT,
    TOKEN,
    TOKEN_REQUEST,
    Schema,
    listed,
    maybe,
    ref,
    some,
    whole,
)
from transport.fitconnect.server.versions import Version

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORM: Final = "multipart/form-data"

_TABLE: Final[Schema] = {"enum": list(COLUMNS)}
_NUMBER: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 2**53}
_REASON: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 1000,
    "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
}
_FILE: Final[Schema] = {"type": "string", "contentMediaType": "application/octet-stream"}
_SERVICE: Final[Schema] = {"type": "string", "pattern": "^[0-9]{14}$"}
_REGION: Final[Schema] = {"type": "string", "pattern": "^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})?$"}
_ROW: Final[Schema] = {"type": "object", "additionalProperties": TEXT}
_ROWS: Final[Schema] = {
    "type": "object",
    "description": "Table → added, changed, removed.",
    "additionalProperties": {"type": "object", "additionalProperties": COUNT},
}
_BOTH_LANGUAGES: Final = whole({"de": TEXT, "en": TEXT})
_PAGE: Final = (
    in_query("offset", {"type": "integer", "minimum": 0, "maximum": 10**9, "default": 0}),
    in_query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}),
)
_MIRRORED: Final = maybe(whole({"issuer": TEXT, "version": COUNT, "digest": TEXT}))
_HOP: Final = some({"table": TEXT, "rule": TEXT, "line": COUNT}, {})


def _paged(name: str, of: Schema, **more: Schema) -> Schema:
    return whole({"total": COUNT, "offset": COUNT, name: listed(of), **more})


_DRAFT: Final = some(
    {
        "id": _NUMBER,
        "at": INSTANT,
        "author": TEXT,
        "reason": TEXT,
        "base": COUNT,
        "effective": maybe(DAY),
        "state": {"enum": list(DraftState)},
        "settled_at": maybe(INSTANT),
        "settled_by": maybe(TEXT),
        "version": maybe(_NUMBER),
    },
    {"digest": TEXT, "mirrored": _MIRRORED},
)
_RECIPIENT: Final = some(
    {"role": TEXT, "authority": TEXT, "authorityName": maybe(TEXT), "region": TEXT, "targets": listed(TEXT)},
    {"recipient": TEXT, "authorityOrigin": maybe(TEXT), "authorityStand": maybe(DAY)},
)
_SOURCE: Final = whole(
    {"source": TEXT, "rows": COUNT, "authorities": COUNT, "oldest": maybe(DAY), "newest": maybe(DAY)}
)
_SIDE: Final = whole({"verdict": {"enum": list(Verdict)}, "authorities": listed(TEXT)})
_COUNTS: Final[Schema] = {"type": "object", "additionalProperties": maybe(COUNT)}
_SCHEMAS: Final[Mapping[str, Schema]] = {
    "Problem": {
        **PROBLEM,
        "properties": {**PROBLEM["properties"], "mistakes": listed(_BOTH_LANGUAGES)},
    },
    "OAuthError": OAUTH_ERROR,
    "Token": TOKEN,
    "TokenRequest": TOKEN_REQUEST,
    "Versions": _paged(
        "versions",
        some(
            {
                "number": _NUMBER,
                "at": INSTANT,
                "author": TEXT,
                "reason": TEXT,
                "effective": DAY,
                "releaser": maybe(TEXT),
                "draft": maybe(_NUMBER),
                "standing": {"enum": ["in-force", "pending", "past"]},
            },
            {"mirrored": _MIRRORED},
        ),
    ),
    "Tables": whole(
        {
            "version": COUNT,
            "routes": listed(whole({"id": _TABLE, "rows": COUNT, "bytes": COUNT, "sha256": TEXT})),
            "sources": listed(_SOURCE),
        }
    ),
    "Rows": _paged("rows", whole({"line": COUNT, "cells": listed(TEXT)}), version=_NUMBER, columns=listed(TEXT)),
    "Defaults": whole(
        {
            "version": COUNT,
            "defaults": listed(
                some(
                    {"package": TEXT, "service": TEXT, "role": TEXT, "everywhere": {"type": "boolean"}},
                    {"region": TEXT, "kind": TEXT, "condition": TEXT, "overridden": listed({"type": "object"})},
                )
            ),
        }
    ),
    "Drafts": _paged("drafts", _DRAFT),
    "Difference": _paged(
        "changes",
        whole(
            {
                "table": _TABLE,
                "line": COUNT,
                "action": {"enum": ["added", "changed", "removed"]},
                "before": maybe(_ROW),
                "after": maybe(_ROW),
            }
        ),
        draft=_DRAFT,
        rows=_ROWS,
        four_eyes=listed(TEXT),
    ),
    "Proposal": some(
        {"reason": _REASON},
        {
            "effective": DAY,
            "base": {"type": "string", "description": "Version that was changed; without it that of the day."},
            "workbook": {**_FILE, "description": "XLSX with a sheet for each table."},
            **{table: {**_FILE, "description": "CSV or XLSX."} for table in COLUMNS},
        },
        description="Each table is a part that has its name. At least one.",
    ),
    "Rollback": some({"version": _NUMBER, "reason": _REASON}, {"effective": maybe(DAY)}, additionalProperties=False),
    "Proposed": some(
        {
            "draft": maybe(_NUMBER),
            "version": maybe(_NUMBER),
            "rows": _ROWS,
            "four_eyes": listed(TEXT),
            "releasers": listed(TEXT),
        },
        {"made": {"type": "boolean"}, "base": COUNT, "effective": maybe(DAY)},
        description="draft is null, and version is not, for the very first tables. releasers: who may be second.",
    ),
    "Released": whole(
        {"draft": _NUMBER, "version": _NUMBER, "effective": DAY, "rows": _ROWS, "carried": listed(_NUMBER)},
        description="carried: versions of later days that the change was made to as well.",
    ),
    "Discarded": whole({"draft": _NUMBER}),
    "WhatIf": _paged(
        "moved",
        some(
            {
                "id": TEXT,
                "service": TEXT,
                "region": TEXT,
                "date": DAY,
                "stage": {"enum": ["live", "test"]},
                "facts": {"type": "object", "additionalProperties": TEXT},
                "before": _SIDE,
                "after": _SIDE,
            },
            {},
        ),
        draft=_NUMBER,
        days=_NUMBER,
        checked=COUNT,
    ),
    "Coverage": _paged(
        "findings",
        whole(
            {
                "services": listed(TEXT),
                "place": TEXT,
                "name": TEXT,
                "municipalities": COUNT,
                "verdict": {"enum": list(Verdict)},
                "authorities": listed(TEXT),
                "reason": maybe(_BOTH_LANGUAGES),
            }
        ),
        version=COUNT,
        date=DAY,
        destinations_examined={"type": "boolean"},
        lands={"type": "object", "additionalProperties": _COUNTS},
        services={"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _COUNTS}},
    ),
    "Question": some(
        {"service": _SERVICE, "region": _REGION},
        {
            "on": maybe(DAY),
            "stage": {"enum": ["live", "test"]},
            "facts": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z][a-z0-9_-]{0,63}$"},
                "additionalProperties": {"type": "string", "maxLength": 200},
            },
        },
        additionalProperties=False,
    ),
    "Explanation": some(
        {
            "outcome": {"enum": list(Outcome)},
            "service": TEXT,
            "ars": TEXT,
            "date": DAY,
            "stage": {"enum": ["live", "test"]},
            "role": maybe(TEXT),
            "authority": maybe(TEXT),
            "authorityName": maybe(TEXT),
            "region": maybe(TEXT),
            "destination": maybe(TEXT),
            "targets": {**listed(TEXT), "maxItems": 0, "description": "The operator's business: never shown here."},
            "also": listed(_RECIPIENT),
            "candidates": listed(TEXT),
            "reason": maybe(some({"why": TEXT, "role": maybe(TEXT), "de": TEXT, "en": TEXT}, {})),
            "trace": some({"version": COUNT, "hops": listed(_HOP)}, {"facts": _ROW}),
            "off": listed(_HOP),
        },
        {"authorityOrigin": maybe(TEXT), "authorityStand": maybe(DAY)},
    ),
}


def _operations(_: Version | None) -> tuple[Operation, ...]:
    """In the order in which a change is made."""
    looking, doing, one = (401, 403), (401, 403, 404, 409, 422), "/drafts/{draft}"
    version = in_query("version", _NUMBER)
    key: Schema = {"type": "string", "maxLength": 14}
    tables = (json("Rows"), Body(CSV, TEXT), Body(XLSX, _FILE))
    return (
        Operation("GET", "/versions", "listVersions", "Versions of the tables, the newest first",
                  {200: json("Versions")}, looking, query=_PAGE),
        Operation("GET", "/tables", "listTables", "The tables in force", {200: json("Tables")}, looking),
        Operation("GET", "/tables/{table}", "getTable", "Rows of a table, or the whole of it to be changed",
                  {200: tables}, (*looking, 404, 422), query=(version, in_query("containing", TEXT), *_PAGE)),
        Operation("GET", "/defaults", "listDefaults", "What service packages say, and which rows go before it",
                  {200: json("Defaults")}, looking),
        Operation("GET", "/drafts", "listDrafts", "Change sets, the newest first", {200: json("Drafts")}, looking,
                  query=(in_query("state", {"enum": list(DraftState)}), *_PAGE)),
        Operation("POST", "/drafts", "proposeDraft", "Propose a change set; 200 for one that is there already",
                  {200: json("Proposed"), 201: json("Proposed")}, (*doing, *BODY), Body(FORM, ref("Proposal"))),
        Operation("GET", one, "getDraft", "What a change set changes, row by row",
                  {200: json("Difference")}, (*looking, 404), query=_PAGE),
        Operation("GET", f"{one}/what-if", "tryDraft", "Which submissions of the last days it would send elsewhere",
                  {200: json("WhatIf")}, doing,
                  query=(in_query("days", {"type": "integer", "minimum": 1, "maximum": 3660, "default": 30}), *_PAGE)),
        Operation("POST", f"{one}/release", "releaseDraft", "Make a version of it, as the second person",
                  {200: json("Released")}, (*doing, 408, 413)),
        Operation("POST", f"{one}/discard", "discardDraft", "Throw it away",
                  {200: json("Discarded")}, (*doing, 408, 413)),
        Operation("POST", "/rollbacks", "proposeRollback", "Propose the tables of an earlier version; 200 likewise",
                  {200: json("Proposed"), 201: json("Proposed")}, (*doing, *BODY), json("Rollback")),
        Operation("GET", "/coverage", "getCoverage", "Who is competent everywhere, and what needs a look",
                  {200: json("Coverage")}, doing,
                  query=(in_query("draft", _NUMBER), in_query("date", DAY), in_query("service", key),
                         in_query("land", key), *_PAGE)),
        Operation("POST", "/explain", "explainRoute", "Who is competent for a question, and why",
                  {200: json("Explanation")}, (*looking, 404, *BODY), json("Question")),
    )  # fmt: skip


def _schemas(_: Version) -> Mapping[str, Any]:
    return _SCHEMAS


EDITING: Final = Api(
    "editing-api",
    "Editing API",
    ("v1",),
    _operations,
    "For the editors of the routing tables. Not part of FIT-Connect; described in docs/editing.md.",
    {"v1": {"major": 1, "minor": 0, "patch": 0}},
    _schemas,
)
SIGNING_IN: Final = Api(
    "auth",
    "OAuth 2.0",
    (None,),
    lambda _: (token(),),
    "The token endpoint of the editing API. Its tokens are of no use elsewhere.",
    {"v2": {"major": 1, "minor": 0, "patch": 0}},
    _schemas,
)
EDITING_APIS: Final = (EDITING, SIGNING_IN)

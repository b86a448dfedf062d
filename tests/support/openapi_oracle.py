"""Holds an answer against the OpenAPI document of its service. The clients of the tests ask it of every answer."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from patience import PATIENCE
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from amtsbote.editing.openapi import EDITING
from transport.fitconnect.server.openapi import APIS, document

DESCRIBED = (*APIS, EDITING)
PROBLEM = "application/problem+json"
JUDGED = {"no": 0}
"""How many answers have been judged, for whoever doubts that any were."""


LARGE = 1 << 20
"""Bytes of a part that nobody keeps in memory to judge them."""


class Undocumented(AssertionError):
    """An answer that no client would expect."""


def judged(answer: httpx.Response) -> None:
    """Hook for the answers of an `httpx.Client`. Of a large part only the head is judged."""
    large = int(answer.headers.get("content-length", 0)) > LARGE
    streams = large and answer.headers.get("content-type") == "application/jose"
    judge(answer, None if streams else answer.read())


async def judged_async(answer: httpx.Response) -> None:
    """The same of an `httpx.AsyncClient`."""
    judge(answer, await answer.aread())


def judging(**options: Any) -> httpx.Client:
    """A client of which every answer is judged."""
    options.setdefault("timeout", PATIENCE)
    return httpx.Client(**options, trust_env=False, event_hooks={"response": [judged]})


def judge(answer: httpx.Response, body: bytes | None) -> None:
    """Raises `Undocumented`. A body that streams is None: only its head is judged. Addresses that belong to none of our
    services are nobody's promise."""
    request = answer.request
    found = _place(urlsplit(str(request.url)).path)
    if found is None or request.method in ("HEAD", "OPTIONS", "TRACE"):
        return
    JUDGED["no"] += 1
    described, path = found
    methods = next((methods for pattern, methods in _patterns(described) if pattern.fullmatch(path)), None)
    if methods is None or request.method.lower() not in methods:
        _expect(answer, body, {"404" if methods is None else "405": {"content": {PROBLEM: _PROBLEM}}}, described)
    else:
        _expect(answer, body, methods[request.method.lower()]["responses"], described)


def _expect(
    answer: httpx.Response, body: bytes | None, responses: Mapping[str, Any], described: tuple[str, str | None]
) -> None:
    request, status = answer.request, str(answer.status_code)
    where = f"{request.method} {request.url} → {status}"
    if status not in responses:
        raise Undocumented(f"{where}: only {sorted(responses)} are documented: {(body or b'')[:300]!r}")
    content = responses[status].get("content", {})
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if body is None:
        return
    if not content:
        if body:
            raise Undocumented(f"{where}: a body nobody expects")
        return
    if kind not in content:
        raise Undocumented(f"{where}: {kind}, documented: {sorted(content)}")
    value = json.loads(body) if kind.endswith("json") else body.decode(errors="replace")
    for error in _validator(described, json.dumps(content[kind]["schema"])).iter_errors(value):
        raise Undocumented(f"{where}: {error.json_path}: {error.message[:300]}")


_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}


def _place(path: str) -> tuple[tuple[str, str | None], str] | None:
    for api in DESCRIBED:
        _, mount, rest = path.partition(f"/{api.mount}/")
        if not mount:
            continue
        rest = f"/{rest}"
        version = next((one for one in api.versions if one is None or rest.startswith(f"/{one}/")), api.versions[-1])
        if rest.endswith(("/openapi.json", "/docs")):
            return None
        return (api.mount, version), rest
    return None


@cache
def _document(described: tuple[str, str | None]) -> dict[str, Any]:
    mount, version = described
    [api] = [api for api in DESCRIBED if api.mount == mount]
    return document(api, version, "https://broker.test")  # type: ignore[arg-type]


@cache
def _patterns(described: tuple[str, str | None]) -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    return tuple(_compiled(_document(described)["paths"]))


def _compiled(paths: Mapping[str, Any]) -> Iterator[tuple[re.Pattern[str], Mapping[str, Any]]]:
    for path, methods in paths.items():
        yield re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), methods


@cache
def _validator(described: tuple[str, str | None], schema: str) -> Draft202012Validator:
    whole = DRAFT202012.create_resource(_document(described))
    registry: Registry[Any] = Registry().with_resource("urn:api", whole)
    based = json.loads(schema.replace('"#/components', '"urn:api#/components'))
    return Draft202012Validator(based, registry=registry, format_checker=FormatChecker())

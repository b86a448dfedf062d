"""Each service describes itself completely and rightly, for programs and for people."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from front_for_tests import Asked
from openapi_oracle import JUDGED, Undocumented, judge
from openapi_spec_validator import OpenAPIV31SpecValidator

from transport.fitconnect.server.application import AUTH, DESTINATION_API, PREFLIGHT_API, ROUTING_API, SUBMISSION_API
from transport.fitconnect.server.openapi import APIS, Api, document, page
from transport.fitconnect.server.openapi.document import address_of
from transport.fitconnect.server.openapi.links import LINKS

HOST = "https://broker.test/amt"
DESCRIBED = [(api, version) for api in APIS for version in api.versions]
TABLES = {
    "submission-api": SUBMISSION_API,
    "destination-api": DESTINATION_API,
    "routing-api": ROUTING_API,
    "preflight-api": PREFLIGHT_API,
    "auth": AUTH,
}
each = pytest.mark.parametrize(("api", "version"), DESCRIBED, ids=lambda one: getattr(one, "mount", one))


@each
def test_the_document_is_valid_and_every_schema_is_used(api: Api, version: Any) -> None:
    written = document(api, version, HOST)

    OpenAPIV31SpecValidator(written).validate()

    text = json.dumps(written["paths"]) + json.dumps(written["components"]["schemas"])
    assert {name for name in written["components"]["schemas"] if f'schemas/{name}"' not in text} == set()
    assert written["servers"] == [{"url": f"{HOST}/{api.mount}"}]


@each
def test_every_address_of_the_server_is_described_and_no_other(api: Api, version: Any) -> None:
    ours = [(method, path.replace("{version}", str(version))) for method, path, _ in TABLES[api.mount]]
    below = "" if version is None else f"/{version}"
    served = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in ours if path.startswith(f"{below}/")}
    served = {(method, path.removeprefix(below)) for method, path in served}
    told = {(one.method, re.sub(r"\{\w+\}", "{}", one.path)) for one in api.operations(version)}

    assert told - {("GET", "/.well-known/jwks.json")} == served
    names = [address_of(one, version)[1] for one in api.operations(version)]
    assert all(name for found in names for name in found)


@each
def test_a_link_fills_every_place_of_the_address_it_leads_to(api: Api, version: Any) -> None:
    written = document(api, version, HOST)
    operations = {one["operationId"]: one for methods in written["paths"].values() for one in methods.values()}

    for one in operations.values():
        for answer in one["responses"].values():
            for link in answer.get("links", {}).values():
                assert set(link["parameters"]) == in_path(operations[link["operationId"]])
                for expression in link["parameters"].values():
                    assert is_there(expression, one, answer, written), f"{one['operationId']}: {expression}"


def test_links_name_operations_that_there_are() -> None:
    known = {one.id for api, version in DESCRIBED for one in api.operations(version)}

    assert LINKS.keys() | {target for targets in LINKS.values() for target in targets} <= known


def in_path(operation: Mapping[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}


def is_there(expression: str, asked: Mapping[str, Any], answer: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Whether question or answer have what a runtime expression names."""
    where, _, pointer = expression.partition("#/")
    if where.startswith("$request.path."):
        return where.removeprefix("$request.path.") in in_path(asked)
    body = {"$request.body": asked.get("requestBody"), "$response.body": answer}[where]
    assert body is not None
    [content] = body["content"].values()
    return has(content["schema"], pointer.split("/"), written)


def has(schema: Mapping[str, Any], steps: Sequence[str], written: Mapping[str, Any]) -> bool:
    if "$ref" in schema:
        return has(written["components"]["schemas"][schema["$ref"].rpartition("/")[2]], steps, written)
    if not steps:
        return True
    if "allOf" in schema:
        return any(has(one, steps, written) for one in schema["allOf"])
    inner = schema.get("items") if steps[0].isdecimal() else schema.get("properties", {}).get(steps[0])
    return inner is not None and has(inner, steps[1:], written)


@each
async def test_it_is_served_with_a_page_that_needs_nothing_else(asked: Asked, api: Api, version: Any) -> None:
    below = f"/{api.mount}" + (f"/{version}" if version else "")
    data, shown = await asked.get(f"{below}/openapi.json", None), await asked.get(f"{below}/docs", None)

    assert data.json() == json.loads(json.dumps(document(api, version, asked.front.published.public_url)))
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; ")
    read = Reader()
    read.feed(shown.text)
    assert read.elsewhere == []
    assert "url(" not in shown.text
    assert "script" not in read.tags
    assert {one.id for one in api.operations(version)} <= read.ids
    assert {(one.method, address_of(one, version)[0]) for one in api.operations(version)} <= set(pairwise(read.words))
    pages = {link for link in read.links if link.endswith("/docs")}
    assert len(pages) == len(DESCRIBED)
    assert read.links - pages <= read.ids | {"openapi.json"}
    for link in pages:
        assert (await asked.get(urljoin(f"{below}/docs", link), None)).status_code == 200


class Reader(HTMLParser):
    """What a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.words: list[str] = []
        self.elsewhere: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            elif name == "href":
                self.links.add((value or "").removeprefix("#"))
            if name in {"href", "src"} and "//" in (value or ""):
                self.elsewhere.append(value or "")


def test_what_a_document_says_cannot_become_markup() -> None:
    written = document(APIS[0], "v2", 'https://x/"><script>alert(1)</script>')

    assert "<script" not in page(written, {'"><script>alert(2)</script>': '"><script>alert(3)</script>'})


def answers() -> Iterator[tuple[str, str, int, str, bytes]]:
    problem = {"type": "https://x/y", "title": "t", "status": 404, "detail": "d", "instance": "/i", "code": "AB-1003"}
    kind, good = "application/problem+json", json.dumps(problem).encode()
    yield "GET", "/submission-api/v2/info", 201, "application/json", b"{}"
    yield "GET", "/submission-api/v2/info", 200, "application/json", b"{}"
    yield "GET", "/submission-api/v2/info", 200, "text/plain", b'{"version":{"major":2,"minor":0,"patch":0}}'
    yield "GET", "/submission-api/v2/nothing", 200, "application/json", b"{}"
    yield "GET", "/submission-api/v2/nothing", 404, "application/json", good
    yield "GET", "/submission-api/v2/nothing", 404, kind, json.dumps({**problem, "code": 1}).encode()
    yield "DELETE", "/submission-api/v2/info", 404, kind, good
    yield "PUT", "/submission-api/v2/replies/1/accept", 204, "application/json", b"{}"
    yield "POST", "/auth/token", 400, kind, good


@pytest.mark.parametrize(("method", "path", "status", "kind", "body"), tuple(answers()))
def test_an_answer_nobody_would_expect_is_seen(method: str, path: str, status: int, kind: str, body: bytes) -> None:
    request = httpx.Request(method, f"http://broker.test{path}")
    before = JUDGED["no"]

    with pytest.raises(Undocumented):
        judge(httpx.Response(status, headers={"content-type": kind}, content=body, request=request), body)
    assert JUDGED["no"] == before + 1

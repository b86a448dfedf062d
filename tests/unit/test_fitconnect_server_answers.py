"""The same at every address: methods, headers, media types, languages, and a problem for whatever goes wrong."""

from typing import Any

import httpx
import pytest
from application_kit import Application
from front_for_tests import JOSE, NOBODY, Asked, creation, sent
from house_for_tests import DIRECT, HOST, SEALED, SUBSCRIBER
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from transport.fitconnect.server import error_handlers
from transport.fitconnect.server.negotiation import accepts, language_of

API = "/submission-api/v2"
SUBMISSIONS = f"{API}/submissions"


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == "de"
    assert {"type", "title", "detail", "instance"} <= problem.keys()
    return problem


# methods


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (SUBMISSIONS, "POST, GET, HEAD, OPTIONS"),
        (f"{SUBMISSIONS}/{NOBODY}", "PUT, GET, HEAD, OPTIONS"),
        (f"{API}/info", "GET, HEAD, OPTIONS"),
        ("/auth/token", "POST, OPTIONS"),
        ("/auth/.well-known/jwks.json", "GET, HEAD, OPTIONS"),
        ("/routing-api/v2/routes", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_and_a_wrong_method_name_what_is_there(asked: Asked, path: str, allowed: str) -> None:
    options = await asked.http.options(path)
    wrong = await asked.http.delete(path)

    assert (options.status_code, options.content, options.headers["Allow"]) == (204, b"", allowed)
    assert allowed in refused(wrong, 405, "AB-1004")["detail"]
    assert wrong.headers["Allow"] == allowed
    assert asked.watched.statuses == [204, 405]
    assert asked.watched.codes == ["AB-1004"]


@pytest.mark.parametrize("path", [f"{API}/info", "/auth/.well-known/jwks.json", f"{API}/destinations/{DIRECT}"])
async def test_head_is_get_without_content(asked: Asked, path: str) -> None:
    got = await asked.get(path)
    head = await asked.send("HEAD", path)

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers == got.headers


async def test_the_head_of_a_submission_is_had_without_its_content(asked: Asked) -> None:
    view, ready = await sent(asked, Application(SEALED, data=b"d" * 300_000))

    head = await asked.send("HEAD", f"{SUBMISSIONS}/{view['submissionId']}", SUBSCRIBER)

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > len(ready.data)


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path", [f"{API}/nothing", "/submission-api/v3/submissions", "/routing-api/", "/auth/x", "/elsewhere", "/"]
)
async def test_where_nothing_is_the_answer_is_a_problem(asked: Asked, method: str, path: str) -> None:
    refused(await asked.http.request(method, path), 404, "AB-1003")


# headers


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ([("Authorization", "Bearer a"), ("Authorization", "Bearer b")], "authorization"),
        ([("Content-Type", "application/json"), ("content-type", "application/json")], "content-type"),
        ([("Host", "broker.test"), ("Host", "elsewhere.test")], "host"),
    ],
)
async def test_a_header_that_may_occur_once_is_refused_twice(
    asked: Asked, headers: list[tuple[str, str]], name: str
) -> None:
    bearer = [] if name == "authorization" else list(asked.bearer().items())
    answer = await asked.http.post(SUBMISSIONS, headers=[*bearer, *headers], content=b"{}")
    token = await asked.http.post("/auth/token", headers=headers, content=b"grant_type=client_credentials")

    assert name in refused(answer, 400, "AB-1121")["detail"]
    assert (token.status_code, token.json()["error"]) == (400, "invalid_request")
    assert (await asked.send("POST", SUBMISSIONS, json=creation())).status_code == 201


async def test_a_list_may_be_spread_over_several_headers(asked: Asked) -> None:
    headers = [("Accept", "text/html"), ("Accept", "application/json"), ("Accept-Language", "fr"), *[("Via", "x")] * 2]
    answer = await asked.http.get(f"{API}/info", headers=headers)

    assert answer.status_code == 200


async def test_a_body_without_a_length_is_refused(asked: Asked) -> None:
    for path, media_type, client in (
        (SUBMISSIONS, "application/json", None),
        (f"{API}/cases/{NOBODY}/events", JOSE, SUBSCRIBER),
    ):
        bearer = asked.bearer(client) if client else asked.bearer()
        request = asked.http.build_request("POST", path, headers=bearer | {"Content-Type": media_type})
        del request.headers["Content-Length"]
        assert "Content-Length" in refused(await asked.http.send(request), 411, "AB-1304")["detail"]

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    request = asked.http.build_request("POST", "/auth/token", headers=form)
    del request.headers["Content-Length"]
    assert (await asked.http.send(request)).json()["error"] == "invalid_request"


# media types


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("application/*", 200),
        ("text/html, application/json;q=0.1", 200),
        ("APPLICATION/JSON", 200),
        ("application/json; charset=utf-8", 200),
        ("application/problem+json, application/json", 200),
        ("", 200),
        (";;;, ,", 200),
        ("*/*;q=x", 200),
        ("text/html", 406),
        ("application/xml, text/*", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0.000, */*", 406),
        ("application/*;q=0, */*", 406),
        ("application/jose", 406),
    ],
)
async def test_a_client_gets_what_it_takes_or_hears_what_there_is(asked: Asked, accept: str, status: int) -> None:
    answer = await asked.http.get(f"{API}/info", headers={"Accept": accept})

    assert answer.status_code == status
    if status == 406:
        assert "application/json" in refused(answer, 406, "AB-1303")["detail"]


async def test_what_is_not_acceptable_has_no_effect(asked: Asked) -> None:
    answer = await asked.send("POST", SUBMISSIONS, json=creation(), headers={"Accept": "text/html"})

    refused(answer, 406, "AB-1303")
    assert await asked.house.jobs() == {}


async def test_an_answer_without_content_is_acceptable_to_everybody(asked: Asked) -> None:
    headers = {"Accept": "text/html"}
    attachment = await asked.send(
        "PUT", f"{SUBMISSIONS}/{NOBODY}/attachments/{NOBODY}", type=JOSE, content="x", headers=headers
    )

    refused(attachment, 404, "AB-1005")


async def test_attachments_are_had_as_jose(asked: Asked) -> None:
    path = f"{SUBMISSIONS}/{NOBODY}/attachments/{NOBODY}"
    for accept, status in ((JOSE, 404), ("*/*", 404), ("application/json", 406)):
        answer = await asked.send("GET", path, SUBSCRIBER, headers={"Accept": accept})
        assert answer.status_code == status


# languages


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ([], "de"),
        (["de"], "de"),
        (["en"], "en"),
        (["EN-gb"], "en"),
        (["fr"], "de"),
        (["fr, en;q=0.3"], "en"),
        (["de;q=0.5, en;q=0.8"], "en"),
        (["en;q=0.5, de-AT;q=0.8"], "de"),
        (["en;q=0.8, de;q=0.8"], "en"),
        (["de;q=0.8, en;q=0.8"], "de"),
        (["en;q=0"], "de"),
        (["en;q=0, de;q=0"], "de"),
        (["*"], "de"),
        (["*;q=0.1, en;q=0.2"], "en"),
        (["fr", "en"], "en"),
        (["english"], "de"),
        (["en;q=2"], "de"),
        (["en;q=0.1234"], "de"),
        (["en;q=٠"], "de"),
        ([", ".join(["fr"] * 60 + ["en"])], "de"),
        ([";=,;"], "de"),
    ],
)
def test_a_problem_is_german_unless_english_weighs_more(accepted: list[str], language: str) -> None:
    headers = [(b"accept-language", one.encode("latin-1", "replace")) for one in accepted]

    assert language_of(Request({"type": "http", "headers": headers})) == language


@given(st.lists(st.binary(max_size=60), max_size=3))
def test_no_header_is_too_strange(values: list[bytes]) -> None:
    for name in (b"accept", b"accept-language"):
        request = Request({"type": "http", "headers": [(name, value) for value in values]})
        assert language_of(request) in {"de", "en"}
        assert accepts(request, "application/json") in {True, False}


# what nobody expected


async def test_what_fails_before_any_address_is_a_problem_too(asked: Asked) -> None:
    def broken(_: Request) -> Any:
        raise ZeroDivisionError

    app = Starlette(routes=[Route("/broken", broken)], exception_handlers=error_handlers(asked.house.ids))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as http:
        refused(await http.get("/broken"), 500, "AB-1901")
        refused(await http.post("/broken"), 405, "AB-1004")
        refused(await http.get("/nothing"), 404, "AB-1003")

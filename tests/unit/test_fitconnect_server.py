"""The server without sockets: every address in both versions, and every answer when something goes wrong."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn
from uuid import uuid4

import pytest
from application_kit import CHEMNITZ, TREE_FELLING, Application, Enclosure
from front_for_tests import NOBODY, Asked, asking, creation, sent
from house_for_tests import (
    DIRECT,
    PORTAL,
    SEALED,
    SUBSCRIBER,
    House,
)

from amtsbote.errors import StorageFailed, StorageFull
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import ClientId, DestinationId
from amtsbote.model.routing import german_day
from amtsbote.model.term import Term
from transport.fitconnect.server import Admission
from transport.fitconnect.server.application import AUTH, ROUTING_API, SUBMISSION_API

PHOTO = Enclosure(b"p" * 300_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")
JSON = "application/json"
QUERIES = {"routes": {"leikaKey": TREE_FELLING, "ars": CHEMNITZ}, "areas": {"areaSearchexpression": "Chemnitz"}}


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_every_address_answers_in_both_versions(asked: Asked, version: str) -> None:
    view, _ = await sent(asked, Application(SEALED, enclosures=(PHOTO,)), version)
    kid = asked.house.keys.kid("leipzig-encryption")
    values = {
        "version": version, "destination": SEALED, "kid": kid, "message": view["submissionId"],
        "attachment": PHOTO.id, "case": view["caseId"],
    }  # fmt: skip
    statuses = {}
    for mount, table in (("submission-api", SUBMISSION_API), ("routing-api", ROUTING_API)):
        for method, address, _ in table:
            if "/replies" in address:  # walked in `test_fitconnect_server_replies.py`
                continue
            if "/destinations" in address and (method != "GET" or address.endswith("destinations")):
                continue  # walked in `test_destination_managing.py`
            client = SUBSCRIBER if address.endswith(("submissions", "{attachment}", "{message}")) else PORTAL
            path = f"/{mount}{address.format(**values)}"
            answer = await asked.send(method, path, client, params=QUERIES.get(address.rpartition("/")[2]))
            statuses[f"{method} {mount}{address}"] = answer.status_code
    writing = {name: status for name, status in statuses.items() if not name.startswith("GET")}
    reading = {name: status for name, status in statuses.items() if name.startswith("GET")}

    assert reading.pop("GET routing-api/{version}/snapshot") == 404  # not published unless the operator says so
    assert set(reading.values()) == {200}, reading
    assert set(writing.values()) == {403}, writing
    assert [(method, address) for method, address, _ in AUTH] == [("POST", "/token")]


@pytest.mark.parametrize(("client", "listed"), [(PORTAL, 0), (SUBSCRIBER, 1)])
async def test_portals_see_what_is_taken_today_and_the_subscriber_all_it_lists(
    asked: Asked, client: ClientId, listed: int
) -> None:
    directory = asked.house.directory
    destination = directory.destinations[DestinationId(SEALED)]
    [schema] = destination.services[0].schemas
    over = Term(schema.uri, valid_to=german_day(asked.house.clock()) - timedelta(days=1))
    tenant = replace(directory.tenants[destination.tenant], schemas=(over,))
    asked.house.directory = replace(directory, tenants={**directory.tenants, tenant.id: tenant})

    shown = await asked.get(f"/submission-api/v2/destinations/{SEALED}", client)

    assert len(shown.json()["publicServices"][0]["submissionSchemas"]) == listed


@pytest.mark.parametrize("path", ["/submission-api", "/routing-api", "/auth"])
async def test_each_service_publishes_its_own_keys_only(asked: Asked, path: str) -> None:
    [key] = (await asked.get(f"{path}/.well-known/jwks.json", None)).json()["keys"]

    purpose = {"/submission-api": KeyPurpose.EVENTS, "/routing-api": KeyPurpose.ADDRESSING}.get(
        path, KeyPurpose.ACCESS_TOKEN
    )
    assert key["kid"] == asked.house.directory.service_key(purpose)
    assert "d" not in key


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "AB-1003"),
        ("GET", "/submission-api/v3/info", 404, "AB-1003"),
        ("GET", "/submission-api/v2/info/", 404, "AB-1003"),
        ("GET", "/submission-api/v2/nothing", 404, "AB-1003"),
        ("DELETE", "/submission-api/v2/info", 405, "AB-1004"),
        ("HEAD", "/auth/token", 405, None),
        ("PATCH", "/submission-api/v2/submissions", 405, "AB-1004"),
        ("GET", f"/submission-api/v2/destinations/{NOBODY}", 404, "AB-1006"),
        ("GET", "/submission-api/v2/destinations/x", 400, "AB-1102"),
        ("GET", f"/submission-api/v2/destinations/urn:uuid:{DIRECT}", 400, "AB-1102"),
        ("GET", f"/submission-api/v2/destinations/{DIRECT.replace('-', '')}", 400, "AB-1102"),
        ("GET", f"/submission-api/v2/destinations/{DIRECT}/keys/{'x' * 200}", 404, "AB-1009"),
        ("GET", f"/submission-api/v2/cases/{NOBODY}/events", 404, "AB-1010"),
        ("GET", f"/submission-api/v2/submissions/{NOBODY}/events", 404, "AB-1005"),
        ("PUT", f"/submission-api/v2/submissions/{NOBODY}", 415, "AB-1103"),
        ("POST", "/submission-api/v2/submissions", 415, "AB-1103"),
        ("GET", "/submission-api/v2/submissions", 403, "AB-1002"),
        ("GET", "/routing-api/v2/routes", 400, "AB-1102"),
        ("GET", f"/routing-api/v2/routes?leikaKey={TREE_FELLING}", 400, "AB-1115"),
        ("GET", f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars=1&ags=2", 400, "AB-1115"),
        ("GET", f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars=x", 400, "AB-1102"),
        ("GET", f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars=14&limit=0", 400, "AB-1102"),
        ("GET", f"/submission-api/v2/cases/{NOBODY}/events?offset=-1", 400, "AB-1102"),
        ("GET", f"/submission-api/v2/cases/{NOBODY}/events?limit=%C2%B2", 400, "AB-1102"),
    ],
)
async def test_what_cannot_be_served_is_a_problem_with_every_member(
    asked: Asked, method: str, path: str, status: int, code: str | None
) -> None:
    answer = await asked.send(method, path)

    assert answer.status_code == status
    if method == "HEAD":
        return
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "code"} <= problem.keys()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["instance"] == path.partition("?")[0]
    assert ("Allow" in answer.headers) is (status == 405)


async def test_a_get_can_be_asked_for_its_head(asked: Asked) -> None:
    answer = await asked.send("HEAD", "/submission-api/v2/info")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("accepted", "title"),
    [("", "Nicht angemeldet"), ("de, en", "Nicht angemeldet"), ("en-GB,de", "Not authenticated")],
)
async def test_problems_speak_the_language_that_was_asked_for_first(asked: Asked, accepted: str, title: str) -> None:
    answer = await asked.http.get(f"/submission-api/v2/cases/{NOBODY}/events", headers={"Accept-Language": accepted})

    assert answer.json()["title"] == title
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"{", "AB-1101", ""),
        (b'{"destinationId": "a", "destinationId": "b"}', "AB-1101", ""),
        (b"[]", "AB-1101", ""),
        (b"\xff", "AB-1101", ""),
        (json.dumps({}).encode(), "AB-1102", "destinationId"),
        (json.dumps(creation(NOBODY)).encode(), "AB-1006", NOBODY),
        (json.dumps(creation(region="Chemnitz")).encode(), "AB-1102", "region"),
        (json.dumps(creation(region="1451")).encode(), "AB-1102", "region"),
        (json.dumps({"destinationId": DIRECT}).encode(), "AB-1102", "publicService"),
        (json.dumps(creation(announcedAttachments=["x"])).encode(), "AB-1102", "announcedAttachments.0"),
        (json.dumps(creation(announcedAttachments=[f"{{{NOBODY}}}"])).encode(), "AB-1102", "announcedAttachments.0"),
        (json.dumps(creation(announcedAttachments=[str(uuid4()) for _ in range(4)])).encode(), "AB-1120", "4"),
        (json.dumps(creation(publicService={"identifier": "12"})).encode(), "AB-1102", "identifier"),
        (json.dumps(creation(destinationId=5)).encode(), "AB-1102", "destinationId"),
        (json.dumps({"x": "y" * 70_000}).encode(), "AB-1104", "65536"),
    ],
)
async def test_a_bad_creation_is_refused_with_its_field_and_never_its_value(
    asked: Asked, body: bytes, code: str, said: str
) -> None:
    answer = await asked.send("POST", "/submission-api/v2/submissions", type=JSON, content=body)

    assert answer.json()["code"] == code, answer.text
    assert said in answer.json()["detail"]
    assert await asked.house.jobs() == {}


async def test_a_chunked_body_is_cut_off_at_its_limit(asked: Asked) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 10_000

    answer = await asked.send("POST", "/submission-api/v2/submissions", type=JSON, content=endless())

    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "+5", "", "0x10"])
async def test_no_content_length_confuses_anybody(asked: Asked, length: str) -> None:
    answer = await asked.send(
        "POST", "/submission-api/v2/submissions", type=JSON, content=b"{}", headers={"Content-Length": length}
    )

    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda token: token.replace(".", "", 1), "AB-1105"),
        (lambda token: "e30." + token.split(".", 1)[1], "AB-1106"),
        (lambda token: token[:-30], "AB-1105"),
        (lambda token: token + "ä", "AB-1105"),
        (lambda _: "", "AB-1105"),
    ],
)
async def test_what_is_no_jwe_is_refused_at_the_door(asked: Asked, change: Any, code: str) -> None:
    ready = asked.house.sealed(Application(DIRECT))
    message = await asked.house.announced(Application(DIRECT))
    body = {"encryptedMetadata": ready.metadata, "encryptedData": change(ready.data)}

    answer = await asked.send("PUT", f"/submission-api/v2/submissions/{message.id}", json=body)

    assert answer.json()["code"] == code
    assert await asked.house.store.read(lambda tx: tx.parts.of(message.id)) == {}


async def test_another_destinations_key_is_refused_at_the_door(asked: Asked) -> None:
    ready = asked.house.sealed(Application(SEALED))
    message = await asked.house.announced(Application(DIRECT))
    body = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}

    answer = await asked.send("PUT", f"/submission-api/v2/submissions/{message.id}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "AB-1107")
    assert asked.house.keys.kid("chemnitz-encryption") in answer.json()["detail"]


async def test_beyond_its_memory_the_service_turns_away_and_recovers(house: House) -> None:
    message = await house.announced(Application(DIRECT))
    body = {"encryptedMetadata": "e30", "encryptedData": "x" * 1_000_000}
    path = f"/submission-api/v2/submissions/{message.id}"
    admission = Admission(1_500_000)
    async with asking(house, admission=admission) as asked:
        with admission.room(600_000) as other:
            other.grow(600_000)

            async def chunks() -> AsyncIterator[bytes]:
                yield json.dumps(body).encode()

            for refused in (
                await asked.send("PUT", path, json=body),
                await asked.send("PUT", path, type=JSON, content=chunks()),
            ):
                assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")

        assert (await asked.send("PUT", path, type=JSON, content=chunks())).json()["code"] == "AB-1105"
    assert admission._free == 1_500_000


@pytest.mark.parametrize(("error", "code"), [(StorageFailed("disk"), "AB-1905"), (StorageFull("disk"), "AB-1904")])
async def test_what_cannot_be_stored_is_not_accepted_and_may_come_again(
    asked: Asked, error: Exception, code: str
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise error

    asked.house.store.write = fails  # type: ignore[method-assign, assignment]
    answer = await asked.send("POST", "/submission-api/v2/submissions", json=creation())

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, code, "2")


async def test_what_nobody_expected_has_a_number_and_leaves_no_value_in_the_log(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> NoReturn:
        raise ValueError("Erika Mustermann")

    broken = replace(asked.front.published, routes=fails)
    async with asking(asked.house, published=broken) as other:
        answer = await other.http.get(f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars=14")

    assert answer.status_code == 500
    [line] = [line for line in capsys.readouterr().out.splitlines() if "request.failed" in line]
    logged = json.loads(line)
    assert logged["number"] in answer.json()["detail"]
    assert logged["failure"][0].startswith("ValueError at test_fitconnect_server.py:")
    assert "Erika" not in line


async def test_a_sender_that_breaks_off_has_sent_nothing(asked: Asked) -> None:
    message = await asked.house.announced(Application(DIRECT, enclosures=(PHOTO,)))
    token = asked.house.sealed(Application(DIRECT, enclosures=(PHOTO,))).attachments[PHOTO.id].encode()
    received: list[dict[str, Any]] = [
        {"type": "http.request", "body": token[:200_000], "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return received.pop(0)

    async def send(event: dict[str, Any]) -> None:
        answered.append(event)

    authorization = asked.bearer()["Authorization"].encode()
    path = f"/submission-api/v2/submissions/{message.id}/attachments/{PHOTO.id}"
    scope = {
        "type": "http", "method": "PUT", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [
            (b"authorization", authorization),
            (b"content-type", b"application/jose"),
            (b"transfer-encoding", b"chunked"),
        ],
        "scheme": "http", "server": ("broker.test", 80), "http_version": "1.1",
    }  # fmt: skip

    await asked.http._transport.app(scope, receive, send)  # type: ignore[attr-defined]

    assert answered[0]["status"] == 400
    assert asked.house.body_files() == []
    assert await asked.house.store.read(lambda tx: tx.parts.of(message.id)) == {}

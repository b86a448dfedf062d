"""The server without sockets: every address in both versions, and every answer when something goes wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn
from uuid import uuid4

import pytest
import structlog
from application_kit import CHEMNITZ, TREE_FELLING, Application, Enclosure, Sealed, sign
from front_for_tests import Asked, asking
from house_for_tests import (
    DIRECT,
    HOST,
    OTHER_PORTAL,
    PORTAL,
    SEALED,
    STRANGER,
    SUBSCRIBER,
    House,
    a_resolver,
    with_entries,
)
from jwcrypto import jws as jwcrypto_jws

from amtsbote.daemon.snapshot import PublishedRoutes, Snapshot
from amtsbote.errors import StorageFailed, StorageFull
from amtsbote.jose import base64url
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import KeyId
from transport.fitconnect.server import Admission
from transport.fitconnect.server.application import AUTH, ROUTING_API, SUBMISSION_API
from transport.fitconnect.server.publishing import REGION_URN, SERVICE_URN
from transport.fitconnect.server.tokens import LIFETIME

PHOTO = Enclosure(b"p" * 300_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")
JSON, JOSE = "application/json", "application/jose"
NOBODY = "99999999-0000-4000-8000-999999999999"


@pytest.fixture
async def asked(house: House) -> AsyncIterator[Asked]:
    async with asking(house) as built:
        yield built


def creation(destination: str = DIRECT, version: str = "v2", **more: Any) -> dict[str, Any]:
    service = {"identifier": f"urn:de:fim:leika:leistung:{TREE_FELLING}", "name": "Baum"}
    name = "publicService" if version == "v2" else "serviceType"
    return {"destinationId": destination, "announcedAttachments": [], name: service, "region": CHEMNITZ, **more}


async def sent(asked: Asked, application: Application, version: str = "v2") -> tuple[dict[str, str], Sealed]:
    """Create, attach, submit; the view of the submission and what was sent."""
    ready = asked.house.sealed(application)
    api = f"/submission-api/{version}/submissions"
    body = creation(application.destination, version, announcedAttachments=list(ready.attachments))
    created = await asked.send("POST", api, json=body)
    assert created.status_code == 201, created.text
    view: dict[str, str] = created.json()
    for name, token in ready.attachments.items():
        path = f"{api}/{view['submissionId']}/attachments/{name}"
        attached = await asked.send("PUT", path, type=JOSE, content=token)
        assert (attached.status_code, attached.content) == (204, b"")
    final = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
    submitted = await asked.send("PUT", f"{api}/{view['submissionId']}", json=final)
    assert submitted.status_code == 200, submitted.text
    assert submitted.json() == view
    return view, ready


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
            client = SUBSCRIBER if address.endswith(("submissions", "{attachment}", "{message}")) else PORTAL
            path = f"/{mount}{address.format(**values)}"
            query = {"leikaKey": TREE_FELLING, "ars": CHEMNITZ} if address.endswith("routes") else None
            answer = await asked.send(method, path, client, params=query)
            statuses[f"{method} {mount}{address}"] = answer.status_code
    writing = {name: status for name, status in statuses.items() if not name.startswith("GET")}
    reading = {name: status for name, status in statuses.items() if name.startswith("GET")}

    assert set(reading.values()) == {200}, reading
    assert set(writing.values()) == {403}, writing
    assert [(method, address) for method, address, _ in AUTH] == [("POST", "/token")]


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
        (json.dumps(creation(announcedAttachments=[str(uuid4()) for _ in range(4)])).encode(), "AB-1102", "> 3"),
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
    body = {"encryptedMetadata": "e30", "encryptedData": "e30"}
    path = f"/submission-api/v2/submissions/{NOBODY}"
    admission = Admission(6 * 1024 * 1024)
    async with asking(house, admission=admission) as asked:
        with admission.room(1024 * 1024):

            async def chunks() -> AsyncIterator[bytes]:
                yield json.dumps(body).encode()

            chunked = await asked.send("PUT", path, type=JSON, content=chunks())
            known = await asked.send("PUT", path, json=body)
            assert (chunked.status_code, chunked.headers["Retry-After"]) == (503, "2")
            assert known.json()["code"] == "AB-1005"

        chunked = await asked.send("PUT", path, type=JSON, content=chunks())
        assert chunked.json()["code"] == "AB-1005"
    assert admission._free == 6 * 1024 * 1024


@pytest.mark.parametrize("error", [StorageFailed("disk"), StorageFull("disk")])
async def test_what_cannot_be_stored_is_not_accepted(asked: Asked, error: Exception) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise error

    asked.house.store.write = fails  # type: ignore[method-assign, assignment]
    answer = await asked.send("POST", "/submission-api/v2/submissions", json=creation())

    assert (answer.status_code, answer.json()["code"]) == (507, "AB-1904")


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
        "headers": [(b"authorization", authorization), (b"content-type", b"application/jose")], "scheme": "http",
        "server": ("broker.test", 80), "http_version": "1.1",
    }  # fmt: skip

    await asked.http._transport.app(scope, receive, send)  # type: ignore[attr-defined]

    assert answered[0]["status"] == 400
    assert asked.house.body_files() == []
    assert await asked.house.store.read(lambda tx: tx.parts.of(message.id)) == {}


async def test_a_token_is_for_half_an_hour_and_for_active_clients(asked: Asked) -> None:
    granted = (await asked.token()).json()
    bearer = {"Authorization": f"bearer {granted['access_token']}"}
    path = f"/submission-api/v2/destinations/{DIRECT}"
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", LIFETIME)
    assert (await asked.http.get(path, headers=bearer)).status_code == 200

    asked.house.clock.passes(timedelta(seconds=LIFETIME - 1))
    assert (await asked.http.get(path, headers=bearer)).status_code == 200
    asked.house.clock.passes(timedelta(seconds=1))
    assert (await asked.http.get(path, headers=bearer)).status_code == 401


async def test_a_disabled_client_and_a_key_that_is_gone_end_tokens_at_once(asked: Asked) -> None:
    path, house = f"/submission-api/v2/destinations/{DIRECT}", asked.house
    bearer = asked.bearer()
    assert (await asked.http.get(path, headers=bearer)).status_code == 200
    before = house.directory

    house.directory = with_entries(before, clients=[replace(before.clients[PORTAL], active=False)])
    assert (await asked.http.get(path, headers=bearer)).status_code == 401
    assert (await asked.token()).json() == {"error": "invalid_client"}

    house.directory = before
    assert (await asked.http.get(path, headers=bearer)).status_code == 200
    kid = before.service_key(KeyPurpose.ACCESS_TOKEN)
    house.directory = replace(before, keys={key: entry for key, entry in before.keys.items() if key != kid})
    assert (await asked.http.get(path, headers=bearer)).status_code == 401


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", f"Bearer {'a' * 5000}", "Bearer ä"]
)
async def test_what_is_no_token_is_refused(asked: Asked, authorization: str) -> None:
    headers = {b"Authorization": authorization.encode("latin-1")}
    answer = await asked.http.get(f"/submission-api/v2/destinations/{DIRECT}", headers=headers)

    assert answer.json()["code"] == "AB-1001"


async def test_a_token_of_another_installation_is_refused(asked: Asked) -> None:
    tokens = asked.front.tokens
    tokens._issuer = "https://elsewhere.test/auth"
    foreign = asked.bearer()
    tokens._issuer = f"{HOST}/auth"

    assert (await asked.http.get(f"/submission-api/v2/destinations/{DIRECT}", headers=foreign)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "x"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({f"field{number}": "x" for number in range(20)}, 400, "invalid_request"),
        ({"padding": "x" * 9000}, 400, "invalid_request"),
    ],
)
async def test_the_token_endpoint_refuses_as_its_rfc_says(
    asked: Asked, changes: dict[str, str], status: int, error: str
) -> None:
    form = {"grant_type": "client_credentials", "client_id": PORTAL, "client_secret": "s" * 43, **changes}
    answer = await asked.http.post("/auth/token", data=form)

    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "body", [b"", b"grant_type=client_credentials&grant_type=client_credentials", b"grant_type", b"\xff=1", b"a=b"]
)
async def test_a_form_that_cannot_be_read_is_an_invalid_request(asked: Asked, body: bytes) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await asked.http.post("/auth/token", headers=form, content=body)
    other = await asked.http.post("/auth/token", json={})

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert other.json() == {"error": "invalid_request"}


async def test_the_store_of_checked_tokens_does_not_grow(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transport.fitconnect.server.tokens._REMEMBERED", 2)
    for _ in range(5):
        await asked.get(f"/submission-api/v2/destinations/{DIRECT}")

    assert len(asked.front.tokens._remembered) == 2


async def test_routes_are_found_by_every_key_and_paged(asked: Asked) -> None:
    path = f"/routing-api/v2/routes?leikaKey={TREE_FELLING}"
    first = (await asked.http.get(f"{path}&ars={CHEMNITZ}")).json()
    again = (await asked.http.get(f"{path}&areaId={CHEMNITZ}")).json()
    by_ags = (await asked.http.get(f"{path}&ags=14511000")).json()

    assert first == again == by_ags
    assert (first["count"], first["totalCount"], first["offset"]) == (1, 1, 0)
    [route] = first["routes"]
    assert route["destinationId"] == DIRECT
    token = jwcrypto_jws.JWS()
    token.allowed_algs = ["PS512"]
    token.deserialize(route["destinationSignature"], asked.house.keys.jwk("root"))
    claims = json.loads(token.payload)
    assert claims["destinationId"] == DIRECT
    assert claims["iss"] == f"{HOST}/routing-api"

    assert claims["services"] == [
        {"gebietIDs": [f"{REGION_URN}{CHEMNITZ}"], "leistungIDs": [SERVICE_URN + TREE_FELLING]}
    ]

    beyond = (await asked.http.get(f"{path}&ags=14511000&offset=1")).json()
    assert (beyond["count"], beyond["totalCount"], beyond["routes"]) == (0, 1, [])
    for nowhere in ("145230320320", "146250020020", "999999999999"):
        assert (await asked.http.get(f"{path}&ars={nowhere}")).json()["routes"] == []


async def signatures(asked: Asked, *regions: str) -> list[str]:
    """The signatures of all answers, asked for at once."""
    path = f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars="
    answers = await asyncio.gather(*(asked.http.get(path + region) for region in regions))
    return [route["destinationSignature"] for answer in answers for route in answer.json()["routes"]]


def signed_offer(signature: str) -> Any:
    return json.loads(base64url.decode(signature.split(".")[1]))["services"]


async def test_however_often_and_whatever_is_asked_a_destination_costs_one_signature(asked: Asked) -> None:
    signed: list[KeyId] = []
    sign_once = asked.house.keystore.sign
    asked.house.keystore.sign = lambda kid, data: signed.append(kid) or sign_once(kid, data)  # type: ignore[method-assign, func-returns-value]

    found = await signatures(asked, "145225102060", "14522", "145225102", "145225102060")

    assert len(found) == 4
    assert len(set(found)) == len(signed) == 1
    assert await signatures(asked, "14522") == found[:1]
    assert len(signed) == 1


async def test_a_changed_offer_is_signed_anew_with_services_of_the_same_regions_together(asked: Asked) -> None:
    [before] = await signatures(asked, CHEMNITZ)
    direct = asked.house.directory.destinations[DIRECT]
    tree = replace(direct.services[0], regions=("14511", "145225102060"))
    others = [replace(tree, service="99050012104000"), replace(tree, service="99050012104001", regions=())]
    changed = replace(direct, services=(tree, *others))
    asked.house.directory = with_entries(asked.house.directory, destinations=[changed])

    [after] = await signatures(asked, CHEMNITZ)

    assert after != before
    together, everywhere = signed_offer(after)
    assert together == {
        "gebietIDs": [f"{REGION_URN}14511", f"{REGION_URN}145225102060"],
        "leistungIDs": [SERVICE_URN + TREE_FELLING, f"{SERVICE_URN}99050012104000"],
    }
    assert everywhere["gebietIDs"] == [f"{REGION_URN}{land:02}" for land in range(1, 17)]


async def test_a_new_key_signs_anew(asked: Asked) -> None:
    [before] = await signatures(asked, CHEMNITZ)
    directory = asked.house.directory
    asked.house.keystore.sign = lambda kid, data: data  # type: ignore[method-assign]  # noqa: ARG005
    old = directory.service_key(KeyPurpose.ADDRESSING)
    renamed = replace(directory.keys[old], kid=KeyId("another"))
    keys = {kid: entry for kid, entry in directory.keys.items() if kid != old}
    asked.house.directory = replace(directory, keys={**keys, renamed.kid: renamed})

    [after] = await signatures(asked, CHEMNITZ)

    assert base64url.decode(after.split(".")[0]) != base64url.decode(before.split(".")[0])
    assert json.loads(base64url.decode(after.split(".")[0]))["kid"] == "another"


async def test_an_ags_of_two_regions_names_their_common_destination_once(asked: Asked) -> None:
    published = asked.front.published

    class Twice(PublishedRoutes):
        def regions_of_ags(self, ags: str, at: Any) -> tuple[str, ...]:  # noqa: ARG002  (the registry's signature)
            return (CHEMNITZ, CHEMNITZ)

    double = replace(published, routes=lambda: Twice(Snapshot(asked.house.directory, a_resolver())))

    assert len(await double.by_ags(TREE_FELLING, "14511000")) == 1


async def test_the_log_of_a_case_is_signed_when_it_is_read_each_event_once(asked: Asked) -> None:
    view, _ = await sent(asked, Application(DIRECT))
    signed: list[KeyId] = []
    sign_once = asked.house.keystore.sign
    asked.house.keystore.sign = lambda kid, data: signed.append(kid) or sign_once(kid, data)  # type: ignore[method-assign, func-returns-value]

    path = f"/submission-api/v2/cases/{view['caseId']}/events"
    signing = asyncio.create_task(asked.house.log.sign_some(16))
    logs = await asyncio.gather(*(asked.get(path) for _ in range(4)))
    await signing
    by_submission = await asked.get(f"/submission-api/v2/submissions/{view['submissionId']}/events?offset=1&limit=1")

    assert len({log.text for log in logs}) == 1
    assert len(signed) == 2
    assert by_submission.json() == {
        "offset": 1, "count": 1, "totalCount": 2, "eventLog": logs[0].json()["eventLog"][1:],
    }  # fmt: skip
    assert (await asked.get(path, OTHER_PORTAL)).json()["code"] == "AB-1010"


def set_about(asked: Asked, view: dict[str, str], **changes: Any) -> str:
    """An accept event as the subscriber of the end-to-end destination signs it."""
    events = "https://schema.fitko.de/fit-connect/events/"
    claims = {
        "jti": str(uuid4()),
        "iss": SEALED,
        "iat": int(asked.house.clock().timestamp()),
        "sub": f"submission:{view['submissionId']}",
        "txn": f"case:{view['caseId']}",
        "events": {f"{events}{changes.pop('event', 'accept-submission')}": {}},
        **changes,
    }
    key = asked.house.keys.signing_jwk(changes.pop("signer", "leipzig-signing"))
    header = {"typ": "secevent+jwt", "alg": "PS512", "kid": key.thumbprint()}
    return sign(json.dumps(claims).encode(), header, key)


async def test_an_event_from_the_future_by_our_clock_is_refused_and_taken_when_it_is_time(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    later = set_about(asked, view, iat=int((asked.house.clock() + timedelta(minutes=6)).timestamp()))
    path = f"/submission-api/v2/cases/{view['caseId']}/events"

    refused = await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=later)
    asked.house.clock.passes(timedelta(minutes=2))
    taken = await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=later)

    assert (refused.status_code, taken.status_code) == (422, 204)
    assert "iat" in refused.json()["detail"]


async def test_a_subscriber_lists_fetches_and_accepts_what_is_its_own(asked: Asked) -> None:
    view, ready = await sent(asked, Application(SEALED, enclosures=(PHOTO,)))
    api = "/submission-api/v2/submissions"

    listed = (await asked.get(f"{api}?destinationId={SEALED}", SUBSCRIBER)).json()
    fetched = (await asked.get(f"{api}/{view['submissionId']}", SUBSCRIBER)).json()
    photo = await asked.get(f"{api}/{view['submissionId']}/attachments/{PHOTO.id}", SUBSCRIBER)

    assert listed == {"offset": 0, "count": 1, "totalCount": 1, "submissions": [view]}
    assert (fetched["encryptedMetadata"], fetched["encryptedData"]) == (ready.metadata, ready.data)
    assert photo.text == ready.attachments[PHOTO.id]

    events = f"/submission-api/v2/cases/{view['caseId']}/events"
    accept = set_about(asked, view)
    for _ in range(2):
        assert (await asked.send("POST", events, SUBSCRIBER, type=JOSE, content=accept)).status_code == 204
    second = await asked.send("POST", events, SUBSCRIBER, type=JOSE, content=set_about(asked, view))
    assert (second.status_code, second.json()["code"]) == (409, "AB-1114")
    assert (await asked.get(events)).json()["totalCount"] == 3
    assert (await asked.get(events)).json()["eventLog"][2] == accept


async def test_nobody_fetches_what_is_not_theirs_or_not_there(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED, enclosures=(PHOTO,)))
    open_one, _ = await sent(asked, Application(DIRECT))
    announced = await asked.house.announced(Application(SEALED))
    api = "/submission-api/v2/submissions"

    for path, client, code in (
        (f"{api}/{view['submissionId']}", STRANGER, "AB-1005"),
        (f"{api}/{open_one['submissionId']}", SUBSCRIBER, "AB-1005"),
        (f"{api}/{announced.id}", SUBSCRIBER, "AB-1005"),
        (f"{api}/{view['submissionId']}/attachments/{NOBODY}", SUBSCRIBER, "AB-1011"),
        (f"/submission-api/v2/cases/{view['caseId']}/events", STRANGER, "AB-1010"),
    ):
        assert (await asked.get(path, client)).json()["code"] == code
    assert (await asked.get(api, STRANGER)).json()["totalCount"] == 0


async def test_a_set_that_does_not_fit_is_refused_and_changes_nothing(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    other, _ = await sent(asked, Application(SEALED))
    used = str(uuid4())
    path = f"/submission-api/v2/cases/{view['caseId']}/events"
    accepted = await asked.send(
        "POST", f"/submission-api/v2/cases/{other['caseId']}/events", SUBSCRIBER, type=JOSE,
        content=set_about(asked, other, jti=used),
    )  # fmt: skip
    assert accepted.status_code == 204

    for token, code in (
        (set_about(asked, view, jti=used), "AB-1113"),
        (set_about(asked, view, iss=DIRECT), "AB-1113"),
        (set_about(asked, view, event="submit-submission"), "AB-1113"),
        (set_about(asked, view, signer="chemnitz-signing"), "AB-1113"),
        (set_about(asked, view, signer="service-events"), "AB-1113"),
        (set_about(asked, view, txn=f"case:{other['caseId']}"), "AB-1113"),
        (set_about(asked, other), "AB-1010"),
        (set_about(asked, view)[:-4] + "AAAA", "AB-1113"),
        ("a.b.c", "AB-1113"),
        ("x" * 300_000, "AB-1104"),
    ):
        answer = await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=token)
        assert answer.json()["code"] == code, answer.text
    assert (await asked.send("POST", path, type=JOSE, content=set_about(asked, view))).json()["code"] == "AB-1002"
    assert (await asked.get(path)).json()["totalCount"] == 2


async def test_a_lost_attachment_is_an_error_and_not_half_an_answer(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED, enclosures=(PHOTO,)))
    for file in asked.house.body_files():
        file.unlink()

    path = f"/submission-api/v2/submissions/{view['submissionId']}/attachments/{PHOTO.id}"
    with structlog.testing.capture_logs() as logged:
        answer = await asked.get(path, SUBSCRIBER)

    assert answer.status_code == 500
    assert [entry["event"] for entry in logged] == ["request.failed"]

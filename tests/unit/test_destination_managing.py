"""A subscriber manages its destinations: over both APIs, through every status, and never those of others."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from application_kit import TREE_FELLING, Application
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from front_for_tests import NOBODY, creation
from house_for_tests import DIRECT, PORTAL, SEALED, STRANGER, SUBSCRIBER, House
from managing_kit import V1, V2, Manager, description, managing, offer

from amtsbote.api.persistence import Transaction
from amtsbote.errors import StorageFailed
from amtsbote.keys.callbacks import callback_secret
from amtsbote.model.directory import REST, Authority, Client, Destination, Status
from amtsbote.model.ids import AuthorityId, DestinationId, TenantId
from amtsbote.model.message import State
from amtsbote.model.stage import Stage

Key = Callable[[str], RSAPrivateKey]
CALLBACK = {"url": "https://amt.example/neu", "secret": "insecure_unsafe_qHScgrg"}


@pytest.fixture
async def manager(house: House, rsa_key: Key) -> AsyncIterator[Manager]:
    async with managing(house, rsa_key) as one:
        yield one


# creating and describing


async def test_a_destination_is_created_furnished_opened_and_sent_to(manager: Manager) -> None:
    made = await manager.good("POST", json=description(replyChannels={"fitConnect": {"processStandards": ["urn:x"]}}))
    name = made["destinationId"]
    assert made == {
        "destinationId": name,
        "name": "Stadt Leipzig",
        "status": "created",
        "metadataVersions": ["1.0.0", "2.1.0"],
        "publicServices": [offer()],
        "contactInformation": {"legalName": "LPZ"},
        "replyChannels": {"fitConnect": {"processStandards": ["urn:x"]}},
    }
    assert await manager.good("GET", f"/{name}") == made
    unsent = await manager.asked.send("POST", f"{V1}/submissions", PORTAL, json=creation(name))
    assert (unsent.status_code, unsent.json()["code"]) == (422, "AB-1007")

    keys = [manager.pki.jwk("encryption"), manager.pki.jwk("signing", "PS512")]
    assert [await manager.good("POST", f"/{name}/keys", key) for key in keys] == keys
    assert await manager.good("GET", f"/{name}/keys") == {"keys": keys}
    opened = await manager.good("PATCH", f"/{name}", {"status": "active"})

    assert opened == made | {"status": "active", "encryptionKid": keys[0]["kid"], "signatureKid": keys[1]["kid"]}
    sent = await manager.asked.send("POST", f"{V1}/submissions", PORTAL, json=creation(name))
    assert sent.status_code == 201
    client = f"client:{SUBSCRIBER}"
    assert await manager.told() == [
        (client, "destination.added", name),
        (client, "key.imported", keys[0]["kid"]),
        (client, "destination.changed", name),
        (client, "key.imported", keys[1]["kid"]),
        (client, "destination.changed", name),
        (client, "destination.changed", name),
    ]
    entry = manager.entry(name)
    assert (entry.tenant, entry.subscriber, entry.stage) == (TenantId("leipzig"), SUBSCRIBER, Stage.LIVE)


async def test_the_first_version_manages_on_the_submission_api_and_says_services(manager: Manager) -> None:
    name = await manager.furnished()
    manager.api = V1

    assert (await manager.good("PATCH", f"/{name}", {"status": "active"}))["services"] == [offer()]
    put = await manager.good("PUT", f"/{name}", {"name": "Neu", "services": [offer("DE")]})
    listed = await manager.good("GET")

    assert (put["name"], put["status"], put["services"]) == ("Neu", "active", [offer("DE")])
    assert "publicServices" not in put
    assert {one["destinationId"] for one in listed["destinations"]} == {name, SEALED}
    assert put in listed["destinations"]


@pytest.mark.parametrize(
    ("api", "method", "path", "status"),
    [
        ("/submission-api/v2", "GET", "", 404),
        ("/submission-api/v2", "PATCH", f"/{SEALED}", 405),
        ("/submission-api/v2", "PUT", f"/{SEALED}", 405),
        ("/submission-api/v2", "DELETE", f"/{SEALED}", 405),
        ("/submission-api/v2", "POST", f"/{SEALED}/keys", 405),
        ("/submission-api/v1", "POST", "", 405),
        ("/destination-api/v1", "GET", "", 404),
        ("/destination-api/v1", "GET", f"/{SEALED}", 404),
        ("/destination-api/v1", "PATCH", f"/{SEALED}", 404),
        ("/destination-api/v3", "GET", f"/{SEALED}", 404),
    ],
)
async def test_each_version_is_managed_at_one_place_only(
    manager: Manager, api: str, method: str, path: str, status: int
) -> None:
    manager.api = api
    await manager.refused(method, path, description(), status, {404: "AB-1003", 405: "AB-1004"}[status])


async def test_each_address_names_the_methods_it_has(manager: Manager) -> None:
    allowed = {
        f"{V1}/destinations/{SEALED}": {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"},
        f"/submission-api/v2/destinations/{SEALED}": {"GET", "HEAD", "OPTIONS"},
        f"{V2}/destinations": {"GET", "HEAD", "POST", "OPTIONS"},
        f"{V1}/destinations": {"GET", "HEAD", "OPTIONS"},
    }
    for path, methods in allowed.items():
        answer = await manager.asked.http.options(path)
        assert set(answer.headers["Allow"].split(", ")) == methods


async def test_a_list_has_its_own_destinations_in_pages(manager: Manager) -> None:
    made = [await manager.created(name=str(number)) for number in range(3)]

    pages = [await manager.good("GET", f"?offset={offset}&limit=2") for offset in (0, 2, 4)]

    assert [(page["offset"], page["count"], page["totalCount"]) for page in pages] == [(0, 2, 4), (2, 2, 4), (4, 0, 4)]
    found = [one["destinationId"] for page in pages for one in page["destinations"]]
    assert found == sorted([*made, SEALED])


async def test_patch_changes_what_it_names_and_put_everything_a_subscriber_describes(manager: Manager) -> None:
    name = await manager.opened(
        callback=CALLBACK, metadataVersions=["2.1.0"], replyChannels={"eMail": {"usePgp": True}}
    )
    before = await manager.good("GET", f"/{name}")

    patched = await manager.good("PATCH", f"/{name}", {"name": "Neu", "unknown": 1, "contactInformation": None})
    assert patched == before | {"name": "Neu"}
    put = await manager.good("PUT", f"/{name}", {"name": "Ganz neu", "services": [offer("DE145", "14713")]})

    assert put == {
        "destinationId": name,
        "name": "Ganz neu",
        "status": "active",
        "encryptionKid": before["encryptionKid"],
        "signatureKid": before["signatureKid"],
        "metadataVersions": ["1.0.0", "2.1.0"],
        "publicServices": [offer("DE145", "DE14713")],
        "contactInformation": {},
        "replyChannels": {},
    }
    assert manager.entry(name).callback is None


async def test_the_same_request_again_gets_the_same_answer_and_leaves_no_second_trace(manager: Manager) -> None:
    name = await manager.opened()
    requests: list[tuple[str, str, Any]] = [
        ("PUT", f"/{name}", description(callback=CALLBACK)),
        ("PATCH", f"/{name}", {"status": "inactive"}),
        ("POST", f"/{name}/keys", manager.pki.jwk("new")),
        ("PATCH", f"/{name}", {"encryptionKid": manager.pki.jwk("new")["kid"]}),
    ]
    for method, path, body in requests:
        first = await manager.good(method, path, body)
        traces = await manager.audit()
        assert await manager.good(method, path, body) == first
        assert await manager.audit() == traces


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": None}, "name"),
    "an empty name": ({"name": ""}, "name"),
    "a name that is none": ({"name": 5}, "name"),
    "a service that is none": ({"publicServices": [offer(service="1")]}, "publicServices.0.identifier"),
    "a service twice": ({"publicServices": [offer(), offer()]}, "publicServices.1.identifier"),
    "a service without schemas": ({"publicServices": [offer() | {"submissionSchemas": []}]}, "submissionSchemas"),
    "a region that is none": ({"publicServices": [offer("Leipzig")]}, "publicServices.0.regions"),
    "a region of four digits": ({"publicServices": [offer("DE1471")]}, "publicServices.0.regions"),
    "a media type that is none": (
        {"publicServices": [offer() | {"submissionSchemas": [{"schemaUri": "a", "mimeType": "xml"}]}]},
        "mimeType",
    ),
    "a version that is none": ({"metadataVersions": ["2"]}, "metadataVersions.0"),
    "no version": ({"metadataVersions": []}, "metadataVersions"),
    "a channel that is none": ({"replyChannels": {"pigeon": {}}}, "replyChannels.pigeon"),
    "a member of a wrong type": ({"replyChannels": {"eMail": {"usePgp": "yes"}}}, "replyChannels.eMail.usePgp"),
    "an address without TLS": ({"callback": CALLBACK | {"url": "http://amt.example"}}, "callback.url"),
    "an address with credentials": ({"callback": CALLBACK | {"url": "https://a:b@amt.example"}}, "callback.url"),
    "an empty secret": ({"callback": CALLBACK | {"secret": ""}}, "callback.secret"),
    "a secret with a control character": ({"callback": CALLBACK | {"secret": "a\tb"}}, "callback.secret"),
    "a secret that is too long": ({"callback": CALLBACK | {"secret": "x" * 513}}, "callback.secret"),
    "no secret": ({"callback": {"url": "https://amt.example"}}, "callback.secret"),
    "a contact that is none": ({"contactInformation": {"email": 1}}, "contactInformation.email"),
    "a status that is none": ({"status": "asleep"}, "status"),
    "a short key id": ({"encryptionKid": "x"}, "encryptionKid"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_member_is_named_and_nothing_is_created(manager: Manager, name: str) -> None:
    changes, field = WRONG[name]
    body = {key: value for key, value in description(**changes).items() if value is not None}

    problem = await manager.refused("POST", "", body, 400, "AB-1102")

    assert field in problem["detail"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"name": "a", "name": "b"}', b'{"name": NaN}'])
async def test_a_body_that_is_no_json_object_is_refused(manager: Manager, content: bytes) -> None:
    for path in ("/destinations", f"/destinations/{SEALED}/keys"):
        answer = await manager.asked.send("POST", V2 + path, SUBSCRIBER, content=content, type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "AB-1101")
    typeless = await manager.asked.send("POST", f"{V2}/destinations", SUBSCRIBER, content=b"{}", type="text/plain")
    assert typeless.status_code == 415


async def test_a_description_has_a_limit_and_so_has_the_number_of_destinations(manager: Manager) -> None:
    await manager.refused("POST", "", description(name="x" * 1_100_000), 413, "AB-1104")
    for _ in range(4):
        await manager.created()
    await manager.refused("POST", "", description(), 409, "AB-1406")


async def test_versions_the_operator_finds_too_old_are_neither_shown_nor_all_there_is(manager: Manager) -> None:
    name = await manager.opened(metadataVersions=["1.0.0", "1.10.0", "2.1.0"])
    await put(manager, replace(manager.entry(name), oldest_metadata_version="1.9.0"))

    for path, client in ((f"{V1}/destinations/{name}", PORTAL), (f"{V2}/destinations/{name}", SUBSCRIBER)):
        assert (await manager.asked.get(path, client)).json()["metadataVersions"] == ["1.10.0", "2.1.0"]
    problem = await manager.refused("PATCH", f"/{name}", {"metadataVersions": ["1.0.0", "1.8.9"]}, 400, "AB-1102")
    assert "metadataVersions" in problem["detail"]
    await manager.good("PATCH", f"/{name}", {"metadataVersions": ["1.0.0", "1.9.0"]})
    assert manager.entry(name).metadata_versions == ("1.0.0", "1.9.0")


# callbacks


async def test_the_secret_of_a_callback_is_written_and_never_read(manager: Manager) -> None:
    name = await manager.created(callback=CALLBACK)

    shown = [await manager.good("GET", f"/{name}"), await manager.good("GET"), await manager.audit()]
    assert shown[0]["callback"] == {"url": CALLBACK["url"]}  # type: ignore[index]
    assert CALLBACK["secret"] not in str(shown)
    seen = (await manager.asked.get(f"{V2}/destinations/{name}", PORTAL)).json()
    assert "callback" not in seen
    callback = manager.entry(name).callback
    assert callback is not None
    assert CALLBACK["secret"].encode() not in callback.sealed_secret
    assert callback_secret(manager.asked.house.vault, callback, name) == CALLBACK["secret"]


async def test_a_callback_keeps_its_secret_until_it_gets_another_or_goes(manager: Manager) -> None:
    name = await manager.created(callback=CALLBACK)

    async def after(body: dict[str, Any], method: str = "PATCH") -> tuple[str, str] | None:
        await manager.good(method, f"/{name}", body)
        callback = manager.entry(name).callback
        if callback is None:
            return None
        return callback.url, callback_secret(manager.asked.house.vault, callback, name)

    assert await after({"callback": {"url": "https://b.example"}}) == ("https://b.example", CALLBACK["secret"])
    assert await after(description(callback={"url": "https://c.example"}), "PUT") == (
        "https://c.example",
        CALLBACK["secret"],
    )
    assert await after({"callback": {"url": "https://c.example", "secret": "another"}}) == (
        "https://c.example",
        "another",
    )
    assert (await manager.audit())[0].after["callback"] == {  # type: ignore[index]
        "url": "https://c.example",
        "secret": "*** (new)",
    }
    assert await after({"callback": None}) is None


# status


async def test_a_destination_opens_only_when_it_is_complete(manager: Manager) -> None:
    name = await manager.created(publicServices=[])

    async def missing() -> str:
        problem = await manager.refused("PATCH", f"/{name}", {"status": "active"}, 409, "AB-1401")
        return str(problem["detail"])

    told = await missing()
    assert all(word in told for word in ("services", "encryptionKid", "signatureKid"))
    await manager.good("POST", f"/{name}/keys", manager.pki.jwk("encryption"))
    assert "encryptionKid" not in await missing()
    await manager.good("POST", f"/{name}/keys", manager.pki.jwk("signing", "PS512"))
    opened = await manager.good("PATCH", f"/{name}", {"status": "active", "publicServices": [offer()]})
    assert opened["status"] == "active"
    await manager.refused("PATCH", f"/{name}", {"publicServices": []}, 409, "AB-1401")


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (Status.CREATED, "inactive"),
        (Status.CREATED, "decommissioned"),
        (Status.ACTIVE, "created"),
        (Status.ACTIVE, "decommissioned"),
        (Status.INACTIVE, "created"),
    ],
)
async def test_no_other_way_leads_from_one_status_to_another(manager: Manager, before: Status, wanted: str) -> None:
    await put(manager, replace(manager.entry(SEALED), status=before))

    problem = await manager.refused("PATCH", f"/{SEALED}", {"status": wanted}, 409, "AB-1402")

    assert "active" in problem["detail"] or "decommissioned" in problem["detail"]


async def put(manager: Manager, entry: Destination | Authority | Client) -> None:
    house = manager.asked.house
    await house.store.write(lambda tx: tx.directory.put(entry))
    await house.renew()


async def test_an_inactive_destination_opens_again_and_lets_go_what_it_has(manager: Manager) -> None:
    house = manager.asked.house
    message = await house.submitted(Application(SEALED))

    await manager.good("PATCH", f"/{SEALED}", {"status": "inactive"})

    refused = await manager.asked.send("POST", f"{V1}/submissions", PORTAL, json=creation(SEALED))
    assert (refused.status_code, refused.json()["code"]) == (422, "AB-1007")
    fetched = await manager.asked.send("GET", f"{V1}/submissions/{message.id}", SUBSCRIBER)
    assert fetched.status_code == 200
    assert (await manager.good("PATCH", f"/{SEALED}", {"status": "active"}))["status"] == "active"
    assert manager.entry(SEALED).status_since == house.clock.now
    again = await manager.asked.send("POST", f"{V1}/submissions", PORTAL, json=creation(SEALED))
    assert again.status_code == 201


async def test_one_that_was_never_open_is_deleted_at_once_with_its_keys(manager: Manager) -> None:
    name = await manager.furnished()

    assert await manager.good("DELETE", f"/{name}") == {"destinationId": name, "status": "deleted"}

    house = manager.asked.house
    assert DestinationId(name) not in house.directory.destinations
    assert not [key for key in house.directory.keys.values() if key.owner == name]
    assert [row[1] for row in (await manager.told())[-3:]] == ["destination.removed", "key.removed", "key.removed"]
    await manager.refused("DELETE", f"/{name}", None, 404, "AB-1006")


async def test_an_open_one_rests_30_days_then_goes_for_good_but_its_keys_stay(manager: Manager) -> None:
    house, client = manager.asked.house, manager.asked
    kid = manager.entry(SEALED).signing_key
    await manager.refused("DELETE", f"/{SEALED}", None, 409, "AB-1402")
    await manager.good("PATCH", f"/{SEALED}", {"status": "inactive"})
    house.clock.passes(REST - timedelta(seconds=1))
    assert "2026-06-03T12:00" in (await manager.refused("DELETE", f"/{SEALED}", None, 409, "AB-1403"))["detail"]
    house.clock.passes(timedelta(seconds=1))

    over = await manager.good("DELETE", f"/{SEALED}")

    assert over["status"] == "decommissioned"
    assert await manager.good("DELETE", f"/{SEALED}") == over == await manager.good("GET", f"/{SEALED}")
    for method, path, body in (
        ("PATCH", "", {"status": "active"}),
        ("PATCH", "", {"name": "x"}),
        ("PUT", "", description()),
        ("POST", "/keys", manager.pki.jwk()),
    ):
        await manager.refused(method, f"/{SEALED}{path}", body, 409, "AB-1407")
    house.clock.passes(REST)
    for method, path in (("GET", ""), ("GET", "/keys"), ("PATCH", ""), ("DELETE", "")):
        await manager.refused(method, f"/{SEALED}{path}", {}, 404, "AB-1006")
    assert (await manager.good("GET"))["totalCount"] == 0
    sent = await client.send("POST", f"{V1}/submissions", PORTAL, json=creation(SEALED))
    assert (sent.status_code, sent.json()["code"]) == (404, "AB-1006")
    assert (await client.get(f"{V1}/destinations/{SEALED}/keys/{kid}", None)).status_code == 200


async def test_nothing_is_decommissioned_while_a_message_is_open(manager: Manager) -> None:
    house = manager.asked.house
    message = await house.submitted(Application(SEALED))
    await manager.good("PATCH", f"/{SEALED}", {"status": "inactive"})
    house.clock.passes(REST)
    refusal = await manager.refused("PATCH", f"/{SEALED}", {"status": "decommissioned"}, 409, "AB-1404")
    assert " 1 " in refusal["detail"]

    await house.store.write(lambda tx: tx.messages.move(message.id, State.SUBMITTED, State.REJECTED, at=house.clock()))
    assert (await manager.good("PATCH", f"/{SEALED}", {"status": "decommissioned"}))["status"] == "decommissioned"


# who may


@pytest.mark.parametrize("name", [DIRECT, SEALED, NOBODY])
async def test_a_foreign_destination_is_answered_for_like_one_that_does_not_exist(manager: Manager, name: str) -> None:
    manager.client = STRANGER
    for method, path, body in (
        ("PUT", "", description()),
        ("PATCH", "", {"status": "inactive"}),
        ("DELETE", "", None),
        ("POST", "/keys", manager.pki.jwk()),
    ):
        problem = await manager.refused(method, f"/{name}{path}", body, 404, "AB-1006")
        assert problem["detail"].count(name) == 1
    assert (await manager.good("GET"))["destinations"] == []


async def test_managing_needs_a_subscriber_with_the_right_and_a_token_for_it(manager: Manager) -> None:
    calls = (("POST", ""), ("PUT", f"/{SEALED}"), ("PATCH", f"/{SEALED}"), ("DELETE", f"/{SEALED}"))
    for method, path in (*calls, ("POST", f"/{SEALED}/keys")):
        bare = await manager.asked.http.request(method, f"{V2}/destinations{path}", json={})
        assert bare.status_code == 401
        manager.client = PORTAL
        await manager.refused(method, path, {}, 403, "AB-1002")
        manager.client = SUBSCRIBER
    house = manager.asked.house
    await put(manager, replace(house.client(SUBSCRIBER), manages=False))
    await manager.refused("PATCH", f"/{SEALED}", {"name": "x"}, 403, "AB-1002")
    assert [one["destinationId"] for one in (await manager.good("GET"))["destinations"]] == [SEALED]


async def test_keys_are_read_without_a_token_everything_else_with_one(manager: Manager) -> None:
    for api in (V1, "/submission-api/v2", V2):
        listed = await manager.asked.get(f"{api}/destinations/{DIRECT}/keys", None)
        assert listed.status_code == 200
        assert (await manager.asked.get(f"{api}/destinations/{DIRECT}", None)).status_code == 401
        assert (await manager.asked.get(f"{api}/destinations/{NOBODY}/keys", None)).status_code == 404
    published = (await manager.asked.get("/destination-api/.well-known/jwks.json", None)).json()
    assert published == (await manager.asked.get("/submission-api/.well-known/jwks.json", None)).json()


async def test_a_client_for_tests_creates_test_destinations(manager: Manager) -> None:
    await put(manager, replace(manager.asked.house.client(SUBSCRIBER), test=True))
    assert manager.entry(await manager.created()).stage is Stage.TEST


# with others


async def test_what_would_leave_the_choice_to_chance_is_refused(manager: Manager) -> None:
    authority = AuthorityId("lpz")
    name = await manager.opened()
    await put(manager, replace(manager.entry(name), authority=authority, services=()))

    problem = await manager.refused("PATCH", f"/{name}", {"publicServices": [offer()]}, 409, "AB-1405")

    assert "lpz" in problem["detail"]
    elsewhere = await manager.good("PATCH", f"/{name}", {"publicServices": [offer("DE14511")]})
    assert elsewhere["publicServices"] == [offer("DE14511")]


async def test_whoever_was_first_is_seen_before_a_change_is_judged_and_not_undone(manager: Manager) -> None:
    """Another node, or an operator, writes between the look at the directory and the commit."""
    house = manager.asked.house
    first, write = [replace(manager.entry(SEALED), authority=None, stage=Stage.TEST)], house.store.write

    async def beaten(unit: Callable[[Transaction], Any], **more: Any) -> Any:
        if first:
            entry = first.pop()
            await write(lambda tx: tx.directory.put(entry))
        return await write(unit, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.store, "write", beaten)
        assert (await manager.good("PATCH", f"/{SEALED}", {"name": "Neu"}))["name"] == "Neu"

    assert (manager.entry(SEALED).stage, manager.entry(SEALED).name) == (Stage.TEST, "Neu")


async def test_a_change_that_never_gets_its_turn_is_told_to_come_again(manager: Manager) -> None:
    house, write = manager.asked.house, manager.asked.house.store.write

    async def beaten(unit: Callable[[Transaction], Any], **more: Any) -> Any:
        await write(lambda tx: tx.directory.put(house.client(PORTAL)))
        return await write(unit, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.store, "write", beaten)
        answer = await manager.call("PATCH", f"/{SEALED}", {"name": "Neu"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


async def test_what_was_not_stored_is_not_answered_for(manager: Manager) -> None:
    async def gone(*_: Any, **__: Any) -> Any:
        raise StorageFailed("gone")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manager.asked.house.store, "write", gone)
        assert (await manager.call("POST", "", description())).status_code == 503
    assert (await manager.good("GET"))["totalCount"] == 1


async def test_the_region_a_destination_names_is_one_a_portal_can_send(manager: Manager) -> None:
    name = await manager.opened(publicServices=[offer("DE"), offer("DE14713", service="99050012104000")])
    services = (await manager.asked.get(f"{V2}/destinations/{name}")).json()["publicServices"]
    for service, region in ((TREE_FELLING, None), ("99050012104000", "14713")):
        [named] = [one["regions"] for one in services if one["identifier"].endswith(service)]
        body = creation(name, region=named[0]) | {"publicService": {"identifier": service}}
        sent = await manager.asked.send("POST", f"{V1}/submissions", PORTAL, json=body)
        assert sent.status_code == 201, sent.text
        message = await manager.asked.house.store.read(lambda tx: tx.messages.get(sent.json()["submissionId"]))  # noqa: B023
        assert message.region == region

"""Both vocabularies of scopes: what is granted, what a narrower token may still do, and what each endpoint asks for."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from application_kit import Application
from front_for_tests import JOSE, NOBODY, Asked, creation, sent
from house_for_tests import COLLECTING, DIRECT, PORTAL, SEALED, STRANGER, SUBSCRIBER, with_entries
from hypothesis import given
from hypothesis import strategies as st

from amtsbote.model.directory import Client, ClientRole, OfferedService
from amtsbote.model.ids import ClientId, DestinationId
from amtsbote.model.routing import within
from transport.fitconnect.server.scopes import MANAGE, SEND, SUBSCRIBE, Grant, narrowed, scopes_of

SUBMISSIONS = "/submission-api/v2/submissions"


def changed(asked: Asked, client: ClientId, **changes: Any) -> None:
    """The client in the directory, as an operator would have changed it."""
    directory = asked.house.directory
    asked.house.directory = with_entries(directory, clients=[replace(directory.clients[client], **changes)])


async def granted(asked: Asked, client: ClientId = PORTAL, **form: str) -> str:
    """The scopes of the token, or the error."""
    answer = (await asked.token(client, **form)).json()
    return str(answer.get("scope") or answer["error"])


async def announced(asked: Asked, scope: str = "", destination: str = DIRECT, **body: Any) -> httpx.Response:
    token = (await asked.token(scope=scope)).json()["access_token"]
    body = {name: value for name, value in creation(destination, **body).items() if value is not None}
    return await asked.http.post(SUBMISSIONS, headers={"Authorization": f"Bearer {token}"}, json=body)


# the token endpoint


@pytest.mark.parametrize(
    ("scope", "answered"),
    [
        ("", f"send:region:DE {SEND}"),
        (" ", f"send:region:DE {SEND}"),
        ("send:region:DE", "send:region:DE"),
        (SEND, SEND),
        (f"{SEND} send:region:DE {SEND}", f"{SEND} send:region:DE"),
        ("send:region:DE14", "send:region:DE14"),
        ("send:region:DE01010 send:region:DE145110000000", "send:region:DE01010 send:region:DE145110000000"),
        ("send:region:DE1", "invalid_scope"),
        ("send:region:DE17", "invalid_scope"),
        ("send:region:DE14511000", "invalid_scope"),
        ("send:region:DE١٤", "invalid_scope"),
        ("send:region:AT", "invalid_scope"),
        ("send", "invalid_scope"),
        (SUBSCRIBE, "invalid_scope"),
        (MANAGE, "invalid_scope"),
        (f"{SEND} everything", "invalid_scope"),
        (" ".join(f"send:region:DE14511{number:04}" for number in range(52)), "invalid_scope"),
        ("https://schema.fitko.de/fit-connect/oauth/scopes/self-service-api/create:destination", "invalid_scope"),
    ],
)
async def test_a_sender_gets_all_its_scopes_or_those_it_names(asked: Asked, scope: str, answered: str) -> None:
    assert await granted(asked, scope=scope) == answered


async def test_a_sender_limited_to_regions_gets_those_and_what_lies_within(asked: Asked) -> None:
    changed(asked, PORTAL, regions=("14", "02"))

    assert await granted(asked) == f"send:region:DE14 send:region:DE02 {SEND}"
    assert await granted(asked, scope="send:region:DE14511") == "send:region:DE14511"
    assert await granted(asked, scope="send:region:DE140000000000") == "send:region:DE140000000000"
    assert await granted(asked, scope="send:region:DE") == "invalid_scope"
    assert await granted(asked, scope="send:region:DE01") == "invalid_scope"


async def test_a_subscriber_manages_only_where_it_may(asked: Asked) -> None:
    assert await granted(asked, SUBSCRIBER) == SUBSCRIBE
    assert await granted(asked, SUBSCRIBER, scope=MANAGE) == "invalid_scope"
    assert await granted(asked, SUBSCRIBER, scope="send:region:DE") == "invalid_scope"
    assert await granted(asked, SUBSCRIBER, scope=SEND) == "invalid_scope"

    changed(asked, SUBSCRIBER, manages=True)
    assert await granted(asked, SUBSCRIBER) == f"{SUBSCRIBE} {MANAGE}"
    assert await granted(asked, SUBSCRIBER, scope=MANAGE) == MANAGE


async def test_a_subscriber_without_a_destination_gets_a_token_only_to_make_one(asked: Asked) -> None:
    """As the public service: there is nothing its token could be for."""
    assert await granted(asked, STRANGER) == "invalid_scope"
    assert await granted(asked, STRANGER, scope=SUBSCRIBE) == "invalid_scope"

    changed(asked, STRANGER, manages=True)
    assert await granted(asked, STRANGER) == f"{SUBSCRIBE} {MANAGE}"

    changed(asked, STRANGER, manages=False)
    destination = asked.house.directory.destinations[SEALED]
    other = replace(destination, id=DestinationId(NOBODY), subscriber=STRANGER)
    asked.house.directory = with_entries(asked.house.directory, destinations=[other])
    assert await granted(asked, STRANGER) == SUBSCRIBE


async def test_the_largest_token_is_still_one(asked: Asked) -> None:
    changed(asked, PORTAL, regions=tuple(f"14511{number:07}" for number in range(50)))
    token = (await asked.token()).json()["access_token"]

    answer = await asked.http.get(
        f"/submission-api/v2/destinations/{DIRECT}", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200


# what a narrowed token may announce


@pytest.mark.parametrize(
    ("scope", "destination", "region", "status"),
    [
        ("", DIRECT, None, 201),
        (SEND, DIRECT, "145110000000", 201),
        ("send:region:DE", DIRECT, "145110000000", 201),
        ("send:region:DE14", DIRECT, "145110000000", 201),
        ("send:region:DE14", DIRECT, None, 201),
        ("send:region:DE14511", DIRECT, None, 201),
        ("send:region:DE02 send:region:DE14", DIRECT, None, 201),
        (f"{SEND} send:region:DE14", DIRECT, None, 201),
        (f"{SEND} send:region:DE02", DIRECT, None, 403),
        ("send:region:DE02", DIRECT, None, 403),
        ("send:region:DE02", DIRECT, "145110000000", 403),
        ("send:region:DE145110000000", DIRECT, "14", 403),
        ("send:region:DE14511", COLLECTING, None, 403),
        ("send:region:DE14511", COLLECTING, "145110000000", 201),
        ("send:region:DE02", DIRECT, "020000000000", 403),
    ],
    ids=lambda value: str(value).rpartition("/")[2],
)
async def test_a_token_sends_only_for_its_regions(
    asked: Asked, scope: str, destination: str, region: str | None, status: int
) -> None:
    answer = await announced(asked, scope, destination, region=region)

    assert answer.status_code == status, answer.text
    if status == 403:
        problem = answer.json()
        assert problem["code"] == "AB-1302"
        assert scope.rpartition("send:region:")[2] in problem["detail"]
        assert (region or "DE14") in problem["detail"]


@pytest.mark.parametrize(
    ("scope", "status"),
    [("", 201), (SEND, 201), ("send:region:DE14", 201), ("send:region:DE02", 403), (f"{SEND} send:region:DE02", 403)],
)
@pytest.mark.parametrize("offered", [True, False])
async def test_a_token_replies_only_in_cases_of_its_regions(
    asked: Asked, scope: str, status: int, offered: bool
) -> None:
    """Whatever its destination offers now."""
    view, _ = await sent(asked, Application(SEALED))
    if not offered:
        sealed = asked.house.directory.destinations[SEALED]
        other = replace(sealed.services[0], service="99050012104000")
        asked.house.directory = with_entries(asked.house.directory, destinations=[replace(sealed, services=(other,))])
    token = (await asked.token(scope=scope)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    answer = await asked.http.post("/submission-api/v2/replies", headers=headers, json={"caseId": view["caseId"]})
    seen = await asked.http.get(f"/submission-api/v2/cases/{view['caseId']}/events", headers=headers)

    assert (answer.status_code, seen.status_code) == (status, 200), answer.text
    assert status == 201 or answer.json()["code"] == "AB-1302"


async def test_a_client_limited_to_regions_sends_nowhere_else_with_any_token(asked: Asked) -> None:
    old = (await asked.token(scope="send:region:DE14")).json()["access_token"]
    everywhere = asked.bearer()
    changed(asked, PORTAL, regions=("02",))

    for bearer in ({"Authorization": f"Bearer {old}"}, everywhere, asked.bearer()):
        answer = await asked.http.post(SUBMISSIONS, headers=bearer, json=creation())
        assert answer.status_code == 403, bearer
    changed(asked, PORTAL, regions=("14511", "02"))
    assert (await announced(asked)).status_code == 201
    answer = await asked.http.post(SUBMISSIONS, headers={"Authorization": f"Bearer {old}"}, json=creation())
    assert answer.status_code == 201


async def test_an_offer_for_all_of_germany_needs_a_named_region(asked: Asked) -> None:
    destination = asked.house.directory.destinations[DIRECT]
    service = replace(destination.services[0], regions=("",))
    asked.house.directory = with_entries(
        asked.house.directory, destinations=[replace(destination, services=(service,))]
    )

    assert (await announced(asked, "send:region:DE14", region=None)).status_code == 403
    assert (await announced(asked, "send:region:DE14")).status_code == 201


regions = st.lists(st.sampled_from(["", "02", "14", "145", "14511", "145110000000", "140000000000"]), max_size=4)


@given(some=regions, others=regions, region=st.sampled_from(["02", "14", "145", "14511", "145110000000"]))
def test_client_and_token_limit_each_other(some: list[str], others: list[str], region: str) -> None:
    """Whoever is let through lies within both; whatever lies within both is let through."""
    client = Client(PORTAL, ClientRole.SENDER, "hamburg", (), regions=tuple(some))
    grant = Grant.of(" ".join(f"send:region:DE{one}" for one in others) or SEND)
    acting = grant.acting(client)
    offered = OfferedService("99093003001002", "", (), ())
    through = acting is not None and acting.may_announce(region, offered)

    assert through == all(not limits or any(within(region, one) for one in limits) for limits in (some, others))


def test_what_is_granted_by_default_may_also_be_asked_for() -> None:
    for client in (
        Client(PORTAL, ClientRole.SENDER, "hamburg", (), regions=("14", "")),
        Client(PORTAL, ClientRole.SENDER, "hamburg", ()),
        Client(SUBSCRIBER, ClientRole.SUBSCRIBER, "leipzig", (), manages=True),
    ):
        assert narrowed(client, scopes_of(client)) == scopes_of(client)


# what endpoints ask for


async def test_a_token_for_something_else_is_told_which_scope_it_lacks(asked: Asked) -> None:
    changed(asked, SUBSCRIBER, manages=True)
    token = (await asked.token(SUBSCRIBER, scope=MANAGE)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    for method, path in (("GET", SUBMISSIONS), ("GET", f"/submission-api/v2/cases/{NOBODY}/events")):
        answer = await asked.http.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "AB-1301")
        assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{SUBSCRIBE}"'
    assert (await asked.http.get(f"/submission-api/v2/destinations/{DIRECT}", headers=headers)).status_code == 200


async def test_the_client_of_the_other_side_is_told_that_it_is_the_wrong_one(asked: Asked) -> None:
    for answer in (
        await asked.send("GET", SUBMISSIONS),
        await asked.send("POST", SUBMISSIONS, SUBSCRIBER, json=creation()),
        await asked.send("POST", f"/submission-api/v2/cases/{NOBODY}/events", PORTAL, type=JOSE, content="a.b.c"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "AB-1002")

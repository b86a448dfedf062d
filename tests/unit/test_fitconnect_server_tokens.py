"""The token endpoint, and what a token is good for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from front_for_tests import Asked
from house_for_tests import (
    DIRECT,
    HOST,
    PORTAL,
    with_entries,
)

from amtsbote.model.directory import KeyPurpose
from transport.fitconnect.server.tokens import LIFETIME


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

"""The token endpoint, and what a token is good for."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from front_for_tests import Asked, a_gate
from house_for_tests import (
    DIRECT,
    HOST,
    PORTAL,
    SECRET,
    with_entries,
)

from amtsbote.admin.bundle import hash_of
from amtsbote.errors.oauth import OAUTH_ERRORS
from amtsbote.jose.jws import compact, signing_input
from amtsbote.model.directory import KeyPurpose
from transport.fitconnect.server.scopes import SEND
from transport.fitconnect.server.tokens import LIFETIME

GRANT = {"grant_type": "client_credentials"}


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
    assert (await asked.token()).json()["error"] == "invalid_client"

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

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    assert asked.watched.tokens == [error]


@pytest.mark.parametrize(
    "body", [b"", b"grant_type=client_credentials&grant_type=client_credentials", b"grant_type", b"\xff=1", b"a=b"]
)
async def test_a_form_that_cannot_be_read_is_an_invalid_request(asked: Asked, body: bytes) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await asked.http.post("/auth/token", headers=form, content=body)
    other = await asked.http.post("/auth/token", json={})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert other.json()["error"] == "invalid_request"


def a_token(asked: Asked, **claims: Any) -> dict[str, str]:
    """Signed with the key of the service, with other claims than it would write."""
    house = asked.house
    key = house.directory.service_key(KeyPurpose.ACCESS_TOKEN)
    now = int(house.clock().timestamp())
    issuer = f"{HOST}/auth"
    good = {"iss": issuer, "aud": issuer, "sub": PORTAL, "iat": now, "exp": now + 60, "jti": "1", "scope": SEND}
    data = signing_input({"typ": "at+jwt", "alg": "EdDSA", "kid": key}, json.dumps(good | claims).encode())
    return {"Authorization": f"Bearer {compact(data, house.keystore.sign(key, data))}"}


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"aud": f"{HOST}/submission-api"}, 401),
        ({"aud": [f"{HOST}/auth"]}, 401),
        ({"aud": "https://auth-testing.fit-connect.fitko.dev/token"}, 401),
        ({"iss": "https://auth-testing.fit-connect.fitko.dev/"}, 401),
        ({"exp": 1}, 401),
        ({"sub": "nobody"}, 401),
    ],
)
async def test_a_token_for_somebody_or_something_else_is_refused(
    asked: Asked, claims: dict[str, Any], status: int
) -> None:
    answer = await asked.http.get(f"/submission-api/v2/destinations/{DIRECT}", headers=a_token(asked, **claims))

    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == "AB-1001"
        assert "neues Token" in answer.json()["detail"]
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_client_that_is_deleted_is_out_with_the_tokens_it_has(asked: Asked) -> None:
    bearer, directory = asked.bearer(), asked.house.directory
    others = {name: client for name, client in directory.clients.items() if name != PORTAL}
    asked.house.directory = replace(directory, clients=others)

    assert (await asked.http.get(f"/submission-api/v2/destinations/{DIRECT}", headers=bearer)).status_code == 401
    assert (await asked.token()).json()["error"] == "invalid_client"


async def test_both_secrets_of_a_client_count_until_one_is_dropped(asked: Asked) -> None:
    directory = asked.house.directory
    [old] = directory.clients[PORTAL].secret_hashes
    for hashes, statuses in (((old, hash_of("n" * 43)), (200, 200)), ((hash_of("n" * 43),), (401, 200))):
        client = replace(directory.clients[PORTAL], secret_hashes=hashes)
        asked.house.directory = with_entries(directory, clients=[client])
        answers = [await asked.token(secret=secret) for secret in ("s" * 43, "n" * 43)]
        assert tuple(answer.status_code for answer in answers) == statuses


# HTTP Basic


async def test_credentials_in_a_header_are_refused_as_the_public_service_does(asked: Asked) -> None:
    answer = await asked.http.post("/auth/token", data=GRANT, auth=(PORTAL, SECRET))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "HTTP Basic" in answer.json()["error_description"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


async def test_what_stands_in_the_form_counts_whatever_stands_in_the_header(asked: Asked) -> None:
    form = GRANT | {"client_id": PORTAL, "client_secret": SECRET}
    for authorization in ("Basic eDp5", "Bearer x.y.z", "Bearer"):
        answer = await asked.http.post("/auth/token", data=form, headers={"Authorization": authorization})
        assert answer.status_code == 200, authorization


@pytest.mark.parametrize(
    ("authorization", "form", "status"),
    [
        (f"{PORTAL}:{SECRET}", {}, 200),
        (f"{PORTAL}:{SECRET}", {"client_id": PORTAL}, 200),
        (f"hamburg%2Dportal:{SECRET}", {}, 200),
        (f"{PORTAL}:wrong", {}, 401),
        (f"{PORTAL}:{SECRET}", {"client_id": "bremen-portal"}, 401),
        (f"{PORTAL}{SECRET}", {}, 401),
        ("", {}, 401),
        ("\xff:\xff", {}, 401),
    ],
)
async def test_where_the_operator_allows_it_a_header_counts(
    asked: Asked, authorization: str, form: dict[str, str], status: int
) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, basic=True))
    header = f"Basic {b64encode(authorization.encode('latin-1')).decode()}"
    async with asked.at(front) as http:
        answer = await http.post("/auth/token", data=GRANT | form, headers={"Authorization": header})
        malformed = await http.post("/auth/token", data=GRANT, headers={"Authorization": "Basic %%%"})

    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert (malformed.status_code, malformed.json()["error"]) == (401, "invalid_client")


def test_descriptions_are_what_the_rfc_allows() -> None:
    """%x20-21 / %x23-5B / %x5D-7E (RFC 6749, 5.2), in German, too."""
    for row in OAUTH_ERRORS:
        for text in (row.de, row.en):
            assert text.isascii()
            assert text.isprintable()
            assert not set('"\\') & set(text)
        assert row.de != row.en


async def test_the_description_speaks_german_and_english(asked: Asked) -> None:
    form = GRANT | {"client_id": PORTAL, "client_secret": "x"}
    german = await asked.http.post("/auth/token", data=form)
    english = await asked.http.post("/auth/token", data=form, headers={"Accept-Language": "en"})

    assert (german.headers["Content-Language"], english.headers["Content-Language"]) == ("de", "en")
    assert german.json()["error"] == english.json()["error"]
    assert german.json()["error_description"] != english.json()["error_description"]


async def test_the_store_of_checked_tokens_does_not_grow(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transport.fitconnect.server.tokens._REMEMBERED", 2)
    for _ in range(5):
        await asked.get(f"/submission-api/v2/destinations/{DIRECT}")

    assert len(asked.front.tokens._remembered) == 2

"""The service changes its own keys while portals look on: what it ever signed stays verifiable by foreign libraries."""

from dataclasses import replace
from datetime import timedelta

import httpx
from application_kit import Application
from front_for_tests import Asked, creation
from house_for_tests import DIRECT, House, with_entries
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry, deserialize_compact

from amtsbote.model.directory import KeyPurpose
from transport.fitconnect.server.tokens import LIFETIME

API = "/submission-api/v2/submissions"
REGISTRY = JWSRegistry(algorithms=["PS512", "Ed25519", "EdDSA"])


def published(house: House, purpose: KeyPurpose) -> str:
    """A second key of the service; returns the id of the present one."""
    before = house.directory.service_key(purpose)
    known = house.directory.keys[before]
    present = replace(known, made_at=house.clock())
    new = replace(house.keys.entry("second", purpose), made_at=house.clock() + timedelta(seconds=1))
    house.directory = with_entries(house.directory, keys=(present, new))
    house.keystore.replace(house.directory.keys.values())
    assert house.directory.service_key(purpose) == before
    return before


def taken_up(house: House, purpose: KeyPurpose, **changes: object) -> str:
    """The second one signs from now on; returns its id."""
    former = replace(house.directory.keys[house.directory.service_key(purpose)], replaced_at=house.clock(), **changes)  # type: ignore[arg-type]
    house.directory = with_entries(house.directory, keys=(former,))
    return house.directory.service_key(purpose)


async def key_set(asked: Asked, api: str) -> KeySet:
    answer: httpx.Response = await asked.http.get(f"/{api}/.well-known/jwks.json")
    return KeySet.import_key_set(answer.json())


async def test_every_event_ever_written_verifies_with_the_published_keys(asked: Asked) -> None:
    house, ready = asked.house, asked.house.sealed(Application(DIRECT))
    created = (await asked.send("POST", API, json=creation())).json()
    former = published(house, KeyPurpose.EVENTS)
    current = taken_up(house, KeyPurpose.EVENTS)
    body = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
    assert (await asked.send("PUT", f"{API}/{created['submissionId']}", json=body)).status_code == 200

    log = (await asked.get(f"/submission-api/v2/cases/{created['caseId']}/events")).json()["eventLog"]
    keys = await key_set(asked, "submission-api")

    signers = [deserialize_compact(event, keys, registry=REGISTRY).headers()["kid"] for event in log]
    assert signers == [former, current]


async def test_a_retired_key_stays_published_with_what_it_signed(asked: Asked) -> None:
    former = published(asked.house, KeyPurpose.EVENTS)
    taken_up(asked.house, KeyPurpose.EVENTS, retired_at=asked.house.clock(), sealed_private=None)
    assert former in {key.kid for key in (await key_set(asked, "submission-api")).keys}


async def test_tokens_of_the_former_key_are_good_until_they_end_or_it_is_retired(asked: Asked) -> None:
    path, house = f"/submission-api/v2/destinations/{DIRECT}", asked.house
    before = asked.bearer()
    first = house.directory.service_key(KeyPurpose.ACCESS_TOKEN)
    present = replace(house.directory.keys[first], replaced_at=house.clock())
    house.directory = with_entries(house.directory, keys=(present,))
    assert (await asked.http.get(path, headers=before)).status_code == 200
    assert first in {key.kid for key in (await key_set(asked, "auth")).keys}

    gone = replace(present, retired_at=house.clock(), sealed_private=None)
    house.directory = with_entries(house.directory, keys=(gone,))
    assert (await asked.http.get(path, headers=before)).status_code == 401
    assert first not in (await asked.http.get("/auth/.well-known/jwks.json")).text

    house.directory = with_entries(house.directory, keys=(present,))
    house.clock.passes(timedelta(seconds=LIFETIME))
    assert (await asked.http.get(path, headers=before)).status_code == 401

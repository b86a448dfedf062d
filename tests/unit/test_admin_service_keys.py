"""The service changes its own keys: published first, used later; what the former signed stays good."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from chains_for_tests import NOW
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import TOWN, declaring_office
from keys_kit import Keys
from store_samples import a_message, an_event

from amtsbote.admin import rotation
from amtsbote.keys.making import new_service_key
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import SETTLING, KeyEntry, KeyPurpose
from amtsbote.model.ids import EventId, KeyId

RsaKey = Callable[[str], RSAPrivateKey]


@pytest.fixture
async def keys(tmp_path: Path, rsa_key: RsaKey, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keys]:
    """Every service key is an Ed25519 key: making RSA keys would take seconds."""

    def quick(purpose: KeyPurpose, vault: Vault) -> KeyEntry:
        made = new_service_key(KeyPurpose.ACCESS_TOKEN, vault)
        return KeyEntry(made.kid, purpose, "", None, made.public, (), made.sealed_private)

    monkeypatch.setattr(rotation, "new_service_key", quick)
    async with declaring_office(tmp_path, rsa_key) as declaring:
        await declaring.apply(TOWN)
        for purpose in (KeyPurpose.EVENTS, KeyPurpose.ADDRESSING, KeyPurpose.ACCESS_TOKEN):
            entry = quick(purpose, declaring.office.vault)
            await declaring.office.store.write(lambda tx, entry=entry: tx.directory.put(entry))  # type: ignore[misc]
        yield Keys(declaring, rsa_key)


async def turned(keys: Keys, purpose: str = "events") -> tuple[KeyId, KeyId]:
    """(former, current) after both calls."""
    await keys("rotate-service", purpose=purpose)
    keys.declaring.at(keys.declaring.office.clock() + SETTLING)
    answer = await keys("rotate-service", purpose=purpose)
    return KeyId(answer["former"]), KeyId(answer["current"])


async def test_the_first_call_publishes_and_the_second_uses(keys: Keys) -> None:
    before = (await keys.declaring.directory()).service_key(KeyPurpose.EVENTS)
    first = await keys("rotate-service", purpose="events")
    assert (await keys.declaring.directory()).service_key(KeyPurpose.EVENTS) == before == first["current"]
    assert (await keys.state(first["ready"]), await keys.state(before)) == ("ready", "current")
    assert (await keys.refused("rotate-service", purpose="events")).code == "too-early"

    keys.declaring.at(NOW + SETTLING)
    second = await keys("rotate-service", purpose="events")
    assert (second["current"], second["former"]) == (first["ready"], before)
    assert (await keys.declaring.directory()).service_key(KeyPurpose.EVENTS) == first["ready"]
    assert (await keys.state(first["ready"]), await keys.state(before)) == ("current", "former")
    assert [row[1] for row in await keys.audited()][:2] == ["key.rotated", "key.created"]


async def test_a_clock_that_went_back_brings_no_key_into_use_before_its_time(keys: Keys) -> None:
    _, current = await turned(keys)
    keys.declaring.at(NOW - timedelta(days=1))
    await keys("rotate-service", purpose="events")
    assert (await keys.declaring.directory()).service_key(KeyPurpose.EVENTS) == current


async def test_the_keys_of_other_purposes_are_left_alone(keys: Keys) -> None:
    before = await keys.declaring.directory()
    await turned(keys, "access-token")
    after = await keys.declaring.directory()
    for purpose in (KeyPurpose.EVENTS, KeyPurpose.ADDRESSING):
        assert after.service_key(purpose) == before.service_key(purpose)


async def test_a_former_key_of_the_service_retires_when_its_events_are_signed(keys: Keys) -> None:
    former, current = await turned(keys)
    store = keys.declaring.office.store
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    await store.write(lambda tx: tx.events.add(an_event(key=former)))
    assert (await keys.refused("retire", kid=current)).code == "current"
    assert (await keys.refused("retire", kid=former)).code == "too-early"
    keys.declaring.at(keys.declaring.office.clock() + SETTLING)
    assert (await keys.refused("retire", kid=former)).code == "in-use"

    await store.write(lambda tx: tx.events.keep_signature(EventId("e1"), "a.b.c"))
    await keys("retire", kid=former)
    assert (await keys.entry(former)).sealed_private is None
    assert await keys.state(current) == "current"

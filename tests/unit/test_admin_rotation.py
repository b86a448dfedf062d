"""A destination changes its keys while submissions are under way, and the former goes only when nobody needs it."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from chains_for_tests import NOW
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DIRECT, TOWN, declaring_office
from keys_kit import NEW_PLACE, Keys
from store_samples import a_message, a_part, an_event

from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.rotation import CLOCK_DOUBT
from amtsbote.api.persistence import Transaction
from amtsbote.model.directory import SETTLING
from amtsbote.model.ids import DestinationId, EventId, MessageId
from amtsbote.model.message import State

RsaKey = Callable[[str], RSAPrivateKey]
MOMENT = timedelta(seconds=1)
M1 = MessageId("m1")


@pytest.fixture
async def keys(tmp_path: Path, rsa_key: RsaKey) -> AsyncIterator[Keys]:
    async with declaring_office(tmp_path, rsa_key) as declaring:
        await declaring.apply(TOWN)
        yield Keys(declaring, rsa_key)


async def received(
    keys: Keys, at: timedelta, state: State = State.ANNOUNCED, place: str = DIRECT, under: str = "encryption"
) -> None:
    """A message with one part, encrypted to the key of that name."""
    message = a_message(destination=DestinationId(place), created_at=NOW + at, state=state)
    part = a_part(key=keys.kid(under))

    def unit(tx: Transaction) -> None:
        tx.messages.add(message, None)
        tx.parts.put(part)

    await keys.declaring.office.store.write(unit)


async def test_the_former_key_stays_open_and_knows_when_it_was_replaced(keys: Keys) -> None:
    told = len(keys.declaring.told)
    former = await keys.rotated()
    directory = await keys.declaring.directory()

    assert former == keys.kid("encryption")
    assert directory.destinations[DestinationId(DIRECT)].encryption_key == keys.kid("second")
    assert (directory.keys[former].replaced_at, directory.keys[keys.kid("second")].replaced_at) == (NOW, None)
    assert directory.keys[former].sealed_private is not None
    assert (await keys.state(former), await keys.state(keys.kid("second"))) == ("former", "current")
    assert len(keys.declaring.told) == told + 2  # the import, the rotation: the daemon takes over each at once
    assert (await keys.audited())[0] == ("uid:4711", "key.rotated", DIRECT)


async def test_a_former_key_can_be_taken_up_again(keys: Keys) -> None:
    former = await keys.rotated()
    await keys("rotate", destination=DIRECT, to=former)
    assert ((await keys.entry(former)).replaced_at, (await keys.entry(keys.kid("second"))).replaced_at) == (None, NOW)


async def test_only_a_good_key_of_the_same_destination_is_taken(keys: Keys) -> None:
    foreign = await keys.imported("other", "encryption", NEW_PLACE, tenant="chemnitz")
    kid = await keys.imported()
    assert (await keys.refused("rotate", destination=DIRECT, to=foreign)).code == "other-owner"
    assert (await keys.refused("rotate", destination=NEW_PLACE, to=foreign)).code == "not-found"
    assert (await keys.refused("rotate", destination=DIRECT, to=keys.kid("signing"))).code == "current"
    keys.declaring.at(NOW + timedelta(days=366))
    assert (await keys.refused("rotate", destination=DIRECT, to=kid)).code == "certificate"


async def test_a_retired_key_is_destroyed_and_stays_visible(keys: Keys) -> None:
    former = await keys.rotated()
    keys.declaring.at(NOW + SETTLING)
    answer = await keys("retire", kid=former)
    entry = await keys.entry(former)

    assert (answer["key"]["state"], answer["key"]["held_here"]) == ("retired", False)
    assert (entry.sealed_private, entry.retired_at) == (None, NOW + SETTLING)
    assert "x5c" in (await keys("export-public", kid=former))["jwk"]
    for command in ({"command": "retire"}, {"command": "certify", "chain": keys.chain("encryption")}):
        assert (await keys.refused(**command, kid=former)).code == "retired"
    assert (await keys.refused("rotate", destination=DIRECT, to=former)).code == "retired"
    with pytest.raises(DeclarationRefused, match="is retired"):
        await keys.declaring.preview(TOWN)


async def test_the_current_key_and_one_that_was_just_replaced_are_not_retired(keys: Keys) -> None:
    assert (await keys.refused("retire", kid=keys.kid("encryption"))).code == "current"
    former = await keys.rotated()
    keys.declaring.at(NOW + SETTLING - MOMENT)
    assert (await keys.refused("retire", kid=former)).code == "too-early"


@pytest.mark.parametrize("state", State)
async def test_an_encryption_key_waits_for_every_submission_that_may_need_it(keys: Keys, state: State) -> None:
    former = await keys.rotated()
    await received(keys, -timedelta(days=30), state)
    keys.declaring.at(NOW + timedelta(days=1))

    if state in {State.ACCEPTED, State.REJECTED, State.EXPIRED, State.DELETED}:
        await keys("retire", kid=former)
    else:
        refused = await keys.refused("retire", kid=former)
        assert (refused.code, refused.en.split()[0]) == ("in-use", "1")


@pytest.mark.parametrize(("after", "waits"), [(CLOCK_DOUBT, True), (CLOCK_DOUBT + MOMENT, False)])
async def test_announcements_long_after_the_rotation_do_not_count(keys: Keys, after: timedelta, waits: bool) -> None:
    former = await keys.rotated()
    await received(keys, after, under="second")
    keys.declaring.at(NOW + timedelta(days=1))

    if waits:
        assert (await keys.refused("retire", kid=former)).code == "in-use"
    else:
        await keys("retire", kid=former)


async def test_a_submission_encrypted_to_the_new_key_does_not_count(keys: Keys) -> None:
    former = await keys.rotated()
    await received(keys, -MOMENT, State.SUBMITTED, under="second")
    keys.declaring.at(NOW + SETTLING)
    assert (await keys("retire", kid=former))["key"]["state"] == "retired"


async def test_submissions_to_others_do_not_count(keys: Keys) -> None:
    former = await keys.rotated()
    await received(keys, -MOMENT, State.HELD, NEW_PLACE)
    keys.declaring.at(NOW + SETTLING)
    assert (await keys("retire", kid=former))["key"]["state"] == "retired"


async def test_a_signing_key_waits_for_its_events_to_be_signed_and_for_nothing_else(keys: Keys) -> None:
    former = await keys.rotated("other", "signature")
    await received(keys, -MOMENT, State.HELD)
    store = keys.declaring.office.store
    await store.write(lambda tx: tx.events.add(an_event("e1", key=former)))
    await store.write(lambda tx: tx.events.add(an_event("e2", key=keys.kid("other"))))
    keys.declaring.at(NOW + SETTLING)
    assert (await keys.refused("retire", kid=former)).code == "in-use"

    await store.write(lambda tx: tx.events.keep_signature(EventId("e1"), "a.b.c"))
    await keys("retire", kid=former)


async def test_a_declaration_that_names_another_key_turns_over_as_well(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "second.pem").write_text(keys.chain("second"))
    (tmp_path / "second.key").write_text(keys.private("second"))
    changed = TOWN.replace("encryption.pem", "second.pem").replace("encryption.key", "second.key")
    await keys.declaring.apply(changed)
    assert (await keys.entry(keys.kid("encryption"))).replaced_at == NOW
    assert await keys.state(keys.kid("second")) == "current"
    assert (await keys.declaring.preview(changed))["changes"] == []

    await keys.declaring.apply(TOWN)
    assert (await keys.entry(keys.kid("encryption"))).replaced_at is None
    assert (await keys.entry(keys.kid("second"))).replaced_at == NOW

"""The master key is changed under a store at work: whoever holds either file opens everything, until the former is
forgotten; then the former opens nothing any more."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from store_samples import NOON
from wrapped_house import DATA, NEW, OLD, Changing, wrapped

from amtsbote.admin import rewrapping
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Database, Page
from amtsbote.errors import Damaged, Misconfigured
from amtsbote.keys.vault import MasterKeyMissing, Vault, key_id
from amtsbote.model.directory import SETTLING
from amtsbote.model.ids import MessageId

HOUSES = 5
OTHER = b"\x03" * 32
SORTS = len(rewrapping.TABLES)


@pytest.fixture
async def changing(store: Database, monkeypatch: pytest.MonkeyPatch) -> Changing:
    monkeypatch.setattr(rewrapping, "BATCH", 2)
    house = Changing(store, Vault(OLD))
    for number in range(HOUSES):
        await store.write(wrapped(house.vault, f"m{number}"))
    return house


async def refused(changing: Changing, command: str, **arguments: str) -> str:
    with pytest.raises(CommandRefused) as caught:
        await changing(command, **arguments)
    return caught.value.code


async def test_everything_is_wrapped_anew_and_the_former_key_opens_nothing_afterwards(changing: Changing) -> None:
    begun = await changing.begun()
    assert begun["total"] == SORTS * HOUSES
    assert await changing.all_steps() == SORTS * HOUSES
    told = await changing("rotate-master.end")

    new, former = begun["id"], begun["former"]
    assert told["under"] == {name: {new: HOUSES, former: 0} for name in rewrapping.TABLES}
    assert await changing.opens() == HOUSES

    changing.vault, changing.now = await changing.restarted(NEW), NOON + SETTLING
    await changing("finish-master")
    assert await changing.opens(await changing.restarted(NEW)) == HOUSES
    with pytest.raises(MasterKeyMissing, match=new):
        await changing.restarted(OLD)
    with pytest.raises(Damaged):
        await changing.opens(Vault(OLD))


async def test_whoever_holds_either_file_opens_everything_after_every_single_step(changing: Changing) -> None:
    await changing.begun()
    place: dict[str, object] = {}
    while place.get("table", "") is not None:
        for key in (OLD, NEW):
            assert await changing.opens(await changing.restarted(key)) == HOUSES
        answer = await changing("rotate-master.step", **place)
        place = {"table": answer["table"], "after": answer["after"]}
    for key in (OLD, NEW):
        assert await changing.opens(await changing.restarted(key)) == HOUSES


async def test_new_secrets_lie_under_the_new_key_from_the_first_moment(changing: Changing) -> None:
    begun = await changing.begun()
    await changing.store.write(wrapped(changing.vault, "m9"))

    part = (await changing.store.read(lambda tx: tx.parts.of(MessageId("m9"))))[DATA]
    assert key_id(part.seal) == begun["id"] == changing.vault.wraps_with
    assert await changing.all_steps() == SORTS * HOUSES


async def test_other_nodes_learn_the_new_key_before_anybody_uses_it(changing: Changing) -> None:
    changing.alone = False
    begun = await changing.begun()
    assert changing.vault.wraps_with == begun["former"]
    answer = await changing("rotate-master.step")
    assert (answer["settling"], answer["done"]) == (61, 0)
    assert await refused(changing, "rotate-master.end") == "too-early"
    other = await changing.restarted(OLD)

    changing.now += SETTLING
    assert (await changing("rotate-master.step"))["done"] == HOUSES
    assert changing.vault.wraps_with == begun["id"]
    assert await changing.opens(other) == HOUSES


async def test_what_was_wrapped_late_under_the_former_key_is_found_before_it_is_forgotten(changing: Changing) -> None:
    late = wrapped(Vault(OLD), "m8")
    await changing.rotated()
    await changing.store.write(late)

    changing.vault, changing.now = await changing.restarted(NEW), NOON + SETTLING
    assert (await changing("finish-master"))["damaged"] == 0
    assert await changing.opens(await changing.restarted(NEW)) == HOUSES + 1


async def test_the_former_key_is_not_forgotten_by_a_service_that_holds_its_file(changing: Changing) -> None:
    assert await refused(changing, "finish-master") == "no-change"
    await changing.rotated()
    assert await refused(changing, "finish-master") == "too-early"
    changing.now += SETTLING
    assert await refused(changing, "finish-master") == "former-file"
    assert await changing.opens(await changing.restarted(OLD)) == HOUSES


async def test_an_unfinished_change_goes_on_with_its_own_key_only(changing: Changing) -> None:
    first = await changing.begun()
    with pytest.raises(CommandRefused, match="not finished"):
        await changing.begun(OTHER)
    changing.vault = await changing.restarted(OLD)
    await changing("rotate-master.step")
    again = await changing.begun()

    assert (again["id"], again["former"]) == (first["id"], first["former"])
    assert again["total"] == (SORTS - 1) * HOUSES
    assert await changing.all_steps() == (SORTS - 1) * HOUSES


async def test_the_key_in_use_and_what_is_no_key_are_refused(changing: Changing) -> None:
    with pytest.raises(Misconfigured, match="in use"):
        await changing.begun(OLD)
    for wrong in ("", "00" * 31, "zz" * 32):
        assert await refused(changing, "rotate-master.begin", key=wrong) == "arguments"
    assert await refused(changing, "rotate-master.step") == "no-change"
    await changing.begun()
    assert await refused(changing, "rotate-master.step", table="letters") == "arguments"


async def test_a_damaged_secret_is_counted_left_alone_and_does_not_stop_the_change(changing: Changing) -> None:
    part = (await changing.store.read(lambda tx: tx.parts.of(MessageId("m1"))))[DATA]
    spoilt = replace(part, seal=part.seal[:-1] + bytes([part.seal[-1] ^ 1]))
    await changing.store.write(lambda tx: tx.parts.put(spoilt))

    told = await changing.rotated()

    assert told["damaged"] == 1
    assert (await changing.store.read(lambda tx: tx.parts.of(MessageId("m1"))))[DATA] == spoilt
    changing.vault, changing.now = await changing.restarted(NEW), NOON + SETTLING
    assert (await changing("finish-master"))["damaged"] == 1


async def test_the_key_can_be_changed_again_and_again(changing: Changing) -> None:
    for number, key in enumerate((NEW, OTHER, OLD), 1):
        await changing.rotated(key)
        changing.vault, changing.now = await changing.restarted(key), NOON + number * timedelta(days=1)
        await changing("finish-master")
        assert await changing.opens(await changing.restarted(key)) == HOUSES


async def test_begin_switch_and_end_are_in_the_audit_with_who_and_how_many(changing: Changing) -> None:
    await changing.rotated()
    changing.vault, changing.now = await changing.restarted(NEW), NOON + SETTLING
    await changing("finish-master")

    rows = await changing.store.read(lambda tx: tx.audit.page(Page(0, 9)))
    assert [(row.actor, row.action) for row in rows] == [
        ("uid:4711", "master-key.changed"),
        ("uid:4711", "master-key.rewrapped"),
        ("uid:4711", "master-key.change-begun"),
    ]
    assert not any(key.hex() in str(rows) for key in (OLD, NEW))


async def test_the_list_of_keys_names_the_master_key_and_its_change(changing: Changing) -> None:
    assert (await changing("list"))["master_key"]["since"] is None
    begun = await changing.begun()
    changing.now += timedelta(days=2)
    shown = (await changing("list"))["master_key"]
    assert (shown["id"], shown["former"], shown["days"]) == (begun["id"], begun["former"], 2)


async def test_any_order_of_steps_and_restarts_ends_well(changing: Changing) -> None:
    """A random walk of an operator who repeats himself, and of a service that restarts with either file."""
    chance = random.Random(7)  # noqa: S311  (the same walk every time)
    await changing.begun()
    for _ in range(30):
        match chance.randrange(4):
            case 0:
                changing.vault = await changing.restarted(chance.choice((OLD, NEW)))
            case 1:
                await changing.begun()
            case _:
                await changing("rotate-master.step", table=chance.choice(list(rewrapping.TABLES)))
        assert await changing.opens() == HOUSES
    assert (await changing.rotated())["damaged"] == 0

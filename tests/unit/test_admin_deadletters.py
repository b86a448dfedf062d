"""What a person may decide about a Klärungsfall, what is refused, and that two persons never both decide."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from application_kit import CHEMNITZ, TREE_FELLING
from house_for_tests import COLLECTING, DIRECT, House
from store_samples import MINUTE, NOON, a_delivery, a_letter, a_message

from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Page, Transaction
from amtsbote.model.deadletter import Reason, Settlement
from amtsbote.model.event import EventKind
from amtsbote.model.ids import DeliveryId, MessageId, TargetId, TenantId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Delivery, DeliveryState, State

M1 = MessageId("m1")


@pytest.fixture
async def office(house: House) -> Office:
    """Of a house whose directory is in the store."""
    directory = house.directory
    tables = ("tenants", "portals", "clients", "destinations", "authorities", "targets", "keys")

    def unit(tx: Transaction) -> None:
        for table in tables:
            for entry in getattr(directory, table).values():
                tx.directory.put(entry)

    await house.store.write(unit)
    return Office(
        house.store,
        house.vault,
        (),
        frozenset,
        {},
        house.clock,
        nobody_to_tell,
        event_bytes=house.envelope.event,
        new_id=house.ids,
        wake=house.wake,
    )


def held(tx: Transaction, *, source: State = State.SUBMITTED, place: str = COLLECTING) -> None:
    """The message `m1`, held, with its open letter `k1` about no delivery."""
    tenant = "saxony" if place == COLLECTING else "chemnitz"
    message = a_message(
        destination=place, tenant=tenant, service=TREE_FELLING, region=CHEMNITZ, state=State.HELD, held_from=source
    )
    tx.messages.add(replace(message, submitted_at=NOON), None)
    if source is State.SUBMITTED:
        tx.deadletters.open(a_letter(tenant=tenant))


def half_delivered(tx: Transaction, *, copy: DeliveryState) -> None:
    """The primary delivery is dead (`k1`), the copy is in the given state (`k2` when it is dead)."""
    held(tx, source=State.DELIVERING, place=DIRECT)
    tx.deliveries.add(
        [
            a_delivery("v1", tenant="chemnitz", state=DeliveryState.DEAD, failure="disk-full"),
            a_delivery("v2", tenant="chemnitz", primary=False, target=TargetId("copy"), state=copy),
        ]
    )
    tx.deadletters.open(a_letter("k1", tenant="chemnitz", delivery="v1", token=7))
    if copy is DeliveryState.PENDING:
        tx.jobs.add(JobKind.DELIVER, "v2", NOON)
    else:
        tx.deadletters.open(a_letter("k2", tenant="chemnitz", delivery="v2", token=3))


async def command(office: Office, verb: str, letter: str = "k1", **arguments: Any) -> dict[str, Any]:
    return await run_command(office, "uid:7", f"deadletters.{verb}", {"id": letter, **arguments})


async def refused(office: Office, verb: str, letter: str = "k1", **arguments: Any) -> str:
    """The code of the refusal, after which everything is as it was."""
    before = await office.store.read(everything)
    with pytest.raises(CommandRefused) as caught:
        await command(office, verb, letter, **arguments)
    assert await office.store.read(everything) == before
    assert caught.value.de != caught.value.en
    return caught.value.code


def everything(tx: Transaction) -> list[Any]:
    letters = tx.deadletters.page("all", Page(0, 100))[1]
    histories = [tx.deadletters.history(letter.id) for letter in letters]
    messages = tx.messages.page(None, Page(0, 100))
    audited = tx.audit.page(Page(0, 100))
    rest = [tx.deliveries.of(M1), tx.jobs.counts(), tx.messages.assignment(M1), tx.events.of_message(M1)]
    return [messages, letters, histories, audited, *rest]


async def deliveries(office: Office) -> dict[str, Delivery]:
    found = await office.store.read(lambda tx: tx.deliveries.of(M1))
    return {one.id: one for one in found}


async def claimed(office: Office) -> tuple[Job, ...]:
    later = NOON + timedelta(days=999)
    return await office.store.write(lambda tx: tx.jobs.claim(list(JobKind), 9, now=later, lease=MINUTE))


async def test_a_message_held_before_its_delivery_is_processed_again(office: Office, house: House) -> None:
    await house.store.write(held)

    answer = await command(office, "retry")

    assert (answer["state"], answer["deadletter"]["settlement"]) == ("submitted", "retried")
    assert [(job.kind, job.reference) for job in await claimed(office)] == [(JobKind.PROCESS, "m1")]
    assert house.woken == 1


async def test_a_dead_primary_delivery_takes_its_message_back_and_goes_on_above_the_last_token(office: Office) -> None:
    await office.store.write(lambda tx: half_delivered(tx, copy=DeliveryState.DEAD))

    answer = await command(office, "retry", text="Platte getauscht")

    assert answer["state"] == "delivering"
    found = await deliveries(office)
    assert (found["v1"].state, found["v2"].state) == (DeliveryState.PENDING, DeliveryState.DEAD)
    assert [(job.reference, job.token) for job in await claimed(office)] == [("v1", 8)]


@pytest.mark.parametrize("state", [State.HELD, State.ACCEPTED])
async def test_a_dead_copy_is_retried_alone(office: Office, state: State) -> None:
    def unit(tx: Transaction) -> None:
        half_delivered(tx, copy=DeliveryState.DEAD)
        if state is State.ACCEPTED:
            tx.messages.move(M1, State.HELD, State.DELIVERING, at=NOON)
            tx.messages.move(M1, State.DELIVERING, State.ACCEPTED, at=NOON)

    await office.store.write(unit)

    assert (await command(office, "retry", "k2"))["state"] == state

    assert [(job.reference, job.token) for job in await claimed(office)] == [("v2", 4)]
    assert (await deliveries(office))["v1"].state is DeliveryState.DEAD


async def test_a_rejection_ends_everything_with_an_event_of_the_destination(office: Office, house: House) -> None:
    await office.store.write(lambda tx: half_delivered(tx, copy=DeliveryState.PENDING))

    answer = await command(office, "reject", text="Bitte an die Stadt wenden.")

    assert answer["state"] == "rejected"
    copy = (await deliveries(office))["v2"]
    assert (copy.state, copy.failure) == (DeliveryState.DEAD, "withdrawn")
    assert await claimed(office) == ()
    [event] = await office.store.read(lambda tx: tx.events.of_message(M1))
    assert (event.kind, event.key) == (EventKind.REJECT, house.directory.destinations[DIRECT].signing_key)
    [body] = orjson.loads(event.payload)["events"].values()
    assert "Bitte an die Stadt wenden." in body["problems"][0]["detail"]
    assert body["problems"][0]["instance"] == "submission"
    assert await refused(office, "retry") == "settled"


async def test_a_rejection_settles_the_letters_of_the_copies_and_they_stay_where_they_are(office: Office) -> None:
    await office.store.write(lambda tx: half_delivered(tx, copy=DeliveryState.DEAD))

    await command(office, "reject", text="nein")

    letters = await office.store.read(lambda tx: tx.deadletters.of(M1))
    assert [letter.settlement for letter in letters] == [Settlement.REJECTED] * 2
    assert await refused(office, "retry", "k2") == "settled"


async def test_a_copy_cannot_reject_what_was_accepted(office: Office) -> None:
    def unit(tx: Transaction) -> None:
        half_delivered(tx, copy=DeliveryState.DEAD)
        tx.messages.move(M1, State.HELD, State.DELIVERING, at=NOON)
        tx.messages.move(M1, State.DELIVERING, State.ACCEPTED, at=NOON)

    await office.store.write(unit)

    assert await refused(office, "reject", "k2", text="nein") == "wrong-state"
    assert await refused(office, "retry", "k1") == "wrong-state"


async def test_an_event_that_cannot_be_written_undoes_the_whole_rejection(office: Office) -> None:
    await office.store.write(held)
    before = await office.store.read(everything)
    mute = Office(office.store, office.vault, (), frozenset, {}, office.clock, nobody_to_tell)

    with pytest.raises(ValueError, match="reject"):
        await command(mute, "reject", text="nein")

    assert await office.store.read(everything) == before


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"authority": "land"}, ("land", None, None)),
        ({"target": "land"}, ("land", "land", None)),
        ({"authority": "land", "target": "land", "region": "14522"}, ("land", "land", "14522")),
        ({"region": CHEMNITZ}, (None, None, CHEMNITZ)),
    ],
)
async def test_what_a_person_names_is_kept_with_who_said_it_and_why(
    office: Office, named: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    await office.store.write(held)

    answer = await command(office, "assign", text="nach Rücksprache", **named)

    kept = await office.store.read(lambda tx: tx.messages.assignment(M1))
    assert kept is not None
    assert (kept.authority, kept.target, kept.region) == expected
    assert (kept.actor, kept.reason) == ("uid:7", "nach Rücksprache")
    assert (answer["state"], answer["deadletter"]["settlement"]) == ("submitted", "assigned")
    told = answer["deadletter"]["history"][-1]["text"]
    assert told == f"{', '.join(filter(None, expected))}: nach Rücksprache"
    assert [job.kind for job in await claimed(office)] == [JobKind.PROCESS]


async def test_a_region_stays_corrected_when_an_authority_is_named_later(office: Office) -> None:
    def again(tx: Transaction) -> None:
        tx.messages.move(M1, State.SUBMITTED, State.HELD, at=NOON)
        tx.deadletters.open(a_letter("k2", tenant="saxony"))

    await office.store.write(held)
    await command(office, "assign", region="14522", text="Tippfehler")
    await office.store.write(again)

    await command(office, "assign", "k2", authority="land", text="einzige")

    kept = await office.store.read(lambda tx: tx.messages.assignment(M1))
    assert kept is not None
    assert (kept.authority, kept.region) == ("land", "14522")


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({}, "arguments"),
        ({"authority": "nobody"}, "not-found"),
        ({"authority": "gba"}, "foreign"),
        ({"authority": "lpz"}, "foreign"),
        ({"target": "nowhere"}, "not-found"),
        ({"target": "main"}, "foreign"),
        ({"authority": "land", "target": "main"}, "foreign"),
        ({"authority": "land", "target": "nowhere"}, "not-found"),
        ({"region": "02"}, "not-offered"),
        ({"region": "1452"}, "arguments"),
        ({"region": "14522\n"}, "arguments"),
        ({"region": "１４５２２"}, "arguments"),
    ],
)
async def test_an_assignment_that_cannot_be_is_refused_and_changes_nothing(
    office: Office, named: dict[str, str], code: str
) -> None:
    await office.store.write(held)

    assert await refused(office, "assign", text="weil", **named) == code


async def test_a_target_no_authority_uses_needs_the_authority_named_too(office: Office, house: House) -> None:
    spare = replace(house.directory.targets[TargetId("land")], id=TargetId("spare"), tenant=TenantId("saxony"))
    await office.store.write(lambda tx: tx.directory.put(spare))
    await office.store.write(held)

    assert await refused(office, "assign", text="weil", target="spare") == "ambiguous"
    assert (await command(office, "assign", text="weil", target="spare", authority="land"))["state"] == "submitted"


async def test_what_is_addressed_already_is_not_assigned(office: Office) -> None:
    await office.store.write(lambda tx: half_delivered(tx, copy=DeliveryState.DEAD))

    assert await refused(office, "assign", text="weil", authority="gba") == "wrong-state"


@pytest.mark.parametrize("state", [State.HELD, State.ACCEPTED])
async def test_a_dead_copy_is_given_up_with_a_reason_and_nothing_else_changes(office: Office, state: State) -> None:
    def unit(tx: Transaction) -> None:
        half_delivered(tx, copy=DeliveryState.DEAD)
        if state is State.ACCEPTED:
            tx.messages.move(M1, State.HELD, State.DELIVERING, at=NOON)
            tx.messages.move(M1, State.DELIVERING, State.ACCEPTED, at=NOON)

    await office.store.write(unit)

    answer = await command(office, "drop", "k2", text="Archiv abgeschaltet")

    assert (answer["state"], answer["deadletter"]["settlement"]) == (state, "dropped")
    [entry] = answer["deadletter"]["history"]
    assert (entry["action"], entry["text"]) == ("dropped", "Archiv abgeschaltet")
    assert (await deliveries(office))["v2"].state is DeliveryState.DEAD
    assert await claimed(office) == ()
    [row] = await office.store.read(lambda tx: tx.audit.page(Page(0, 9)))
    assert (row.action, row.subject, row.actor) == ("deadletter.dropped", "k2", "uid:7")
    assert await refused(office, "drop", "k2", text="noch einmal") == "settled"
    assert await refused(office, "retry", "k2") == "settled"


async def test_only_a_copy_can_be_given_up(office: Office) -> None:
    await office.store.write(lambda tx: half_delivered(tx, copy=DeliveryState.DEAD))
    assert await refused(office, "drop", "k1", text="nein") == "wrong-state"


async def test_what_is_not_about_a_delivery_cannot_be_given_up(office: Office) -> None:
    await office.store.write(held)
    assert await refused(office, "drop", text="nein") == "wrong-state"


@pytest.mark.parametrize("text", ["", "   ", "a\x1b[2J", "zwei\nZeilen", "\u202everdreht", "x" * 501, None, 7])
@pytest.mark.parametrize("verb", ["reject", "drop", "note"])
async def test_words_are_bounded_and_cannot_steer_a_terminal(office: Office, verb: str, text: object) -> None:
    await office.store.write(held)

    assert await refused(office, verb, text=text) == "arguments"


@pytest.mark.parametrize("verb", ["show", "retry", "reject", "assign", "drop", "hand-over", "note"])
async def test_an_unknown_letter_is_not_found(office: Office, verb: str) -> None:
    more = {
        "reject": {"text": "x"},
        "drop": {"text": "x"},
        "note": {"text": "x"},
        "assign": {"text": "x", "region": "14"},
        "hand-over": {"owner": "x"},
    }

    assert await refused(office, verb, "nobody's", **more.get(verb, {})) == "not-found"


async def test_of_two_operators_at_once_exactly_one_decides(office: Office) -> None:
    await office.store.write(held)

    answers = await asyncio.gather(
        command(office, "retry"),
        command(office, "reject", text="nein"),
        command(office, "assign", text="weil", authority="land"),
        return_exceptions=True,
    )

    assert sorted(isinstance(answer, CommandRefused) for answer in answers) == [False, True, True]
    [letter] = await office.store.read(lambda tx: tx.deadletters.of(M1))
    entries = await office.store.read(lambda tx: tx.deadletters.history(letter.id))
    assert [entry.action.value for entry in entries] == [letter.settlement]


async def test_owner_and_notes_stay_with_the_case_and_are_audited(office: Office) -> None:
    await office.store.write(held)
    await command(office, "hand-over", owner="Team Bau")
    await command(office, "note", text="angerufen")
    await command(office, "retry")

    answer = await command(office, "note", text="war richtig")

    letter = answer["deadletter"]
    assert letter["owner"] == "Team Bau"
    assert [(entry["action"], entry["text"]) for entry in letter["history"]] == [
        ("handed-over", "Team Bau"), ("noted", "angerufen"), ("retried", ""), ("noted", "war richtig"),
    ]  # fmt: skip
    rows = await office.store.read(lambda tx: tx.audit.page(Page(0, 4)))
    assert [(row.actor, row.action, row.subject) for row in reversed(rows)] == [
        ("uid:7", f"deadletter.{action}", "k1") for action in ("handed-over", "noted", "retried", "noted")
    ]
    assert await refused(office, "hand-over", owner="Team Grün") == "settled"


async def test_the_list_shows_the_open_ones_and_on_request_all(office: Office) -> None:
    await office.store.write(lambda tx: half_delivered(tx, copy=DeliveryState.DEAD))
    await command(office, "retry", "k1")

    async def listed(**wish: Any) -> tuple[int, list[str]]:
        answer = await run_command(office, "uid:7", "deadletters.list", wish)
        return answer["total"], [one["id"] for one in answer["deadletters"]]

    assert await listed() == (1, ["k2"])
    assert await listed(shown="all", limit=1) == (2, ["k1"])
    assert (await deliveries(office))[DeliveryId("v2")].state is DeliveryState.DEAD


async def test_what_could_not_be_processed_is_processed_again_with_one_command(office: Office, house: House) -> None:
    await house.store.write(partial(half_delivered, copy=DeliveryState.PENDING))

    def more(tx: Transaction) -> None:
        failed, undecided = Reason.PROCESSING_FAILED, Reason.NOBODY_COMPETENT
        for number, reason in ((2, failed), (3, undecided), (4, failed)):
            place = {"destination": DIRECT, "tenant": "chemnitz"}
            message = a_message(f"m{number}", **place, state=State.HELD, held_from=State.SUBMITTED)
            tx.messages.add(replace(message, submitted_at=NOON), None)
            tx.deadletters.open(a_letter(f"k{number}", message.id, tenant="chemnitz", reason=reason))

    await house.store.write(more)
    await command(office, "reject", "k4", text="Doppelt gesendet")

    shown = await run_command(office, "uid:7", "schemas.recheck", {"dry": True})
    assert shown == {"held": ["k2"], "retried": []}
    done = await run_command(office, "uid:7", "schemas.recheck", {})

    assert done == {"held": ["k2"], "retried": ["k2"]}
    kept = await office.store.read(lambda tx: [tx.messages.get(MessageId(name)).state for name in ("m2", "m3", "m4")])
    assert kept == [State.SUBMITTED, State.HELD, State.REJECTED]
    assert (await command(office, "show", "k2"))["deadletter"]["history"][-1]["text"] == "schemas recheck"
    assert (await run_command(office, "uid:7", "schemas.recheck", {}))["held"] == []

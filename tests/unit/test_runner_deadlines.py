"""Three weeks of a destination whose software fetches nothing, and what is kept for how long."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from application_kit import Application, Enclosure
from directory_for_tests import NOON
from house_for_tests import DIRECT, SEALED, SUBSCRIBER, House, with_entries
from mail_peer import MailPeer, mail_peer
from store_samples import a_letter, a_note

from amtsbote.api.persistence import Transaction
from amtsbote.errors import NotFound, RequestRefused, table
from amtsbote.mailroom import ReplyAnnouncement
from amtsbote.model.deadletter import Settlement
from amtsbote.model.directory import Deadlines
from amtsbote.model.ids import CaseId, DestinationId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Message, MessageKind, State
from amtsbote.net.mail import Mailer, MailFailed, Transport
from amtsbote.runner import DeadlineWatch, Reminders
from amtsbote.runner.deadlines import PACE, deadline_job
from amtsbote.runner.expire import expire_job
from transport.fitconnect.server.parts import checked_body

DAY = timedelta(days=1)
PHOTO = Enclosure(b"p" * 300_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")


@pytest.fixture
async def peer() -> AsyncIterator[MailPeer]:
    async with mail_peer() as running:
        yield running


@pytest.fixture
def reminding(house: House, peer: MailPeer) -> House:
    """The house with a mail server, and a destination with an address."""
    change(house, contact={"email": "software@leipzig.example"})
    mailer = Mailer("127.0.0.1", peer.port, "amtsbote@betreiber.example", Transport.NONE)
    house.shop = replace(house.shop, reminders=Reminders(mailer))
    return house


def change(house: House, destination: DestinationId = SEALED, **changes: Any) -> None:
    one = replace(house.directory.destinations[destination], **changes)
    house.directory = with_entries(house.directory, destinations=[one])


async def look(house: House, destination: DestinationId = SEALED) -> None:
    """The next run of the destination's job, when it is due."""
    await DeadlineWatch(house.store, lambda: house.directory, house.clock).look()
    for _ in house.directory.destinations:
        job = await house.claimed(JobKind.DEADLINE)
        await deadline_job(job, house.shop)
        if job.reference == destination:
            return
    raise AssertionError("the destination has no row")


def days(house: House, last: int) -> Iterator[int]:
    """One day after the other passes, until `last` since noon of the first."""
    while (house.clock() - NOON).days < last:
        house.clock.passes(DAY)
        yield (house.clock() - NOON).days


async def accept(house: House, message: Message) -> None:
    """As the subscriber does."""
    await house.store.write(lambda tx: tx.messages.move(message.id, State.SUBMITTED, State.ACCEPTED, at=house.clock()))


async def reply(house: House, case: CaseId) -> Message:
    """Of the subscriber, complete."""
    client = house.client(SUBSCRIBER)
    announced = await house.sending.announce_reply(client, ReplyAnnouncement(case, ()))
    ready = house.sealed(Application(SEALED))
    metadata = checked_body("metadata", ready.metadata, None, 10**8)
    return await house.sending.submit(client, announced, metadata, checked_body("data", ready.data, None, 10**8))


async def test_three_weeks_of_a_destination_that_fetches_nothing(reminding: House, peer: MailPeer) -> None:
    message = await reminding.submitted(Application(SEALED, enclosures=(PHOTO,)))
    seen: dict[int, tuple[int, State]] = {}
    assert len(reminding.body_files()) == 1

    for day in days(reminding, 21):
        await look(reminding)
        seen[day] = (len(peer.letters), await reminding.state(message))

    changes = {day: now for day, now in seen.items() if seen.get(day - 1) != now}
    assert changes == {
        1: (0, State.SUBMITTED),
        3: (1, State.SUBMITTED),
        9: (2, State.SUBMITTED),
        14: (2, State.REJECTED),
        21: (2, State.DELETED),
    }
    assert reminding.body_files() == []
    events = await reminding.events(message)
    assert [event.kind.value for event in events] == ["create", "submit", "reject", "delete"]
    assert b"problems/timeout" in events[2].payload
    assert b"/submission-api" in events[2].payload  # the service says it, not the destination


@pytest.mark.parametrize(("rejected", "opened"), [(True, False), (False, True)])
async def test_a_case_stays_as_open_as_it_was_when_its_content_is_gone(
    house: House, rejected: bool, opened: bool
) -> None:
    message = await house.submitted(Application(SEALED))
    if not rejected:
        await accept(house, message)
    for _ in days(house, 40):
        await look(house)
    assert await house.state(message) is State.DELETED

    wish = ReplyAnnouncement(message.case, ())
    announcing = house.sending.announce_reply(house.client(SUBSCRIBER), wish)

    if opened:
        assert (await announcing).case == message.case
    else:
        with pytest.raises(RequestRefused) as refused:
            await announcing
        assert refused.value.problem.type is table.CASE_NOT_OPEN


async def test_the_contact_reads_what_waits_and_until_when(reminding: House, peer: MailPeer) -> None:
    messages = [await reminding.submitted(Application(SEALED)) for _ in range(3)]
    reminding.clock.passes(3 * DAY)

    await look(reminding)
    reminding.clock.passes(PACE)
    await look(reminding)

    [letter] = peer.letters
    text = letter.get_content()
    assert (letter["To"], letter["From"]) == ("software@leipzig.example", "amtsbote@betreiber.example")
    assert "3 nicht abgeholte Nachrichten" in letter["Subject"]
    assert all(message.id in text for message in messages)
    assert "seit mindestens 3 Tagen" in text
    assert "After 14 days they are rejected" in text


async def test_what_was_fetched_and_accepted_in_time_is_told_to_nobody(reminding: House, peer: MailPeer) -> None:
    message = await reminding.submitted(Application(SEALED))
    await accept(reminding, message)

    for _ in days(reminding, 29):
        await look(reminding)
    kept = await reminding.state(message)
    reminding.clock.passes(2 * DAY)
    await look(reminding)

    assert peer.letters == []
    assert (kept, await reminding.state(message)) == (State.ACCEPTED, State.DELETED)
    with pytest.raises(RequestRefused) as gone:
        await reminding.receiving.fetch(reminding.client(SUBSCRIBER), MessageKind.SUBMISSION, message.id)
    assert gone.value.problem.type is table.MESSAGE_DELETED


async def test_a_mail_server_that_is_gone_holds_up_nothing_and_is_asked_again(reminding: House, peer: MailPeer) -> None:
    message = await reminding.submitted(Application(SEALED))
    old = await reminding.submitted(Application(SEALED))
    await accept(reminding, old)
    peer.refusing = True
    reminding.clock.passes(31 * DAY - timedelta(hours=1))
    change(reminding, deadlines=Deadlines(rejected_after=40 * DAY))

    with pytest.raises(MailFailed):
        await look(reminding)
    assert await reminding.state(old) is State.DELETED
    assert peer.letters == []
    peer.refusing = False
    reminding.clock.passes(timedelta(hours=1))
    await look(reminding)

    assert len(peer.letters) == 1  # once, for the later of both moments
    assert await reminding.state(message) is State.SUBMITTED


async def test_without_a_mail_server_the_log_says_so_once(house: House) -> None:
    await house.submitted(Application(SEALED))
    house.clock.passes(3 * DAY)

    with structlog.testing.capture_logs() as logs:
        await look(house)
        house.clock.passes(PACE)
        await look(house)

    told = [entry for entry in logs if entry["event"] == "deadline.nobody_told"]
    assert [(entry["destination"], entry["days"], entry["messages"]) for entry in told] == [(SEALED, 3, 1)]


@pytest.mark.parametrize("address", ["a@b.example\nBcc: c@d.example", "gone@b.example"])
async def test_an_address_that_is_none_gets_no_letter_and_holds_up_nothing(
    reminding: House, peer: MailPeer, address: str
) -> None:
    peer.unwanted = {"gone@b.example": "550 5.1.1 no such mailbox"}
    change(reminding, contact={"email": address})
    await reminding.submitted(Application(SEALED))
    reminding.clock.passes(3 * DAY)

    with structlog.testing.capture_logs() as logs:
        await look(reminding)

    assert [entry["address"] for entry in logs if entry["event"] == "deadline.nobody_told"] == [False]
    assert peer.letters == []


async def test_each_destination_has_its_own_deadlines(house: House) -> None:
    change(house, deadlines=Deadlines((DAY,), 2 * DAY, accepted_kept=DAY, rejected_kept=DAY))
    message = await house.submitted(Application(SEALED))
    states = {}

    for day in days(house, 4):
        await look(house)
        states[day] = await house.state(message)

    assert states == {1: State.SUBMITTED, 2: State.REJECTED, 3: State.DELETED, 4: State.DELETED}


async def test_what_nobody_completes_goes_after_a_day_or_when_its_destination_says(house: House) -> None:
    usual = await house.announced(Application(SEALED))
    change(house, deadlines=Deadlines(announced_kept=3 * DAY))
    patient = await house.announced(Application(SEALED))
    ends = {}

    for _ in days(house, 3):
        due = await house.store.write(
            lambda tx: tx.jobs.claim([JobKind.EXPIRE], 2, now=house.clock(), lease=timedelta(minutes=10))
        )
        for job in due:
            await expire_job(job, house.shop)
            ends[job.reference] = house.clock() - NOON

    assert ends == {usual.id: DAY, patient.id: 3 * DAY}
    assert [await house.state(message) for message in (usual, patient)] == [State.EXPIRED, State.EXPIRED]


async def test_a_reply_that_the_portal_does_not_fetch_is_rejected_too(reminding: House, peer: MailPeer) -> None:
    message = await reminding.submitted(Application(SEALED))
    await accept(reminding, message)
    answer = await reply(reminding, message.case)

    for _ in days(reminding, 14):
        await look(reminding)

    assert await reminding.state(answer) is State.REJECTED
    assert peer.letters == []  # nobody at the destination can help it


async def test_nothing_is_deleted_that_still_needs_a_person(house: House) -> None:
    """A copy is a Klärungsfall of its own while its submission is accepted."""
    message = await house.submitted(Application(DIRECT))
    letter = a_letter("k1", message.id)

    def accepted_with_a_dead_copy(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.DELIVERING, at=house.clock())
        tx.messages.keep_dossier(message.id, b"sealed")
        tx.messages.move(message.id, State.DELIVERING, State.ACCEPTED, at=house.clock())
        tx.deadletters.open(letter)

    await house.store.write(accepted_with_a_dead_copy)
    house.clock.passes(100 * DAY)
    await look(house, DIRECT)
    kept = await house.state(message)
    await house.store.write(lambda tx: tx.deadletters.settle(letter.id, Settlement.DROPPED, at=house.clock()))
    house.clock.passes(PACE)
    await look(house, DIRECT)

    assert (kept, await house.state(message)) == (State.ACCEPTED, State.DELETED)
    assert await house.store.read(lambda tx: tx.parts.of(message.id)) == {}
    with pytest.raises(NotFound):
        await house.store.read(lambda tx: tx.messages.dossier(message.id))


async def test_what_is_needed_to_answer_outlives_the_content(house: House) -> None:
    message = await house.submitted(Application(SEALED))
    await house.store.write(lambda tx: tx.messages.keep_dossier(message.id, b"sealed"))
    await house.store.write(lambda tx: tx.messages.note(message.id, a_note()))
    await accept(house, message)
    house.clock.passes(31 * DAY)

    await look(house)

    assert await house.state(message) is State.DELETED
    assert await house.store.read(lambda tx: tx.messages.notes(message.case)) == ((message.id, a_note()),)
    with pytest.raises(NotFound):
        await house.store.read(lambda tx: tx.messages.dossier(message.id))
    assert (await reply(house, message.case)).state is State.SUBMITTED


async def test_a_removed_destination_has_no_row_any_more(house: House) -> None:
    await look(house)
    gone = {name: one for name, one in house.directory.destinations.items() if name != SEALED}
    house.directory = replace(house.directory, destinations=gone)
    house.clock.passes(PACE)

    for _ in range(3):
        await deadline_job(await house.claimed(JobKind.DEADLINE), house.shop)

    assert (await house.jobs())[JobKind.DEADLINE] == 2

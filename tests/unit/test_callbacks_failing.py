"""Receivers that are away, slow, wrong or not allowed; limits, pauses and the end. Time is the test's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from application_kit import TREE_FELLING, Application
from callback_kit import SECRET, Listener, Switchboard, calls_back, listening, switchboard
from house_for_tests import SEALED, SUBSCRIBER, House, with_entries
from http_peer import ok
from patience import PATIENCE, PATIENT
from tls_for_tests import Authority

from amtsbote.api.persistence import Page, Transaction
from amtsbote.errors import LeaseLost
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import Announcement, NamedCallback
from amtsbote.model.callback import Callback, Standing
from amtsbote.model.event import EventKind
from amtsbote.model.ids import MessageId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Message, MessageKind, State
from amtsbote.runner import calling_lane

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


@pytest.fixture
async def listener(authority: Authority, house: House) -> AsyncIterator[Listener]:
    async with listening(authority) as built:
        calls_back(house, built.url)
        yield built


@pytest.fixture
async def board(house: House, authority: Authority) -> AsyncIterator[Switchboard]:
    async with switchboard(house, authority) as built:
        yield built


async def sent(house: House, count: int = 1) -> list[str]:
    ready = house.sealed(Application(SEALED))
    announced = [await house.announced(Application(SEALED)) for _ in range(count)]
    return [(await house.submit(message, ready)).id for message in announced]


async def standing(board: Switchboard) -> Standing:
    receiver = await board.receiver(SEALED)
    assert receiver is not None
    return receiver.standing


async def test_many_are_one_callback_and_a_long_list_is_told_in_pieces_with_a_pause_between(
    house: House, authority: Authority, listener: Listener
) -> None:
    async with switchboard(house, authority, most=3) as board:
        ids = await sent(house, 7)
        await board.run()
        assert await board.run() == 0  # it rests
        house.clock.passes(SECOND)
        await board.run()
        house.clock.passes(SECOND)
        await board.run()

    assert listener.told == [
        ("new-submissions", ids[:3]),
        ("new-submissions", ids[3:6]),
        ("new-submissions", ids[6:]),
    ]
    assert await board.waiting() == 0


async def test_the_pause_holds_also_for_what_comes_after_the_last_call(
    house: House, board: Switchboard, listener: Listener
) -> None:
    await sent(house)
    await board.run()
    await sent(house)

    assert await board.run() == 0
    assert await board.gathered() == 1
    house.clock.passes(SECOND)
    assert await board.run() == 1
    assert len(listener.calls) == 2


async def test_what_comes_while_a_call_is_under_way_is_told_with_the_next(
    house: House, board: Switchboard, listener: Listener
) -> None:
    """At most one call: the receiver has its row of the job table meanwhile."""
    [first] = await sent(house)
    await board.gathered()
    job = await house.claimed(JobKind.CALLBACK)
    [second] = await sent(house)
    assert await board.run() == 0

    await board.calling.run(job, house.shop)
    await board.run_all()
    assert listener.told == [("new-submissions", [first, second])]

    await sent(house)
    assert await board.gathered() == 1


async def test_every_try_has_a_fresh_timestamp_and_the_same_news(
    house: House, board: Switchboard, listener: Listener
) -> None:
    ids = await sent(house)
    listener.says(503)
    for _ in range(3):
        await board.run()
        await board.next_due()
    listener.says(200)
    await board.run()

    assert listener.told == [("new-submissions", ids)] * 4
    assert all(call.is_authentic() for call in listener.calls)
    stamps = [int(call.headers["callback-timestamp"]) for call in listener.calls]
    assert [later - earlier for earlier, later in pairwise(stamps)] == [10, 20, 40]
    assert board.heard == ["failed"] * 3 + ["told"]
    assert await standing(board) == Standing(told_at=house.clock(), rest_until=house.clock() + SECOND)


async def test_after_an_answer_the_waits_begin_anew(house: House, board: Switchboard, listener: Listener) -> None:
    listener.says(500)
    await sent(house)
    for _ in range(5):
        await board.run()
        await board.next_due()
    listener.says(200)
    await board.run()
    house.clock.passes(SECOND)

    listener.says(500)
    await sent(house)
    await board.run()
    before = house.clock()
    assert await board.next_due() == before + timedelta(seconds=10)


async def test_a_receiver_that_is_down_for_days_is_given_up_with_an_alarm_and_nothing_is_lost(
    house: House, board: Switchboard, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    ids, began = await sent(house, 2), house.clock()
    listener.says(502)
    waits = []
    await board.run()
    while await board.next_due() is not None:
        waits.append(house.clock())
        await board.run()

    assert house.clock() - began >= 3 * DAY
    assert house.clock() - began < 3 * DAY + timedelta(hours=1)
    assert max(later - earlier for earlier, later in pairwise(waits)) == timedelta(hours=1)
    assert board.heard[-1] == "stopped"
    assert board.heard.count("stopped") == 1
    assert '"event": "callback.stopped"' in capsys.readouterr().out
    stopped = await standing(board)
    assert (stopped.failure, stopped.failing_since, stopped.stopped_at) == ("status-502", began, house.clock())
    assert stopped.tries == len(listener.calls)

    total, found = await house.receiving.waiting(house.client(SUBSCRIBER), MessageKind.SUBMISSION, None, Page(0, 10))
    assert (total, [message.id for message in found]) == (2, ids)  # by polling, as ever


async def given_up(house: House, board: Switchboard, listener: Listener) -> list[str]:
    ids = await sent(house)
    listener.says(404)
    await board.run()
    house.clock.passes(4 * DAY)
    await board.run()
    assert board.heard == ["failed", "stopped"]
    return ids


async def test_nobody_calls_a_receiver_that_was_given_up_until_its_callback_changes(
    house: House, board: Switchboard, listener: Listener
) -> None:
    ids = await given_up(house, board, listener)
    ids += await sent(house)
    listener.says(200)
    house.clock.passes(DAY)
    assert await board.gathered() == 0
    assert await board.waiting() == 2

    calls_back(house, listener.url, "ein neues Geheimnis")
    await board.run_all()

    assert listener.calls[-1].is_authentic("ein neues Geheimnis")
    assert listener.told[-1] == ("new-submissions", ids)
    assert (await standing(board)).stopped_at is None


async def test_a_change_of_the_master_key_is_no_change_of_the_callback(
    house: House, board: Switchboard, listener: Listener
) -> None:
    await given_up(house, board, listener)
    destination = house.directory.destinations[SEALED]
    assert destination.callback is not None
    anew = house.vault.rewrap(destination.callback.sealed_secret, f"callback:{SEALED}")
    callback = Callback(destination.callback.url, anew)
    house.directory = with_entries(house.directory, destinations=[replace(destination, callback=callback)])

    assert await board.gathered() == 0


async def test_a_callback_that_is_changed_while_it_fails_has_its_whole_time_again(
    house: House, board: Switchboard, listener: Listener
) -> None:
    await sent(house)
    listener.says(500)
    await board.run()
    house.clock.passes(4 * DAY)
    calls_back(house, f"{listener.url}?other")
    await board.run()

    assert board.heard == ["failed", "failed"]
    assert (await standing(board)).tries == 1


async def test_notices_nobody_could_be_told_are_forgotten_after_a_month(
    house: House, board: Switchboard, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    await given_up(house, board, listener)
    house.clock.passes(26 * DAY)
    await board.calling.prune()
    assert await board.waiting() == 1
    house.clock.passes(SECOND)
    await board.calling.prune()

    assert await board.waiting() == 0
    assert '"count": 1, "event": "callback.forgotten"' in capsys.readouterr().out


async def test_a_receiver_is_forgotten_once_nobody_can_be_told_anything_through_it(
    house: House, board: Switchboard, capsys: pytest.CaptureFixture[str]
) -> None:
    callback = NamedCallback("https://portal.example/", SECRET)
    wish = Announcement(SEALED, TREE_FELLING, "Baum", None, None, (), callback)
    message = await house.sending.announce(house.client(), wish)
    await house.submit(message, house.sealed(Application(SEALED)))

    async def pruned() -> bool:
        await board.calling.prune()
        _, found = await house.store.read(lambda tx: tx.receivers.page(troubled=False, offset=0, limit=9))
        return found == ()

    def ended(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.ACCEPTED, at=house.clock())
        tx.messages.move(message.id, State.ACCEPTED, State.DELETED, at=house.clock())

    assert not await pruned()
    await house.store.write(ended)
    assert not await pruned()  # a decision may come

    sealed = replace(house.directory.destinations[SEALED], reply_channels={})
    house.directory = with_entries(house.directory, destinations=[sealed])

    assert await pruned()
    assert '"count": 1, "event": "callback.receivers_removed"' in capsys.readouterr().out


ANSWERS: tuple[tuple[bytes, str], ...] = (
    (b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n", "status-201"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", "status-204"),
    (b"HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1/other\r\ncontent-length: 0\r\n\r\n", "status-302"),
    (b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", "status-401"),
    (ok(b"x" * 1001), "too-long"),
    (ok(b"x", "content-encoding: gzip\r\n"), "encoded"),
    (b"220 mail.example ESMTP\r\n\r\n", "not-http"),
)


@pytest.mark.parametrize(("answer", "failure"), ANSWERS)
async def test_only_200_is_an_answer(
    house: House, board: Switchboard, listener: Listener, answer: bytes, failure: str
) -> None:
    await sent(house)
    listener.answer = answer
    await board.run()

    assert (await standing(board)).failure == failure
    assert len(listener.calls) == 1
    assert await board.waiting() == 1


async def test_an_address_inside_is_not_called_unless_it_is_allowed(
    house: House, authority: Authority, listener: Listener
) -> None:
    async with switchboard(house, authority, allowed=()) as board:
        await sent(house)
        await board.run()

    assert (await standing(board)).failure == "forbidden"
    assert listener.peer.connections == []


async def test_a_certificate_of_somebody_else_is_no_receiver(
    house: House, authority: Authority, tmp_path: Path, listener: Listener
) -> None:
    async with switchboard(house, Authority.made(tmp_path, "stranger")) as board:
        await sent(house)
        await board.run()

    assert (await standing(board)).failure == "tls"
    assert listener.calls == []


async def test_a_receiver_that_hangs_costs_its_time_and_no_more(house: House, authority: Authority) -> None:
    short = replace(PATIENT, read=0.1)
    async with listening(authority) as listener, switchboard(house, authority, timeouts=short) as board:
        listener.answer = b""
        calls_back(house, listener.url)
        await sent(house)
        await board.run()

    assert (await standing(board)).failure == "timeout"


async def test_nobody_is_at_the_address(house: House, board: Switchboard, authority: Authority) -> None:
    async with listening(authority) as listener:
        calls_back(house, listener.url)
    await sent(house)
    await board.run()

    assert (await standing(board)).failure == "connect"


async def test_a_secret_that_does_not_open_is_told_to_the_operator_and_calls_nobody(
    house: House, board: Switchboard, listener: Listener
) -> None:
    destination = house.directory.destinations[SEALED]
    foreign = Vault(b"\x07" * 32).wrap(SECRET.encode(), f"callback:{SEALED}")
    callback = Callback(listener.url, foreign)
    house.directory = with_entries(house.directory, destinations=[replace(destination, callback=callback)])
    await sent(house)
    await board.run()

    assert (await standing(board)).failure == "secret"
    assert listener.calls == []


async def test_a_callback_that_was_taken_away_leaves_nothing_to_tell(
    house: House, board: Switchboard, listener: Listener
) -> None:
    await sent(house)
    destination = house.directory.destinations[SEALED]
    house.directory = with_entries(house.directory, destinations=[replace(destination, callback=None)])
    await board.run_all()

    assert (listener.calls, await board.waiting(), await house.jobs()) == ([], 0, {})


async def test_whoever_may_not_ask_any_more_is_not_told_either(
    house: House, board: Switchboard, listener: Listener
) -> None:
    await sent(house)
    client = replace(house.client(SUBSCRIBER), active=False)
    house.directory = with_entries(house.directory, clients=[client])
    await board.run_all()

    assert (listener.calls, await board.waiting()) == ([], 0)


async def test_of_two_workers_the_one_whose_lease_is_over_removes_nothing(
    house: House, board: Switchboard, listener: Listener
) -> None:
    ids = await sent(house)
    await board.gathered()
    slow = await house.claimed(JobKind.CALLBACK)
    house.clock.passes(timedelta(minutes=11))
    quick = await house.claimed(JobKind.CALLBACK)
    with pytest.raises(LeaseLost):
        await board.calling.run(slow, house.shop)
    assert await board.waiting() == 1

    await board.calling.run(quick, house.shop)

    assert listener.told == [("new-submissions", ids)] * 2  # at least once
    assert await board.waiting() == 0
    told = [event for event in await house.events(await _message(house, ids[0])) if event.kind is EventKind.NOTIFY]
    assert len(told) == 1


async def _message(house: House, name: str) -> Message:
    return await house.store.read(lambda tx: tx.messages.get(MessageId(name)))


async def test_a_failing_callback_fails_no_operation(house: House, board: Switchboard, listener: Listener) -> None:
    listener.says(500)
    for _ in range(3):
        [name] = await sent(house)
        await board.run()
        assert (await _message(house, name)).state is State.SUBMITTED
        await board.next_due()


async def test_a_receiver_that_hangs_does_not_keep_the_others(
    house: House, authority: Authority, listener: Listener
) -> None:
    """Each has a job of its own: the lane runs them beside each other."""
    async with listening(authority) as other, switchboard(house, authority) as board:
        other.answer = b""
        named = NamedCallback(other.url, SECRET)
        await sent(house)
        wish = Announcement(SEALED, TREE_FELLING, "Baum", None, None, (), named)
        message = await house.sending.announce(house.client(), wish)
        await house.submit(message, house.sealed(Application(SEALED)))
        await house.receiving.waiting(house.client(SUBSCRIBER), MessageKind.SUBMISSION, None, Page(0, 10))
        lane = calling_lane(house.shop, board.calling)
        heard = asyncio.Event()
        listener.meanwhile = heard.set
        running = asyncio.create_task(lane.run())
        async with asyncio.timeout(PATIENCE):
            await heard.wait()
        lane.stop()
        await lane.abandon()
        await running

    assert len(listener.calls) == 1

"""Live and test never meet: from the announcement to the delivery, whatever is switched in between."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from application_kit import CHEMNITZ, TREE_FELLING, Application
from house_for_tests import DIRECT, SEALED, SUBSCRIBER, House, with_entries
from hypothesis import given
from hypothesis import strategies as st
from store_samples import a_message

from amtsbote.admin.letters import Decision, Place, assigning, retrying
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api import Delivered, Outcome, Readiness, Ready, VerifiedParts, WorkOrder
from amtsbote.api.persistence import Page, Transaction
from amtsbote.errors import ProblemType, RequestRefused, table
from amtsbote.mailroom import Announcement
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.directory import Authority, Directory, Target
from amtsbote.model.ids import AuthorityId, CaseId, DestinationId, MessageId, TargetId, TenantId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Message, MessageKind, State
from amtsbote.model.stage import Stage
from amtsbote.pipeline import Held
from amtsbote.pipeline.stages import must_fit, staged_targets
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.process import process_job
from schemas.registry import SchemaRegistry

PLAIN = Application(DIRECT)
WISH = Announcement(DIRECT, TREE_FELLING, "Baum", CHEMNITZ, None, ())
LIVE, TEST, OFF = Stage.LIVE, Stage.TEST, Stage.OFF
STAGES = tuple(Stage)


class Watching:
    """An adapter that writes down the stage its target has at the moment of the delivery."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.seen: list[tuple[MessageId, bool, Stage]] = []

    async def prepare(self) -> Readiness:
        return Ready()

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:  # noqa: ARG002
        self.seen.append((order.message, order.test, self.house.directory.targets[order.target].stage))
        return Delivered("there")

    async def close(self) -> None:
        """Holds nothing."""


@pytest.fixture
def town(house: House, bundled_schemas: SchemaRegistry) -> Watching:
    house.schemas = bundled_schemas
    watching = Watching(house)
    house.adapters["test"] = watching
    return watching


def switch_destination(house: House, stage: Stage, name: DestinationId = DIRECT) -> None:
    changed = replace(house.directory.destinations[name], stage=stage)
    house.directory = with_entries(house.directory, destinations=[changed])


def switch_target(house: House, name: str, stage: Stage) -> None:
    changed = replace(house.directory.targets[TargetId(name)], stage=stage)
    house.directory = with_entries(house.directory, targets=[changed])


def for_tests_only(house: House) -> None:
    house.directory = with_entries(house.directory, clients=[replace(house.client(), test=True)])


async def refused(house: House, wish: Announcement = WISH) -> ProblemType:
    with pytest.raises(RequestRefused) as refusal:
        await house.sending.announce(house.client(), wish)
    return refusal.value.problem.type


async def open_letters(house: House, message: Message) -> list[DeadLetter]:
    found: Sequence[DeadLetter] = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    return [letter for letter in found if letter.settlement is None]


async def deliver_all(house: House) -> None:
    for _ in range((await house.jobs()).get(JobKind.DELIVER, 0)):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)


# what may be announced


@pytest.mark.parametrize(("stage", "test"), [(LIVE, False), (TEST, True)])
async def test_a_message_is_a_test_by_its_destination_and_stays_what_it_is(
    house: House, stage: Stage, test: bool
) -> None:
    switch_destination(house, stage)
    message = await house.sending.announce(house.client(), WISH)

    switch_destination(house, OFF)
    kept = await house.store.read(lambda tx: tx.messages.get(message.id))
    assert (message.test, kept.test, kept.stage) == (test, test, stage)


@pytest.mark.parametrize(
    ("stage", "problem"), [(LIVE, table.DESTINATION_NOT_TEST), (OFF, table.DESTINATION_INACTIVE), (TEST, None)]
)
async def test_a_client_for_tests_may_announce_to_test_destinations_only(
    house: House, stage: Stage, problem: ProblemType | None
) -> None:
    for_tests_only(house)
    switch_destination(house, stage)

    if problem is not None:
        assert await refused(house) is problem
        return
    assert (await house.sending.announce(house.client(), WISH)).test


@pytest.mark.parametrize(("first", "second"), [(TEST, LIVE), (LIVE, TEST)])
async def test_a_case_is_a_test_from_beginning_to_end_or_not_at_all(house: House, first: Stage, second: Stage) -> None:
    switch_destination(house, first)
    case = CaseId((await house.sending.announce(house.client(), WISH)).case)
    switch_destination(house, second)

    assert await refused(house, replace(WISH, case=case)) is table.CASE_MISMATCH


async def test_what_was_announced_before_its_destination_went_off_is_still_delivered(
    house: House, town: Watching
) -> None:
    ready, message = house.sealed(PLAIN), await house.announced(PLAIN)
    switch_destination(house, OFF)

    await house.submit(message, ready)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    await deliver_all(house)

    assert await house.state(message) is State.ACCEPTED
    assert town.seen == [(message.id, False, LIVE)] * 2


# which targets


def a_town(stages: Sequence[Stage]) -> tuple[Authority, Directory]:
    targets = {
        TargetId(f"t{number}"): Target(TargetId(f"t{number}"), TenantId("t"), "folder", {}, stage)
        for number, stage in enumerate(stages)
    }
    authority = Authority(AuthorityId("a"), TenantId("t"), "A", tuple(targets))
    return authority, Directory(1, {}, {}, {}, {}, {authority.id: authority}, targets, {})


@given(st.lists(st.sampled_from(STAGES), max_size=6), st.booleans())
def test_only_targets_of_the_messages_own_stage_are_addressed(stages: list[Stage], test: bool) -> None:
    authority, directory = a_town(stages)
    message = a_message(test=test)
    first = next((stage for stage in stages if (stage is TEST if test else stage is not TEST)), None)

    if first is message.stage:
        fitting = tuple(one.id for one in directory.targets.values() if one.stage is message.stage)
        assert staged_targets(message, authority, directory) == fitting
        return
    with pytest.raises(Held) as held:
        staged_targets(message, authority, directory)
    assert held.value.reason is (Reason.WRONG_STAGE if stages else Reason.NO_TARGET)


@pytest.mark.parametrize(
    ("stages", "test", "found"),
    [
        ((LIVE, TEST), False, ["t0"]),
        ((LIVE, TEST), True, ["t1"]),
        ((TEST, LIVE, OFF, LIVE), False, ["t1", "t3"]),
        ((OFF, LIVE), False, None),
        ((TEST, OFF, LIVE), False, None),
        ((OFF, TEST), True, ["t1"]),
        ((LIVE, OFF), True, None),
    ],
)
def test_no_copy_takes_the_place_of_a_primary_target_that_is_off(
    stages: Sequence[Stage], test: bool, found: list[str] | None
) -> None:
    authority, directory = a_town(stages)

    if found is not None:
        assert list(staged_targets(a_message(test=test), authority, directory)) == found
        return
    with pytest.raises(Held) as held:
        staged_targets(a_message(test=test), authority, directory)
    assert (held.value.reason, held.value.details["submission"]) == (Reason.WRONG_STAGE, "test" if test else "live")


@given(st.sampled_from(STAGES), st.booleans())
def test_the_last_guard_lets_only_the_same_stage_pass(stage: Stage, test: bool) -> None:
    _, directory = a_town([stage])
    message, target = a_message(test=test), TargetId("t0")

    if stage is message.stage:
        must_fit(message, target, directory)
        return
    with pytest.raises(Held):
        must_fit(message, target, directory)


# in the jobs


@pytest.mark.parametrize("test", [False, True])
async def test_a_message_reaches_only_the_targets_of_its_stage_and_says_what_it_is(
    house: House, town: Watching, test: bool
) -> None:
    switch_target(house, "copy", TEST)
    switch_destination(house, TEST if test else LIVE)
    message = await house.submitted(PLAIN)

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    await deliver_all(house)

    assert town.seen == [(message.id, test, TEST if test else LIVE)]
    assert await house.state(message) is State.ACCEPTED


async def test_a_test_without_a_test_target_waits_for_a_person(house: House, town: Watching) -> None:
    switch_destination(house, TEST)
    message = await house.submitted(PLAIN)

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    [letter] = await open_letters(house, message)
    assert (letter.reason, letter.details["targets"]) == (Reason.WRONG_STAGE, "main (live), copy (live)")
    assert (await house.state(message), town.seen) == (State.HELD, [])


@pytest.mark.parametrize("stage", [TEST, OFF])
async def test_a_target_switched_after_addressing_is_not_delivered_to_until_it_fits_again(
    house: House, town: Watching, stage: Stage
) -> None:
    message = await house.submitted(PLAIN)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    switch_target(house, "main", stage)

    await deliver_all(house)

    [letter] = await open_letters(house, message)
    assert (letter.reason, letter.details["failure"]) == (Reason.WRONG_STAGE, "wrong-stage")
    assert (await house.state(message), len(town.seen)) == (State.HELD, 1)  # the copy is live
    await house.store.write(retrying(Decision(letter.id, "uid:7", house.clock(), "nochmal")))
    await deliver_all(house)
    assert (await house.state(message), len(town.seen)) == (State.HELD, 1)

    switch_target(house, "main", LIVE)
    [letter] = await open_letters(house, message)
    await house.store.write(retrying(Decision(letter.id, "uid:7", house.clock(), "repariert")))
    await deliver_all(house)
    assert (await house.state(message), len(town.seen)) == (State.ACCEPTED, 2)


async def test_a_person_cannot_assign_a_test_to_a_live_target(house: House, town: Watching) -> None:
    switch_destination(house, TEST)
    message = await house.submitted(PLAIN)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    [letter] = await open_letters(house, message)
    await in_the_store(house)

    for place in (Place(AuthorityId("gba"), None, None), Place(AuthorityId("gba"), TargetId("copy"), None)):
        decision = Decision(letter.id, "uid:7", house.clock(), "bitte dorthin")
        with pytest.raises(CommandRefused) as refusal:
            await house.store.write(assigning(decision, place))
        assert refusal.value.code == "wrong-stage"
    assert town.seen == []


async def in_the_store(house: House) -> None:
    entries = [
        entry
        for name in ("tenants", "portals", "clients", "destinations", "authorities", "targets", "keys")
        for entry in getattr(house.directory, name).values()
    ]

    def unit(tx: Transaction) -> None:
        for entry in entries:
            tx.directory.put(entry)

    await house.store.write(unit)


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_switched_between_any_two_steps_live_and_test_never_meet(
    house: House, town: Watching, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  (a repeatable walk, no secret)
    messages: list[Message] = []

    def switch_something() -> None:
        switch_destination(house, dice.choice((LIVE, TEST)))
        for name in ("main", "copy"):
            switch_target(house, name, dice.choice(STAGES))

    for _ in range(4):
        switch_something()
        messages.append(await house.submitted(PLAIN))
        switch_something()
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    for _ in range(6):
        switch_something()
        await deliver_all(house)
        for message in messages:
            for letter in await open_letters(house, message):
                await house.store.write(retrying(Decision(letter.id, "uid:7", house.clock(), "")))
        switch_something()
        for _ in range((await house.jobs()).get(JobKind.PROCESS, 0)):
            await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    tests = {message.id: message.test for message in messages}
    assert town.seen
    for delivered, told, stage in town.seen:
        assert told is tests[delivered]
        assert stage is (TEST if told else LIVE)


# end-to-end: whoever fetches is the target


@pytest.mark.parametrize(
    ("announced", "now", "seen"), [(TEST, TEST, 1), (TEST, LIVE, 0), (LIVE, TEST, 0), (LIVE, LIVE, 1), (TEST, OFF, 1)]
)
async def test_a_subscriber_sees_only_what_has_the_stage_of_its_destination(
    house: House, announced: Stage, now: Stage, seen: int
) -> None:
    switch_destination(house, announced, SEALED)
    message = await house.submitted(Application(SEALED, region="147130000000"))
    switch_destination(house, now, SEALED)
    subscriber = house.client(SUBSCRIBER)

    _, waiting = await house.receiving.waiting(subscriber, MessageKind.SUBMISSION, None, Page(0, 10))

    assert [one.id for one in waiting] == [message.id] * seen
    if seen:
        assert (await house.receiving.fetch(subscriber, MessageKind.SUBMISSION, message.id))[0].id == message.id
        return
    with pytest.raises(RequestRefused) as refusal:
        await house.receiving.fetch(subscriber, MessageKind.SUBMISSION, message.id)
    assert refusal.value.problem.type is table.SUBMISSION_NOT_FOUND

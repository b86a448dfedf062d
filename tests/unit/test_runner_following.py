"""What a portal says to an answer of an authority goes where its case has gone, through the same steps and jobs."""

from dataclasses import replace
from typing import Any

import pytest
from application_kit import Application, Enclosure, reaction
from house_for_tests import DIRECT, House, with_entries

from adapters.memory import Kept, MemoryAdapter, MemoryTarget
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import REPLIES_NOT_OFFERED
from amtsbote.mailroom import ReplyAnnouncement
from amtsbote.model.deadletter import Reason
from amtsbote.model.directory import Target
from amtsbote.model.event import EventKind
from amtsbote.model.ids import AuthorityId, PartId, TargetId, TenantId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Direction, Message, MessageKind, State
from amtsbote.model.stage import Stage
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.process import process_job
from schemas.registry import SchemaRegistry

PHOTO = Enclosure(b"\xff\xd8 photo", "Eiche.jpg", "image/jpeg")


@pytest.fixture(autouse=True)
def schemas(house: House, bundled_schemas: SchemaRegistry) -> None:
    house.schemas = bundled_schemas
    change(house, reply_channels={"fitConnect": {"processStandards": ("urn:amtsbote:standard:antwort:1.0",)}})


@pytest.fixture(autouse=True)
def office(house: House) -> MemoryTarget:
    target = MemoryTarget()
    house.adapters["test"] = MemoryAdapter(target)
    return target


def change(house: House, **fields: Any) -> None:
    house.directory = with_entries(
        house.directory, destinations=[replace(house.directory.destinations[DIRECT], **fields)]
    )


async def deliver_all(house: House) -> None:
    while JobKind.DELIVER in await house.jobs():
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)


async def submission(house: House) -> Message:
    message = await house.submitted(Application(DIRECT))
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    await deliver_all(house)
    return message


async def replied(house: House, message: Message, *enclosures: Enclosure, **changes: Any) -> Message:
    """A reply of the portal in the case of a message, processed."""
    application = reaction(DIRECT, message.id, *enclosures, **changes)
    attachments = tuple(map(PartId, application.parts))
    reply = await house.sending.announce_reply(house.client(), ReplyAnnouncement(message.case, attachments))
    ready = house.sealed(application)
    for part, token in ready.attachments.items():
        await house.attached(reply, PartId(part), token)
    await house.submit(reply, ready)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    return reply


async def targets(house: House, message: Message) -> list[str]:
    return [one.target for one in await house.store.read(lambda tx: tx.deliveries.of(message.id))]


async def letter(house: House, message: Message) -> Reason:
    [found] = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    return found.reason


def delivered(office: MemoryTarget, message: Message) -> list[Kept]:
    return [kept for kept in office.messages.values() if kept.order.message == message.id]


async def test_a_reply_reaches_those_who_have_the_submission(house: House, office: MemoryTarget) -> None:
    message = await submission(house)

    reply = await replied(house, message, PHOTO)
    await deliver_all(house)

    assert (reply.kind, reply.direction) == (MessageKind.REPLY, Direction.TO_DESTINATION)
    assert await house.state(reply) is State.ACCEPTED
    main, copy = delivered(office, reply)
    assert [main.order.target, copy.order.target] == ["main", "copy"]
    assert main.attachments == (PHOTO.content,)
    assert (main.order.kind, main.order.case, main.order.authority) == (MessageKind.REPLY, message.case, "gba")
    assert main.order.region == "145110000000"
    assert [event.kind for event in await house.events(reply)] == [EventKind.CREATE, EventKind.SUBMIT, EventKind.ACCEPT]
    [accept] = [event for event in await house.events(reply) if event.kind is EventKind.ACCEPT]
    assert b"events/accept-reply" in accept.payload
    trace = await house.store.read(lambda tx: tx.traces.of(reply.id))
    assert [(one.step, one.verdict) for one in trace][:3] == [("open", "ok"), ("inspect", "ok"), ("address", "ok")]
    assert "case" in trace[2].details["rules"]


async def test_a_reply_to_the_service_s_own_schema_is_checked_as_such(house: House, office: MemoryTarget) -> None:
    """An applicant may also send corrected data."""
    message = await submission(house)
    application = Application(DIRECT)
    reply = await house.sending.announce_reply(house.client(), ReplyAnnouncement(message.case, ()))
    await house.submit(reply, house.sealed(application))
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await house.state(reply) is State.DELIVERING


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"kind": "urteil"}, "schema-violation"), ({"subject": ""}, "schema-violation"), ({"x": 1}, "schema-violation")],
)
async def test_a_reply_that_is_no_answer_document_is_rejected(
    house: House, changes: dict[str, Any], problem: str
) -> None:
    reply = await replied(house, await submission(house), **changes)

    assert await house.state(reply) is State.REJECTED
    [reject] = [event for event in await house.events(reply) if event.kind is EventKind.REJECT]
    assert b"events/reject-reply" in reject.payload
    assert problem.encode() in reject.payload


async def test_an_answer_document_is_no_submission(house: House) -> None:
    application = reaction(DIRECT, "6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0001")
    message = await house.submitted(application)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await house.state(message) is State.REJECTED


async def test_where_a_target_is_gone_the_others_have_it(house: House) -> None:
    message = await submission(house)
    house.directory = replace(
        house.directory, targets={name: one for name, one in house.directory.targets.items() if name != "main"}
    )

    assert await targets(house, await replied(house, message)) == ["copy"]


async def test_where_all_targets_are_gone_those_of_today_get_it(house: House) -> None:
    message = await submission(house)
    new = Target(TargetId("new"), TenantId("chemnitz"), "test", {})
    house.directory = with_entries(house.directory, targets=[new])
    authority = replace(house.directory.authorities[AuthorityId("gba")], targets=(TargetId("new"),))
    house.directory = with_entries(house.directory, authorities=[authority])
    house.directory = replace(
        house.directory, targets={n: one for n, one in house.directory.targets.items() if n not in {"main", "copy"}}
    )

    assert await targets(house, await replied(house, message)) == ["new"]


async def test_a_target_of_another_stage_is_for_a_person(house: House) -> None:
    message = await submission(house)
    main = replace(house.directory.targets[TargetId("main")], stage=Stage.TEST)
    house.directory = with_entries(house.directory, targets=[main])

    reply = await replied(house, message)

    assert await letter(house, reply) is Reason.WRONG_STAGE


async def test_an_authority_that_is_gone_is_for_a_person(house: House) -> None:
    message = await submission(house)
    others = {name: one for name, one in house.directory.authorities.items() if name != "gba"}
    house.directory = replace(house.directory, authorities=others)

    reply = await replied(house, message)

    assert await letter(house, reply) is Reason.NOBODY_COMPETENT


async def test_a_reply_before_its_submission_was_addressed_asks_the_tables(house: House) -> None:
    message = await house.submitted(Application(DIRECT))
    held = await house.claimed(JobKind.PROCESS)

    reply = await replied(house, message)

    assert await targets(house, reply) == ["main", "copy"]
    await process_job(held, house.shop)


async def test_where_no_replies_are_offered_there_is_none(house: House) -> None:
    message = await submission(house)
    change(house, reply_channels={})

    with pytest.raises(RequestRefused) as refused:
        await house.sending.announce_reply(house.client(), ReplyAnnouncement(message.case, ()))

    assert refused.value.problem.type is REPLIES_NOT_OFFERED

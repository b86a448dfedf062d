"""Nobody sees or changes what lies outside its scope: every method of every port, for every sort of scope.

The table below must name each method of the protocols; a new one without a row fails the first test.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, get_type_hints

import pytest
from store_entries import ENTRIES, TENANT_1, a_target
from store_samples import (
    DAY,
    MINUTE,
    NOON,
    a_delivery,
    a_draft,
    a_letter,
    a_line,
    a_message,
    a_note,
    a_notice,
    a_part,
    a_receiver,
    a_step,
    an_assignment,
    an_event,
    in_file,
)

from amtsbote.api.notices import Tally
from amtsbote.api.persistence import SYSTEM, AuditRow, AuditWish, DeliveryWish, Page, Queue, Scope, Store, Transaction
from amtsbote.errors import LeaseLost, NotFound
from amtsbote.model.callback import Standing
from amtsbote.model.deadletter import Settlement
from amtsbote.model.directory import Tenant
from amtsbote.model.ids import (
    CaseId,
    ClientId,
    DeadLetterId,
    DeliveryId,
    DestinationId,
    EventId,
    JobId,
    KeyId,
    MessageId,
    ReceiverId,
    TenantId,
)
from amtsbote.model.job import Job, JobKind
from amtsbote.model.masterkey import MasterKey, WrappedKind, WrappedValue
from amtsbote.model.message import DeliveryState, Direction, MessageKind, Notified, State
from amtsbote.model.stage import Stage
from amtsbote.model.versions import DraftState, Mirrored

M1, V1, CASE, ALL = MessageId("m1"), DeliveryId("v1"), CaseId("case-of-m1"), Page(0, 100)
K1 = DeadLetterId("k1")
R1 = ReceiverId("r1")
STOPPED = Standing(failing_since=NOON, failure="timeout", tries=9, stopped_at=NOON + MINUTE)
LEASED = Job(JobId(1), JobKind.PROCESS, "m1", NOON, 1, 1)
ROW = AuditRow(NOON, "uid:0", "change", "tenant:t1", None, None)
MASTER = MasterKey("00ff00ff", NOON)
OURS = b"ours".hex()
DOSSIER = WrappedValue(1, M1, None, b"ours")
FOREIGN = (Scope("tenant", "t2"), Scope("sender", "s2"), Scope("subscriber", "b2"))
OWN = (Scope("tenant", "t1"), Scope("sender", "s1"), Scope("subscriber", "b1"))


@dataclass(frozen=True)
class Case:
    call: Callable[[Transaction], Any]
    answer: Any
    """What a foreign scope gets: a value, or the exception it meets."""


CASES: dict[str, Case] = {
    "messages.add": Case(lambda tx: tx.messages.add(a_message("new"), "b1"), NotFound),
    "messages.get": Case(lambda tx: tx.messages.get(M1), NotFound),
    "messages.move": Case(lambda tx: tx.messages.move(M1, State.SUBMITTED, State.REJECTED, at=NOON), NotFound),
    "messages.keep_dossier": Case(lambda tx: tx.messages.keep_dossier(M1, b"theirs"), NotFound),
    "messages.dossier": Case(lambda tx: tx.messages.dossier(M1), NotFound),
    "messages.assign": Case(lambda tx: tx.messages.assign(M1, an_assignment(authority="theirs")), NotFound),
    "messages.assignment": Case(lambda tx: tx.messages.assignment(M1), None),
    "messages.keep_facts": Case(lambda tx: tx.messages.keep_facts(M1, {"a": "1"}), NotFound),
    "messages.note": Case(lambda tx: tx.messages.note(M1, a_note(region="14")), NotFound),
    "messages.notes": Case(lambda tx: tx.messages.notes(CASE), ()),
    "messages.past": Case(lambda tx: tx.messages.past(NOON, 0, 9), ()),
    "messages.case": Case(lambda tx: tx.messages.case(CASE), ()),
    "messages.waiting": Case(
        lambda tx: tx.messages.waiting(MessageKind.SUBMISSION, Direction.TO_DESTINATION, DestinationId("d1"), ALL),
        (0, ()),
    ),
    "messages.note_notified": Case(lambda tx: tx.messages.note_notified(M1, Notified.POLLING), False),
    "messages.unfetched": Case(
        lambda tx: tx.messages.unfetched(DestinationId("d1"), before=NOON + 99 * MINUTE, told=1, limit=9), ()
    ),
    "messages.note_told": Case(lambda tx: tx.messages.note_told(M1, 1), False),
    "messages.kept_long_enough": Case(
        lambda tx: tx.messages.kept_long_enough(
            DestinationId("d1"), accepted_before=NOON + 99 * MINUTE, rejected_before=NOON + 99 * MINUTE, limit=9
        ),
        (),
    ),
    "messages.drop_dossier": Case(lambda tx: tx.messages.drop_dossier(M1), None),
    "messages.cases": Case(lambda tx: tx.messages.cases(ALL), (0, ())),
    "messages.unfinished": Case(lambda tx: tx.messages.unfinished(DestinationId("d1"), KeyId("kid"), NOON), 0),
    "messages.unfinished_at": Case(lambda tx: tx.messages.unfinished_at(DestinationId("d1")), 0),
    "messages.page": Case(lambda tx: tx.messages.page(None, ALL), (0, ())),
    "parts.put": Case(lambda tx: tx.parts.put(a_part(inline=b"theirs")), NotFound),
    "parts.of": Case(lambda tx: tx.parts.of(M1), {}),
    "parts.drop": Case(lambda tx: tx.parts.drop(M1), ()),
    "parts.files": Case(lambda tx: tx.parts.files(), frozenset()),
    "parts.count": Case(lambda tx: tx.parts.count(), 0),
    "messages.dossiers": Case(lambda tx: tx.messages.dossiers(0, 10), ()),
    "parts.after": Case(lambda tx: tx.parts.after(0, 10), ()),
    "events.add": Case(lambda tx: tx.events.add(an_event("new")), NotFound),
    "events.of_case": Case(lambda tx: tx.events.of_case(CASE, ALL), (0, ())),
    "events.of_message": Case(lambda tx: tx.events.of_message(M1), ()),
    "events.unsigned": Case(lambda tx: tx.events.unsigned(10), ()),
    "events.unsigned_by": Case(lambda tx: tx.events.unsigned_by(KeyId("kid")), 0),
    "events.keep_signature": Case(lambda tx: tx.events.keep_signature(EventId("e1"), "theirs"), None),
    "deliveries.add": Case(lambda tx: tx.deliveries.add([a_delivery("new")]), NotFound),
    "deliveries.get": Case(lambda tx: tx.deliveries.get(V1), NotFound),
    "deliveries.of": Case(lambda tx: tx.deliveries.of(M1), ()),
    "deliveries.page": Case(lambda tx: tx.deliveries.page(DeliveryWish(), ALL), (0, ())),
    "deliveries.move": Case(
        lambda tx: tx.deliveries.move(V1, DeliveryState.PENDING, DeliveryState.DEAD, failure="AB-3001"), NotFound
    ),
    "deliveries.note_failure": Case(lambda tx: tx.deliveries.note_failure(V1, "AB-3001"), NotFound),
    "jobs.add": Case(lambda tx: tx.jobs.add(JobKind.EXPIRE, "m1", NOON), NotFound),
    "jobs.claim": Case(lambda tx: tx.jobs.claim(list(JobKind), 9, now=NOON + 99 * MINUTE, lease=MINUTE), ()),
    "jobs.finish": Case(lambda tx: tx.jobs.finish(LEASED), LeaseLost),
    "jobs.references": Case(lambda tx: tx.jobs.references(JobKind.DELIVER, "v"), frozenset()),
    "jobs.again": Case(lambda tx: tx.jobs.again(LEASED, NOON), LeaseLost),
    "jobs.extend": Case(lambda tx: tx.jobs.extend(LEASED, NOON), LeaseLost),
    "jobs.postpone": Case(lambda tx: tx.jobs.postpone(LEASED, NOON), LeaseLost),
    "jobs.drop": Case(lambda tx: tx.jobs.drop(JobKind.DELIVER, "v1"), None),
    "jobs.withdraw": Case(lambda tx: tx.jobs.withdraw(JobKind.DELIVER, "v1"), False),
    "jobs.bring_forward": Case(
        lambda tx: tx.jobs.bring_forward(JobKind.DELIVER, MINUTE, now=NOON, latest=NOON + MINUTE), None
    ),
    "jobs.release": Case(lambda tx: tx.jobs.release(), 0),
    "jobs.counts": Case(lambda tx: tx.jobs.counts(), dict.fromkeys(JobKind, 0)),
    "jobs.waiting": Case(lambda tx: tx.jobs.waiting(NOON + 99 * MINUTE), dict.fromkeys(JobKind, Queue(0, None))),
    "deadletters.open": Case(lambda tx: tx.deadletters.open(a_letter("new")), NotFound),
    "deadletters.of": Case(lambda tx: tx.deadletters.of(M1), ()),
    "deadletters.get": Case(lambda tx: tx.deadletters.get(K1), NotFound),
    "deadletters.page": Case(lambda tx: tx.deadletters.page("all", ALL), (0, ())),
    "deadletters.count": Case(lambda tx: tx.deadletters.count(), 0),
    "deadletters.backlog": Case(lambda tx: tx.deadletters.backlog(Stage.LIVE), {}),
    "deadletters.hand_over": Case(lambda tx: tx.deadletters.hand_over(K1, "theirs"), NotFound),
    "deadletters.settle": Case(lambda tx: tx.deadletters.settle(K1, Settlement.REJECTED, at=NOON), NotFound),
    "deadletters.note": Case(lambda tx: tx.deadletters.note(K1, a_line(text="theirs")), NotFound),
    "deadletters.history": Case(lambda tx: tx.deadletters.history(K1), ()),
    "traces.add": Case(lambda tx: tx.traces.add(M1, [a_step("theirs")]), NotFound),
    "traces.of": Case(lambda tx: tx.traces.of(M1), ()),
    "directory.load": Case(lambda tx: len(tx.directory.load().destinations), 0),
    "directory.revision": Case(lambda tx: tx.directory.revision(), len(ENTRIES)),
    "directory.editors": Case(lambda tx: dict(tx.directory.editors()), {}),
    "directory.put": Case(lambda tx: tx.directory.put(TENANT_1), NotFound),
    "directory.remove": Case(lambda tx: tx.directory.remove(TENANT_1), NotFound),
    "routing.current": Case(lambda tx: tx.routing.current(DAY), None),
    "routing.version": Case(lambda tx: tx.routing.version(DAY), 0),
    "routing.newest": Case(lambda tx: tx.routing.newest(), 0),
    "routing.document": Case(lambda tx: tx.routing.document(1), NotFound),
    "routing.about": Case(lambda tx: tx.routing.about(1), NotFound),
    "routing.mirrored": Case(lambda tx: tx.routing.mirrored("https://x"), None),
    "routing.pending": Case(lambda tx: tx.routing.pending(DAY - timedelta(days=1)), ()),
    "routing.versions": Case(lambda tx: tx.routing.versions(ALL), (0, ())),
    "routing.add": Case(lambda tx: tx.routing.add({"gebiete": b""}, at=NOON, author="uid:0"), NotFound),
    "routing.signature": Case(lambda tx: tx.routing.signature(1, "d1"), None),
    "routing.keep_signature": Case(lambda tx: tx.routing.keep_signature(1, "d9", "theirs"), None),
    "drafts.add": Case(lambda tx: tx.drafts.add(a_draft(), {"gebiete": b""}), NotFound),
    "drafts.get": Case(lambda tx: tx.drafts.get(1), NotFound),
    "drafts.tables": Case(lambda tx: tx.drafts.tables(1), {}),
    "drafts.open_with": Case(lambda tx: tx.drafts.open_with("digest"), None),
    "drafts.page": Case(lambda tx: tx.drafts.page(None, ALL), (0, ())),
    "drafts.settle": Case(lambda tx: tx.drafts.settle(1, DraftState.DISCARDED, at=NOON, by="theirs"), NotFound),
    "audit.add": Case(lambda tx: tx.audit.add(ROW), None),
    "audit.page": Case(lambda tx: tx.audit.page(ALL), ()),
    "audit.search": Case(lambda tx: tx.audit.search(AuditWish(), ALL), (0, ())),
    "audit.get": Case(lambda tx: tx.audit.get(1), NotFound),
    "master.get": Case(lambda tx: tx.master.get(), None),
    "master.put": Case(lambda tx: tx.master.put(MASTER), NotFound),
    "master.wrapped": Case(lambda tx: tx.master.wrapped(WrappedKind.DOSSIER, OURS, 0, 9), ()),
    "master.count": Case(lambda tx: tx.master.count(WrappedKind.DOSSIER, OURS), 0),
    "notices.add": Case(lambda tx: tx.notices.add(a_notice()), NotFound),
    "notices.untold": Case(lambda tx: tx.notices.untold(10), ()),
    "notices.take": Case(lambda tx: tx.notices.take(R1, "theirs", 10), ()),
    "notices.told": Case(lambda tx: tx.notices.told(R1, "ours"), None),
    "notices.forget": Case(lambda tx: tx.notices.forget(R1), None),
    "notices.prune": Case(lambda tx: tx.notices.prune(NOON + MINUTE), 0),
    "notices.count": Case(lambda tx: tx.notices.count(R1), 0),
    "receivers.add": Case(lambda tx: tx.receivers.add(a_receiver("new")), NotFound),
    "receivers.named": Case(lambda tx: tx.receivers.named(ClientId("s1"), a_receiver().callback.url, 9), ()),
    "receivers.find": Case(lambda tx: tx.receivers.find(R1), None),
    "receivers.keep": Case(lambda tx: tx.receivers.keep(R1, a_receiver().callback, STOPPED), NotFound),
    "receivers.stopped_destinations": Case(lambda tx: tx.receivers.stopped_destinations(), ()),
    "receivers.page": Case(lambda tx: tx.receivers.page(troubled=False, offset=0, limit=9), (0, ())),
    "receivers.prune": Case(lambda tx: tx.receivers.prune((), 9), 0),
    "receivers.after": Case(lambda tx: tx.receivers.after(0, 9), ()),
    "receivers.tally": Case(lambda tx: tx.receivers.tally(), Tally(0, 0, 0)),
    "master.rewrap": Case(lambda tx: tx.master.rewrap(WrappedKind.DOSSIER, DOSSIER, b"theirs"), False),
}
WITHOUT_AN_OWNER = {"directory.revision"}
"""A number that tells nothing of anybody."""
QUIET = {"events.keep_signature", "jobs.drop", "jobs.bring_forward", "routing.keep_signature", "audit.add"} | {
    "notices.told",
    "notices.forget",
    "messages.drop_dossier",
}
"""Answer nothing in any scope; only their effect tells."""


def walk() -> Iterator[str]:
    """`port.method` of everything the contract offers."""
    for port, attribute in vars(Transaction).items():
        if isinstance(attribute, property):
            protocol = get_type_hints(attribute.fget)["return"]
            for method, function in vars(protocol).items():
                if inspect.isfunction(function) and not method.startswith("_"):
                    yield f"{port}.{method}"


def test_every_method_of_every_port_is_examined() -> None:
    assert set(CASES) == set(walk())


def populate(tx: Transaction) -> None:
    tx.receivers.add(a_receiver())
    tx.receivers.keep(ReceiverId("d1"), a_receiver().callback, STOPPED)
    tx.receivers.add(a_receiver("unneeded"))
    tx.messages.add(a_message(callback=R1), "b1")
    tx.notices.add(a_notice())
    assert len(tx.notices.take(R1, "ours", 9)) == 1
    tx.messages.move(M1, State.ANNOUNCED, State.SUBMITTED, at=NOON)
    tx.messages.keep_dossier(M1, b"ours")
    tx.parts.put(a_part())
    tx.parts.put(in_file("aa/1", id="a1"))
    tx.events.add(an_event())
    tx.deliveries.add([a_delivery()])
    tx.deadletters.open(a_letter())
    tx.deadletters.note(K1, a_line())
    tx.messages.assign(M1, an_assignment())
    tx.messages.note(M1, a_note())
    tx.traces.add(M1, [a_step()])
    tx.jobs.add(JobKind.PROCESS, "m1", NOON)
    assert tx.jobs.claim([JobKind.PROCESS], 1, now=NOON, lease=MINUTE) == (LEASED,)
    tx.jobs.add(JobKind.DELIVER, "v1", NOON + 50 * MINUTE)
    for entry in ENTRIES:
        tx.directory.put(entry)
    origin = Mirrored("https://x", 7, "00")
    version = tx.routing.add({"gebiete": b"ars"}, at=NOON, author="uid:0", mirrored=origin)
    tx.routing.keep_signature(version, "d1", "ours")
    tx.drafts.add(a_draft(), {"gebiete": b"ars"})
    tx.audit.add(ROW)
    tx.master.put(MASTER)
    tx.messages.add(a_message("ended"), "b1")
    tx.messages.move(MessageId("ended"), State.ANNOUNCED, State.SUBMITTED, at=NOON)
    tx.messages.move(MessageId("ended"), State.SUBMITTED, State.ACCEPTED, at=NOON)


def everything(tx: Transaction) -> list[Any]:
    return [
        tx.messages.page(None, ALL),
        tx.messages.dossier(M1),
        tx.messages.notes(CASE),
        tx.master.get(),
        tx.parts.of(M1),
        tx.events.of_case(CASE, ALL),
        tx.deliveries.of(M1),
        tx.deadletters.of(M1),
        tx.deadletters.history(K1),
        tx.messages.assignment(M1),
        tx.traces.of(M1),
        tx.jobs.counts(),
        tx.directory.load(),
        tx.notices.count(R1),
        tx.receivers.page(troubled=False, offset=0, limit=9),
        tx.routing.current(DAY),
        tx.drafts.page(None, ALL),
        [tx.routing.signature(1, subject) for subject in ("d1", "d9")],
    ]


async def met(store: Store, scope: Scope, case: Case) -> Any:
    """What a scope gets: the answer, or the sort of the exception it meets where one is to be expected."""
    try:
        return await store.write(case.call, scope=scope)
    except (NotFound, LeaseLost) as raised:
        return type(raised)


@pytest.mark.parametrize("scope", FOREIGN, ids=lambda scope: scope.kind)
async def test_a_foreign_scope_sees_and_changes_nothing(store: Store, scope: Scope) -> None:
    await store.write(populate)
    before = await store.read(everything)
    audited = await store.read(lambda tx: tx.audit.page(ALL), scope=Scope("tenant", "t1"))

    for name in sorted(CASES, key="audit.add".__eq__):  # the one that leaves a row, of its own scope, comes last
        assert await met(store, scope, CASES[name]) == CASES[name].answer, name
        assert await store.read(everything) == before, name
    assert await store.read(lambda tx: tx.audit.page(ALL), scope=Scope("tenant", "t1")) == audited


class Undone(Exception):
    """What was written is not kept."""


async def test_the_same_call_in_the_scope_of_the_system_says_more(store: Store) -> None:
    await store.write(populate)
    answers: dict[str, Any] = {}

    def tried(name: str, tx: Transaction) -> None:
        answers[name] = CASES[name].call(tx)
        raise Undone

    for name in sorted(CASES.keys() - WITHOUT_AN_OWNER - QUIET):
        with pytest.raises(Undone):
            await store.write(partial(tried, name), scope=SYSTEM)

    assert [name for name, answer in answers.items() if answer == CASES[name].answer] == []


@pytest.mark.parametrize("scope", OWN, ids=lambda scope: scope.kind)
async def test_the_owner_sees_its_message_whole(store: Store, scope: Scope) -> None:
    await store.write(populate)

    def look(tx: Transaction) -> list[int]:
        return [
            len(tx.messages.case(CASE)),
            len(tx.parts.of(M1)),
            tx.events.of_case(CASE, ALL)[0],
            len(tx.deliveries.of(M1)),
            len(tx.traces.of(M1)),
            sum(tx.jobs.counts().values()),
        ]

    assert await store.read(look, scope=scope) == [1, 2, 1, 1, 1, 2]


async def test_nothing_of_ones_own_is_attached_to_a_foreign_message(store: Store) -> None:
    await store.write(populate)
    before = await store.read(everything)

    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.deliveries.add([a_delivery("v9", tenant="t2")]), scope=Scope("tenant", "t2"))
    with pytest.raises(NotFound):
        await store.write(lambda tx: tx.deadletters.open(a_letter("k9", tenant="t2")), scope=Scope("tenant", "t2"))

    assert await store.read(everything) == before


async def test_an_entry_cannot_be_taken_over_or_given_away(store: Store) -> None:
    await store.write(populate)
    theirs = a_target(tenant=TenantId("t2"))

    for scope in (Scope("tenant", "t1"), Scope("tenant", "t2")):
        with pytest.raises(NotFound):
            await store.write(lambda tx: tx.directory.put(theirs), scope=scope)


async def test_a_tenant_sees_deliveries_to_it_and_not_those_to_others(store: Store) -> None:
    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.deliveries.add([a_delivery("v1", tenant="t1"), a_delivery("v2", tenant="t2")])
        tx.jobs.add(JobKind.DELIVER, "v2", NOON)

    await store.write(unit)

    def look(tx: Transaction) -> tuple[list[str], int]:
        return [delivery.id for delivery in tx.deliveries.of(M1)], tx.jobs.counts()[JobKind.DELIVER]

    assert await store.read(look, scope=Scope("tenant", "t1")) == (["v1"], 0)
    assert await store.read(look, scope=Scope("tenant", "t2")) == (["v2"], 1)


async def test_ids_are_bound_and_never_become_part_of_a_query(store: Store) -> None:
    await store.write(populate)
    hostile = "t1' OR '1'='1"

    for scope in (Scope("tenant", hostile), Scope("sender", hostile), Scope("subscriber", hostile)):
        assert await store.read(lambda tx: tx.messages.page(None, ALL), scope=scope) == (0, ())
    await store.write(lambda tx: tx.directory.put(Tenant(TenantId(hostile), hostile, "14")))
    assert TenantId(hostile) in (await store.read(lambda tx: tx.directory.load())).tenants

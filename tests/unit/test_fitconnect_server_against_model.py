"""The server against a model of what clients may do: submissions and replies, by their two sides and by strangers, in
any order hypothesis thinks of, and two calls at once.

Whatever the answer, it is one the model allows in some order of the calls; nobody learns of what is not his; and the
event log only grows, by what may happen to a message.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx
import pytest
from case_calls import (
    API,
    ID,
    Announce,
    Attach,
    Call,
    Contents,
    Decide,
    Fetch,
    FetchAttachment,
    ListCases,
    Named,
    ReadLog,
    Request,
    ShowCase,
    Submit,
    Waiting,
    Write,
    WriteAgain,
)
from case_model import CASE_NOT_FOUND, HIDING, REPLY, SUBMISSION, Answer, People, Refused, World
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from front_for_tests import Asked, asking
from house_for_tests import NOON, OTHER_PORTAL, PORTAL, STRANGER, SUBSCRIBER, RsaKey, a_house
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from set_for_tests import set_names

from amtsbote.model.ids import ClientId
from amtsbote.model.job import Job, JobKind
from amtsbote.runner import DeadlineWatch, Workshop
from amtsbote.runner.deadlines import deadline_job
from amtsbote.runner.expire import expire_job

PEOPLE = People((PORTAL, OTHER_PORTAL), SUBSCRIBER)
READER, WRITER = ClientId("reader"), ClientId("writer")
"""Whoever that is of the message."""
CLIENTS = st.sampled_from([READER, READER, WRITER, WRITER, PORTAL, SUBSCRIBER, OTHER_PORTAL, STRANGER])
KINDS, VERDICTS = st.sampled_from([REPLY, REPLY, SUBMISSION]), st.sampled_from(["accept", "reject"])
EVENTS = st.sampled_from(["accept", "reject", "forward"])
NUMBERS, RARELY = st.integers(0, 5), st.sampled_from([False] * 7 + [True])
CONTENTS, FEW, PARTS = st.integers(0, 1), st.integers(0, 2), st.sampled_from([0, 0, 1, 2])
SPANS = st.sampled_from([timedelta(minutes=1), timedelta(days=1), timedelta(days=8), timedelta(days=31)])
ABOUT = {"client": CLIENTS, "message": NUMBERS, "other_kind": RARELY}
CALLS: st.SearchStrategy[Call] = st.one_of(
    st.builds(Announce, client=CLIENTS, case=NUMBERS, kind=KINDS, parts=FEW),
    st.builds(Attach, **ABOUT, part=PARTS, content=CONTENTS),
    st.builds(Submit, **ABOUT, content=st.integers(0, 3)),
    st.builds(Waiting, **ABOUT),
    st.builds(Fetch, **ABOUT),
    st.builds(FetchAttachment, **ABOUT, part=PARTS),
    st.builds(Decide, client=CLIENTS, message=NUMBERS, verdict=VERDICTS),
    st.builds(Write, **ABOUT, verdict=EVENTS, wrong=RARELY),
    st.builds(Write, **ABOUT, verdict=EVENTS, case=NUMBERS),
    st.builds(ReadLog, **ABOUT, by_message=st.booleans()),
    st.builds(ListCases, client=CLIENTS),
    st.builds(ShowCase, client=CLIENTS, case=NUMBERS),
)
BY_READER: st.SearchStrategy[Call] = st.one_of(
    st.builds(Waiting, client=st.just(READER)),
    st.builds(Decide, client=st.just(READER), verdict=VERDICTS),
    st.builds(Write, client=st.just(READER), verdict=EVENTS),
)
BY_WRITER: st.SearchStrategy[Call] = st.one_of(
    st.builds(Attach, client=st.just(WRITER), content=CONTENTS),
    st.builds(Submit, client=st.just(WRITER), content=CONTENTS),
)
TWO_CALLS = st.one_of(
    st.tuples(BY_READER, BY_READER),
    st.tuples(BY_WRITER, BY_WRITER),
    st.tuples(BY_READER, BY_WRITER),
    st.tuples(CALLS, CALLS),
)
LIFE = re.compile(
    r"create (delete |submit (notify |forward |notify forward |forward notify )?((accept|reject) (delete )?)?)?"
)
"""What may happen to a message, in this order."""


@dataclass(frozen=True)
class Exchange:
    call: Call
    named: Named
    request: Request = field(repr=False)
    answer: httpx.Response = field(repr=False)
    heard: Answer

    @property
    def made(self) -> tuple[str, str]:
        """Ids of message and case."""
        if self.heard.status != 201:
            return "", ""
        view = self.answer.json()
        return next(view[name] for name in ID.values() if name in view), view["caseId"]


class Machine(RuleBasedStateMachine):
    rsa_key: RsaKey

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.opened = AsyncExitStack()
        self.asked = self.runner.run(self._open())
        self.contents = Contents(self.asked)
        self.worlds = [World(PEOPLE, NOON)]
        """What may be the case: after two calls at once there may be several."""
        self.cases: dict[str, ClientId] = {}
        """With the portal each belongs to."""
        self.messages: list[Named] = []
        self.taken: list[Exchange] = []
        """Events of subscribers."""
        self.logs: dict[str, list[str]] = {}

    async def _open(self) -> Asked:
        house = await self.opened.enter_async_context(a_house(Path(self.folder.name), type(self).rsa_key))
        return await self.opened.enter_async_context(asking(house))

    def teardown(self) -> None:
        self.runner.run(self.opened.aclose())
        self.runner.close()
        self.folder.cleanup()

    @initialize(parts=FEW, content=CONTENTS)
    def two_cases_are_under_way(self, parts: int, content: int) -> None:
        for portal in (OTHER_PORTAL, PORTAL):
            self._send(Announce(portal, parts=parts, new_case=True), content)
        self._send(Announce(SUBSCRIBER, kind=REPLY, parts=parts), content)

    @rule(client=st.sampled_from([PORTAL, OTHER_PORTAL, STRANGER]), parts=FEW)
    def begin_a_case(self, client: ClientId, parts: int) -> None:
        self.ask(Announce(client, parts=parts, new_case=True))

    @rule(message=NUMBERS, client=st.sampled_from([READER, WRITER]), kind=KINDS, parts=FEW, content=CONTENTS)
    def send_into_a_case(self, message: int, client: ClientId, kind: str, parts: int, content: int) -> None:
        self._send(Announce(client, message, kind=kind, parts=parts), content)

    @rule(call=CALLS)
    def call_once(self, call: Call) -> None:
        self.ask(call)

    @rule(message=NUMBERS, calls=TWO_CALLS)
    def call_at_once(self, message: int, calls: tuple[Call, Call]) -> None:
        """About the same message."""
        self.ask(*(replace(call, message=message) for call in calls))

    @rule(message=NUMBERS, other_kind=RARELY)
    def everybody_reads(self, message: int, other_kind: bool) -> None:
        for client in (PORTAL, SUBSCRIBER, OTHER_PORTAL, STRANGER):
            self.ask(Fetch(client, message, other_kind=other_kind))
            self.ask(ReadLog(client, message, other_kind=other_kind, by_message=True))

    @precondition(lambda self: self.taken)
    @rule(number=NUMBERS)
    def write_the_same_event_again(self, number: int) -> None:
        before = self.taken[number % len(self.taken)]
        self.ask(WriteAgain(before.call.client, before=before.request, about=before.named))

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.runner.run(self._pass(span))
        for world in self.worlds:
            world.time_passes(span)
        self._read_the_logs(self.cases)

    def ask(self, *calls: Call) -> Sequence[Exchange]:
        """All at once."""
        exchanges = self.runner.run(self._exchanged(calls))
        assert all(one.heard.status < 500 for one in exchanges), exchanges
        self.worlds = self._possible(exchanges)
        assert self.worlds, f"the model allows this in no order: {exchanges}"
        for one in exchanges:
            self._learn(one)
        self.runner.run(self._compare_with_nothing(exchanges))
        self._read_the_logs({case for one in exchanges for case in (one.named.case, one.made[1])} & self.cases.keys())
        if len(exchanges) == 1 and isinstance(exchanges[0].call, Waiting):
            self._must_be_notified(exchanges[0])
        return exchanges

    def _send(self, announcement: Announce, content: int) -> None:
        """A whole message."""
        [announced] = self.ask(announcement)
        if announced.heard.status == 201:
            for part in range(announcement.parts):
                self.ask(Attach(WRITER, part=part, content=content))
            self.ask(Submit(WRITER, content=content))

    async def _exchanged(self, calls: Sequence[Call]) -> Sequence[Exchange]:
        named = [self._named(call) for call in calls]
        ready = [self._ready(call, one.message) for call, one in zip(calls, named, strict=True)]
        return await asyncio.gather(*map(self._exchange, ready, named))

    async def _exchange(self, call: Call, named: Named) -> Exchange:
        request = call.request(named, self.contents)
        answer = await self.asked.send(request.method, request.path, call.client, **request.options)
        if answer.is_success:
            heard = Answer(answer.status_code, value=call.told(answer, self.contents))
        else:
            heard = Answer(answer.status_code, answer.json()["code"])
        return Exchange(call, named, request, answer, heard)

    def _named(self, call: Call) -> Named:
        """Numbers count from what was made last."""
        if isinstance(call, WriteAgain):
            return call.about
        if not self.messages:
            return Named(str(uuid4()), SUBMISSION, str(uuid4()))
        named = self.messages[-1 - call.message % len(self.messages)]
        if call.other_kind:
            named = replace(named, kind=REPLY if named.kind == SUBMISSION else SUBMISSION)
        if call.case is not None:
            named = replace(named, case=list(self.cases)[-1 - call.case % len(self.cases)])
        return named

    def _ready(self, call: Call, message: str) -> Call:
        """By somebody, and with the claims of whoever knows the message."""
        letter = self.worlds[0].letters.get(message)
        if letter is None:
            return call
        portal = self.cases[letter.case]
        sides = {READER: portal, WRITER: SUBSCRIBER} if letter.to_portal else {READER: SUBSCRIBER, WRITER: portal}
        call = replace(call, client=sides.get(call.client, call.client))
        return replace(call, claim=letter.contents) if isinstance(call, Write) and not call.wrong else call

    def _possible(self, exchanges: Sequence[Exchange]) -> list[World]:
        """What may be the case now: the answers came about in some order of the calls."""
        found: dict[str, World] = {}
        for world in self.worlds:
            for order in permutations(exchanges):
                after = deepcopy(world)
                if all(_expected(after, one) == one.heard for one in order):
                    found[repr(after)] = after
        return list(found.values())

    def _learn(self, one: Exchange) -> None:
        if isinstance(one.call, Announce) and one.heard.status == 201:
            message, case = one.made
            self.messages.append(Named(message, one.call.kind, case))
            self.cases.setdefault(case, one.call.client)
        if isinstance(one.call, Write) and one.heard.status == 204:
            self.taken.append(one)

    async def _compare_with_nothing(self, exchanges: Iterable[Exchange]) -> None:
        """An id that is kept from somebody is answered exactly as one that nobody has."""
        for one in exchanges:
            if one.heard.code in HIDING:
                which = "case" if one.heard.code == CASE_NOT_FOUND else "message"
                hidden, nowhere = getattr(one.named, which), str(uuid4())
                other = await self._exchange(one.call, replace(one.named, **{which: nowhere}))
                assert other.answer.text.replace(nowhere, hidden) == one.answer.text
                assert other.answer.headers == one.answer.headers

    def _read_the_logs(self, cases: Iterable[str]) -> None:
        for case in cases:
            before, log = self.logs.get(case, []), self.runner.run(self._log(case))
            assert log[: len(before)] == before, "the log does not only grow"
            self.logs[case] = log
            for message, events in self._lives(case).items():
                assert LIFE.fullmatch("".join(f"{event} " for event in events)), (message, events)
            said = ReadLog.of(log)
            self.worlds = [world for world in self.worlds if world.log_of(case) == said]
            assert self.worlds, f"the model does not allow this log: {said}"

    async def _log(self, case: str) -> list[str]:
        """As the subscriber reads it."""
        answer = await self.asked.get(f"{API}/cases/{case}/events?limit=500", SUBSCRIBER)
        tokens: list[str] = answer.json()["eventLog"]
        return tokens

    def _lives(self, case: str) -> dict[str, list[str]]:
        lives: dict[str, list[str]] = {}
        for message, event in map(set_names, self.logs[case]):
            lives.setdefault(message, []).append(event)
        return lives

    def _must_be_notified(self, one: Exchange) -> None:
        """Whoever was shown a message."""
        if one.heard.status == 200:
            self._read_the_logs(self.cases)
            lives = {message: life for case in self.cases for message, life in self._lives(case).items()}
            assert all("notify" in lives[message] for message in one.heard.value)

    async def _pass(self, span: timedelta) -> None:
        """Everything is done that falls due."""
        house = self.asked.house
        house.clock.passes(span)
        await DeadlineWatch(house.store, lambda: house.directory, house.clock).look()
        work: dict[JobKind, Callable[[Job, Workshop], Awaitable[None]]] = {
            JobKind.EXPIRE: expire_job,
            JobKind.DEADLINE: deadline_job,
        }
        due = await house.store.write(
            lambda tx: tx.jobs.claim(list(work), 99, now=house.clock(), lease=timedelta(minutes=10))
        )
        for job in due:
            await work[job.kind](job, house.shop)


def _expected(world: World, one: Exchange) -> Answer:
    try:
        return one.call.expected(world, one.named, one.made)
    except Refused as refused:
        return Answer(*refused.args)


@pytest.mark.hypothesis
def test_the_server_does_what_the_model_allows(rsa_key: Callable[[str], RSAPrivateKey]) -> None:
    """`make fuzz` has ten times as many examples."""
    machine = type("ServerMachine", (Machine,), {"rsa_key": staticmethod(rsa_key)})
    examples = settings().max_examples // 10
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=25))

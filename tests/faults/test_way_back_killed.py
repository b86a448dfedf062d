"""Daemons are killed before and after every step, commit, fsync, rename and signature of the way back, and at random
moments: the decision reaches the portal's mailbox, once and complete, and the authority hears what became of it.

One daemon is started again; of two nodes the other does the work. `make faults` kills at a
sample of the calls, `make faults RUNS=1000` at every one.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event
from typing import TypeVar

import httpx
import pytest
from balancer import balanced
from broker_kit import ORDERED, RunningBroker
from callback_server import CallbackServer, callback_server
from campaign_nodes import Cluster, cluster_at
from portal_kit import Sent, waited_for
from ports import free_port
from thoroughly import EVERYWHERE, thorough
from tls_for_tests import Authority
from way_back_kit import Mailbox, give, let_answer, receipts, replies_of

from amtsbote.api.returnkit import Given

T = TypeVar("T")

OPERATIONS = ("step:answer", "step:seal", "commit", "fsync", "rename", "sign")
SITES = {"sqlite": ("sqlite", 1), "postgresql": ("postgresql", 1), "two-nodes": ("postgresql", 2)}
EACH = [pytest.param(site, (one,), id=f"{site}-{one}") for site in SITES for one in OPERATIONS]
SAMPLE = [
    pytest.param("sqlite", ("step:seal", "commit", "fsync", "rename"), id="sqlite"),
    pytest.param("two-nodes", ("step:seal", "rename"), id="two-nodes"),
]
SPARE = "arm nothing before 1"
GIVEN = Given(documents=(("Bescheid.pdf", b"%PDF-1.7 decision"), ("Plan.bin", bytes(range(256)) * 1000)))
"""One document in its row, and one in a file."""
HURRY = {
    "WORK__COLLECT_INTERVAL": "PT0.1S",
    "WORK__FIRST_RETRY": "PT0.05S",
    "WORK__LONGEST_RETRY": "PT0.2S",
    "WORK__LEASE": "PT2S",
    "WORK__THREADS": "1",
    "CALLBACKS__PAUSE": "PT0.1S",
    "CALLBACKS__FIRST_RETRY": "PT0.2S",
}
"""A dead node's work is taken over after its lease; a daemon with one thread starts faster."""
GIVEN_UP = 60.0
AT_RANDOM = 20
LONGEST_LIFE = 2.0
"""Seconds from the moment a decision is given until a kill at random: a little more than the way back takes."""


@pytest.fixture
def town(site: str, shared_folder: Path, tmp_path: Path) -> Iterator["Town"]:
    """On SQLite its portal polls, elsewhere it waits until it is called."""
    (store, nodes), port = SITES[site], free_port()
    with ExitStack() as opened:
        receiver = None
        if store == "postgresql":
            receiver = opened.enter_context(callback_server(Authority.made(tmp_path)))
        settings = HURRY | (receiver.settings if receiver else {}) | {"PUBLIC__URL": f"http://127.0.0.1:{port}"}
        cluster = opened.enter_context(cluster_at(tmp_path / "site", shared_folder, store, nodes, **settings))
        let_answer(cluster.installation)
        opened.enter_context(balanced(port, [node.port for node in cluster.nodes]))
        first = cluster.nodes[0]
        seen = RunningBroker(first.installation, first.keys, port, first.metrics_port)
        opened.callback(seen.close)
        cluster.start(ORDERED)
        yield Town(cluster, seen, receiver)
        for node in cluster.nodes:
            node.kill()  # the last kill may still be armed: it must not come in the middle of an orderly end


@dataclass(frozen=True)
class Decision:
    name: str
    """Of its folder."""
    reply: str


class Town:
    """One application, and one decision on it after the other; what both sides have of each in the end."""

    def __init__(self, cluster: Cluster, seen: RunningBroker, receiver: CallbackServer | None) -> None:
        self.nodes, self.seen, self.receiver = cluster.nodes, seen, receiver
        self.portal = seen.portal()
        self.mailbox = Mailbox(seen, self.portal)
        self.deaths = 0
        self.replies: list[str] = []
        self.sent = self._send()

    def calls_of_one_decision(self) -> dict[str, int]:
        """How often each operation is called while nothing disturbs, at the node that is called most."""
        for node in self.nodes:
            node.order("count")
        self.decide()
        reports = [json.loads(node.order("report")) for node in self.nodes]
        return {operation: max(report.get(operation, 0) for report in reports) for operation in OPERATIONS}

    def decide_and_die(self, operation: str, side: str, number: int) -> None:
        """Give a decision; the first node that comes to this call dies."""
        self._order(f"arm {operation} {side} {number}")
        self.decide()
        self._order(SPARE)
        self._start_the_dead()

    def decide_and_kill(self, chance: Random) -> None:
        """Give a decision; a node dies at a random moment of its way."""
        name = self._give()
        Event().wait(chance.uniform(0, LONGEST_LIFE))
        chance.choice(self.nodes).running.kill()
        self._exactly_once(self._fetched(name))
        self._start_the_dead()

    def decide(self) -> None:
        self._exactly_once(self._fetched(self._give()))

    def _send(self) -> Sent:
        """An application that Chemnitz has; nothing is left to do."""
        named = self.receiver.named if self.receiver else {}
        sent = self.portal.send(self.mailbox.application(), **named)
        self.portal.ends_with(sent, "accept-submission")
        self._until(lambda: self._idle() or None, "an idle broker")
        return sent

    def _give(self) -> str:
        name = f"Bescheid {len(self.replies) + 1}"
        give(self.seen, self.sent, name, GIVEN)
        return name

    def _fetched(self, name: str) -> Decision:
        """The portal hears of it, fetches and accepts it, as often as it takes."""
        if self.receiver is not None:
            self._until(self._called, "a call")
        [reply] = self._until(lambda: self.mailbox.waiting(self.sent.case) or None, "the reply")
        opened = self._until(lambda: self.mailbox.open(reply), "its parts")
        assert opened.documents == dict(GIVEN.documents)
        self._until(lambda: self.mailbox.accept(reply) or True, "the answer")  # type: ignore[func-returns-value]
        self.replies.append(reply)
        return Decision(name, reply)

    def _called(self) -> bool | None:
        assert self.receiver is not None
        known = {self.sent.submission, *self.replies}
        return True if self.receiver.told - known else None

    def _exactly_once(self, decision: Decision) -> None:
        self._until(lambda: (self._settled(decision) and self._idle()) or None, "the receipt and the folder put away")
        events = self._until(lambda: self.mailbox.events(self.sent.case, decision.reply), "its events")
        created, submitted, *notified, accepted = (event.name for event in events)
        assert (created, submitted, accepted) == ("create-reply", "submit-reply", "accept-reply")
        assert set(notified) == {"notify-reply"}
        ways = [event.body["notifyType"] for event in events[2:-1]]
        assert sorted(ways) in (["polling"], ["callback", "polling"])
        case = self._until(lambda: self.portal.good("GET", f"/v2/cases/{self.sent.case}").json(), "the case")
        assert sorted(case["replyIds"]) == sorted(self.replies)
        assert self._until(lambda: self.mailbox.waiting(self.sent.case) == [], "the mailbox")
        assert self._until(lambda: self._alive().dead_letters() == 0, "the metrics")
        self._in_the_folders(decision)

    def _settled(self, decision: Decision) -> bool:
        told = receipts(self.seen).get(decision.reply, {}).get("state") == "angenommen"
        return told and (replies_of(self.seen) / "erledigt" / decision.name).is_dir()

    def _in_the_folders(self, decision: Decision) -> None:
        place = replies_of(self.seen)
        done = sorted((place / "erledigt").iterdir())
        seen = sorted(path.name for path in place.iterdir() if not path.name.startswith("."))  # a probe that was killed
        assert seen == ["erledigt", "fehler", "quittungen"]
        assert {path.name for path in done} == {f"Bescheid {n + 1}" for n in range(len(self.replies))}
        written = [path.name for path in (place / "erledigt" / decision.name).iterdir()]
        assert sorted(written) == ["Bescheid.pdf", "Plan.bin", "antwort.json", "fertig"]
        assert list((place / "fehler").iterdir()) == []
        assert sorted(path.name for path in (place / "quittungen").iterdir()) == sorted(
            f"{reply}.json" for reply in self.replies
        )

    def _idle(self) -> bool:
        """Nothing to process, deliver or tell; the folder is looked into again and again."""
        jobs = self._alive().metrics()
        return not any(jobs.get(f'amtsbote_jobs{{kind="{kind}"}}', 0) for kind in ("process", "deliver", "tell"))

    def _until(self, found: Callable[[], T | None], what: str) -> T:
        """Ask again, as whoever has no answer does, while nodes die."""

        def look() -> T | None:
            self._bury_the_dead()
            try:
                return found()
            except httpx.TransportError:
                return None

        return waited_for(look, what, GIVEN_UP)

    def _bury_the_dead(self) -> None:
        """The others go on alone, and live; when there are none, all are started again."""
        dead = [node for node in self.nodes if node.running.poll() is not None]
        if not dead:
            return
        self._order(SPARE)
        if len(dead) == len(self.nodes):
            self._start_the_dead()

    def _start_the_dead(self) -> None:
        for node in self.nodes:
            if node.running.poll() is not None:
                assert node.kill_is_done(), node.logs()
                self.deaths += 1
                node.launch(ORDERED)
                node.wait_until_ready()

    def _alive(self) -> RunningBroker:
        return next((node for node in self.nodes if node.running.poll() is None), self.nodes[0])

    def _order(self, words: str) -> None:
        for node in self.nodes:
            if node.running.poll() is None:
                with suppress(BrokenPipeError):  # it has just died
                    node.order(words)


@pytest.mark.timeout(1800 if EVERYWHERE else 300)
@pytest.mark.parametrize(("site", "operations"), EACH if EVERYWHERE else SAMPLE)
def test_killed_at_this_operation_the_decision_arrives_once(town: Town, operations: tuple[str, ...]) -> None:
    calls = town.calls_of_one_decision()
    for operation in operations:
        before = town.deaths
        for side, number in points(calls[operation], OPERATIONS.index(operation)):
            town.decide_and_die(operation, side, number)
        assert town.deaths > before, f"nothing was killed at {operation}"


@thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("site", SITES)
def test_killed_at_random_moments_the_decision_arrives_once(town: Town) -> None:
    chance = Random(20261130)  # noqa: S311  (repeatable, no secret)
    for _ in range(AT_RANDOM):
        town.decide_and_kill(chance)
    assert town.deaths == AT_RANDOM


def points(calls: int, turn: int) -> list[tuple[str, int]]:
    """Every call from both sides, or the middle one from one."""
    if EVERYWHERE:
        return [(side, number) for number in range(1, calls + 1) for side in ("before", "after")]
    return [(("before", "after")[turn % 2], calls // 2 + 1)]

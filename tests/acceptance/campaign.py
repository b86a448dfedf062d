"""`make campaign`: real brokers under load, killed if wished; nothing may be lost, doubled, stuck or torn.

STORE=sqlite|postgresql NODES=n KILL=0|1, and SECONDS of load (20), MESSAGES at most (unlimited), SEED to repeat what
was chosen at random. The last line is `acceptance ok sent=… delivered=… doubled=0 lost=0`, or `acceptance failed …`
with every fault above it and exit code 1; then what the brokers wrote stays on the disk.
"""

import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from campaign_clients import Repeating, made_patient
from campaign_judge import Promise, Sight, Verdict, judge
from campaign_mail import Item, one_of
from campaign_nodes import PUBLIC, Cluster, cluster_at
from campaign_receivers import Collector, Fachverfahren, fingerprint
from installation_kit import LEIPZIG, Keys
from portal_kit import Portal, Sent, Subscriber

SENDERS = ("hamburg", "bremen", "hamburg", "bremen")
"""The portal of each. Bremen does not sign."""
REST_SECONDS = 90.0
LOOK_EVERY = 0.2
LONGEST = 1500


@dataclass(frozen=True)
class Plan:
    store: str
    nodes: int
    kill: bool
    seconds: float
    messages: int
    seed: int

    @classmethod
    def from_environment(cls) -> Self:
        asked = {name: os.environ.get(name) or default for name, default in _DEFAULTS.items()}
        seed = int(asked["SEED"]) or time.time_ns() % 1_000_000
        plan = cls(
            asked["STORE"],
            int(asked["NODES"]),
            asked["KILL"] == "1",
            float(asked["SECONDS"]),
            int(asked["MESSAGES"]),
            seed,
        )
        if plan.store not in ("sqlite", "postgresql") or plan.nodes < 1 or (plan.store == "sqlite" and plan.nodes > 1):
            raise SystemExit("STORE is sqlite (with NODES=1) or postgresql")
        if plan.seconds > LONGEST:
            raise SystemExit(
                f"SECONDS is at most {LONGEST}: an access token lives 30 minutes, and the portals ask once"
            )
        return plan

    def chance(self, who: str) -> Random:
        """Each has its own, so that the order of threads changes nothing."""
        return Random(f"{self.seed}/{who}")  # noqa: S311  (a repeatable run)


_DEFAULTS = {"STORE": "sqlite", "NODES": "1", "KILL": "0", "SECONDS": "20", "MESSAGES": "1000000", "SEED": "0"}


@dataclass
class Sender:
    """One portal's client. Keeps what was acknowledged."""

    portal: Portal
    chance: Random
    promises: list[Promise] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)

    def send_until(self, enough: Callable[[], bool]) -> None:
        while not enough():
            self._send(one_of(self.chance))

    def _send(self, item: Item) -> None:
        application = item.application
        try:
            sent = self.portal.send(application, item.spoil)
        except Exception as error:  # noqa: BLE001  (whatever it is: the portal could not send)
            self.unsent.append(f"an application to {application.destination}: {type(error).__name__} {error}")
            return
        content = fingerprint(application.data, [each.content for each in application.enclosures])
        self.sent.append(sent)
        self.promises.append(Promise(sent.submission, item.targets, item.end, content))


@dataclass(frozen=True)
class Campaign:
    plan: Plan
    cluster: Cluster
    senders: Sequence[Sender]
    collector: Collector
    desk: Fachverfahren
    ways: Sequence[Repeating]

    def run(self) -> Verdict:
        over, quiet = threading.Event(), threading.Event()
        with ThreadPoolExecutor(len(self.senders) + 3) as pool:
            receivers = [pool.submit(_again, each, quiet) for each in (self.collector.collect, self.desk.look)]
            try:
                killer = pool.submit(self._kill, over)
                sending = [pool.submit(sender.send_until, self._enough()) for sender in self.senders]
                _all(sending)
                over.set()
                kills = killer.result()
                seconds = self._come_to_rest()
            finally:
                over.set()
                quiet.set()
            _all(receivers)
        repeated = sum(way.repeated for way in self.ways)
        print(f"campaign kills={kills} requests_repeated={repeated} at_rest_after={seconds:.1f}s", flush=True)
        self.desk.look()
        return judge([promise for sender in self.senders for promise in sender.promises], self._seen())

    def _enough(self) -> Callable[[], bool]:
        until = time.monotonic() + self.plan.seconds
        return lambda: time.monotonic() > until or sum(len(each.sent) for each in self.senders) >= self.plan.messages

    def _kill(self, over: threading.Event) -> int:
        return self.cluster.kill_and_restart(self.plan.chance("killer"), over) if self.plan.kill else 0

    def _come_to_rest(self) -> float:
        """Until no work is left and the subscriber has answered everything, or for too long: the judge sees why."""
        began, pause = time.monotonic(), threading.Event()
        due = sum("leipzig" in promise.targets for sender in self.senders for promise in sender.promises)
        while time.monotonic() - began < REST_SECONDS:
            if self.cluster.jobs() == 0 and len(self.collector.arrivals) >= due:
                break
            pause.wait(LOOK_EVERY)
        return time.monotonic() - began

    def _seen(self) -> Sight:
        events, unverified = _logs(self.senders)
        listed = _pages(self.cluster, "submissions")
        letters = [str(letter["submission"]) for letter in _pages(self.cluster, "deadletters")]
        return Sight(
            arrivals=[*self.desk.arrivals, *self.collector.arrivals],
            torn=self.desk.torn,
            events=events,
            unverified=unverified,
            states={str(one["id"]): str(one["state"]) for one in listed},
            cases={message: letters.count(message) for message in letters},
            jobs=self.cluster.jobs(),
            unsent=[told for sender in self.senders for told in sender.unsent],
        )


def _again(work: Callable[[], None], over: threading.Event) -> None:
    while not over.wait(LOOK_EVERY):
        work()


def _all(futures: Sequence[Future[None]]) -> None:
    for future in futures:
        future.result()


def _logs(senders: Sequence[Sender]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Submission → names of its events, every signature verified; submission → why that was not possible."""
    events: dict[str, list[str]] = {}
    unverified: dict[str, str] = {}

    def read(sender: Sender) -> None:
        for sent in sender.sent:
            try:
                found = sender.portal.events(sent.case)
            except Exception as error:  # noqa: BLE001  (whatever is wrong with a log, it does not verify)
                unverified[sent.submission] = f"{type(error).__name__} {error}"
            else:
                events[sent.submission] = [event.name for event in found if event.submission == sent.submission]

    with ThreadPoolExecutor(len(senders)) as pool:
        _all([pool.submit(read, sender) for sender in senders])
    return events, unverified


def _pages(cluster: Cluster, noun: str) -> list[dict[str, object]]:
    """Everything an operator's list shows."""
    found: list[dict[str, object]] = []
    while True:
        words = (noun, "list", "--limit", "1000", "--offset", str(len(found)), "--json")
        page = cluster.installation.good(*words)
        found += page[noun]
        if len(found) >= page["total"] or not page[noun]:
            return found


def _prepared(plan: Plan, cluster: Cluster, keys: Keys, closing: ExitStack) -> Campaign:
    place, ways = cluster.installation, []

    def portal(number: int, name: str) -> Portal:
        key = keys.jwk("hamburg-signing") if name == "hamburg" else None
        client = f"{name}-portal"
        made = closing.enter_context(Portal(PUBLIC, client, place.secret(client), key, keys.root))
        ways.append(made_patient(made, cluster.addresses, plan.chance(f"way {number}")))
        return made

    own = (keys.jwk("leipzig-encryption"), keys.jwk("leipzig-signing"))
    software = Subscriber(PUBLIC, "leipzig-software", place.secret("leipzig-software"), LEIPZIG, own)
    ways.append(made_patient(closing.enter_context(software), cluster.addresses, plan.chance("way of the subscriber")))
    senders = [Sender(portal(number, name), plan.chance(f"{number}")) for number, name in enumerate(SENDERS)]
    taken = place.folder / "taken"
    taken.mkdir()
    targets = [place.target(name) for name in ("chemnitz", "archive", "saxony")]
    desk = Fachverfahren(targets, taken, plan.chance("desk"))
    return Campaign(plan, cluster, senders, Collector(software), desk, ways)


def main() -> int:
    plan = Plan.from_environment()
    print(f"campaign {plan} repeat with SEED={plan.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="campaign-"))
    good = False
    try:
        shared = folder / "shared"
        shared.mkdir()
        with cluster_at(folder / "broker", shared, plan.store, plan.nodes) as cluster, ExitStack() as closing:
            cluster.start()
            verdict = _prepared(plan, cluster, Keys(shared), closing).run()
        good = verdict.good
        for told in verdict.told():
            print(told)
        print(verdict.line)
    except Exception:  # noqa: BLE001  (a campaign that breaks off has failed, too)
        traceback.print_exc()
        print("acceptance failed: the campaign broke off", flush=True)
    finally:
        if good:
            shutil.rmtree(folder)
        else:
            print(f"what is left to look at: {folder}", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

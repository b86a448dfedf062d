"""The brokers of a campaign: real processes of one installation, on SQLite or as nodes on one PostgreSQL."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from broker_kit import SERVE, RunningBroker
from installation_kit import Installation, Keys, new_installation
from ports import free_port
from postgres_kit import server

from amtsbote.store.postgresql.takeover import take_over

PUBLIC = "http://amtsbote.example"
"""Where the installation is known to be; the clients know what stands behind it."""
FAST = {"WORK__FIRST_RETRY": "PT0.2S", "WORK__LONGEST_RETRY": "PT2S", "WORK__LEASE": "PT6S"}
"""A dead node's work is taken over after its lease."""
BETWEEN_KILLS = (2.0, 4.0)
DEAD_FOR = (0.5, 3.0)

_NO_WORK = frozenset({'amtsbote_jobs{kind="expire"}', 'amtsbote_jobs{kind="deadline"}'})
"""What was announced and never sent waits for its day to be over; each destination has a row that stays."""


@dataclass(frozen=True)
class Cluster:
    """Brokers that share one installation."""

    nodes: Sequence[RunningBroker]

    @property
    def installation(self) -> Installation:
        """For commands, beside the first node."""
        return self.nodes[0].installation

    @property
    def addresses(self) -> list[tuple[str, int]]:
        return [("127.0.0.1", node.port) for node in self.nodes]

    def start(self, command: Sequence[str] = SERVE) -> None:
        """All at once, after the first."""
        first, *others = self.nodes
        first.start(command)
        for node in others:
            node.launch(command)
        for node in others:
            node.wait_until_ready()

    def jobs(self) -> int:
        """Work that is left."""
        left = self.nodes[0].metrics().items()
        return int(sum(value for name, value in left if name.startswith("amtsbote_jobs{") and name not in _NO_WORK))

    def kill_and_restart(self, chance: Random, over: threading.Event) -> int:
        """A random node again and again until `over`, also while it starts; in the end all serve. The only one is
        started at once. How often that was."""
        kills = 0
        while not over.wait(chance.uniform(*BETWEEN_KILLS)):
            node = chance.choice(self.nodes)
            node.kill()
            kills += 1
            if len(self.nodes) == 1:
                node.start()
            else:
                over.wait(chance.uniform(*DEAD_FOR))
                node.launch()
        for node in self.nodes:
            node.wait_until_ready()
        return kills


@contextmanager
def cluster_at(folder: Path, shared: Path, store: str, nodes: int, **settings: str) -> Iterator[Cluster]:
    """An installation in `folder` and its brokers, not started yet. `settings` as in `new_installation`."""
    common = new_installation(shared, folder, **{"PUBLIC__URL": PUBLIC, **FAST, **settings})
    if store == "postgresql":
        common = _on_postgresql(common)
    cluster = Cluster([_node(common, shared, number, store) for number in range(nodes)])
    try:
        yield cluster
    finally:
        for node in cluster.nodes:
            node.end()


def _on_postgresql(common: Installation) -> Installation:
    """The same installation with its rows on PostgreSQL and its parts in a folder for all nodes."""
    url, data = server().schema_url(common.folder), common.folder / "site" / "data"
    take_over(data / "amtsbote.db", url)
    more = {"AMTSBOTE__STORAGE__DATABASE": url, "AMTSBOTE__STORAGE__PARTS": str(common.folder / "parts")}
    (common.folder / "parts" / "incoming").mkdir(parents=True)
    return replace(common, environment={**common.environment, **more})


def _node(common: Installation, shared: Path, number: int, store: str) -> RunningBroker:
    port, metrics_port = free_port(), free_port()
    own = {"AMTSBOTE__PUBLIC__LISTEN": f"127.0.0.1:{port}", "AMTSBOTE__METRICS__LISTEN": f"127.0.0.1:{metrics_port}"}
    if store == "postgresql":
        place = common.folder / f"node-{number}"
        place.mkdir()
        own |= {"AMTSBOTE__STORAGE__FOLDER": str(place / "data"), "AMTSBOTE__ADMIN__SOCKET": str(place / "admin.sock")}
    installation = replace(common, environment={**common.environment, **own})
    return RunningBroker(installation, Keys(shared), port, metrics_port)

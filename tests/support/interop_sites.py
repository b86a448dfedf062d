"""Where foreign programs meet the broker: one process on SQLite, or two nodes on PostgreSQL behind a load balancer."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from balancer import balanced
from broker_kit import RunningBroker, broker_at
from campaign_nodes import cluster_at
from installation_kit import LEIPZIG, Installation, destination
from managed_destinations import MANAGER
from ports import free_port
from way_back_kit import CHANNELS, let_answer

Site = Callable[[Path, Path, Path], AbstractContextManager[RunningBroker]]
"""Made from a folder of its own, the shared folder, and the authority that receivers of callbacks are certified by."""
_MORE = f"""{MANAGER}
[[tenants]]
id = "goerlitz"
name = "Stadt Görlitz"
land = "14"
[[tenants.clients]]
id = "goerlitz-software"
"""
"""Görlitz has no destination."""


@contextmanager
def one_process(folder: Path, shared: Path, authority: Path) -> Iterator[RunningBroker]:
    with broker_at(folder, shared, started=False, **_settings(authority)) as broker:
        _let_take_part(broker.installation)
        broker.start()
        yield broker


@contextmanager
def two_nodes(folder: Path, shared: Path, authority: Path) -> Iterator[RunningBroker]:
    """The installation as clients see it: one address, and every request may reach another node."""
    port = free_port()
    public = {"PUBLIC__URL": f"http://127.0.0.1:{port}"}
    with cluster_at(folder / "cluster", shared, "postgresql", 2, **_settings(authority), **public) as cluster:
        _let_take_part(cluster.installation)
        cluster.start()
        first = cluster.nodes[0]
        seen = RunningBroker(first.installation, first.keys, port, first.metrics_port)
        with balanced(port, [node.port for node in cluster.nodes]):
            yield seen
        seen.close()


def _settings(authority: Path) -> dict[str, str]:
    """Receivers of callbacks are on this machine."""
    calling = {"ALLOW": '["127.0.0.0/8"]', "EXTRA_CA": str(authority), "PAUSE": "PT0.1S"}
    return {"WORK__COLLECT_INTERVAL": "PT0.2S", **{f"CALLBACKS__{name}": value for name, value in calling.items()}}


def _let_take_part(installation: Installation) -> None:
    """Chemnitz and Leipzig answer over FIT-Connect, Dresden sets up its own destinations."""
    let_answer(installation)
    leipzig = f'authority = "leipzig-gba"\nsubscriber = "leipzig-software"\n{CHANNELS}'
    installation.apply(_MORE + destination(LEIPZIG, "leipzig", "end-to-end", "direct", '"147130000000"', leipzig))


SITES: dict[str, Site] = {"SQLite": one_process, "PostgreSQL with two nodes": two_nodes}

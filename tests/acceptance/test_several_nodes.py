"""Several nodes, roles and workers on one PostgreSQL database, as processes."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
from acceptance_words import NewBroker
from application_kit import Application
from broker_kit import ORDERED, children_of
from campaign_nodes import Cluster, cluster_at
from installation_kit import AMTSBOTE, CHEMNITZ, DRESDEN
from patience import PATIENCE
from portal_kit import Subscriber, waited_for

SHORT = MappingProxyType({"AMTSBOTE__WORK__LEASE": "PT2S", "AMTSBOTE__WORK__THREADS": "2"})
NewCluster = Callable[[int], Cluster]


@pytest.fixture
def new_cluster(shared_folder: Path, tmp_path: Path) -> Iterator[NewCluster]:
    with ExitStack() as clusters:

        def make(nodes: int) -> Cluster:
            """Known under the address of the last."""
            cluster = clusters.enter_context(cluster_at(tmp_path / "cluster", shared_folder, "postgresql", nodes))
            (cluster.installation.folder / "parts" / "incoming").mkdir(exist_ok=True)
            for node in cluster.nodes:
                own = {**SHORT, "AMTSBOTE__PUBLIC__URL": cluster.nodes[-1].base}
                node.installation.environment.update(own)  # type: ignore[attr-defined]  # a plain dictionary
            return cluster

        yield make


def served(*options: str) -> tuple[str, ...]:
    return (*AMTSBOTE, "serve", *options)


def test_what_an_intake_takes_in_a_worker_delivers(new_cluster: NewCluster) -> None:
    worker, intake = new_cluster(2).nodes
    intake.start(served("--role", "intake"))
    sent = intake.portal().send(Application(CHEMNITZ))
    assert intake.metrics()['amtsbote_jobs{kind="process"}'] == 1

    worker.launch(served("--role", "worker"))

    intake.portal().ends_with(sent, "accept-submission")
    assert len(intake.delivered(sent.submission)) == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{worker.base}/healthz", trust_env=False, timeout=PATIENCE)
    assert httpx.get(f"http://127.0.0.1:{worker.metrics_port}/readyz", trust_env=False, timeout=PATIENCE).text == "ok\n"


def test_the_work_of_a_killed_node_is_done_by_another_after_its_lease(new_cluster: NewCluster) -> None:
    victim, other = new_cluster(2).nodes
    victim.start(ORDERED)
    victim.order("arm step:deliver after 1")
    sent = victim.portal().send(Application(CHEMNITZ))
    assert victim.kill_is_done()

    other.start()

    other.portal().ends_with(sent, "accept-submission")
    assert len(other.delivered(sent.submission)) == 1
    assert other.dead_letters() == 0


def test_a_destination_made_at_one_node_is_known_and_changed_at_the_other_at_once(new_cluster: NewCluster) -> None:
    cluster = new_cluster(2)
    cluster.installation.good("tenants", "client-manage-on", "dresden-software")
    cluster.start()
    one, other = (node.subscriber("dresden", DRESDEN) for node in cluster.nodes)
    path = "/destination-api/v2/destinations"

    made = one.http.post(f"{one.base}{path}", headers=_bearer(one), json={"name": "Neu"})
    place = made.json()["destinationId"]
    renamed = other.http.patch(f"{other.base}{path}/{place}", headers=_bearer(other), json={"name": "Anders"})
    listed = one.http.get(f"{one.base}{path}", headers=_bearer(one)).json()

    assert (made.status_code, renamed.status_code) == (201, 200)
    assert {entry["destinationId"]: entry["name"] for entry in listed["destinations"]}[place] == "Anders"


def _bearer(client: Subscriber) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token()}"}


def test_workers_are_restarted_reread_their_settings_and_stop_together(new_cluster: NewCluster) -> None:
    [node] = new_cluster(1).nodes
    node.start(served("--workers", "2"))
    second = f"http://127.0.0.1:{node.metrics_port + 1}/readyz"
    waited_for(lambda: (_answers(second) and node.logs().count("serve.ready") == 2) or None, "both workers")

    victim, survivor = children_of(node.running.pid)
    os.kill(victim, signal.SIGKILL)
    waited_for(lambda: len(children_of(node.running.pid)) == 2 or None, "the worker to be started again")
    waited_for(lambda: (_answers(second) and node.logs().count("serve.ready") == 3) or None, "both to be ready")
    sent = node.portal().accepted(Application(CHEMNITZ))
    node.running.send_signal(signal.SIGHUP)
    waited_for(lambda: node.logs().count("settings.reread") == 2 or None, "both to read again")

    assert len(node.delivered(sent.submission)) == 1
    assert survivor in children_of(node.running.pid)
    assert node.logs().count('"event": "worker.ended"') == 1
    assert "restart_needed" not in node.logs()
    assert node.stop() == 0


def test_a_killed_parent_takes_its_workers_with_it(new_cluster: NewCluster) -> None:
    [node] = new_cluster(1).nodes
    node.start(served("--workers", "2"))

    node.kill()

    node.start()
    assert node.portal().accepted(Application(CHEMNITZ))


@pytest.mark.parametrize("options", [("--workers", "2"), ("--role", "intake")])
def test_one_sqlite_database_is_never_for_several(new_broker: NewBroker, options: tuple[str, ...]) -> None:
    broker = new_broker(started=False)

    refused = broker.installation.command("serve", *options)

    assert refused.returncode == 1
    assert "need PostgreSQL" in refused.stderr


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=PATIENCE).status_code == 200
    except httpx.TransportError:
        return False

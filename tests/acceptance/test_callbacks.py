"""Callbacks of brokers that are processes: killed around a call, and two of them on one database."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from acceptance_words import NewBroker
from application_kit import Application, sample
from broker_kit import RunningBroker
from callback_server import CallbackServer, callback_server
from campaign_nodes import Cluster, cluster_at
from installation_kit import LEIPZIG
from patience import PATIENCE
from portal_kit import Sent, waited_for
from tls_for_tests import Authority

TO_LEIPZIG = Application(LEIPZIG, sample("ungueltig-datum"), region="147130000000")
QUICK = {"CALLBACKS__FIRST_RETRY": "PT0.5S", "CALLBACKS__LONGEST_RETRY": "PT1S"}
TwoNodes = Callable[..., Cluster]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[CallbackServer]:
    with callback_server(Authority.made(tmp_path)) as server:
        yield server


@pytest.fixture
def broker(new_broker: NewBroker, receiver: CallbackServer) -> RunningBroker:
    return new_broker(**receiver.settings, **QUICK)


def accepted(broker: RunningBroker, receiver: CallbackServer) -> Sent:
    """A submission whose sender wants to be told, accepted by its subscriber."""
    sent = broker.portal().send(TO_LEIPZIG, **receiver.named)
    subscriber = broker.subscriber()
    assert subscriber.write(sent.case, subscriber.acceptance(sent)).status_code == 204
    return sent


def told(receiver: CallbackServer, sent: Sent) -> None:
    waited_for(lambda: sent.submission in receiver.told or None, "the portal to be told")


def test_the_portal_is_told_and_the_operator_sees_that_all_is_well(
    broker: RunningBroker, receiver: CallbackServer
) -> None:
    sent = accepted(broker, receiver)
    told(receiver, sent)

    assert all(call.is_authentic() for call in receiver.calls)
    assert receiver.calls[0].headers["callback-service"] == f"{broker.base}/submission-api"
    waited_for(
        lambda: broker.metrics().get('amtsbote_callbacks_total{outcome="told"}', 0) >= 1 or None,
        "the call to be counted",
    )
    assert broker.metrics()["amtsbote_callback_notices"] == 0
    shown = broker.installation.command("callbacks", "list", "--all", "--json")
    [one] = json.loads(shown.stdout)["callbacks"]
    assert (one["state"], one["client"], one["waiting"]) == ("working", "hamburg-portal", 0)
    assert "secret" not in shown.stdout
    assert broker.installation.command("callbacks", "list").returncode == 0


def test_killed_between_the_event_and_the_call_it_tells_after_the_start(
    broker: RunningBroker, receiver: CallbackServer
) -> None:
    receiver.stop()
    sent = accepted(broker, receiver)
    broker.kill()
    assert receiver.calls == []

    receiver.start()
    broker.start()

    told(receiver, sent)


def test_killed_while_a_receiver_has_not_answered_it_tells_again_and_only_then_writes_that_down(
    broker: RunningBroker, receiver: CallbackServer
) -> None:
    receiver.answers.clear()
    sent = accepted(broker, receiver)
    assert receiver.heard.wait(PATIENCE)
    broker.kill()
    receiver.answers.set()
    before = len(receiver.calls)

    broker.start()

    waited_for(lambda: len(receiver.calls) > before or None, "the portal to be told again")
    assert receiver.calls[-1].told == receiver.calls[0].told == [sent.submission]
    waited_for(lambda: broker.metrics()["amtsbote_callback_notices"] == 0 or None, "the outbox to be empty")


def test_what_a_receiver_missed_while_it_was_away_comes_in_one_call(
    broker: RunningBroker, receiver: CallbackServer
) -> None:
    receiver.stop()
    sent = [accepted(broker, receiver) for _ in range(3)]
    waited_for(lambda: broker.metrics().get('amtsbote_callbacks_total{outcome="failed"}') or None, "a call to fail")
    [one] = json.loads(broker.installation.command("callbacks", "list", "--json").stdout)["callbacks"]
    assert (one["state"], one["failure"]) == ("failing", "connect")

    receiver.start()
    shown = broker.installation.command("callbacks", "retry", one["id"], "--json")

    assert json.loads(shown.stdout)["callback"]["failure"] is None
    for each in sent:
        told(receiver, each)
    assert len(receiver.calls) == 1
    [row, *_] = json.loads(broker.installation.command("audit", "list", "--json").stdout)["audit"]
    assert (row["action"], row["subject"]) == ("callback.retried", f"receiver:{one['id']}")


@pytest.fixture
def two_nodes(shared_folder: Path, tmp_path: Path, receiver: CallbackServer) -> Iterator[TwoNodes]:
    """`two_nodes(WORK__LEASE="PT2S")`: a cluster that serves."""
    with ExitStack() as clusters:

        def make(**settings: str) -> Cluster:
            cluster = clusters.enter_context(cluster_at(tmp_path / "cluster", shared_folder, "postgresql", 2))
            (cluster.installation.folder / "parts" / "incoming").mkdir(exist_ok=True)
            own = {f"AMTSBOTE__{name}": value for name, value in {**receiver.settings, **QUICK, **settings}.items()}
            for node in cluster.nodes:
                node.installation.environment.update(own | {"AMTSBOTE__PUBLIC__URL": cluster.nodes[-1].base})  # type: ignore[attr-defined]  # a plain dictionary
            cluster.start()
            return cluster

        yield make


def test_two_nodes_call_a_receiver_one_after_the_other_and_miss_nothing(
    two_nodes: TwoNodes, receiver: CallbackServer
) -> None:
    nodes = two_nodes().nodes
    sent: list[Sent] = []

    def at(node: RunningBroker) -> None:
        sent.extend(accepted(node, receiver) for _ in range(4))

    sides = [threading.Thread(target=at, args=[node]) for node in nodes]
    for side in sides:
        side.start()
    for side in sides:
        side.join()

    for each in sent:
        told(receiver, each)
    assert len(sent) == 8
    assert receiver.at_once == 1
    named = [name for call in receiver.calls for name in call.told]
    assert sorted(named) == sorted(each.submission for each in sent)


def test_a_node_that_dies_in_a_call_leaves_it_to_the_other(two_nodes: TwoNodes, receiver: CallbackServer) -> None:
    victim, other = two_nodes(WORK__LEASE="PT2S").nodes
    receiver.answers.clear()
    sent = accepted(other, receiver)
    assert receiver.heard.wait(PATIENCE)
    other_port = other.port
    victim.kill()
    receiver.answers.set()

    told(receiver, sent)
    waited_for(lambda: other.metrics()["amtsbote_callback_notices"] == 0 or None, "the outbox to be empty")
    assert httpx.get(f"http://127.0.0.1:{other_port}/healthz", trust_env=False, timeout=PATIENCE).status_code == 200

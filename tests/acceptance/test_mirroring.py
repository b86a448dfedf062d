"""Two installations: one publishes its routing tables, the other mirrors it, over HTTP and from files."""

import json
import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from acceptance_words import NewBroker
from application_kit import TREE_FELLING
from broker_kit import RunningBroker, broker_at
from installation_kit import CHEMNITZ, SAXONY

from amtsbote.admin.refusals import RefusedThere
from amtsbote.admin.socket import ask

ARS = "145110000000"


@pytest.fixture
def land(new_broker: NewBroker) -> RunningBroker:
    return new_broker(PUBLIC__ROUTING_SNAPSHOT="true")


@pytest.fixture
def town(land: RunningBroker, shared_folder: Path, tmp_path: Path) -> Iterator[RunningBroker]:
    """Another installation, declared to be a mirror of that one."""
    keys = tmp_path / "land.jwks.json"
    keys.write_bytes(httpx.get(f"{land.base}/routing-api/.well-known/jwks.json", trust_env=False).content)
    issuer = f"{land.base}/routing-api"
    with broker_at(tmp_path / "town", shared_folder, MIRROR__ISSUER=issuer, MIRROR__KEYS=str(keys)) as broker:
        yield broker


def moves_chemnitz_to(land: RunningBroker, authority: str) -> None:
    file = land.installation.folder / "zustaendigkeiten.csv"
    rows = [row for row in file.read_text("utf-8").splitlines() if ARS not in row]
    file.write_text("\n".join([*rows, f"gba;{ARS};{authority};;;;", ""]), "utf-8")
    land.installation.apply('[routes]\nzustaendigkeiten = "zustaendigkeiten.csv"\n')


def where(broker: RunningBroker) -> list[Any]:
    return [route["destinationId"] for route in broker.portal().route(TREE_FELLING, ars=ARS)]


def test_a_mirror_follows_the_other_node(land: RunningBroker, town: RunningBroker) -> None:
    here = town.installation
    refused = here.command("routes", "mirror")
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    assert here.good("routes", "mirror", "--replace", "--json")["replaced"].keys() == {"1"}

    moves_chemnitz_to(land, "saxony-gba")
    assert where(town) == [CHEMNITZ]
    assert here.good("routes", "mirror", "--json")["version"] == 2
    assert where(town) == where(land) == [SAXONY]


def test_what_was_recorded_or_changed_on_the_way_does_not_lead_a_mirror_back(
    land: RunningBroker, town: RunningBroker
) -> None:
    old = httpx.get(f"{land.base}/routing-api/v2/snapshot", trust_env=False).content
    moves_chemnitz_to(land, "saxony-gba")
    new = httpx.get(f"{land.base}/routing-api/v2/snapshot", trust_env=False).content

    def state(content: bytes, **wish: bool) -> str:
        asked = {"content": b64encode(content).decode(), "replace": True, **wish}
        try:
            return str(ask(admin(town), "routes.mirror", asked)["state"])
        except RefusedThere as refused:
            return str(refused.refusal["code"])

    assert [state(new), state(new), state(old)] == ["in-force", "known", "snapshot"]
    assert state(new.replace(b"saxony-gba", b"leipzig-gb"), older=True) == "snapshot"
    assert where(town) == [SAXONY]
    assert state(old, older=True) == "in-force"
    assert where(town) == [CHEMNITZ]


def admin(broker: RunningBroker) -> Path:
    return broker.installation.config.parent / "admin.sock"


def test_a_mirroring_that_is_cut_off_halfway_changes_nothing(land: RunningBroker, town: RunningBroker) -> None:
    content = httpx.get(f"{land.base}/routing-api/v2/snapshot", trust_env=False).content
    wish = {"content": b64encode(content).decode(), "replace": True}
    request = json.dumps({"command": "routes.mirror", "arguments": wish}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as half:
        half.connect(str(admin(town)))
        half.sendall(request[: len(request) // 2])

    before = ask(admin(town), "routes.versions", {})
    town.restart()
    assert ask(admin(town), "routes.versions", {}) == before
    assert ask(admin(town), "routes.mirror", wish)["state"] == "in-force"

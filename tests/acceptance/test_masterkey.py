"""The master key is changed under a broker at work that is killed in between: nothing is lost, everything opens."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from application_kit import Application, Enclosure
from broker_kit import ORDERED, RunningBroker, broker_at
from installation_kit import CHEMNITZ

PHOTO = Enclosure(b"\xff\xd8\xff" + bytes(range(256)) * 500, "photo.jpg", "image/jpeg")


@pytest.fixture
def broker(shared_folder: Path, tmp_path: Path) -> Iterator[RunningBroker]:
    with broker_at(tmp_path, shared_folder, started=False) as prepared:
        prepared.start(ORDERED)
        yield prepared


def test_the_master_key_is_changed_at_work_over_kills_and_restarts(broker: RunningBroker, tmp_path: Path) -> None:
    site, portal = broker.installation, broker.portal()
    application, new = Application(CHEMNITZ, enclosures=(PHOTO,)), tmp_path / "next.key"
    present = site.config.parent / "master.key"
    broker.takes_a_good_one(portal, application)

    begun = site.good("keys", "rotate-master", "--new-file", str(new), "--json")
    assert begun["rewrapped"] > 0
    assert new.stat().st_mode & 0o777 == 0o600
    broker.takes_a_good_one(portal, application)
    broker.kill()
    broker.start(ORDERED)  # with the former file
    broker.takes_a_good_one(portal, application)
    assert site.command("keys", "finish-master").returncode == 1

    again = site.good("keys", "rotate-master", "--new-file", str(new), "--json")
    assert (again["rewrapped"], again["damaged"]) == (0, 0)
    broker.kill()
    former = shutil.copy(present, tmp_path / "former.key")
    new.replace(present)
    broker.start(ORDERED)
    broker.order("clock 120")
    assert site.good("keys", "finish-master", "--json")["damaged"] == 0
    broker.order("clock 0")
    broker.takes_a_good_one(portal, application)
    assert site.good("store", "check", "--json")["damaged"] == []
    assert site.good("keys", "list", "--json")["master_key"]["former"] is None

    broker.kill()
    shutil.copy(former, present)
    refused = site.command("keys", "list")
    assert refused.returncode == 1
    assert begun["id"] in refused.stderr
    assert begun["former"] in refused.stderr

"""A subscriber sets up its own destination over the Destination API, receives through it, and changes its key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance_words import refused
from application_kit import Application
from broker_kit import RunningBroker, broker_at
from installation_kit import DRESDEN, LEIPZIG, dresden
from managed_destinations import MANAGER, REGION, jwk, managed, opened
from portal_kit import Portal, Subscriber


@pytest.fixture(scope="module")
def broker(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """Of its own: what is created here would show in the lists of others."""
    with broker_at(tmp_path_factory.mktemp("managed"), shared_folder) as running:
        running.installation.apply(MANAGER)
        yield running


@pytest.fixture
def manager(broker: RunningBroker) -> Subscriber:
    return broker.subscriber("dresden", DRESDEN)


@pytest.fixture
def portal(broker: RunningBroker) -> Portal:
    return broker.portal()


def receiver(broker: RunningBroker, place: str, key: str = "managed-encryption") -> Subscriber:
    found = broker.subscriber("dresden", place)
    found.decryption_key, found.signing_key = broker.keys.jwk(key), broker.keys.jwk("managed-signing")
    return found


def test_a_submission_goes_to_a_destination_that_did_not_exist_a_moment_ago(
    broker: RunningBroker, manager: Subscriber, portal: Portal
) -> None:
    place = opened(broker, manager, "managed")
    application = Application(place, region=REGION)

    sent = portal.send(application)

    subscriber = receiver(broker, place)
    fetched = subscriber.fetch(sent.submission)
    assert subscriber.decrypt(fetched["encryptedData"]) == application.data
    assert subscriber.write(sent.case, subscriber.acceptance(sent)).status_code == 204
    assert portal.ends_with(sent, "accept-submission").issuer == place


def test_one_key_follows_the_other_and_what_came_before_is_still_opened(
    broker: RunningBroker, manager: Subscriber, portal: Portal
) -> None:
    place = opened_again(broker, manager)
    application = Application(place, region=REGION)
    before, half = portal.send(application), portal.begin(application)
    second = jwk(broker, "managed-second")
    managed(manager, "POST", f"/{place}/keys", json=second)

    managed(manager, "PATCH", f"/{place}", json={"encryptionKid": second["kid"]})

    keys = managed(manager, "GET", f"/{place}/keys")["keys"]
    assert keys[0]["kid"] == second["kid"]
    assert portal.submit(half.submission, half.sealed).status_code == 200, "announced under the former key"
    after = broker.portal().send(application)
    for sent, key in ((before, "managed-encryption"), (half, "managed-encryption"), (after, "managed-second")):
        subscriber = receiver(broker, place, key)
        assert subscriber.decrypt(subscriber.fetch(sent.submission)["encryptedData"]) == application.data
        assert subscriber.write(sent.case, subscriber.acceptance(sent)).status_code == 204
        portal.ends_with(sent, "accept-submission")


def opened_again(broker: RunningBroker, manager: Subscriber) -> str:
    """Keys are given once: the destination of the test before, if it is there."""
    listed = managed(manager, "GET", "")["destinations"]
    known = [one["destinationId"] for one in listed if one["destinationId"] != DRESDEN and one["status"] == "active"]
    return known[0] if known else opened(broker, manager, "managed")


def test_what_a_subscriber_changed_an_operator_sees_and_does_not_undo(
    broker: RunningBroker, manager: Subscriber
) -> None:
    managed(manager, "PATCH", f"/{DRESDEN}", json={"name": "Stadt Dresden, Stadtgrün"})

    (broker.installation.folder / "again.toml").write_text(dresden())
    applied = broker.installation.good("apply", "again.toml", "--yes", "--json")
    shown = broker.installation.good("destinations", "show", DRESDEN, "--json")
    rows = broker.installation.good("audit", "list", "--subject", DRESDEN, "--json")["audit"]

    assert (applied["changes"], applied["kept"]) == ([], [{"id": DRESDEN, "fields": ["name"]}])
    assert shown["destination"]["name"] == "Stadt Dresden, Stadtgrün"
    assert (rows[0]["actor"], rows[0]["action"]) == ("client:dresden-software", "destination.changed")
    plainly = broker.installation.good("apply", "again.toml", "--dry-run")
    assert "is managed by its subscriber" in plainly


def test_others_may_not(broker: RunningBroker, portal: Portal) -> None:
    leipzig = broker.subscriber()
    for who, path in ((leipzig, LEIPZIG), (portal, DRESDEN)):
        answer = who.http.patch(
            f"{who.base}/destination-api/v2/destinations/{path}",
            headers={"Authorization": f"Bearer {who.token()}"},
            json={"status": "inactive"},
        )
        refused(answer, 403, "forbidden")
    assert json.loads(leipzig.call("GET", "/v1/destinations").text)["totalCount"] == 1

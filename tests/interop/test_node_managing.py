"""A v2 subscriber on npm's `jose` sets up a destination itself, and senders encrypt to the key that is current."""

from collections.abc import Callable

import pytest
from broker_kit import RunningBroker
from foreign_programs import Person, Refused
from installation_kit import DRESDEN, LEIPZIG
from managed_destinations import DESCRIBED, jwk
from node_people import ended, private_half, sends

CLIENT = "npm jose 6.2.18 on Node, v2"


@pytest.fixture
def dresden(broker: RunningBroker, node_client: Callable[..., Person]) -> Person:
    return node_client("dresden-software", manages=True)


def test_it_sets_up_a_destination_and_changes_its_key_and_senders_follow(
    broker: RunningBroker, node_client: Callable[..., Person], dresden: Person, hamburg: Person
) -> None:
    place = dresden("create", **DESCRIBED)["destinationId"]
    dresden("register", destinationId=place, key=jwk(broker, "node-encryption"))
    dresden("register", destinationId=place, key=jwk(broker, "node-signing", "PS512"))
    with pytest.raises(Refused, match=r"^the destination is created$"):
        sends(hamburg, place)
    assert dresden("change", destinationId=place, status="active")["status"] == "active"
    assert {place, DRESDEN} <= {one["destinationId"] for one in dresden("list")}
    first = sends(hamburg, place)

    follower = jwk(broker, "node-second")
    dresden("register", destinationId=place, key=follower)
    dresden("change", destinationId=place, encryptionKid=follower["kid"])

    second = sends(hamburg, place)
    assert dresden("keys", destinationId=place)[0] == follower
    for sent, name in ((first, "node-encryption"), (second, "node-second")):
        key = private_half(broker, name, "RSA-OAEP-256", "unwrapKey")
        signing_key = private_half(broker, "node-signing", "PS512", "sign")
        software = node_client("dresden-software", destinationId=place, decryptionKey=key, signingKey=signing_key)
        found = software("fetch", submissionId=sent["submissionId"])
        software("accept", submissionId=sent["submissionId"], caseId=sent["caseId"], tags=found["tags"])
        assert ended(hamburg, sent)["issuer"] == place


def test_it_understands_why_it_may_not_manage(dresden: Person) -> None:
    with pytest.raises(Refused, match=r"^404 destination-not-found: "):
        dresden("change", destinationId=LEIPZIG, status="inactive")
    with pytest.raises(Refused, match=r"^409 "):
        dresden("close", destinationId=DRESDEN)

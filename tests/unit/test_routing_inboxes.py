"""Destinations asked for a whole country are those that would be asked for one by one."""

import json
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from amtsbote.model.directory import (
    Authority,
    Destination,
    Directory,
    Holding,
    OfferedService,
    Reach,
    Status,
)
from amtsbote.model.ids import AuthorityId, DestinationId, KeyId, TenantId
from amtsbote.model.routing import Area, within
from amtsbote.model.stage import Stage
from routing.destinations import destination_for
from routing.inboxes import Inboxes, Offers

SERVICES = ("99000000000001", "99000000000002", "99000000000003")
PLACES = ("", "14", "145", "14511", "145110000", "145110000000", "145225102060", "020000000000")
WRITTEN = st.sampled_from([*PLACES, "140000000000", "145000000000", "145110000001", "14522"])
TENANTS = tuple(map(TenantId, ("a", "b")))
AUTHORITIES = {
    name: Authority(name, TenantId(name[0]), name, ()) for name in map(AuthorityId, ("a-1", "a-2", "b-1", "b-2"))
}
OFFERS = st.lists(
    st.builds(
        OfferedService,
        st.sampled_from(SERVICES),
        st.just("Leistung"),
        st.lists(WRITTEN, max_size=3).map(tuple),
        st.just(()),
    ),
    max_size=3,
)
DESTINATIONS = st.lists(
    st.builds(
        Destination,
        id=st.just(DestinationId("d")),
        tenant=st.just(TenantId("a")),
        name=st.just("Zustellpunkt"),
        holding=st.sampled_from(Holding),
        reach=st.sampled_from(Reach),
        stage=st.sampled_from([Stage.LIVE, Stage.LIVE, Stage.TEST, Stage.OFF]),
        services=OFFERS.map(tuple),
        encryption_key=st.just(KeyId("k")),
        signing_key=st.just(KeyId("k")),
        authority=st.sampled_from([*AUTHORITIES, None]),
        serves=st.lists(st.sampled_from(TENANTS), max_size=3).map(tuple),
        status=st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.INACTIVE, Status.CREATED]),
    ),
    max_size=6,
)


def directory(destinations: Sequence[Destination]) -> Directory:
    named = {
        name: replace(one, id=name) for number, one in enumerate(destinations) if (name := DestinationId(str(number)))
    }
    return Directory(1, {}, {}, {}, named, AUTHORITIES, {}, {})


@given(DESTINATIONS)
def test_each_pair_is_judged_as_it_would_be_alone(destinations: list[Destination]) -> None:
    given_directory = directory(destinations)
    told = Inboxes.of(given_directory.destinations.values(), given_directory.authorities.values())
    read = Inboxes.read(json.loads(json.dumps(told.document())))
    authorities = [*AUTHORITIES, AuthorityId("stranger")]

    found = {
        (service, authority, place): offered.reaches(authority, place)
        for services, offered in Offers(read).alike(SERVICES)
        for service in services
        for authority in authorities
        for place in PLACES
    }

    assert found == {
        (service, authority, place): destination_for(authority, service, place, given_directory) is not None
        for service in SERVICES
        for authority in authorities
        for place in PLACES
    }


@given(st.lists(WRITTEN, max_size=4), st.sampled_from(PLACES))
def test_an_area_covers_what_lies_within_one_of_its_regions(regions: list[str], place: str) -> None:
    assert Area.of(regions).covers(place) is any(within(place, region) for region in regions)


def test_services_that_the_same_inboxes_offer_alike_are_asked_together() -> None:
    here, everywhere = (OfferedService(service, "Leistung", ("14",), ()) for service in SERVICES[:2]), ("",)
    keys = (KeyId("k"), KeyId("k"))
    one = Destination(
        DestinationId("d"),
        TENANTS[0],
        "x",
        Holding.BROKER,
        Reach.COLLECTING,
        Stage.LIVE,
        tuple(here),
        *keys,
        serves=TENANTS,
    )
    other = replace(one, services=(OfferedService(SERVICES[2], "Leistung", everywhere, ()),))
    told = Inboxes.of([one, other], AUTHORITIES.values())

    assert [services for services, _ in Offers(told).alike(SERVICES)] == [SERVICES[:2], SERVICES[2:]]

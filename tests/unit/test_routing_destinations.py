"""Which inbox stands for an authority, and which directories leave no choice to chance."""

from dataclasses import replace

import pytest

from amtsbote.model.directory import (
    Authority,
    Destination,
    Directory,
    Holding,
    OfferedService,
    Reach,
    Status,
    Tenant,
)
from amtsbote.model.ids import AuthorityId, DestinationId, KeyId, TenantId
from amtsbote.model.stage import Stage
from routing.destinations import MAX_AMBIGUITIES, ambiguities, destination_for

TREE, TRADE = "99093003001002", "99050012104000"
PLACE = "145110000000"
CHEMNITZ, BURGSTAEDT = TenantId("chemnitz"), TenantId("burgstaedt")
GREEN, ORDER = AuthorityId("chemnitz-gruenflaechenamt"), AuthorityId("burgstaedt-ordnungsamt")


def destination(name: str, reach: Reach, *services: str) -> Destination:
    return Destination(
        id=DestinationId(f"id-{name}"),
        tenant=TenantId("land"),
        name=name,
        holding=Holding.BROKER,
        reach=reach,
        stage=Stage.LIVE,
        services=tuple(OfferedService(service, "Leistung", ("14",), ()) for service in services),
        encryption_key=KeyId("k"),
        signing_key=KeyId("s"),
    )


def direct(name: str, authority: AuthorityId, *services: str) -> Destination:
    return replace(destination(name, Reach.DIRECT, *services), authority=authority)


def collecting(name: str, serves: tuple[TenantId, ...], *services: str) -> Destination:
    return replace(destination(name, Reach.COLLECTING, *services), serves=serves)


def inactive(one: Destination) -> Destination:
    return replace(one, stage=Stage.OFF)


def directory(*destinations: Destination) -> Directory:
    return Directory(
        revision=1,
        tenants={tenant: Tenant(tenant, tenant, "14") for tenant in (CHEMNITZ, BURGSTAEDT)},
        portals={},
        clients={},
        destinations={one.id: one for one in destinations},
        authorities={
            GREEN: Authority(GREEN, CHEMNITZ, "Grünflächenamt", ()),
            ORDER: Authority(ORDER, BURGSTAEDT, "Ordnungsamt", ()),
        },
        targets={},
        keys={},
    )


OWN = direct("own", GREEN, TREE)
COMMON = collecting("common", (CHEMNITZ, BURGSTAEDT), TREE)


@pytest.mark.parametrize(
    ("destinations", "authority", "expected"),
    [
        ((OWN, COMMON), GREEN, OWN),
        ((COMMON, OWN), GREEN, OWN),
        ((COMMON, OWN), ORDER, COMMON),
        ((inactive(OWN), COMMON), GREEN, COMMON),
        ((replace(OWN, status=Status.INACTIVE), COMMON), GREEN, COMMON),
        ((replace(OWN, status=Status.CREATED),), GREEN, None),
        ((direct("own", GREEN, TRADE), COMMON), GREEN, COMMON),
        ((direct("other", ORDER, TREE),), GREEN, None),
        ((inactive(COMMON),), GREEN, None),
        ((collecting("not-ours", (BURGSTAEDT,), TREE),), GREEN, None),
        ((collecting("other-service", (CHEMNITZ,), TRADE),), GREEN, None),
        ((OWN, COMMON), AuthorityId("unknown"), None),
        ((), GREEN, None),
    ],
)
def test_the_direct_destination_comes_before_the_collecting_one_that_names_the_tenant(
    destinations: tuple[Destination, ...], authority: AuthorityId, expected: Destination | None
) -> None:
    assert destination_for(authority, TREE, PLACE, directory(*destinations)) == expected


def test_a_collecting_destination_of_the_own_tenant_reaches_it_only_when_it_names_it() -> None:
    nameless = replace(collecting("own", (), TREE), tenant=CHEMNITZ)

    assert destination_for(GREEN, TREE, PLACE, directory(nameless)) is None


def at(one: Destination, *regions: str) -> Destination:
    return replace(one, services=tuple(replace(offered, regions=regions) for offered in one.services))


@pytest.mark.parametrize(
    ("regions", "asked", "found"),
    [
        (("14",), PLACE, True),
        (("02", "145110000000"), PLACE, True),
        (("145110000000",), "14511", True),
        (("140000000000",), PLACE, True),
        (("",), PLACE, True),
        ((), PLACE, True),
        (("14522",), PLACE, False),
        (("145110000000",), "14", False),
        (("02", "145120000000"), PLACE, False),
    ],
)
def test_a_destination_is_named_only_where_it_offers_the_service(
    regions: tuple[str, ...], asked: str, found: bool
) -> None:
    entries = directory(at(OWN, *regions))

    assert (destination_for(GREEN, TREE, asked, entries) is not None) is found


def test_where_the_direct_destination_does_not_offer_it_the_collecting_one_is_named() -> None:
    assert destination_for(GREEN, TREE, PLACE, directory(at(OWN, "14522"), COMMON)) == COMMON


def test_two_that_share_the_service_but_no_region_are_told_apart_by_the_region() -> None:
    here, there = at(OWN, "14511", "02"), at(direct("second", GREEN, TREE), "14522")
    entries = directory(here, there)

    assert ambiguities(entries) == ()
    assert destination_for(GREEN, TREE, PLACE, entries) == here
    assert destination_for(GREEN, TREE, "145225102060", entries) == there


@pytest.mark.parametrize("regions", [("14511", "02"), ("145110000000",), ("",), (), ("140000000000",)])
def test_of_three_those_with_a_region_in_common_are_reported(regions: tuple[str, ...]) -> None:
    elsewhere = at(direct("elsewhere", GREEN, TREE), "09")
    pair = at(OWN, "14511"), at(direct("second", GREEN, TREE), *regions)

    for entries in (directory(*pair), directory(*reversed(pair))):
        [ambiguity] = ambiguities(entries)
        assert ambiguity.names == ("own (id-own)", "second (id-second)")
        assert destination_for(GREEN, TREE, PLACE, entries) is None
    [ambiguity] = ambiguities(directory(*pair, elsewhere))
    assert ("elsewhere (id-elsewhere)" in ambiguity.names) is (regions in {("",), ()})


@pytest.mark.parametrize(
    "pair", [(OWN, direct("second", GREEN, TREE)), (COMMON, collecting("second", (CHEMNITZ,), TREE))]
)
def test_two_of_the_same_reach_are_never_chosen_between_and_are_reported_by_name(
    pair: tuple[Destination, Destination],
) -> None:
    entries = directory(*pair)

    assert destination_for(GREEN, TREE, PLACE, entries) is None
    [ambiguity] = ambiguities(entries)
    assert (ambiguity.authority, ambiguity.service, ambiguity.reach) == (GREEN, TREE, pair[0].reach)
    for sentence in (ambiguity.text("de"), ambiguity.text("en")):
        assert all(f"{one.name} ({one.id})" in sentence for one in pair)
        assert GREEN in sentence
        assert TREE in sentence
    assert ambiguity.text("de") != ambiguity.text("en")


def test_an_ambiguous_direct_destination_is_not_replaced_by_a_collecting_one() -> None:
    assert destination_for(GREEN, TREE, PLACE, directory(OWN, direct("second", GREEN, TREE), COMMON)) is None


@pytest.mark.parametrize(
    "destinations",
    [
        (),
        (OWN, COMMON),
        (OWN, inactive(direct("second", GREEN, TREE))),
        (OWN, direct("second", GREEN, TRADE), direct("third", ORDER, TREE)),
        (collecting("a", (CHEMNITZ,), TREE), collecting("b", (BURGSTAEDT,), TREE), collecting("c", (CHEMNITZ,), TRADE)),
        (direct("twice", GREEN, TREE, TREE), collecting("twice-too", (CHEMNITZ, CHEMNITZ), TREE)),
        (collecting("a", (TenantId("empty"),), TREE), collecting("b", (TenantId("empty"),), TREE)),
    ],
)
def test_a_sound_directory_has_no_ambiguity(destinations: tuple[Destination, ...]) -> None:
    assert ambiguities(directory(*destinations)) == ()


def test_every_authority_of_every_shared_tenant_is_named_for_each_shared_service() -> None:
    both = (CHEMNITZ, BURGSTAEDT)
    entries = directory(collecting("a", both, TREE, TRADE), collecting("b", both, TRADE, TREE))

    found = {(one.authority, one.service) for one in ambiguities(entries)}

    assert found == {(authority, service) for authority in (GREEN, ORDER) for service in (TREE, TRADE)}


def test_destinations_of_the_same_name_are_told_apart() -> None:
    namesake = replace(OWN, id=DestinationId("id-namesake"))

    [ambiguity] = ambiguities(directory(OWN, namesake))

    assert ambiguity.names == ("own (id-namesake)", "own (id-own)")


def test_one_mistake_with_many_services_is_reported_up_to_a_limit() -> None:
    services = [f"99{number:012}" for number in range(MAX_AMBIGUITIES * 2)]

    assert len(ambiguities(directory(direct("a", GREEN, *services), direct("b", GREEN, *services)))) == MAX_AMBIGUITIES


def test_no_ambiguity_means_that_the_choice_is_always_the_only_candidate() -> None:
    entries = directory(OWN, COMMON, direct("trade", GREEN, TRADE))

    assert ambiguities(entries) == ()
    assert destination_for(GREEN, TRADE, PLACE, entries) == direct("trade", GREEN, TRADE)
    assert destination_for(ORDER, TRADE, PLACE, entries) is None

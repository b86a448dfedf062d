"""Further recipients through the whole middle of the broker: each gets it for the authority it is, and nobody is left
out silently."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from application_kit import CHEMNITZ, TREE_FELLING, Application
from directory_for_tests import TABLES
from house_for_tests import COLLECTING, DIRECT, House, with_entries

from adapters.memory import MemoryAdapter, MemoryTarget
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.directory import Authority, Target
from amtsbote.model.ids import AuthorityId, TargetId, TenantId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Message, State
from amtsbote.model.routing import DefaultRule, RoutingDocument
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.process import process_job
from routing.resolver import Resolver
from schemas.registry import SchemaRegistry

CHEMNITZ_TENANT, SAXONY = TenantId("chemnitz"), TenantId("saxony")
DEFAULTS = (DefaultRule("baum-1.0", TREE_FELLING, "unb", kind="weitere", condition="monat=3..9"),)
MAY, NOVEMBER = datetime(2026, 5, 4, 12, tzinfo=UTC), datetime(2026, 11, 4, 12, tzinfo=UTC)


def with_conservation(house: House, tenant: TenantId, *rules: str) -> None:
    """An authority for `unb` of a tenant, with a target of its own, and these rules beside the usual ones."""
    umwelt = Authority(AuthorityId("umwelt"), tenant, "Umweltamt", (TargetId("umwelt"),))
    target = Target(TargetId("umwelt"), tenant, "test", {})
    house.directory = with_entries(house.directory, authorities=[umwelt], targets=[target])
    house.routes = routes(*rules)


def routes(*rules: str, without: str = "unb", version: int = 2) -> Resolver:
    kept = [row for row in TABLES["zustaendigkeiten"] if not row.startswith(without)]
    roles = tuple(row for row in TABLES["rollen"] if ";unb;" not in row)
    tables = {**TABLES, "rollen": roles, "zustaendigkeiten": (*kept, *rules)}
    encoded = {name: "\n".join(rows).encode() for name, rows in tables.items()}
    return Resolver.load(RoutingDocument(version, encoded), DEFAULTS)


async def processed(house: House, schemas: SchemaRegistry, where: str = DIRECT, at: datetime = MAY) -> Message:
    house.schemas = schemas
    house.clock.now = at
    message = await house.submitted(Application(where))
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    return message


async def letter_of(house: House, message: Message) -> DeadLetter:
    [letter] = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    return letter


async def test_in_may_the_conservation_authority_gets_a_tree_of_chemnitz_too(
    house: House, bundled_schemas: SchemaRegistry
) -> None:
    with_conservation(house, CHEMNITZ_TENANT, f"unb;{CHEMNITZ};umwelt;;;;")
    town = MemoryTarget()
    house.adapters["test"] = MemoryAdapter(town)

    message = await processed(house, bundled_schemas)
    for _ in range(3):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.ACCEPTED
    kept = {one.order.target: (one.order.authority, one.order.region) for one in town.messages.values()}
    assert kept == {"main": ("gba", CHEMNITZ), "copy": ("gba", CHEMNITZ), "umwelt": ("umwelt", CHEMNITZ)}
    deliveries = await house.store.read(lambda tx: tx.deliveries.of(message.id))
    assert {one.target: one.primary for one in deliveries} == {"main": True, "copy": False, "umwelt": False}
    trace = await house.store.read(lambda tx: tx.traces.of(message.id))
    [address] = [step.details for step in trace if step.step == "address"]
    assert (await facts_of(house))["service"] == TREE_FELLING
    assert (address["authority"], address["also"], address["table version"]) == ("gba", "umwelt", "2")
    assert f"unb: packages:0 {TREE_FELLING} [monat=3..9] → unb (paket:baum-1.0)" in address["rules"]


async def facts_of(house: House) -> Mapping[str, str]:
    """What is kept of the only submission."""
    [past] = await house.store.read(lambda tx: tx.messages.past(datetime(2000, 1, 1, tzinfo=UTC), 0, 9))
    return past.facts


async def test_in_november_it_does_not(house: House, bundled_schemas: SchemaRegistry) -> None:
    with_conservation(house, CHEMNITZ_TENANT, f"unb;{CHEMNITZ};umwelt;;;;")

    message = await processed(house, bundled_schemas, at=NOVEMBER)

    deliveries = await house.store.read(lambda tx: tx.deliveries.of(message.id))
    assert {one.target for one in deliveries} == {"main", "copy"}


async def test_a_further_recipient_nobody_has_entered_holds_the_message_with_role_and_reason(
    house: House, bundled_schemas: SchemaRegistry
) -> None:
    house.routes = routes()

    message = await processed(house, bundled_schemas)

    assert await house.state(message) is State.HELD
    letter = await letter_of(house, message)
    assert letter.reason is Reason.NOBODY_COMPETENT
    assert (letter.details["why"], letter.details["role"], letter.details["place"]) == ("no-rule", "unb", CHEMNITZ)
    assert "facts" not in letter.details, "no rule asked for any"
    assert (await facts_of(house))["service"] == TREE_FELLING, "new rules can be tried on what old ones left open"


@pytest.mark.parametrize(
    ("where", "tenant", "reason"),
    [(DIRECT, SAXONY, Reason.TENANT_NOT_SERVED), (COLLECTING, CHEMNITZ_TENANT, Reason.TENANT_NOT_SERVED)],
)
async def test_a_further_recipient_of_a_tenant_the_destination_does_not_serve_is_for_a_person(
    house: House, bundled_schemas: SchemaRegistry, where: str, tenant: TenantId, reason: Reason
) -> None:
    land = f"gba;{CHEMNITZ};land;;;;"
    with_conservation(house, tenant, f"unb;{CHEMNITZ};umwelt;;;;")
    if where == COLLECTING:
        house.routes = routes(land, f"unb;{CHEMNITZ};umwelt;;;;", without="gba;145110000000")

    message = await processed(house, bundled_schemas, where)

    letter = await letter_of(house, message)
    assert (letter.reason, letter.details["authority"]) == (reason, "umwelt")


async def test_a_collecting_destination_reaches_further_recipients_of_every_tenant_it_serves(
    house: House, bundled_schemas: SchemaRegistry
) -> None:
    with_conservation(house, CHEMNITZ_TENANT)
    collecting = house.directory.destinations[COLLECTING]
    served = replace(collecting, serves=(SAXONY, CHEMNITZ_TENANT))
    house.directory = with_entries(house.directory, destinations=[served])
    house.routes = routes(f"gba;{CHEMNITZ};land;;;;", f"unb;{CHEMNITZ};umwelt;;;;", without="gba;145110000000")

    message = await processed(house, bundled_schemas, COLLECTING)

    deliveries = await house.store.read(lambda tx: tx.deliveries.of(message.id))
    assert {(one.target, one.tenant, one.primary) for one in deliveries} == {
        ("land", SAXONY, True),
        ("umwelt", CHEMNITZ_TENANT, False),
    }


async def test_what_no_fact_of_the_message_decides_names_its_candidates(
    house: House, bundled_schemas: SchemaRegistry
) -> None:
    with_conservation(
        house, CHEMNITZ_TENANT, f"unb;{CHEMNITZ};umwelt;;;handwerk=true;", f"unb;{CHEMNITZ};gba;;;handwerk=false;"
    )

    message = await processed(house, bundled_schemas)

    letter = await letter_of(house, message)
    assert (letter.reason, letter.details["candidates"]) == (Reason.SEVERAL_COMPETENT, "gba, umwelt")
    assert (letter.details["why"], letter.details["named"]) == ("fact-not-given", "handwerk")


async def test_a_route_that_has_changed_since_it_was_published_is_for_a_person(
    house: House, bundled_schemas: SchemaRegistry
) -> None:
    """The portal asked under version 1 and sent to Chemnitz; under version 2 the Land is competent."""
    house.schemas = bundled_schemas
    message = await house.submitted(Application(DIRECT))
    house.routes = routes(f"gba;{CHEMNITZ};land;;;;", "unb;;-;;;;Niemand.", without="gba;145110000000")

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    letter = await letter_of(house, message)
    assert letter.reason is Reason.AUTHORITY_DISAGREES
    assert (letter.details["authority"], letter.details["table version"]) == ("land", "2")

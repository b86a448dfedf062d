"""One trade registration, several recipients: each gets it, once, and what is wrong with it nobody gets."""

from dataclasses import replace

from application_kit import Application
from house_for_tests import DIRECT, House, with_entries
from schemas_for_tests import trade

from adapters.memory import MemoryAdapter, MemoryTarget
from amtsbote.model.job import JobKind
from amtsbote.model.message import Message, State
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.process import process_job
from schemas.registry import SchemaRegistry

[SCHEMA] = trade().about.schemas


def registration(name: str) -> Application:
    data = (trade().folder / "samples" / f"{name}.xml").read_bytes()
    return Application(DIRECT, data, schema=SCHEMA.uri, region=None)


async def processed(house: House, application: Application) -> Message:
    message = await house.submitted(application)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    return message


async def test_a_trade_registration_reaches_the_trade_office_and_whoever_it_passes_it_on_to(
    house: House, bundled_schemas: SchemaRegistry
) -> None:
    house.schemas = bundled_schemas
    direct = house.directory.destinations[DIRECT]
    offered = replace(direct.services[0], schemas=(SCHEMA,))
    house.directory = with_entries(house.directory, destinations=[replace(direct, services=(offered,))])
    town = MemoryTarget()
    house.adapters["test"] = MemoryAdapter(town)

    warned = await processed(house, registration("warnung-erlaubnis-fehlt"))
    for _ in range(2):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(warned) is State.ACCEPTED
    assert {kept.order.target: kept.order.region for kept in town.messages.values()} == {
        "main": "145110000000",
        "copy": "145110000000",
    }

    for name, said in (("ungueltig-beschaeftigte", b"Vollzeit und Teilzeit"), ("ungueltig-rechtsform", b"Codeliste")):
        wrong = await processed(house, registration(name))
        assert await house.state(wrong) is State.REJECTED
        assert said in (await house.events(wrong))[-1].payload
    assert await house.jobs() == {}

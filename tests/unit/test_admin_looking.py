"""What operators see of an installation, and the single changes they may make, each with its audit row."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DIRECT, SERVICE, TARGET, TOWN, DeclaringOffice, declaring_office
from store_samples import a_delivery, a_letter, a_message

from amtsbote.admin.checking import readiness_of
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.adapter import Outcome, Readiness, Unavailable, VerifiedParts, WorkOrder
from amtsbote.api.persistence import Transaction
from amtsbote.model.ids import ClientId, DestinationId
from amtsbote.model.stage import Stage

Key = Callable[[str], RSAPrivateKey]
TWIN = "44444444-0000-4000-8000-000000000004"
NOUNS = ("tenants", "portals", "destinations", "authorities", "targets")


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        (tmp_path / "inbox").mkdir()
        await office.apply(TOWN.replace("/srv/eingang", str(tmp_path / "inbox")))
        yield office


async def ids(desk: DeclaringOffice, noun: str, **wish: Any) -> list[str]:
    answer = await desk.run(f"{noun}.list", wish)
    return [one["id"] for one in answer[noun]]


async def code(desk: DeclaringOffice, command: str, **arguments: Any) -> str:
    with pytest.raises(CommandRefused) as caught:
        await desk.run(command, arguments)
    assert caught.value.de != caught.value.en
    return caught.value.code


# look


async def test_every_noun_lists_its_entries_in_order(desk: DeclaringOffice) -> None:
    assert {noun: await ids(desk, noun) for noun in NOUNS} == {
        "tenants": ["chemnitz", "saxony"],
        "portals": ["hamburg"],
        "destinations": [DIRECT],
        "authorities": ["amt", "landesamt"],
        "targets": ["folder"],
    }


async def test_a_list_can_be_narrowed_to_a_tenant_and_a_status(desk: DeclaringOffice) -> None:
    assert await ids(desk, "authorities", tenant="saxony") == ["landesamt"]
    assert await ids(desk, "tenants", tenant="saxony") == ["saxony"]
    assert await ids(desk, "destinations", stage="off") == []
    assert await ids(desk, "destinations", stage="live") == [DIRECT]


async def test_a_page_counts_all(desk: DeclaringOffice) -> None:
    answer = await desk.run("authorities.list", {"offset": 1, "limit": 1})
    assert (answer["total"], [one["id"] for one in answer["authorities"]]) == (2, ["landesamt"])


@pytest.mark.parametrize("noun", NOUNS)
async def test_an_entry_that_is_not_there_is_not_found(desk: DeclaringOffice, noun: str) -> None:
    assert await code(desk, f"{noun}.show", id="nobody") == "not-found"


async def test_one_entry_is_shown_with_what_belongs_to_it(desk: DeclaringOffice) -> None:
    tenant = await desk.run("tenants.show", {"id": "chemnitz"})
    assert tenant["related"] == {"destinations": [DIRECT], "authorities": ["amt"], "targets": ["folder"]}
    assert (await desk.run("portals.show", {"id": "hamburg"}))["clients"] == [
        {"id": "hamburg-portal", "active": True, "secrets": 1, "test": False, "regions": []}
    ]
    assert (await desk.run("tenants.show", {"id": "saxony"}))["clients"] == [
        {"id": "saxony-software", "active": True, "secrets": 1, "manages": False}
    ]
    assert (await desk.run("targets.show", {"id": "folder"}))["related"] == {"authorities": ["amt"]}
    assert (await desk.run("authorities.show", {"id": "amt"}))["related"] == {"destinations": [DIRECT]}
    assert (await desk.run("destinations.show", {"id": DIRECT}))["related"] == {"authorities": ["amt"]}


async def test_nothing_secret_is_shown(desk: DeclaringOffice) -> None:
    client = (await desk.directory()).clients[ClientId("hamburg-portal")]
    shown = [await desk.run(f"{noun}.list", {}) for noun in NOUNS]
    shown.append(await desk.run("portals.client-off", {"id": "hamburg-portal"}))
    text = orjson.dumps(shown).decode()
    assert client.secret_hashes[0] not in text
    assert "PRIVATE" not in text


@pytest.mark.parametrize(("name", "value"), [("offset", -1), ("offset", 10**30), ("limit", 0), ("color", "red")])
async def test_wrong_arguments_are_refused(desk: DeclaringOffice, name: str, value: Any) -> None:
    assert await code(desk, "tenants.list", **{name: value}) == "arguments"


# routes


async def test_the_tables_in_force_are_listed_and_their_rows_found(desk: DeclaringOffice) -> None:
    answer = await desk.run("routes.list", {})
    assert answer["version"] == 1
    assert {one["id"]: one["rows"] for one in answer["routes"]} == {
        "gebiete": 1, "leistungen": 1, "rollen": 1, "zustaendigkeiten": 1,
    }  # fmt: skip
    rows = await desk.run("routes.show", {"id": "zustaendigkeiten", "containing": "14511"})
    assert [(row["line"], row["cells"][2]) for row in rows["rows"]] == [(2, "amt")]
    assert (await desk.run("routes.show", {"id": "rollen", "containing": "nobody"}))["total"] == 0
    assert await code(desk, "routes.show", id="straßen") == "not-found"


async def test_a_question_is_answered_with_the_rows_that_decide_it(desk: DeclaringOffice) -> None:
    answer = await desk.run("route.explain", {"service": SERVICE, "region": "145110000000"})
    assert (answer["outcome"], answer["role"], answer["reason"]) == ("resolved", "gba", None)
    assert (answer["authority"], answer["authorityName"]) == ("amt", "Grünflächenamt")
    assert (answer["destination"], answer["targets"], answer["also"]) == (DIRECT, ["folder"], [])
    assert [(hop["table"], hop["line"]) for hop in answer["trace"]["hops"]] == [
        ("rollen", 2), ("gebiete", 2), ("zustaendigkeiten", 2),
    ]  # fmt: skip
    nobody = await desk.run("route.explain", {"service": "9" * 14, "region": "145110000000"})
    assert (nobody["outcome"], nobody["authority"], nobody["candidates"]) == ("unresolved", None, [])
    assert nobody["reason"]["why"] == "service-unknown"


async def test_without_tables_nothing_is_explained(tmp_path: Path, rsa_key: Key) -> None:
    async with declaring_office(tmp_path, rsa_key) as empty:
        assert (await empty.run("routes.list", {}))["routes"] == []
        assert await code(empty, "route.explain", service=SERVICE, region="14") == "not-found"


# deliveries and audit


def a_dead_delivery(tx: Transaction) -> None:
    tx.messages.add(a_message("m1"), None)
    tx.deliveries.add([a_delivery("v1", "m1"), a_delivery("v2", "m1", target="archive")])
    tx.deadletters.open(a_letter("k1", "m1", delivery="v1"))


async def test_a_delivery_is_found_and_shown_with_its_submission_and_letters(desk: DeclaringOffice) -> None:
    await desk.office.store.write(a_dead_delivery)
    assert await ids(desk, "deliveries", target="archive") == ["v2"]
    shown = await desk.run("deliveries.show", {"id": "v1"})
    assert (shown["delivery"]["message"], shown["submission"]["id"]) == ("m1", "m1")
    assert [letter["id"] for letter in shown["deadletters"]] == ["k1"]
    assert (await desk.run("deliveries.show", {"id": "v2"}))["deadletters"] == []
    assert await code(desk, "deliveries.show", id="v9") == "not-found"


async def test_the_audit_tells_who_changed_what_and_when(desk: DeclaringOffice) -> None:
    found = await desk.run("audit.list", {"subject": "amt"})
    [row] = found["audit"]
    assert (row["actor"], row["action"], row["before"]) == ("uid:4711", "authority.added", None)
    assert (await desk.run("audit.show", {"id": row["number"]}))["audit"] == row
    assert (await desk.run("audit.list", {"actor": "uid:1"}))["total"] == 0
    assert (await desk.run("audit.list", {"since": "2100-01-01T00:00:00Z"}))["total"] == 0
    assert await code(desk, "audit.show", id=9999) == "not-found"
    assert await code(desk, "audit.list", since="2026-01-01T00:00:00") == "arguments"


# switch


async def test_a_destination_is_switched_off_and_on_with_an_audit_row_each(desk: DeclaringOffice) -> None:
    answer = await desk.run("destinations.stage", {"id": DIRECT, "stage": "off"})
    directory = await desk.directory()
    assert answer["changed"]
    assert directory.destinations[DestinationId(DIRECT)].stage is Stage.OFF
    assert desk.told[-1] == directory.revision
    row = (await desk.audit())[0]
    assert (row.actor, row.action, row.subject) == ("uid:4711", "destination.changed", DIRECT)
    assert row.before is not None
    assert row.after is not None
    assert (row.before["stage"], row.after["stage"]) == ("live", "off")
    await desk.run("destinations.stage", {"id": DIRECT, "stage": "live"})
    assert (await desk.directory()).destinations[DestinationId(DIRECT)].stage is Stage.LIVE


async def test_switching_to_what_it_is_changes_nothing(desk: DeclaringOffice) -> None:
    before = await desk.directory(), await desk.audit(), list(desk.told)
    assert not (await desk.run("destinations.stage", {"id": DIRECT, "stage": "live"}))["changed"]
    assert not (await desk.run("tenants.client-on", {"id": "saxony-software"}))["changed"]
    assert (await desk.directory(), await desk.audit(), desk.told) == before


async def test_a_destination_is_not_switched_on_beside_one_that_does_the_same(
    desk: DeclaringOffice, rsa_key: Key
) -> None:
    await desk.run("destinations.stage", {"id": DIRECT, "stage": "off"})
    directory = await desk.directory()
    twin = replace(directory.destinations[DestinationId(DIRECT)], id=DestinationId(TWIN), stage=Stage.LIVE)
    await desk.office.store.write(lambda tx: tx.directory.put(twin))
    assert await code(desk, "destinations.stage", id=DIRECT, stage="live") == "ambiguous"


@pytest.mark.parametrize(("noun", "client"), [("portals", "hamburg-portal"), ("tenants", "saxony-software")])
async def test_a_client_is_locked_out_and_keeps_its_secret(desk: DeclaringOffice, noun: str, client: str) -> None:
    before = (await desk.directory()).clients[ClientId(client)]
    await desk.run(f"{noun}.client-off", {"id": client})
    assert (await desk.directory()).clients[ClientId(client)] == replace(before, active=False)
    assert (await desk.audit())[0].subject == client
    await desk.run(f"{noun}.client-on", {"id": client})
    assert (await desk.directory()).clients[ClientId(client)] == before


async def test_the_client_of_a_tenant_is_no_client_of_a_portal(desk: DeclaringOffice) -> None:
    assert await code(desk, "portals.client-off", id="saxony-software") == "not-found"
    assert await code(desk, "tenants.client-off", id="nobody") == "not-found"


async def test_of_two_at_once_none_is_lost(desk: DeclaringOffice) -> None:
    """Both looked at the same directory: the second is told so instead of undoing the first."""
    results = await asyncio.gather(
        desk.run("portals.client-off", {"id": "hamburg-portal"}),
        desk.run("tenants.client-off", {"id": "saxony-software"}),
        return_exceptions=True,
    )
    refused = [one for one in results if isinstance(one, CommandRefused)]
    clients = (await desk.directory()).clients
    assert all(one.code == "changed-meanwhile" for one in refused)
    assert sum(not client.active for client in clients.values()) == 2 - len(refused)


# check a target


async def test_a_target_that_can_be_delivered_to_is_ready(desk: DeclaringOffice) -> None:
    assert (await desk.run("targets.check", {"id": "folder"}))["readiness"] == "ready"


async def test_a_target_whose_folder_is_gone_says_so(desk: DeclaringOffice) -> None:
    await desk.apply(TARGET.replace("/srv/eingang", str(desk.folder / "gone")))
    answer = await desk.run("targets.check", {"id": "folder"})
    assert answer["readiness"] == "unavailable"
    assert "gone" in answer["de"]
    assert await code(desk, "targets.check", id="nowhere") == "not-found"


async def test_a_target_of_an_adapter_that_is_not_here_is_refused(desk: DeclaringOffice) -> None:
    desk.office = replace(desk.office, adapters={})
    assert await code(desk, "targets.check", id="folder") == "no-adapter"


async def test_a_target_that_hangs_is_given_up() -> None:
    class Hanging:
        async def prepare(self) -> Readiness:
            await asyncio.Event().wait()
            raise AssertionError

        async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
            raise AssertionError(order, parts)

        async def close(self) -> None:
            raise AssertionError

    assert isinstance(await readiness_of(Hanging(), longest=0.01), Unavailable)

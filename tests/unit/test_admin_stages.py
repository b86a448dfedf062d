"""Stages as operators set and see them: one audited change each, lists, explanations, declarations."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DIRECT, SEALED, SERVICE, TOWN, DeclaringOffice, declaring_office

from amtsbote.admin.doctor_stages import unreachable
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.refusals import CommandRefused
from amtsbote.model.ids import ClientId, TargetId
from amtsbote.model.stage import Stage

Key = Callable[[str], RSAPrivateKey]
REGION = "145110000000"


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        await office.apply(TOWN)
        yield office


async def test_the_stage_of_a_target_is_changed_with_an_audit_row(desk: DeclaringOffice) -> None:
    answer = await desk.run("targets.stage", {"id": "folder", "stage": "test"})

    assert (answer["changed"], answer["target"]["stage"]) == (True, "test")
    directory = await desk.directory()
    assert directory.targets[TargetId("folder")].stage is Stage.TEST
    assert desk.told[-1] == directory.revision
    row = (await desk.audit())[0]
    assert (row.actor, row.action, row.subject) == ("uid:4711", "target.changed", "folder")
    assert row.before is not None
    assert row.after is not None
    assert (row.before["stage"], row.after["stage"]) == ("live", "test")
    assert (await desk.run("targets.list", {"stage": "live"}))["targets"] == []
    assert not (await desk.run("targets.stage", {"id": "folder", "stage": "test"}))["changed"]


async def test_doctor_names_a_destination_nobody_behind_it_can_be_reached_through(desk: DeclaringOffice) -> None:
    assert unreachable(await desk.directory()) == []

    await desk.run("targets.stage", {"id": "folder", "stage": "test"})

    told = unreachable(await desk.directory())
    assert {"destination": DIRECT, "stage": Stage.LIVE, "authority": "amt"} in told
    assert SEALED not in {one["destination"] for one in told}


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        ("targets.stage", {"id": "gone", "stage": "test"}, "not-found"),
        ("targets.stage", {"id": "folder", "stage": "active"}, "arguments"),
        ("targets.stage", {"id": "folder"}, "arguments"),
        ("destinations.stage", {"id": "gone", "stage": "off"}, "not-found"),
        ("submissions.list", {"stage": "off"}, "arguments"),
        ("deadletters.list", {"stage": "off"}, "arguments"),
    ],
)
async def test_what_has_no_such_stage_is_refused(
    desk: DeclaringOffice, command: str, arguments: dict[str, str], code: str
) -> None:
    with pytest.raises(CommandRefused) as refusal:
        await desk.run(command, arguments)
    assert refusal.value.code == code


async def test_a_client_for_tests_and_a_test_target_are_declared_and_come_back_by_export(desk: DeclaringOffice) -> None:
    declared = TOWN.replace('id = "hamburg-portal"', 'id = "hamburg-portal"\ntest = true')
    declared = declared.replace('adapter = "folder"', 'adapter = "folder"\nstage = "test"')
    await desk.apply(declared)

    directory = await desk.directory()
    assert directory.clients[ClientId("hamburg-portal")].test
    assert directory.targets[TargetId("folder")].stage is Stage.TEST
    written = (await desk.run("export", {"folder": "all.files"}))["declaration"]
    assert "test = true" in written
    assert 'stage = "test"' in written


async def test_a_subscribers_client_is_never_for_tests_only(desk: DeclaringOffice) -> None:
    declared = TOWN.replace('id = "saxony-software"', 'id = "saxony-software"\ntest = true')

    with pytest.raises(DeclarationRefused) as refused:
        await desk.apply(declared)
    assert "portal" in str(refused.value)


async def test_an_explanation_is_for_one_stage_and_names_what_is_off(desk: DeclaringOffice) -> None:
    rows = [
        "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;stage",
        "gba;14;landesamt;;;test",
        f"gba;{REGION};amt;;;off",
        "gba;;amt;;;",
    ]
    alone = TOWN.replace('land = "14"', 'land = "14"\nfour_eyes = false')
    await desk.apply(alone.partition("[routes]")[0])
    (desk.folder / "zustaendigkeiten.csv").write_text("\n".join([*rows, ""]))
    await desk.apply(alone)
    question = {"service": SERVICE, "region": REGION}

    live = await desk.run("route.explain", question)
    test = await desk.run("route.explain", {**question, "stage": "test"})

    assert live["authority"] == "amt"
    assert test["authority"] == "landesamt"
    assert [hop["line"] for hop in live["off"]] == [hop["line"] for hop in test["off"]] == [3]

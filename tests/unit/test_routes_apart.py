"""Large tables are weighed in a process of their own: the same answers, the same refusals, nothing left behind."""

import asyncio
import os
import select
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DeclaringOffice, declaring_office
from routes_kit import (
    CHEMNITZ,
    DRESDEN,
    GERA,
    KARIN,
    OPERATOR,
    PAUL,
    RULES,
    THEA,
    in_force,
    propose,
    release,
    rules,
    settle,
)

from amtsbote.admin.apart import Scales, _Apart
from amtsbote.admin.commands import run_command
from amtsbote.admin.refusals import CommandRefused, RefusedThere
from amtsbote.admin.weighing import problems_of
from routing.tables import Known

NEW = f"gba;{DRESDEN};amt;;"
LARGE_ENOUGH = {"one": bytes(2 * 1024 * 1024)}


@pytest.fixture
async def desk(
    tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DeclaringOffice]:
    """Where every table is a large one."""
    monkeypatch.setattr("amtsbote.admin.apart.LARGE", 0)
    async with declaring_office(tmp_path, rsa_key) as office:
        await settle(office, tmp_path)
        yield office


async def test_a_change_goes_its_whole_way_through_processes(desk: DeclaringOffice) -> None:
    later = await propose(desk, PAUL, rules(*RULES, f"gba;{CHEMNITZ[:5]};amt;;"), effective="2999-01-01")
    assert (await release(desk, KARIN, later["draft"]))["version"] == 2
    made = await propose(desk, PAUL, rules(*RULES, NEW))
    assert (made["rows"], made["four_eyes"]) == ({"zustaendigkeiten": {"added": 1}}, ["chemnitz"])
    told = await desk.run("routes.difference", {"id": made["draft"]})
    assert [one["after"]["gebiet"] for one in told["changes"]] == [DRESDEN]
    assert (await run_command(desk.office, PAUL, "routes.document", {"draft": made["draft"]}))["version"] == 1

    assert (await release(desk, KARIN, made["draft"]))["carried"] == [2]

    assert await in_force(desk) == [*RULES, NEW]
    assert NEW in await in_force(desk, version=4)


async def test_what_a_process_refuses_is_refused_with_the_same_words(desk: DeclaringOffice) -> None:
    with pytest.raises(RefusedThere) as caught:
        await propose(desk, OPERATOR, rules(*RULES, f"gba;{DRESDEN};niemand;;"))
    assert "zustaendigkeiten, Zeile 5, Spalte behoerde" in caught.value.refusal["mistakes"][0]["de"]

    with pytest.raises(RefusedThere) as caught:
        await propose(desk, KARIN, rules(RULES[0], f"gba;{GERA};amt-gera;2026-01-01;", RULES[2]))
    assert caught.value.refusal["code"] == "out-of-scope"
    assert GERA in caught.value.refusal["de"]
    with pytest.raises(RefusedThere) as caught:
        await propose(desk, THEA, rules(*RULES))
    assert caught.value.refusal["code"] == "nothing"


async def test_a_process_that_dies_is_told_and_the_next_one_works() -> None:
    """It is given what it cannot read."""
    scales, known = Scales(), Known(None)
    with pytest.raises(CommandRefused) as caught:
        await scales(LARGE_ENOUGH, problems_of, 7, known)  # type: ignore[arg-type]
    assert caught.value.code == "not-computed"

    tables = {"gebiete": b"x" * 2_000_000}
    there = await scales(LARGE_ENOUGH, problems_of, [tables], known)
    assert there == problems_of([tables], known) == scales.now(LARGE_ENOUGH, problems_of, [tables], known)
    assert there[1] > 0


async def test_who_does_not_wait_any_more_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: asyncio.Queue[int] = asyncio.Queue()
    loop, answer = asyncio.get_running_loop(), _Apart.answer

    def told(apart: _Apart, *more: Any) -> Any:
        loop.call_soon_threadsafe(started.put_nowait, apart.process.pid)
        return answer(apart, *more)

    monkeypatch.setattr(_Apart, "answer", told)
    working = asyncio.create_task(Scales()(LARGE_ENOUGH, problems_of, [LARGE_ENOUGH] * 1000, Known(None)))
    ended = os.pidfd_open(await started.get())

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    readable, _, _ = await asyncio.to_thread(select.select, [ended], [], [], 60)
    os.close(ended)
    assert readable == [ended]

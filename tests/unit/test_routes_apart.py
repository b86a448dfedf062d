"""Large tables are weighed in a process of their own: the same answers, the same refusals, nothing left behind."""

import asyncio
import os
import resource
import select
import struct
import sys
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

MEGABYTE = 1024 * 1024
NEW = f"gba;{DRESDEN};amt;;"
LARGE_ENOUGH = [{"one": bytes(2 * MEGABYTE)}]


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


async def test_the_largest_version_decides_where_it_is_weighed(
    desk: DeclaringOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables without rows, instead of large ones."""
    present = (await desk.office.store.read(lambda tx: tx.routing.document(1))).tables
    monkeypatch.setattr("amtsbote.admin.apart.LARGE", sum(map(len, present.values())))
    with pytest.raises(RefusedThere) as caught:
        await propose(desk, KARIN, rules())
    assert caught.value.refusal["code"] == "out-of-scope"


def test_only_one_is_weighed_at_a_time_for_threads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    scales, answer, alone = Scales(), _Apart.answer, []

    def seen(apart: _Apart, *more: Any) -> Any:
        alone.append(scales._one.locked())
        return answer(apart, *more)

    monkeypatch.setattr(_Apart, "answer", seen)
    scales.now(LARGE_ENOUGH, problems_of, [], Known(None))
    assert alone == [True]


async def test_what_takes_too_long_is_told() -> None:
    with pytest.raises(CommandRefused) as caught:
        await Scales(seconds=0)(LARGE_ENOUGH, problems_of, [], Known(None))
    assert caught.value.code == "not-computed"


async def test_where_no_process_starts_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(CommandRefused) as caught:
        await Scales()(LARGE_ENOUGH, problems_of, [], Known(None))
    assert caught.value.code == "not-computed"


async def test_an_order_that_cannot_be_given_leaves_no_process_that_waits_for_it() -> None:
    weighing = Scales()(LARGE_ENOUGH, problems_of)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        await asyncio.wait_for(weighing, 60)


def test_a_process_is_bounded_before_it_reads_anything() -> None:
    """It takes more than the pipe holds only once it reads."""
    apart = _Apart()
    with apart.process, apart._end:
        apart._end.sendall(struct.pack(">II", 64 * MEGABYTE, 0) + bytes(8 * MEGABYTE))
        status = Path(f"/proc/{apart.process.pid}/status").read_text("ascii")
        memory, time = (resource.prlimit(apart.process.pid, kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU))
    assert memory == (2048 * MEGABYTE, 2048 * MEGABYTE)
    assert 150 <= time[0] < 200
    assert "NoNewPrivs:\t1" in status


async def test_who_does_not_wait_any_more_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for an order that never comes, until it is killed."""
    started: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def told(apart: _Apart, *_: object) -> None:
        loop.call_soon_threadsafe(started.put_nowait, apart.process.pid)
        with apart._end:
            apart.process.wait(60)

    monkeypatch.setattr(_Apart, "answer", told)
    working = asyncio.create_task(Scales()(LARGE_ENOUGH, problems_of, [], Known(None)))
    ended = os.pidfd_open(await started.get())

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    readable, _, _ = await asyncio.to_thread(select.select, [ended], [], [], 50)
    os.close(ended)
    assert readable == [ended]

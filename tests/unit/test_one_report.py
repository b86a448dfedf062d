"""The command line and the preflight of portals tell the same of the same file, member by member."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from application_kit import CHEMNITZ, TREE_FELLING
from directory_for_tests import TABLES
from front_for_tests import Asked, asking
from house_for_tests import DIRECT, House
from schemas_for_tests import URI, dog_tax, sample

from amtsbote.cli.entry import run
from amtsbote.daemon.asking import Asking
from amtsbote.model.routing import german_day
from schemas.registry import SchemaRegistry

CHECK = "/preflight-api/v1/check"
XML, JSON = "application/xml", "application/json"
PLAUEN, BAUTZEN, NOT_THERE = "145230320320", "146250020020", "16"
DOG = dog_tax("1.1")
KNOWN_TO_ONE_SIDE = {"destinationId", "destinationName"}
"""Offline there are tables, and no inboxes."""


def dog(name: str) -> bytes:
    return (DOG.folder / "samples" / name).read_bytes()


@pytest.fixture
async def desk(house: House, bundled_schemas: SchemaRegistry) -> AsyncIterator[Asked]:
    house.clock.now = datetime.now(UTC)
    async with asking(house, check=Asking(bundled_schemas, house.computing, 1, house.clock)) as asked:
        yield asked


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    for table, lines in TABLES.items():
        (folder / f"{table}.csv").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("document", "type_", "schema", "ars", "exit_code", "authorities"),
    [
        (sample("gueltig-hamburg-chemnitz"), XML, "", CHEMNITZ, 0, ["gba"]),
        (sample("ungueltig-datum"), XML, URI, BAUTZEN, 1, ["gba", "land"]),
        (b"<fremd/>", XML, "", PLAUEN, 2, []),
        (b"<fremd/>", XML, URI.replace("_1.0#", "_9.9#"), NOT_THERE, 2, []),
        (b"<!DOCTYPE a><a/>", XML, "", "", 3, None),
        (b"", XML, URI, "", 3, None),
        (dog("gueltig-ein-hund.json"), JSON, "", "", 0, None),
        (dog("ungueltig-datum.json"), JSON, "", CHEMNITZ, 2, ["gba"]),
        (dog("ungueltig-datum.json"), JSON, DOG.about.schemas[1].uri, "", 1, None),
        (b'{"a": 1, "a": 2}', JSON, "", "", 3, None),
    ],
)
async def test_both_doors_tell_the_same(
    desk: Asked,
    tables: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    document: bytes,
    type_: str,
    schema: str,
    ars: str,
    exit_code: int,
    authorities: list[str] | None,
) -> None:
    file = tmp_path / "antrag"
    file.write_bytes(document)
    asked = {"service": TREE_FELLING, "ars": ars} if ars else {}
    words = [word for name, value in asked.items() for word in (f"--{name}", value)]
    words += ["--routing", str(tables)] if ars else []
    words += ["--schema", schema] if schema else []

    assert run(["check", str(file), *words, "--json"]) == exit_code
    offline = json.loads(capsys.readouterr().out)
    query = asked | ({"schema": schema} if schema else {})
    online = (await desk.send("POST", CHECK, type=type_, content=document, params=query)).json()

    assert list(offline) == list(online)
    for member in offline.keys() - {"document", "checkedAt", "route", "acceptance"}:
        assert offline[member] == online[member], member
    assert offline["document"] == online["document"] | {"name": "antrag"}
    assert online["document"]["name"] == ""
    assert (offline["route"] is None, online["route"] is None) == (authorities is None, authorities is None)
    if authorities is not None:
        assert list(offline["route"]) == list(online["route"])
        for member in offline["route"].keys() - {"date", *KNOWN_TO_ONE_SIDE}:
            assert offline["route"][member] == online["route"][member], member
        assert online["route"]["authorities"] == authorities
        assert online["route"]["rules"]
        assert {offline["route"][member] for member in KNOWN_TO_ONE_SIDE} == {None}
        assert online["route"]["destinationId"] == (DIRECT if authorities == ["gba"] else None)
    for told in (offline, online):
        checked_at = datetime.fromisoformat(told["checkedAt"])
        assert told["route"] is None or told["route"]["date"] == german_day(checked_at).isoformat()
    assert offline["acceptance"] is None
    assert (online["acceptance"] is not None) == (authorities == ["gba"] and bool(online["schema"] or schema))

"""Named queries: none without a scope, all of them understood by SQLite, all of them used."""

import re
from pathlib import Path

import apsw
import pytest

from amtsbote.store import sqlite
from amtsbote.store.sqlite.migrate import bundled, migrate
from amtsbote.store.sqlite.queries import CONDITIONS, FILES, KINDS, QUERIES, blocks, scoped

FOLDER = Path(sqlite.__file__).parent
TENANT_OWNED = ("message", "dossier", "part", "event", "delivery", "deadletter", "trace", "job", "entry", "audit")


def templates() -> dict[str, str]:
    return {name: query for file in FILES for name, query in blocks((FOLDER / file).read_text(encoding="utf-8"))}


def test_every_file_beside_the_ports_is_loaded() -> None:
    assert sorted(FILES) == sorted(file.name for file in FOLDER.glob("*.sql"))


def test_a_query_without_a_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="careless names no scope condition"):
        list(blocks("-- name: careless\nSELECT * FROM message\n"))


def test_a_fragment_does_not_count_as_a_condition() -> None:
    with pytest.raises(ValueError, match="careless"):
        list(blocks("-- fragment: columns\nid, state\n\n-- name: careless\nSELECT {columns} FROM message\n"))


@pytest.mark.parametrize("name", templates())
def test_rows_of_tenants_stand_only_under_conditions_that_tell_tenants_apart(name: str) -> None:
    query = templates()[name]
    holes = set(re.findall(r"\{(\w+)\}", query))
    read = set(re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE) (\w+)", query)) & set(TENANT_OWNED)

    assert not read or holes & set(TENANT_OWNED)
    assert not (holes & {"open"} and read)


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("condition", sorted(CONDITIONS.keys() - {"open"}))
def test_a_condition_admits_all_only_to_the_system(kind: str, condition: str) -> None:
    text = scoped(f"{{{condition}}}", next(known for known in KINDS if known == kind))

    assert ":scope" in text or text == "(FALSE)"
    assert scoped(f"{{{condition}}}", "system") == "(TRUE)"


@pytest.mark.parametrize("kind", KINDS)
def test_sqlite_understands_every_query(kind: str) -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, bundled())

    for query in QUERIES[next(known for known in KINDS if known == kind)].values():
        names = dict.fromkeys(re.findall(r":(\w+)", query)) | {"kinds": "[]"}
        connection.execute(f"EXPLAIN {query}", names)


def test_every_query_is_used_by_a_port() -> None:
    ports = " ".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.py"))

    assert [name for name in templates() if f'"{name}"' not in ports] == []


def test_claims_search_and_never_scan() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, bundled())
    names = {"kinds": "[]", "now": 0, "lease_until": 0, "limit": 1}

    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {QUERIES['system']['job_claim']}", names)]

    assert any("SEARCH job USING INDEX job_free (kind=? AND due<?)" in str(step) for step in plan)
    assert any("SEARCH job USING INDEX job_leased (lease_until>? AND lease_until<?)" in str(step) for step in plan)
    assert not any(str(step).startswith("SCAN job") for step in plan)

"""Named queries: none without a scope, all of them understood by SQLite, all of them used."""

import re
from pathlib import Path

import apsw
import pytest

from amtsbote.store import ports, postgresql, sqlite
from amtsbote.store.migrations import bundled
from amtsbote.store.ports.queries import CONDITIONS, KINDS, blocks, queries, scoped, templates
from amtsbote.store.sqlite.migrate import migrate
from amtsbote.store.sqlite.session import QUERIES

FOLDER = Path(ports.__file__).parent
SHARED = templates(ports.__name__)
DIALECTS = {package.__name__: templates(package.__name__) for package in (sqlite, postgresql)}
ALL = [(package, name) for package, own in {ports.__name__: SHARED, **DIALECTS}.items() for name in own]
TENANT_OWNED = (
    "message",
    "dossier",
    "part",
    "event",
    "notice",
    "receiver",
    "delivery",
    "deadletter",
    "trace",
    "job",
    "entry",
    "audit",
)


def database() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrate(connection, bundled(sqlite.__name__))
    return connection


def test_a_name_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "doubled_queries"
    package.mkdir()
    (package / "__init__.py").touch()
    for file in ("one.sql", "two.sql"):
        (package / file).write_text("-- name: same\nSELECT 1 WHERE {open}\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ValueError, match="two queries are called same"):
        templates(package.name)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_database_comes_first_with_its_own_words(dialect: str) -> None:
    spoken = queries(dialect)["system"]

    assert spoken.keys() == SHARED.keys() | DIALECTS[dialect].keys()
    assert all(spoken[name] == scoped(query, "system") for name, query in DIALECTS[dialect].items())


def test_a_query_without_a_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="careless names no scope condition"):
        list(blocks("-- name: careless\nSELECT * FROM message\n"))


def test_a_fragment_does_not_count_as_a_condition() -> None:
    with pytest.raises(ValueError, match="careless"):
        list(blocks("-- fragment: columns\nid, state\n\n-- name: careless\nSELECT {columns} FROM message\n"))


@pytest.mark.parametrize(("package", "name"), ALL)
def test_rows_of_tenants_stand_only_under_conditions_that_tell_tenants_apart(package: str, name: str) -> None:
    query = templates(package)[name]
    holes = set(re.findall(r"\{(\w+)\}", query))
    read = set(re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE) (\w+)", query)) & set(TENANT_OWNED)

    assert not read or holes & {*TENANT_OWNED, "installation"}  # which admits nobody but the operator
    assert not (holes & {"open"} and read)


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("condition", sorted(CONDITIONS.keys() - {"open"}))
def test_a_condition_admits_all_only_to_the_system(kind: str, condition: str) -> None:
    text = scoped(f"{{{condition}}}", next(known for known in KINDS if known == kind))

    assert ":scope" in text or text == "(FALSE)"
    assert scoped(f"{{{condition}}}", "system") == "(TRUE)"


@pytest.mark.parametrize("kind", KINDS)
def test_sqlite_understands_every_query(kind: str) -> None:
    connection = database()

    for query in QUERIES[next(known for known in KINDS if known == kind)].values():
        names = dict.fromkeys(re.findall(r":(\w+)", query)) | {"kinds": "[]"}
        connection.execute(f"EXPLAIN {query}", names)


def test_every_query_is_used_by_a_port() -> None:
    ports = " ".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.py"))

    assert [name for _, name in ALL if f'"{name}"' not in ports] == []


def test_claims_search_and_never_scan() -> None:
    connection = database()
    names = {"kinds": "[]", "now": 0, "lease_until": 0, "limit": 1}

    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {QUERIES['system']['job_claim']}", names)]

    assert any("SEARCH job USING INDEX job_free (kind=? AND due<?)" in str(step) for step in plan)
    assert any("SEARCH job USING INDEX job_leased (lease_until>? AND lease_until<?)" in str(step) for step in plan)
    assert not any(str(step).startswith("SCAN job") for step in plan)

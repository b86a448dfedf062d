"""Rules of the house that no type can express, read from the source itself."""

import ast
import importlib
import importlib.util
import re
import string
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from house_source import HOME, ROOTS, dotted, imports_of, modules, names_in

from amtsbote import errors
from amtsbote.editing.refusals import PROBLEMS
from amtsbote.errors import ProblemType
from amtsbote.errors.table import TABLE


@pytest.mark.parametrize("name", ROOTS)
def test_root_package_belongs_to_us(name: str) -> None:
    origin = importlib.import_module(name).__file__

    assert origin is not None
    assert Path(origin).resolve().parent == HOME / name
    assert set(packages_distributions().get(name, ["amtsbote"])) == {"amtsbote"}
    assert (HOME / name / "py.typed").is_file()


def test_neither_tests_nor_configuration_are_packages() -> None:
    folders = [folder for name in ("tests", "config", "docs") if (folder := HOME / name).is_dir()]

    assert [file for folder in folders for file in folder.rglob("__init__.py")] == []


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("httpx", ("amtsbote/net/",)),
        ("apsw", ("amtsbote/store/",)),
        ("psycopg", ("amtsbote/store/postgresql/",)),
        ("obstore", ("amtsbote/store/",)),
        ("sqlite3", ()),
        ("lxml", ("schemas/",)),
        ("xmlschema", ("schemas/",)),
        ("jsonschema", ("schemas/json_schema/",)),
        ("openpyxl", ("routing/workbook.py",)),
        ("xml", ("routing/unpacking.py",)),
        ("python_multipart", ("amtsbote/editing/forms.py",)),
        ("starlette", ("transport/fitconnect/server/", "amtsbote/daemon/", "amtsbote/editing/")),
        ("uvicorn", ("amtsbote/daemon/",)),
        ("typer", ("amtsbote/cli/", "amtsbote/demo/")),
        ("pickle", ()),
        ("requests", ()),
    ],
)
def test_a_library_has_its_room(library: str, rooms: tuple[str, ...]) -> None:
    users = {path for path, tree in modules().items() if library in {name.split(".")[0] for name in imports_of(tree)}}

    assert {path for path in users if not path.startswith(rooms or ("nowhere",))} == set()
    assert bool(users) is bool(rooms)


def test_xml_is_parsed_in_one_place() -> None:
    """What a parser allows is decided once: entities, network, size (schemas/reading.py)."""
    parsing = {"XMLParser", "parse", "fromstring", "fromstringlist", "XML", "HTML", "iterparse", "HTMLParser"}
    users = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in parsing
        and isinstance(node.value, ast.Name)
        and node.value.id == "etree"
    }

    assert users == {"schemas/reading.py"}


NOT_IMPORTED = {"httptools": "uvicorn takes it where it is there", "tzdata": "zoneinfo reads it"}
BROUGHT_ALONG = {
    "jsonschema-specifications": "by jsonschema: the meta schemas",
    "pydantic-core": "by pydantic, whose errors are made with it",
    "referencing": "by jsonschema, whose references it resolves",
}


def test_what_the_house_imports_is_installed_with_it_and_nothing_else() -> None:
    """What only tests need is in the extra `dev`."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [names for extra, names in project["optional-dependencies"].items() if extra != "dev"]
    wanted, optional = (
        {re.split(r"[<>=\[]", name)[0] for name in names} for names in (project["dependencies"], chain(*extras))
    )
    known = packages_distributions()
    roots = {name.split(".")[0] for tree in modules().values() for name in imports_of(tree)}

    imported = {each.lower().replace("_", "-") for root in roots for each in known.get(root, [])} - {"amtsbote"}

    assert wanted - imported == NOT_IMPORTED.keys()
    assert imported - wanted - optional == BROUGHT_ALONG.keys()


CHANCE_AND_TIME: Mapping[str, frozenset[str]] = {
    "datetime.now": frozenset({"amtsbote/daemon/composition.py", "amtsbote/daemon/storage.py", "amtsbote/cli/init.py"}),
    "uuid4": frozenset({"amtsbote/daemon/composition.py"}),
    "random.random": frozenset({"amtsbote/daemon/composition.py"}),
    "secrets.token_bytes": frozenset({"amtsbote/store/bodies.py"}),
    "os.urandom": frozenset(
        {"amtsbote/jose/jwe.py", "amtsbote/keys/keystore.py", "amtsbote/keys/vault.py", "amtsbote/admin/bundle.py"}
    ),
    "time.time": frozenset(),
    "date.today": frozenset(),
    "datetime.utcnow": frozenset(),
    "time.monotonic": frozenset(
        {
            "amtsbote/admin/apart.py",
            "amtsbote/daemon/workers.py",
            "amtsbote/runner/clockstep.py",
            "amtsbote/store/inbox.py",
            "schemas/explaining/second_looks.py",
            "schemas/frames.py",
            "schemas/helper_process.py",
        }
    ),
}
"""Where time and chance may come from: the composition root, keys and nonces, and waits that no result depends on."""
OUTSIDE = ("amtsbote/demo/", "transport/fitconnect/client/")
"""A portal's half stands on its own: it has a composition root of its own."""


@pytest.mark.parametrize("source", CHANCE_AND_TIME)
def test_time_and_chance_are_handed_in(source: str) -> None:
    users = {path for path, tree in modules().items() if source in names_in(tree)}

    assert {path for path in users if not path.startswith(OUTSIDE)} <= CHANCE_AND_TIME[source]


def test_what_was_proved_is_made_where_it_is_proved() -> None:
    makers = {
        "Opened": "amtsbote/pipeline/open.py",
        "Inspected": "amtsbote/pipeline/inspect.py",
        "Addressed": "amtsbote/pipeline/address.py",
        "Attempted": "amtsbote/pipeline/deliver.py",
        "Answered": "amtsbote/pipeline/answer.py",
        "VerifiedParts": "amtsbote/runner/deliver.py",
        "Content": "transport/fitconnect/envelope.py",
    }
    found = defaultdict(set)
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and dotted(node.func) in makers:
                found[dotted(node.func)].add(path)
    found["Attempted"] -= {"amtsbote/runner/deliver.py"}  # what an attempt that never reached the target comes to
    found["VerifiedParts"] -= {"amtsbote/api/testkit.py"}

    assert dict(found) == {name: {path} for name, path in makers.items()}


def test_one_statement_changes_the_state_of_a_message_and_names_where_it_comes_from() -> None:
    changing = []
    for file in sorted((HOME / "amtsbote").rglob("*.sql")):
        if file.parent.name == "migrations":
            continue
        for block in file.read_text(encoding="utf-8").split("-- name: ")[1:]:
            name, _, query = block.partition("\n")
            columns = query.split("WHERE")[0]
            if "UPDATE message" in query and "state =" in columns:
                changing.append((name, ":source" in query))

    assert changing == [("message_move", True)]


def test_one_place_writes_events_so_that_nobody_is_forgotten_who_is_to_be_told() -> None:
    writing = {path for path, tree in modules().items() if "tx.events.add" in names_in(tree)}

    assert writing == {"amtsbote/mailroom/telling.py"}


def test_every_step_of_the_pipeline_is_pure() -> None:
    for path, tree in modules().items():
        if path.startswith("amtsbote/pipeline/"):
            used = imports_of(tree)
            forbidden = (
                "amtsbote.store",
                "amtsbote.mailroom",
                "amtsbote.net",
                "transport",
                "adapters",
                "asyncio",
                "os",
            )
            assert not [name for name in used if name.startswith(forbidden)], path


def test_no_word_of_the_protocol_stands_in_the_core() -> None:
    rooms = ("amtsbote/pipeline/", "amtsbote/runner/", "amtsbote/mailroom/", "amtsbote/store/")
    for path in modules():
        if path.startswith(rooms):
            text = (HOME / path).read_text(encoding="utf-8").lower()
            assert not [word for word in ("fitconnect", "fit-connect", "leika") if word in text], path


def test_broad_catches_say_why() -> None:
    for path in modules():
        for number, line in enumerate((HOME / path).read_text(encoding="utf-8").splitlines(), 1):
            if "# noqa" in line:
                assert "noqa: " in line, f"{path}:{number}"
                assert "BLE001" not in line or "(" in line.partition("BLE001")[2], f"{path}:{number}"


def fields_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_codes_of_problems_are_unique_and_in_order() -> None:
    codes = [row.code for row in TABLE]
    source = (HOME / "amtsbote" / "errors" / "table.py").read_text(encoding="utf-8")
    written = [line.split('"')[1] for line in source.splitlines() if line.strip().startswith("code=")]

    assert codes == sorted(set(codes)) == written
    assert all(len(code) == 7 and code.startswith("AB-") and code[3:].isdecimal() for code in codes)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_a_problem_says_the_same_in_both_languages(row: ProblemType) -> None:
    assert fields_of(row.detail_de + row.todo_de) == fields_of(row.detail_en + row.todo_en)
    assert all([row.title_de, row.title_en, row.detail_de, row.detail_en, row.todo_de, row.todo_en])
    assert fields_of(row.title_de + row.title_en) == set()
    assert (row.status is not None) is row.code.startswith("AB-1")
    assert row.status is None or 400 <= row.status < 600


def calls_of_problems() -> Iterator[tuple[str, str, ast.Call]]:
    """(module, name of the row, call) wherever a problem is made."""
    rows = {name for name, value in vars(errors.table).items() if isinstance(value, ProblemType)}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := dotted(node.func).removeprefix("table.")) in rows:
                yield path, name, node


INDIRECT = frozenset({"SUBMISSION_EXPIRED", "ALREADY_SUBMITTED"}) | {
    name for name, value in vars(errors.table).items() if value in PROBLEMS.values()
}
"""Chosen by a condition before they are called, or by what a command refuses."""


def test_every_problem_is_used_and_filled_with_what_its_sentences_name() -> None:
    used = Counter(name for _, name, _ in calls_of_problems())
    rows = {name: value for name, value in vars(errors.table).items() if isinstance(value, ProblemType)}

    assert rows.keys() - used.keys() == INDIRECT
    for path, name, call in calls_of_problems():
        given = {keyword.arg for keyword in call.keywords} - {"instance", "extensions"}
        row = rows[name]
        needed = fields_of(row.detail_de + row.todo_de + row.detail_en + row.todo_en)
        assert given == needed, f"{path}:{call.lineno} {name}"


def test_every_error_raised_on_purpose_is_of_the_house() -> None:
    bare = {
        (path, node.name)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(dotted(base) == "Exception" for base in node.bases)
    }

    assert bare == {
        ("amtsbote/errors/__init__.py", "AmtsboteError"),
        ("schemas/frames.py", "PipeEnded"),  # between a helper and its pool, which turns it into `HelperFailed`
        ("schemas/json_xml.py", "NotRepresented"),  # within a helper, which then makes nothing of the message
        ("schemas/reading.py", "Unreadable"),  # within a helper, which turns it into findings
    }


def test_the_pages_made_from_code_are_current() -> None:
    spec = importlib.util.spec_from_file_location("docs_generate", HOME / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)

    for file, page in generate.PAGES.items():
        assert file.read_text(encoding="utf-8") == page(), f"{file.name}: run python docs/generate.py"
    assert all(row.code in generate.errors_page() for row in TABLE)
    assert generate._MISSING not in generate.fit_connect_page()
    for file, test in generate.TESTS.values():
        assert f"def {test}(" in (HOME / file).read_text("utf-8"), f"{file} has no {test}"


BOTH = {2, ast.Starred}
"""Arguments of an error that speaks both languages: their number, or that they come as one."""


def test_what_is_wrong_with_a_schema_is_said_in_german_too() -> None:
    raised = (
        (path, node)
        for path, tree in modules().items()
        if path.startswith("schemas/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func) == "Misconfigured"
    )
    english = [f"{path}:{node.lineno}" for path, node in raised if not {len(node.args), *map(type, node.args)} & BOTH]

    assert english == []

"""The documentation says what the code does: whatever the code can show or take has its line, with the right value."""

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel
from typer.core import TyperGroup

import amtsbote
from amtsbote.admin.declaration import Declaration, read_declaration
from amtsbote.cli.entry import build
from amtsbote.daemon.meter import Meter
from amtsbote.daemon.rereading import WITHOUT_RESTART
from amtsbote.daemon.settings import Settings
from amtsbote.model.deadletter import Reason
from amtsbote.pipeline import STEPS
from amtsbote.text.catalogue import say
from amtsbote.text.log_events import EVENTS
from amtsbote.text.metrics import METRICS
from amtsbote.text.settings import SETTINGS

ROOT = Path(__file__).parents[2]
ROOMS = ("amtsbote", "adapters", "routing", "schemas", "transport")
GENERATED = {"docs/fehler.md"}
"""Pages made from tables by a script, which has a test of its own."""


def pages() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").rglob("*.md")]
    return sorted(found)


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def handbook(page: str) -> str:
    return text_of(f"docs/betrieb/{page}.md")


def code_in_first_column(text: str) -> set[str]:
    """Everything between backticks in the first column of any table."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def rows(text: str) -> dict[str, list[str]]:
    """First cell of each table row, without backticks → the other cells."""
    split = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:2] == "| "]
    return {first.strip("`"): rest for first, *rest in split}


def calls() -> Iterator[ast.Call]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield from (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call))


def first_literal(call: ast.Call) -> str | None:
    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        return call.args[0].value
    return None


# links


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        if "://" in target or (page.parent / file).resolve().relative_to(ROOT).as_posix() in GENERATED:
            continue
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), target
        assert not anchor or anchor in anchors_of(found), target


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_row_of_a_table_has_as_many_cells_as_its_head(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for table in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        head, *others = [re.sub(r"`[^`]*`|\\\|", "", row).count("|") for row in table.splitlines()]
        assert others, table
        assert others == [head] * len(others), table


def test_the_handbook_and_the_readme_lead_to_every_page() -> None:
    for folder, index in (("docs/betrieb", "docs/betrieb/README.md"), ("docs", "README.md")):
        linked = {(ROOT / index).parent / target for target in re.findall(r"\]\(([^)#\s]+)", text_of(index))}
        names = {path.resolve() for path in linked}
        assert [
            page.name for page in (ROOT / folder).glob("*.md") if page.name != "README.md" and page not in names
        ] == []


# settings


def defaults(model: BaseModel | None = None, above: str = "") -> dict[str, Any]:
    """Dotted key → default, sections of sections included."""
    model = Settings() if model is None else model
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        found |= defaults(value, f"{above}{name}.") if isinstance(value, BaseModel) else {f"{above}{name}": value}
    return found


def shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, timedelta):
        return f"`{int(value.total_seconds())}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str | Path):
        return f'`"{value}"`'
    return "`[]`" if value == () else f"`{value}`"


def test_every_setting_is_documented_with_its_default() -> None:
    table = {name: cells for name, cells in rows(text_of("docs/einstellungen.md")).items() if "." in name}
    values = defaults()

    assert set(table) == set(values), "run python docs/generate.py"
    differing = {name for name, value in values.items() if table[name][0] != shown(value)}
    assert differing == {"work.threads"}
    assert table["work.threads"][0] == "von der Maschine"


def test_every_setting_says_what_it_means_its_unit_and_when_it_holds() -> None:
    table = {name: cells for name, cells in rows(text_of("docs/einstellungen.md")).items() if "." in name}

    wordless = [name for name, cells in table.items() if f"config.{name}" not in SETTINGS or not cells[4].strip("* ")]
    assert wordless == [], "amtsbote/text/settings.py has no sentence for these"
    assert {cells[1] for cells in table.values()} == {"–", "Sekunden", "Byte"}
    assert {name for name, cells in table.items() if cells[2] == "SIGHUP"} == WITHOUT_RESTART
    assert table["limits.metadata"][1:4] == ["Byte", "Neustart", "`AMTSBOTE__LIMITS__METADATA`"]
    assert table["work.lease"][1] == table["serve.stop_seconds"][1] == "Sekunden"
    assert table["limits.attachments"][1] == "–"


def test_limits_for_portals_are_settings_with_their_values() -> None:
    values, units = defaults(), {"MiB": 1024**2, "KiB": 1024, "GiB": 1024**3}
    table = [cells for cells in rows(text_of("docs/portal.md")).values() if len(cells) == 3 and "`" in cells[2]]
    named = {cells[2].strip("`"): cells[0] for cells in table if cells[2].strip("`") in values}

    assert set(named) >= {"limits.metadata", "limits.data", "limits.document", "limits.attachment", "limits.in_flight"}
    for setting, limit in named.items():
        number, _, unit = limit.partition(" ")
        wanted = timedelta(days=int(number)) if unit == "day" else int(number) * units.get(unit, 1)
        assert values[setting] == wanted, setting


def test_the_example_installation_file_loads() -> None:
    loaded = Settings.load(ROOT / "config/amtsbote.example.toml")

    assert loaded.public == Settings().public
    assert loaded.limits == Settings().limits


def test_every_example_declaration_is_one() -> None:
    examples = [path for path in (ROOT / "config").glob("*.toml") if path.name != "amtsbote.example.toml"]

    assert examples
    for example in examples:
        assert isinstance(read_declaration(example), Declaration)


def test_a_declaration_shown_in_the_handbook_is_one() -> None:
    [shown_one] = re.findall(
        r"^cat > deklaration\.toml <<EOF\n(.*?)^EOF$", handbook("erste-schritte"), re.DOTALL | re.MULTILINE
    )

    declared = Declaration.model_validate(tomllib.loads(shown_one))

    assert [destination.tenant for destination in declared.destinations] == ["chemnitz"]


def test_every_section_of_a_declaration_is_shown_in_the_example() -> None:
    example = text_of("config/declaration.example.toml")

    assert [name for name in Declaration.model_fields if f"[{name}]" not in example] == []


# what the program shows


def test_every_metric_is_documented_and_no_other() -> None:
    families = list(text_string_to_metric_families(Meter().exposition().decode()))
    emitted = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in families
        if family.name.startswith("amtsbote_") and not family.name.endswith("_created")
    }

    assert emitted == set(METRICS), "amtsbote/text/metrics.py is not complete"
    assert set(rows(text_of("docs/metriken.md"))) == emitted | {"Name", "---"}, "run python docs/generate.py"


def test_metrics_the_pages_and_the_dashboard_name_exist() -> None:
    named = re.findall(r"\bamtsbote_[a-z_]+", text_of("config/grafana/amtsbote.json"))
    named += [name for page in pages() for name in re.findall(r"`(amtsbote_[a-z_]+)`", page.read_text("utf-8"))]
    suffixes = ("", "_bucket", "_sum", "_count")
    known = {f"{name}{suffix}" for name in METRICS for suffix in suffixes}

    assert sorted({name for name in named if not name.startswith("amtsbote_zip")} - known) == []


def test_every_watched_operation_is_documented_and_no_other() -> None:
    wrapped = {
        name
        for call in calls()
        if isinstance(call.func, ast.Name | ast.Attribute)
        and (call.func.id if isinstance(call.func, ast.Name) else call.func.attr) == "around"
        and (name := first_literal(call)) is not None
    }
    table = handbook("ueberwachung").partition("| `operation` |")[2].partition("## ")[0]

    assert wrapped >= {"commit", "fsync", "rename", "sign", "unwrap"}
    assert code_in_first_column(table) == wrapped | {f"step:{step}" for step in STEPS}


def test_every_log_event_is_documented_and_no_other() -> None:
    levels = {"debug", "info", "warning", "error", "exception"}
    emitted = {
        name
        for call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in levels
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "log"
        and (name := first_literal(call)) is not None
        and " " not in name
    }

    assert "serve.ready" in emitted
    assert emitted == set(EVENTS), "amtsbote/text/log_events.py is not complete"
    assert code_in_first_column(text_of("docs/ereignisse.md")) == emitted, "run python docs/generate.py"


def test_events_show_their_level_and_fields() -> None:
    table = rows(text_of("docs/ereignisse.md"))

    assert table["serve.ready"][:2] == ["info", "`public`, `metrics`"]
    assert table["key.expires"][:2] == ["warning", "`days`, `within`, `kid`, `destination`, `purpose`, `until`"]
    assert table["deliver.failed"][0] == "error"


def test_no_table_has_a_word_for_what_is_gone() -> None:
    """What the pages call missing is missing in the tables."""
    for page in ("einstellungen", "metriken", "ereignisse"):
        assert "**fehlt**" not in text_of(f"docs/{page}.md"), page


def table_of_reasons() -> str:
    return handbook("klaerungsfaelle").partition("| Grund |")[2].partition("## ")[0]


def test_every_reason_of_a_klaerungsfall_is_explained_and_no_other() -> None:
    assert code_in_first_column(table_of_reasons()) == {reason.value for reason in Reason}


@pytest.mark.parametrize("reason", Reason)
def test_a_klaerungsfall_is_explained_in_the_words_the_command_shows(reason: Reason) -> None:
    meaning = rows(table_of_reasons())[reason.value][0]

    assert meaning.startswith(say(f"reason.{reason.value}", "de"))


def constants() -> dict[str, str]:
    """Names of texts at the top of the modules that deliver."""
    files = [file for room in ("amtsbote/runner", "adapters") for file in sorted((ROOT / room).rglob("*.py"))]
    return {
        node.target.id: node.value.value
        for file in files
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def test_every_word_for_a_failed_delivery_is_explained() -> None:
    outcomes, known = {"Retry", "Refused", "Unknown"}, constants()
    named = [(call.func.id, call) for call in calls() if isinstance(call.func, ast.Name)]
    given = [call.args[0] for name, call in named if name in outcomes and call.args]
    given += [
        keyword.value
        for name, call in named
        if name == "Confirmation"
        for keyword in call.keywords
        if keyword.arg == "failure"
    ]
    words = {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    words |= {known[one.id] for one in given if isinstance(one, ast.Name) and one.id in known}
    page = handbook("klaerungsfaelle")

    assert words >= {"timeout", "adapter-failed", "folder-exists"}
    assert [word for word in sorted(words | folder_words()) if f"`{word}`" not in page] == []


def folder_words() -> set[str]:
    from adapters.folder.adapter import _REASONS

    return {*_REASONS.values(), "disk-error"}


# commands


def commands() -> set[str]:
    root = typer.main.get_command(build("en"))
    assert isinstance(root, TyperGroup)
    return set(commands_of(root, ""))


def commands_of(group: TyperGroup, before: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands_of(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_command_has_its_section() -> None:
    sections = set(re.findall(r"^## amtsbote (.+)$", text_of("docs/cli.md"), re.MULTILINE))

    assert sections == commands()


def test_every_command_the_handbook_names_exists() -> None:
    known = commands()
    for page in sorted((ROOT / "docs/betrieb").glob("*.md")):
        for named in re.findall(
            r"`?amtsbote (?:--lang de )?([a-z]+(?: (?:list|show|trace)\b)?)", page.read_text("utf-8")
        ):
            assert any(command == named or command.startswith(f"{named} ") for command in known), (
                f"{page.name}: {named}"
            )


# the front page


def test_the_readme_names_the_two_commands_and_every_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b", text_of("README.md")))

    assert {"demo", "test"} <= named
    assert named - targets <= {"an"}  # "make an environment" is no target


def test_the_changelog_begins_with_this_version() -> None:
    [newest, *_] = re.findall(r"^## \[([^\]]+)\]", text_of("CHANGELOG.md"), re.MULTILINE)

    assert newest in {"Unreleased", amtsbote.__version__}


def test_the_version_is_the_same_everywhere() -> None:
    assert tomllib.loads(text_of("pyproject.toml"))["project"]["version"] == amtsbote.__version__


def test_the_manifest_is_explained_field_by_field() -> None:
    table = code_in_first_column(handbook("ordner").partition("## manifest.json")[2].partition("## ")[0])

    assert table == manifest_fields()


def manifest_fields() -> set[str]:
    import json
    from dataclasses import replace
    from datetime import UTC, datetime

    from adapters.folder.manifest import layout, manifest
    from amtsbote.api import Original
    from amtsbote.api.testkit import verified_parts, work_order

    order, sent = work_order(), verified_parts()
    parts = replace(sent, original=Original(order.schema, sent.data, sent.data_size, sent.data_sha512))
    return set(json.loads(manifest(order, parts, layout(order, parts), datetime(2026, 1, 1, tzinfo=UTC))))


def test_every_model_of_a_section_forbids_what_it_does_not_know() -> None:
    for section in Settings.model_fields:
        model: BaseModel = getattr(Settings(), section)
        assert model.model_config["extra"] == "forbid"

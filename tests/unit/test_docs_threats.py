"""The threat table names tests that exist; and what it says does not occur does not occur."""

import ast
import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from amtsbote.daemon.settings import Settings

ROOT = Path(__file__).parents[2]
ROOMS = ("amtsbote", "adapters", "routing", "schemas", "transport")
TABLE = (ROOT / "docs/security/threats.md").read_text("utf-8")
NAMED = re.findall(r"`([a-z]+/test_\w+\.py)::(test_\w+)`", TABLE)

CLASSES = (
    "External entities",
    "Entity expansion",
    "Memory corruption in the XSD engine",
    "XML signature wrapping",
    "Parser differential",
    "Algorithm or key confusion",
    "Missing signature check",
    "Padding and timing oracles",
    "Decompression bombs",
    "Work-factor attacks",
    "Multipart",
    "Server-side request forgery",
    "Local file read through signature transforms",
    "Path traversal",
    "A drop folder becomes code execution",
    "Deserialisation",
    "Headers or fields of a message steer",
    "Mixing of tenants",
    "Unrestricted upload",
    "Log as a way of attack",
    "Request smuggling",
    "Headers that a proxy",
    "The reverse proxy",
    "Somebody reads the PostgreSQL database",
    "Somebody reads or changes parts in the bucket",
    "A stolen backup",
    "A damaged, unfinished or forged backup",
    "Somebody else on the machine",
)
"""Classes of weaknesses seen in systems of this kind, and what stands around the service; each needs a row."""


def sources(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms or ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield file, ast.parse(file.read_text("utf-8"))


def imported(module: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    return names | {
        f"{node.module}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def called(module: ast.Module) -> set[str]:
    calls = [node.func for node in ast.walk(module) if isinstance(node, ast.Call)]
    return {call.id for call in calls if isinstance(call, ast.Name)} | {
        call.attr for call in calls if isinstance(call, ast.Attribute)
    }


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_named_test_exists(file: str, name: str) -> None:
    module = ast.parse((ROOT / "tests" / file).read_text("utf-8"))

    assert name in {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_threat_names_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| threat"))]

    assert len(rows) > 30
    assert [row for row in rows if "::test_" not in row] == []


@pytest.mark.parametrize("kind", CLASSES)
def test_every_known_class_has_a_row(kind: str) -> None:
    assert f"\n| {kind}" in TABLE


def test_nothing_deserialises_objects() -> None:
    forbidden = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle"}

    for file, module in sources():
        assert not forbidden & {name.partition(".")[0] for name in imported(module)}, file
        assert not {"eval", "exec", "__import__"} & called(module), file


def test_no_multipart_body_is_read() -> None:
    for file, module in sources():
        assert "form" not in called(module), file
        assert not {"multipart", "python_multipart"} & {name.partition(".")[0] for name in imported(module)}, file


def test_nothing_transforms_with_xslt_but_the_mappings_of_packages() -> None:
    transforming = {
        file.relative_to(ROOT).as_posix() for file, module in sources() if {"XSLT", "xslt"} & called(module)
    }

    assert transforming == {"schemas/mapping.py"}


def test_the_daemon_calls_nobody_but_its_own_storage() -> None:
    """The one HTTP client is used by the sender half, the command that tries it, the one that fetches the keys an
    operator names, and the demonstration, by no room that the daemon runs but the one that reaches the storage of the
    settings."""
    calling = {
        file.relative_to(ROOT).as_posix()
        for file, module in sources()
        if any(name.partition(".")[0] in {"httpx", "urllib3", "requests"} for name in imported(module))
        or any(name.startswith(("amtsbote.net", "urllib.request", "http.client")) for name in imported(module))
    }

    assert {file for file in calling if not file.startswith(CALLERS)} == STORAGE | GUARDED | MAIL


def test_what_others_name_is_called_through_the_guard_alone() -> None:
    """Whoever tells receivers has no other client than the guarded one, and it is built in one place."""
    for file in GUARDED:
        names = {
            name for name in imported(ast.parse((ROOT / file).read_text("utf-8"))) if name.startswith("amtsbote.net")
        }
        assert not {"amtsbote.net.HttpClient", "amtsbote.net.client.HttpClient"} & names, file
    building = {file.relative_to(ROOT).as_posix() for file, module in sources() if "GuardedClient" in called(module)}

    assert building == {"amtsbote/daemon/composition.py"}


CALLERS = (
    "amtsbote/net/",
    "amtsbote/demo/",
    "amtsbote/cli/sending.py",
    "amtsbote/cli/snapshots.py",
    "transport/fitconnect/client/",
)
STORAGE = {"amtsbote/store/uploads.py", "amtsbote/admin/doctor_parts.py"}
"""They take their address from `storage.parts` and `s3.endpoint` only."""
GUARDED = {"amtsbote/runner/callback.py", "amtsbote/daemon/composition.py"}
MAIL = {"amtsbote/runner/reminders.py", "amtsbote/daemon/settings.py"}
"""The mail server of the settings."""


def test_both_listeners_are_loopback_unless_told_otherwise() -> None:
    settings = Settings()

    for address in (settings.public.listen, settings.metrics.listen):
        assert ip_address(address.rpartition(":")[0]).is_loopback

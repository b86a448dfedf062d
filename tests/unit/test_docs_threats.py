"""The threat table names tests that exist; and what it says does not occur does not occur."""

import ast
import re
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import pytest
from house_source import called_in, imports_of, modules

from amtsbote.daemon.settings import Settings

ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_named_test_exists(file: str, name: str) -> None:
    assert name in functions_of(ROOT / "tests" / file)


@cache
def functions_of(file: Path) -> frozenset[str]:
    module = ast.parse(file.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_threat_names_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| threat"))]

    assert len(rows) > 30
    assert [row for row in rows if "::test_" not in row] == []


@pytest.mark.parametrize("kind", CLASSES)
def test_every_known_class_has_a_row(kind: str) -> None:
    assert f"\n| {kind}" in TABLE


def test_nothing_deserialises_objects() -> None:
    forbidden = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle"}

    for file, module in modules().items():
        assert not forbidden & {name.partition(".")[0] for name in imports_of(module)}, file
        assert not {"eval", "exec", "__import__"} & called_in(module), file


def test_one_room_reads_multipart_bodies() -> None:
    reading = {"multipart", "python_multipart"}
    for file, module in modules().items():
        assert "form" not in called_in(module), file
        found = reading & {name.partition(".")[0] for name in imports_of(module)}
        assert not found or file == "amtsbote/editing/forms.py", file


def test_nothing_transforms_with_xslt_but_the_mappings_of_packages() -> None:
    transforming = {file for file, module in modules().items() if {"XSLT", "xslt"} & called_in(module)}

    assert transforming == {"schemas/mapping.py"}


def test_the_daemon_calls_nobody_but_its_own_storage() -> None:
    """The one HTTP client is used by the sender half, the command that tries it, the one that fetches the keys an
    operator names, and the demonstration, by no room that the daemon runs but the one that reaches the storage of the
    settings."""
    calling = {
        file
        for file, module in modules().items()
        if any(name.partition(".")[0] in {"httpx", "urllib3", "requests"} for name in imports_of(module))
        or any(name.startswith(("amtsbote.net", "urllib.request", "http.client")) for name in imports_of(module))
    }

    assert {file for file in calling if not file.startswith(CALLERS)} == STORAGE | GUARDED | MAIL


def test_what_others_name_is_called_through_the_guard_alone() -> None:
    """Whoever tells receivers has no other client than the guarded one, and it is built in one place."""
    for file in GUARDED:
        names = imports_of(modules()[file])
        assert not {"amtsbote.net.HttpClient", "amtsbote.net.client.HttpClient"} & names, file
    building = {file for file, module in modules().items() if "GuardedClient" in called_in(module)}

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

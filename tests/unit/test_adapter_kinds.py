"""Adapters of third parties register by entry point; none of them can take over or break ours."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters import KINDS, adapter_kinds
from adapters.memory import MemoryAdapter, MemoryTarget
from amtsbote.api.testkit import verified_parts, work_order
from amtsbote.errors import Damaged

GOOD = """
from pydantic import BaseModel
from amtsbote.api import Ready

class Options(BaseModel, extra="forbid"):
    url: str

class Kind:
    def __init__(self, name): self.name = name
    options = Options
    def build(self, options, services): raise NotImplementedError

good, folder, second = Kind("good"), Kind("folder"), Kind("good")
no_build = type("NoBuild", (), {"name": "no_build", "options": Options})()
no_options = type("NoOptions", (), {"name": "no_options", "options": dict, "build": print})()
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, as `pip install` fills it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site: Path, module: str, source: str, *points: str) -> None:
    (site / f"{module}.py").write_text(source)
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(("[amtsbote.adapters]", *points)) + "\n")


def test_ours_are_there_without_any_installation() -> None:
    assert set(KINDS) == {"folder"}
    assert set(adapter_kinds().usable) >= {"folder"}


def test_an_entry_point_becomes_a_kind(site: Path) -> None:
    install(site, "adapters_of_friends_1", GOOD, "good = adapters_of_friends_1:good")

    found = adapter_kinds()

    assert found.usable["good"].name == "good"
    assert found.broken == {}


def test_a_name_of_ours_cannot_be_taken_over(site: Path) -> None:
    install(site, "adapters_of_friends_2", GOOD, "folder = adapters_of_friends_2:folder")

    found = adapter_kinds()

    assert found.usable["folder"] is KINDS["folder"]
    assert "folder (adapters_of_friends_2:folder)" in found.broken


def test_two_strangers_with_one_name_do_not_replace_each_other(site: Path) -> None:
    install(site, "adapters_of_friends_3", GOOD, "good = adapters_of_friends_3:good")
    install(site, "adapters_of_friends_4", GOOD, "good = adapters_of_friends_4:second")

    found = adapter_kinds()

    assert "good" in found.usable
    assert len(found.broken) == 1


@pytest.mark.parametrize(
    ("point", "word"),
    [
        ("no_build = {}:no_build", "build"),
        ("no_options = {}:no_options", "options"),
        ("another = {}:good", "name"),
        ("missing = {}:missing", "AttributeError"),
        ("gone = no_such_module_anywhere:kind", "ModuleNotFoundError"),
    ],
)
def test_an_entry_point_that_is_no_kind_is_reported_and_the_others_work(site: Path, point: str, word: str) -> None:
    module = f"adapters_of_friends_5_{point.partition(' ')[0]}"
    install(site, module, GOOD, point.format(module), f"good = {module}:good")

    found = adapter_kinds()

    [reason] = found.broken.values()
    assert word in reason.en
    assert word in reason.de
    assert {"folder", "good"} <= set(found.usable)


def test_a_module_that_raises_when_imported_is_reported(site: Path) -> None:
    install(site, "adapters_of_friends_6", "1 / 0", "bad = adapters_of_friends_6:kind")

    [reason] = adapter_kinds().broken.values()

    assert "ZeroDivisionError" in reason.en


async def test_the_memory_adapter_keeps_nothing_of_bytes_that_were_not_verified() -> None:
    target = MemoryTarget()
    parts = replace(verified_parts(b"<a/>"), data=lambda: iter((b"<b/>",)))

    with pytest.raises(Damaged):
        await MemoryAdapter(target).deliver(work_order(), parts)

    assert target.messages == {}

"""The example adapter of the page for authors, held to the contract with the code the page shows."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adapters import _is_kind
from amtsbote.api.testkit import AdapterContract

PAGE = Path(__file__).parents[2] / "docs/adapter.md"
NAMES = ("amtsbote_zip", "test_amtsbote_zip")


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[dict[str, ModuleType]]:
    """The Python blocks of the page as modules, in their order, by the file name each names first."""
    blocks = re.findall(r'^```python\n("""(\w+)\.py""".*?)^```$', PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert tuple(name for _, name in blocks) == NAMES
    try:
        for source, name in blocks:
            file = tmp_path / f"{name}.py"
            file.write_text(source, "utf-8")
            spec = importlib.util.spec_from_file_location(name, file)
            assert spec is not None
            assert spec.loader is not None
            sys.modules[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[name])
        yield {name: sys.modules[name] for name in NAMES}
    finally:
        for name in NAMES:
            sys.modules.pop(name, None)


@pytest.mark.parametrize("rule", [name for name in vars(AdapterContract) if name.startswith("test_")])
def test_the_example_keeps_every_rule_of_the_contract(shown: dict[str, ModuleType], rule: str, tmp_path: Path) -> None:
    case: Any = shown["test_amtsbote_zip"].TestZipAdapter
    target = tmp_path / "target"
    target.mkdir()
    under_test = case.adapter_under_test.__wrapped__(case(), target)

    getattr(case(), rule)(under_test)


def test_the_example_can_be_registered(shown: dict[str, ModuleType]) -> None:
    assert _is_kind(shown["amtsbote_zip"].ZIP, "zip")


def test_the_example_imports_nothing_of_ours_but_the_public_contract() -> None:
    imported = set(re.findall(r"^from (amtsbote[\w.]*) import", PAGE.read_text("utf-8"), re.MULTILINE))

    assert imported - {"amtsbote_zip"} == {"amtsbote.api", "amtsbote.api.testkit", "amtsbote.errors"}

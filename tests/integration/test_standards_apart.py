"""Registering in a process of its own: whatever happens to it, the command ends with a sentence and leaves nothing."""

import os
import resource
import signal
import threading
from pathlib import Path

import pytest
from standards_kit import HUND, NOW, PLAIN, published, schema

from amtsbote.errors import Misconfigured
from schemas.standards.apart import register_apart
from schemas.standards.choosing import Wanted
from schemas.standards.library import Library
from schemas.standards.order import Order, Step

OPTIONAL = "".join(f"<xs:element name='e{number}' type='xs:string' minOccurs='0'/>" for number in range(5000))
LONG = schema(HUND, f"<xs:complexType name='Anmeldung'><xs:sequence>{OPTIONAL}</xs:sequence></xs:complexType>")
"""Takes minutes to compile: the effort grows with the square of the optional elements, or worse."""


def order(folder: Path, files: dict[str, str | bytes]) -> Order:
    return Order(folder / "registry", published(folder / "set", files), Wanted(), None, NOW)


def children() -> set[int]:
    at = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return {*map(int, at.read_text().split())}


def test_a_standard_is_registered_with_all_its_steps_and_known_the_second_time(tmp_path: Path) -> None:
    asked, steps = order(tmp_path, {**PLAIN}), list[Step]()

    first, second = (register_apart(asked, steps.append) for _ in range(2))

    assert (first.new, second.new, first.lock) == (True, False, second.lock)
    assert Library(asked.registry).find("xhund_1.0") == first.lock
    assert first.lock.registered_at == NOW
    assert steps == ["read", "resolve", "compile", "samples", "read", "resolve"]


def test_what_it_is_refused_for_is_told_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no XML schema") as refused:
        register_apart(order(tmp_path, {"x.txt": ""}), lambda _: None)
    assert "enthält kein XML-Schema" in refused.value.de


@pytest.mark.parametrize(
    ("end", "told"), [(signal.SIGKILL, r"crashed .*\(-9\)"), (signal.SIGSEGV, r"crashed .*\(-11\)")]
)
def test_a_crash_in_the_middle_is_told_and_leaves_nothing(tmp_path: Path, end: signal.Signals, told: str) -> None:
    asked, others = order(tmp_path, {"x.xsd": LONG}), children()

    def crash(step: Step) -> None:
        if step == "compile":
            [child] = children() - others
            os.kill(child, end)

    with pytest.raises(Misconfigured, match=told):
        register_apart(asked, crash)

    assert [*asked.registry.iterdir()] == []


def test_schema_files_that_take_minutes_to_compile_end_with_a_sentence(tmp_path: Path) -> None:
    asked = order(tmp_path, {"x.xsd": LONG})

    with pytest.raises(Misconfigured, match="took longer than 2 seconds"):
        register_apart(asked, lambda _: None, seconds=1.5)

    assert not asked.registry.exists() or [*asked.registry.iterdir()] == []


def test_a_lack_of_memory_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    asked, others = order(tmp_path, {"x.xsd": LONG}), children()

    def starve(step: Step) -> None:
        if step == "compile":
            [child] = children() - others
            resource.prlimit(child, resource.RLIMIT_DATA, (2**20, 2**20))

    with pytest.raises(Misconfigured, match="need more memory than is allowed"):
        register_apart(asked, starve)

    assert [*asked.registry.iterdir()] == []

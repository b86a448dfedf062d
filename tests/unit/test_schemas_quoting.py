"""What stands at the place of a finding is told to whoever asks for it, and to nobody else."""

import json
from typing import Any

import pytest
from schemas_for_tests import dog_tax, sample, tree_felling

from schemas.answers import inspection_of
from schemas.confinement import HelperLimits
from schemas.helper_main import answer
from schemas.helper_process import HelperFailed
from schemas.inspector import Inspector
from schemas.json_schema.inspector import JsonInspector
from schemas.plan import MAX_VALUE

(PLAN,) = tree_felling().plans()
[JSON_PLAN] = [plan for plan in dog_tax("1.1").plans() if plan.json_schema]
QUOTING = PLAN.quoting()


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector(QUOTING, HelperLimits().max_tags)


def heard(inspector: Any, document: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(answer(inspector.inspect, document)))
    return told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ungueltig-regionalschluessel", "14511000000"),
        ("ungueltig-attribut-fehlt", ""),
        ("ungueltig-baumnummer-doppelt", ""),
        ("ungueltig-fremde-codeliste", "urn:example:andere:liste"),
    ],
)
def test_a_finding_says_what_stands_there(inspector: Inspector, name: str, value: str) -> None:
    [found] = inspection_of(QUOTING, heard(inspector, sample(name))).findings
    assert found.value == value


def test_a_helper_that_quotes_unasked_is_not_believed(inspector: Inspector) -> None:
    with pytest.raises(HelperFailed):
        inspection_of(PLAN, heard(inspector, sample("ungueltig-datum")))


def test_a_long_value_is_cut_and_stays_on_its_line(inspector: Inspector) -> None:
    document = sample("ungueltig-datum")
    start = document.index(b"<antragsdatum>") + len(b"<antragsdatum>")
    long = document[:start] + b"x\n" * 5000 + document[document.index(b"</antragsdatum>") :]

    [found] = inspection_of(QUOTING, heard(inspector, long)).findings

    assert found.value == "x " * (MAX_VALUE // 2)


def test_in_json_too() -> None:
    plan = JSON_PLAN.quoting()
    document = (dog_tax("1.1").folder / "samples" / "ungueltig-geschlecht.json").read_bytes()

    [found] = inspection_of(plan, heard(JsonInspector(plan), document)).findings

    assert found.value is not None
    assert f'"{found.value}"'.encode() in document

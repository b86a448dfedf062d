"""Every sample in the log of the collected standards gets the verdict that stands there, told by its content alone."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from standards_kit import registered

from schemas.confinement import HelperLimits
from schemas.on_demand import HelpersOnDemand
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library

_XPLAN: Final = {"kennung": "urn:muster:xplanung"}
_SETS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("xunternehmen-gewerbesteuer-1.4", {}),
    ("xdomea", {"version": "2.4.0"}),
    ("xdomea", {"version": "3.0.0"}),
    ("xjustiz-3.4.1", {}),
    ("xjustiz-3.5.1", {}),
    ("xbildung-family/xbildung-1.1", {}),
    ("xbildung-family/xbildung-1.2", {}),
    ("xbildung-family/xschule-1.1", {}),
    ("xbildung-family/xschule-1.2", {}),
    ("xplanung", {**_XPLAN, "version": "5.4", "entry": "xsd/XPlanGML_5_4/XPlanung-Operationen.xsd"}),
    ("xplanung", {**_XPLAN, "version": "6.0", "entry": "xsd/XPlanGML_6_0/XPlanung-Operationen.xsd"}),
)
_LINE: Final = re.compile(r"^ +(VALID|INVALID) +(\S.*?)(?: +\d+ .*)?$", re.MULTILINE)


@pytest.fixture(scope="module")
def collection(reference: Path) -> Path:
    folder = reference / "xoev"
    if not folder.is_dir():
        pytest.skip("the collection of XÖV standards is not here")
    return folder


@pytest.fixture(scope="module")
def standards(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandardsInUse]:
    library = Library(tmp_path_factory.mktemp("registry"))
    for folder, wanted in _SETS:
        registered(library, collection / folder, catalog=collection / "catalog.xml", **wanted)
    with closing(HelpersOnDemand(HelperLimits())) as helpers:
        yield StandardsInUse(library, helpers)


def test_all_samples_of_the_log_are_told_and_judged_as_it_says(collection: Path, standards: StandardsInUse) -> None:
    expected = {name: word == "VALID" for word, name in _LINE.findall((collection / "VALIDATION.txt").read_text())}
    found = {}
    for name in expected:
        document = (collection / name).read_bytes()
        messages = standards.identify((), document).matches
        found[name] = [standards.inspect(uri, document).valid for uri in messages]

    assert len(expected) > 50
    assert found == {name: [valid] for name, valid in expected.items()}


_XSCHULE: Final = "xbildung-family/xschule-{}/samples/XSchule_Wechsel_01.xml"
_DAY: Final = ">{}</xbd:gueltigkeitsdatum>"
"""Of a type that XSchule has from XBildung."""


@pytest.mark.parametrize(
    ("sample", "right", "wrong", "code"),
    [
        (
            "xplanung/samples/xplan54_Flaechenschlussfehler_Luecken.gml",
            "<xplan:ags>02000000</xplan:ags>",
            "<xplan:agz>02000000</xplan:agz>",
            "XSD-UNEXPECTED",
        ),
        (_XSCHULE.format("1.1"), _DAY.format("2022-07-14"), _DAY.format("gestern"), "XSD-TYPE"),
        (_XSCHULE.format("1.2"), _DAY.format("2025-07-14"), _DAY.format("gestern"), "XSD-TYPE"),
    ],
    ids=["XPlanGML 5.4", "XBildung 1.1", "XBildung 1.2"],
)
def test_the_same_with_a_fault_is_refused(
    collection: Path, standards: StandardsInUse, sample: str, right: str, wrong: str, code: str
) -> None:
    document = (collection / sample).read_text("utf-8")
    assert right in document
    broken = document.replace(right, wrong, 1).encode()

    (uri,) = standards.identify((), broken).matches
    assert {each.code for each in standards.inspect(uri, broken).errors} == {code}

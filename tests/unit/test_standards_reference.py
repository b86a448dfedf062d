"""Real standards as published register offline, and their samples get the verdicts they have elsewhere."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from standards_kit import published, registered

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.explaining.xsd_fields import XsdFields
from schemas.findings import Observation
from schemas.inspector import Inspector
from schemas.plan import Grade
from schemas.standards.engines import Engine
from schemas.standards.library import Library
from schemas.standards.lock import Grades
from schemas.standards.plans import plans_of, uri_of

XPLAN = {"kennung": "urn:muster:xplanung"}
OFFICE = (
    "<verzeichnisdienst listVersionID='3'><code>DVDV</code></verzeichnisdienst><kennung>bab:1</kennung><name>x</name>"
)
ACKNOWLEDGED = f"""<q:prozessnachrichten.generischeQuittierungEingang.1180 produkt="x" produkthersteller="x"
  xmlns:q="http://www.xleitstelle.de/xbau/kernmodul/1/3/0" standard="XBau-Kernmodul" version="1.3.0">
  <nachrichtenkopf.g2g><identifikation.nachricht>
    <nachrichtenUUID>0d1e2f30-0000-4000-8000-000000000001</nachrichtenUUID>
    <nachrichtentyp><code>1180</code></nachrichtentyp><erstellungszeitpunkt>2026-01-01T00:00:00</erstellungszeitpunkt>
  </identifikation.nachricht><leser>{OFFICE}</leser><autor>{OFFICE}</autor></nachrichtenkopf.g2g><bezug/>
  <nachrichtentyp listVersionID="{{version}}"><code>{{key}}</code></nachrichtentyp>
</q:prozessnachrichten.generischeQuittierungEingang.1180>"""
XTA = {"kennung": "urn:xoev-de:kosit:standard:xta2", "version": "2.1.1"}


NOTICE = "bescheide.gewerbesteuer.0001"


@pytest.fixture(scope="module")
def fields(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> XsdFields:
    folder = reference / "xoev"
    if not folder.is_dir():
        pytest.skip("the collection of XÖV standards is not here")
    library = Library(tmp_path_factory.mktemp("registry"))
    lock = registered(library, folder / "xunternehmen-gewerbesteuer-1.4", catalog=folder / "catalog.xml")
    (plan,) = plans_of(library, (lock,), f"{lock.identity}#{NOTICE}")
    return XsdFields(plan)


@pytest.fixture
def standards(reference: Path) -> Path:
    folder = reference / "xoev"
    if not folder.is_dir():
        pytest.skip("the collection of XÖV standards is not here")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "registry")


@pytest.mark.parametrize(
    ("folder", "wanted", "identity", "messages", "samples"),
    [
        ("xbau-2.6", {}, "urn:xoev-de:bmk:standard:xbau_2.6", 121, 0),
        ("xbau-2.4.0.1", {}, "urn:xoev-de:bmk:standard:xbau_2.4.0.1", 107, 0),
        ("xbau-kernmodul-1.3.0", {}, "urn:xoev-de:bmk:standard:xbau-kernmodul_1.3.0", 18, 0),
        ("xbildung-family/xschule-1.2", {}, "urn:xoev-de:xschule-digital:def:standard:xschule_1.2", 5, 16),
        ("xbildung-family/xschule-1.1", {}, "urn:xoev-de:xschule-digital:def:standard:xschule_1.1", 5, 16),
        ("xunternehmen-gewerbesteuer-1.4", {}, "urn:xoev-de:xunternehmen:standard:gewerbesteuer_1.4", 5, 15),
        ("xjustiz-3.4.1", {}, "urn:xoev-de:blk-ag-it-standards:standard:xjustiz_3.4.1", 3, 1),
        ("xjustiz-3.5.1", {}, "urn:xoev-de:blk-ag-it-standards:standard:xjustiz_3.5.1", 3, 0),
        ("xdomea", {"version": "2.4.0"}, "urn:xoev-de:xdomea:kosit:standard:xdomea_2.4.0", 47, 4),
        ("xdomea", {"version": "3.0.0"}, "urn:xoev-de:xdomea:kosit:standard:xdomea_3.0.0", 64, 5),
        ("xdomea", {"version": "3.1.0"}, "urn:xoev-de:xdomea:kosit:standard:xdomea_3.1.0", 64, 0),
        (
            "xplanung",
            {**XPLAN, "version": "6.0", "entry": "xsd/XPlanGML_6_0/XPlanung-Operationen.xsd"},
            "urn:muster:xplanung_6.0",
            230,
            3,
        ),
        (
            "xplanung",
            {**XPLAN, "version": "5.4", "entry": "xsd/XPlanGML_5_4/XPlanung-Operationen.xsd"},
            "urn:muster:xplanung_5.4",
            224,
            1,
        ),
        ("xbildung-family/xbildung-1.1", {}, "urn:xoev-de:xbildung-de:def:standard:xbildung_1.1", 0, 0),
        ("xbildung-family/xbildung-1.2", {}, "urn:xoev-de:xbildung-de:def:standard:xbildung_1.2", 0, 0),
        ("xta2-v3-2.1.1", XTA, f"{XTA['kennung']}_2.1.1", 37, 0),
        ("xta2-v3-2.1.1", {**XTA, "entry": "XTA-Webservice-Exceptions.xsd"}, f"{XTA['kennung']}_2.1.1", 8, 0),
    ],
)
def test_a_standard_registers_and_its_samples_are_valid_for_both_validators(
    standards: Path, library: Library, folder: str, wanted: dict[str, Any], identity: str, messages: int, samples: int
) -> None:
    lock = registered(library, standards / folder, catalog=standards / "catalog.xml", **wanted)

    assert str(lock.identity) == identity
    assert len(lock.messages) == messages
    assert [unit.engine for unit in lock.units] == [Engine.LIBXML2]
    assert len(lock.samples) == samples
    assert {(sample.valid, sample.second) for sample in lock.samples} <= {(True, True)}
    assert library.changes(lock) == {}


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("xbildung-family/xschule-1.2", {"LIST-KEY": 43, "LIST-VERSION-UNKNOWN": 1, "LIST-UNKNOWN": 83}),
        ("xunternehmen-gewerbesteuer-1.4", {"LIST-UNKNOWN": 15}),
    ],
)
def test_official_samples_break_their_own_code_lists_and_are_warned_of_it(
    standards: Path, library: Library, folder: str, told: dict[str, int]
) -> None:
    lock = registered(library, standards / folder, catalog=standards / "catalog.xml")
    inspectors: dict[str, Inspector] = {}
    found: list[Observation] = []
    for sample in lock.samples:
        document = library.read(lock, sample.name)
        uri = uri_of(lock, str(etree.fromstring(document).tag))
        if uri not in inspectors:
            (plan,) = plans_of(library, (lock,), uri)
            inspectors[uri] = Inspector(replace(plan, rule_sets=()), 1_000_000)
        report = inspectors[uri].inspect(document)
        assert report.layers[Layer.CODE_LISTS] is LayerOutcome.PASSED
        found += report.findings

    assert Counter(each.code for each in found) == told
    assert {each.severity for each in found} == {Severity.WARNING}


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("nachrichtenkopf/fachverfahren", "Name des Fachverfahrens"),
        ("kommune/nameBehoerde", "Name der Behörde, die die Gewerbesteuer erhebt"),
        ("kommune/adr:gemeindeschluessel/code", "gemeindeschluessel"),
        ("gwstVeranlagung/festsetzungsAngaben/erhebungszeitraum", "erhebungszeitraum"),
        ("gwstVeranlagung/festsetzungsAngaben/festsetzungAktuell", "festsetzung Aktuell"),
    ],
)
def test_fields_of_a_real_standard_have_names_and_no_sentences(fields: XsdFields, place: str, name: str) -> None:
    assert fields.at(f"/gewst:{NOTICE}/{place}").name == name


def test_xbau_is_held_against_its_own_lists_where_the_schema_fixes_them(
    standards: Path, library: Library, tmp_path: Path
) -> None:
    """Which message an acknowledgement is of: the schema fixes the list, the message says its version."""
    for folder in ("xbau-kernmodul-1.3.0", "xbau-2.6/codelists"):
        shutil.copytree(standards / folder, tmp_path / "set", dirs_exist_ok=True)
    lock = registered(library, tmp_path / "set", catalog=standards / "catalog.xml", grades=Grades(lists=Grade.ERROR))
    uri = f"{lock.identity}#prozessnachrichten.generischeQuittierungEingang.1180"
    (plan,) = plans_of(library, (lock,), uri)
    inspector = Inspector(replace(plan, rule_sets=()), 1_000_000)

    def told(key: str, version: str) -> list[str]:
        report = inspector.inspect(ACKNOWLEDGED.format(version=version, key=key).encode())
        return [each.code for each in report.findings if "verzeichnisdienst" not in each.path]

    assert told("0201", "1.0") == []
    assert told("0200", "1.0") == ["LIST-KEY"]
    assert told("0201", "9") == ["LIST-VERSION-UNKNOWN"]
    assert "urn:xoev-de:kosit:codeliste:verzeichnisdienst" in lock.missing_lists


def test_a_collection_with_a_missing_file_is_refused_by_its_name(standards: Path, library: Library) -> None:
    with pytest.raises(Misconfigured) as refused:
        registered(library, standards / "xjustiz-3.6", catalog=standards / "catalog.xml")

    assert "xjustiz_0000_grunddatensatz_3_6.xsd:35: xs:include xjustiz_0070_cl_justizvollzugsanstalt_3_1.xsd" in str(
        refused.value
    )


def test_xplanung_without_wfs_is_refused_and_not_laxer(standards: Path, library: Library, tmp_path: Path) -> None:
    shutil.copytree(standards / "xplanung/xsd", tmp_path / "xsd", ignore=shutil.ignore_patterns("wfs*"))
    entry = "xsd/XPlanGML_6_0/XPlanung-Operationen.xsd"

    with pytest.raises(Misconfigured, match=r"xs:import .*wfs"):
        registered(library, tmp_path, kennung="urn:muster:xplanung", version="6.0", entry=entry)


def test_osci_whose_content_models_are_not_deterministic_registers(standards: Path, library: Library) -> None:
    """libxml2 compiles 8 of the 26 envelopes; xmlschema in the mode for XSD 1.1 has the others."""
    lock = registered(library, standards / "osci-transport-1.2", kennung="urn:muster:osci", version="1.2")

    engines = [
        unit.engine for unit in lock.units if "{http://schemas.xmlsoap.org/soap/envelope/}Envelope" in unit.roots
    ]
    assert engines.count(Engine.XSD11) == 18
    assert engines.count(Engine.LIBXML2) == 8


def test_building_blocks_registered_first_take_the_place_of_a_catalogue(
    standards: Path, library: Library, tmp_path: Path
) -> None:
    folder = standards / "xbildung-family"
    with pytest.raises(Misconfigured, match="register the building block first"):
        registered(library, folder / "xschule-1.2")

    registered(library, standards / "xoev-bausteine", kennung="urn:muster:bausteine", version="1")
    xml = published(tmp_path / "xml", {"xml.xsd": (standards / "xta2-v3-2.1.1/xml.xsd").read_bytes()})
    registered(library, xml, kennung="urn:muster:xml", version="1")
    registered(library, folder / "xbildung-1.2")
    lock = registered(library, folder / "xschule-1.2")

    assert all(sample.valid for sample in lock.samples)
    assert len(lock.samples) == 16

"""A second look: what libxml2 has no words for is told by `amtsbote check` so that a clerk understands it."""

import json
import re
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from explaining_kit import FILES, SECRET, document, owner
from patience import PATIENCE
from processes_for_tests import children, ends_within
from schemas_for_tests import dog_tax, sample, trade, tree_felling
from standards_kit import SPACE, published, registered

from amtsbote.cli.entry import run
from amtsbote.model.schema import Finding
from schemas.confinement import HelperLimits
from schemas.explaining.explainer import Explainers
from schemas.findings import Observation, finding_of
from schemas.helpers import HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.standards.library import Library

AT = "/h:anmeldung.hund.0100"
(PLAN,) = tree_felling().plans()
TREES = "/bf:baumfaellung.antrag.0100/antrag/baum"
TWICE = Observation("XSD-KEY", f"{TREES}[2]", 58, "bf:baumnummerNurEinmal")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explaining")
    registered(Library(folder / "registry"), published(folder / "set", FILES))
    return folder / "registry"


def checked(
    capsys: pytest.CaptureFixture[str], folder: Path, content: bytes, *words: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The whole answer, and its findings."""
    file = folder / "document"
    file.write_bytes(content)
    assert run(["check", str(file), "--json", *words]) == 1
    answer = json.loads(capsys.readouterr().out)
    return answer, answer["findings"]


FORM = "Der Wert hat nicht die verlangte Form."
CHIP = (
    "„Nummer des Chips“ (chip) muss bei jedem Eintrag „Hund“ anders lauten; hier steht derselbe Wert noch einmal. "
    f"Zuerst steht er hier: {AT}/h:hund[1]."
)
TOLD = f"""
/halter[1]/ort XSD-UNEXPECTED An dieser Stelle fehlt eine dieser Angaben: „Name der Person“ (person) oder „Name der \
Firma“ (firma). Stattdessen steht hier „Wohnort“ (ort).
/halter[2]/firma XSD-UNEXPECTED „Name der Firma“ (firma) darf nicht neben „Name der Person“ (person) stehen: Nur eine \
von beiden Möglichkeiten ist erlaubt.
/halter[3]/telefon[3] XSD-UNEXPECTED „Rufnummer“ (telefon) darf hier höchstens 2-mal stehen.
/halter[4]/anrede XSD-UNEXPECTED „Anrede“ steht an der falschen Stelle und gehört vor „Name der Person“ (person).
/halter[5] XSD-MISSING In „Halterin oder Halter“ (halter) fehlt „Wohnort“ (ort).
/halter[6]/ort XSD-UNEXPECTED Die Reihenfolge ist falsch: „Wohnort“ (ort) steht vor „Name der Person“ (person), \
gehört aber dahinter.
/frist XSD-TYPE {FORM} Erlaubt ist eine dieser Formen: ein Datum der Form JJJJ-MM-TT, etwa 2026-12-31; oder ein Text \
mit höchstens 3 Zeichen; oder eine ganze Zahl ab 1000.
/zahlen XSD-TYPE {FORM} Falsch ist der 2. Eintrag der Liste. Erwartet wird je Eintrag eine ganze Zahl.
/paar[1] XSD-LENGTH Der Wert ist zu kurz, zu lang oder leer. Mindestzahl der Einträge: 2. Höchstzahl der Einträge: 3.
/paar[2] XSD-TYPE {FORM} Falsch sind diese Einträge der Liste: 3, 4. Erwartet wird je Eintrag eine ganze Zahl.
/hund[2] XSD-KEY {CHIP}
/hund[3] XSD-KEY Diesem Eintrag „Hund“ fehlt „Nummer des Chips“ (chip); daran muss jeder zu erkennen sein.
/hund[4] XSD-KEY „wurf“ und „Nummer des Chips“ (chip) zusammen müssen bei jedem Eintrag „Hund“ anders lauten; hier \
stehen dieselben Werte noch einmal. Zuerst stehen sie hier: {AT}/h:hund[1].
/hund[4] XSD-KEY {CHIP}
 XSD-KEY Zu „vater“ fehlt das Gegenstück: Kein Eintrag „Hund“ hat denselben Wert in „Nummer des Chips“ (chip). Die \
erste solche Stelle: {AT}/h:hund[2].
"""
"""Path, code and sentence of every finding."""


def places(text: str) -> set[str]:
    """Paths in a sentence."""
    return set(re.findall(r"/h:[\w.:/\[\]]+\w\]?", text))


def test_every_kind_is_told_in_words_of_the_schema_and_without_values(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hund = "<hund {}><chip>{}</chip></hund>\n".format
    content = document(
        owner("ort"),
        owner("person", "firma", "ort"),
        owner("person", "telefon", "telefon", "telefon", "ort"),
        owner("person", "anrede", "ort"),
        owner("person"),
        owner("ort", "person"),
        f"<frist>{SECRET}</frist><zahlen>1 {SECRET} 3</zahlen><paar>1</paar><paar>1 2 {SECRET} x</paar>\n",
        hund(f"wurf='{SECRET}'", 77701),
        hund("vater='77709'", "077701"),
        "<hund/>",
        hund(f"wurf='{SECRET}'", 77701),
    ).encode()

    answer, findings = checked(capsys, tmp_path, content, "--registry", str(registry))

    told = [f"{each['path'].removeprefix(AT).replace('h:', '')} {each['code']} {each['de']}" for each in findings]
    assert told == TOLD.strip("\n").split("\n")
    assert all(each["en"] != each["de"] and places(each["en"]) == places(each["de"]) for each in findings)
    assert f"{AT}/h:hund[1]" in {each["other_path"] for each in findings}
    wanted = {(each["what"], *each["values"]) for found in findings for each in found["expected"]}
    assert wanted > {
        ("required", "h:person", "h:firma"),
        ("maxOccurs", "2"),
        ("before", "h:person"),
        ("after", "h:person"),
        ("union", "xs:date", "xs:string maxLength=3", "xs:int minInclusive=1000"),
        ("fields", "wurf", "chip"),
    }
    assert not any(word in json.dumps(answer) for word in (SECRET, "7770"))

    _, findings = checked(capsys, tmp_path, content, "--registry", str(registry), "--values")
    assert {each["value"] for each in findings if each["code"] == "XSD-KEY"} >= {
        "077701",
        f"{SECRET} / 77701",
        "77709",
    }


TRADE = "urn:amtsbote:standard:gewerbeanmeldung:1.0"
WITHOUT = "Das Element „Inhalt der Anmeldung“ (anmeldung) steht {}; hier wird es ohne Namensraum erwartet."


@pytest.mark.parametrize(
    ("namespace", "words", "told"),
    [
        (TRADE, (), f"im Namensraum {TRADE}"),
        (f"urn:{SECRET}", (), "in einem anderen Namensraum"),
        (f"urn:{SECRET}", ("--values",), f"im Namensraum urn:{SECRET}"),
        ("urn:" + 300 * "x", ("--values",), "im Namensraum urn:" + 196 * "x"),
    ],
)
def test_an_element_in_a_namespace_that_has_none_is_told_as_that(
    namespace: str, words: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = (trade().folder / "samples" / "gueltig-buchladen.xml").read_bytes()
    wrong = content.replace(b"<anmeldung>", f'<anmeldung xmlns="{namespace}">'.encode())

    _, [finding] = checked(capsys, tmp_path, wrong, *words)

    assert (finding["code"], finding["field"]) == ("XSD-UNEXPECTED", "Inhalt der Anmeldung")
    assert finding["de"] == WITHOUT.format(told)
    assert finding["en"].endswith("; here it is expected without a namespace.")


def test_an_element_without_its_namespace_is_told_as_that(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = document(owner("person", "ort").replace("<person>", "<person xmlns=''>")).encode()

    _, [finding] = checked(capsys, tmp_path, content, "--registry", str(registry))

    assert finding["de"] == (
        f"Das Element „Name der Person“ (person) steht ohne Namensraum; hier wird es im Namensraum {SPACE} erwartet."
    )
    assert finding["en"] == (
        f"The element “Name der Person” (person) is without a namespace; here it is expected in the namespace {SPACE}."
    )


def test_a_choice_in_json_says_between_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = dog_tax("1.1")
    content = (package.folder / "samples" / "ungueltig-halter-weder-noch.json").read_bytes()

    _, [finding] = checked(capsys, tmp_path, content, "--schema", package.about.schemas[1].uri)

    assert finding["code"] == "JSON-CHOICE"
    assert finding["de"].startswith("Genau eine dieser Alternativen muss erfüllt sein, hier ist es keine: mit „")
    assert finding["en"].startswith("Exactly one of these alternatives must be met, and none is: with “")


def test_a_look_that_takes_too_long_costs_no_finding_and_is_not_tried_again_at_once() -> None:
    explainers = Explainers(replace(HelperLimits(), start_seconds=0.01))
    found = (finding_of(TWICE), finding_of(Observation("XSD-MISSING", f"{TREES}[1]", expected=("stammumfang",))))
    content = sample("ungueltig-baumnummer-doppelt")
    try:
        told = explainers.explained(PLAN, found, content)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt
        assert explainers.explained(PLAN, found, content) == told
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt == ended  # none was started and killed again
        assert explainers.misses.count == 1
    finally:
        explainers.close()

    assert [(each.code, each.path, each.line) for each in told] == [(each.code, each.path, each.line) for each in found]
    assert told[0].de == found[0].de
    assert told[1].de.startswith("„Bäume, die gefällt werden sollen“ (baum) ist nicht vollständig.")
    assert "„Umfang des Stammes in Zentimetern“ (stammumfang)" in told[1].de


def test_where_xmlschema_sees_no_fault_the_finding_stays_as_it_is() -> None:
    explainers = Explainers(HelperLimits())
    wrong = finding_of(replace(TWICE, path=f"{TREES}[1]"))
    try:
        [told] = explainers.explained(PLAN, (wrong,), sample("ungueltig-baumnummer-doppelt"))
        [unreadable] = explainers.explained(PLAN, (wrong,), b"<")
    finally:
        explainers.close()
    assert told.de == unreadable.de == wrong.de
    assert told.other_path == ""


def test_the_process_for_second_looks_starts_when_it_is_needed_and_ends_with_its_pool() -> None:
    before = children()
    pool = HelperPool(1, HelperLimits())
    pool.start()
    try:
        pool.load((PLAN,))
        assert len(children() - before) == 1
        pool.inspect(PLAN.uri, sample("ungueltig-datum"))
        assert len(children() - before) == 1
        found: list[Finding] = []
        for _ in range(2):
            found += pool.inspect(PLAN.uri, sample("ungueltig-baumnummer-doppelt")).findings
        assert {each.other_path for each in found} == {f"{TREES}[1]"}
        looking = children() - before
        assert len(looking) == 2
    finally:
        pool.close()
    assert all(ends_within(pid, PATIENCE) for pid in looking)


def test_helpers_on_demand_share_one_look_until_the_registry_changes() -> None:
    before = children()
    on_demand = HelpersOnDemand(HelperLimits())
    try:
        found = on_demand.inspect(PLAN, sample("ungueltig-baumnummer-doppelt")).findings
        assert [each.other_path for each in found] == [f"{TREES}[1]"]
        [looking] = children() - before - set(on_demand.pids)
        on_demand.forget()
        assert ends_within(looking, PATIENCE)
        assert on_demand.inspect(PLAN, sample("ungueltig-baumnummer-doppelt")).findings == found
    finally:
        on_demand.close()
    assert children() <= before

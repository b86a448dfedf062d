"""One result in three forms: JSON, a page for people, XML as the KoSIT validator builds it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from lxml import etree

from amtsbote.model.report import Checked, CheckedDocument, CheckReport, Route, Verdict, as_document
from amtsbote.model.schema import Expectation, Finding, Layer, LayerOutcome, Severity
from schemas.explaining.insight import Insight
from schemas.explaining.values import WANTED
from schemas.explaining.xsd_explainer import of_insight
from schemas.reports.html import html
from schemas.reports.xml import NAMESPACE, SVRL, xml

NAMES = {"rep": NAMESPACE, "svrl": SVRL}
HOSTILE = '<script>alert(1)</script>"&\x1b'
LAYERS = {
    **dict.fromkeys(Layer, LayerOutcome.NOT_DECLARED),
    Layer.WELL_FORMED: LayerOutcome.PASSED,
    Layer.XSD: LayerOutcome.FAILED,
    Layer.SCHEMATRON: LayerOutcome.FAILED,
}
WRONG = Finding(
    "XSD-LENGTH",
    Layer.XSD,
    Severity.ERROR,
    "Zu lang.",
    "Too long.",
    "/a/b[2]",
    7,
    "x:name",
    "Familienname",
    (Expectation("maxLength", ("50",)), Expectation("pattern", (), more=True)),
)
RULES = (
    Finding("SCH-ASSERT", Layer.SCHEMATRON, Severity.ERROR, "Regel eins.", "Regel eins.", "/a", 1, "r-1"),
    Finding("SCH-REPORT", Layer.SCHEMATRON, Severity.WARNING, "Hinweis.", "Hinweis.", "/a/c", 2, ""),
)
PREFIXES = {"x": "urn:x"}
CHECKED = Checked(Verdict.INVALID, "urn:x_1#a", "Standard 1", LAYERS, (WRONG, *RULES), more=True, prefixes=PREFIXES)
ROUTE = Route("99093003001002", "145110000000", date(2026, 7, 1), ("gba",), ("rollen: 99… → gba",), None, None)
REPORT = CheckReport(
    CheckedDocument.of("antrag.xml", b"<a/>"), datetime(2026, 6, 30, 22, 5, tzinfo=UTC), CHECKED, ROUTE
)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_says_everything_of_a_finding_and_when_it_was_made_in_germany() -> None:
    words = Page(html(REPORT, "de")).words

    for said in ("Nicht gültig", "1. Fehler: Familienname", "Zu lang.", "Too long.", "/a/b[2]", "7", "XSD-LENGTH"):
        assert said in words
    assert "Höchstlänge: 50; Muster: …" in words
    assert "greatest length: 50; pattern: …" in Page(html(REPORT, "en")).words
    assert "01.07.2026 00:05" in words
    assert "3. Warnung" in words
    assert "x = urn:x" in words
    assert {"Wohin es ginge", "gba", "rollen: 99… → gba", "2026-07-01"} <= set(words)


def test_what_is_demanded_has_a_name_a_person_can_read() -> None:
    seen = Insight(missing="a", least=2, most=1, before="a", behind="a", rivals="a")
    whats = {each.what for each in of_insight(seen)} | {what for each in WANTED.values() for what in each}
    findings = [replace(WRONG, expected=(Expectation(what, ("7",)),)) for what in (*whats, "assert", "fields", "union")]

    page = Page(html(replace(REPORT, checked=replace(CHECKED, findings=tuple(findings))), "de")).words

    assert len(whats) > 25
    assert not [word for word in page if word.partition(":")[0] in whats]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_can_be_read_by_everybody_and_needs_nothing_from_elsewhere(language: str) -> None:
    text = html(REPORT, language)  # type: ignore[arg-type]
    page = Page(text)

    assert page.attributes["lang"][0] == language
    assert page.tags.count("h1") == 1
    assert page.tags.count("h3") == len(CHECKED.findings)
    assert page.tags.index("h1") < page.tags.index("h2") < page.tags.index("h3")
    assert {"title", "main", "caption"} <= set(page.tags)
    assert {"row", "col"} == set(page.attributes["scope"])
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert not {"src", "href", "onclick"} & page.attributes.keys()
    assert "url(" not in text
    assert "@media print" in text


def test_what_stands_in_a_document_cannot_become_markup() -> None:
    finding = replace(WRONG, value=HOSTILE, field=HOSTILE, path=f"/{HOSTILE}")
    document = replace(REPORT.document, name=HOSTILE)
    report = replace(REPORT, document=document, checked=replace(CHECKED, findings=(finding,)))

    assert "script" not in Page(html(report, "de")).tags
    root = etree.fromstring(xml(report))
    assert root.findtext(".//rep:documentReference", namespaces=NAMES) == HOSTILE.replace("\x1b", " ")


def test_a_page_says_whether_it_holds_values() -> None:
    told = replace(REPORT, checked=replace(CHECKED, findings=(replace(WRONG, value="Mustermann"),)))

    assert "Werte aus dem Dokument stehen nicht in diesem Bericht." in Page(html(REPORT, "de")).words
    assert "Mustermann" in Page(html(told, "de")).words
    assert "Dieser Bericht enthält Werte" in html(told, "de")


def test_the_xml_holds_each_layer_with_its_findings_and_rules_as_svrl() -> None:
    root = etree.fromstring(xml(REPORT))

    assert (root.tag, root.get("valid"), root.get("verdict")) == (f"{{{NAMESPACE}}}report", "false", "invalid")
    steps = root.findall(".//rep:validationStepResult", NAMES)
    assert [(step.get("id"), step.get("valid")) for step in steps[:3]] == [
        ("val-well-formed", "true"), ("val-xsd", "false"), ("val-references", None),
    ]  # fmt: skip
    [message] = root.findall(".//rep:message", NAMES)
    assert dict(message.attrib) == {
        "id": "1", "code": "XSD-LENGTH", "level": "error", "xpathLocation": "/a/b[2]", "lineNumber": "7",
        "type": "x:name", "field": "Familienname",
    }  # fmt: skip
    assert [text.text for text in message.findall("rep:text", NAMES)] == ["Zu lang.", "Too long."]
    [space] = root.findall("rep:scenarioMatched/rep:scenario/rep:namespace", NAMES)
    assert (space.get("prefix"), space.text) == ("x", "urn:x")
    [told] = root.findall(".//svrl:ns-prefix-in-attribute-values", NAMES)
    assert dict(told.attrib) == {"prefix": "x", "uri": "urn:x"}
    [failed] = root.findall(".//svrl:failed-assert", NAMES)
    assert (failed.get("id"), failed.get("location"), failed.get("role")) == ("r-1", "/a", "error")
    [reported] = root.findall(".//svrl:successful-report", NAMES)
    assert (reported.get("id"), reported.get("role")) == ("SCH-REPORT-3", "warning")
    assert root.find("rep:assessment/rep:reject", NAMES) is not None


def test_a_document_of_no_schema_has_no_steps_and_a_valid_one_is_accepted() -> None:
    unknown = Checked(Verdict.UNKNOWN, "", "", LAYERS, (), more=False, candidates=("urn:x_1#a", "urn:x_2#a"))
    root = etree.fromstring(xml(replace(REPORT, checked=unknown)))
    assert [each.text for each in root.findall("rep:noScenarioMatched/rep:candidate", NAMES)] == list(
        unknown.candidates
    )
    assert "urn:x_2#a" in html(replace(REPORT, checked=unknown), "de")

    valid = replace(CHECKED, verdict=Verdict.VALID, findings=())
    assert etree.fromstring(xml(replace(REPORT, checked=valid))).find("rep:assessment/rep:accept", NAMES) is not None


def test_json_says_the_same_and_has_no_place_for_values_nobody_asked_for() -> None:
    told = as_document(REPORT)

    assert (told["verdict"], told["layers"]["xsd"], told["route"]["date"]) == ("invalid", "failed", "2026-07-01")
    assert told["document"]["sha256"] == REPORT.document.sha256
    assert told["findings"][0]["expected"][0] == {"what": "maxLength", "values": ("50",), "more": False}
    assert not any("value" in finding for finding in told["findings"])

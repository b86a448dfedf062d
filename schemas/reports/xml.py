"""A report as XML, built as the KoSIT validator builds its own, in a namespace of ours: decision 0021.

Findings of Schematron stand in it as SVRL.
"""

from collections.abc import Mapping
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from amtsbote import __version__
from amtsbote.model.report import CheckReport, Route, Verdict
from amtsbote.model.schema import Finding, Layer, LayerOutcome, Severity

NAMESPACE: Final = "urn:amtsbote:standard:pruefbericht:1.0"
SVRL: Final = "http://purl.oclc.org/dsdl/svrl"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_REP: Final = ElementMaker(namespace=NAMESPACE, nsmap={"rep": NAMESPACE, "svrl": SVRL})
_SVRL: Final = ElementMaker(namespace=SVRL)
_RAN: Final = (LayerOutcome.PASSED, LayerOutcome.FAILED)


def xml(report: CheckReport) -> bytes:
    """A whole document."""
    checked = report.checked
    root = _REP.report(
        _REP.engine(_REP.name(f"Amtsbote {__version__}")),
        _REP.timestamp(report.at.isoformat(timespec="seconds")),
        _identification(report),
        _scenario(report),
        *(() if report.route is None else (_route(report.route),)),
        _REP.assessment(_REP.accept() if checked.verdict is Verdict.VALID else _REP.reject()),
        valid=_truth(checked.verdict is Verdict.VALID),
        verdict=checked.verdict.value,
    )
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _identification(report: CheckReport) -> etree._Element:
    document = report.document
    return _REP.documentIdentification(
        _REP.documentHash(_REP.hashAlgorithm("SHA-256"), _REP.hashValue(document.sha256)),
        _REP.documentReference(_text(document.name)),
    )


def _scenario(report: CheckReport) -> etree._Element:
    """The schema that decided, with every layer that ran or was declared; else what it could have been."""
    checked = report.checked
    if not checked.schema:
        listed = (_REP.candidate(each) for each in checked.candidates)
        messages = (_message(number, each) for number, each in enumerate(checked.findings, 1))
        return _REP.noScenarioMatched(*listed, *messages)
    steps = (_step(report, layer) for layer in Layer)
    spaces = (_REP.namespace(space, prefix=prefix) for prefix, space in checked.prefixes.items())
    scenario = _REP.scenario(_REP.name(checked.package), *spaces, _REP.schema(checked.schema))
    return _REP.scenarioMatched(scenario, *steps)


def _step(report: CheckReport, layer: Layer) -> etree._Element:
    outcome = report.checked.layers[layer]
    own = [(at, each) for at, each in enumerate(report.checked.findings, 1) if each.layer is layer]
    content = (
        [_svrl(own, report.checked.prefixes)]
        if layer is Layer.SCHEMATRON and outcome in _RAN
        else [_message(*each) for each in own]
    )
    step = _REP.validationStepResult(*content, id=f"val-{layer}", outcome=outcome.value)
    if outcome in _RAN:
        step.set("valid", _truth(outcome is LayerOutcome.PASSED))
    return step


def _message(number: int, finding: Finding) -> etree._Element:
    message = _REP.message(
        *_texts(finding),
        *(
            _REP.expected(*(_REP.value(_text(value)) for value in each.values), what=each.what)
            for each in finding.expected
        ),
        id=str(number),
        code=finding.code,
        level=finding.severity.value,
    )
    places = {
        "xpathLocation": finding.path,
        "otherLocation": finding.other_path,
        "lineNumber": str(finding.line or ""),
        "type": finding.type_name,
    }
    for name, value in {**places, "field": finding.field, "value": finding.value or ""}.items():
        if value:
            message.set(name, _text(value))
    return message


def _texts(finding: Finding) -> tuple[etree._Element, etree._Element]:
    german, english = _REP.text(_text(finding.de)), _REP.text(_text(finding.en))
    german.set(_LANG, "de")
    english.set(_LANG, "en")
    return german, english


def _svrl(findings: list[tuple[int, Finding]], prefixes: Mapping[str, str]) -> etree._Element:
    spaces = (_SVRL("ns-prefix-in-attribute-values", prefix=prefix, uri=space) for prefix, space in prefixes.items())
    return _SVRL("schematron-output", *spaces, *(_assertion(number, each) for number, each in findings))


def _assertion(number: int, finding: Finding) -> etree._Element:
    name = "successful-report" if finding.code == "SCH-REPORT" else "failed-assert"
    role = "error" if finding.severity is Severity.ERROR else "warning"
    text = _SVRL.text(_text(finding.de))
    identity = finding.type_name or f"{finding.code}-{number}"
    return _SVRL(name, text, id=_text(identity), location=_text(finding.path or "/"), role=role)


def _route(route: Route) -> etree._Element:
    competent = (_REP.authority(_text(each)) for each in route.authorities)
    rules = (_REP.rule(_text(each)) for each in route.rules)
    return _REP.route(*competent, *rules, service=route.service, region=route.ars, on=route.on.isoformat())


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _text(value: str) -> str:
    """Without what no XML document may hold."""
    return "".join(each if each.isprintable() else " " for each in value)

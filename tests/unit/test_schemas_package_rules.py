"""A service package's own rules: XPath per element, sentences of the package, and nothing unclear let in."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from schemas_for_tests import ROOT, changed, dog_tax, inspector, sample, tree_felling

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.answers import inspection_of
from schemas.findings import Observation
from schemas.helper_main import answer
from schemas.helper_process import HelperFailed
from schemas.package import load_package
from schemas.package_rules import PackageRules
from schemas.places import Places
from schemas.plan import RulePlan
from schemas.xpath import compiled, condition

(PLAN,) = tree_felling().plans()
PLACES = Places(PLAN)


def judged(test: str, context: str = "/*", document: bytes | None = None) -> Sequence[Observation]:
    rule = RulePlan("R", context, test, Severity.ERROR, "So nicht.", "Not so.")
    root = etree.fromstring(document or sample("gueltig-hamburg-chemnitz"))
    return list(PackageRules((rule,), PLAN.prefixes, PLACES).findings(root))


def test_a_broken_rule_is_told_in_the_words_of_the_package() -> None:
    told = json.loads(json.dumps(answer(inspector().inspect, sample("ungueltig-schadensdatum"))))

    found = inspection_of(PLAN, told)

    (finding,) = found.findings
    assert (finding.code, finding.type_name, finding.severity) == ("PKG-RULE", "BF-01", Severity.ERROR)
    assert finding.de == "Der Tag des Schadens liegt nach dem Tag des Antrags."
    assert finding.en == "The day of the damage is after the day of the application."
    assert finding.path == f"{ROOT}/antrag/baum/schadensdatum"
    assert found.layers[Layer.PACKAGE_RULES] is LayerOutcome.FAILED
    assert not found.facts


def test_a_rule_that_warns_leaves_the_document_valid() -> None:
    told = json.loads(json.dumps(answer(inspector().inspect, sample("warnung-weniger-ersatz"))))

    found = inspection_of(PLAN, told)

    assert [(each.type_name, each.severity) for each in found.findings] == [("BF-04", Severity.WARNING)]
    assert found.layers[Layer.PACKAGE_RULES] is LayerOutcome.PASSED
    assert found.facts["region"] == "145110000000"


def test_rules_are_judged_only_when_the_schema_is_satisfied() -> None:
    layers = inspector().inspect(changed(">112<", ">dick<")).layers
    assert layers[Layer.PACKAGE_RULES] is LayerOutcome.NOT_RUN


def test_a_rule_is_judged_for_each_element_by_itself() -> None:
    found = judged("zustand/code != 'abgestorben'", "/bf:baumfaellung.antrag.0100/antrag/baum")

    assert [each.path for each in found] == [f"{ROOT}/antrag/baum[4]", f"{ROOT}/antrag/baum[5]"]
    assert {(each.code, each.rule) for each in found} == {("PKG-RULE", 0)}
    assert judged("false()", "/bf:baumfaellung.antrag.0100/antrag/nichts") == []


@pytest.mark.parametrize(
    ("test", "context"),
    [("true()", "//@listURI"), ("true()", "count(//*)"), ("true()", "//text()"), ("count('a') = 1", "/*")],
)
def test_a_rule_that_cannot_be_applied_is_an_error_and_never_silence(test: str, context: str) -> None:
    assert [(each.code, each.severity, each.rule) for each in judged(test, context)] == [
        ("PKG-ERROR", Severity.ERROR, 0)
    ]


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("//[", "Invalid expression"),
        ("xx:antrag", "unknown prefix xx"),
        ("false() and xx:antrag", "unknown prefix xx"),
        ("a[xx:*]", "unknown prefix xx"),
        ("matches(., 'a')", "unknown function matches"),
        ("document('/etc/passwd')", "unknown function document"),
        ("bf:datum()", "unknown function bf:datum"),
        ("$a = 1", "variables"),
        ("true()) or (false()", "Invalid expression"),
    ],
)
def test_an_expression_that_could_fail_in_front_of_a_document_is_refused(expression: str, complaint: str) -> None:
    with pytest.raises(Misconfigured, match=complaint):
        condition(expression, {"bf": "urn:b"})


@pytest.mark.parametrize(
    "expression", ["child::bf:a/@b", "bf:a = 'xx:b $ matches('", "(bf:a or not(b)) and (3 div 2 > 1)", "..//node()"]
)
def test_other_expressions_are_not(expression: str) -> None:
    assert compiled(expression, {"bf": "urn:b"})


FACTS = "# Behördenrolle (DVDV-Präfix)"
RULE = '[[schemas.rules]]\nid = "{id}"\ncontext = "{context}"\ntest = "{test}"\nde = "Nein."\nen = "No."\n\n'


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        ([{"test": "bf:a ="}], "rules R: not XPath"),
        ([{"test": "zz:a"}], "unknown prefix zz"),
        ([{"context": "count("}], "rules R: not XPath"),
        ([{}, {}], "two rules have the same id"),
        ([{"id": "R 1"}], "id"),
    ],
)
def test_a_package_with_a_wrong_rule_is_refused(tmp_path: Path, rules: list[dict[str, str]], complaint: str) -> None:
    folder = Path(shutil.copytree(tree_felling().folder, tmp_path / "package"))
    file = folder / "service.toml"
    added = "".join(RULE.format_map({"id": "R", "context": "/*", "test": "true()"} | rule) for rule in rules)
    file.write_text(file.read_text("utf-8").replace(FACTS, added + FACTS), "utf-8")
    with pytest.raises(Misconfigured, match=complaint):
        load_package(folder)


def test_rules_for_json_are_refused_with_a_word_on_what_to_do(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dog_tax("1.1").folder, tmp_path / "package"))
    file = folder / "service.toml"
    added = RULE.format(id="R", context="/*", test="true()")
    file.write_text(file.read_text("utf-8").replace(FACTS, added + FACTS), "utf-8")
    with pytest.raises(Misconfigured, match="the JSON schema itself must say it") as refused:
        load_package(folder)
    assert "Das muss das JSON-Schema selbst sagen" in refused.value.de


def heard(**changes: Any) -> dict[str, Any]:
    """What a helper says of a document that breaks the first rule, with the finding changed."""
    told: dict[str, Any] = json.loads(json.dumps(answer(inspector().inspect, sample("ungueltig-schadensdatum"))))
    told["findings"][0] |= changes
    return told


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": None},
        {"rule": 4},
        {"rule": -1},
        {"rule": 2},
        {"type_name": "Erika"},
        {"code": "XSD-TYPE"},
        {"stated": {"rule_set": 0, "check": None, "rule": None, "words": []}},
    ],
)
def test_a_finding_that_no_rule_of_the_package_can_have_made_counts_as_a_crash(changes: dict[str, Any]) -> None:
    with pytest.raises(HelperFailed, match="crashed"):
        inspection_of(PLAN, heard(**changes))


def test_a_package_without_rules_has_nothing_to_say_of_them() -> None:
    bare = replace(PLAN, rules=())
    assert bare.layers[Layer.PACKAGE_RULES] is LayerOutcome.NOT_DECLARED

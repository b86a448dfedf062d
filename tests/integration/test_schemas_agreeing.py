"""What a document is said to be must agree with what it is: by rules in XPath, by marks of versions, by its root."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from schemas_for_tests import ROOT, dog_tax, smallest, tree_felling
from standards_kit import ABOUT, KENNUNG, SPACE, published, registered, schema

from amtsbote.errors import Misconfigured
from amtsbote.model.report import Verdict
from amtsbote.model.schema import Finding, Inspection
from schemas.answers import inspection_of
from schemas.confinement import HelperLimits
from schemas.helper_main import answer
from schemas.helper_process import HelperFailed
from schemas.identifier import Identifier
from schemas.inspector import Inspector
from schemas.on_demand import HelpersOnDemand
from schemas.plan import Scenario, SchemaPlan
from schemas.preflight import Preflight
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library
from schemas.standards.lock import Lock

MESSAGE = (
    "<xs:element name='anmeldung.hund.0100'><xs:complexType><xs:sequence><xs:element name='kopf'><xs:complexType>"
    "<xs:sequence><xs:element name='version' type='xs:string'/></xs:sequence></xs:complexType></xs:element>"
    "</xs:sequence></xs:complexType></xs:element>"
)


def document(version: str) -> bytes:
    return (
        f"<anmeldung.hund.0100 xmlns='{SPACE}'><kopf><version>{version}</version></kopf></anmeldung.hund.0100>"
    ).encode()


def versioned(library: Library, folder: Path, version: str, *when: str) -> Lock:
    """One namespace for all versions, and an element that says which; no schema fixes it."""
    about = ABOUT.replace("1.0<", f"{version}<")
    files: dict[str, str | bytes] = {
        "x.xsd": schema(MESSAGE, about=about, declared=f"xmlns:h='{SPACE}'"),
        "muster/eins.xml": document("1.0"),
        "muster/zwei.xml": document("1.1"),
    }
    return registered(library, published(folder / version, files), when=when)


def uri(version: str) -> str:
    return f"{KENNUNG}_{version}#anmeldung.hund.0100"


def told(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(each.code, each.en) for each in findings]


OTHER = "The document is not the message it is declared to be, or not in this version."


def test_a_rule_given_at_registering_tells_versions_apart_wherever_they_are_judged(tmp_path: Path) -> None:
    library = Library(tmp_path / "registry")
    for version in ("1.0", "1.1"):
        lock = versioned(library, tmp_path, version, f"h:kopf/h:version = '{version}'")
        assert lock.unfitting == (f"muster/{'zwei' if version == '1.0' else 'eins'}.xml",)
    desk = Preflight((), library, HelperLimits())

    assert desk.check(document("1.1")).schema == uri("1.1")
    assert desk.check(document("2.0")).verdict is Verdict.UNKNOWN
    assert told(desk.check(document("1.1"), uri("1.0")).findings) == [("DOC-OTHER", f"{OTHER} It is {uri('1.1')}.")]
    unnamed = desk.check(document("2.0"), f"{KENNUNG}_1.0")
    assert (unnamed.schema, told(unnamed.findings)) == (uri("1.0"), [("DOC-OTHER", OTHER)])

    with closing(HelpersOnDemand(HelperLimits())) as helpers:
        found = StandardsInUse(library, helpers).inspect(uri("1.0"), document("1.1"))
    assert [each.de.rpartition(". ")[2] for each in found.findings] == [f"Es ist {uri('1.1')}."]


def test_a_header_in_the_namespace_and_one_without_are_told_apart_by_rules(tmp_path: Path) -> None:
    """As in XBau, whose header comes in both flavours."""
    library = Library(tmp_path / "registry")
    for version, form, header in (("1.0", "qualified", "h:kopf"), ("1.1", "unqualified", "kopf")):
        message = MESSAGE.replace("<xs:element name='kopf'", f"<xs:element name='kopf' form='{form}'")
        about = ABOUT.replace("1.0<", f"{version}<")
        files = {"x.xsd": schema(message, about=about, declared=f"xmlns:h='{SPACE}'")}
        registered(library, published(tmp_path / version, files), when=(header,))
    desk = Preflight((), library, HelperLimits())
    inside = document("3")
    outside = inside.replace(b"<kopf><version>", f"<kopf xmlns=''><version xmlns='{SPACE}'>".encode())

    assert (desk.check(inside).schema, desk.check(outside).schema) == (uri("1.0"), uri("1.1"))
    assert [desk.check(each).verdict for each in (inside, outside)] == [Verdict.VALID] * 2
    assert told(desk.check(outside, uri("1.0")).findings) == [("DOC-OTHER", f"{OTHER} It is {uri('1.1')}.")]


def test_a_rule_that_does_not_compile_registers_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "registry")
    with pytest.raises(Misconfigured, match="unknown prefix x"):
        versioned(library, tmp_path, "1.0", "x:kopf")
    assert not library.standards()


def test_other_rules_for_a_registered_standard_are_refused(tmp_path: Path) -> None:
    library = Library(tmp_path / "registry")
    before = versioned(library, tmp_path, "1.0", "h:kopf")

    assert (before.when, before.prefixes["h"]) == (("h:kopf",), SPACE)
    assert versioned(library, tmp_path, "1.0") == before
    with pytest.raises(Misconfigured, match="--when"):
        versioned(library, tmp_path, "1.0", "h:kopf/h:version")


def judged(plan: SchemaPlan, given: bytes) -> Inspection:
    return inspection_of(plan, json.loads(json.dumps(answer(Inspector(plan, 1_000_000).inspect, given))))


(TREES,) = tree_felling().plans()


def test_a_document_against_the_rule_of_a_package_is_another_and_is_judged_no_further() -> None:
    twin = Scenario("urn:amtsbote:standard:strauch_1.0#baumfaellung.antrag.0100", TREES.root, "/*/@version = '1.0'")
    plan = replace(TREES, when="/*/@version = '0.9'")

    [alone] = judged(plan, smallest()).findings
    [named] = judged(plan.beside([TREES.scenario, twin]), smallest()).findings

    assert (alone.code, alone.path, alone.en) == ("DOC-OTHER", ROOT, OTHER)
    assert named.en == f"{OTHER} It is {twin.uri}."
    assert judged(replace(TREES, when="/*/@version = '1.0'"), smallest()).valid


def test_a_rule_that_cannot_be_applied_is_not_satisfied() -> None:
    [found] = judged(replace(TREES, when="count('a') = 1"), smallest()).findings
    assert found.code == "DOC-OTHER"


def test_another_root_stays_that_and_is_called_what_it_is() -> None:
    old, new = (dog_tax(version).plans()[0] for version in ("1.0", "1.1"))
    given = (dog_tax("1.1").folder / "samples" / "ungueltig-andere-version.xml").read_bytes()

    [found] = judged(new.beside([old.scenario, new.scenario, TREES.scenario]), given).findings

    assert found.code == "DOC-NAMESPACE"
    assert found.de.endswith(f"Es ist {old.uri}.")


def test_a_mark_of_a_version_decides_nothing_by_itself() -> None:
    """It is read from the schema, and may stand for something else in a document that satisfies the schema."""
    plan = replace(TREES, marks="/*/@version = '0.9'")
    other = plan.beside([Scenario("urn:b_1#baumfaellung.antrag.0100", TREES.root)])

    assert judged(other, smallest()).valid
    broken = smallest().replace(b">112<", b">dick<")
    assert [each.code for each in judged(other, broken).findings] == ["DOC-OTHER", "XSD-TYPE"]
    assert [each.code for each in judged(plan, broken).findings] == ["XSD-TYPE"]


def test_a_document_that_fits_several_rules_is_called_by_none() -> None:
    both = [Scenario(f"urn:b_{number}#x", TREES.root, "not(//bf:nichts)", TREES.prefixes) for number in (1, 2)]
    assert Identifier(both, 1000).identify(smallest()).matches == ("urn:b_1#x", "urn:b_2#x")

    plan = replace(TREES, when="false()", others=both)

    assert told(judged(plan, smallest()).findings) == [("DOC-OTHER", OTHER)]


@pytest.mark.parametrize(("code", "other"), [("DOC-OTHER", 1), ("DOC-OTHER", -1), ("XSD-TYPE", 0)])
def test_another_message_that_nobody_knows_counts_as_a_crash(code: str, other: int) -> None:
    plan = replace(TREES, when="false()", others=(Scenario("urn:b_1#x", TREES.root),))
    head: dict[str, Any] = json.loads(json.dumps(answer(Inspector(plan, 1_000_000).inspect, smallest())))
    assert head["findings"][0]["other"] == 0
    with pytest.raises(HelperFailed, match="crashed"):
        inspection_of(plan, head | {"findings": [head["findings"][0] | {"code": code, "other": other}]})

"""A character that a character set does not have is told; no other pattern gives away what stands in the document."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from schemas_for_tests import DIALECT, changed, tree_felling

from schemas.explaining.characters import stranger_in_xml
from schemas.explaining.explainer import explainer_of
from schemas.explaining.insight import Asked, Insight
from schemas.explaining.looking import SecondLook
from schemas.findings import finding_of
from schemas.inspector import Inspector
from schemas.json_schema.inspector import JsonInspector
from schemas.json_schema.looking import JsonLook
from schemas.plan import SchemaPlan
from schemas.slow_xsd import compiled

XS = "http://www.w3.org/2001/XMLSchema"
(PLAN,) = tree_felling().plans()


@pytest.fixture(scope="module")
def look() -> SecondLook:
    return SecondLook(PLAN, 1000)


def told(look: SecondLook, document: bytes) -> Iterator[tuple[str, str]]:
    explainer = explainer_of(PLAN)
    found = [finding_of(each) for each in Inspector(PLAN, 1000).inspect(document).findings]
    asked = [explainer.asked(each) or Asked("", "") for each in found]
    for each in map(explainer.explained, found, look.look(document, asked)):
        yield each.de, each.en


NO, NOT = "Der Wert entspricht nicht dem verlangten Muster.", "The value does not match the required pattern."


@pytest.mark.parametrize(
    ("name", "at", "shown"),
    [
        ("Erika\u2603", 6, "☃ U+2603 SNOWMAN"),
        ("  Er\u201cika", 3, "“ U+201C LEFT DOUBLE QUOTATION MARK"),
        ("Eri9ka", 4, "9 U+0039 DIGIT NINE"),
        ("A\u030bE\u030b", 4, " U+030B COMBINING DOUBLE ACUTE ACCENT"),
        ("Erika\u00ad", 6, " U+00AD SOFT HYPHEN"),
        ("\U0001f333", 1, "🌳 U+1F333 DECIDUOUS TREE"),
    ],
)
def test_a_character_outside_of_din_91379_is_told_and_nothing_else_of_the_value(
    look: SecondLook, name: str, at: int, shown: str
) -> None:
    glyph, _, rest = shown.partition(" ")
    german, english = (f"„{glyph}“ {rest}", f"“{glyph}” {rest}") if glyph else (rest, rest)

    assert list(told(look, changed("Erika", name))) == [
        (f"{NO} Das {at}. Zeichen ist nicht erlaubt: {german}.", f"{NOT} Character {at} is not allowed: {english}.")
    ]


def kind(folder: Path, pattern: str) -> Any:
    text = f"<xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='{pattern}'/></xs:restriction>"
    (folder / "a.xsd").write_text(
        f"<xs:schema xmlns:xs='{XS}'><xs:element name='r'>{text}</xs:simpleType></xs:element></xs:schema>"
    )
    plan = SchemaPlan("urn:t", "t 1", str(folder), str(folder / "a.xsd"), "r")
    return compiled(plan).maps.elements["r"].type


@pytest.mark.parametrize(
    ("pattern", "value", "insight"),
    [
        ("([A-Za-z])*", "ab1c", Insight(character=ord("1"), at=3)),
        ("[A-Za-z]+", "ab", None),
        ("[A-Z]+", "ABc", None),
        ("[0-9]+", "12e", None),
        ("[A-Za-z][0-9]{3}", "e12", None),
        ("([A-Za-z]|e\u0301\u0302)*", "e\u0301\u0302e\u0301", Insight(character=0x301, at=5)),
    ],
)
def test_a_pattern_of_another_kind_gives_nothing_away(
    tmp_path: Path, pattern: str, value: str, insight: Insight | None
) -> None:
    assert stranger_in_xml(kind(tmp_path, pattern), value) == insight


@pytest.mark.parametrize(
    ("pattern", "value", "told"),
    [
        ("^(?:[A-Za-z]|e\u0301)*$", "abe\u0301\u2603", "Das 5. Zeichen ist nicht erlaubt: „☃“ U+2603 SNOWMAN."),
        ("^[A-Za-z]+$", "ab\n", "Das 3. Zeichen ist nicht erlaubt: U+000A."),
        ("^[0-9]+$", "12e", ""),
        ("[A-Za-z]+", "12", ""),
    ],
)
def test_in_json_it_is_told_as_well(tmp_path: Path, pattern: str, value: str, told: str) -> None:
    properties = {"name": {"type": "string", "pattern": pattern}}
    (tmp_path / "a.json").write_text(json.dumps({"$schema": DIALECT, "type": "object", "properties": properties}))
    plan = SchemaPlan("urn:t", "t 1", str(tmp_path), json_schema=str(tmp_path / "a.json"))
    document, explainer = json.dumps({"name": value}).encode(), explainer_of(plan)
    [found] = [finding_of(each) for each in JsonInspector(plan).inspect(document).findings]
    asked = explainer.asked(found)

    [insight] = JsonLook(plan).look(document, [asked]) if asked else [None]

    said = explainer.explained(found, insight).de
    assert told in said
    assert ("Zeichen" in said) is bool(told)

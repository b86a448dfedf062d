"""What a second look sees at a failing place, and that only what is plain is believed of it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from explaining_kit import FILES, SECRET, document
from lxml import etree
from schemas_for_tests import DIALECT, tree_felling
from standards_kit import SPACE

from schemas.explaining.explainer import explainer_of
from schemas.explaining.insight import Asked, Insight
from schemas.explaining.looking import SecondLook
from schemas.explaining.second_looks import insights_of
from schemas.findings import finding_of
from schemas.helper_process import HelperFailed
from schemas.inspector import Inspector
from schemas.json_schema.inspector import JsonInspector
from schemas.json_schema.looking import JsonLook
from schemas.plan import SchemaPlan

XS = "http://www.w3.org/2001/XMLSchema"
(PLAN,) = tree_felling().plans()


def element(name: str, least: int = 1, most: int | str = 1) -> str:
    return f"<xs:element name='{name}' type='xs:string' minOccurs='{least}' maxOccurs='{most}'/>"


def group(kind: str, *items: str, least: int = 1, most: int | str = 1) -> str:
    return f"<xs:{kind} minOccurs='{least}' maxOccurs='{most}'>{''.join(items)}</xs:{kind}>"


MODELS = {
    "a b? c d{1,2}": group("sequence", element("a"), element("b", 0), element("c"), element("d", 1, 2)),
    "((a? b c)+ d)?": group("sequence", group("sequence", element("a", 0), element("b"), element("c"), most=9),
                            element("d"), least=0),
    "a{2,5} b": group("sequence", element("a", 2, 5), element("b")),
    "a (b|c) d?": group("sequence", element("a"), group("choice", element("b"), element("c")), element("d", 0)),
    "a (b|c){2,3}": group("sequence", element("a"), group("choice", element("b"), element("c"), least=2, most=3)),
    "(a b)|(c d?)": group("choice", group("sequence", element("a"), element("b")),
                          group("sequence", element("c"), element("d", 0))),
    "a b a?": group("sequence", element("a"), element("b"), element("a", 0)),
    "a & b & c?": group("all", element("a"), element("b"), element("c", 0)),
    "(a? b?)* z": group("sequence", group("sequence", element("a", 0), element("b", 0), least=0, most="unbounded"),
                        element("z")),
}  # fmt: skip


class Content:
    """One element with a content model, read by both libraries."""

    def __init__(self, folder: Path, model: str, slow: bool) -> None:
        file = folder / "a.xsd"
        file.write_text(f"<xs:schema xmlns:xs='{XS}'><xs:element name='r'><xs:complexType>{model}</xs:complexType>"
                        "</xs:element></xs:schema>")  # fmt: skip
        plan = SchemaPlan("urn:t", "t 1", str(folder), str(file), "r", slow=slow)
        self._inspector, self._look = Inspector(plan, 1000), SecondLook(plan, 1000)

    def insights(self, children: str) -> list[Insight | None]:
        root = etree.Element("r")
        for name in children.split():
            etree.SubElement(root, name)
        document = etree.tostring(root)
        found = self._inspector.inspect(document).findings
        return self._look.look(document, [Asked(each.code, each.path) for each in found])


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(model: str, slow: bool = False) -> Content:
        return Content(tmp_path_factory.mktemp("model"), MODELS[model], slow)

    return made


CASES: Sequence[tuple[str, str, Insight | None]] = [
    ("a b? c d{1,2}", "", Insight(missing=("a",), least=1)),
    ("a b? c d{1,2}", "a b", Insight(missing=("c",), least=1)),
    ("a b? c d{1,2}", "a b x d", Insight(missing=("c",), least=1)),
    ("a b? c d{1,2}", "a c b d", Insight(before="c")),
    ("a b? c d{1,2}", "a c d d d", Insight(most=2)),
    ("a b? c d{1,2}", "a c d a", Insight(most=1)),
    ("a b? c d{1,2}", "c d", Insight(missing=("a",), least=1)),
    ("a b? c d{1,2}", "c a d", Insight(behind=("a",))),
    ("a b? c d{1,2}", "d c b a", Insight(behind=("a", "c"))),
    ("a b? c d{1,2}", "a d b c", Insight(behind=("b", "c"))),
    ("a b? c d{1,2}", "x a c d", None),
    ("((a? b c)+ d)?", "c b d", Insight(behind=("b",))),
    ("((a? b c)+ d)?", "a b c c a b c d", Insight(missing=("d",), least=1)),
    ("(a b)|(c d?)", "b c d", Insight(missing=("a", "c"), least=1)),
    ("((a? b c)+ d)?", "c", None),
    ("((a? b c)+ d)?", "a b c a", Insight(missing=("b",), least=1)),
    ("a{2,5} b", "a b", Insight(missing=("a",), least=2, there=1)),
    ("a{2,5} b", "a a a a a a b", Insight(most=5)),
    ("a (b|c) d?", "a d", Insight(missing=("b", "c"), least=1)),
    ("a (b|c) d?", "a b c", Insight(rivals=("b",))),
    ("a (b|c){2,3}", "a b", Insight(missing=("b", "c"), least=2, there=1)),
    ("a (b|c){2,3}", "a b c b c", Insight(most=3, rivals=("b", "c"))),
    ("(a b)|(c d?)", "b", Insight(missing=("a", "c"), least=1)),
    ("(a b)|(c d?)", "c a", Insight(rivals=("c",))),
    ("a b a?", "a b a a", Insight(most=2)),
    ("a & b & c?", "a c", Insight(missing=("b",), least=1)),
    ("(a? b?)* z", "b a", Insight(missing=("z",), least=1)),
    ("a b? c d{1,2}", "a {urn:x}c d", Insight(meant="c", space=None)),
    ("a b? c d{1,2}", "a {urn:x}d", Insight(missing=("c",), least=1)),
]


@pytest.mark.parametrize(("model", "children", "insight"), CASES)
def test_a_content_is_told_by_what_its_model_wants(
    contents: Any, model: str, children: str, insight: Insight | None
) -> None:
    assert contents(model).insights(children) == [insight]


def test_where_xmlschema_validates_itself_the_look_is_the_same(contents: Any) -> None:
    assert contents("a (b|c) d?", True).insights("a b c") == [Insight(rivals=("b",))]


def test_swapped_siblings_are_told_where_xmlschema_validates_itself(contents: Any) -> None:
    told = contents("a b? c d{1,2}", True).insights("c a d")
    assert told[0] == Insight(behind=("a",))
    assert not any(each is not None and each.missing for each in told)


def test_keys_and_unions_are_told_where_xmlschema_validates_itself(tmp_path: Path) -> None:
    (tmp_path / "x.xsd").write_text(FILES["x.xsd"])
    root = f"{{{SPACE}}}anmeldung.hund.0100"
    plan = SchemaPlan("urn:t", "t 1", str(tmp_path), str(tmp_path / "x.xsd"), root, {"h": SPACE}, slow=True)
    dogs = "<hund wurf='a' vater='9'><chip>1</chip></hund><hund wurf='b'><chip>01</chip></hund><hund/>"
    content = document(f"<frist>{SECRET}</frist>", dogs).encode()
    explainer = explainer_of(plan)

    found = [finding_of(each) for each in Inspector(plan, 1000).inspect(content).findings]
    asked = [explainer.asked(each) or Asked("", "") for each in found]
    seen = SecondLook(plan, 1000).look(content, asked)
    told = {explainer.explained(*each).de for each in zip(found, seen, strict=True)}

    assert {(each.code, each.type_name) for each in found[1:]} == {
        ("XSD-KEY", "h:chipNurEinmal"),
        ("XSD-KEY", "h:vater"),
    }
    at = "/h:anmeldung.hund.0100/h:hund[1]"
    beginnings = ("Zu „vater“ fehlt das Gegenstück", "Diesem Eintrag „Hund“ fehlt „Nummer des Chips“")
    assert all(any(each.startswith(beginning) for each in told) for beginning in beginnings)
    assert any(each.endswith(f"Zuerst steht er hier: {at}.") for each in told)
    assert any("Erlaubt ist eine dieser Formen: ein Datum" in each for each in told)


def test_a_fault_that_xmlschema_sees_elsewhere_is_not_told(tmp_path: Path) -> None:
    look = SecondLook(PLAN, 1000)
    asked = [Asked("XSD-UNEXPECTED", "/*"), Asked("XSD-MISSING", "/*/fehlt"), Asked("XSD-KEY", "/*", "bf:nichts")]
    assert look.look(b"<a><b/></a>", asked) == [None, None, None]
    assert look.look(b"<", asked) == [None, None, None]


def test_a_head_that_is_abstract_is_told_by_what_takes_its_place(tmp_path: Path) -> None:
    head = "<xs:element name='kopf' abstract='true'/>"
    real = "".join(f"<xs:element name='{name}' substitutionGroup='kopf' type='xs:string'/>" for name in "ab")
    model = group("sequence", "<xs:element ref='kopf'/>")
    root = f"<xs:element name='r'><xs:complexType>{model}</xs:complexType></xs:element>"
    (tmp_path / "a.xsd").write_text(f"<xs:schema xmlns:xs='{XS}'>{head}{real}{root}</xs:schema>")
    plan = SchemaPlan("urn:t", "t 1", str(tmp_path), str(tmp_path / "a.xsd"), "r")

    assert SecondLook(plan, 10).look(b"<r/>", [Asked("XSD-MISSING", "/r")]) == [Insight(missing=("a", "b"), least=1)]


PLAIN = asdict(Insight(missing=("a", "b:c"), least=2, other="/a/b[2]/@c"))


@pytest.mark.parametrize(
    "head",
    [
        {},
        {"insights": []},
        {"insights": [None, None]},
        {"insights": [{**PLAIN, "missing": ["ein Satz"]}]},
        {"insights": [{**PLAIN, "before": "<b>"}]},
        {"insights": [{**PLAIN, "rivals": ["a"] * 11}]},
        {"insights": [{**PLAIN, "other": "Herr Muster"}]},
        {"insights": [{**PLAIN, "items": ["eins"]}]},
        {"insights": [{**PLAIN, "value": "ungefragt"}]},
        {"insights": [{**PLAIN, "meant": "ein Satz"}]},
        {"insights": [{**PLAIN, "behind": ["ein Satz"]}]},
        {"insights": [{**PLAIN, "character": ord("e"), "at": 1}]},
        {"insights": [{**PLAIN, "character": 0x110000, "at": 1}]},
        {"insights": [{**PLAIN, "space": "urn:ungefragt"}]},
        {"insights": [{**PLAIN, "sentence": "x"}]},
        {"insights": [{**PLAIN, "lacks": [{"code": "XSD-TYPE", "path": "", "expected": [], "keywords": []}]}]},
    ],
)
def test_an_insight_that_is_more_than_names_and_numbers_counts_as_a_crash(head: dict[str, Any]) -> None:
    asked = [Asked("XSD-MISSING", "/a")]
    assert insights_of(PLAN, asked, {"insights": [PLAIN]}) == [
        Insight(missing=("a", "b:c"), least=2, other="/a/b[2]/@c")
    ]
    with pytest.raises(HelperFailed):
        insights_of(PLAN, asked, head)


PERSON = {"art": {"const": "person"}, "nachname": {"title": "Nachname", "type": "string"}}
FIRM = {"art": {"const": "firma"}, "name": {"title": "Name"}, "register": {"title": "Registernummer"}}
JSON = {
    "$schema": DIALECT,
    "properties": {
        "halter": {"title": "Halter", "oneOf": [{"$ref": "#/$defs/person"}, {"$ref": "#/$defs/firma"}]},
        "kontakt": {
            "oneOf": [{"required": ["mail"]}, {"required": ["telefon"]}], "properties": {"mail": {"title": "Mail"}}
        },
        "wert": {"anyOf": [{"type": "integer", "minimum": 5}, {"type": "string", "maxLength": 3}]},
        "art": {"title": "Art", "enum": ["neu", "alt"]},
        "jahr": {"title": "Baujahr", "type": "integer"},
        "liste": {"items": {"if": {"required": ["a"]}, "then": {"properties": {"b": {"const": 7}}}}},
        "nie": {"not": {"required": ["a", "b"]}},
    },
    "if": {"properties": {"art": {"const": "alt"}}, "required": ["art"]},
    "then": {"required": ["jahr"]},
    "else": {"required": ["grund"]},
    "dependentRequired": {"iban": ["inhaber"]},
    "$defs": {
        "person": {"title": "Natürliche Person", "properties": PERSON, "required": ["art", "nachname"]},
        "firma": {"description": "Firma.", "properties": FIRM, "required": ["art", "name", "register"]},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("json")
    (folder / "a.json").write_text(json.dumps(JSON))
    plan = SchemaPlan("urn:t", "t 1", str(folder), json_schema=str(folder / "a.json"))
    inspector, look, explainer = JsonInspector(plan), JsonLook(plan), explainer_of(plan)

    def sentences(value: dict[str, Any]) -> Iterator[str]:
        document = json.dumps(value).encode()
        found = [finding_of(each) for each in inspector.inspect(document).findings]
        asked = [explainer.asked(each) or Asked("", "") for each in found]
        for finding, insight in zip(found, look.look(document, asked), strict=True):
            yield explainer.explained(finding, insight).de

    return sentences


NONE = "Genau eine dieser Alternativen muss erfüllt sein, hier ist es keine"
FIRM_TOLD = (
    f"{NONE}: „Natürliche Person“ oder „Firma“. Am nächsten kommt: „Firma“. "
    "Hier fehlt die Pflichtangabe „Registernummer“ (register)."
)
SEVERAL = "Nur eine dieser Alternativen darf erfüllt sein, hier sind es mehrere: mit „Mail“ oder mit „telefon“."
VALUE = (
    "Mindestens eine dieser Alternativen muss erfüllt sein, hier ist es keine: eine ganze Zahl ab 5 oder ein Text mit "
    "höchstens 3 Zeichen. Am nächsten kommt: eine ganze Zahl ab 5. wert: Der Wert ist zu klein oder zu groß. "
    "Mindestens 5."
)
MISSING = "Hier fehlt die Pflichtangabe"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"halter": {"art": "firma", "name": "X"}}, FIRM_TOLD),
        ({"halter": {"x": 1}}, f"{NONE}: „Natürliche Person“ oder „Firma“."),
        ({"kontakt": {}}, f"{NONE}: mit „Mail“ oder mit „telefon“."),
        ({"kontakt": {"mail": 1, "telefon": 2}}, SEVERAL),
        ({"wert": 3}, VALUE),
        ({"nie": {"a": 1, "b": 2}}, "Diese Angaben sind so nicht erlaubt."),
        ({"art": "alt", "grund": None}, f"{MISSING} „Baujahr“ (jahr). Das gilt, wenn „Art“ den Wert alt hat."),
        ({"art": "neu", "grund": None}, f"{MISSING} „grund“. Das gilt, wenn „Art“ nicht den Wert alt hat."),
        ({"iban": "DE"}, f"{MISSING} „inhaber“. Das gilt, wenn „iban“ angegeben ist."),
        (
            {"liste": [{"b": 1}, {"a": 1, "b": 8}]},
            "Hier ist nur der feste Wert erlaubt. Erlaubt ist nur: 7. Das gilt, wenn „a“ angegeben ist.",
        ),
    ],
)
def test_choices_and_conditions_in_json_are_told(told: Any, value: dict[str, Any], sentence: str) -> None:
    complete = {"grund": "x", **value}
    wanted = {name: each for name, each in complete.items() if each is not None}
    assert list(told(wanted)) == [sentence]

"""A finding says what a person needs: which field, by the schema's own words, and what would be right."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from schemas_for_tests import dog_tax, tree_felling

from amtsbote.model.schema import Expectation, Finding, Layer, Severity
from schemas.confinement import HelperLimits
from schemas.explaining.explainer import Explainers, explainer_of
from schemas.explaining.field import name_from
from schemas.explaining.insight import Insight
from schemas.explaining.json_fields import JsonFields
from schemas.explaining.patterns import pattern_told, whole_pattern
from schemas.explaining.xsd_fields import XsdFields
from schemas.findings import Observation, finding_of
from schemas.plan import SchemaPlan

(PLAN,) = tree_felling().plans()
ROOT = "/bf:baumfaellung.antrag.0100"
XS = (
    'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t" elementFormDefault="qualified"'
)


def found(code: str, path: str, expected: tuple[str, ...] = (), layer: Layer = Layer.XSD) -> Finding:
    wanted = (Expectation("elements", expected),) if expected else ()
    return Finding(code, layer, Severity.ERROR, "Falsch.", "Wrong.", path, 3, "", expected=wanted)


@pytest.mark.parametrize(
    ("code", "path", "field", "said"),
    [
        ("XSD-TYPE", "antrag/antragsdatum", "Tag, an dem der Antrag gestellt wird", "der Form JJJJ-MM-TT"),
        ("XSD-RANGE", "antrag/baum[2]/stammumfang", "Umfang des Stammes in Zentimetern", "Höchstens 3000."),
        ("XSD-ENUMERATION", "antrag/baum/grund/begruendung/code", "Grund nach der Codeliste", "gefahr, krankheit,"),
        ("XSD-FIXED", "antrag/baum/zustand/@listURI", "Kennung der Codeliste", "nur: urn:amtsbote:codeliste:"),
        ("XSD-ATTRIBUTE-MISSING", "@produkthersteller", "Hersteller der Software", ""),
    ],
)
def test_a_finding_names_the_field_and_what_would_be_right(code: str, path: str, field: str, said: str) -> None:
    explained = explainer_of(PLAN).explained(found(code, f"{ROOT}/{path}"))

    assert explained.field.startswith(field)
    assert said in explained.de
    assert bool(said) is (explained.en != "Wrong.")
    assert all(each.values for each in explained.expected)


@pytest.mark.parametrize("code", ["DOC-ROOT", "DOC-OTHER"])
def test_what_is_wrong_with_the_whole_document_has_no_field(code: str) -> None:
    whole = found(code, ROOT, ("bf:baumfaellung.antrag.0100",))

    assert Explainers(HelperLimits()).explained(PLAN, (whole,), b"") == (whole,)


def test_what_is_missing_is_named_as_the_field_where_it_is_one_alone() -> None:
    explainer = explainer_of(PLAN)
    inside = explainer.explained(found("XSD-MISSING", f"{ROOT}/antrag/baum", ("stammumfang",)))
    instead = explainer.explained(found("XSD-UNEXPECTED", f"{ROOT}/antrag/baum/*[4]", ("stammumfang",)))
    several = explainer.explained(found("XSD-UNEXPECTED", f"{ROOT}/antrag/baum", ("stammumfang", "baumart")))

    assert inside.field.startswith("Umfang des Stammes")
    assert instead.field == inside.field
    assert several.field == "Bäume, die gefällt werden sollen"
    assert several.de == "„Bäume, die gefällt werden sollen“ (baum) wird hier nicht erwartet."


def test_an_insight_adds_no_name_that_the_schema_does_not_have() -> None:
    wrong = found("XSD-UNEXPECTED", f"{ROOT}/antrag/baum/zustand")
    seen = Insight(missing=("stammumfang", "Mustermann"), rivals=("Erika",), before="geheim", least=1)

    told = explainer_of(PLAN).explained(wrong, seen)

    assert told.expected == (Expectation("required", ("stammumfang",)),)
    assert told.de == (
        "An dieser Stelle fehlt „Umfang des Stammes in Zentimetern“ (stammumfang). "
        "Stattdessen steht hier „Zustand des Baumes“ (zustand)."
    )


def test_an_assertion_that_the_schema_does_not_have_is_not_told() -> None:
    numbered = finding_of(Observation("XSD-ASSERT", ROOT, assertion=7))
    told = explainer_of(PLAN).explained(numbered)

    assert (told.de, told.expected) == (numbered.de, ())


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("antrag/antragsdatum", "(antragsdatum) ist nur ein Wert erlaubt; hier stehen weitere Elemente darin."),
        ("antrag/baum", "(baum) besteht aus einzelnen Angaben; hier steht Text darin, der dort nicht erlaubt ist."),
    ],
)
def test_text_and_elements_in_the_wrong_place_are_told_apart(place: str, said: str) -> None:
    assert explainer_of(PLAN).explained(found("XSD-NO-TEXT", f"{ROOT}/{place}")).de.endswith(said)


@pytest.mark.parametrize(
    ("pattern", "de", "en"),
    [
        ("[0-9]{5}", "5 Ziffern", "5 digits"),
        (r"\d{2,4}", "2 bis 4 Ziffern", "2 to 4 digits"),
        ("[A-Z]{1,}", "mindestens 1 Großbuchstabe A–Z", "at least 1 capital A–Z"),
        ("DE[0-9]{20}", "„DE“, dann 20 Ziffern", "“DE”, then 20 digits"),
        (r"[A-Z]-\.[a-z]+", "1 Großbuchstabe A–Z, dann „-.“, dann mindestens 1 Kleinbuchstabe a–z",
         "1 capital A–Z, then “-.”, then at least 1 small letter a–z"),
        *((no_row, "", "") for no_row in ("AB{2}", "A|B", "(0[1-9])[0-9]", "[0-9]*", "[0-9]{2}?", "^[0-9]$", "a.b")),
        *((too_much, "", "") for too_much in ("[0-9]" * 7, "[0-9]{12345}")),
    ],
)  # fmt: skip
def test_a_simple_pattern_is_told_and_any_other_is_not(pattern: str, de: str, en: str) -> None:
    assert pattern_told(pattern, "de") == (f"Erwartet wird: {de}." if de else "")
    assert pattern_told(pattern, "en") == (f"Expected: {en}." if en else "")


def test_a_pattern_of_json_is_told_where_it_is_of_the_whole_value() -> None:
    assert [whole_pattern("JSON-PATTERN", [each]) for each in ("^[0-9]$", "[0-9]")] == ["[0-9]", ""]
    assert whole_pattern("XSD-PATTERN", ["[0-9]", "[A-Z]"]) == ""


def test_a_wrong_postcode_is_told_its_form() -> None:
    told = explainer_of(PLAN).explained(found("XSD-PATTERN", f"{ROOT}/antrag/grundstueck/anschrift/postleitzahl"))
    assert told.de.endswith("Erwartet wird: 5 Ziffern.")


def test_a_pattern_is_for_programs_and_a_long_one_for_nobody() -> None:
    short = explainer_of(PLAN).explained(found("XSD-PATTERN", f"{ROOT}/antrag/grundstueck/regionalschluessel"))
    person = f"{ROOT}/antrag/antragsteller/beteiligter/person"
    long = explainer_of(PLAN).explained(found("XSD-PATTERN", f"{person}/familienname"))

    assert short.expected == (Expectation("pattern", ("(0[1-9]|1[0-6])[0-9]{10}",)),)
    assert long.expected == (Expectation("pattern", (), more=True),)
    assert short.de == long.de == "Falsch."


@pytest.mark.parametrize("path", ["", "/*", f"{ROOT}/*[2]", f"{ROOT}/nichts", f"{ROOT}/@nichts", "/fremd"])
def test_of_a_place_the_schema_does_not_name_nothing_is_said(path: str) -> None:
    explained = explainer_of(PLAN).explained(found("XSD-TYPE", path))

    assert (explained.field, explained.expected, explained.de) == ("", (), "Falsch.")


def test_what_is_not_well_formed_is_no_field() -> None:
    broken = found("XML-SYNTAX", "", layer=Layer.WELL_FORMED)
    assert Explainers(HelperLimits()).explained(PLAN, (broken,), b"") == (broken,)


def test_a_schema_is_read_when_there_is_something_to_explain(tmp_path: Path) -> None:
    missing = replace(PLAN, xsd=str(tmp_path / "none.xsd"))
    assert Explainers(HelperLimits()).explained(missing, (), b"") == ()


def written(folder: Path, content: str) -> XsdFields:
    (folder / "a.xsd").write_text(f"<xs:schema {XS}>{content}</xs:schema>")
    return XsdFields(SchemaPlan("urn:t", "t 1", str(folder), str(folder / "a.xsd"), "{urn:t}a", {"t": "urn:t"}))


def documented(text: str, language: str = "") -> str:
    lang = f' xml:lang="{language}"' if language else ""
    return f"<xs:documentation{lang}>{text}</xs:documentation>"


def element(name: str, kind: str, *notes: str) -> str:
    return f'<xs:element name="{name}" type="{kind}"><xs:annotation>{"".join(notes)}</xs:annotation></xs:element>'


def test_a_field_is_found_through_extension_reference_and_restriction(tmp_path: Path) -> None:
    base = '<xs:attribute name="art" type="t:art"/>'
    fields = written(
        tmp_path,
        '<xs:complexType name="base"><xs:sequence>'
        + element("x", "t:narrow", documented("An English word", "en"), documented("Ein deutsches Wort", "de"))
        + f"</xs:sequence>{base}</xs:complexType>"
        '<xs:complexType name="more"><xs:complexContent><xs:extension base="t:base"><xs:sequence>'
        '<xs:element ref="t:y"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>'
        '<xs:simpleType name="art"><xs:restriction base="xs:token"><xs:enumeration value="1"/></xs:restriction>'
        '</xs:simpleType><xs:simpleType name="wide"><xs:restriction base="xs:string"><xs:maxLength value="9"/>'
        '<xs:minLength value="2"/></xs:restriction></xs:simpleType><xs:simpleType name="narrow">'
        '<xs:restriction base="t:wide"><xs:maxLength value="5"/></xs:restriction></xs:simpleType>'
        + element("a", "t:more")
        + element("y", "xs:date", "<xs:appinfo><name>Kurz</name></xs:appinfo>", documented("Lang und breit.")),
    )

    x = fields.at("/t:a/t:x[3]")
    assert (x.name, x.facts["maxLength"], x.facts["minLength"]) == ("Ein deutsches Wort", ("5",), ("2",))
    y = fields.at("/t:a/t:y")
    assert (y.name, y.facts) == ("Kurz", {"type": ("xs:date",)})
    assert fields.at("/t:a/@art").facts["enumeration"] == ("1",)


def test_facts_of_what_lies_within_an_element_are_not_its_own(tmp_path: Path) -> None:
    inner = '<xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="5"/></xs:restriction></xs:simpleType>'
    fields = written(
        tmp_path,
        f'<xs:element name="a"><xs:complexType><xs:sequence><xs:element name="x">{inner}</xs:element></xs:sequence>'
        "</xs:complexType></xs:element>",
    )

    assert fields.at("/t:a").facts == {}
    assert fields.at("/t:a/t:x").facts["maxLength"] == ("5",)


@pytest.mark.parametrize(
    ("documentation", "name"),
    [
        ("Geburtsdatum.", "Geburtsdatum"),
        ("Tag der  Geburt der Person. Er darf\n fehlen.", "Tag der Geburt der Person"),
        ("Bauamt bzw. Dienststelle nach Abs. 3 MBO. Mehr im Handbuch.", "Bauamt bzw. Dienststelle nach Abs. 3 MBO"),
        ("Kennung der Codeliste; steht fest und darf entfallen.", "Kennung der Codeliste"),
        ("Tag, an dem der Antrag gestellt wird.", "Tag, an dem der Antrag gestellt wird"),
        ("Nummer des Grundstücks, unter der es " + "im Grundbuch " * 5 + "steht.", "Nummer des Grundstücks"),
        ("Ein Weg ist ein planmäßig angelegter, im allgemeinen befestigter Verkehrsweg.", ""),
        ("Hier ist der Name des Ansprechpartners einzutragen.", ""),
        ("Mit diesem Element werden Daten zu Impfungen mitgeteilt.", ""),
        ("Gibt an, ob einfach oder doppelt gezählt wird.", ""),
        ("Die Abgabeart beschreibt, um welche Berechnung es geht.", ""),
        ("Angabe, zu welchem der beiden Halbjahre die Leistung erbracht worden ist.", ""),
        ("Wort " * 30, ""),
    ],
)
def test_documentation_is_the_name_where_it_is_short_and_no_sentence(documentation: str, name: str) -> None:
    assert name_from(documentation) == name


def test_a_field_whose_documentation_is_a_sentence_is_called_as_the_schema_calls_it(tmp_path: Path) -> None:
    sentence = documented("In dieses Element ist das Datum einzutragen.")
    code = (
        '<xs:complexType name="code"><xs:sequence><xs:element name="code" form="unqualified" type="xs:token"/>'
        "</xs:sequence>"
    )
    key = element("code", "t:code", documented("Wert aus der Liste."))
    outer = f'<xs:complexType name="outer"><xs:sequence>{key}</xs:sequence></xs:complexType>'
    fields = written(
        tmp_path,
        f'{code}</xs:complexType>{outer}<xs:element name="a"><xs:complexType><xs:sequence>'
        + element("fruehestesDatum", "xs:date", sentence)
        + element("flurstuecksnummer", "xs:string", sentence)
        + element("artDerAnlage", "t:code", sentence)
        + element("artDesBaumes", "t:outer", sentence)
        + element("lage", "xs:string", f"<xs:appinfo><title>Ort {'w' * 200}</title></xs:appinfo>", sentence)
        + "</xs:sequence></xs:complexType></xs:element>",
    )

    assert fields.at("/t:a").name == "a"
    assert fields.at("/t:a/t:fruehestesDatum").name == "fruehestes Datum"
    assert fields.at("/t:a/t:flurstuecksnummer").name == "flurstuecksnummer"
    assert fields.at("/t:a/t:artDerAnlage/code").name == "art der Anlage"
    assert fields.at("/t:a/t:artDesBaumes/t:code/code").name == "art des Baumes"
    title = fields.at("/t:a/t:lage").name
    assert (title[:5], title[-1], len(title)) == ("Ort w", "…", 120)


@pytest.mark.parametrize(
    ("code", "path", "field", "said"),
    [
        ("JSON-FORMAT", "/hund/0/wurfdatum", "Wurfdatum", "Erwartet wird ein Datum der Form JJJJ-MM-TT"),
        ("JSON-ENUM", "/hund/0/geschlecht", "Geschlecht", "Erlaubt sind: maennlich, weiblich."),
        ("JSON-COUNT", "/hund", "Hund", "Mindestzahl der Einträge: 1."),
        ("JSON-TYPE", "/hund/0/nummer", "Nummer", "Erwartet wird eine ganze Zahl."),
        ("JSON-ADDITIONAL", "/hund/0/*", "", "Falsch."),
    ],
)
def test_a_finding_in_json_names_the_title_of_the_field(code: str, path: str, field: str, said: str) -> None:
    [plan] = [plan for plan in dog_tax("1.1").plans() if plan.json_schema]
    explained = explainer_of(plan).explained(found(code, path, layer=Layer.JSON_SCHEMA))

    assert (explained.field, said in explained.de) == (field, True)


def test_schemas_that_refer_to_each_other_in_circles_come_to_an_end(tmp_path: Path) -> None:
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/a",
        "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}], "properties": {"x": {"title": "X", "$ref": "#/$defs/a"}}}},
    }
    (tmp_path / "a.json").write_text(json.dumps(schema))
    fields = JsonFields(SchemaPlan("urn:t", "t 1", str(tmp_path), json_schema=str(tmp_path / "a.json")))

    assert fields.at("/x/x/x").name == "X"
    assert fields.at("/x/y").name == ""


def test_a_description_in_json_is_a_name_only_where_it_is_one(tmp_path: Path) -> None:
    described = {"wurfTag": "Hier ist der Tag anzugeben.", "chip": "Nummer des Chips."}
    schema = {"properties": {name: {"description": text} for name, text in described.items()}}
    (tmp_path / "a.json").write_text(
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", **schema})
    )
    fields = JsonFields(SchemaPlan("urn:t", "t 1", str(tmp_path), json_schema=str(tmp_path / "a.json")))

    assert [fields.at(f"/{name}").name for name in ("wurfTag", "chip", "fehlt")] == ["wurf Tag", "Nummer des Chips", ""]


@pytest.mark.parametrize(
    ("code", "path", "said"),
    [
        ("XSD-ATTRIBUTE-MISSING", "/t:a/@produkthersteller", "Das Pflichtattribut „produkthersteller“ fehlt."),
        ("XSD-ATTRIBUTE-UNKNOWN", "/t:a/@produkt", "Das Attribut „produkt“ ist hier nicht erlaubt."),
        ("XSD-ATTRIBUTE-UNKNOWN", "/t:a/@*", "Dieses Attribut ist nicht erlaubt."),
        ("XSD-ATTRIBUTE-UNKNOWN", "/t:a", "Dieses Attribut ist nicht erlaubt."),
    ],
)
def test_a_sentence_about_an_attribute_names_one_the_schema_knows(code: str, path: str, said: str) -> None:
    assert finding_of(Observation(code, path)).de == said

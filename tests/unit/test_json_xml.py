"""JSON as the XML document of XPath Functions 3.1, section 17.4.1, and back: exact, or refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from schemas.json_schema.reading import read_payload
from schemas.json_xml import NAMESPACE, NotRepresented, to_json, to_xml

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.just("\t"))
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS | st.integers(-(10**40), 10**40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
EXAMPLE = b"""{
  "desc": "Distances", "lengths": [5.50, -0, 1e2, 12345678901234567890.123456789], "\\"\\u00e4\\n\\\\": null,
  "nested": {"true": true, "false": false, "": ""}
}"""


def document(content: str) -> etree._Element:
    return etree.fromstring(f"<x xmlns='{NAMESPACE}' xmlns:o='urn:o'>{content}</x>")[0]


def test_a_value_is_written_as_the_recommendation_has_it() -> None:
    root = to_xml(read_payload(EXAMPLE))

    assert etree.tostring(root, encoding="unicode") == (
        f'<map xmlns="{NAMESPACE}"><string key="desc">Distances</string>'
        '<array key="lengths"><number>5.50</number><number>0</number><number>100</number>'
        "<number>12345678901234567890.123456789</number></array>"
        '<null key="&quot;ä&#10;\\"/><map key="nested"><boolean key="true">true</boolean>'
        '<boolean key="false">false</boolean><string key=""></string></map></map>'
    )
    assert to_json(root).decode() == (
        '{"desc":"Distances","lengths":[5.50,0,100,12345678901234567890.123456789],"\\"ä\\n\\\\":null,'
        '"nested":{"true":true,"false":false,"":""}}'
    )


@given(VALUES)
def test_whatever_xml_can_hold_comes_back(value: Any) -> None:
    assert json.loads(to_json(to_xml(value))) == value


@pytest.mark.parametrize(
    ("number", "written"),
    [(b"1.0E7", "10000000"), (b"1e-7", "0.0000001"), (b"-0.0", "-0.0"), (b"1e9999", "1E+9999"), (b"0.30", "0.30")],
)
def test_a_number_keeps_its_digits_and_has_no_exponent_as_long_as_a_person_would_write_none(
    number: bytes, written: str
) -> None:
    root = to_xml(read_payload(number))
    assert (root.text, to_json(root).decode()) == (written, written)


@pytest.mark.parametrize("value", ["\x01", "a\x0bb", "\ufffe", {"\x1f": 1}, [{"a": "\x00"}]])
def test_a_text_that_no_xml_can_hold_is_refused(value: object) -> None:
    with pytest.raises(NotRepresented):
        to_xml(value)


@pytest.mark.parametrize(
    ("content", "written"),
    [
        ("<map>  <!-- a --> <number key='a'> 1.50\n</number><?b c?></map>", '{"a":1.50}'),
        ("<boolean>1</boolean>", "true"),
        ("<array><boolean> 0 </boolean><null/></array>", "[false,null]"),
        ('<string>a<!-- b -->c "d" \\ </string>', '"ac \\"d\\" \\\\ "'),
        ("<array/>", "[]"),
    ],
)
def test_what_stands_for_json_is_written(content: str, written: str) -> None:
    assert to_json(document(content)).decode() == written


@pytest.mark.parametrize(
    "content",
    [
        "<o:map/>",
        "<object/>",
        "<map>text</map>",
        "<map><null key='a'/>text</map>",
        "<map><null/></map>",
        "<map><null key='a'/><null key='a'/></map>",
        "<map><null key='a' o:b='c'/></map>",
        "<map><string key='a' escaped='true'>\\u0041</string></map>",
        "<array><null key='a'/></array>",
        "<array>1</array>",
        "<null key='a'/>",
        "<null>0</null>",
        "<string><null/></string>",
        "<boolean>yes</boolean>",
        "<boolean/>",
        "<number>NaN</number>",
        "<number>INF</number>",
        "<number>01</number>",
        "<number>+1</number>",
        "<number>1.</number>",
        "<number>\u0661</number>",
        "<number/>",
        "<array>" * 65 + "</array>" * 65,
    ],
)
def test_what_stands_for_no_json_is_refused(content: str) -> None:
    with pytest.raises(NotRepresented):
        to_json(document(content))

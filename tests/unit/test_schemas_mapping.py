"""Turning a message into another version or format: what a stylesheet may do, and what becomes of what it makes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from lxml import etree
from schemas_for_tests import URI, dog_tax, tree_felling

from amtsbote.errors import Misconfigured
from amtsbote.model.content import SchemaRef
from amtsbote.model.schema import Postmark
from schemas.confinement import HelperLimits
from schemas.forms import NotMapped
from schemas.helpers import HelperFailed, HelperPool, loaded_helpers
from schemas.json_schema.reading import read_payload
from schemas.json_xml import NAMESPACE
from schemas.mapping import MappingPlan, Translator
from schemas.registry import SchemaRegistry
from schemas.trying import POSTMARK

XSL: Final = "http://www.w3.org/1999/XSL/Transform"
OLD, OLD_JSON = dog_tax("1.0").about.schemas
NEW, NEW_JSON = dog_tax("1.1").about.schemas
JSON_DOG: Final = (dog_tax("1.1").folder / "samples" / "gueltig-ein-hund.json").read_bytes()
DOG: Final = (dog_tax("1.0").folder / "samples" / "gueltig-ein-hund.xml").read_bytes()


def stylesheet(folder: Path, inner: str, about: str = "") -> MappingPlan:
    file = folder / "a.xsl"
    file.write_text(f"<xsl:stylesheet version='1.0' xmlns:xsl='{XSL}' {about}>{inner}</xsl:stylesheet>")
    return MappingPlan("urn:a", "urn:b", "a 1.0", str(file))


def root(content: str) -> str:
    return f"<xsl:template match='/'><a>{content}</a></xsl:template>"


@pytest.mark.parametrize(
    ("inner", "about", "complaint"),
    [
        ("<xsl:import href='b.xsl'/>", "", "line 1: import"),
        ("<xsl:include href='http://127.0.0.1:9/b.xsl'/>", "", "line 1: import"),
        (root("<xsl:copy-of select=\"document('/etc/passwd')\"/>"), "", "document"),
        (root("<b c=\"{document ('x')}\"/>"), "", "document"),
        (root("<xsl:document href='/tmp/x'/>"), "", "not allowed"),
        (root('<xsl:value-of select="date:date()"/>'), "xmlns:date='http://exslt.org/dates-and-times'", "extensions"),
        (root("<b/>"), "xmlns:e='http://exslt.org/common' extension-element-prefixes='e'", "extensions"),
        (root("<xsl:value-of select='('/>"), "", "does not compile"),
        ("<xsl:template", "", "cannot be read"),
    ],
)
def test_a_stylesheet_that_reaches_out_or_is_none_is_refused(
    tmp_path: Path, inner: str, about: str, complaint: str
) -> None:
    with pytest.raises(Misconfigured, match=complaint):
        Translator(stylesheet(tmp_path, inner, about), 1000)


def test_xslt_of_another_version_is_refused(tmp_path: Path) -> None:
    plan = stylesheet(tmp_path, "")
    Path(plan.xslt).write_text(Path(plan.xslt).read_text().replace("version='1.0'", "version='2.0'"))
    with pytest.raises(Misconfigured, match=r"no plain XSLT 1\.0"):
        Translator(plan, 1000)


@pytest.mark.parametrize(
    "inner",
    [
        root("<xsl:message terminate='yes'>Erika</xsl:message>"),
        "<xsl:template match='/'/>",
        "<xsl:template match='/' name='t'><xsl:call-template name='t'/></xsl:template>",
    ],
    ids=["gives up", "makes nothing", "recurses for ever"],
)
def test_a_stylesheet_that_makes_nothing_says_so(tmp_path: Path, inner: str) -> None:
    assert Translator(stylesheet(tmp_path, inner), 1000).translate(b"<x>Erika</x>", POSTMARK) is None


def test_axes_and_prefixed_names_are_no_extensions(tmp_path: Path) -> None:
    inner = root('<xsl:value-of select="count(self::node()/child::p:b[not(@p:c)])"/>')
    assert Translator(stylesheet(tmp_path, inner, "xmlns:p='urn:p'"), 1000).translate(b"<x/>", POSTMARK) == (
        b"<?xml version='1.0' encoding='UTF-8'?>\n<a xmlns:p=\"urn:p\">0</a>"
    )


def test_a_stylesheet_without_end_costs_one_attempt_of_one_message(tmp_path: Path) -> None:
    loops = "<xsl:for-each select='//b'>" * 3 + "x" + "</xsl:for-each>" * 3
    plan = stylesheet(tmp_path, root(loops))
    with loaded_helpers(HelperLimits(cpu_seconds=1), mappings=(plan,)) as helpers:
        with pytest.raises(HelperFailed, match="timeout"):
            helpers.translate(plan.name, b"<x>" + b"<b/>" * 20_000 + b"</x>", POSTMARK)
        assert helpers.translate(plan.name, b"<x><b/></x>", POSTMARK) is not None
        assert helpers.restarts == 1


@pytest.fixture(scope="module")
def schemas() -> Iterator[SchemaRegistry]:
    helpers = HelperPool(1, HelperLimits())
    helpers.start()
    yield SchemaRegistry((tree_felling(), dog_tax("1.0"), dog_tax("1.1")), helpers)
    helpers.close()


def test_a_message_becomes_one_of_the_version_wanted_and_is_valid(schemas: SchemaRegistry) -> None:
    assert schemas.forms.wanted(OLD, [NEW.uri]) == NEW
    mapped = schemas.translate(OLD, NEW, DOG, POSTMARK)
    assert (mapped.schema, mapped.package) == (NEW, "hundesteueranmeldung 1.1")
    assert b"<bezeichnung>Beagle</bezeichnung>" in mapped.document
    assert schemas.inspect(NEW, mapped.document).valid


def test_what_is_wanted_already_or_is_of_another_standard_stays_as_it_is(schemas: SchemaRegistry) -> None:
    assert schemas.forms.wanted(NEW, [NEW.uri]) is None
    assert schemas.forms.wanted(OLD, []) is None
    assert schemas.forms.wanted(OLD, [OLD.uri, NEW.uri]) is None
    assert schemas.forms.wanted(SchemaRef(URI, "application/xml"), [NEW.uri]) is None


def test_a_form_nothing_leads_to_is_never_passed_over(schemas: SchemaRegistry) -> None:
    with pytest.raises(NotMapped, match="no-mapping") as failed:
        schemas.forms.wanted(NEW, [OLD.uri])
    assert failed.value.about == OLD.uri
    with pytest.raises(NotMapped):
        schemas.forms.wanted(OLD_JSON, [NEW.uri])


def test_what_a_mapping_makes_is_judged_like_everything_else(schemas: SchemaRegistry) -> None:
    with pytest.raises(NotMapped, match="result-invalid") as failed:
        schemas.translate(OLD, NEW, DOG.replace(b"<haltungsbeginn>2026-10-01</haltungsbeginn>", b""), POSTMARK)
    assert failed.value.about == "XSD-UNEXPECTED /hs:hundesteuer.anmeldung.0100/anmeldung/hund/herkunft"
    with pytest.raises(NotMapped, match="stylesheet-failed"):
        schemas.translate(OLD, NEW, b"<!DOCTYPE a><a/>", POSTMARK)


def test_a_message_becomes_one_of_the_other_format_and_back_again(schemas: SchemaRegistry) -> None:
    """What the XML says in its header is what is known of the message beside its data."""
    postmark = Postmark("5d0c7a1e-2f64-4f0a-9a55-0b7f6f2a1001", "2026-10-12T07:14:00Z", "a\"b'c", "portal")
    assert schemas.forms.wanted(NEW_JSON, [NEW.uri]) == NEW
    assert schemas.forms.wanted(NEW, [NEW_JSON.uri]) == NEW_JSON

    made = schemas.translate(NEW_JSON, NEW, JSON_DOG, postmark)

    assert (made.schema, made.package) == (NEW, "hundesteueranmeldung 1.1")
    root = etree.fromstring(made.document)
    assert root.findtext(".//nachrichtenUUID") == postmark.message
    assert root.findtext(".//erstellungszeitpunkt") == postmark.submitted_at
    assert (root.findtext(".//leser/kennung"), root.findtext(".//autor/name")) == (postmark.authority, postmark.portal)
    again = schemas.translate(NEW, NEW_JSON, made.document, postmark)
    assert (again.schema, read_payload(again.document)) == (NEW_JSON, read_payload(JSON_DOG))


def test_what_would_be_larger_than_a_document_may_be_is_not_made(tmp_path: Path) -> None:
    plan = stylesheet(tmp_path, root("<xsl:for-each select='//b'><longer-than-it-was/></xsl:for-each>"))
    with loaded_helpers(HelperLimits(document_bytes=1000), mappings=(plan,)) as helpers:
        assert helpers.translate(plan.name, b"<x>" + b"<b/>" * 200 + b"</x>", POSTMARK) is None
        assert helpers.translate(plan.name, b"<x><b/></x>", POSTMARK) is not None
        assert helpers.restarts == 0


def test_json_that_is_made_or_read_is_judged_as_strictly_as_any(schemas: SchemaRegistry) -> None:
    two = JSON_DOG.replace(b'"hund": [', b'"hund": [%b,' % json.dumps(json.loads(JSON_DOG)["hund"][0]).encode())
    with pytest.raises(NotMapped, match="result-invalid") as failed:
        schemas.translate(NEW_JSON, NEW, two, POSTMARK)
    assert failed.value.about.startswith("XSD-KEY")
    for wrong in (b"{", DOG, JSON_DOG.replace(b"Bello", b"\\u0001"), JSON_DOG.replace(b'"herkunft"', b'"a b"')):
        with pytest.raises(NotMapped, match="stylesheet-failed"):
            schemas.translate(NEW_JSON, NEW, wrong, POSTMARK)


@pytest.mark.parametrize(
    ("inner", "made"),
    [
        ("<j:map><j:number key='n'><xsl:value-of select='1 div 4'/></j:number></j:map>", b'{"n":0.25}'),
        ("<j:map><j:number key='n'><xsl:value-of select='1 div 0'/></j:number></j:map>", None),
        ("<map><number key='n'>1</number></map>", None),
        ("{}", None),
    ],
)
def test_a_stylesheet_for_json_makes_a_document_that_stands_for_json_or_nothing(
    tmp_path: Path, inner: str, made: bytes | None
) -> None:
    plan = stylesheet(tmp_path, f"<xsl:template match='/'>{inner}</xsl:template>", f"xmlns:j='{NAMESPACE}'")
    assert Translator(replace(plan, to_json=True), 1000).translate(b"<x/>", POSTMARK) == made

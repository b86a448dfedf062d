"""The verdict on a document: what is refused unread, what the findings say, and what they never say."""

import gzip
import json
from dataclasses import replace

import pytest
from lxml import etree
from schemas_for_tests import NAMESPACE, ROOT, around, changed, inspector, sample, smallest, tree_felling

from amtsbote.model.schema import Layer, LayerOutcome
from schemas.answers import inspection_of
from schemas.findings import AGAINST_SCHEMA, SENTENCES, Observation, code_of, finding_of
from schemas.helper_main import answer
from schemas.inspector import Inspector
from schemas.plan import MAX_FINDINGS, FactPlan

HEAD = "urn:amtsbote:basis:nachrichtenkopf:1.0"


def codes(document: bytes) -> list[str]:
    return [finding.code for finding in inspector().inspect(document).findings]


def laughs(encoding: str) -> bytes:
    """Nine levels of ten entities each: a billion words."""
    levels = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE l [<!ENTITY a0 "lol">{levels}]><l>&a9;</l>'
    return text.encode(encoding)


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "XML-EMPTY"),
    "only white space": (b" \n\t ", "XML-EMPTY"),
    "text": (b"Sehr geehrte Damen und Herren", "XML-NOT-XML"),
    "gzip": (gzip.compress(smallest()), "XML-NOT-XML"),
    "truncated in a text": (smallest()[:1500], "XML-TRUNCATED"),
    "truncated in the prolog": (smallest()[:20], "XML-TRUNCATED"),
    "truncated in an attribute": (smallest()[:120], "XML-TRUNCATED"),
    "truncated after a tag": (smallest()[: smallest().index(b"<antrag>")].rstrip(), "XML-TRUNCATED"),
    "words after the end": (smallest() + b"Gruss", "XML-AFTER-END"),
    "two roots": (smallest() + b"<a/>", "XML-AFTER-END"),
    "a zero byte": (changed("Erika", "Er\x00ika"), "XML-CHARACTER"),
    "a forbidden character": (changed("Erika", "Er&#1;ika"), "XML-CHARACTER"),
    "an undeclared entity": (changed("Erika", "&erika;"), "XML-ENTITY"),
    "an ampersand by itself": (changed("Erika", "Erika & Max"), "XML-ESCAPE"),
    "an ampersand before a name": (changed("Erika", "Erika &Max"), "XML-ESCAPE"),
    "a less-than by itself": (changed("Erika", "3 < 4"), "XML-ESCAPE"),
    "a less-than in an attribute": (changed('version="1.0">', 'version="<1.0">'), "XML-ESCAPE"),
    "an end tag of another name": (changed("</baum>", "</baeume>"), "XML-NOT-CLOSED"),
    "an element never closed": (changed("</baum>", ""), "XML-NOT-CLOSED"),
    "a prefix without a namespace": (changed("<antrag>", "<antrag x:y='1'>"), "XML-PREFIX"),
    "an attribute without quotes": (changed("<antrag>", "<antrag a=1>"), "XML-TAG"),
    "an attribute without a value": (changed("<antrag>", "<antrag a>"), "XML-TAG"),
    "an attribute twice": (changed("<antrag>", "<antrag a='1' a='2'>"), "XML-ATTRIBUTE-TWICE"),
    "a blank line first": (b"\n" + smallest(), "XML-DECLARATION"),
    "two hyphens in a comment": (changed("<antrag>", "<antrag><!-- a -- b -->"), "XML-SYNTAX"),
    "latin-1 that claims to be utf-8": (sample("gueltig-hausverwaltung-latin1").replace(b"ISO-8859-1", b"UTF-8"),
                                        "XML-ENCODING"),
    "an unknown encoding": (changed("UTF-8", "x-geheim"), "XML-ENCODING"),
    "an encoding we do not take": (changed("UTF-8", "windows-1252"), "XML-ENCODING"),
    "utf-16 cut in the middle": (changed("UTF-8", "UTF-16").decode().encode("utf-16")[:-9], "XML-TRUNCATED"),
    "billion laughs": (laughs("UTF-8"), "XML-DOCTYPE"),
    "billion laughs in utf-16": (laughs("UTF-16"), "XML-LIMIT"),
    "an external entity": (b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>', "XML-DOCTYPE"),
    "an external DTD": (b'<!DOCTYPE l SYSTEM "http://127.0.0.1:9/l.dtd"><l/>', "XML-DOCTYPE"),
    "a doctype behind comments": (b"<!-- a --><?b c?>\n" * 2000 + b"<!DOCTYPE l><l/>", "XML-DOCTYPE"),
    "a doctype in utf-16": ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE l><l/>'.encode("utf-16"), "XML-DOCTYPE"),
    "three hundred levels": (around(b"<a>" * 300 + b"</a>" * 300), "XML-DEPTH"),
    "endless depth": (b"<a>" * 400_000, "XML-DEPTH"),
    "a text of eleven megabytes": (changed("Erika", "E" * 11_000_000), "XML-LIMIT"),
    "two million tags": (around(b"<a/>" * 2_000_000), "XML-TOO-MANY"),
    "a million attributes": (b"<a " + b" ".join(b"a%d=''" % number for number in range(1_000_000)) + b"/>",
                             "XML-LIMIT"),
}  # fmt: skip


@pytest.mark.parametrize(("document", "code"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_not_permitted_xml_is_refused_with_one_finding(document: bytes, code: str) -> None:
    report = inspector().inspect(document)
    assert report.layers[Layer.WELL_FORMED] is LayerOutcome.FAILED
    assert report.layers[Layer.XSD] is LayerOutcome.NOT_RUN
    assert [finding.code for finding in report.findings] == [code]
    assert report.facts == {}
    assert inspector().inspect(smallest()).findings == ()


def test_of_several_syntax_errors_the_first_is_told_with_its_line() -> None:
    (found,) = inspector().inspect(b"<a>\n<b c=1>\n</b>\n<d></e>\n</a>").findings
    assert (found.code, found.line) == ("XML-TAG", 2)


def test_comments_that_almost_reach_a_doctype_cost_no_more_than_their_length() -> None:
    assert codes(b"<!-- - -> -->" * 200_000 + b"<!DOCTYP") == ["XML-TRUNCATED"]


@pytest.mark.parametrize(
    "document",
    [
        b"\xef\xbb\xbf" + smallest(),
        changed("UTF-8", "UTF-16").decode().encode("utf-16"),
        smallest().replace(b' encoding="UTF-8"', b""),
        smallest().replace(b"<antrag>", b"<!-- <!DOCTYPE --><antrag><?xml-stylesheet href='http://127.0.0.1:9/'?>"),
        changed("Erika", "<![CDATA[Erika]]>"),
        changed('version="1.0">\n  <n', 'version="1.0" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
                'i:schemaLocation="urn:x http://127.0.0.1:9/x.xsd">\n  <n'),
    ],
    ids=["byte order mark", "utf-16", "no declaration", "doctype in a comment", "cdata", "schema location"],
)  # fmt: skip
def test_unusual_but_right_documents_are_valid(document: bytes) -> None:
    assert codes(document) == []


def test_an_xinclude_is_an_unknown_element_and_nothing_is_included() -> None:
    include = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    assert codes(changed("Erika", include)) == ["XSD-NO-TEXT", "XSD-LENGTH"]


@pytest.mark.parametrize(
    ("namespace", "there"),
    [("urn:anders", "in einem anderen Namensraum"), ("", "ohne Namensraum"), (HEAD, f"im Namensraum {HEAD}")],
)
def test_a_root_of_the_right_name_in_another_namespace_is_told_as_that(namespace: str, there: str) -> None:
    root = etree.fromstring(smallest())
    root.tag = f"{{{namespace}}}{etree.QName(root).localname}" if namespace else etree.QName(root).localname
    heard = answer(inspector().inspect, etree.tostring(root))

    [found] = inspection_of(tree_felling().plans()[0], json.loads(json.dumps(heard))).findings

    assert found.code == "DOC-NAMESPACE"
    assert found.de == (
        f"Das Wurzelelement „baumfaellung.antrag.0100“ steht {there}; das Schema erwartet es im Namensraum {NAMESPACE}."
    )
    assert found.en.endswith(f"; the schema expects it in the namespace {NAMESPACE}.")


def test_a_text_beyond_the_limits_of_the_pattern_matcher_is_a_finding_and_no_failure() -> None:
    assert codes(changed("</baum>\n", f"</baum>\n<bemerkung>{'A' * 6_000_000}\u2603</bemerkung>")) == ["XSD-LIMIT"]


def test_facts_are_read_without_the_white_space_the_schema_allows() -> None:
    report = inspector().inspect(changed(">145110000000<", ">\n 145110000000 <"))
    assert report.facts == {"region": "145110000000", "service": "99093003001002", "test": "false"}


def test_a_fact_that_does_not_match_its_pattern_is_no_fact() -> None:
    (plan,) = tree_felling().plans()
    strict = replace(plan, facts=[FactPlan(fact.name, fact.at, "[0-9]{14}") for fact in plan.facts])
    assert Inspector(strict, 1000).inspect(smallest()).facts == {"service": "99093003001002"}


def test_of_many_findings_the_first_fifty_are_kept_and_the_rest_is_mentioned() -> None:
    tree = smallest()[smallest().index(b"<baum>") : smallest().index(b"<erklaerungen>")]
    trees = b"".join(
        tree.replace(b"<nummer>1<", b"<nummer>%d<" % number).replace(b">112<", b">dick<") for number in range(1, 101)
    )
    report = inspector().inspect(smallest().replace(tree, trees))
    assert len(report.findings) == MAX_FINDINGS
    assert report.more
    assert {finding.code for finding in report.findings} == {"XSD-TYPE"}
    assert report.findings[1].path == f"{ROOT}/antrag/baum[2]/stammumfang"


SECRET = "Geheimnis4711"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
LEAKS: dict[str, str] = {
    "a value": changed("112", SECRET).decode(),
    "a long value": changed("Erika", SECRET * 200).decode(),
    "an enumerated value": changed("gefahr", SECRET).decode(),
    "a key": changed("<nummer>1<", f"<nummer>{SECRET}<").decode(),
    "an element name": changed("<stammumfang>112</stammumfang>", f"<{SECRET}>1</{SECRET}>").decode(),
    "the root's name": smallest().decode().replace("baumfaellung.antrag.0100", SECRET),
    "a prefix": smallest().decode().replace("bf:", f"{SECRET}:").replace(":bf", f":{SECRET}").replace("112", "x"),
    "a namespace": changed("<antrag>", f'<antrag xmlns="urn:{SECRET}">').decode(),
    "a namespace with quotes": changed("<antrag>", f"<antrag xmlns=\"x', attribute '{SECRET}'\">").decode(),
    "an attribute name": changed("<antrag>", f'<antrag {SECRET}="1">').decode(),
    "an attribute value": changed("<zustand>", f'<zustand listURI="{SECRET}">').decode(),
    "a comment and an instruction": changed("112", f"<!--{SECRET}--><?{SECRET} {SECRET}?>").decode(),
    "text between elements": changed("<antrag>", f"<antrag>{SECRET}").decode(),
    "xsi:type": changed("<antrag>", f'<antrag {XSI} xsi:type="bf:{SECRET}">').decode(),
    "xsi:nil": changed("<antrag>", f'<antrag {XSI} xsi:nil="{SECRET}">').decode(),
    "a wrong end tag": changed("</antrag>", f"</{SECRET}>").decode(),
    "an entity": changed("Erika", f"&{SECRET};").decode(),
    "a wrong encoding": changed("UTF-8", SECRET).decode(),
    "a broken attribute": changed("<antrag>", f"<antrag {SECRET}>").decode(),
    "a doctype": changed("<bf:", f"<!DOCTYPE {SECRET}><bf:").decode(),
}


@pytest.mark.parametrize("document", LEAKS.values(), ids=LEAKS.keys())
def test_nothing_a_sender_wrote_is_found_in_a_finding(document: str) -> None:
    assert SECRET in document
    report = inspector().inspect(document.encode())
    assert report.findings
    said = repr([finding_of(finding) for finding in report.findings])
    assert SECRET[:6] not in said
    assert "geheim" not in said.lower()


@pytest.mark.parametrize(
    ("document", "path", "type_name"),
    [
        (changed(">112<", ">x<"), f"{ROOT}/antrag/baum/stammumfang", "bf:Zentimeter"),
        (changed("<antrag>", '<antrag x="1">'), f"{ROOT}/antrag/@*", ""),
        (smallest().replace(b"bf:", b"").replace(b"xmlns:bf=", b"xmlns=").replace(
            b"<nachrichtenkopf>", b'<nachrichtenkopf xmlns="">').replace(b"<antrag>", b'<antrag xmlns="">').replace(
            b">112<", b">x<"), f"{ROOT}/antrag/baum/stammumfang", "bf:Zentimeter"),
        (changed("<ort>Hamburg</ort>", ""), f"{ROOT}/antrag/antragsteller/beteiligter/anschrift",
         "bf:Anschrift"),
    ],
    ids=["value", "attribute", "default namespace", "missing element"],
)  # fmt: skip
def test_a_finding_names_the_place_and_the_type(document: bytes, path: str, type_name: str) -> None:
    (finding,) = inspector().inspect(document).findings
    assert (finding.path, finding.type_name) == (path, type_name)


def test_an_expected_element_is_named_in_both_languages() -> None:
    (seen,) = inspector().inspect(changed("<ort>Hamburg</ort>", "")).findings
    finding = finding_of(seen)
    assert finding.code == "XSD-MISSING"
    assert finding.de == "In diesem Element fehlt ein Element. Erwartet wird: ort."
    assert finding.en == "An element is missing in this element. Expected: ort."


def test_every_error_type_of_libxml2_has_a_code_with_sentences() -> None:
    names = [name for name in dir(etree.ErrorTypes) if name.startswith("SCHEMAV_")]
    assert len(names) > 60
    assert {code_of(name) for name in names} <= set(AGAINST_SCHEMA)
    for code, sentence in SENTENCES.items():
        assert sentence.de
        assert sentence.en
        assert finding_of(Observation(code)).de == sentence.de

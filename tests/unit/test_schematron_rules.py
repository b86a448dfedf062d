"""What a Schematron rule set finds in a document, and what of Schematron is refused."""

from pathlib import Path

import pytest
from lxml import etree, isoschematron
from schematron_kit import Written, assertion, pattern, report, rule, schema

from amtsbote.errors import Misconfigured
from schemas.plan import MAX_FINDINGS
from schemas.schematron.engine import Engine
from schemas.schematron.loading import load_rule_set

DOCUMENT = """<antrag xmlns:z='urn:z'>
  <baum art='Linde' z:nr='1'><umfang>80</umfang></baum>
  <baum art=''><umfang>30</umfang><grund>Äste 𝔄</grund></baum>
  <!-- Notiz --><?hinweis eilig?>
  <person><name>Erika Muster</name></person>
</antrag>"""

FINDS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "an assert that does not hold and a report that does": (
        schema(pattern(rule("baum", assertion("a", "@art != ''"), report("r", "umfang &lt; 40")))),
        [("a", "/antrag/baum[2]"), ("r", "/antrag/baum[2]")],
    ),
    "nothing": (schema(pattern(rule("baum", assertion("a", "umfang"), report("r", "false()")))), []),
    "the first rule that matches a node is the only one of its pattern": (
        schema(
            pattern(
                rule("baum[grund]", report("first", "true()")),
                rule("baum", report("second", "true()")),
                rule("baum", report("third", "true()")),
            ),
            pattern(rule("baum[grund]", report("other", "true()"))),
        ),
        [("second", "/antrag/baum[1]"), ("first", "/antrag/baum[2]"), ("other", "/antrag/baum[2]")],
    ),
    "a rule about every kind of node": (
        schema(
            pattern(rule("@art[. = '']", report("attribute", "true()"))),
            pattern(rule("@*:nr", report("qualified", "true()"))),
            pattern(rule("comment()", report("comment", "true()"))),
            pattern(rule("processing-instruction()", report("instruction", "true()"))),
            pattern(rule("grund/text()", report("text", "true()"))),
            pattern(rule("/", report("document", "true()"))),
        ),
        [
            ("attribute", "/antrag/baum[2]/@{}art"),
            ("qualified", "/antrag/baum[1]/@{urn:z}nr"),
            ("comment", "/antrag"),
            ("instruction", "/antrag"),
            ("text", "/antrag/baum[2]/grund"),
            ("document", "/antrag"),
        ],
    ),
    "lets of schema, pattern and rule, in the order in which they stand": (
        schema(
            "<let name='least' value='40'/>",
            pattern(
                "<let name='trees' value='count(//baum)'/>",
                rule(
                    "baum",
                    "<let name='size' value='number(umfang)'/>",
                    assertion("size", "$size ge $least"),
                    "<let name='half' value='$size div $trees'/>",
                    assertion("half", "$half ge 20"),
                ),
            ),
        ),
        [("size", "/antrag/baum[2]"), ("half", "/antrag/baum[2]")],
    ),
    "a let of a pattern is seen by the others, unless they have their own": (
        schema(
            pattern(
                "<let name='common' value='2'/><let name='own' value=\"'x'\"/>", rule("grund", report("x", "false()"))
            ),
            pattern(
                "<let name='own' value=\"'y'\"/>",
                rule("antrag", report("both", "count(baum) = $common and $own = 'y'")),
            ),
        ),
        [("both", "/antrag")],
    ),
    "abstract rules, that extend others and have lets of their own": (
        schema(
            pattern(
                "<rule id='base' abstract='true'><let name='n' value='string-length(@art)'/>"
                + assertion("base", "$n gt 0")
                + "</rule>",
                "<rule id='more' abstract='true'><extends rule='base'/>" + assertion("more", "$n lt 4") + "</rule>",
                rule("baum", "<extends rule='more'/>"),
            )
        ),
        [("more", "/antrag/baum[1]"), ("base", "/antrag/baum[2]")],
    ),
    "abstract rules from a collection of rules": (
        schema(
            "<rules><rule id='base' abstract='true'>" + assertion("base", "@art != ''") + "</rule></rules>",
            pattern(rule("baum", "<extends rule='base'/>")),
        ),
        [("base", "/antrag/baum[2]")],
    ),
    "an abstract pattern, twice, with text for its parameters": (
        schema(
            "<pattern abstract='true' id='needs'><let name='count' value='count($what)'/>"
            + rule("$where", assertion("needs", "$what", "x"), report("counted", "$count gt 1", "x"))
            + "</pattern>",
            "<pattern is-a='needs'><param name='where' value='baum'/><param name='what' value='grund'/></pattern>",
            "<pattern is-a='needs'><param name='where' value='person'/><param name='what' value='//umfang'/></pattern>",
        ),
        [("needs", "/antrag/baum[1]"), ("counted", "/antrag/person")],
    ),
    "keys and functions": (
        schema(
            "<ns prefix='f' uri='urn:f'/><xsl:key name='by-art' match='baum' use='@art'/>",
            "<xsl:function name='f:twice' as='xs:integer'><xsl:param name='n' as='xs:integer'/>"
            "<xsl:sequence select='2 * $n'/></xsl:function>",
            pattern(rule("antrag", report("f", "f:twice(count(key('by-art', 'Linde'))) = 2"))),
        ),
        [("f", "/antrag")],
    ),
    "variables and numbers as XSLT declares them": (
        schema(
            "<xsl:variable name='arten' select=\"('Linde', 'Eiche')\"/>"
            "<xsl:decimal-format decimal-separator=',' grouping-separator='.'/>",
            pattern(rule("baum", report("v", "@art = $arten and format-number(1.5, '0,0') = '1,5'"))),
        ),
        [("v", "/antrag/baum[1]")],
    ),
    "a phase that is left to others": (
        schema(
            "<phase id='p'><active pattern='one'/></phase>",
            pattern(rule("baum", report("one", "umfang &lt; 40")), attributes="id='one' name='Eins'"),
            pattern(rule("person", report("two", "true()")), attributes="id='two'"),
        ),
        [("one", "/antrag/baum[2]"), ("two", "/antrag/person")],
    ),
    "namespaces": (
        schema("<ns prefix='q' uri='urn:z'/>", pattern(rule("baum[@q:nr]", report("q", "@q:nr = '1'")))),
        [("q", "/antrag/baum[1]")],
    ),
    "a subject is the place": (
        schema(
            pattern(
                rule("baum", report("s", "umfang &lt; 40", attributes="subject='umfang'")),
                rule("person", report("nowhere", "true()", attributes="subject='mail'")),
            )
        ),
        [("s", "/antrag/baum[2]/umfang"), ("nowhere", "/antrag/person")],
    ),
    "a rule that cannot be evaluated is found, and the others go on": (
        schema(
            pattern(
                rule("grund", report("never", "xs:decimal(.) gt 1"), attributes="id='decimal'"),
                rule("umfang", report("always", "true()")),
            )
        ),
        [
            ("always", "/antrag/baum[1]/umfang"),
            ("always", "/antrag/baum[2]/umfang"),
            ("?decimal", "/antrag/baum[2]/grund"),
        ],
    ),
    "a rule that calls itself without end": (
        schema(
            "<ns prefix='f' uri='urn:f'/><xsl:function name='f:f'><xsl:param name='n'/>"
            "<xsl:sequence select='1 + f:f($n)'/></xsl:function>",
            pattern(rule("person", report("never", "f:f(1)"))),
        ),
        [("?", "/antrag")],
    ),
    "XPath 1.0 compares text with numbers": (
        schema(pattern(rule("baum", report("n", "string(umfang) &lt; 40"))), binding="xslt"),
        [("n", "/antrag/baum[2]")],
    ),
    "a phase that the schema names": (
        schema(
            "<phase id='p'><let name='limit' value='40'/><active pattern='one'/></phase>",
            pattern(rule("baum", report("one", "umfang &lt; $limit")), attributes="id='one'"),
            pattern(rule("baum", report("two", "true()")), attributes="id='two'"),
            attributes="defaultPhase='p'",
        ),
        [("one", "/antrag/baum[2]")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FINDS.values(), ids=FINDS)
def test_finds(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert sorted(Written(tmp_path, text).found(DOCUMENT)) == sorted(expected)


def test_the_rules_that_met_a_node_are_known_whether_they_found_something_or_not(tmp_path: Path) -> None:
    written = Written(
        tmp_path,
        schema(pattern(rule("nichts", report("x", "true()")), rule("baum", report("y", "false()")))),
    )

    assert written.run(DOCUMENT).fired == {1}
    assert written.run("<anders/>").fired == set()


MESSAGE = (
    "\n  [1] <emph>Der Baum</emph> hat <value-of select='umfang'/> cm in <name/>,\n zu <name path='..'/>  gehörig: "
    "<value-of select='nichts'/>."
)


@pytest.mark.parametrize(
    ("quoting", "said"),
    [
        (False, "[1] Der Baum hat … cm in {}baum, zu {}antrag gehörig: …. Mehr dazu: …"),
        (True, "[1] Der Baum hat 30 cm in {}baum, zu {}antrag gehörig: . Mehr dazu: Äste 𝔄"),
    ],
)
def test_a_message_is_the_authors_and_quotes_the_document_only_when_asked(
    tmp_path: Path, quoting: bool, said: str
) -> None:
    diagnostics = "<diagnostics><diagnostic id='d'>Mehr dazu: <value-of select='grund'/></diagnostic></diagnostics>"
    text = schema(pattern(rule("baum[grund]", report("r", "true()", MESSAGE, "diagnostics='d'"))), diagnostics)

    assert Written(tmp_path, text, quoting=quoting).said(DOCUMENT) == [said]


def test_a_message_that_is_too_long_is_cut(tmp_path: Path) -> None:
    text = schema(pattern(rule("/*", report("r", "true()", "lang " * 500))))

    [said] = Written(tmp_path, text).said(DOCUMENT)

    assert (len(said), said[-1]) == (1001, "…")


def test_how_grave_it_is_says_the_check_or_else_its_rule(tmp_path: Path) -> None:
    grades = {"fatal": "error", "error": "error", "warning": "warning", "WARN": "warning", "information": "warning"}
    checks = [
        *(report("x", "true()", attributes=f"flag='{flag}'") for flag in grades),
        report("x", "true()"),
        report("x", "true()", attributes="role='caution'"),
    ]
    rules = (*(rule("baum", check) for check in checks), rule("x", report("x", "true()"), attributes="role='warning'"))

    found = Written(tmp_path, schema(pattern(*rules))).rules.checks

    assert [check.severity for check in found] == [*grades.values(), "error", "error", "warning"]


def test_finds_are_cut_and_no_number_of_warnings_hides_an_error(tmp_path: Path) -> None:
    hints, error = report("w", "true()", attributes="role='warning'"), report("e", "not(following::b)")
    written = Written(tmp_path, schema(pattern(rule("b", hints, error))))

    finds = written.run(f"<a>{'<b/>' * 60}</a>").finds

    assert [written.name(find) for find in finds] == ["e", *["w"] * (MAX_FINDINGS + 1)]


def test_agrees_with_the_implementation_in_lxml_where_that_one_can(tmp_path: Path) -> None:
    """It runs XSLT 1 only."""
    text = schema(
        "<ns prefix='z' uri='urn:z'/><let name='least' value='40'/>",
        pattern(
            rule("baum[@z:nr]", assertion("least", "umfang &gt;= $least"), report("linden", "@art = 'Linde'")),
            rule("baum", assertion("most", "umfang &gt;= $least"), assertion("art", "string-length(@art) &gt; 0")),
        ),
        pattern(rule("antrag/*", assertion("text", "name or @art"))),
        binding="xslt",
    )
    lxmls = isoschematron.Schematron(etree.fromstring(text), store_report=True)
    root = etree.fromstring(DOCUMENT)
    lxmls.validate(root)
    svrl = "{http://purl.oclc.org/dsdl/svrl}"
    assert lxmls.validation_report is not None
    theirs = [
        (str(node.get("id")), root.getroottree().getpath(root.xpath(str(node.get("location")))[0]))
        for node in lxmls.validation_report.getroot().iter(f"{svrl}failed-assert", f"{svrl}successful-report")
    ]

    assert sorted(name for name, _ in theirs) == ["art", "linden", "most"]
    assert sorted(Written(tmp_path, text).found(DOCUMENT)) == sorted(theirs)


def test_parts_come_from_other_files_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "teile").mkdir()
    inner = pattern(rule("baum", "<include href='#pruefung'/>"), attributes="id='muster'")
    parts = f"<rules xmlns='http://purl.oclc.org/dsdl/schematron'>{report('pruefung', 'umfang &lt; 40')}</rules>"
    (tmp_path / "teile" / "teile.sch").write_text(parts, "utf-8")
    base = (
        "<rule xmlns='http://purl.oclc.org/dsdl/schematron' abstract='true'>"
        + assertion("art", "@art != ''")
        + "</rule>"
    )
    (tmp_path / "teile" / "regel.sch").write_text(base, "utf-8")
    namespaced = inner.replace("<pattern ", "<pattern xmlns='http://purl.oclc.org/dsdl/schematron' ")
    (tmp_path / "teile" / "muster.sch").write_text(namespaced.replace("#", "teile.sch#"), "utf-8")
    text = schema("<include href='teile/muster.sch'/>", pattern(rule("baum", "<extends href='teile/regel.sch'/>")))

    written = Written(tmp_path, text)
    first = written.rules.digest
    (tmp_path / "teile" / "teile.sch").write_text(parts.replace("40", "20"), "utf-8")
    changed = Written(tmp_path, text)

    assert written.found(DOCUMENT) == [("pruefung", "/antrag/baum[2]"), ("art", "/antrag/baum[2]")]
    assert changed.found(DOCUMENT) == [("art", "/antrag/baum[2]")]
    assert changed.rules.digest != first


REFUSED: dict[str, tuple[str, str]] = {
    "another language": (schema(binding="stx"), "regeln.sch:1: the query binding stx is not supported"),
    "rules over other documents": (
        schema(pattern(rule("a"), attributes="documents='x'")),
        "the attribute documents of pattern is not supported",
    ),
    "an element of later versions": (schema("<group/>"), "group is not supported here"),
    "an element in the wrong place": (schema(pattern(rule("a", "<pattern/>"))), "pattern is not supported here"),
    "a rule without context": (schema(pattern("<rule/>")), "rule without context"),
    "an assert without test": (schema(pattern(rule("a", "<assert>x</assert>"))), "assert without test"),
    "a missing abstract rule": (schema(pattern(rule("a", "<extends rule='b'/>"))), "there is no abstract rule b"),
    "a rule that extends itself": (
        schema(pattern("<rule abstract='true' id='b'><extends rule='b'/></rule>", rule("a", "<extends rule='b'/>"))),
        "a rule extends itself",
    ),
    "a missing abstract pattern": (schema("<pattern is-a='b'/>"), "there is no abstract pattern b"),
    "a missing diagnostic": (
        schema(pattern(rule("a", report("r", "true()", attributes="diagnostics='d'")))),
        "there is no diagnostic d",
    ),
    "a missing phase": (schema(attributes="defaultPhase='p'"), "there is no phase p"),
    "a missing pattern": (
        schema("<phase id='p'><active pattern='x'/></phase>", attributes="defaultPhase='p'"),
        "there is no pattern x",
    ),
    "a prefix that means two things": (
        schema("<ns prefix='a' uri='urn:a'/><ns prefix='a' uri='urn:b'/>"),
        "the prefix a has two meanings",
    ),
    "XSLT in a rule": (
        schema(pattern(rule("a", "<xsl:variable name='x'/>"))),
        "XSLT inside of rules is not supported",
    ),
    "templates": (schema("<xsl:template match='/'/>"), "xsl:template is not supported"),
    "an xsl:variable that reads files": (
        schema("<xsl:variable name='codes' select='document(&quot;codes.xml&quot;)'/>"),
        "the function document would read something else than the document",
    ),
    "writing files": (
        schema("<xsl:function name='xs:f'><xsl:result-document href='x'/></xsl:function>"),
        "xsl:result-document is not allowed",
    ),
    "reading files": (
        schema(pattern(rule("a", report("r", "doc-available('file:///etc/passwd')")))),
        "the function doc-available would read something else than the document",
    ),
    "an include out of the folder": (schema("<include href='../x.sch'/>"), "../x.sch leads out of the folder"),
    "an include from the net": (schema("<include href='http://x.example/x.sch'/>"), "leads out of the folder"),
    "an include that is not there": (schema("<include href='x.sch'/>"), "x.sch: the file is missing"),
    "a schema in a schema": (schema("<include href='regeln.sch'/>"), "regeln.sch is no part of a schema"),
    "a DOCTYPE": ("<!DOCTYPE schema>" + schema(), "not permitted XML (XML-DOCTYPE)"),
    "another schema": ("<grammar/>", "this is not an ISO Schematron schema"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_done_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        Written(tmp_path, text)

    assert why in refused.value.en
    assert refused.value.en != refused.value.de


def test_a_file_outside_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sch").write_text(schema(), "utf-8")
    (tmp_path / "set").mkdir()

    with pytest.raises(Misconfigured, match="outside of the folder"):
        load_rule_set(tmp_path / "set", "../x.sch")


def test_an_include_that_leads_back_to_itself_is_refused(tmp_path: Path) -> None:
    part = "<pattern xmlns='http://purl.oclc.org/dsdl/schematron'><include href='teil.sch'/></pattern>"
    (tmp_path / "teil.sch").write_text(part, "utf-8")

    with pytest.raises(Misconfigured, match="leads back to itself"):
        Written(tmp_path, schema("<include href='teil.sch'/>"))


def test_an_invalid_expression_is_told_without_a_place_nobody_has_written(tmp_path: Path) -> None:
    written = Written(tmp_path, schema(pattern(rule("a", assertion("x", "count(")))))

    with pytest.raises(Misconfigured, match=r"regeln\.sch: an expression is not valid: .*count\(") as refused:
        Engine([written.rules])
    assert "line" not in refused.value.en


REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "xoev"


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the published standards are not part of the project")
@pytest.mark.parametrize(
    ("folder", "name", "samples", "expected"),
    [
        ("xbildung-family/xschule-1.2", "schematron/xschule-schematron.sch", "samples/**/*.xml", {}),
        (
            "xrechnung",
            "schematron/ubl/XRechnung-UBL-validation.sch",
            "samples/*ubl.xml",
            {"01.01a-INVOICE_ubl.xml": ["BR-DE-TMP-32"]},
        ),
        (
            "xrechnung",
            "schematron/cii/XRechnung-CII-validation.sch",
            "samples/*uncefact.xml",
            {"01.01a-INVOICE_uncefact.xml": ["BR-DE-TMP-32"]},
        ),
    ],
)
def test_published_rule_sets_find_what_is_known_of_their_samples(
    folder: str, name: str, samples: str, expected: dict[str, list[str]]
) -> None:
    rules = load_rule_set(REFERENCE / folder, name)
    engine = Engine([rules])
    files = sorted((REFERENCE / folder).glob(samples))
    outcomes = {file.name: engine.run(etree.parse(file).getroot())[0] for file in files}

    assert files
    assert all(outcome.fired for outcome in outcomes.values())
    found = {
        name: [rules.checks[find.check].id if find.check is not None else "?" for find in outcome.finds]
        for name, outcome in outcomes.items()
        if outcome.finds
    }
    assert found == expected


XBAU = """<xbau:baugenehmigung.antrag.0200 xmlns:xbau='http://www.xleitstelle.de/xbau/2/6'><nachrichtenkopf.g2g>
  <leser><verzeichnisdienst><code>DVDV</code></verzeichnisdienst><kennung>psb:01001000_00</kennung></leser>
  <autor><verzeichnisdienst><code>DVDV</code></verzeichnisdienst><kennung>bab:01001000</kennung></autor>
</nachrichtenkopf.g2g></xbau:baugenehmigung.antrag.0200>"""


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the published standards are not part of the project")
def test_published_rules_find_what_they_forbid() -> None:
    """XBau forbids a key that its own documentation has as an example."""
    rules = load_rule_set(REFERENCE / "xbau-2.6", "schematron/xbau-schematron.sch")
    [find] = Engine([rules]).run(etree.fromstring(XBAU))[0].finds
    assert find.check is not None
    assert (rules.checks[find.check].id, find.element.tag) == ("sch-xbau-001", "nachrichtenkopf.g2g")

    invoices = load_rule_set(REFERENCE / "xrechnung", "schematron/ubl/XRechnung-UBL-validation.sch")
    invoice = etree.parse(REFERENCE / "xrechnung" / "samples" / "01.02a-INVOICE_ubl.xml").getroot()
    [reference] = invoice.iter("{*}BuyerReference")
    invoice.remove(reference)
    [find] = Engine([invoices]).run(invoice)[0].finds
    assert find.check is not None
    assert invoices.checks[find.check].id == "BR-DE-15"

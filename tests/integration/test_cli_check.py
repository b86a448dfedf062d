"""`amtsbote check`: verdict, findings and exit code, for what is bundled and what is registered."""

import json
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from code_list_kit import CODED, LIST, OTHER, genericode
from directory_for_tests import TABLES
from lxml import etree
from schemas_for_tests import URI, dog_tax, sample, tree_felling
from standards_kit import ABOUT, ANMELDUNG, HUND, KENNUNG, PLAIN, SPACE, VALID, include, published, registered, schema

from amtsbote.cli import check
from amtsbote.cli.entry import run
from amtsbote.model.schema import Layer
from schemas.confinement import HelperLimits
from schemas.standards.library import Library

GENERAL = "<xs:complexType><xs:sequence>{}</xs:sequence><xs:attribute name='{}' type='xs:string' use='required' {}/>"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "registry")


class Desk:
    """Somebody with a document and a folder of registered standards."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def check(self, document: str | bytes, *words: str, registry: str | None = "registry") -> tuple[int, Any]:
        """Exit code and answer."""
        file = self._folder / "document.xml"
        file.write_bytes(document.encode() if isinstance(document, str) else document)
        named = [] if registry is None else ["--registry", str(self._folder / registry)]
        code = run(["check", str(file), *named, *words, "--json"])
        return code, json.loads(self._capsys.readouterr().out)

    def forget(self) -> None:
        """What has been printed so far."""
        self._capsys.readouterr()


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_a_bundled_package_needs_no_registry(desk: Desk) -> None:
    code, answer = desk.check(sample("gueltig-hamburg-chemnitz"), registry=None)
    assert (code, answer["verdict"], answer["schema"], answer["findings"]) == (0, "valid", URI, [])

    code, answer = desk.check(sample("ungueltig-datum"), registry=None)
    assert (code, answer["verdict"]) == (1, "invalid")
    [finding] = answer["findings"]
    assert (finding["code"], finding["layer"], finding["line"]) == ("XSD-TYPE", "xsd", 25)
    assert finding["de"] != finding["en"]
    assert finding["severity"] == "error"
    told = {"well-formed": "passed", "xsd": "failed", "schematron": "not-declared"}
    assert told.items() <= answer["layers"].items()


def test_json_is_of_the_only_schema_that_takes_it(desk: Desk) -> None:
    folder = dog_tax("1.1").folder / "samples"
    uri = dog_tax("1.1").about.schemas[1].uri
    code, answer = desk.check((folder / "gueltig-ein-hund.json").read_bytes(), registry=None)
    assert (code, answer["verdict"], answer["schema"]) == (0, "valid", uri)

    wrong = (folder / "ungueltig-datum.json").read_bytes()
    code, answer = desk.check(wrong, registry=None)
    assert (code, answer["verdict"]) == (2, "unknown")
    assert uri in answer["candidates"]
    code, answer = desk.check(wrong, "--schema", uri, registry=None)
    assert (code, [(each["code"], each["path"]) for each in answer["findings"]]) == (
        1,
        [("JSON-FORMAT", "/hund/0/wurfdatum")],
    )

    for begins, reason in (("utf-8-sig", "JSON-BYTE-ORDER-MARK"), ("utf-16", "JSON-NOT-UTF-8")):
        code, answer = desk.check('{"a": 1}'.encode(begins), registry=None)
        assert (code, [each["code"] for each in answer["findings"]]) == (3, [reason])

    code, answer = desk.check(b'{"a": 1, "a": 2}', registry=None)
    assert (code, answer["verdict"], answer["schema"]) == (3, "refused", "")
    assert [(each["code"], each["layer"]) for each in answer["findings"]] == [("JSON-DUPLICATE-MEMBER", "well-formed")]


def test_a_registered_standard_decides_and_says_what_it_did_not_look_at(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    rules = "<s:schema xmlns:s='http://purl.oclc.org/dsdl/schematron' queryBinding='stx'/>"
    registered(library, published(tmp_path / "set", {**PLAIN, "x.sch": rules}))

    code, answer = desk.check(VALID)
    assert (code, answer["verdict"], answer["package"]) == (0, "valid", "XHund 1.0")
    assert answer["schema"] == f"{KENNUNG}_1.0#anmeldung.hund.0100"
    assert answer["layers"]["schematron"] == "not-checked"
    assert answer["layers"]["code-lists"] == "not-declared"

    code, answer = desk.check(VALID.replace("name>", "nahme>"))
    assert (code, [finding["code"] for finding in answer["findings"]]) == (1, ["XSD-UNEXPECTED"])


def test_a_damaged_standard_leaves_only_its_own_documents_without_a_verdict(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    lock = registered(library, published(tmp_path / "set", PLAIN))
    (library.home(lock.identity) / "lock.json").write_text("{")

    assert desk.check(sample("gueltig-hamburg-chemnitz"))[1]["verdict"] == "valid"
    for words in ((), ("--schema", f"{KENNUNG}_1.0#anmeldung.hund.0100")):
        code, answer = desk.check(VALID, *words)
        assert (code, "schemas remove" in answer["error"]["en"]) == (70, True)


@pytest.mark.parametrize(
    ("grade", "exit_code", "outcome", "severities"),
    [("warning", 0, "passed", ["warning"]), ("error", 1, "failed", ["error"]), ("off", 0, "not-checked", [])],
)
def test_each_standard_has_a_grade_for_broken_references(
    desk: Desk, library: Library, tmp_path: Path, grade: str, exit_code: int, outcome: str, severities: list[str]
) -> None:
    files = {"x.xsd": schema(HUND, ANMELDUNG.replace("xs:decimal", "xs:IDREF"))}
    folder = published(tmp_path / "set", files)
    assert run(["schemas", "add", str(folder), "--registry", str(library.folder), "--references", grade]) == 0
    desk.forget()

    code, answer = desk.check(VALID.replace("</name>", "</name><steuer>a</steuer>"))

    assert (code, answer["layers"]["references"]) == (exit_code, outcome)
    assert [each["severity"] for each in answer["findings"]] == severities


def test_keys_are_looked_up_in_the_lists_that_came_with_the_standard(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    about = {"x.xsd": schema(CODED), "listen/rasse.xml": genericode(), "listen/farbe.xml": genericode(OTHER)}
    words = ("--lists", "error", "--list", f"{OTHER}=off", "--registry", str(library.folder))
    assert run(["schemas", "add", str(published(tmp_path / "set", about)), *words]) == 0
    desk.forget()
    hund = "<hund xmlns='{}'><typ4 listURI='{}' listVersionID='{}'><code xmlns=''>{}</code></typ4></hund>"

    for uri, version, key, code, found in (
        (LIST, "1", "mops", 0, []),
        (LIST, "1", "pudel", 1, [("LIST-KEY", "error")]),
        (LIST, "2", "pudel", 0, [("LIST-VERSION-UNKNOWN", "warning")]),
        (OTHER, "1", "rot", 0, []),
        ("urn:fremd", "1", "rot", 0, [("LIST-UNKNOWN", "warning")]),
    ):
        exit_code, answer = desk.check(hund.format(SPACE, uri, version, key))
        assert (exit_code, [(each["code"], each["severity"]) for each in answer["findings"]]) == (code, found)
        assert answer["layers"]["code-lists"] == ("failed" if code else "passed")


@pytest.mark.parametrize(
    ("document", "code"),
    [(b"", "XML-EMPTY"), ("<!DOCTYPE a><a/>", "XML-DOCTYPE"), ("<a>", "XML-TRUNCATED"), ("Bello", "XML-NOT-XML")],
)
@pytest.mark.parametrize("declared", [[], ["--schema", URI]])
def test_what_is_not_permitted_xml_is_refused(
    desk: Desk, document: str | bytes, code: str, declared: list[str]
) -> None:
    exit_code, answer = desk.check(document, *declared, registry=None)

    assert (exit_code, answer["verdict"]) == (3, "refused")
    assert [(finding["code"], finding["layer"]) for finding in answer["findings"]] == [(code, "well-formed")]


def test_what_nobody_registered_is_unknown(desk: Desk) -> None:
    code, answer = desk.check("<fremd/>", registry=None)
    assert (code, answer["verdict"], answer["candidates"]) == (2, "unknown", [])

    code, answer = desk.check(sample("gueltig-kleinster-antrag"), "--schema", "urn:x_1#y", registry=None)
    assert (code, answer["verdict"]) == (2, "unknown")


def versioned(library: Library, folder: Path, version: str, fixed: str) -> None:
    """As XJustiz: one namespace for all versions, an attribute of the header that says which."""
    header = GENERAL.format("<xs:any processContents='lax' minOccurs='0'/>", "xhundVersion", fixed)
    content = f"<xs:element name='kopf'>{header}</xs:complexType></xs:element>"
    message = (
        "<xs:element name='anmeldung.hund.0100'><xs:complexType><xs:sequence><xs:element ref='kopf'/></xs:sequence>"
    )
    files = {
        "x.xsd": schema(message, "</xs:complexType></xs:element>", content, about=ABOUT.replace("1.0<", f"{version}<"))
    }
    registered(library, published(folder / version, files))


def test_versions_that_share_a_namespace_are_told_by_what_the_schema_fixes(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    for version in ("3.4", "3.5"):
        versioned(library, tmp_path, version, f"fixed='{version}'")
    document = f"<anmeldung.hund.0100 xmlns='{SPACE}'><kopf xhundVersion='{{}}'/></anmeldung.hund.0100>"

    for version in ("3.4", "3.5"):
        code, answer = desk.check(document.format(version))
        assert (code, answer["package"]) == (0, f"XHund {version}")
    code, answer = desk.check(document.format("3.6"))
    assert (code, [finding["code"] for finding in answer["findings"]]) == (2, ["DOC-VERSION"])
    assert answer["findings"][0]["de"].endswith(f"Bekannt ist: {KENNUNG} in den Versionen 3.4 und 3.5.")
    code, answer = desk.check(document.format("3.5"), "--schema", f"{KENNUNG}_3.4#anmeldung.hund.0100")
    assert (code, [finding["code"] for finding in answer["findings"]]) == (1, ["DOC-OTHER", "XSD-FIXED"])


def test_versions_that_nothing_tells_apart_are_for_a_person(desk: Desk, library: Library, tmp_path: Path) -> None:
    for version in ("3.4", "3.5"):
        versioned(library, tmp_path, version, "")
    document = f"<anmeldung.hund.0100 xmlns='{SPACE}'><kopf xhundVersion='3.4'/></anmeldung.hund.0100>"

    code, answer = desk.check(document)

    uris = [f"{KENNUNG}_{version}#anmeldung.hund.0100" for version in ("3.4", "3.5")]
    assert (code, answer["candidates"]) == (2, uris)
    assert desk.check(document, "--schema", uris[0])[0] == 0


def test_a_version_that_a_message_need_not_say_is_not_asked_for(desk: Desk, library: Library, tmp_path: Path) -> None:
    other = "<xs:element name='kopf'><xs:complexType><xs:attribute name='version' fixed='1.0'/></xs:complexType>"
    files = {"x.xsd": schema(HUND, ANMELDUNG, other, "</xs:element>")}
    assert registered(library, published(tmp_path / "set", files)).version_marks == ("version",)

    assert desk.check(VALID)[0] == 0


def test_an_attribute_called_like_an_xpath_spoils_no_check(desk: Desk, library: Library, tmp_path: Path) -> None:
    """The name of a mark is put into an XPath; within `xs:appinfo` no validator looks at it."""
    told = ABOUT.replace("</xs:appinfo>", """<xs:attribute name="x' [ version" fixed="1.0"/></xs:appinfo>""")
    registered(library, published(tmp_path / "set", {"x.xsd": schema(HUND, ANMELDUNG, about=told)}))

    assert desk.check(VALID)[0] == 0


def test_a_message_of_several_sets_is_valid_by_the_one_that_takes_it(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    """As in OSCI, where every message redefines the same envelope."""
    narrow = "<xs:redefine schemaLocation='h.xsd'><xs:complexType name='H'><xs:complexContent><xs:extension base='H'>"
    end = "</xs:extension></xs:complexContent></xs:complexType></xs:redefine>"
    files = {
        "h.xsd": schema("<xs:element name='huelle' type='H'/><xs:complexType name='H'/>", about=""),
        **{f"{a}.xsd": schema(f"{narrow}<xs:attribute name='{a}' use='required'/>{end}") for a in "ab"},
        **{f"muster/{a}.xml": f"<huelle xmlns='{SPACE}' {a}=''/>" for a in "ab"},
    }
    lock = registered(library, published(tmp_path / "set", files))

    assert [(sample.valid, sample.second) for sample in lock.samples] == [(True, True)] * 2
    for attribute in "ab":
        assert desk.check(f"<huelle xmlns='{SPACE}' {attribute}=''/>")[0] == 0
    code, answer = desk.check(f"<huelle xmlns='{SPACE}'/>")
    assert (code, [finding["code"] for finding in answer["findings"]]) == (1, ["XSD-ATTRIBUTE-MISSING"])


def test_roots_of_one_name_in_two_namespaces_are_kept_apart(desk: Desk, library: Library, tmp_path: Path) -> None:
    number = schema("<xs:element name='anmeldung.hund.0100' type='xs:int'/>", space="urn:b")
    registered(library, published(tmp_path / "set", {"a.xsd": schema(HUND, ANMELDUNG), "b.xsd": number}))
    document = "<anmeldung.hund.0100 xmlns='urn:b'>{}</anmeldung.hund.0100>"

    assert desk.check(VALID)[0] == desk.check(document.format(1))[0] == 0
    code, answer = desk.check(document.format("eins"))
    assert (code, [finding["code"] for finding in answer["findings"]]) == (1, ["XSD-TYPE"])


def test_a_schema_that_libxml2_does_not_compile_is_checked_all_the_same(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    condition = (
        "<xs:attribute name='hunde' type='xs:int' use='required'/><xs:assert test='not(@hunde &lt; 1)'/></xs:extension>"
    )
    extended = f"<xs:complexType name='Mit'><xs:complexContent><xs:extension base='Anmeldung'>{condition}"
    hund = HUND.replace("'Anmeldung'", "'Mit'")
    files = {"x.xsd": schema(hund, ANMELDUNG, extended, "</xs:complexContent></xs:complexType>")}
    registered(library, published(tmp_path / "set", files))
    root = f"<anmeldung.hund.0100 xmlns='{SPACE}' {{}}>{{}}</anmeldung.hund.0100>"
    name = "<name>Bello</name>"
    place = "/ns:anmeldung.hund.0100"

    assert desk.check(root.format("hunde='1'", name))[0] == 0
    for attributes, content, code, path in (
        ("hunde='0'", name, "XSD-ASSERT", place),
        ("hunde='1'", "", "XSD-MISSING", place),
        ("hunde='1'", "<hund/>", "XSD-UNEXPECTED", f"{place}/*[1]"),
        ("hunde='1'", f"{name}<steuer>viel</steuer>", "XSD-TYPE", f"{place}/ns:steuer"),
        ("hunde='1' rasse=''", name, "XSD-ATTRIBUTE-UNKNOWN", f"{place}/@*"),
        ("", name, "XSD-ATTRIBUTE-MISSING", f"{place}/@hunde"),
    ):
        exit_code, answer = desk.check(root.format(attributes, content))
        assert (exit_code, [(one["code"], one["path"]) for one in answer["findings"]]) == (1, [(code, path)])


def test_an_assertion_is_told_with_its_words_and_its_test(desk: Desk, library: Library, tmp_path: Path) -> None:
    said = "".join(
        f"<xs:documentation xml:lang='{language}'>{text}</xs:documentation>"
        for language, text in (("en", "A dog is needed."), ("de", "Mindestens\n ein Hund."))
    )
    chip = "<xs:restriction base='xs:string'><xs:assertion test=\"not($value = 'x')\"/></xs:restriction>"
    asserts = (
        "<xs:assert test='@hunde &lt; 10'/>"
        f"<xs:assert test=' @hunde &gt; 0 '><xs:annotation>{said}</xs:annotation></xs:assert>"
    )
    content = (
        f"<xs:simpleContent><xs:extension base='Chip'><xs:attribute name='hunde' type='xs:int'/>{asserts}"
        "</xs:extension></xs:simpleContent>"
    )
    types = (
        f"<xs:simpleType name='Chip'>{chip}</xs:simpleType><xs:complexType name='Anmeldung'>{content}</xs:complexType>"
    )
    registered(library, published(tmp_path / "set", {"x.xsd": schema(HUND, types)}))

    def told(hunde: int, chip: str) -> list[tuple[str, str, list[dict[str, Any]]]]:
        document = f"<anmeldung.hund.0100 xmlns='{SPACE}' hunde='{hunde}'>{chip}</anmeldung.hund.0100>"
        return [(each["de"], each["en"], each["expected"]) for each in desk.check(document)[1]["findings"]]

    def demanded(test: str) -> list[dict[str, Any]]:
        return [{"what": "assert", "values": [test], "more": False}]

    german, english = "Eine Bedingung des Schemas ist nicht erfüllt", "A condition of the schema is not met"
    lautet, condition = "Die Bedingung lautet:", "The condition is:"
    assert told(0, "a") == [
        (
            f"{german}: Mindestens ein Hund. {lautet} @hunde > 0",
            f"{english}: A dog is needed. {condition} @hunde > 0",
            demanded("@hunde > 0"),
        )
    ]
    assert told(10, "a") == [
        (f"{german}. {lautet} @hunde < 10", f"{english}. {condition} @hunde < 10", demanded("@hunde < 10"))
    ]
    assert [each[2] for each in told(1, "x")] == [demanded("not($value = 'x')")]


def test_places_are_named_in_files_without_a_namespace_too(desk: Desk, library: Library, tmp_path: Path) -> None:
    files = {
        "x.xsd": schema(include("typen.xsd"), HUND),
        "typen.xsd": schema(
            ANMELDUNG.replace("xs:decimal", "Steuer"),
            "<xs:simpleType name='Steuer'><xs:restriction base='xs:decimal'/></xs:simpleType>",
            space="",
            about="",
        ),
    }
    registered(library, published(tmp_path / "set", files))

    [finding] = desk.check(VALID.replace("</name>", "</name><steuer>viel</steuer>"))[1]["findings"]
    assert (finding["path"], finding["type_name"]) == ("/ns:anmeldung.hund.0100/ns:steuer", "ns:Steuer")
    [finding] = desk.check(VALID.replace("name>", "nahme>"))[1]["findings"]
    assert finding["en"].startswith("“name” is missing here.")


def test_a_place_is_xpath_with_the_prefixes_of_the_report(desk: Desk, library: Library, tmp_path: Path) -> None:
    """Also where the schema has its namespace as the default one, and names no prefix for it."""
    registered(library, published(tmp_path / "set", PLAIN))
    document = VALID.replace("</name>", "</name><steuer>viel</steuer>")

    answer = desk.check(document)[1]

    [finding] = answer["findings"]
    assert answer["prefixes"] == {"ns": SPACE}
    found: Any = etree.fromstring(document).xpath(finding["path"], namespaces=answer["prefixes"])
    assert [each.text for each in found] == ["viel"]


def test_what_xsd_1_1_overrides_is_followed(desk: Desk, library: Library, tmp_path: Path) -> None:
    other = ANMELDUNG.replace("'name'", "'rufname'")
    override = f"<xs:override schemaLocation='typen.xsd'>{other}</xs:override>"
    registered(library, published(tmp_path / "set", {"x.xsd": schema(override, HUND), "typen.xsd": schema(ANMELDUNG)}))

    assert desk.check(VALID.replace("name>", "rufname>"))[0] == 0
    code, answer = desk.check(VALID)
    assert (code, [finding["code"] for finding in answer["findings"]]) == (1, ["XSD-UNEXPECTED"])


def test_a_person_reads_the_verdict_in_german(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.xml").write_bytes(sample("ungueltig-datum"))

    assert run(["--lang", "de", "check", str(tmp_path / "x.xml")]) == 1

    day = "Erwartet wird ein Datum der Form JJJJ-MM-TT, etwa 2026-12-31."
    assert capsys.readouterr().out.splitlines() == [
        f"Nicht gültig nach baumfaellgenehmigung 1.0: {URI}",
        "  Wohlgeformt und zulässig: geprüft, bestanden",
        "  XML-Schema: geprüft, nicht bestanden, Fehler: 1",
        "  Verweise (xs:ID, xs:IDREF): nicht angegeben",
        "  Codelisten: nicht geprüft, weil es schon vorher scheitert",
        "  Schematron: nicht angegeben",
        "  JSON-Schema: nicht angegeben",
        "  Regeln des Leistungspakets: nicht geprüft, weil es schon vorher scheitert",
        "",
        f"Tag, an dem der Antrag gestellt wird: Der Wert hat nicht die verlangte Form. {day}",
        "  XSD-TYPE  /bf:baumfaellung.antrag.0100/antrag/antragsdatum, Zeile 25  (xs:date)",
    ]


def test_a_person_reads_what_is_not_known_and_that_nothing_was_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, page = tmp_path / "x.xml", tmp_path / "x.html"
    file.write_bytes(sample("gueltig-kleinster-antrag"))

    assert run(["--lang", "de", "check", str(file), "--schema", "urn:x_1#y", "--html", str(page)]) == 2

    first, *layers = capsys.readouterr().out.splitlines()
    assert first.startswith("Unbekannt: Das angegebene Schema ist hier nicht registriert")
    assert layers[0] == "  Wohlgeformt und zulässig: nicht geprüft, weil kein Schema feststeht"
    assert len(layers) == len(Layer)
    assert "Das angegebene Schema ist hier nicht bekannt" in page.read_text()

    file.write_text("<fremd/>")
    assert run(["--lang", "de", "check", str(file)]) == 2
    first, *layers = capsys.readouterr().out.splitlines()
    assert first == "Unbekannt: Das Dokument gehört zu keinem der Schemas, oder nicht eindeutig zu einem."
    assert layers[:2] == [
        "  Wohlgeformt und zulässig: geprüft, bestanden",
        "  XML-Schema: nicht geprüft, weil kein Schema feststeht",
    ]


def test_of_a_standard_named_without_its_message_it_is_the_one_that_the_document_is(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    two = {"x.xsd": schema(ANMELDUNG, HUND, HUND.replace("0100", "0200"))}
    registered(library, published(tmp_path / "set", two))
    named = ("--schema", f"{KENNUNG}_1.0")
    messages = [f"{KENNUNG}_1.0#anmeldung.hund.0{number}00" for number in (1, 2)]

    code, answer = desk.check(VALID.replace("0100", "0200"), *named)
    assert (code, answer["schema"]) == (0, messages[1])
    assert desk.check(VALID.replace("0100", "0200").replace("name>", "nome>"), *named)[1]["verdict"] == "invalid"
    code, answer = desk.check(VALID.replace("0100", "0200").replace(SPACE, "urn:x"), *named)
    assert (code, answer["verdict"], answer["candidates"]) == (2, "unknown", [messages[1], messages[0]])
    assert [finding["code"] for finding in answer["findings"]] == ["DOC-NAMESPACE"]
    assert desk.check("<fremd/>", *named)[1]["candidates"] == messages
    assert desk.check("<!DOCTYPE a><a/>", *named)[0] == 3
    assert desk.check("{}", *named)[1]["candidates"] == messages


def test_a_standard_named_without_its_message_is_no_leave_to_guess(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    """A document of another standard is not of the one that is named."""
    registered(library, published(tmp_path / "dogs", PLAIN))
    cats = schema(ANMELDUNG, HUND.replace("hund", "katze"), HUND.replace("hund", "kater"), space="urn:katze", about="")
    registered(library, published(tmp_path / "cats", {"x.xsd": cats}), kennung="urn:katze", version="2")

    code, answer = desk.check(VALID, "--schema", "urn:katze_2")

    assert (code, answer["verdict"], answer["schema"]) == (2, "unknown", "")
    assert answer["candidates"] == ["urn:katze_2#anmeldung.kater.0100", "urn:katze_2#anmeldung.katze.0100"]


def test_a_report_is_written_for_people_and_programs_without_values_unless_they_are_asked_for(
    desk: Desk, tmp_path: Path
) -> None:
    files = {name: tmp_path / f"report.{name}" for name in ("html", "xml")}
    words = [word for name, file in files.items() for word in (f"--{name}", str(file))]
    wrong = "30. Februar 2026"
    document = re.sub(rb"(<antragsdatum>)[^<]*", rb"\g<1>" + wrong.encode(), sample("ungueltig-datum"))

    code, answer = desk.check(document, *words, registry=None)
    written = {name: file.read_text("utf-8") for name, file in files.items()}
    assert (code, answer["verdict"]) == (1, "invalid")
    assert answer["findings"][0]["field"] == "Tag, an dem der Antrag gestellt wird"
    assert all("XSD-TYPE" in text and wrong not in text for text in written.values())
    assert wrong not in json.dumps(answer, ensure_ascii=False)

    code, answer = desk.check(document, *words, "--values", registry=None)
    assert (code, answer["findings"][0]["value"]) == (1, wrong)
    assert all(wrong in file.read_text("utf-8") for file in files.values())


def test_own_packages_are_taken_where_they_are_named(desk: Desk, tmp_path: Path) -> None:
    own = tmp_path / "own" / "hecke" / "1.0"
    shutil.copytree(tree_felling().folder, own)
    for file in (own / "service.toml", *own.glob("schema/*.xsd"), own / "samples" / "gueltig-kleinster-antrag.xml"):
        file.write_bytes(file.read_bytes().replace(b"standard:baumfaellgenehmigung", b"standard:hecke"))
    document = (own / "samples" / "gueltig-kleinster-antrag.xml").read_bytes()

    assert desk.check(document, registry=None)[1]["verdict"] == "unknown"
    code, answer = desk.check(document, "--packages", str(tmp_path / "own"), registry=None)
    assert (code, answer["schema"]) == (0, URI.replace("baumfaellgenehmigung", "hecke"))


def test_the_route_is_told_by_a_folder_of_tables(desk: Desk, tmp_path: Path) -> None:
    for table, lines in TABLES.items():
        (tmp_path / f"{table}.csv").write_text("\n".join(lines), "utf-8")
    asked = ["--service", "99093003001002", "--routing", str(tmp_path)]

    code, answer = desk.check(b"", *asked, "--ars", "145110000000", registry=None)
    assert (code, answer["route"]["authorities"]) == (3, ["gba"])
    assert answer["route"]["destinationId"] is None, "tables know no inboxes"
    urn = ["--service", "urn:de:fim:leika:leistung:99093003001002", *asked[2:], "--ars", "145110000000"]
    assert desk.check(b"", *urn, registry=None)[1]["route"] == answer["route"]
    for words in ([*asked, "--ars", "Chemnitz"], ["--service", "99", *asked[2:], "--ars", "16"]):
        code, refused = desk.check(b"", *words, registry=None)
        assert (code, refused["error"]["code"]) == (64, "usage")
    assert "zustaendigkeiten: gba + 145110000000 → gba" in answer["route"]["rules"]
    assert "rollen: 99093003001002 → – (unb)" in answer["route"]["rules"]
    assert desk.check(b"", *asked, "--ars", "16", registry=None)[1]["route"]["authorities"] == []
    assert desk.check(b"", *asked, registry=None)[0] == 64
    (tmp_path / "rollen.csv").write_text("leistung;rolle;gueltig_ab;gueltig_bis\n", "utf-8")
    told = desk.check(b"", *asked, "--ars", "145110000000", registry=None)[1]["route"]
    assert told["rules"][0] == "packages: 99093003001002 → gba", "the tables say nothing, the bundled package does"
    (tmp_path / "rollen.csv").unlink()
    assert desk.check(b"", *asked, "--ars", "16", registry=None)[0] == 66


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "de", "check", str(tmp_path / "x.xml")]) == 66
    assert "x.xml ist nicht lesbar: Datei oder Ordner gibt es nicht" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--no-such"], ["--service", "99093003001002"], ["--ars", "16"], ["too", "many"], ["--routing", "."]]
)
def test_a_wrong_call_is_no_verdict(desk: Desk, words: list[str]) -> None:
    code, answer = desk.check("<fremd/>", *words, registry=None)

    assert (code, answer["error"]["code"]) == (64, "usage")
    assert "verdict" not in answer
    assert desk.check("<fremd/>", registry=None)[0] == 2


def test_a_folder_that_is_not_there_is_no_reason_to_judge_without_it(desk: Desk) -> None:
    code, answer = desk.check(sample("gueltig-hamburg-chemnitz"), registry="registri")

    assert (code, answer["error"]["code"]) == (66, "not-found")
    code, answer = desk.check(sample("gueltig-hamburg-chemnitz"), "--packages", "nirgends", registry=None)
    assert (code, answer["error"]["code"]) == (66, "not-found")


@pytest.mark.parametrize(
    ("level", "meant"), [(".", "own"), ("own/hecke", "own"), ("own/hecke/1.0", "own"), ("void", "")]
)
def test_a_folder_with_packages_at_another_level_is_refused_with_the_one_that_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], level: str, meant: str
) -> None:
    document = tmp_path / "document.xml"
    document.write_text("<x/>", "utf-8")
    (tmp_path / "void").mkdir()
    shutil.copytree(tree_felling().folder, tmp_path / "own/hecke/1.0")
    given = tmp_path / level

    for words in (["check", str(document)], ["route", "explain", "--tables", str(tmp_path)]):
        assert run(["--lang", "de", *words, "--packages", str(given)]) == 66
        told = capsys.readouterr().err.replace("\n", "")
        assert f"In {given} liegt kein Leistungspaket" in told
        assert ("gemeint" in told) is bool(meant)
        assert not meant or f"Vermutlich ist {tmp_path / meant} gemeint." in told


def test_a_document_that_hangs_or_kills_a_helper_gets_no_verdict_and_a_sentence(
    desk: Desk, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern over which xmlschema's regular expressions take for ever, and memory that is not there."""
    hanging = "<xs:restriction base='xs:string'><xs:pattern value='(a+)+b'/></xs:restriction>"
    condition = (
        "<xs:element name='n'><xs:complexType><xs:attribute name='n'/><xs:assert test='true()'/></xs:complexType>"
    )
    files = {"x.xsd": schema(f"<xs:element name='m'><xs:simpleType>{hanging}</xs:simpleType></xs:element>", condition)}
    files["x.xsd"] = files["x.xsd"].replace("</xs:schema>", "</xs:element></xs:schema>")
    registered(library, published(tmp_path / "set", files))
    endless, large = (f"<m xmlns='{SPACE}'>{text}</m>" for text in ("a" * 60, " " * 9_000_000))

    for document, limits, told in (
        (endless, {"cpu_seconds": 1}, "took too long"),
        (endless, {"cpu_seconds": 20, "wall_seconds": 1.0}, "took too long"),
        (large, {"memory_bytes": 1024 * 1024}, "crashed|memory"),
    ):
        monkeypatch.setattr(check, "HelperLimits", partial(HelperLimits, **limits))
        code, answer = desk.check(document)
        assert (code, answer["error"]["code"]) == (70, "not-checked")
        assert re.search(told, answer["error"]["en"])
        assert answer["error"]["de"].startswith("Kein Urteil: ")


def test_a_damaged_registry_is_not_taken_for_an_invalid_document(desk: Desk, library: Library) -> None:
    (library.folder / "notizen").mkdir(parents=True)

    code, answer = desk.check(VALID)

    assert (code, answer["error"]["code"]) == (70, "not-checked")
    assert "notizen" in answer["error"]["de"]


def test_a_file_that_is_too_large_is_refused_unread(desk: Desk) -> None:
    code, answer = desk.check(b"<a>" + b" " * 20 * 1024 * 1024 + b"</a>", registry=None)

    assert (code, [finding["code"] for finding in answer["findings"]]) == (3, ["XML-TOO-LARGE"])


def test_a_text_of_more_than_ten_megabytes_passes_where_its_standard_allows_it(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    element = "<xs:element name='anlage' type='xs:base64Binary'/>"
    files = published(tmp_path / "set", {"anlage.xsd": schema(element)})
    document = f"<anlage xmlns='{SPACE}'>{'QUJD' * 3_000_000}</anlage>"

    registered(library, files)
    code, answer = desk.check(document)
    assert (code, [each["code"] for each in answer["findings"]]) == (3, ["XML-LIMIT"])

    library.remove(library.find("xhund_1.0"))
    registered(library, files, large_texts=True)
    assert desk.check(document)[1]["verdict"] == "valid"
    assert desk.check(f"<anlage xmlns='{SPACE}'>{'<a>' * 300}{'</a>' * 300}</anlage>")[0] == 1


def test_a_known_message_in_an_unknown_version_names_the_known_ones(
    desk: Desk, library: Library, tmp_path: Path
) -> None:
    registered(library, published(tmp_path / "set", PLAIN))

    code, answer = desk.check(VALID.replace("xhund:1.0", "xhund:9.9"))

    assert (code, answer["candidates"]) == (2, [f"{KENNUNG}_1.0#anmeldung.hund.0100"])
    [finding] = answer["findings"]
    assert (finding["code"], finding["path"]) == ("DOC-NAMESPACE", "/*")
    assert finding["de"] == (
        "Das Wurzelelement „anmeldung.hund.0100“ steht in einem anderen Namensraum. Bekannt ist es im Namensraum "
        f"{SPACE} ({KENNUNG} in der Version 1.0)."
    )
    without = desk.check(VALID.replace(f" xmlns='{SPACE}'", ""))[1]["findings"]
    assert [each["de"].partition(".0100“ ")[2].partition(". ")[0] for each in without] == ["steht ohne Namensraum"]

"""A service package is read strictly, and refused as soon as anything it refers to is not inside it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import xmlschema
from lxml import etree
from schemas_for_tests import NAMESPACE, REF, dog_tax, inspecting, tree_felling

from amtsbote.errors import Misconfigured
from schemas.inspector import Inspector
from schemas.json_schema.files import read_set, subschemas
from schemas.package import LoadedPackage, bundled_packages, load_package
from schemas.plan import FactPlan
from schemas.service_file import DeclaredSample
from schemas.types import Types, Typing
from schemas.xsd import XSD, Vocabulary, read_closure


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the bundled package that a test may damage."""
    return Path(shutil.copytree(tree_felling().folder, tmp_path / "package"))


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def entry(folder: Path) -> Path:
    return folder / "schema" / "baumfaellgenehmigung.xsd"


PACKAGES = {package.label: package for package in bundled_packages()}
SAMPLES = [(label, each) for label, package in PACKAGES.items() for each in package.declared.samples]


def test_the_bundled_packages_say_what_they_serve() -> None:
    assert tree_felling().about.services == ("99093003001000", "99093003001001", "99093003001002")
    assert tree_felling().about.schemas == (REF,)
    assert [(one.role, one.kind, one.when) for one in tree_felling().declared.routing] == [
        ("gba", "main", ""),
        ("unb", "further", "monat=3..9"),
    ]
    for version in ("1.0", "1.1"):
        assert dog_tax(version).about.services == ("99102013104000",)
        assert [ref.mime_type for ref in dog_tax(version).about.schemas] == ["application/xml", "application/json"]
        assert [(one.role, one.region) for one in dog_tax(version).declared.routing] == [("kka", ""), ("fin", "02")]
    hundesteuer = [f"hundesteueranmeldung {version}" for version in ("1.0", "1.1")]
    assert list(PACKAGES) == ["baumfaellgenehmigung 1.0", "gewerbeanmeldung 1.0", *hundesteuer]


@pytest.mark.parametrize(("label", "expected"), SAMPLES, ids=lambda value: getattr(value, "file", value))
def test_every_sample_gets_the_verdict_its_package_declares(label: str, expected: DeclaredSample) -> None:
    package = PACKAGES[label]
    report = inspecting(package.folder, expected.schema_uri)((package.folder / expected.file).read_bytes())
    found = [(finding.code, finding.path) for finding in report.findings]
    assert found == ([(expected.code, expected.path)] if expected.code else [])
    assert bool(report.facts) is not Path(expected.file).name.startswith("ungueltig-")


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_every_sample_file_is_declared_and_says_by_its_name_what_it_is(package: LoadedPackage) -> None:
    declared = {Path(each.file).name: each.code for each in package.declared.samples}
    assert {file.name for file in (package.folder / "samples").iterdir()} == set(declared)
    assert {name for name, code in declared.items() if not code} == {
        name for name in declared if name.startswith("gueltig-")
    }


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_the_xml_schema_processor_of_another_house_agrees(package: LoadedPackage) -> None:
    (plan,) = (plan for plan in package.plans() if plan.xsd)
    schema = xmlschema.XMLSchema(plan.xsd, allow="sandbox", base_url=str(package.folder / "schema"), defuse="always")
    assert schema.maps.validity == "valid"
    for declared in package.declared.samples:
        if declared.schema_uri == plan.uri and not declared.code.startswith(("XML-", "DOC-")):
            document = (package.folder / declared.file).read_bytes()
            assert schema.is_valid(document) is not declared.code.startswith("XSD-"), declared.file


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_every_element_and_attribute_is_explained_in_german(package: LoadedPackage) -> None:
    (plan,) = (plan for plan in package.plans() if plan.xsd)
    for file in read_closure(Path(plan.xsd), package.folder):
        for node in file.root.iter(f"{{{XSD}}}element", f"{{{XSD}}}attribute", f"{{{XSD}}}simpleType"):
            (explained,) = node.findall(f"{{{XSD}}}annotation/{{{XSD}}}documentation")
            assert explained.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
            assert explained.text
        assert file.root.find(f"{{{XSD}}}annotation/{{{XSD}}}appinfo//kennung") is not None


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_every_member_is_explained_and_has_the_name_of_its_element(version: str) -> None:
    package = dog_tax(version)
    xml, json = package.plans()
    schemas = read_set(Path(json.json_schema), package.folder)
    names = set()
    for _, inside in subschemas(schemas.documents[schemas.entry], schemas.entry):
        for name, member in inside.get("properties", {}).items():
            names.add(name)
            assert member["title"]
            assert member["description"].endswith(".")
    elements = {
        node.get("name")
        for file in read_closure(Path(xml.xsd), package.folder)
        if "hundesteueranmeldung" in file.path.name
        for node in file.root.iter(f"{{{XSD}}}element")
    }
    head = {"hundesteuer.anmeldung.0100", "anmeldung", "nachrichtenkopf", "identifikation", "nachrichtenUUID",
            "nachrichtentyp", "erstellungszeitpunkt", "leser", "autor", "bezug", "code"}  # fmt: skip
    assert names - {"test"} == elements - head


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('version = "1.0"', 'version = "1.0"\nfarbe = "rot"', "farbe"),
        ('version = "1.0"', 'version = "eins"', "version"),
        ('name = "baumfaellgenehmigung"', 'name = "../etc"', "name"),
        ('services = ["99093003001000", ', 'services = ["9909300300100", ', "services"),
        ('root = "bf:', 'root = "xx:', "prefix"),
        ('role = "gba"', 'role = "gba"\nservices = ["99093003001009"]', "99093003001009"),
        ('role = "gba"', 'role = "g ba"', "role"),
        ('role = "gba"', 'role = "gba"\nregion = "1451"', "region"),
        ('role = "gba"', 'role = "gba"\nplace = "wohnort"', "wohnort"),
        ('when = "monat=3..9"', 'when = "monat=13"', "names no month"),
        ('when = "monat=3..9"', 'when = "stammumfang>=80"', "stammumfang"),
        ('kind = "further"\n', "", "may hold together"),
        ('pattern = "[0-9]{12}"', 'pattern = "[0-9"', "regular expression"),
        ('xsd = "schema/baumfaellgenehmigung.xsd"', 'xsd = "schema/fehlt.xsd"', "fehlt.xsd"),
        ('xsd = "schema/baumfaellgenehmigung.xsd"', 'xsd = "../../../../etc/passwd"', "passwd"),
        ('file = "samples/gueltig-kleinster-antrag.xml"', 'file = "samples/weg.xml"', "weg.xml"),
        ('code = "XSD-TYPE"', 'code = "XSD-NEU"', "XSD-NEU"),
        ('kennung = "urn:amtsbote', 'kennung = "urn:anders', "kennung and version"),
        ('\nversion = "1.0"', '\nversion = "1.1"', "does not name the version"),
        ('schema_uri = "urn:amtsbote', 'schema_uri = "urn:anders', "unknown schemas"),
        ("[title]", "[title", "service.toml"),
        ('\nxsd = "', '\nwhen = "zz:a"\nxsd = "', "when: not XPath 1.0: zz:a .unknown prefix zz"),
    ],
)
def test_a_wrong_declaration_is_refused_with_a_word_on_what_is_wrong(
    copy: Path, old: str, new: str, complaint: str
) -> None:
    rewrite(copy / "service.toml", old, new)
    with pytest.raises(Misconfigured, match=complaint):
        load_package(copy)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('mime_type = "application/json"', 'mime_type = "application/pdf"', "Only these are possible"),
        ('mime_type = "application/json"', 'mime_type = "application/xml"', "json_schema"),
        ('pointer = "/leistung"', 'pointer = "leistung"', "pointer"),
        ('pointer = "/leistung"', 'xpath = "/leistung"', "xpath"),
        ('json_schema = "schema/', 'json_schema = "samples/', "no file"),
        ("urn:amtsbote:datenschema:hundesteueranmeldung_1.0", "urn:andere_1.0", "unknown schemas"),
    ],
)
def test_a_wrong_declaration_of_json_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    folder = Path(shutil.copytree(dog_tax("1.0").folder, tmp_path / "package"))
    rewrite(folder / "service.toml", old, new)
    with pytest.raises(Misconfigured, match=complaint):
        load_package(folder)


def test_the_vectors_of_a_mapping_are_valid_messages_of_what_it_maps() -> None:
    package = dog_tax("1.1")
    assert len(package.declared.mappings) == 3
    for mapping in package.declared.mappings:
        of = "1.0" if "_1.0" in mapping.source else "1.1"
        old = inspecting(dog_tax(of).folder, mapping.source)
        for vector in mapping.vectors:
            assert old((package.folder / vector.input).read_bytes()).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('to = "urn:amtsbote:standard', 'to = "urn:anders', "no schema of the package"),
        ('from_type = "application/json"', "", "from_type is application/json"),
        ('from_type = "application/json"', 'from_type = "text/csv"', "from_type"),
        ("von-1.0.xsl", "fehlt.xsl", "no file"),
        ('from = "urn', 'von = "urn', "von"),
    ],
)
def test_a_wrong_declaration_of_a_mapping_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    folder = Path(shutil.copytree(dog_tax("1.1").folder, tmp_path / "package"))
    rewrite(folder / "service.toml", old, new)
    with pytest.raises(Misconfigured, match=complaint):
        load_package(folder)


def test_a_json_schema_under_another_name_than_its_own_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dog_tax("1.0").folder, tmp_path / "package"))
    rewrite(
        folder / "schema" / "hundesteueranmeldung.schema.json", "datenschema:hundesteuer", "datenschema:katzensteuer"
    )
    with pytest.raises(Misconfigured, match="katzensteuer"):
        load_package(folder)


def test_a_folder_without_a_declaration_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"service\.toml"):
        load_package(tmp_path)


@pytest.mark.parametrize("missing", ["code.xsd", "din91379.xsd", "baumfaellgenehmigung-codes.xsd"])
def test_a_missing_import_or_include_is_an_error_that_names_the_file(copy: Path, missing: str) -> None:
    (copy / "schema" / missing).unlink()
    with pytest.raises(Misconfigured, match=missing):
        load_package(copy)


@pytest.mark.parametrize(
    ("location", "complaint"),
    [
        ("http://127.0.0.1:9/code.xsd", "leads out"),
        ("file:///etc/passwd", "leads out"),
        ("../../../../../../etc/passwd", "leads out"),
        ("", "without schemaLocation"),
    ],
)
def test_an_import_that_leads_elsewhere_is_refused(copy: Path, location: str, complaint: str) -> None:
    rewrite(entry(copy), 'schemaLocation="code.xsd"', f'schemaLocation="{location}"')
    with pytest.raises(Misconfigured, match=complaint):
        load_package(copy)


def test_a_link_out_of_the_package_is_refused(copy: Path, tmp_path: Path) -> None:
    inside = copy / "schema" / "code.xsd"
    outside = tmp_path / "code.xsd"
    inside.rename(outside)
    inside.symlink_to(outside)
    with pytest.raises(Misconfigured, match="leads out"):
        load_package(copy)


def test_one_namespace_from_two_files_is_refused_because_the_second_would_be_forgotten(copy: Path) -> None:
    shutil.copy(copy / "schema" / "code.xsd", copy / "schema" / "code2.xsd")
    rewrite(entry(copy), 'schemaLocation="code.xsd"', 'schemaLocation="code2.xsd"')
    with pytest.raises(Misconfigured, match="imported from"):
        load_package(copy)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("<xs:schema", "<!DOCTYPE x []><xs:schema", "DOCTYPE"),
        ("<xs:schema", "<xs:schema <", "cannot be read"),
        ("<xs:include", "<xs:override", "cannot be read|not supported"),
        (
            '<xs:include schemaLocation="baumfaellgenehmigung-datentypen.xsd"/>',
            "<xs:override/>",
            "without schemaLocation",
        ),
    ],
)
def test_a_schema_file_that_is_not_plain_is_refused(copy: Path, old: str, new: str, complaint: str) -> None:
    rewrite(entry(copy), old, new)
    with pytest.raises(Misconfigured, match=complaint):
        load_package(copy)


def test_a_file_that_is_no_schema_is_refused(copy: Path) -> None:
    entry(copy).write_text("<a/>")
    with pytest.raises(Misconfigured, match="not an XML schema"):
        load_package(copy)


def test_an_expression_for_a_fact_that_does_not_compile_is_refused() -> None:
    (plan,) = tree_felling().plans()
    with pytest.raises(Misconfigured, match="does not compile"):
        Inspector(replace(plan, facts=[FactPlan("region", "//[", ".*")]), 1000)


def vocabulary() -> Vocabulary:
    package: LoadedPackage = tree_felling()
    files = read_closure(entry(package.folder), package.folder)
    return Vocabulary(files, {space: prefix for prefix, space in package.declared.prefixes.items()})


def test_the_vocabulary_knows_names_of_the_schema_and_no_others() -> None:
    words = vocabulary()
    assert words.element(f"{{{NAMESPACE}}}baumfaellung.antrag.0100") == "bf:baumfaellung.antrag.0100"
    assert words.element("baum") == "baum"
    assert words.element(f"{{{NAMESPACE}}}baum") is None
    assert words.element("erika.mustermann") is None
    assert words.attribute("listURI") == "listURI"
    assert words.attribute("baum") is None


def type_at(words: Vocabulary, root: str, *path: str) -> str:
    """Of the element at this path of names."""
    element = etree.Element(root)
    for name in path:
        element = etree.SubElement(element, name)
    declared = Typing(Types(words)).declaration(element)
    return "" if declared is None else words.type_name(declared)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("antrag",), "bf:Antrag"),
        (("antrag", "baum", "stammumfang"), "bf:Zentimeter"),
        (("antrag", "antragsteller", "beteiligter", "person", "familienname"), "din:textA"),
        (("antrag", "antragsdatum"), "xs:date"),
        (("nachrichtenkopf", "leser", "kennung"), "din:textC"),
        (("antrag", "baum", "zustand", "code"), "bf:ZustandSchluessel"),
        (("antrag", "unbekannt"), ""),
        (("antrag", "unbekannt", "baum"), ""),
    ],
)
def test_the_vocabulary_finds_the_type_at_a_path_of_names(path: tuple[str, ...], name: str) -> None:
    assert type_at(vocabulary(), f"{{{NAMESPACE}}}baumfaellung.antrag.0100", *path) == name


def test_the_vocabulary_follows_references_groups_extensions_and_forms(tmp_path: Path) -> None:
    file = tmp_path / "a.xsd"
    file.write_text(
        f"""<xs:schema xmlns:xs="{XSD}" xmlns:t="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
        <xs:element name="root" type="t:Longer"/>
        <xs:complexType name="Short"><xs:sequence><xs:element name="first" type="xs:int"/></xs:sequence>
        </xs:complexType>
        <xs:complexType name="Longer"><xs:complexContent><xs:extension base="t:Short"><xs:sequence>
          <xs:group ref="t:more"/><xs:element ref="t:single"/></xs:sequence></xs:extension></xs:complexContent>
        </xs:complexType>
        <xs:group name="more"><xs:choice><xs:element name="plain" form="unqualified" type="xs:date"/></xs:choice>
        </xs:group>
        <xs:element name="single"><xs:complexType><xs:all><xs:element name="in" type="xs:token"/></xs:all>
        </xs:complexType></xs:element></xs:schema>"""
    )
    etree.XMLSchema(etree.parse(file))
    words = Vocabulary(read_closure(file, tmp_path), {})
    at = {
        name: type_at(words, "{urn:t}root", *path)
        for name, path in {
            "own": [],
            "inherited": ["{urn:t}first"],
            "grouped": ["plain"],
            "referenced": ["{urn:t}single"],
            "below": ["{urn:t}single", "{urn:t}in"],
        }.items()
    }
    assert at == {"own": "Longer", "inherited": "xs:int", "grouped": "xs:date", "referenced": "", "below": "xs:token"}
    assert type_at(words, "{urn:t}unknown") == ""

"""`xs:ID` and `xs:IDREF`: what libxml2 leaves out is found, wherever the schema hides the type, and nothing else."""

from pathlib import Path

import pytest
import xmlschema
from lxml import etree
from standards_kit import schema

from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.inspector import Inspector
from schemas.plan import MAX_FINDINGS, SchemaPlan

SPACE = "urn:muster:akte"
XSI = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
AKTE = """
<xs:element name='akte'><xs:complexType><xs:choice maxOccurs='unbounded'>
  <xs:element name='id' type='xs:ID'/>
  <xs:element name='verweis' type='Verweis'/>
  <xs:element name='verweise'><xs:simpleType><xs:list itemType='Verweis'/></xs:simpleType></xs:element>
  <xs:element name='teil' type='Teil'/>
  <xs:element name='fremd'><xs:complexType><xs:sequence>
    <xs:element name='id' type='xs:string' maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element>
  <xs:group ref='Gruppe'/>
  <xs:element ref='kopf'/>
  <xs:element name='beutel'><xs:complexType><xs:sequence>
    <xs:any processContents='skip' namespace='##any' maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element>
</xs:choice></xs:complexType></xs:element>
<xs:simpleType name='Verweis'><xs:restriction base='xs:IDREF'><xs:maxLength value='20'/></xs:restriction>
</xs:simpleType>
<xs:complexType name='Teil'><xs:attributeGroup ref='Kennung'/></xs:complexType>
<xs:attributeGroup name='Kennung'><xs:attribute name='nr' type='xs:ID'/></xs:attributeGroup>
<xs:complexType name='Anlage'><xs:complexContent><xs:extension base='Teil'>
  <xs:sequence><xs:element name='zu' type='xs:IDREF'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:group name='Gruppe'><xs:sequence><xs:element name='marke' type='Marke'/></xs:sequence></xs:group>
<xs:complexType name='Marke'><xs:simpleContent><xs:extension base='xs:ID'><xs:attribute name='von' type='xs:IDREF'/>
  </xs:extension></xs:simpleContent></xs:complexType>
<xs:element name='kopf' abstract='true'/>
<xs:element name='stempel' type='xs:IDREF' substitutionGroup='kopf'/>
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("akte")
    (folder / "akte.xsd").write_text(schema(AKTE, space=SPACE))
    return folder


def compiled(folder: Path, severity: Severity | None, *, slow: bool = False) -> Inspector:
    root = f"{{{SPACE}}}akte"
    xsd = str(folder / "akte.xsd")
    plan = SchemaPlan("urn:a#akte", "Akte", str(folder), xsd, root, {"a": SPACE}, references=severity, slow=slow)
    return Inspector(plan, 100_000)


@pytest.fixture(scope="module", params=[False, True], ids=["libxml2", "xmlschema"])
def inspector(folder: Path, request: pytest.FixtureRequest) -> Inspector:
    return compiled(folder, Severity.ERROR, slow=request.param)


@pytest.fixture(scope="module")
def oracle(folder: Path) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(folder / "akte.xsd"))


def akte(content: str) -> bytes:
    return f"<akte xmlns='{SPACE}' {XSI}>{content}</akte>".encode()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("<id>a</id><id>b</id><verweis>a</verweis><verweise> a  b\n</verweise>", []),
        ("<id>a</id><id> a </id>", [("REF-DUPLICATE", "/a:akte/a:id[2]")]),
        ("<id>a</id><teil nr='a'/>", [("REF-DUPLICATE", "/a:akte/a:teil/@nr")]),
        ("<teil nr='a'/><teil nr=' a'/>", [("REF-DUPLICATE", "/a:akte/a:teil[2]/@nr")]),
        ("<verweis>a</verweis><teil nr='a'/>", []),
        ("<verweis>b</verweis><teil nr='a'/>", [("REF-MISSING", "/a:akte/a:verweis")]),
        ("<id>a</id><verweise>a b a</verweise>", [("REF-MISSING", "/a:akte/a:verweise")]),
        ("<fremd><id>a</id><id>a</id></fremd>", []),
        ("<marke>a</marke><marke von='b'>c</marke>", [("REF-MISSING", "/a:akte/a:marke[2]/@von")]),
        ("<marke>a</marke><id>a</id>", [("REF-DUPLICATE", "/a:akte/a:id")]),
        ("<stempel>a</stempel>", [("REF-MISSING", "/a:akte/a:stempel")]),
        ("<teil xsi:type='Anlage' nr='a'><zu>b</zu></teil>", [("REF-MISSING", "/a:akte/a:teil/a:zu")]),
        ("<id>a<!-- cut -->b</id><verweis>ab</verweis>", []),
        ("<beutel><id>a</id><id>a</id><verweis>b</verweis><stempel>c</stempel></beutel>", []),
    ],
)
def test_identities_and_references_are_found_where_the_schema_says(
    inspector: Inspector, oracle: xmlschema.XMLSchema, content: str, found: list[tuple[str, str]]
) -> None:
    report = inspector.inspect(akte(content))

    assert [(each.code, each.path) for each in report.findings] == found
    assert report.layers[Layer.REFERENCES] is (LayerOutcome.FAILED if found else LayerOutcome.PASSED)
    without_comments = etree.tostring(etree.fromstring(akte(content), etree.XMLParser(remove_comments=True)))
    assert oracle.is_valid(without_comments) is not bool(found)


def test_a_type_that_is_redefined_means_what_it_has_become(folder: Path, tmp_path: Path) -> None:
    more = "<xs:sequence><xs:element name='zu' type='xs:IDREF'/></xs:sequence></xs:extension></xs:complexContent>"
    new = f"<xs:complexType name='Teil'><xs:complexContent><xs:extension base='Teil'>{more}</xs:complexType>"
    redefined = schema(f"<xs:redefine schemaLocation='alt.xsd'>{new}</xs:redefine>", space=SPACE)
    (tmp_path / "alt.xsd").write_text((folder / "akte.xsd").read_text())
    (tmp_path / "akte.xsd").write_text(redefined)

    report = compiled(tmp_path, Severity.ERROR).inspect(
        akte("<teil nr='a'><zu>c</zu></teil><teil nr='b'><zu>a</zu></teil>")
    )

    assert [each.path for each in report.findings] == ["/a:akte/a:teil[1]/a:zu"]


def test_a_document_against_its_xsd_is_not_asked_for_references(inspector: Inspector) -> None:
    report = inspector.inspect(akte("<id>a</id><id>a</id><teil nr='a'/><teil nr='a'/><teil nr='1'/>"))

    assert [each.path.removesuffix("/@nr") for each in report.findings] == ["/a:akte/a:teil[3]"]
    assert report.layers[Layer.REFERENCES] is LayerOutcome.NOT_RUN


def test_the_grade_decides_whether_it_is_an_error(folder: Path) -> None:
    warned = compiled(folder, Severity.WARNING).inspect(akte("<verweis>a</verweis>"))
    unasked = compiled(folder, None).inspect(akte("<verweis>a</verweis>"))

    assert [each.severity for each in warned.findings] == [Severity.WARNING]
    assert warned.layers[Layer.REFERENCES] is LayerOutcome.PASSED
    assert unasked.findings == ()
    assert unasked.layers[Layer.REFERENCES] is LayerOutcome.NOT_DECLARED


def test_a_document_full_of_broken_references_costs_no_more_than_what_is_told(folder: Path) -> None:
    """The place of the last of many siblings takes as long as there are siblings."""
    report = compiled(folder, Severity.WARNING).inspect(akte("<verweis>a</verweis>" * 40_000))

    assert (len(report.findings), report.more) == (MAX_FINDINGS, True)


def test_the_values_of_a_sender_are_in_no_finding(inspector: Inspector) -> None:
    assert "geheim" not in repr(inspector.inspect(akte("<verweis>geheim</verweis>")).findings)

"""A standard whose documents can be wrong in every way that libxml2 has no words for, and one that is."""

from standards_kit import ABOUT, SPACE, schema

SECRET = "GEHEIM4711"


def named(name: str, kind: str, note: str, occurs: str = "", inside: str = "") -> str:
    about = f"<xs:annotation><xs:documentation xml:lang='de'>{note}</xs:documentation></xs:annotation>"
    typed = f" type='{kind}'" if kind else ""
    return f"<xs:element name='{name}'{typed} {occurs}>{about}{inside}</xs:element>"


OPTIONAL = "minOccurs='0'"
FORMS = """
<xs:simpleType name='Kurz'><xs:restriction base='xs:string'><xs:maxLength value='3'/></xs:restriction></xs:simpleType>
<xs:simpleType name='Frist'><xs:union memberTypes='xs:date Kurz'><xs:simpleType><xs:restriction base='xs:int'>
  <xs:minInclusive value='1000'/></xs:restriction></xs:simpleType></xs:union></xs:simpleType>
<xs:simpleType name='Zahlen'><xs:list itemType='xs:int'/></xs:simpleType>
<xs:simpleType name='Paar'><xs:restriction base='Zahlen'><xs:minLength value='2'/><xs:maxLength value='3'/>
</xs:restriction></xs:simpleType>"""
OWNER = (
    "<xs:complexType name='Halter'><xs:sequence>"
    + named("anrede", "xs:string", "Anrede.", OPTIONAL)
    + "<xs:choice>"
    + named("person", "xs:string", "Name der Person.")
    + named("firma", "xs:string", "Name der Firma.")
    + "</xs:choice>"
    + named("telefon", "xs:string", "Rufnummer.", "minOccurs='0' maxOccurs='2'")
    + named("ort", "xs:string", "Wohnort.")
    + "</xs:sequence></xs:complexType>"
)
DOG = (
    "<xs:complexType name='Hund'><xs:sequence>"
    + named("chip", "xs:int", "Nummer des Chips.", OPTIONAL)
    + "</xs:sequence><xs:attribute name='vater' type='xs:int'/><xs:attribute name='wurf' type='xs:string'/>"
    "</xs:complexType>"
)
KEYS = """
<xs:key name='chipNurEinmal'><xs:selector xpath='h:hund'/><xs:field xpath='h:chip'/></xs:key>
<xs:unique name='wurfUndChip'><xs:selector xpath='.//h:hund'/><xs:field xpath='@wurf'/><xs:field xpath='h:chip'/>
</xs:unique>
<xs:keyref name='vater' refer='chipNurEinmal'><xs:selector xpath='h:hund'/><xs:field xpath='@vater'/></xs:keyref>"""
ROOT = named(
    "anmeldung.hund.0100",
    "",
    "Anmeldung.",
    inside="<xs:complexType><xs:sequence>"
    + named("halter", "Halter", "Halterin oder Halter.", "minOccurs='0' maxOccurs='unbounded'")
    + named("frist", "Frist", "Ende der Frist.", "minOccurs='0' maxOccurs='unbounded'")
    + named("zahlen", "Zahlen", "Zahlen.", OPTIONAL)
    + named("paar", "Paar", "Zwei oder drei Zahlen.", "minOccurs='0' maxOccurs='unbounded'")
    + named("hund", "Hund", "Hund.", "minOccurs='0' maxOccurs='unbounded'")
    + f"</xs:sequence></xs:complexType>{KEYS}",
)
FILES = {"x.xsd": schema(FORMS, OWNER, DOG, ROOT, about=ABOUT, declared=f"xmlns:h='{SPACE}'")}


def document(*content: str) -> str:
    return f"<anmeldung.hund.0100 xmlns='{SPACE}'>{''.join(content)}</anmeldung.hund.0100>"


def owner(*names: str) -> str:
    return "<halter>" + "".join(f"<{name}>{SECRET}</{name}>" for name in names) + "</halter>"

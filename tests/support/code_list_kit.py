"""Code lists in genericode, and a schema whose elements use them in each of the four ways of XÖV."""

from collections.abc import Collection

LIST = "urn:muster:codeliste:rasse"
OTHER = "urn:muster:codeliste:farbe"


def genericode(
    uri: str = LIST, version: str = "1", codes: Collection[str] = ("dackel", "mops"), keys: Collection[str] = ("code",)
) -> str:
    rows = "".join(
        f"<Row><Value ColumnRef='name'><SimpleValue>{each.title()}</SimpleValue></Value>"
        f"<Value ColumnRef='code'><SimpleValue> {each} </SimpleValue></Value></Row>"
        for each in codes
    )
    columns = "".join(f"<Column Id='{each}' Use='required'/>" for each in ("code", "name"))
    named = "".join(f"<Key Id='{each}Key'><ColumnRef Ref='{each}'/></Key>" for each in keys)
    about = f"<ShortName>r</ShortName><LongName>Hunde-\n rassen</LongName><Version>{version}</Version>"
    return (
        "<gc:CodeList xmlns:gc='http://docs.oasis-open.org/codelist/ns/genericode/1.0/'>"
        f"<Identification>{about}<CanonicalUri>{uri}</CanonicalUri></Identification>"
        f"<ColumnSet>{columns}{named}</ColumnSet><SimpleCodeList>{rows}</SimpleCodeList></gc:CodeList>"
    )


def _coded(number: int, code: str, uri: str, version: str) -> str:
    attributes = f"<xs:attribute name='listURI' {uri}/><xs:attribute name='listVersionID' {version}/>"
    return (
        f"<xs:complexType name='Typ{number}'><xs:complexContent><xs:restriction base='Code'><xs:sequence>{code}"
        f"</xs:sequence>{attributes}</xs:restriction></xs:complexContent></xs:complexType>"
    )


_PLAIN = "<xs:element name='code' type='xs:token' form='unqualified'/>"
_LISTED = (
    "<xs:element name='code' form='unqualified'><xs:simpleType><xs:restriction base='xs:token'>"
    "<xs:enumeration value='ja'/></xs:restriction></xs:simpleType></xs:element>"
)
_ANY = "type='xs:anyURI'"
_LIST = f"{_ANY} fixed='{LIST}'"
_CODE = (
    f"<xs:complexType name='Code'><xs:sequence>{_PLAIN}<xs:element name='name' type='xs:string' minOccurs='0' "
    "form='unqualified'/></xs:sequence><xs:attribute name='listURI' type='xs:anyURI'/>"
    "<xs:attribute name='listVersionID' type='xs:normalizedString'/></xs:complexType>"
)
CODED = "".join(
    (
        "<xs:element name='hund'><xs:complexType><xs:choice maxOccurs='unbounded'>",
        *(f"<xs:element name='typ{number}' type='Typ{number}'/>" for number in range(1, 5)),
        "</xs:choice></xs:complexType></xs:element>",
        _CODE,
        _coded(1, _LISTED, f"{_ANY} fixed='{OTHER}'", "type='xs:normalizedString' fixed='9'"),
        _coded(2, _PLAIN, _LIST, "type='xs:normalizedString' fixed='1'"),
        _coded(3, _PLAIN, _LIST, "type='xs:normalizedString' use='required'"),
        _coded(4, _PLAIN, f"{_ANY} use='optional'", "type='xs:normalizedString' use='optional'"),
    )
)
"""`typ1` enumerates its keys, `typ2` fixes list and version, `typ3` the list, `typ4` neither."""

"""A published standard is registered whole, or refused with what is missing or wrong."""

from pathlib import Path

import pytest
from code_list_kit import genericode
from lxml import etree
from standards_kit import (
    ABOUT,
    ANMELDUNG,
    HUND,
    KENNUNG,
    PLAIN,
    SPACE,
    VALID,
    catalogue,
    importing,
    include,
    published,
    registered,
    schema,
    zipped,
)

from amtsbote.errors import Misconfigured
from schemas.standards.engines import Engine, with_libxml2
from schemas.standards.library import Library
from schemas.standards.linking import DRIVER

CODE = "urn:muster:code"
CODE_XSD = schema(
    "<xs:simpleType name='Rasse'><xs:restriction base='xs:string'><xs:enumeration value='Dackel'/></xs:restriction>"
    "</xs:simpleType>",
    space=CODE,
    about="",
)
USES_CODE = schema(
    importing(CODE, "http://muster.example/code/code.xsd"),
    "<xs:element name='rasse' type='c:Rasse'/>",
    declared=f"xmlns:c='{CODE}'",
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "registry")


def refusal(library: Library, path: Path, *, kennung: str = "", version: str = "", entry: str = "") -> str:
    with pytest.raises(Misconfigured) as refused:
        registered(library, path, kennung=kennung, version=version, entry=entry)
    assert refused.value.de != refused.value.en
    assert library.standards() == ()
    assert not library.folder.exists() or list(library.folder.iterdir()) == []
    return refused.value.en


def verdict(library: Library, document: str, standard: str = "xhund_1.0") -> bool:
    """By libxml2, with the set as it lies in the registry."""
    lock = library.find(standard)
    root = etree.fromstring(document.encode())
    return any(with_libxml2(library.home(lock.identity) / unit.folder).validate(root) for unit in lock.units)


def test_identity_title_and_messages_are_read_from_the_schema_files(library: Library, tmp_path: Path) -> None:
    lock = registered(library, published(tmp_path / "set", PLAIN))

    assert (lock.kennung, lock.version, lock.title) == (KENNUNG, "1.0", "XHund")
    assert lock.messages == (f"{{{SPACE}}}anmeldung.hund.0100",)
    assert library.find("xhund_1.0") == library.find(f"{KENNUNG}_1.0") == lock
    assert verdict(library, VALID)
    assert not verdict(library, VALID.replace("name>", "nahme>"))


def test_a_zip_is_the_same_as_its_folder(library: Library, tmp_path: Path) -> None:
    lock = registered(library, published(tmp_path / "set", PLAIN))
    again = registered(library, zipped(tmp_path / "set.zip", PLAIN))

    assert again == lock


def test_a_missing_include_is_refused_by_file_line_and_name(library: Library, tmp_path: Path) -> None:
    path = published(tmp_path / "set", {"xsd/xhund.xsd": PLAIN["xsd/xhund.xsd"]})

    assert "xsd/xhund.xsd:4: xs:include xhund-typen.xsd" in refusal(library, path)


@pytest.mark.parametrize(
    ("space", "location"),
    [
        ("urn:muster:fremd", "http://muster.example/fremd.xsd"),
        ("http://www.w3.org/2000/09/xmldsig#", "xmldsig-core-schema.xsd"),
        ("http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/TR/xmlenc-core/xenc-schema.xsd"),
    ],
)
def test_an_import_that_nothing_uses_must_be_there_too(
    library: Library, tmp_path: Path, space: str, location: str
) -> None:
    """libxml2 would compile it, and the schema would mean less than its author wrote; xmlschema would put copies of its
    own in the place of the last two."""
    files = {"x.xsd": schema(importing(space, location), HUND, ANMELDUNG)}

    said = refusal(library, published(tmp_path / "set", files))

    assert f"xs:import {location} ({space})" in said


def test_an_import_of_a_file_with_another_namespace_leads_nowhere(library: Library, tmp_path: Path) -> None:
    """libxml2 would compile it without what the import was for."""
    files = {
        "x.xsd": schema(importing("urn:muster:fremd", "code.xsd"), HUND, ANMELDUNG),
        "code.xsd": CODE_XSD,
    }

    assert "xs:import code.xsd (urn:muster:fremd)" in refusal(library, published(tmp_path / "set", files))


def test_a_file_without_a_namespace_takes_the_one_it_is_included_into(library: Library, tmp_path: Path) -> None:
    files = {
        "x.xsd": schema(include("typen.xsd"), HUND),
        "typen.xsd": schema(include("mehr.xsd"), space="", about=""),
        "mehr.xsd": schema(ANMELDUNG, space="", about=""),
    }

    registered(library, published(tmp_path / "set", files))

    assert verdict(library, VALID)
    assert not verdict(library, VALID.replace("name>", "nahme>"))


def test_an_absolute_import_is_found_by_its_file_name_and_namespace(library: Library, tmp_path: Path) -> None:
    files = {"xsd/x.xsd": USES_CODE, "xsd/code.xsd": CODE_XSD, "old/code.xsd": schema(space="urn:other", about="")}

    registered(library, published(tmp_path / "set", files))

    assert verdict(library, f"<rasse xmlns='{SPACE}'>Dackel</rasse>")
    assert not verdict(library, f"<rasse xmlns='{SPACE}'>Katze</rasse>")


@pytest.mark.parametrize("address", ["http://muster.example/code/code.xsd", CODE])
def test_a_catalogue_in_the_set_is_followed(library: Library, tmp_path: Path, address: str) -> None:
    files = {
        "xsd/x.xsd": USES_CODE,
        "bausteine/c1.xsd": CODE_XSD,
        "catalog.xml": catalogue({address: "bausteine/c1.xsd"}),
    }

    registered(library, published(tmp_path / "set", files))

    assert not verdict(library, f"<rasse xmlns='{SPACE}'>Katze</rasse>")


def test_a_catalogue_given_beside_the_set_brings_its_files_into_the_registry(library: Library, tmp_path: Path) -> None:
    published(tmp_path / "blocks", {"b/c1.xsd": CODE_XSD, "catalog.xml": catalogue({CODE: "b/c1.xsd"})})
    path = published(tmp_path / "set", {"x.xsd": USES_CODE})

    lock = registered(library, path, catalog=tmp_path / "blocks/catalog.xml")
    (tmp_path / "blocks/b/c1.xsd").unlink()

    assert not verdict(library, f"<rasse xmlns='{SPACE}'>Katze</rasse>")
    assert library.changes(lock) == {}


def test_a_catalogue_that_leads_to_the_network_is_refused(library: Library, tmp_path: Path) -> None:
    files = {"x.xsd": USES_CODE, "catalog.xml": catalogue({CODE: "http://muster.example/code.xsd"})}

    assert "only relative paths" in refusal(library, published(tmp_path / "set", files))


def test_a_registered_building_block_is_taken_over_with_what_it_needs(library: Library, tmp_path: Path) -> None:
    block = {"code.xsd": CODE_XSD.replace("<xs:simpleType", include("more.xsd") + "<xs:simpleType", 1)}
    block["more.xsd"] = schema(space=CODE, about="")
    published(tmp_path / "block", block)
    registered(library, tmp_path / "block", kennung="urn:muster:code", version="1")

    lock = registered(library, published(tmp_path / "set", {"x.xsd": USES_CODE}))
    library.remove(library.find("urn:muster:code_1"))

    assert [each.name for each in lock.documents if each.name.startswith("@")]
    assert not verdict(library, f"<rasse xmlns='{SPACE}'>Katze</rasse>")


def test_an_include_is_never_taken_from_another_standard(library: Library, tmp_path: Path) -> None:
    registered(library, published(tmp_path / "set", PLAIN))
    other = {"xhund.xsd": PLAIN["xsd/xhund.xsd"].replace("<version>1.0", "<version>1.1")}

    with pytest.raises(Misconfigured, match=r"xs:include xhund-typen\.xsd"):
        registered(library, published(tmp_path / "new", other))


def test_several_imports_of_one_namespace_all_count(library: Library, tmp_path: Path) -> None:
    """libxml2 takes the first and forgets the others."""
    one = schema("<xs:element name='eins' type='xs:int'/>", space=CODE, about="")
    two = schema("<xs:element name='zwei' type='xs:int'/>", space=CODE, about="")
    content = (
        "<xs:element name='beide'><xs:complexType><xs:sequence><xs:element ref='c:eins'/><xs:element ref='c:zwei'/>"
    )
    files = {
        "a.xsd": schema(
            importing(CODE, "eins.xsd"),
            importing(CODE, "zwei.xsd"),
            f"{content}</xs:sequence></xs:complexType></xs:element>",
            declared=f"xmlns:c='{CODE}'",
        ),
        "eins.xsd": one,
        "zwei.xsd": two,
    }

    registered(library, published(tmp_path / "set", files))

    beide = "<x:beide xmlns:x='{}' xmlns:c='{}'><c:eins>1</c:eins><c:zwei>{}</c:zwei></x:beide>"
    assert verdict(library, beide.format(SPACE, CODE, "2"))
    assert not verdict(library, beide.format(SPACE, CODE, "zwei"))


def test_files_as_publishers_write_them_are_read(library: Library, tmp_path: Path) -> None:
    """A DOCTYPE with an internal entity, ISO-8859-1, a backslash in a location, a blank in a file name."""
    doctype = "<!DOCTYPE xs:schema PUBLIC 'x' 'http://muster.example/x.dtd' [<!ENTITY typ 'Anmeldung'>]>"
    main = doctype + schema(include("typen\\die typen.xsd"), HUND.replace("'Anmeldung'", "'&typ;'"))
    latin = "<?xml version='1.0' encoding='ISO-8859-1'?>" + schema(ANMELDUNG, about="<!-- für Bäume -->")
    files: dict[str, str | bytes] = {"x.xsd": main, "typen/die typen.xsd": latin.encode("latin-1")}

    registered(library, published(tmp_path / "set", files))

    assert verdict(library, VALID)
    assert not verdict(library, VALID.replace("Bello</name>", "Bello</name><x/>"))


@pytest.mark.parametrize(
    ("content", "engine"),
    [
        (
            "<xs:sequence><xs:element name='a' minOccurs='0'/><xs:any processContents='lax'/></xs:sequence>",
            Engine.XSD11,
        ),
        ("<xs:sequence/><xs:attribute name='n' type='xs:int'/><xs:assert test='@n &gt; 1'/>", Engine.XSD11),
        ("<xs:sequence><xs:any processContents='lax'/></xs:sequence>", Engine.LIBXML2),
    ],
    ids=["not deterministic", "XSD 1.1", "plain"],
)
def test_what_libxml2_cannot_compile_is_left_to_xmlschema(
    library: Library, tmp_path: Path, content: str, engine: Engine
) -> None:
    files = {"x.xsd": schema(f"<xs:element name='offen'><xs:complexType>{content}</xs:complexType></xs:element>")}

    assert [unit.engine for unit in registered(library, published(tmp_path / "set", files)).units] == [engine]


def test_an_objection_of_xmlschema_alone_is_told_with_its_file(library: Library, tmp_path: Path) -> None:
    """A restriction that allows more than its base: libxml2 does not look at that."""
    part = "<xs:sequence><xs:element name='a' minOccurs='{}'/></xs:sequence>"
    wide = f"<xs:complexType name='weit'>{part.format(1)}</xs:complexType>"
    wider = "<xs:complexType name='weiter'><xs:complexContent><xs:restriction base='weit'>{}</xs:restriction>"
    files = {
        "x.xsd": schema(HUND, ANMELDUNG, wide, wider.format(part.format(0)), "</xs:complexContent></xs:complexType>")
    }

    [doubt] = registered(library, published(tmp_path / "set", files)).doubts

    assert doubt == "x.xsd: the derived group is an illegal restriction"


def test_entries_that_contradict_each_other_become_sets_of_their_own(library: Library, tmp_path: Path) -> None:
    """As in OSCI, where every message redefines the same envelope."""
    base = schema("<xs:element name='huelle' type='H'/><xs:complexType name='H'/>", about="")
    narrow = "<xs:redefine schemaLocation='h.xsd'><xs:complexType name='H'><xs:complexContent><xs:extension base='H'>"
    end = "</xs:extension></xs:complexContent></xs:complexType></xs:redefine>"
    files = {
        "h.xsd": base,
        "a.xsd": schema(f"{narrow}<xs:attribute name='a' use='required'/>{end}"),
        "b.xsd": schema(f"{narrow}<xs:attribute name='b' use='required'/>{end}"),
    }

    lock = registered(library, published(tmp_path / "set", files))

    assert len(lock.units) == 2
    assert verdict(library, f"<huelle xmlns='{SPACE}' a=''/>")
    assert verdict(library, f"<huelle xmlns='{SPACE}' b=''/>")
    assert not verdict(library, f"<huelle xmlns='{SPACE}'/>")


def test_what_nobody_compiles_is_refused_by_its_file(library: Library, tmp_path: Path) -> None:
    files = {"xsd/x.xsd": schema("<xs:element name='a' type='Nirgends'/>")}

    assert refusal(library, published(tmp_path / "set", files)).startswith("xsd/x.xsd does not compile: ")


def test_the_fuller_of_two_copies_is_used(library: Library, tmp_path: Path) -> None:
    copies = {name.replace("xsd/", "xsd_dev/"): content for name, content in PLAIN.items()}
    del copies["xsd_dev/xhund-typen.xsd"]

    lock = registered(library, published(tmp_path / "set", {**PLAIN, **copies}))

    assert lock.copies == ("xsd_dev/xhund.xsd",)
    assert [each.name for each in lock.documents] == ["xsd/xhund.xsd", "xsd/xhund-typen.xsd"]


def test_a_set_with_several_standards_wants_to_be_told_which(library: Library, tmp_path: Path) -> None:
    newer = {
        name.replace("xsd", "neu", 1): text.replace(SPACE, "urn:muster:xhund:1.1").replace(">1.0<", ">1.1<")
        for name, text in PLAIN.items()
    }
    path = published(tmp_path / "set", {**PLAIN, **newer})

    assert f"{KENNUNG}_1.0, {KENNUNG}_1.1" in refusal(library, path)
    lock = registered(library, path, version="1.1")
    assert [each.name for each in lock.documents] == ["neu/xhund.xsd", "neu/xhund-typen.xsd"]


def test_a_set_that_does_not_say_who_it_is_wants_to_be_told(library: Library, tmp_path: Path) -> None:
    path = published(tmp_path / "set", {name: text.replace(ABOUT, "") for name, text in PLAIN.items()})

    assert "--kennung" in refusal(library, path)
    assert "--kennung" in refusal(library, path, kennung=KENNUNG)
    assert str(registered(library, path, kennung=KENNUNG, version="7").identity) == f"{KENNUNG}_7"


@pytest.mark.parametrize(
    ("kennung", "version"),
    [
        ("../../x", "1"),
        ("/etc/x", "1"),
        ("xhund", "1"),
        ("urn:x", "1/../../x"),
        ("urn:x", "1' or '1"),
        ("urn:x", "1" * 33),
    ],
)
def test_what_cannot_name_a_standard_is_refused_at_once(
    library: Library, tmp_path: Path, kennung: str, version: str
) -> None:
    path = published(tmp_path / "set", {name: text.replace(ABOUT, "") for name, text in PLAIN.items()})

    assert refusal(library, path, kennung=kennung, version=version).startswith("this names no standard: ")


def test_a_wrong_kennung_is_not_believed(library: Library, tmp_path: Path) -> None:
    path = published(tmp_path / "set", PLAIN)

    assert f"the set says it is {KENNUNG}_1.0" in refusal(library, path, kennung="urn:other", version="1.0")


def test_an_entry_narrows_what_is_registered(library: Library, tmp_path: Path) -> None:
    more = schema(include("xhund-typen.xsd"), HUND.replace("0100", "0200"))
    path = published(tmp_path / "set", {**PLAIN, "xsd/zweite.xsd": more})

    assert "near it: xsd/zweite.xsd" in refusal(library, path, entry="xsd/zweit.xsd")
    assert registered(library, path, entry="xsd/zweite.xsd").messages == (f"{{{SPACE}}}anmeldung.hund.0200",)


def test_samples_get_a_verdict_of_both_validators(library: Library, tmp_path: Path) -> None:
    link = schema("<xs:element name='verweis' type='xs:anyURI'/>", HUND, ANMELDUNG)
    files = {
        "x.xsd": link,
        "muster/gut.xml": VALID,
        "muster/schlecht.xml": VALID.replace("name>", "nahme>"),
        "muster/uneins.xml": f"<verweis xmlns='{SPACE}'>::::</verweis>",
        "muster/fremd.xml": "<fremd/>",
        "muster/kein.xml": "<kein",
    }

    lock = registered(library, published(tmp_path / "set", files))

    assert [(each.name, each.valid, each.second) for each in lock.samples] == [
        ("muster/gut.xml", True, True),
        ("muster/schlecht.xml", False, False),
        ("muster/uneins.xml", False, True),
    ]


def test_code_lists_and_rules_are_kept_and_named(library: Library, tmp_path: Path) -> None:
    files = {
        **PLAIN,
        "listen/rasse.xml": genericode("urn:muster:rasse", "3"),
        "listen/leer.xml": genericode("urn:muster:leer", "3", codes=()),
        "regeln/x.sch": "<s:schema xmlns:s='http://purl.oclc.org/dsdl/schematron'/>",
        "regeln/kein.sch": "<x/>",
    }

    lock = registered(library, published(tmp_path / "set", files))

    assert [(each.name, each.uri, each.version) for each in lock.code_lists] == [
        ("listen/rasse.xml", "urn:muster:rasse", "3")
    ]
    assert lock.schematron == ("regeln/x.sch",)
    assert {"published/listen/rasse.xml", "published/regeln/x.sch"} < set(lock.files)


def test_a_version_never_changes(library: Library, tmp_path: Path) -> None:
    first = registered(library, published(tmp_path / "set", PLAIN))
    changed = published(tmp_path / "set", {"xsd/xhund-typen.xsd": PLAIN["xsd/xhund-typen.xsd"] + " "})

    with pytest.raises(Misconfigured, match="a version never changes"):
        registered(library, changed)
    assert library.standards() == (first,)


def test_the_set_that_validators_load_is_closed(library: Library, tmp_path: Path) -> None:
    """No address, no parent folder: every reference is a file beside the one that refers."""
    files = {"xsd/x.xsd": USES_CODE, "bausteine/code.xsd": CODE_XSD}
    lock = registered(library, published(tmp_path / "set", files))

    home = library.home(lock.identity) / lock.units[0].folder
    for file in home.iterdir():
        for node in etree.parse(file).iter("{*}import", "{*}include", "{*}redefine"):
            assert (home / node.get("schemaLocation", "/")).parent == home
    assert (home / DRIVER).is_file()

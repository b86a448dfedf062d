"""What became stricter or laxer between two versions; where it cannot be told, that is said."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from standards_kit import ABOUT, KENNUNG, SPACE, published, registered, schema

from amtsbote.cli.entry import run
from schemas.standards.declarations import declarations
from schemas.standards.difference import Change, Effect, counted, difference
from schemas.standards.engines import with_libxml2
from schemas.standards.library import Library

S, L, U = Effect.STRICTER, Effect.LAXER, Effect.UNKNOWN
NAME = "<xs:element name='name' type='xs:string'/>"


def message(content: str, attributes: str = "") -> str:
    inner = f"<xs:sequence>{content}</xs:sequence>{attributes}"
    return f"<xs:element name='m'><xs:complexType>{inner}</xs:complexType></xs:element>"


VALUE = "<xs:restriction base='xs:string'/>"


def inline(kind: str, content: str) -> str:
    return f"<xs:element name='name'><xs:{kind}>{content}</xs:{kind}></xs:element>"


def valued(facets: str, base: str = "xs:string") -> str:
    return (
        f"<xs:element name='m' type='V'/><xs:simpleType name='V'><xs:restriction base='{base}'>{facets}"
        "</xs:restriction></xs:simpleType>"
    )


def enumerated(*values: str) -> str:
    return valued("".join(f"<xs:enumeration value='{value}'/>" for value in values))


def versions(folder: Path, old: str, new: str, space: str = SPACE) -> Library:
    library = Library(folder / "registry")
    for version, content, namespace in (("1", old, SPACE), ("2", new, space)):
        about = ABOUT.replace(">1.0<", f">{version}<")
        files = {"x.xsd": schema(content, about=about, space=namespace)}
        registered(library, published(folder / version, files))
    return library


def compared(library: Library) -> tuple[Change, ...]:
    return difference(*declarations(library, library.find("xhund_1"), library.find("xhund_2")))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (message(NAME), message(NAME), []),
        (message(NAME), message(NAME) + "<xs:element name='n'/>", [(L, "message-added", "n")]),
        (message(NAME) + "<xs:element name='n'/>", message(NAME), [(S, "message-removed", "n")]),
        (message(NAME), message(NAME + "<xs:element name='alter'/>"), [(S, "required-added", "m/alter")]),
        (
            message(NAME),
            message("<xs:element name='alter' minOccurs='0'/>" + NAME),
            [(L, "optional-added", "m/alter")],
        ),
        (message(NAME + "<xs:element name='alter'/>"), message(NAME), [(S, "removed", "m/alter")]),
        (message(NAME), message(NAME.replace("/>", " minOccurs='0'/>")), [(L, "least-changed", "m/name")]),
        (message(NAME), message(NAME.replace("/>", " maxOccurs='unbounded'/>")), [(L, "most-changed", "m/name")]),
        (message(NAME.replace("/>", " maxOccurs='9'/>")), message(NAME), [(S, "most-changed", "m/name")]),
        (message(NAME), message(NAME.replace("xs:string", "xs:int")), [(U, "type-changed", "m/name")]),
        (message(NAME), message(NAME.replace("/>", " block='#all'/>")), [(S, "block-changed", "m/name")]),
        (message(NAME.replace("/>", " block='extension'/>")), message(NAME), [(L, "block-changed", "m/name")]),
        (
            message(NAME.replace("/>", " block='extension'/>")),
            message(NAME.replace("/>", " block='restriction'/>")),
            [(U, "block-changed", "m/name")],
        ),
        (
            message(NAME.replace("/>", " block='extension restriction substitution'/>")),
            message(NAME.replace("/>", " block='#all'/>")),
            [],
        ),
        (enumerated("a"), enumerated("a").replace("name='V'", "name='V' final='list'"), [(U, "final-changed", "V")]),
        (message(NAME), message(NAME).replace("name='m'", "name='m' final='#all'"), [(U, "final-changed", "m")]),
        (
            message(NAME + "<xs:element name='b'/>"),
            message("<xs:element name='b'/>" + NAME),
            [(U, "structure-changed", "m")],
        ),
        (
            message(f"<xs:choice>{NAME}<xs:element name='b'/></xs:choice>"),
            message(f"<xs:choice>{NAME}<xs:element name='b'/><xs:element name='c'/></xs:choice>"),
            [(L, "optional-added", "m/c")],
        ),
        (message(NAME), message(NAME, "<xs:attribute name='a' use='required'/>"), [(S, "required-added", "m/@a")]),
        (message(NAME), message(NAME, "<xs:attribute name='a'/>"), [(L, "optional-added", "m/@a")]),
        (
            message(NAME, "<xs:attribute name='a' fixed='1'/>"),
            message(NAME, "<xs:attribute name='a' fixed='2'/>"),
            [(S, "fixed-changed", "m/@a")],
        ),
        (
            message(NAME),
            message(NAME + "<xs:any processContents='lax' minOccurs='0'/>"),
            [(L, "optional-added", "m/any")],
        ),
        (
            message(NAME),
            message(NAME).replace("<xs:complexType>", "<xs:complexType mixed='true'>"),
            [(L, "mixed-changed", "m")],
        ),
        (message(NAME), message(NAME.replace("/>", " nillable='true'/>")), [(L, "nillable-changed", "m/name")]),
        (
            message(NAME),
            message(NAME).replace(
                "</xs:element>",
                "<xs:unique name='u'><xs:selector xpath='*'/><xs:field xpath='.'/></xs:unique></xs:element>",
            ),
            [(S, "rules-changed", "m")],
        ),
        (enumerated("a", "b"), enumerated("b", "c"), [(S, "value-removed", "V"), (L, "value-added", "V")]),
        (valued(""), enumerated("a"), [(S, "values-listed", "V")]),
        (valued("<xs:maxLength value='9'/>"), valued("<xs:maxLength value='10'/>"), [(L, "facet-changed", "V")]),
        (valued("<xs:minLength value='9'/>"), valued("<xs:minLength value='10'/>"), [(S, "facet-changed", "V")]),
        (valued(""), valued("<xs:pattern value='a+'/>"), [(S, "facet-changed", "V")]),
        (valued("<xs:pattern value='a'/>"), valued("<xs:pattern value='a+'/>"), [(U, "facet-changed", "V")]),
        (
            message("<xs:any processContents='lax'/>"),
            message("<xs:any processContents='skip'/>"),
            [(U, "type-changed", "m/any")],
        ),
        (valued(""), valued("", "xs:token"), [(U, "type-changed", "V")]),
        (
            valued("<xs:maxInclusive value='9007199254740992'/>", "xs:integer"),
            valued("<xs:maxInclusive value='9007199254740993'/>", "xs:integer"),
            [(L, "facet-changed", "V")],
        ),
        (valued("<xs:maxLength value='9'/>"), valued("<xs:maxLength value='09'/>"), []),
        (
            message(inline("simpleType", VALUE)),
            message(NAME.replace(" type='xs:string'", "")),
            [(U, "type-changed", "m/name")],
        ),
        (
            message(inline("simpleType", VALUE)),
            message(inline("complexType", "<xs:sequence/>")),
            [(U, "type-changed", "m/name")],
        ),
        (valued(""), "<xs:element name='m' type='V'/><xs:complexType name='V'/>", [(U, "type-changed", "V")]),
        (message(NAME), message(NAME.replace("/>", " form='unqualified'/>")), [(S, "form-changed", "m/name")]),
    ],
)
def test_each_kind_of_change_has_its_effect(
    tmp_path: Path, old: str, new: str, expected: list[tuple[Effect, str, str]]
) -> None:
    changes = compared(versions(tmp_path, old, new))

    assert [(change.effect, change.what, change.place) for change in changes] == expected


def test_a_namespace_that_carries_the_version_is_compared_all_the_same(tmp_path: Path) -> None:
    other = "urn:muster:xhund:2.0"

    changes = compared(versions(tmp_path, message(NAME), message(NAME + "<xs:element name='alter'/>"), other))

    assert [(change.what, change.old, change.new) for change in changes] == [
        ("namespace-changed", SPACE, other),
        ("required-added", "", ""),
    ]


FIELD = st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.integers(1, 2))
CONTENT = st.lists(FIELD, max_size=3, unique_by=lambda field: field[0])


@given(old=CONTENT, new=CONTENT, document=st.lists(st.sampled_from("abc"), max_size=4))
@settings(max_examples=40, deadline=None)
def test_what_is_said_holds_for_documents(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[tuple[str, int, int]],
    new: list[tuple[str, int, int]],
    document: list[str],
) -> None:
    """A document that only one version takes is explained by a change in that direction or one that cannot be told."""
    written = [
        message("".join(f"<xs:element name='{n}' minOccurs='{low}' maxOccurs='{high}'/>" for n, low, high in each))
        for each in (old, new)
    ]
    library = versions(tmp_path_factory.mktemp("versions"), *written)
    effects = {change.effect for change in compared(library)}

    root = etree.fromstring(f"<m xmlns='{SPACE}'>{''.join(f'<{name}/>' for name in document)}</m>")
    before, after = (
        with_libxml2(library.home(lock.identity) / lock.units[0].folder).validate(root) for lock in library.standards()
    )
    if before and not after:
        assert effects & {S, U}
    if after and not before:
        assert effects  # a field that is new and required is called stricter only


def test_the_command_groups_by_effect_and_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    versions(tmp_path, enumerated("a"), enumerated("b"))
    at = ["xhund_1", "xhund_2", "--registry", str(tmp_path / "registry")]

    assert run(["schemas", "diff", *at, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["old"], answer["stricter"], answer["laxer"], answer["unknown"]) == (f"{KENNUNG}_1", 1, 1, 0)
    assert answer["changes"][0] == {"effect": "stricter", "what": "value-removed", "place": "V", "old": "a", "new": ""}

    assert run(["--lang", "de", "schemas", "diff", *at]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Strenger (1): was gültig war, kann nun abgelehnt werden.",
        "  V: Wert entfallen (a → –)",
        "Lockerer (1): was abgelehnt wurde, kann nun gültig sein.",
        "  V: Wert hinzugekommen (– → b)",
        "Nicht zu entscheiden (0): bitte selbst vergleichen.",
    ]


def test_two_versions_of_xjustiz_differ_as_their_publisher_says(reference: Path, tmp_path: Path) -> None:
    library = Library(tmp_path)
    for version in ("3.4.1", "3.5.1"):
        registered(library, reference / "xoev" / f"xjustiz-{version}")
    found = difference(*declarations(library, library.find("xjustiz_3.4.1"), library.find("xjustiz_3.5.1")))

    assert all(counted(found).values())
    said = {(change.what, change.place, change.old, change.new) for change in found}
    assert ("fixed-changed", "Type.GDS.Nachrichtenkopf/@xjustizVersion", "3.4.1", "3.5.1") in said
    assert ("value-removed", "gds.registerart", "GesR", "") in said
    assert ("message-added", "nachricht.gds.fehler.0005007", "", "") in said

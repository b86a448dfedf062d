"""Our string types accept exactly what the originals of DIN 91379 accept."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, product
from pathlib import Path

import pytest
from lxml import etree
from schemas_for_tests import tree_felling

OURS = "urn:amtsbote:basis:din91379:1.0"
ORIGINAL = "urn:xoev-de:kosit:xoev:datentyp:din-91379_2022-08"
XS = "http://www.w3.org/2001/XMLSchema"
KINDS = "ABCDE"


class Accepts:
    """Whether a value belongs to a simple type, as libxml2 sees it."""

    def __init__(self, imports: dict[str, Path], simple_type: str) -> None:
        declared = "".join(f'<xs:import namespace="{ns}" schemaLocation="{p}"/>' for ns, p in imports.items())
        text = (
            f'<xs:schema xmlns:xs="{XS}" xmlns:our="{OURS}" xmlns:din="{ORIGINAL}">'
            f'{declared}<xs:element name="v">{simple_type}</xs:element></xs:schema>'
        )
        self._schema = etree.XMLSchema(etree.fromstring(text))
        self._element = etree.Element("v")

    def __call__(self, value: str) -> bool:
        self._element.text = value
        return self._schema.validate(self._element)


def named(name: str) -> str:
    return f'<xs:simpleType><xs:restriction base="{name}"/></xs:simpleType>'


def single_line(name: str) -> str:
    facets = '<xs:minLength value="1"/><xs:maxLength value="1000"/><xs:whiteSpace value="collapse"/>'
    return f'<xs:simpleType><xs:restriction base="{name}">{facets}</xs:restriction></xs:simpleType>'


@pytest.fixture(scope="module")
def ours() -> dict[str, Path]:
    return {OURS: tree_felling().folder / "schema" / "din91379.xsd"}


@pytest.fixture(scope="module")
def both(ours: dict[str, Path], reference: Path) -> dict[str, Path]:
    return {**ours, ORIGINAL: reference / "xoev" / "xoev-bausteine" / "din-norm-91379-datatypes.xsd"}


def legal_characters() -> Iterator[str]:
    """Every character of XML 1.0 (5th edition, 2.2) below U+10000, and a few above: no pattern names one of those."""
    ranges = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x1007F), (0x10FFFE, 0x10FFFF))
    return (chr(point) for first, last in ranges for point in range(first, last + 1))


def listed(reference: Path) -> list[str]:
    """Every character and sequence of the published list."""
    tree = etree.parse(reference / "xoev" / "xoev-bausteine" / "latinchars-din91379-list.xml")
    entries = tree.iter("{http://xoev.de/latinchars}char", "{http://xoev.de/latinchars}sequence")
    points = ([str(cp.text) for cp in entry.iterfind("{http://xoev.de/latinchars}cp")] for entry in entries)
    return ["".join(chr(int(point, 16)) for text in entry for point in text.split()) for entry in points]


@pytest.fixture(scope="module")
def worth_comparing(both: dict[str, Path]) -> frozenset[str]:
    """The characters that at least one of the ten types accepts: all others every type rejects."""
    members = " ".join(f"{prefix}{kind}" for prefix in ("our:datentyp", "din:datatype") for kind in KINDS)
    any_of_ten = Accepts(both, f'<xs:simpleType><xs:union memberTypes="{members}"/></xs:simpleType>')
    return frozenset(character for character in legal_characters() if any_of_ten(character))


def differences(first: Accepts, second: Accepts, values: Iterable[str]) -> list[str]:
    return [value for value in values if first(value) is not second(value)]


def test_every_character_has_the_verdict_of_the_original(
    both: dict[str, Path], worth_comparing: frozenset[str]
) -> None:
    assert len(worth_comparing) > 700
    for kind in KINDS:
        our, original = (Accepts(both, named(f"{prefix}{kind}")) for prefix in ("our:datentyp", "din:datatype"))
        assert differences(our, original, worth_comparing) == []
        assert any(map(our, worth_comparing))


def test_no_pattern_reaches_beyond_the_characters_that_are_tried(both: dict[str, Path]) -> None:
    """No character above U+FFFF, no class that is negated or named by a property, no wildcard."""
    for file in both.values():
        patterns = [node.get("value", "") for node in etree.parse(file).iter(f"{{{XS}}}pattern")]
        assert patterns
        assert max(map(max, patterns)) < "\U00010000"
        assert not any(sign in pattern for pattern in patterns for sign in ("[^", "\\p", "\\P", "\\w", "\\S", "\\D"))
        assert not any(re.search(r"(?<!\\)\.", re.sub(r"\[.*?\]", "", pattern)) for pattern in patterns)


def test_every_listed_sequence_and_every_pairing_has_the_verdict_of_the_original(
    both: dict[str, Path], reference: Path, worth_comparing: frozenset[str]
) -> None:
    sequences = [entry for entry in listed(reference) if len(entry) > 1]
    assert len(sequences) > 50
    followers = sorted({follower for sequence in sequences for follower in sequence[1:]})
    letters = sorted(character for character in worth_comparing if character.isalpha())
    pairs = ("".join(pair) for pair in product(letters, followers))
    longer = (f"{sequence}{follower}" for sequence in sequences for follower in followers)
    values = [*sequences, *chain(pairs, longer), "", "\u0301", "a\u0301b", "K\u035fHK\u035fh k\u035fh"]
    for kind in KINDS:
        our, original = (Accepts(both, named(f"{prefix}{kind}")) for prefix in ("our:datentyp", "din:datatype"))
        assert differences(our, original, values) == []


def test_the_types_for_single_lines_are_the_originals_with_white_space_collapsed(
    both: dict[str, Path], worth_comparing: frozenset[str]
) -> None:
    values = [*worth_comparing, *(f" \n{character}\t a" for character in worth_comparing), "", " ", "x" * 1001]
    for kind in KINDS:
        our, original = Accepts(both, named(f"our:text{kind}")), Accepts(both, single_line(f"din:datatype{kind}"))
        assert differences(our, original, values) == []


@pytest.mark.parametrize(
    ("kind", "accepted", "refused"),
    [
        ("A", ["Weiß-Kovářová", "D'Angelo", "C\u0328\u0306", ""], ["7", "a\n", "a\u0302", "Ω"]),
        ("B", ["Straße des 17. Juni 135", "K\u035fh"], ["Zeile\nZeile", "€uro\u0301", "Ж"]),
        ("C", ["erste Zeile\nzweite\tZeile", "20 €"], ["ƒ", "Ω", "雪"]),
        ("D", ["Ωmega & Söhne", "™"], ["Ж", "\n"]),
        ("E", ["Ωmega Ж\n"], ["雪", "\U0001f333"]),
    ],
)
def test_a_type_knows_its_characters(ours: dict[str, Path], kind: str, accepted: list[str], refused: list[str]) -> None:
    accepts = Accepts(ours, named(f"our:datentyp{kind}"))
    assert [value for value in accepted if not accepts(value)] == []
    assert [value for value in refused if accepts(value)] == []

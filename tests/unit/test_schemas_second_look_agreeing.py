"""What a second look says of contents holds by libxml2: tried on models and documents made at random."""

import math
from random import Random
from typing import Any

import pytest
import xmlschema
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from schemas.explaining.content import of_content
from schemas.explaining.insight import Insight
from schemas.places import Places
from schemas.plan import SchemaPlan

XS = "http://www.w3.org/2001/XMLSchema"
TYPE = "<xs:schema xmlns:xs='{}'><xs:element name='r'><xs:complexType>{}</xs:complexType></xs:element></xs:schema>"
OCCURS = [(1, 1)] * 4 + [(0, 1)] * 2 + [(0, "unbounded"), (1, 2), (2, 3), (1, "unbounded")]


def group(random: Random, depth: int) -> str:
    least, most = random.choice(OCCURS) if depth < 2 else (1, 1)
    kind = random.choice(["sequence", "sequence", "choice"])
    nested = [depth > 0 and random.random() < 0.4 for _ in range(random.randint(1, 4))]
    items = "".join(group(random, depth - 1) if each else element(random) for each in nested)
    return f"<xs:{kind} minOccurs='{least}' maxOccurs='{most}'>{items}</xs:{kind}>"


def element(random: Random) -> str:
    least, most = random.choice(OCCURS)
    return f"<xs:element name='{random.choice('abcde')}' type='xs:string' minOccurs='{least}' maxOccurs='{most}'/>"


class Model:
    """A content model in both libraries. Raises what they raise where one refuses it."""

    def __init__(self, text: str) -> None:
        self._libxml2 = etree.XMLSchema(etree.fromstring(text))
        kind: Any = xmlschema.XMLSchema10(text).elements["r"].type
        self.group = kind.content

    def fault(self, children: list[str]) -> float:
        """Number of the child that libxml2 refuses; half a step behind the last where one is missing, or endless."""
        root = document(children)
        if self._libxml2.validate(root):
            return float("inf")
        error = self._libxml2.error_log[0]
        if "Missing child" in error.message:
            return len(children) - 0.5
        found: Any = root.getroottree().xpath(error.path or "")
        return root.index(found[0])

    def holds(self, seen: Insight, children: list[str], fault: float) -> bool:
        """Whether doing what the insight says brings libxml2 further."""
        before = children[: math.ceil(fault)]
        if seen.missing:
            return all(self.fault([*before, name]) > len(before) for name in seen.missing)
        refused = children[len(before)]
        if seen.rivals and not seen.most:
            kept = [name for name in before if name not in seen.rivals]
            return self.fault([*kept, refused]) > len(kept)
        if seen.before:
            places = [place for place, name in enumerate(before) if name == seen.before]
            return any(self.fault([*before[:place], refused, *before[place:]]) >= len(before) for place in places)
        if seen.behind:
            later = children[len(before) + 1 :]
            return set(seen.behind) <= set(later) and self.fault([*before, *seen.behind, refused]) > len(before)
        return 0 < seen.most <= len(before)


def document(children: list[str]) -> etree._Element:
    return etree.fromstring(f"<r>{''.join(f'<{name}/>' for name in children)}</r>")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    folder = tmp_path_factory.mktemp("names")
    names = "".join(f"<xs:element name='{name}' type='xs:string'/>" for name in "abcde")
    (folder / "a.xsd").write_text(TYPE.format(XS, f"<xs:sequence>{names}</xs:sequence>"))
    return Places(SchemaPlan("urn:t", "t 1", str(folder), str(folder / "a.xsd"), "r"))


@given(random=st.randoms(use_true_random=False))
def test_what_is_told_of_a_content_holds_by_libxml2(places: Places, random: Random) -> None:
    try:
        model = Model(TYPE.format(XS, group(random, 2)))
    except (etree.XMLSchemaParseError, xmlschema.XMLSchemaException):
        assume(False)  # not deterministic: such a schema is left to xmlschema
    for _ in range(6):
        children = random.choices("abcde", k=random.randint(0, 7))
        fault = model.fault(children)
        if fault == float("inf"):
            continue
        root = document(children)
        seen = of_content(model.group, root, root[int(fault)] if fault == int(fault) else None, places)
        assert seen is None or model.holds(seen, children, fault), (children, seen)

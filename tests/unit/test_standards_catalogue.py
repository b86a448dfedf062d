"""OASIS XML catalogues: every entry that matters for schema sets means what the standard says, within the folder."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from standards_kit import importing, published, registered, schema

from amtsbote.errors import Misconfigured
from schemas.standards.catalogue import looked_up, read_catalogues
from schemas.standards.library import Library

CODE = "urn:muster:code"
ADDRESS = "http://muster.example/code/c.xsd"
USES_CODE = schema(importing(CODE, ADDRESS), "<xs:element name='rasse' type='c:Rasse'/>", declared=f"xmlns:c='{CODE}'")
CODE_XSD = schema(
    "<xs:simpleType name='Rasse'><xs:restriction base='xs:string'/></xs:simpleType>", space=CODE, about=""
)


def entries(*lines: str, base: str = "") -> bytes:
    around = f" xml:base='{base}'" if base else ""
    return f"<catalog xmlns='urn:oasis:names:tc:entity:xmlns:xml:catalog'{around}>{''.join(lines)}</catalog>".encode()


def found(*lines: str, base: str = "", beside: Mapping[str, bytes] | None = None) -> str | None:
    """What a catalogue in the folder `k` makes of the address. `beside`: catalogues in the same folder."""
    files = {f"k/{name}.xml": content for name, content in (beside or {}).items()}
    return looked_up(read_catalogues("k/catalog.xml", entries(*lines, base=base), files.get), ADDRESS)


@pytest.mark.parametrize(
    ("lines", "target"),
    [
        ((f"<uri name='{ADDRESS}' uri='c1.xsd'/>",), "k/c1.xsd"),
        ((f"<system systemId='{ADDRESS}' uri='../b/c%201.xsd'/>",), "b/c 1.xsd"),
        ((f"<public publicId='\n {ADDRESS} ' uri='b\\c1.xsd'/>",), "k/b/c1.xsd"),
        ((f"<uri name='{ADDRESS}' uri='c1.xsd'/>", f"<uri name='{ADDRESS}' uri='c2.xsd'/>"), "k/c1.xsd"),
        (
            (
                "<rewriteURI uriStartString='http://muster.example/' rewritePrefix='weit/'/>",
                "<rewriteURI uriStartString='http://muster.example/code/' rewritePrefix='nah/'/>",
            ),
            "k/nah/c.xsd",
        ),
        (("<rewriteSystem systemIdStartString='http://muster.example/' rewritePrefix=''/>",), "k/code/c.xsd"),
        (("<uriSuffix uriSuffix='.xsd' uri='a.xsd'/>", "<uriSuffix uriSuffix='c.xsd' uri='b.xsd'/>"), "k/b.xsd"),
        (("<systemSuffix systemIdSuffix='/c.xsd' uri='b.xsd'/>",), "k/b.xsd"),
        (
            (
                "<uriSuffix uriSuffix='code/c.xsd' uri='suffix.xsd'/>",
                "<rewriteURI uriStartString='http:' rewritePrefix='prefix'/>",
                f"<uri name='{ADDRESS}' uri='exact.xsd'/>",
            ),
            "k/exact.xsd",
        ),
        ((f"<group xml:base='b/'><group><uri name='{ADDRESS}' uri='c1.xsd'/></group></group>",), "k/b/c1.xsd"),
        ((f"<uri name='{ADDRESS}' xml:base='b/x.xml' uri='c1.xsd'/>",), "k/b/c1.xsd"),
        (("<rewriteURI xml:base='b/' uriStartString='http://muster.example/' rewritePrefix='./'/>",), "k/b/code/c.xsd"),
        (("<delegateURI uriStartString='urn:' catalog='x.xml'/>",), None),
        (("<uri name='' uri='x'/>", "<uriSuffix uriSuffix='' uri='x'/>"), None),
        ((f"<x xmlns='urn:x'><uri name='{ADDRESS}' uri='x'/></x>", f"<doctype name='{ADDRESS}' uri='x'/>"), None),
    ],
)
def test_an_entry_stands_for_the_file_it_names(lines: tuple[str, ...], target: str | None) -> None:
    assert found(*lines) == target


def test_the_base_of_the_whole_catalogue_counts_for_all_entries() -> None:
    assert found(f"<uri name='{ADDRESS}' uri='c.xsd'/>", base="../schemas/") == "schemas/c.xsd"
    inner = f"<group xml:base='neu/'><uri name='{ADDRESS}' uri='c.xsd'/></group>"
    assert found(inner, base="../schemas/") == "schemas/neu/c.xsd"


def test_next_catalogues_are_asked_in_their_order_each_with_those_that_follow_it() -> None:
    lines = [f"<nextCatalog catalog='{name}.xml'/>" for name in ("fehlt", "eins", "zwei")]
    one = entries("<nextCatalog catalog='catalog.xml'/>", "<nextCatalog catalog='unter.xml'/>")
    below, two = (entries(f"<uri name='{ADDRESS}' uri='{name}.xsd'/>") for name in ("unter", "zwei"))

    assert found(*lines, beside={"eins": one, "unter": below, "zwei": two}) == "k/unter.xsd"
    assert found(*lines, beside={"eins": one, "zwei": two}) == "k/zwei.xsd"
    assert found(*lines, f"<uri name='{ADDRESS}' uri='c.xsd'/>", beside={"eins": one, "zwei": two}) == "k/c.xsd"


def test_a_thousand_catalogues_in_a_row_are_no_deep_recursion() -> None:
    others = {f"n{number}": entries(f"<nextCatalog catalog='n{number + 1}.xml'/>") for number in range(2000)}
    others["n2000"] = entries(f"<uri name='{ADDRESS}' uri='c.xsd'/>")

    assert found("<nextCatalog catalog='n0.xml'/>", beside=others) == "k/c.xsd"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("<delegateURI uriStartString='http://muster' catalog='x.xml'/>", "delegate entries are not followed"),
        (f"<delegateSystem systemIdStartString='{ADDRESS}' catalog='x.xml'/>", "delegate entries are not followed"),
        (f"<delegatePublic publicIdStartString='{CODE}' catalog='x.xml'/>", "delegate entries are not followed"),
        (f"<group xml:base='http://m.example/'><uri name='{ADDRESS}' uri='x.xsd'/></group>", "only relative paths"),
        (f"<uri name='{ADDRESS}' uri='file:/etc/passwd'/>", "only relative paths"),
        (f"<uri name='{ADDRESS}' uri='/etc/passwd'/>", "only relative paths"),
        (f"<uri name='{ADDRESS}' uri='../aussen/c1.xsd'/>", "references that lead to no file"),
        (f"<uri name='{ADDRESS}' uri='%2e%2e/aussen/c1.xsd'/>", "references that lead to no file"),
        ("<rewriteURI uriStartString='http://muster.example/code/' rewritePrefix='../aussen/'/>", "lead to no file"),
        ("<nextCatalog catalog='../aussen/catalog.xml'/>", "references that lead to no file"),
        ("<nextCatalog catalog='http://muster.example/catalog.xml'/>", "references that lead to no file"),
    ],
)
@pytest.mark.parametrize("inside", [True, False], ids=["in the set", "beside it"])
def test_a_catalogue_leads_nowhere_out_of_its_folder(tmp_path: Path, line: str, told: str, *, inside: bool) -> None:
    outer: dict[str, str | bytes] = {
        "c1.xsd": CODE_XSD,
        "c.xsd": CODE_XSD,
        "catalog.xml": entries(f"<uri name='{CODE}' uri='c1.xsd'/>"),
    }
    published(tmp_path / "aussen", outer)
    path = published(tmp_path / "set", {"x.xsd": USES_CODE})
    at = published(path if inside else tmp_path / "blocks", {"catalog.xml": entries(line)}) / "catalog.xml"

    with pytest.raises(Misconfigured, match=told):
        registered(Library(tmp_path / "registry"), path, catalog=None if inside else at)


def test_what_a_catalogue_beside_the_set_says_in_its_next_one_is_taken_over(tmp_path: Path) -> None:
    further = entries("<uriSuffix uriSuffix='c.xsd' uri='c1.xsd'/>")
    first = entries("<nextCatalog catalog='b/next.xml'/>")
    blocks = published(tmp_path / "blocks", {"b/c1.xsd": CODE_XSD, "b/next.xml": further, "catalog.xml": first})
    at = blocks / "catalog.xml"

    lock = registered(Library(tmp_path / "registry"), published(tmp_path / "set", {"x.xsd": USES_CODE}), catalog=at)

    assert [each.name for each in lock.documents] == ["x.xsd", "@catalogue/b/c1.xsd"]

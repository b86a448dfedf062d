"""Keys against code lists: each of the four types of XÖV, each grade, and what is not here is said."""

from dataclasses import replace
from pathlib import Path

import pytest
from code_list_kit import CODED, LIST, OTHER, genericode
from standards_kit import SPACE, schema

from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.answers import inspection_of
from schemas.findings import ABOUT_A_LIST
from schemas.genericode import read_code_list
from schemas.helper_main import answer
from schemas.inspector import Inspector
from schemas.plan import MAX_FINDINGS, CodeListsPlan, Grade, ListPlan, SchemaPlan
from schemas.traits import traits_of, with_layers
from schemas.xsd import read_closure

FIRST = f"listURI='{LIST}' listVersionID='1'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hund")
    (folder / "hund.xsd").write_text(schema(CODED, space=SPACE))
    (folder / "1.xml").write_text(genericode())
    (folder / "2.xml").write_text(genericode(version="2", codes=("mops", "pudel")))
    return folder


def plan(folder: Path, grade: Grade = Grade.ERROR, *, looked_at: bool = True) -> SchemaPlan:
    xsd = folder / "hund.xsd"
    held = [
        ListPlan(LIST, version, "Hunderassen", str(folder / f"{version}.xml"), grade.severity) for version in ("1", "2")
    ]
    bare = SchemaPlan("urn:h#hund", "Hund 1", str(folder), str(xsd), f"{{{SPACE}}}hund", {"h": SPACE})
    return with_layers(bare, traits_of(read_closure(xsd, folder)), Grade.OFF, held if looked_at else None)


@pytest.fixture(scope="module")
def inspector(folder: Path) -> Inspector:
    return Inspector(plan(folder), 1_000_000)


def hund(*content: str) -> bytes:
    return f"<hund xmlns='{SPACE}'>{''.join(content)}</hund>".encode()


def typ(number: int, key: str, attributes: str = "") -> str:
    return f"<typ{number} {attributes}><code xmlns=''>{key}</code></typ{number}>"


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (typ(1, "ja"), []),
        (typ(1, "nein"), ["XSD-ENUMERATION"]),
        (typ(2, "dackel"), []),
        (typ(2, " mops <!-- -->\n"), []),
        (typ(2, "pudel"), ["LIST-KEY"]),
        (typ(2, "pudel", "listVersionID='1'"), ["LIST-KEY"]),
        (typ(3, "pudel", "listVersionID='2'"), []),
        (typ(3, "dackel", "listVersionID='2'"), ["LIST-KEY"]),
        (typ(3, "dackel", "listVersionID='3'"), ["LIST-VERSION-UNKNOWN"]),
        (typ(3, "dackel", "listVersionID=''"), ["LIST-VERSION-UNKNOWN"]),
        (typ(4, "dackel", FIRST), []),
        (typ(4, "pudel", FIRST), ["LIST-KEY"]),
        (typ(4, "rot", f"listURI='{OTHER}' listVersionID='1'"), ["LIST-UNKNOWN"]),
        (typ(4, "rot"), ["LIST-UNSTATED"]),
    ],
)
def test_each_type_of_code_is_checked_by_what_schema_and_document_say(
    inspector: Inspector, content: str, codes: list[str]
) -> None:
    report = inspector.inspect(hund(content))

    assert [finding.code for finding in report.findings] == codes
    if codes == ["LIST-KEY"]:
        assert report.layers[Layer.CODE_LISTS] is LayerOutcome.FAILED
        assert report.findings[0].path.endswith("/code")
    elif "XSD-ENUMERATION" not in codes:
        assert report.layers[Layer.CODE_LISTS] is LayerOutcome.PASSED
        assert all(finding.severity is Severity.WARNING for finding in report.findings)


@pytest.mark.parametrize(
    ("grade", "severities"), [(Grade.ERROR, ["error"]), (Grade.WARNING, ["warning"]), (Grade.OFF, [])]
)
def test_each_list_has_its_grade(folder: Path, grade: Grade, severities: list[str]) -> None:
    report = Inspector(plan(folder, grade), 1000).inspect(hund(typ(2, "pudel")))

    assert [finding.severity.value for finding in report.findings] == severities


def test_where_nobody_looks_it_is_said(folder: Path) -> None:
    report = Inspector(plan(folder, looked_at=False), 1000).inspect(hund(typ(2, "pudel")))

    assert (report.layers[Layer.CODE_LISTS], report.findings) == (LayerOutcome.NOT_CHECKED, ())


def test_a_list_that_is_not_here_is_named_once(inspector: Inspector) -> None:
    unknown = typ(4, "rot", f"listURI='{OTHER}' listVersionID='1'")

    assert len(inspector.inspect(hund(unknown * 3)).findings) == 1


def test_many_wrong_keys_cost_no_more_than_what_is_told(folder: Path) -> None:
    """And an error behind them is still found."""
    warned, graded = plan(folder, Grade.WARNING), plan(folder)
    assert warned.code_lists is not None
    assert graded.code_lists is not None
    lists = CodeListsPlan((warned.code_lists.held[0], graded.code_lists.held[1]), ())
    inspector = Inspector(replace(warned, code_lists=lists), 1_000_000)

    report = inspector.inspect(hund(typ(2, "pudel") * 20_000, typ(3, "dackel", "listVersionID='2'")))

    assert (len(report.findings), report.more) == (MAX_FINDINGS, True)
    assert report.layers[Layer.CODE_LISTS] is LayerOutcome.FAILED


def test_a_sentence_names_the_list_and_never_what_the_sender_wrote(folder: Path, inspector: Inspector) -> None:
    told = plan(folder)
    secret = "urn:geheim:liste"
    document = hund(
        typ(3, "geheim", "listVersionID='2'"),
        typ(3, "mops", "listVersionID='geheim'"),
        typ(4, "geheim", f"listURI='{secret}' listVersionID='geheim'"),
    )

    inspection = inspection_of(told, answer(inspector.inspect, document))

    assert [finding.de for finding in inspection.findings] == [
        "Der Schlüssel steht nicht in der Codeliste „Hunderassen“ in der Version 2.",
        ABOUT_A_LIST["LIST-VERSION-UNKNOWN"].de.format(list="„Hunderassen“"),
        "Die Codeliste liegt hier nicht vor; ihre Schlüssel sind nicht geprüft.",
    ]
    assert "geheim" not in repr(inspection)


def test_a_list_is_read_with_its_title_and_the_columns_that_are_keys() -> None:
    read = read_code_list(genericode().encode())
    assert read is not None
    assert (read.uri, read.version, read.title) == (LIST, "1", "Hunde- rassen")
    assert read.codes == {"dackel", "mops"}

    both = read_code_list(genericode(keys=("code", "name")).encode())
    assert both is not None
    assert both.codes == {"dackel", "mops", "Dackel", "Mops"}


@pytest.mark.parametrize(
    "data",
    [
        genericode(codes=()),
        genericode(uri=""),
        genericode(version=" "),
        genericode()[:-5],
        "<!DOCTYPE a>" + genericode(),
        "<a xmlns='http://docs.oasis-open.org/codelist/ns/genericode/1.0/'/>",
        "<a/>",
    ],
)
def test_what_is_no_usable_list_is_none(data: str) -> None:
    assert read_code_list(data.encode()) is None

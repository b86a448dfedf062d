"""Two versions of a standard differ in rules and code lists, too: what came, went or changed is listed by its name."""

import json
from pathlib import Path

import pytest
from code_list_kit import LIST, OTHER, genericode
from schematron_kit import assertion, pattern, report, rule
from schematron_kit import schema as rules_of
from standards_kit import ABOUT, PLAIN, published, registered

from amtsbote.cli.entry import run
from schemas.standards.difference import Effect
from schemas.standards.library import Library
from schemas.standards.versions import differences

S, L, U = Effect.STRICTER, Effect.LAXER, Effect.UNKNOWN
ONE = assertion("R-1", "h:name")
BASE = rules_of(pattern(rule("h:a", ONE, report("R-2", "h:b")), rule("h:c", "<assert test='h:d'>Nein.</assert>")))
FUNCTION = "<xsl:function name='f:f' xmlns:f='urn:f'><xsl:param name='n'/><xsl:sequence select='{}'/></xsl:function>"


def library(folder: Path, old: dict[str, str], new: dict[str, str]) -> Library:
    made = Library(folder / "registry")
    for version, beside in (("1", old), ("2", new)):
        schemas = {name: text.replace(ABOUT, ABOUT.replace(">1.0<", f">{version}<")) for name, text in PLAIN.items()}
        registered(made, published(folder / version, {**schemas, **beside}))
    return made


def told(folder: Path, old: dict[str, str], new: dict[str, str]) -> list[tuple[Effect, str, str, str, str]]:
    made = library(folder, old, new)
    found = differences(made, made.find("xhund_1"), made.find("xhund_2"))
    return [(each.effect, each.what, each.place, each.old, each.new) for each in found]


@pytest.fixture(autouse=True)
def _untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registering need not try the rules: comparing does not need Saxon."""
    monkeypatch.setattr("schemas.standards.registering.saxon_is_here", lambda: False)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (BASE, []),
        (BASE.replace('test="h:name"', 'test=" h:name "').replace("Nein.", "Anders gesagt."), []),
        (BASE.replace(ONE, ""), [(U, "rule-removed", "R-1")]),
        (BASE.replace(ONE, ONE + assertion("R-9", "h:x")), [(U, "rule-added", "R-9")]),
        (BASE.replace('test="h:name"', 'test="h:nome"'), [(U, "rule-changed", "R-1")]),
        (BASE.replace("h:d'", "h:e'"), [(U, "rule-changed", "h:c")]),
        (
            BASE.replace(ONE, "<let name='x' value='1'/>" + ONE),
            [(U, "rule-changed", "R-1"), (U, "rule-changed", "R-2")],
        ),
        (BASE.replace('test="h:name"', 'test="h:name" role="warning"'), [(L, "severity-changed", "R-1")]),
        (BASE.replace("<pattern", "<let name='x' value='1'/><pattern"), [(U, "rules-around-changed", "Schematron")]),
        (BASE.replace("<pattern", FUNCTION.format("$n") + "<pattern"), [(U, "rules-around-changed", "Schematron")]),
        (BASE.replace("xslt2", "stx"), [(U, "rules-unread", "regeln.sch")]),
        ("", [(U, "rule-removed", name) for name in ("R-1", "R-2", "h:c")]),
    ],
)
def test_rules_are_told_by_their_ids(tmp_path: Path, new: str, expected: list[tuple[Effect, str, str]]) -> None:
    files = {"regeln.sch": new} if new else {}

    assert [each[:3] for each in told(tmp_path, {"regeln.sch": BASE}, files)] == expected


def test_rules_in_another_order_are_told_for_the_first_that_meets_counts(tmp_path: Path) -> None:
    rules = [rule("h:a", assertion("R-1", "h:x")), rule("*", assertion("R-2", "h:x"))]
    old, new = ({"a.sch": rules_of(pattern(*each))} for each in (rules, rules[::-1]))

    assert told(tmp_path, old, new) == [(U, "rules-order-changed", "Schematron", "", "")]


def test_keys_are_told_by_list_and_by_version_where_there_are_several(tmp_path: Path) -> None:
    old = {"a1.xml": genericode(codes=("dackel", "mops")), "b1.xml": genericode(OTHER, "1", ("rot",))}
    new = {"a2.xml": genericode(version="2", codes=("dackel", "pudel")), "c.xml": genericode("urn:neu")}
    assert told(tmp_path / "a", old, new) == [
        (L, "list-removed", OTHER, "", ""),
        (U, "list-version-changed", LIST, "1", "2"),
        (S, "key-removed", LIST, "mops", ""),
        (L, "key-added", LIST, "", "pudel"),
        (S, "list-added", "urn:neu", "", ""),
    ]

    both = {**new, "a1.xml": genericode(codes=("dackel", "spitz"))}
    only = {name: old[name] for name in ("a1.xml",)} | {"c.xml": new["c.xml"]}
    assert told(tmp_path / "b", only, both) == [
        (U, "list-version-changed", LIST, "1", "1, 2"),
        (S, "key-removed", LIST, "mops", ""),
        (L, "key-added", LIST, "", "spitz"),
    ]


def test_the_command_names_rules_and_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warning = BASE.replace('test="h:name"', 'test="h:name" role="warning"')
    library(tmp_path, {"a.sch": warning, "l.xml": genericode()}, {"a.sch": BASE, "l.xml": genericode(codes=("mops",))})
    at = ["xhund_1", "xhund_2", "--registry", str(tmp_path / "registry")]

    assert run(["--lang", "de", "schemas", "diff", *at]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "Strenger (2): was gültig war, kann nun abgelehnt werden.",
        "  R-1: Gewicht der Schematron-Regel (warning → error)",
        f"  {LIST}: Schlüssel entfallen (dackel → –)",
    ]
    assert run(["schemas", "diff", *at, "--json"]) == 0
    assert [each["what"] for each in json.loads(capsys.readouterr().out)["changes"]] == [
        "severity-changed",
        "key-removed",
    ]

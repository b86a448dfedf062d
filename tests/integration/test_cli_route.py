"""`amtsbote route explain` on a folder of tables: the tree, the JSON, the exit codes, facts from a document."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from schemas_for_tests import trade, tree_felling

from amtsbote.cli.entry import run

EXAMPLES = Path(__file__).resolve().parents[2] / "config" / "routing"
TREE, TRADE = "99093003001002", "99050012104000"
CHEMNITZ = "145110000000"
Explain = Callable[..., tuple[int, str]]


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Explain:
    def asked(*words: str, tables: Path = EXAMPLES) -> tuple[int, str]:
        code = run(["--lang", "de", "route", "explain", "--tables", str(tables), *words])
        captured = capsys.readouterr()
        return code, captured.out or captured.err

    return asked


def answer(explain: Explain, *words: str, tables: Path = EXAMPLES) -> tuple[int, dict[str, Any]]:
    code, out = explain(*words, "--json", tables=tables)
    return code, json.loads(out)


@pytest.fixture
def chambers(tmp_path: Path) -> Path:
    """The example, with trade offices and chambers."""
    for file in EXAMPLES.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "zustaendigkeiten.csv").open("a", encoding="utf-8") as rules:
        rules.write("MELDID;145110000000;gewerbeamt;;;\nihk;14;ihk-chemnitz;;;\nhwk;14;hwk-chemnitz;;;\n")
    return tmp_path


def test_a_clear_answer_is_a_tree_with_every_rule_and_ends_with_0(explain: Explain) -> None:
    code, tree = explain("--service", TREE, "--ars", "145225102380", "--date", "2026-11-15")

    assert code == 0
    assert tree.splitlines() == [
        f"Leistung {TREE}, Gebiet 145225102380, am 2026-11-15 (Tabellen in Version 0)",
        "Zuständig: burgstaedt-ordnungsamt",
        "├─ Zuständige Behörde, Rolle gba",
        f"│  ├─ rollen:4  {TREE} → gba  [Bund]",
        "│  ├─ gebiete:12  145225102380 Mühlau  [Gemeinde]",
        "│  └─ zustaendigkeiten:4  gba + 145225102 → burgstaedt-ordnungsamt  [Verband]",
        "└─ Rolle unb: kein weiterer Empfänger (Bedingung monat=3..9 trifft nicht zu)",
        f"   └─ packages  {TREE} [monat=3..9] ↛ unb  [Bund, paket:baumfaellgenehmigung-1.0]",
    ]


def test_in_april_the_conservation_authority_is_a_branch_of_its_own_with_its_reason(explain: Explain) -> None:
    code, tree = explain("--service", TREE, "--ars", "145225102380", "--date", "2026-04-15")

    assert code == 0
    assert "└─ Rolle unb: kein weiterer Empfänger" in tree
    assert f"├─ packages  {TREE} [monat=3..9] → unb  [Bund, paket:baumfaellgenehmigung-1.0]" in tree
    assert "unb + 14522 → – „In diesem Beispiel bekommt die untere Naturschutzbehörde nichts.“" in tree


def test_a_further_recipient_that_is_not_known_is_open_and_makes_nobody_else_nobody(
    explain: Explain, tmp_path: Path
) -> None:
    for file in EXAMPLES.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    rows = (EXAMPLES / "rollen.csv").read_text("utf-8").splitlines()
    further = [
        f"{rows[0]};art",
        *(f"{row};" for row in rows[1:]),
        f"{TREE};bauhof;;;weitere",
        f"{TREE};forst;;;weitere",
    ]
    (tmp_path / "rollen.csv").write_text("\n".join(further), "utf-8")
    with (tmp_path / "zustaendigkeiten.csv").open("a", encoding="utf-8") as rules:
        rules.write("bauhof;14;bauhof-chemnitz;;;\n")

    code, tree = explain("--service", TREE, "--ars", CHEMNITZ, "--date", "2026-11-15", tables=tmp_path)

    assert code == 1
    assert [line[3:] for line in tree.splitlines() if line[0] in "├└"] == [
        "Zuständige Behörde, Rolle gba",
        "Weiterer Empfänger, Rolle bauhof",
        "Weiterer Empfänger, Rolle forst: offen",
        "Rolle unb: kein weiterer Empfänger (Bedingung monat=3..9 trifft nicht zu)",
    ]


def test_the_json_has_every_member_always(explain: Explain) -> None:
    code, found = answer(explain, "--service", TREE, "--ars", CHEMNITZ, "--date", "2026-11-15")
    nowhere, none = answer(explain, "--service", TREE, "--ars", "146120000000", "--date", "2026-11-15")

    assert (code, nowhere) == (0, 1)
    assert list(found) == list(none)
    assert (found["outcome"], found["authority"], found["also"]) == ("resolved", "chemnitz-gruenflaechenamt", [])
    assert (none["outcome"], none["authority"], none["destination"]) == ("unresolved", None, None)
    assert none["reason"]["why"] == "no-rule"
    assert none["reason"]["de"] == "Für die Rolle gba nennt in 146120000000 keine Regel eine Behörde."
    assert found["trace"]["hops"][2] == {
        "table": "zustaendigkeiten",
        "rule": f"gba + {CHEMNITZ} → chemnitz-gruenflaechenamt",
        "line": 3,
        "level": "gemeinde",
        "origin": "",
        "stand": "",
        "recipient": "",
        "unmet": "",
    }


def test_what_hangs_on_unknown_facts_ends_with_2_and_names_them(explain: Explain, chambers: Path) -> None:
    asked = ("--service", TRADE, "--ars", CHEMNITZ)
    code, found = answer(explain, *asked, tables=chambers)

    assert (code, found["outcome"], found["authority"]) == (2, "ambiguous", None)
    assert (found["reason"]["why"], found["reason"]["role"]) == ("fact-not-given", "hwk")
    assert (found["role"], found["openRecipient"]) == ("MELDID", "hwk"), "the competent authority's role is known"
    assert "handwerk" in found["reason"]["de"]
    for value, also in (("true", ["ihk-chemnitz", "hwk-chemnitz"]), ("false", ["ihk-chemnitz"])):
        code, found = answer(explain, *asked, "--fact", f"handwerk={value}", tables=chambers)
        assert (code, found["authority"], [one["authority"] for one in found["also"]]) == (0, "gewerbeamt", also)
        assert found["trace"]["facts"] == {"handwerk": value}


def test_facts_service_and_place_are_read_from_a_valid_document(explain: Explain, chambers: Path) -> None:
    craft = trade().folder / "samples" / "gueltig-zweigstelle-handwerk.xml"
    code, found = answer(explain, "--payload", str(craft), "--ars", CHEMNITZ, tables=chambers)

    assert code == 0
    assert {one["role"] for one in found["also"]} == {"ihk", "hwk"}
    sample = tree_felling().folder / "samples" / "gueltig-kleinster-antrag.xml"
    code, found = answer(explain, "--payload", str(sample), "--date", "2026-11-15")
    assert (code, found["authority"]) == (0, "chemnitz-gruenflaechenamt")


@pytest.mark.parametrize(("sample", "hwk"), [("zweigstelle-handwerk", True), ("buchladen", False)])
def test_check_asks_the_same_tables_with_the_facts_of_the_document(
    chambers: Path, capsys: pytest.CaptureFixture[str], sample: str, hwk: bool
) -> None:
    file = trade().folder / "samples" / f"gueltig-{sample}.xml"
    asked = ["--service", TRADE, "--ars", CHEMNITZ, "--routing", str(chambers)]

    assert run(["check", str(file), *asked, "--json"]) == 0
    route = json.loads(capsys.readouterr().out)["route"]

    assert route["authorities"] == ["gewerbeamt"]
    assert any("hwk + 14 → hwk-chemnitz" in rule for rule in route["rules"]) is hwk


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--service", TREE), 64, "„--ars“ fehlt"),
        (("--service", TREE, "--ars", "14511000"), 64, "amtsbote regions search 14511000"),
        (("--service", TREE, "--ars", CHEMNITZ, "--date", "2026-02-30"), 64, "als JJJJ-MM-TT"),
        (("--service", "1", "--ars", CHEMNITZ), 64, "--service"),
        (("--service", TREE, "--ars", "x"), 64, "--ars"),
        (("--service", TREE, "--ars", CHEMNITZ, "--date", "gestern"), 64, "--date"),
        (("--service", TREE, "--ars", CHEMNITZ, "--fact", "handwerk"), 64, "NAME=WERT"),
        (("--service", TREE, "--ars", CHEMNITZ, "--fact", "handwerg=true"), 64, "Bekannt sind: handwerk"),
        (("--service", TREE, "--ars", CHEMNITZ, "--fact", "HÄNDWERK=true"), 64, "Bekannt sind: handwerk"),
        (("--service", TREE, "--ars", CHEMNITZ, "--fact", "handwerk=ja"), 64, "handwerk hat nicht die Form true|false"),
        (("--service", TREE, "--ars", CHEMNITZ, "--fact", "handwerk="), 64, "ein zulassungspflichtiges Handwerk ist."),
        (("--service", TREE, "--ars", CHEMNITZ, "--fact", "monat=4"), 64, "--date"),
        (("--payload", "gibt-es-nicht.xml"), 66, "gibt-es-nicht.xml"),
        (("--payload", str(EXAMPLES / "README.md")), 70, "kein gültiges Dokument"),
    ],
)
def test_a_question_that_cannot_be_asked_never_looks_like_an_answer(
    explain: Explain, words: tuple[str, ...], code: int, said: str
) -> None:
    found, out = explain(*words)

    assert found == code
    assert said in out


def test_without_an_installation_there_is_no_answer_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "amtsbote.toml").write_text("", "utf-8")

    for config in ("nowhere.toml", "amtsbote.toml"):
        words = ["route", "explain", "--service", TREE, "--ars", CHEMNITZ, "--config", str(tmp_path / config)]
        assert run(words) >= 64
    capsys.readouterr()


def test_tables_that_would_not_be_applied_are_not_answered_from(explain: Explain, chambers: Path) -> None:
    with (chambers / "zustaendigkeiten.csv").open("a", encoding="utf-8") as rules:
        rules.write("gba;145110000000;noch-jemand;;;\n")

    code, out = explain("--service", TREE, "--ars", CHEMNITZ, tables=chambers)

    assert code == 70
    assert "keine geht vor" in out

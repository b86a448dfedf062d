"""`amtsbote schemas` as a person and as a program call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from standards_kit import ANMELDUNG, HUND, KENNUNG, PLAIN, SPACE, VALID, published, registered, schema

from amtsbote.cli.entry import run
from schemas.standards import registering
from schemas.standards.library import Library

STANDARD = f"{KENNUNG}_1.0"
WRONG = "An dieser Stelle fehlt „name“. Stattdessen steht hier eine Angabe, die das Schema nicht kennt."


@pytest.fixture
def site(tmp_path: Path) -> Path:
    published(tmp_path / "set", {**PLAIN, "muster/gut.xml": VALID, "muster/schlecht.xml": f"<x xmlns='{SPACE}'/>"})
    published(tmp_path / "set", {"muster/falsch.xml": VALID.replace("name>", "nahme>")})
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> Any:
    assert run([*map(str, words), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_standard_is_added_shown_verified_and_removed(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--registry", site / "registry")

    assert call(capsys, "schemas", "add", site / "set", *at)["new"] is True
    assert call(capsys, "schemas", "add", site / "set", *at)["new"] is False
    [listed] = call(capsys, "schemas", "list", *at)["standards"]
    assert listed["standard"] == STANDARD
    shown = call(capsys, "schemas", "show", "xhund_1.0", *at)
    assert [sample["name"] for sample in shown["samples"] if not sample["valid"]] == ["muster/falsch.xml"]
    assert call(capsys, "schemas", "verify", *at) == {
        "standards": {STANDARD: {}},
        "changed": 0,
        "damaged": [],
    }

    [file] = (site / "registry").glob("*/published/xsd/xhund.xsd")
    file.write_text("<x/>")
    assert call(capsys, "schemas", "verify", "xhund_1.0", *at, code=1)["changed"] == 1

    assert call(capsys, "schemas", "remove", "xhund_1.0", *at) == {"removed": STANDARD}
    assert call(capsys, "schemas", "list", *at) == {"standards": [], "damaged": []}
    assert call(capsys, "schemas", "show", "xhund_1.0", *at, code=66)["error"]["de"]


def test_a_person_reads_what_was_found_and_sees_progress(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "de", "schemas", "add", str(site / "set"), "--registry", str(site / "registry")]) == 0

    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        f"Registriert: {STANDARD}, 2 Schemadateien, 1 Nachrichten.",
        f"Muster ungültig: muster/falsch.xml: {WRONG} (XSD-UNEXPECTED)",
        "Muster: 1 von 2 gültig.",
    ]
    assert "Importe auflösen" in shown.err

    assert run(["--lang", "en", "schemas", "show", "xhund_1.0", "--registry", str(site / "registry")]) == 0
    assert f"{STANDARD}#anmeldung.hund.0100" in capsys.readouterr().out


def test_a_sample_over_which_a_validator_comes_to_no_end_is_told_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "SECONDS", 1)
    kind = "<xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='((a*)*)*b'/></xs:restriction>"
    endless = f"<xs:element name='endlos'>{kind}</xs:simpleType></xs:element>"
    files = {"x.xsd": schema(HUND, ANMELDUNG, endless), "gut.xml": VALID}
    path = published(tmp_path / "set", {**files, "s.xml": f"<endlos xmlns='{SPACE}'>{'a' * 40}</endlos>"})
    registered(Library(tmp_path / "registry"), path)

    assert run(["--lang", "de", "schemas", "add", str(path), "--registry", str(tmp_path / "registry")]) == 0

    assert capsys.readouterr().out.splitlines()[1:] == [
        "Muster s.xml: Prüfung nicht fertig nach 1 s Rechenzeit, ohne Urteil abgebrochen.",
        "Muster: 1 von 1 gültig.",
    ]


def test_a_damaged_standard_is_told_and_removed_and_stops_no_other(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--registry", site / "registry")
    other = {name: text.replace(KENNUNG, "urn:verein:xkatze") for name, text in PLAIN.items()}
    for folder in (site / "set", published(site / "other", other)):
        registered(Library(site / "registry"), folder)
    [lock] = (site / "registry").glob("*xhund_1.0/lock.json")
    lock.write_text("{")

    for command, code in (("list", 0), ("verify", 1)):
        told = call(capsys, "schemas", command, *at, code=code)
        assert [each["standard"] for each in told["damaged"]] == [STANDARD]
        assert len(told["standards"]) == 1
        assert run(["--lang", "de", "schemas", command, *map(str, at)]) == code
        assert f"Beschädigt: {STANDARD}. {lock} fehlt oder ist beschädigt" in capsys.readouterr().out
    assert call(capsys, "schemas", "verify", "xkatze_1.0", *at)["damaged"] == []
    assert call(capsys, "schemas", "verify", "xhund_1.0", *at, code=1)["standards"] == {}
    assert call(capsys, "schemas", "show", "xkatze_1.0", *at)["documents"]
    assert "schemas remove" in call(capsys, "schemas", "show", "xhund_1.0", *at, code=1)["error"]["en"]
    assert "schemas remove" in call(capsys, "schemas", "add", site / "set", *at, code=1)["error"]["en"]

    assert call(capsys, "schemas", "remove", "xhund_1.0", *at) == {"removed": STANDARD}
    assert call(capsys, "schemas", "add", site / "set", *at)["new"] is True
    assert call(capsys, "schemas", "verify", *at)["damaged"] == []


def test_without_a_registry_named_it_is_the_installations(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(site / "house"), "--json"]) == 0
    capsys.readouterr()
    config = site / "house/amtsbote.toml"

    call(capsys, "schemas", "add", site / "set", "--config", config)

    assert call(capsys, "schemas", "list", "--config", config)["standards"][0]["standard"] == STANDARD
    assert len(list((site / "house/schemas").iterdir())) == 1


def test_a_refusal_names_the_missing_file(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "set/xsd/xhund-typen.xsd").unlink()

    assert run(["--lang", "de", "schemas", "add", str(site / "set"), "--registry", str(site / "registry")]) == 1

    assert "xsd/xhund.xsd:4: xs:include xhund-typen.xsd" in capsys.readouterr().err


def test_a_registry_that_is_not_there_is_not_taken_for_an_empty_one(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--registry", str(site / "registri")]

    for words in (["list"], ["verify"], ["show", "x"], ["remove", "x"], ["diff", "x", "y"]):
        assert run(["--lang", "de", "schemas", *words, *at]) == 66
        assert "registri ist kein Ordner" in capsys.readouterr().err


def test_a_catalogue_that_is_not_there_is_said(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--registry", str(site / "registry"), "--catalog", str(site / "catalog.xml")]

    assert run(["--lang", "de", "schemas", "add", str(site / "set"), *at]) == 1

    assert "catalog.xml ist nicht lesbar: Datei oder Ordner gibt es nicht" in capsys.readouterr().err


def test_no_command_waits_for_xmlschema_that_does_not_need_it() -> None:
    loaded = "import sys, amtsbote.cli.entry; print('xmlschema' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True).stdout == b"False\n"

"""`amtsbote packages`: what there is, and whether it is what it says."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from schemas_for_tests import dog_tax, tree_felling

from amtsbote.cli.entry import run
from schemas.package import installed_packages
from schemas.registry import known_schemas
from schemas.standards.library import Library

MALES = ("ein-hund", "verein-zwei-hunde")


def call(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> Any:
    assert run([*map(str, words), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_what_comes_with_the_product_is_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    listed = [each["package"] for each in call(capsys, "packages", "list")["packages"]]
    assert {"baumfaellgenehmigung_1.0", "hundesteueranmeldung_1.0", "hundesteueranmeldung_1.1"} <= set(listed)
    shown = call(capsys, "packages", "show", "baumfaellgenehmigung")
    assert shown["schemas"][0]["facts"]["region"]["pattern"] == "[0-9]{12}"
    refusal = call(capsys, "packages", "show", "hundesteueranmeldung", code=66)["error"]
    assert "hundesteueranmeldung_1.1" in refusal["de"]

    assert run(["--lang", "de", "packages", "show", "hundesteueranmeldung_1.1"]) == 0
    told = capsys.readouterr().out
    assert "Leistung 99102013104000\n  Behördenrolle kka\n  Behördenrolle fin, im Gebiet 02\n" in told
    assert "region: Regionalschlüssel der Gemeinde" in told
    assert run(["--lang", "en", "packages", "list"]) == 0
    assert "Dog tax registration" in capsys.readouterr().out


def test_everything_that_comes_with_the_product_holds(capsys: pytest.CaptureFixture[str]) -> None:
    tried = call(capsys, "packages", "test")["packages"]
    assert len(tried) >= 3
    assert not any(tried.values())


def test_whatever_a_package_says_of_itself_and_does_not_hold_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(dog_tax("1.1").folder, tmp_path / "package"))
    (folder / "beschreibung.de.md").unlink()
    (folder / "samples" / "noch-eins.json").write_text("{}")
    declared = (folder / "service.toml").read_text("utf-8")
    declared = declared.replace('code = "JSON-FORMAT"', 'code = "JSON-TYPE"')
    declared = declared.replace('pointer = "/leistung"', 'pointer = "/leistungen"')
    declared = declared.replace('region = "02"\n', 'region = "02"\nwhen = "region=99*"\n')
    rule = '[[schemas.rules]]\nid = "HS-9"\ntest = "true()"\nde = "Nein."\nen = "No."\n\n'
    declared = declared.replace("[[schemas]]", f"{rule}[[schemas]]").replace(rule, "", 1)
    (folder / "service.toml").write_text(declared, "utf-8")
    wrong = (folder / "samples" / "ungueltig-geschlecht.xml").read_bytes()
    for valid in (folder / "samples").glob("gueltig-*.xml"):
        valid.write_bytes(wrong)
    stylesheet = folder / "mappings" / "von-1.0.xsl"
    stylesheet.write_text(stylesheet.read_text("utf-8").replace("maennlich", "ruede"), "utf-8")

    [found] = call(capsys, "packages", "test", folder, code=1)["packages"].values()

    xml, data = (ref.uri for ref in dog_tax("1.1").about.schemas)
    assert {(each["defect"], each["name"]) for each in found} == {
        ("no-description", "beschreibung.de.md"),
        ("undeclared", "samples/noch-eins.json"),
        ("verdict", "samples/ungueltig-datum.json"),
        ("verdict", "samples/gueltig-ein-hund.xml"),
        ("verdict", "samples/gueltig-verein-zwei-hunde.xml"),
        ("no-sample", xml),
        ("unbroken-rule", f"{xml} HS-9"),
        ("idle-routing", "region=99*"),
        *(("fact", f"{xml} {name}") for name in ("region", "service", "test")),
        ("fact", f"{data} service"),
        *((f"map{how}", f"mappings/{name}.1.0.xml") for how in ("ping", "ped-invalid") for name in MALES),
        *((f"map{how}", f"samples/gueltig-{name}.xml") for how in ("ping", "ped-invalid") for name in MALES),
    }
    [date] = [each for each in found if each["name"] == "samples/ungueltig-datum.json"]
    assert date["de"] == (
        "samples/ungueltig-datum.json: erwartet ist JSON-TYPE /hund/0/wurfdatum, "
        "geurteilt wurde JSON-FORMAT /hund/0/wurfdatum."
    )
    assert date["en"].endswith("the verdict was JSON-FORMAT /hund/0/wurfdatum.")


def test_a_mapping_that_comes_to_nothing_is_not_told_as_one_with_another_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(dog_tax("1.1").folder, tmp_path / "package"))
    stylesheet = folder / "mappings" / "von-1.0.xsl"
    start = '<xsl:template match="/alt:hundesteuer.anmeldung.0100">'
    stopped = stylesheet.read_text("utf-8").replace(start, f'{start}<xsl:message terminate="yes"/>')
    stylesheet.write_text(stopped, "utf-8")

    [found] = call(capsys, "packages", "test", folder, code=1)["packages"].values()

    told = next(each for each in found if each["name"] == "mappings/ein-hund.1.0.xml")
    assert told["defect"] == "unmapped"
    assert told["de"].endswith("Die Abbildung soll mappings/ein-hund.1.1.xml ergeben, und ergab nichts.")


def test_a_package_that_cannot_be_loaded_says_why_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(tree_felling().folder, tmp_path / "package"))
    declared = (folder / "service.toml").read_text("utf-8").replace("XSD-TYPE", "XSD-NEU")
    (folder / "service.toml").write_text(declared.replace("[title]", 'farbe="rot"\n[title]'), "utf-8")

    refused = call(capsys, "packages", "test", folder, code=1)["error"]

    assert "kein Befund hat den Code XSD-NEU" in refused["de"]
    assert "no finding has the code XSD-NEU" in refused["en"]
    assert "farbe" in refused["de"]
    assert "ist nicht lesbar" in call(capsys, "packages", "test", tmp_path, code=1)["error"]["de"]


def test_an_operators_own_package_is_listed_tried_and_known_to_the_installation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    assert run(["init", str(site)]) == 0
    own = Path(shutil.copytree(tree_felling().folder, site / "packages" / "heckenschnitt" / "2.0"))
    for file in own.rglob("*"):
        if file.suffix in {".toml", ".xsd", ".xml"}:
            text = file.read_bytes().replace(b"standard:baumfaellgenehmigung", b"standard:heckenschnitt")
            file.write_bytes(text.replace(b'"baumfaellgenehmigung"', b'"heckenschnitt"'))
    capsys.readouterr()

    config = ("--config", str(site / "amtsbote.toml"))
    listed = call(capsys, "packages", "list", *config)["packages"]
    assert [each["package"] for each in listed][-1] == "heckenschnitt_1.0"
    assert call(capsys, "packages", "show", "heckenschnitt", *config)["folder"] == str(own)
    assert call(capsys, "packages", "test", own)["packages"] == {"heckenschnitt_1.0": []}
    known = known_schemas(installed_packages(site / "packages"), Library(site / "schemas"))
    assert "urn:amtsbote:standard:heckenschnitt_1.0#baumfaellung.antrag.0100" in {ref.uri for ref in known}
    assert "heckenschnitt_1.0" not in {each["package"] for each in call(capsys, "packages", "list")["packages"]}

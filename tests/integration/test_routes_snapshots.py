"""Signed snapshots as operators use them: one node exports, anybody verifies, another node mirrors."""

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from snapshot_kit import published, signed

from amtsbote.cli.entry import run
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_database
from amtsbote.jose.jwk import public_jwk
from amtsbote.model.directory import Directory, KeyPurpose

TOWN = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
four_eyes = false
[[authorities]]
id = "amt"
tenant = "chemnitz"
name = "Grünflächenamt"
[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
SERVICE = "99093003001002"
TABLES = {
    "gebiete": '\ufeffars;ags;name;gueltig_ab;gueltig_bis\r\n146250020020;14625020;"Bautzen; Budyšin ""Stadt""";;\r\n',
    "leistungen": f"leistung;name\n{SERVICE};Baumfällgenehmigung\n",
    "rollen": f"leistung;rolle;gueltig_ab;gueltig_bis\n{SERVICE};gba;;\n",
    "zustaendigkeiten": "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;146250020020;amt;;\n",
}
OWN = "ars;ags;name;gueltig_ab;gueltig_bis\n146250020020;14625020;Bautzen;;\n"
LATER = "gba;14;amt;;"
Says = Callable[..., str]


@dataclass(frozen=True)
class Issuer:
    """A node that has exported two versions, one after the other, and the keys it publishes."""

    fresh: Path
    """An installation without tables, for another node."""
    first: Path
    second: Path
    keys: Path

    @property
    def address(self) -> str:
        return str(json.loads(self.first.read_text("utf-8"))["issuer"])


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    place = tmp_path_factory.mktemp("issuer")
    fresh, node = place / "fresh", place / "node"
    assert run(["init", str(fresh), "--json"]) == 0
    shutil.copytree(fresh, node)
    issuer = Issuer(fresh, place / "first.json", place / "second.json", published_keys(node))
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(node)
        applied(node)
        assert run(["routes", "export", str(issuer.first)]) == 0
        applied(node, leistungen=f"leistung;name\n{SERVICE};Bäume\n")
        assert run(["routes", "export", str(issuer.second)]) == 0
    return issuer


@pytest.fixture
def mirror(issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another node, in whose folder commands run; English."""
    monkeypatch.setenv("AMTSBOTE_LANG", "en")
    monkeypatch.setenv("AMTSBOTE__PUBLIC__URL", "https://mirror.example")
    shutil.copytree(issuer.fresh, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def says(mirror: Path, capsys: pytest.CaptureFixture[str]) -> Says:
    """What a command answers, told with the exit code it must have."""

    def said(*words: object, code: int = 0) -> str:
        capsys.readouterr()
        found = run([str(word) for word in words])
        output = capsys.readouterr()
        assert found == code, output
        return output.out + output.err

    return said


@pytest.fixture
def declared(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(issuer, monkeypatch)


def declare(issuer: Issuer, patched: pytest.MonkeyPatch) -> None:
    """From here on the installation mirrors that node."""
    patched.setenv("AMTSBOTE__MIRROR__ISSUER", issuer.address)
    patched.setenv("AMTSBOTE__MIRROR__KEYS", str(issuer.keys))


def released_for_later(says: Says) -> None:
    """A version for a day to come, with another rule."""
    Path("zustaendigkeiten.csv").write_text(f"{TABLES['zustaendigkeiten']}{LATER}\n", "utf-8")
    says("routes", "propose", "zustaendigkeiten.csv", "--reason", "später", "--effective", "2999-01-01")
    says("routes", "release", "1")


def applied(folder: Path, **changed: str) -> None:
    for name, rows in (TABLES | changed).items():
        (folder / f"{name}.csv").write_bytes(rows.encode())
    (folder / "town.toml").write_text(TOWN, "utf-8")
    assert run(["apply", "town.toml", "--yes"]) == 0


def published_keys(folder: Path) -> Path:
    """`jwks.json` of the node's routing API."""

    async def directory() -> Directory:
        store = open_database(Settings.load(folder / "amtsbote.toml"))
        try:
            return await store.read(lambda tx: tx.directory.load())
        finally:
            await store.close()

    keys = [key for key in asyncio.run(directory()).keys.values() if key.purpose is KeyPurpose.ADDRESSING]
    return as_file(folder / "jwks.json", [public_jwk(key.public, key.purpose) for key in keys])


def as_file(path: Path, keys: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"keys": keys}))
    return path


def test_what_is_exported_is_json_with_the_tables_as_they_were_written(issuer: Issuer, says: Says) -> None:
    content = json.loads(issuer.first.read_text("utf-8"))

    assert content["tables"] == TABLES
    assert (content["format"], content["version"]) == ("urn:amtsbote:routing-snapshot:1", 1)
    assert content["issuer"].endswith("/routing-api")
    said = says("routes", "verify", issuer.first, "--jwks", issuer.keys)
    assert f"Unchanged: version 1 of {content['issuer']}" in said
    told = json.loads(says("routes", "verify", issuer.first, "--jwks", issuer.keys, "--json"))
    assert (told["sha256"], told["digests"]) == (content["sha256"], content["digests"])


def test_nothing_is_overwritten_and_without_tables_there_is_nothing_to_export(issuer: Issuer, says: Says) -> None:
    before = issuer.first.read_bytes()

    assert str(issuer.first) in says("routes", "export", issuer.first, code=1)
    assert issuer.first.read_bytes() == before
    says("routes", "export", "none.json", code=66)
    assert not Path("none.json").exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("Budyšin", "Budysin", "The table gebiete has been changed"),
        (";gba;;", ";jga;;", "The table rollen has been changed"),
        ('"version": 1', '"version": 2', "The head of the file is not the one that was signed."),
        ('\n"rollen": ', '\n"rolle": ', "The table rollen has been changed or cut off, or is missing."),
        ("\n}}\n", '\n}, "tables": {}}\n', "Something follows the last signed table"),
        ("\n}}\n", "", "The table zustaendigkeiten has been changed or cut off"),
        ("snapshot:1", "snapshot:2", "The file has another format"),
        ('"tables":{', '"table":{', "This is no unchanged file"),
        ("{", "[", "This is no unchanged file"),
        ('"signature": "ey', '"signature": "fy', "This is no unchanged file"),
    ],
)
def test_every_change_is_found_and_named(issuer: Issuer, says: Says, old: str, new: str, sentence: str) -> None:
    text = issuer.first.read_bytes().decode()
    assert old in text
    Path("changed.json").write_bytes(text.replace(old, new, 1).encode())

    assert sentence in says("routes", "verify", "changed.json", "--jwks", issuer.keys, code=1)


def test_a_foreign_key_and_a_foreign_signature_are_refused(
    issuer: Issuer, says: Says, tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]
) -> None:
    [foreign] = published(rsa_key("root"))["keys"]
    [own] = json.loads(issuer.keys.read_text())["keys"]
    others = as_file(tmp_path / "others.json", [foreign])
    borrowed = as_file(tmp_path / "borrowed.json", [{**foreign, "kid": own["kid"]}])

    def refused(command: str, keys: Path) -> str:
        return says("routes", command, issuer.first, "--jwks", keys, code=1)

    assert f"Signed with {own['kid']}; this key is none" in refused("verify", others)
    assert "none of those that are believed" in refused("mirror", others)
    assert "The signature does not fit" in refused("verify", borrowed)
    assert "holds no keys" in refused("mirror", issuer.first)
    assert "cannot be read" in says("routes", "verify", "nothing", "--jwks", issuer.keys, code=66)


def test_what_another_node_has_signed_is_a_change_like_any_other(issuer: Issuer, mirror: Path, says: Says) -> None:
    def proposed(file: Path, *more: str, code: int = 0) -> str:
        return says("routes", "mirror", file, "--jwks", issuer.keys, *more, code=code)

    assert "zustaendigkeiten, line 2, column behoerde" in proposed(issuer.first, code=1)
    applied(mirror, gebiete=OWN)
    assert "Change set 1 is ready and not in force yet." in proposed(issuer.first)
    assert "ready already as change set 1" in proposed(issuer.first)
    assert says("routes", "show", "gebiete", "--csv") == OWN
    assert "Released as version 2" in says("routes", "release", "1")
    assert "taken over before, as version 2" in proposed(issuer.first)

    Path("changed.json").write_bytes(issuer.second.read_bytes().replace(b";gba;;", b";jga;;"))
    assert "The table rollen has been changed" in proposed(Path("changed.json"), code=1)
    assert "gebiete" not in proposed(issuer.second)
    says("routes", "release", "2")
    assert "older than version 2" in proposed(issuer.first, code=1)
    assert "Change set 3 is ready" in proposed(issuer.first, "--older")

    assert says("routes", "show", "leistungen", "--csv").endswith(";Bäume\n")
    versions = json.loads(says("routes", "versions", "--json"))["versions"]
    origins = [one["mirrored"] and (one["mirrored"]["issuer"], one["mirrored"]["version"]) for one in versions]
    assert origins == [(issuer.address, 2), (issuer.address, 1), None]


def test_a_tenant_that_wants_a_second_person_is_asked_before_a_snapshot_counts(
    issuer: Issuer, mirror: Path, says: Says
) -> None:
    applied(mirror, gebiete=OWN)
    (mirror / "careful.toml").write_text(TOWN.replace("four_eyes = false", "four_eyes = true"), "utf-8")
    says("apply", "careful.toml", "--yes")

    said = says("routes", "mirror", issuer.first, "--jwks", issuer.keys)
    assert "chemnitz" in said
    assert "A second person must release change set 1" in says("routes", "release", "1", code=1)
    assert says("routes", "show", "gebiete", "--csv") == OWN


def test_versions_released_for_later_are_told_and_keep_what_was_decided(
    issuer: Issuer, mirror: Path, says: Says
) -> None:
    applied(mirror, gebiete=OWN)
    released_for_later(says)

    assert "Released for later: version 2 (2999-01-01)" in says(
        "routes", "mirror", issuer.second, "--jwks", issuer.keys
    )
    assert json.loads(says("routes", "release", "2", "--json"))["carried"] == [2]
    assert says("routes", "show", "leistungen", "--csv").endswith(";Bäume\n")
    assert LATER in says("routes", "show", "zustaendigkeiten", "--csv", "--version", "4")
    assert says("routes", "show", "leistungen", "--csv", "--version", "4").endswith(";Bäume\n")


def test_an_older_snapshot_is_not_released_over_a_newer_one(issuer: Issuer, mirror: Path, says: Says) -> None:
    applied(mirror, gebiete=OWN)
    for file in (issuer.first, issuer.second):
        says("routes", "mirror", file, "--jwks", issuer.keys)
    says("routes", "release", "2")

    assert "older than version 2" in says("routes", "release", "1", code=1)


def test_a_declared_mirror_takes_over_what_is_newer_at_once_and_nothing_else(
    issuer: Issuer, mirror: Path, says: Says, declared: None
) -> None:
    """The tenant of these tables wants a second person: the signature stands for it."""
    (mirror / "town.toml").write_text(TOWN.partition("[routes]")[0].replace("four_eyes = false", ""), "utf-8")
    says("apply", "town.toml", "--yes")

    assert "taken over, as version 1" in says("routes", "mirror", issuer.first)
    assert "taken over before, as version 1" in says("routes", "mirror", issuer.first)
    assert "taken over, as version 2" in says("routes", "mirror", issuer.second)
    assert "older than version 2" in says("routes", "mirror", issuer.first, code=1)
    cut = issuer.second.read_bytes()
    for length in (0, len(cut) // 2, len(cut) - 2):
        Path("cut.json").write_bytes(cut[:length])
        says("routes", "mirror", "cut.json", code=1)
    assert says("routes", "show", "leistungen", "--csv").endswith(";Bäume\n")

    assert "taken over, as version 3" in says("routes", "mirror", issuer.first, "--older")
    versions = json.loads(says("routes", "versions", "--json"))["versions"]
    assert [one["author"] for one in versions] == [issuer.address] * 3
    assert versions[0]["releaser"].startswith("uid:")
    assert "routing.mirrored" in says("audit", "list", "--json")


def test_a_declared_mirror_believes_nobody_else(
    issuer: Issuer, says: Says, declared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--jwks does not count here" in says("routes", "mirror", issuer.first, "--jwks", issuer.keys, code=1)
    monkeypatch.setenv("AMTSBOTE__MIRROR__ISSUER", "https://other.example/routing-api")
    assert f"The file is of {issuer.address}" in says("routes", "mirror", issuer.first, code=1)
    monkeypatch.delenv("AMTSBOTE__MIRROR__ISSUER")
    monkeypatch.delenv("AMTSBOTE__MIRROR__KEYS")
    assert "Name --jwks FILE" in says("routes", "mirror", issuer.first, code=1)
    assert "Which file?" in says("routes", "mirror", "--jwks", issuer.keys, code=1)


def test_a_declared_mirror_has_no_tables_of_its_own_and_loses_none_silently(
    issuer: Issuer, mirror: Path, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(mirror, gebiete=OWN)
    released_for_later(says)
    says("routes", "propose", "zustaendigkeiten.csv", "--reason", "noch eine")
    declare(issuer, monkeypatch)

    refused = says("routes", "mirror", issuer.first, code=1)
    assert "2 (2999-01-01)" in refused
    assert "only with --replace" in refused
    assert json.loads(says("routes", "versions", "--json"))["total"] == 2
    for command in (
        ("routes", "propose", "zustaendigkeiten.csv", "--reason", "anders"),
        ("routes", "rollback", "1", "--effective", "2999-01-01", "--reason", "zurück"),
        ("routes", "release", "2"),
    ):
        assert f"mirrors the routing tables of {issuer.address}" in says(*command, code=1)
    Path("leistungen.csv").write_text(f"leistung;name\n{SERVICE};Anders\n", "utf-8")
    assert "mirrors the routing tables of" in says("apply", "town.toml", "--yes", code=1)

    assert "no longer in force: version 1" in says("routes", "mirror", issuer.first, "--replace")
    listed = json.loads(says("routes", "versions", "--json"))["versions"]
    assert [one["standing"] for one in listed] == ["in-force", "past", "past"]
    assert "2999-01-01" in says("audit", "list", "--json")


def test_a_node_does_not_mirror_itself(issuer: Issuer, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMTSBOTE__PUBLIC__URL")

    assert "of this node itself" in says("routes", "mirror", issuer.first, "--jwks", issuer.keys, code=1)


def test_a_version_with_two_contents_is_refused(
    issuer: Issuer, mirror: Path, says: Says, rsa_key: Callable[[str], RSAPrivateKey]
) -> None:
    """The issuer was brought back from a backup and has given the number again."""
    key = rsa_key("root")
    (mirror / "keys.json").write_text(json.dumps(published(key)))
    applied(mirror)

    def taken(tables: dict[str, str], code: int) -> str:
        contents = {name: text.encode() for name, text in tables.items()}
        Path("signed.json").write_bytes(signed(key, contents, 1))
        return says("routes", "mirror", "signed.json", "--jwks", "keys.json", code=code)

    assert "Change set 1 is ready" in taken({**TABLES, "leistungen": f"leistung;name\n{SERVICE};Neu\n"}, 0)
    says("routes", "release", "1")
    assert "with other content" in taken({**TABLES, "leistungen": f"leistung;name\n{SERVICE};Anders\n"}, 1)

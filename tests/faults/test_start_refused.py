"""What must not start does not start: one sentence in each language, an exit code, and nothing is touched. And a bit
that has flipped in a stored part stops its own message alone."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from application_kit import Application, Enclosure
from broker_kit import broker_at
from installation_kit import CHEMNITZ
from portal_kit import waited_for
from thoroughly import thorough

SOON = {"WORK__FIRST_RETRY": "PT0.1S", "WORK__LONGEST_RETRY": "PT0.3S", "WORK__ATTEMPTS": "1000"}
LARGE = Enclosure(b"\xff\xd8\xff" + bytes(range(256)) * 4000, "photo.jpg", "image/jpeg")


def no_key(site: Path) -> None:
    (site / "master.key").unlink()


def key_of_another(site: Path) -> None:
    (site / "master.key").write_text("7" * 64 + "\n", "ascii")


def newer_database(site: Path) -> None:
    with sqlite3.connect(site / "data" / "amtsbote.db") as database:
        database.execute("INSERT INTO schema_version (number, name) VALUES (900, 'of the year after next')")
    database.close()


@pytest.mark.parametrize(
    ("spoil", "de", "en"),
    [
        (no_key, "master.key", "cannot be read"),
        (key_of_another, "Hauptschlüssel", "master key"),
        (newer_database, "neuer als dieses Programm", "newer than this program"),
    ],
)
def test_an_installation_that_must_not_start_says_why_and_is_left_alone(
    shared_folder: Path, tmp_path: Path, spoil: Callable[[Path], None], de: str, en: str
) -> None:
    with broker_at(tmp_path, shared_folder, started=False) as broker:
        spoil(tmp_path / "site")
        before = _content(tmp_path / "site")

        for language, words in (("de", de), ("en", en)):
            done = broker.installation.command("--lang", language, "serve")
            assert done.returncode == 1, done.stderr
            said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
            assert len(said) == 1, done.stderr
            assert words in said[0]
        assert _content(tmp_path / "site") == before


def _content(site: Path) -> dict[str, bytes]:
    files = (path for path in site.rglob("*") if path.is_file() and path.suffix not in {".lock", ".db-wal", ".db-shm"})
    return {str(path): path.read_bytes() for path in files}


@thorough
def test_a_bit_that_flipped_before_the_delivery_holds_its_message_and_no_other(
    shared_folder: Path, tmp_path: Path
) -> None:
    with broker_at(tmp_path, shared_folder, started=True, **SOON) as broker:
        portal, place = broker.portal(), broker.installation
        away = place.folder / "away"
        place.target("chemnitz").rename(away)
        spoilt = portal.send(Application(CHEMNITZ, enclosures=(LARGE,)))
        parts = place.folder / "site" / "data" / "parts"
        waited_for(lambda: broker.delivered(spoilt.submission, "archive") or None, "the copy")
        [file] = parts.rglob("*.part")
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        good = portal.send(Application(CHEMNITZ, enclosures=(LARGE,)))

        away.rename(place.target("chemnitz"))

        portal.ends_with(good, "accept-submission")
        waited_for(lambda: True if broker.dead_letters() == 1 else None, "a dead letter")
        shown = place.good("submissions", "show", spoilt.submission, "--json")
        assert shown["submission"]["state"] == "held"
        assert [letter["reason"] for letter in shown["deadletters"]] == ["part-damaged"]
        assert broker.delivered(spoilt.submission) == []
        assert len(broker.delivered(good.submission)) == 1

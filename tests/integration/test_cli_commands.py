"""The command line as an operator calls it: processes, exit codes, both languages, JSON."""

import asyncio
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chains_for_tests import Wish, as_pem, issue
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import trusted_root, write_private
from patience import PATIENCE
from store_samples import NOON, a_message

from amtsbote.admin.commands import COMMANDS
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.admin.opening import at_the_office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.socket import admin_socket
from amtsbote.cli.entry import run
from amtsbote.cli.reference import reference
from amtsbote.daemon.composition import utc_now
from amtsbote.daemon.settings import Settings
from amtsbote.keys.vault import Vault
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.ids import DeadLetterId, MessageId, TenantId
from amtsbote.store import FolderLock, SqliteStore

ROOT = Path(__file__).resolve().parents[2]
AMTSBOTE = (sys.executable, "-c", "from amtsbote.cli import main; main()")
TENANT = '[[tenants]]\nid = "chemnitz"\nname = "Stadt Chemnitz"\nland = "14"\n'
WITH_CLIENT = TENANT + '[[tenants.clients]]\nid = "software"\n'


def amtsbote(*words: str | Path, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A fresh process without any locale of this machine."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PATH", "COV", "PYTHONPATH"))}
    return subprocess.run(
        [*AMTSBOTE, *map(str, words)],
        cwd=cwd,
        env=kept | {"PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation nobody has used; copied for every test."""
    folder = tmp_path_factory.mktemp("fresh") / "bote"
    assert run(["init", str(folder), "--json"]) == 0
    return folder


@pytest.fixture
def site(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an installation, in which commands run; English."""
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AMTSBOTE_LANG", "en")
    monkeypatch.delenv("AMTSBOTE_CONFIG", raising=False)
    return tmp_path


def declare(site: Path, text: str) -> str:
    (site / "town.toml").write_text(text, "utf-8")
    return "town.toml"


@contextmanager
def a_daemon(site: Path) -> Iterator[list[int]]:
    """An office behind the admin socket and the folder lock, as the daemon has it. Yields what it was told."""
    settings = Settings.load(site / "amtsbote.toml")
    ready, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    told: list[int] = []

    async def serving() -> None:
        loops.append(asyncio.get_running_loop())
        store = SqliteStore.open(settings.storage.folder, readers=1)

        async def changed() -> None:
            told.append(await store.read(lambda tx: tx.directory.revision()))

        office = Office(store, Vault(bytes(32)), (), frozenset, {}, utc_now, changed)
        async with admin_socket(office, settings.admin.socket):
            ready.set()
            await stop.wait()
        await store.close()

    with FolderLock.take(settings.storage.folder):
        thread = threading.Thread(target=asyncio.run, args=(serving(),))
        thread.start()
        assert ready.wait(PATIENCE)
        try:
            yield told
        finally:
            loops[0].call_soon_threadsafe(stop.set)
            thread.join()


def fill(site: Path) -> None:
    """Two submissions, one of them a Klärungsfall, one with a name that a terminal would obey."""

    async def filling() -> None:
        store = SqliteStore.open(site / "data", readers=1)
        letter = DeadLetter(
            DeadLetterId("l"), MessageId("m1"), None, TenantId("t1"), Reason.NOBODY_COMPETENT, {"version": "3"}, NOON
        )
        hostile = a_message("m2", service_name="\x1b[2J\u202eevil", created_at=NOON + timedelta(hours=1))
        await store.write(lambda tx: tx.messages.add(a_message("m1"), None))
        await store.write(lambda tx: tx.messages.add(hostile, None))
        await store.write(lambda tx: tx.deadletters.open(letter))
        await store.close()

    asyncio.run(filling())


# as a process


def test_the_whole_beginning_works_as_processes(tmp_path: Path) -> None:
    made = amtsbote("init", "bote", cwd=tmp_path, LANG="de_DE.UTF-8")
    assert made.returncode == 0, made.stderr
    assert "Nächste Schritte" in made.stdout
    site = tmp_path / "bote"
    declare(site, WITH_CLIENT)
    applied = amtsbote("apply", "town.toml", "--yes", cwd=site)
    assert applied.returncode == 0, applied.stderr
    assert "+ Tenant chemnitz (new)" in applied.stdout
    assert (site / "secrets" / "software.secret").exists()
    listed = amtsbote("submissions", "list", "--json", cwd=tmp_path, AMTSBOTE_CONFIG=str(site / "amtsbote.toml"))
    assert json.loads(listed.stdout) == {"total": 0, "offset": 0, "submissions": []}


def test_a_reader_that_goes_away_is_no_traceback(site: Path) -> None:
    command = f"{sys.executable} -c 'from amtsbote.cli import main; main()' --help | head -c 1"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr


# in this process


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["version"], 0),
        ([], 0),
        (["--help"], 0),
        (["submissions", "--help"], 0),
        (["nonsense"], 64),
        (["apply"], 64),
        (["submissions"], 64),
        (["submissions", "list", "--state", "nonsense"], 64),
        (["submissions", "list", "--limit", "0"], 64),
        (["--lang", "fr", "version"], 64),
        (["--nonsense"], 64),
        (["submissions", "show", "nobody"], 66),
        (["submissions", "trace", "nobody"], 66),
        (["submissions", "list", "--config", "nothing.toml"], 1),
        (["apply", "nothing.toml"], 1),
        (["init", "."], 1),
    ],
)
def test_exit_codes_are_as_documented(
    site: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    assert run(words) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert bool(said.err) == (code != 0)


@pytest.mark.parametrize("words", [["submissions", "show", "nobody"], ["apply", "nothing.toml"], ["init", "."]])
def test_a_refusal_is_one_json_document_when_asked_for(
    site: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run([*words, "--json"]) in {1, 66}
    said = capsys.readouterr()
    refusal = json.loads(said.out)["error"]
    assert {"code", "de", "en"} <= refusal.keys()
    assert said.err == ""


USAGE = [
    (["nonsense"], "Möglich: init, serve"),
    (["submissions"], "Möglich: list, show, trace, send."),
    (["apply"], "„file“ fehlt"),
    (["apply", "--foo"], "Die Option --foo gibt es nicht."),
    (["version", "--jso"], "Ist --json gemeint?"),
    (["apply", "a", "b"], "mehr Angaben"),
    (["submissions", "list", "--state", "nonsense"], "„--state“: Möglich ist nur: 'announced', 'submitted',"),
    (["submissions", "list", "--limit", "0"], "„--limit“: Möglich ist 1 und mehr."),
    (["submissions", "list", "--limit", "a"], "„--limit“: Hier wird eine ganze Zahl erwartet."),
    (["submissions", "list", "--limit"], "Bei --limit fehlt der Wert"),
    (["submissions", "list", "--json=3"], "--json nimmt keinen"),
    (["init", "a", "--listen"], "Bei --listen fehlt der Wert"),
]


@pytest.mark.parametrize(("words", "sentence"), USAGE)
def test_wrong_usage_is_said_in_german_and_keeps_the_names(
    site: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert run(["--lang", "de", *words]) == 64
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    english = ("such", "Missing", "Invalid", "Got ", "requires", "Input", "Value", "option ")
    assert not [word for word in english if word in said.err]


@pytest.mark.parametrize("words", [words for words, _ in USAGE])
def test_wrong_usage_is_one_json_document_when_asked_for(
    site: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run([words[0], "--json", *words[1:]] if len(words) > 1 else [*words, "--json"]) == 64
    said = capsys.readouterr()
    refusal = json.loads(said.out)["error"]
    assert refusal["code"] == "usage"
    assert refusal["de"].startswith("Falscher Aufruf: ")
    assert refusal["en"].startswith("Wrong usage: ")
    assert said.err == ""


def test_both_languages_are_spoken(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["--lang", "de", "submissions", "show", "x"])
    run(["--lang=en", "submissions", "show", "x"])
    assert capsys.readouterr().err == "Fehler: Die Einreichung x gibt es nicht.\nError: There is no submission x.\n"


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_help_shows_a_key_of_the_catalogue(site: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    for words in ([], ["init"], ["serve"], ["apply"], ["submissions"], ["submissions", "list"], ["version"]):
        run(["--lang", language, *words, "--help"])
    shown = capsys.readouterr().out
    assert not re.findall(r"help\.[a-z]", shown)
    assert ("Diese Hilfe zeigen." in shown) == (language == "de")


def test_the_reference_page_is_current() -> None:
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == reference()


def test_a_dry_run_changes_nothing_and_makes_no_secret(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", declare(site, WITH_CLIENT), "--dry-run"]) == 0
    assert "2 new, 0 changed, 0 removed." in capsys.readouterr().out
    assert not (site / "secrets").exists()
    assert run(["apply", "town.toml", "--dry-run", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["changes"]) == 2


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_without_a_person_and_without_yes_nothing_is_applied(
    site: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run(["apply", declare(site, WITH_CLIENT), *words]) == 5
    capsys.readouterr()
    assert run(["apply", "town.toml", "--dry-run", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["changes"]) == 2
    assert not (site / "secrets").exists()


@pytest.mark.parametrize(("typed", "code", "found"), [(b"y\n", 0, 0), (b"n\n", 5, 2), (b"\x04", 130, 2)])
def test_a_person_is_asked(site: Path, capsys: pytest.CaptureFixture[str], typed: bytes, code: int, found: int) -> None:
    declare(site, WITH_CLIENT)
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [*AMTSBOTE, "apply", "town.toml"],
        cwd=site, env=os.environ | {"PYTHONPATH": str(ROOT), "AMTSBOTE_LANG": "en"},
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    os.write(terminal, typed)
    said, _ = process.communicate(timeout=PATIENCE)
    os.close(theirs)
    os.close(terminal)
    assert process.returncode == code, said
    assert "Apply?" in said
    run(["apply", "town.toml", "--dry-run", "--json"])
    assert len(json.loads(capsys.readouterr().out)["changes"]) == found


def test_applying_twice_says_that_there_is_nothing_to_do(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", declare(site, WITH_CLIENT), "--yes"]) == 0
    secret = (site / "secrets" / "software.secret").read_text()
    said = capsys.readouterr().out
    assert "secrets/software.secret" in said
    assert secret.strip() not in said
    assert run(["apply", "town.toml", "--yes"]) == 0
    assert capsys.readouterr().out == "Nothing to change.\n"
    assert (site / "secrets" / "software.secret").read_text() == secret


def test_every_mistake_of_a_declaration_is_said_in_its_place(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "de", "apply", declare(site, TENANT.replace("land", "lnd"))]) == 1
    said = capsys.readouterr().err
    assert "Fehler: town.toml wird nicht übernommen: 2 Fehler." in said
    assert "Zeile 4, [[tenants]] #1 · lnd: Diese Angabe gibt es hier nicht. Ist „land“ gemeint?" in said

    target = '[[targets]]\nid = "t"\ntenant = "chemnitz"\nadapter = "foldr"\n'
    assert run(["--lang", "de", "apply", declare(site, TENANT + target)]) == 1
    assert "Zeile 5, [[targets]] #1: Den Adapter „foldr“ gibt es nicht." in capsys.readouterr().err


def test_what_comes_from_outside_cannot_steer_the_terminal(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(site)
    assert run(["submissions", "list"]) == 0
    shown = capsys.readouterr().out
    assert "evil" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_dead_letter_says_what_to_do(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(site)
    assert run(["--lang", "de", "submissions", "show", "m1"]) == 0
    shown = capsys.readouterr().out
    assert "keine Behörde eingetragen" in shown
    assert "amtsbote apply" in shown
    assert run(["--lang", "de", "submissions", "trace", "m1"]) == 0
    assert "Noch kein Schritt" in capsys.readouterr().out


def test_without_a_daemon_the_actor_is_whoever_calls(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def remember(_: Office, actor: str, __: Any) -> dict[str, Any]:
        seen.append(actor)
        return {}

    monkeypatch.setitem(COMMANDS, "remember", remember)
    monkeypatch.setattr("amtsbote.admin.opening.geteuid", lambda: 4242)
    with at_the_office(Settings.load(site / "amtsbote.toml")) as ask:
        ask("remember", {})
    assert seen == ["uid:4242"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_who_may_not_open_the_database_is_told_that_the_service_is_not_running(site: Path) -> None:
    settings = Settings.load(site / "amtsbote.toml")
    absent = settings.admin.model_copy(update={"socket": Path("/run/no-such-service/admin.sock")})
    os.seteuid(65534)
    try:
        with pytest.raises(CommandRefused) as refused, at_the_office(settings.model_copy(update={"admin": absent})):
            pass
    finally:
        os.seteuid(0)

    assert refused.value.code == "no-answer"
    assert refused.value.de.startswith("Unter /run/no-such-service/admin.sock antwortet kein Dienst")
    assert "amtsbote init" not in refused.value.de


def test_where_nothing_is_a_service_that_is_down_is_thought_of_before_a_new_installation(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (Settings.load(site / "amtsbote.toml").storage.folder / "amtsbote.db").unlink()

    assert run(["--lang", "de", "routes", "drafts"]) == 1
    told = capsys.readouterr().err
    assert "antwortet kein Dienst" in told
    assert told.index("bitte starten") < told.index("amtsbote init")


# with a daemon, or something in its place


def test_a_running_daemon_does_the_work_and_knows_at_once(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with a_daemon(site) as told:
        assert run(["apply", declare(site, TENANT), "--yes", "--json"]) == 0
        done: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert told == [done["recorded"]["revision"]]
        assert run(["submissions", "show", "nobody"]) == 66


def test_a_refusal_of_the_daemon_is_in_the_language_of_the_caller(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_daemon(site):
        target = '[[targets]]\nid = "t"\ntenant = "nobody"\nadapter = "folder"\n'
        assert run(["--lang", "de", "apply", declare(site, target)]) == 1
    said = capsys.readouterr().err
    assert "Mandant „nobody“ gibt es weder hier noch in der Installation" in said


def test_a_held_folder_without_a_daemon_has_its_own_exit_code(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FolderLock.take(site / "data"):
        assert run(["submissions", "list"]) == 75
    assert str(os.getpid()) in capsys.readouterr().err


def test_a_folder_without_a_database_says_what_to_do_first(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(site / "data")
    assert run(["submissions", "list"]) == 1
    assert "amtsbote init" in capsys.readouterr().err
    assert not (site / "data").exists()


def test_an_unexpected_error_is_one_sentence(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amtsbote.cli.version.__version__", property)
    monkeypatch.setattr("amtsbote.cli.version.platform", None)
    assert run(["version"]) == 70
    assert capsys.readouterr().err.startswith("Unexpected error (AttributeError).")
    assert run(["version", "--json"]) == 70
    refusal = json.loads(capsys.readouterr().out)["error"]
    assert refusal["code"] == "unexpected"
    assert "AttributeError" in refusal["de"]
    monkeypatch.setenv("AMTSBOTE_TRACEBACK", "1")
    run(["version"])
    assert "Traceback" in capsys.readouterr().err


# the example


def test_the_example_declaration_can_be_applied(
    tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    keys = tmp_path / "config" / "keys"
    keys.mkdir()
    root = trusted_root(rsa_key).but(end=utc_now() + timedelta(days=1))
    (keys / "root.pem").write_bytes(as_pem(issue([root])))
    for name in re.findall(r"keys/([a-z-]+)\.pem", (ROOT / "config" / "declaration.example.toml").read_text("utf-8")):
        uses = frozenset({"key_encipherment"} if name.endswith("encryption") else {"digital_signature"})
        leaf = Wish(name, rsa_key(name), uses, end=utc_now() + timedelta(days=1))
        (keys / f"{name}.pem").write_bytes(as_pem(issue([leaf, root])))
        write_private(keys / f"{name}.key", rsa_key(name))
    monkeypatch.chdir(tmp_path)
    assert run(["init", "bote", "--trust-anchor", str(keys / "root.pem")]) == 0
    assert run(["apply", "config/declaration.example.toml", "--yes", "--config", "bote/amtsbote.toml"]) == 0


def test_nobody_has_to_be_told_without_a_daemon() -> None:
    assert asyncio.run(nobody_to_tell()) is None

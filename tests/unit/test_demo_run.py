"""How a run of the demonstration ends: well, at a step, by a signal; and never with a child left running."""

import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from demo_people import demo_people
from processes_for_tests import ends_within

from amtsbote.demo.certificates import PORTAL_SIGNING, ROOT
from amtsbote.demo.declaration import CLIENT
from amtsbote.demo.entry import run
from amtsbote.demo.failure import StepFailed
from amtsbote.demo.interruption import Stopped, signals_stop, signals_wait
from amtsbote.demo.portal import PortalSettings
from amtsbote.demo.processes import Children, PortalFailed, PortalProcess, command, environment
from amtsbote.demo.stage import Stage, wait_for
from amtsbote.demo.steps import Step

FOREVER = (sys.executable, "-c", "import signal; signal.pause()")
DEAF = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()",
)


def nothing(stage: Stage) -> None:
    assert stage.layout.root.is_dir()


def not_held(stage: Stage) -> None:
    raise StepFailed("demo.failed.findings", count=len(stage.portals))


def broken(stage: Stage) -> None:
    raise ZeroDivisionError(f"{stage.layout.root.name}\nsecond line")


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def play(folder: Path, *steps: Step, options: Sequence[str] = ("--once", "--lang", "en")) -> int:
    return run([*options, "--folder", str(folder)], steps)


def test_every_step_that_holds_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(tmp_path / "demo", Step("route", nothing), Step("key", nothing)) == 0
    assert re.fullmatch(r"demo ok steps=2 seconds=\d+\.\d", last_line(capsys))
    assert not (tmp_path / "demo").exists()


def test_keep_keeps_the_folder(tmp_path: Path) -> None:
    assert play(tmp_path / "demo", Step("route", nothing), options=("--once", "--keep")) == 0
    assert (tmp_path / "demo" / "chemnitz").exists()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "Zwei Befunde waren zu erwarten, es sind 0."), ("en", "Two findings were to be expected, there are 0.")],
)
def test_a_step_that_does_not_hold_is_named_and_no_further_one_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, sentence: str
) -> None:
    steps = (Step("route", nothing), Step("key", not_held), Step("send", broken))
    assert play(tmp_path / "demo", *steps, options=("--once", "--lang", language)) == 1
    assert last_line(capsys) == f"demo failed step=2 name=key: {sentence}"
    assert (tmp_path / "demo").exists(), "the folder stays for looking at"


def test_an_unexpected_error_is_one_line_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(tmp_path / "demo", Step("init", broken)) == 1
    expected = "demo failed step=1 name=init: Unexpected error ZeroDivisionError: demo second line"
    assert last_line(capsys) == expected


def test_a_folder_of_somebody_else_ends_the_run_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play(tmp_path, Step("route", nothing), options=("--once", "--lang", "de")) == 1
    assert last_line(capsys).startswith(f"demo failed: {tmp_path} gibt es schon")


@pytest.mark.parametrize(("arguments", "word"), [(("--lang", "de"), "Datenordner"), (("--lang=en",), "Data folder")])
def test_help_speaks_the_chosen_language(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], word: str
) -> None:
    with pytest.raises(SystemExit):
        run([*arguments, "--help"])
    assert word in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("--lang", "fr"), ("--lang",), ("--once", "more")])
def test_arguments_that_are_not_known_are_a_usage_error(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_a_step_stops_the_children_and_shows_in_the_exit_code(
    tmp_path: Path, signum: signal.Signals
) -> None:
    started: list[int] = []

    def interrupted(stage: Stage) -> None:
        started.append(stage.children.start("sleeper", FOREVER).pid)
        signal.raise_signal(signum)

    before = signal.getsignal(signum)
    assert play(tmp_path / "demo", Step("serve", interrupted)) == 128 + signum
    assert ends_within(started[0], 0)
    assert signal.getsignal(signum) is before


def test_children_end_when_a_step_fails(tmp_path: Path) -> None:
    started: list[int] = []

    def failing(stage: Stage) -> None:
        started.append(stage.children.start("sleeper", FOREVER).pid)
        broken(stage)

    assert play(tmp_path / "demo", Step("serve", failing)) == 1
    assert ends_within(started[0], 0)


def test_a_broker_that_ends_by_itself_ends_the_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(stage: Stage) -> None:
        stage.broker = stage.children.start("broker", (sys.executable, "-c", "raise SystemExit(7)"))

    assert play(tmp_path / "demo", Step("serve", serve), options=("--lang", "en")) == 1
    assert last_line(capsys).startswith("demo failed: The service ended with 7")


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    with Children(tmp_path, "en", stop_seconds=0.01) as children:
        stdout = children.listen("deaf", DEAF)
        with stdout:
            assert stdout.readline() == b"deaf\n"
        child = children.start("sleeper", FOREVER)
    assert ends_within(child.pid, 0)


def test_a_child_does_not_share_the_terminals_signals(tmp_path: Path) -> None:
    with Children(tmp_path, "en") as children:
        child = children.start("sleeper", FOREVER)
        assert os.getsid(child.pid) != os.getsid(0)


def test_a_signal_during_a_start_takes_effect_after_it() -> None:
    done = []

    def start() -> None:
        with signals_wait():
            signal.raise_signal(signal.SIGTERM)
            done.append("started")
        done.append("never")

    with signals_stop(), pytest.raises(Stopped):
        start()
    assert done == ["started"]


def test_settings_meant_for_another_installation_do_not_reach_the_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMTSBOTE__PUBLIC__LISTEN", "0.0.0.0:1")
    monkeypatch.setenv("AMTSBOTE_CONFIG", "/elsewhere")
    seen = {name: value for name, value in environment("de").items() if name.startswith("AMTSBOTE")}
    assert seen == {"AMTSBOTE_LANG": "de", "AMTSBOTE__WORK__COLLECT_INTERVAL": "PT0.5S"}


def test_a_command_that_fails_is_quoted_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(StepFailed) as failed:
        command("en", "submissions", "list", "--config", str(tmp_path / "none.toml"))
    assert "`amtsbote submissions list --config" in failed.value.sentence("en")
    assert "none.toml" in failed.value.sentence("de").rpartition("endete mit")[2]


def test_what_does_not_come_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amtsbote.demo.stage.PATIENCE", 0.01)
    with pytest.raises(StepFailed, match="event log is empty"):
        wait_for(lambda: None, "demo.failed.no-events")


def portal_settings(folder: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> Path:
    """Of a portal whose broker is not there."""
    people = demo_people(rsa_key, datetime.now(UTC))
    (folder / "secret").write_text("secret\n")
    people[PORTAL_SIGNING].write_key(folder / "key")
    people[ROOT].write_chain(folder / "root.pem")
    settings = PortalSettings(
        broker="http://127.0.0.1:9",
        client_id=CLIENT,
        secret_file=folder / "secret",
        signing_key=folder / "key",
        trust_anchor=folder / "root.pem",
        outbox=folder / "sent",
        reply_key=folder / "key",
        cases=folder / "cases",
        mailbox=folder / "mailbox",
    )
    (folder / "portal.json").write_text(settings.model_dump_json())
    return folder / "portal.json"


def test_a_portal_that_reaches_nobody_says_so_in_both_languages(
    tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]
) -> None:
    settings = portal_settings(tmp_path, rsa_key)
    with Children(tmp_path, "en") as children, pytest.raises(PortalFailed) as failed:
        PortalProcess(children, settings, "oak").said("route")
    assert failed.value.sentence("de").startswith("127.0.0.1 ist nicht erreichbar")
    assert failed.value.sentence("en").startswith("127.0.0.1 cannot be reached")


def test_a_portal_that_breaks_is_named_with_its_log(tmp_path: Path) -> None:
    with Children(tmp_path, "en") as children, pytest.raises(StepFailed) as failed:
        PortalProcess(children, tmp_path / "none.json", "oak").said("route")
    assert str(tmp_path / "portal-oak.log") in failed.value.sentence("en")
    assert "none.json" in (tmp_path / "portal-oak.log").read_text()

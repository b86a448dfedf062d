"""The demonstration as people start it: it ends well, it notices a single wrong byte, and it leaves nothing running."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import demo_tampering
from patience import PATIENCE
from processes_for_tests import ends_within

from amtsbote.demo.processes import command

DEMO = (sys.executable, "-m", "amtsbote.demo")
TAMPERED = (sys.executable, demo_tampering.__file__)
ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "LC_ALL": "C.UTF-8"}


def played(words: tuple[str, ...], folder: Path) -> tuple[int, str, str]:
    """Exit code, everything printed, and its last line."""
    done = subprocess.run(
        [*words, "--once", "--folder", str(folder)],
        env=environment(),
        cwd=folder.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout, done.stdout.splitlines()[-1]


def test_the_case_from_hamburg_to_chemnitz_ends_well(tmp_path: Path) -> None:
    code, output, last = played((*DEMO, "--lang", "de"), tmp_path / "demo")

    assert code == 0, output
    assert re.fullmatch(r"demo ok steps=13 seconds=\d+\.\d", last)
    for seen in (
        "accept-submission",
        "accept-reply",
        "angenommen",
        "reject-submission",
        "XSD-TYPE",
        "XSD-ENUMERATION",
        "zurückgewiesen",
    ):
        assert seen in output
    assert not (tmp_path / "demo").exists()


def test_a_flipped_bit_in_chemnitz_fails_the_step_that_compares(tmp_path: Path) -> None:
    code, output, last = played((*TAMPERED, "delivered", "--lang", "en"), tmp_path / "demo")

    assert code == 1, output
    assert last.startswith("demo failed step=8 name=delivered: ")
    assert "anlage-01.png is not equal to what was sent" in last
    assert (tmp_path / "demo" / "logs" / "broker.log").exists(), "the folder stays for looking at"


def test_a_letter_changed_on_the_way_to_the_broker_fails_the_delivery(tmp_path: Path) -> None:
    code, output, last = played((*TAMPERED, "sent", "--lang", "de"), tmp_path / "demo")

    assert code == 1, output
    assert last.startswith("demo failed step=8 name=delivered: ")
    assert "nicht angekommen" in last
    assert [path.name for path in (tmp_path / "demo" / "chemnitz" / "eingang").glob("[!.]*")] == ["antworten"]
    config = ("--config", str(tmp_path / "demo" / "broker" / "amtsbote.toml"))
    listed = json.loads(command("en", "submissions", "list", "--json", *config))
    assert [one["state"] for one in listed["submissions"]] == ["rejected"]


@contextmanager
def standing(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A demonstration that has played everything and now waits, with what it printed."""
    words = [*DEMO, "--lang", "en", "--folder", str(folder)]
    demo = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, encoding="utf-8")
    assert demo.stdout is not None
    printed = []
    try:
        for line in demo.stdout:
            printed.append(line)
            if "Ctrl-C" in line:
                break
        yield demo, "".join(printed)
    finally:
        demo.terminate()  # not killed: it stops the broker
        demo.wait(PATIENCE)
        demo.stdout.close()


def broker_of(printed: str) -> int:
    found = re.search(r"process +(\d+)", printed)
    assert found is not None, printed
    return int(found[1])


def test_without_once_the_broker_stays_until_it_is_interrupted(tmp_path: Path) -> None:
    with standing(tmp_path / "demo") as (demo, printed):
        assert re.search(r"^demo ok steps=13 seconds=", printed, re.MULTILINE), printed
        health = re.search(r"curl -s (http://\S+/readyz)", printed)
        assert health is not None
        with urllib.request.urlopen(health[1], timeout=PATIENCE) as answer:  # noqa: S310  (an address on this machine)
            assert answer.status == 200
        os.kill(broker_of(printed), 0)
        demo.send_signal(signal.SIGINT)

        assert demo.wait(PATIENCE) == 0
        assert ends_within(broker_of(printed), 0)
    assert list((tmp_path / "demo" / "chemnitz" / "eingang").glob("*/fertig"))

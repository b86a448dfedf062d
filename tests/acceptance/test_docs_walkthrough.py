"""The commands of the handbook, of the pages for portals and of the tutorial, run in order as a reader would."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amtsbote.api.envelope import Trust
from amtsbote.jose.certificates import certified_key, read_chain
from amtsbote.jose.jwk import thumbprint
from amtsbote.model.content import SignatureVerdict
from transport.fitconnect.metadata import SignatureEntry
from transport.fitconnect.portal_signature import check_signature

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "schemas/packages/baumfaellgenehmigung/1.0/samples/gueltig-kleinster-antrag.xml"
TOOLS = ("openssl", "curl", "jq", "uuidgen")
SERVE = ("amtsbote --lang de serve", "amtsbote serve")
WALKED = ("betrieb/erste-schritte.md", "portal.md", "tutorial.md", "quickstart-portal.md")
EDITING = "editing.md"
STOP = "<!-- test: stop the service -->"

pytestmark = [
    pytest.mark.timeout(600),  # they make many keys, on machines that are busy with other tests
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in TOOLS) and "CI" not in os.environ,
        reason="needs openssl, curl, jq and uuidgen",
    ),
]


def shell_blocks(page: str) -> list[str]:
    """The commands of the page in order; where it tells to stop the service, `STOP`."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    found = re.findall(rf"^```sh\n(.*?)^```$|^({re.escape(STOP)})$", text, re.DOTALL | re.MULTILINE)
    return [block or stop for block, stop in found]


def as_run(block: str) -> str:
    """What the reader does in the window of the service."""
    if block == STOP:
        return "kill $daemon; wait $daemon || true"
    return f"{block.strip()} 2>> serve.log & daemon=$!" if block.strip() in SERVE else block


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return f"127.0.0.1:{found.getsockname()[1]}"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """`amtsbote` and `python3` are those of this test run."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, arguments in {"amtsbote": '-c "from amtsbote.cli import main; main()"', "python3": ""}.items():
        (folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def walked(folder: Path, programs: Path, *pages: str) -> Path:
    """The new folder, in which all commands of these pages have been carried out; the daemon has been stopped."""
    lines = [
        "trap 'kill $daemon; wait $daemon' EXIT",
        *(as_run(block) for page in pages for block in shell_blocks(page)),
    ]
    public = free_address()
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "AMTSBOTE__PUBLIC__LISTEN": public,
        "AMTSBOTE__METRICS__LISTEN": free_address(),
        "AMTSBOTE__WORK__COLLECT_INTERVAL": "PT0.5S",
        "application": str(SAMPLE),
    }
    folder.mkdir()
    ended = subprocess.run(
        ["sh", "-euc", "\n".join(lines).replace("127.0.0.1:8080", public).replace("127.0.0.1:8083", free_address())],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stdout[-1500:]}\n{ended.stderr[-3000:]}"
    return folder


def test_a_person_with_the_handbook_installs_sends_settles_restores_and_a_portal_sends_by_hand(
    tmp_path: Path, programs: Path
) -> None:
    folder = walked(tmp_path / "leer", programs, *WALKED[:2])
    delivered = sorted(found for found in (folder / "eingang").iterdir() if found.name != ".amtsbote")
    manifests = [json.loads((one / "manifest.json").read_text()) for one in delivered]
    tried, by_portal = delivered[0], delivered[-1]

    assert [manifest["signature"]["verdict"] for manifest in manifests] == ["valid"] * 3
    assert [manifest["test"] for manifest in manifests] == [True, False, False]
    assert (tried / "anlage-01.txt").read_text() == (by_portal / "anlage-01.txt").read_text() == "Lageplan\n"
    assert (by_portal / "daten.xml").read_bytes() == SAMPLE.read_bytes()
    assert "accept-submission" in (folder / "portal/events.txt").read_text()
    by_hand = SignatureEntry("json", detached=True, content=(folder / "portal/content-by-hand.txt").read_text())
    assert check_signature(by_hand, SAMPLE.read_bytes(), trust_of(folder)).verdict is SignatureVerdict.VALID


def test_two_editors_change_the_tables_from_another_machine(tmp_path: Path, programs: Path) -> None:
    folder = walked(tmp_path / "site", programs, EDITING)

    proposed, released, back = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("proposed", "released", "back")
    )
    assert (proposed["four_eyes"], proposed["draft"]) == (["chemnitz"], released["draft"])
    assert (released["version"], released["effective"], back["base"]) == (2, "2099-01-01", 2)


def test_an_engineer_with_the_tutorial_delivers_and_rejects_and_a_newcomer_sends_and_receives_the_decision(
    tmp_path: Path, programs: Path
) -> None:
    folder = walked(tmp_path / "empty", programs, *WALKED[2:])

    delivered, by_newcomer = sorted(found.parent for found in (folder / "inbox").glob("[!.]*/manifest.json"))
    assert (delivered / "anlage-01.txt").read_text() == "site plan\n"
    assert json.loads((delivered / "manifest.json").read_text())["signature"]["verdict"] == "valid"
    assert (by_newcomer / "daten.xml").read_bytes() == SAMPLE.read_bytes()
    assert (by_newcomer / "anlage-01.txt").read_text() == "site plan\n"
    assert json.loads((by_newcomer / "manifest.json").read_text())["signature"]["verdict"] == "absent"
    newcomer, receipts = folder / "first-steps", (folder / "inbox/antworten/quittungen").glob("[!.]*.json")
    assert (newcomer / "document-1").read_text() == "The oak may be felled.\n"
    assert (newcomer / "opened.txt").read_text().splitlines()[1:] == [
        "The decision is attached.",
        "document-1 is 'decision.txt'",
    ]
    assert [json.loads(one.read_text())["state"] for one in receipts] == ["angenommen"]


def test_every_command_shown_is_run_or_says_why_not() -> None:
    """A block of commands stands on a page that is walked, or behind a comment with the reason."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        name = page.relative_to(ROOT / "docs").as_posix()
        if name not in (*WALKED, EDITING):
            text = page.read_text("utf-8")
            reasons = re.findall(r"^<!-- not run: .+ -->\n+```sh\n", text, re.MULTILINE)
            assert len(reasons) == len(re.findall(r"^```sh\n", text, re.MULTILINE)), name


def trust_of(installation: Path) -> Trust:
    key = certified_key(read_chain((installation / "schluessel/hamburg-signatur.pem").read_bytes())[0])
    return Trust({thumbprint(key): key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)})

"""The commands of the handbook and of the page for portals, run in order as a reader would."""

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
SERVE = "amtsbote --lang de serve"

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS) and "CI" not in os.environ,
    reason="needs openssl, curl, jq and uuidgen",
)


def shell_blocks(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


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


@pytest.fixture
def walked(tmp_path: Path, programs: Path) -> Path:
    """The folder in which all commands of both pages have been carried out; the daemon has been stopped."""
    blocks = [*shell_blocks("betrieb/erste-schritte.md"), *shell_blocks("portal.md")]
    lines = ["trap 'kill $daemon; wait $daemon' EXIT"]
    lines += [f"{SERVE} 2> serve.log & daemon=$!" if block.strip() == SERVE else block for block in blocks]
    public = free_address()
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "AMTSBOTE__PUBLIC__LISTEN": public,
        "AMTSBOTE__METRICS__LISTEN": free_address(),
        "application": str(SAMPLE),
    }
    folder = tmp_path / "leer"
    folder.mkdir()
    ended = subprocess.run(
        ["sh", "-euc", "\n".join(lines).replace("127.0.0.1:8080", public)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stdout[-1500:]}\n{ended.stderr[-3000:]}"
    return folder


def test_the_first_submission_of_the_handbook_arrives_and_is_accepted(walked: Path) -> None:
    [delivered] = [found for found in (walked / "eingang").iterdir() if found.name != ".amtsbote"]
    manifest = json.loads((delivered / "manifest.json").read_text())

    assert (delivered / "daten.xml").read_bytes() == SAMPLE.read_bytes()
    assert (delivered / "anlage-01.txt").read_text() == "Lageplan\n"
    assert manifest["signature"]["verdict"] == "valid"
    assert "accept-submission" in (walked / "portal/events.txt").read_text()
    by_hand = SignatureEntry("json", detached=True, content=(walked / "portal/content-by-hand.txt").read_text())
    assert check_signature(by_hand, SAMPLE.read_bytes(), trust_of(walked)).verdict is SignatureVerdict.VALID


def trust_of(installation: Path) -> Trust:
    key = certified_key(read_chain((installation / "schluessel/hamburg-signatur.pem").read_bytes())[0])
    return Trust({thumbprint(key): key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)})

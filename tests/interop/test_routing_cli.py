"""The routing CLI `fit-connect` of others, v1 and v2: what a person finds with it is what the broker says.

It is no package of a registry: `FIT_CONNECT_CLI` names a folder with the program built in it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from application_kit import TREE_FELLING
from broker_kit import RunningBroker
from foreign_programs import ENVIRONMENT
from installation_kit import CHEMNITZ
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws

CLIENT = "GitHub maschinenlesbar-org/fit-connect-cli"
FOLDER = "FIT_CONNECT_CLI"
ARS = "145110000000"
Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def program() -> Path:
    """Before any broker is started for it."""
    if not os.environ.get(FOLDER):
        pytest.skip(f"{FOLDER} names no folder with fit-connect-cli built in it")
    if shutil.which("node") is None:
        pytest.skip("not installed: node")
    return Path(os.environ[FOLDER], "dist", "src", "cli", "index.js")


@pytest.fixture(params=["v1", "v2"])
def cli(program: Path, broker: RunningBroker, request: pytest.FixtureRequest) -> Cli:
    """The program, told where the broker is."""
    at = ["--base-url", f"{broker.base}/routing-api", "--api-version", request.param, "--compact"]

    def ran(*words: str) -> "subprocess.CompletedProcess[str]":
        command = ["node", str(program), *at, *words]
        return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)

    return ran


def answer(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_reads_the_version(cli: Cli) -> None:
    assert answer(cli("info"))["version"]["major"] in {1, 2}


def test_it_finds_an_area_and_who_is_responsible_there(broker: RunningBroker, cli: Cli) -> None:
    found = answer(cli("areas", "Chem*"))
    [area] = found["areas"]
    assert (area["id"], area["name"], area["type"]) == (ARS, "Chemnitz, Stadt", "Gemeinde")
    assert answer(cli("areas", "chemnitz", "stadt"))["areas"] == [area]
    assert answer(cli("areas", "Atlantis")) == {"count": 0, "offset": 0, "totalCount": 0, "areas": []}
    assert answer(cli("areas", "stadt", "--limit", "1", "--offset", "1"))["offset"] == 1

    by_id = answer(cli("routes", TREE_FELLING, "--area-id", area["id"]))
    assert by_id == answer(cli("routes", TREE_FELLING, "--ars", ARS))
    assert by_id == answer(cli("routes", TREE_FELLING, "--ags", "14511000"))
    [route] = by_id["routes"]
    assert route["destinationId"] == CHEMNITZ
    assert signed(broker, route["destinationSignature"])["destinationId"] == CHEMNITZ


def test_it_tells_why_it_is_refused(cli: Cli) -> None:
    wrong = cli("routes", "123", "--ars", ARS)
    short = cli("areas", "a")

    assert (wrong.returncode, "HTTP 400" in wrong.stderr, "leikaKey" in wrong.stderr) == (1, True, True)
    assert (short.returncode, "HTTP 400" in short.stderr, "areaSearchexpression" in short.stderr) == (1, True, True)


def signed(broker: RunningBroker, signature: str) -> Any:
    """What the addressing authority says, checked by a library of others."""
    keys = httpx.get(f"{broker.base}/routing-api/.well-known/jwks.json", trust_env=False).json()["keys"]
    token = jwcrypto_jws.JWS()
    token.allowed_algs = ["PS512"]
    token.deserialize(signature)
    [key] = [key for key in keys if key["kid"] == token.jose_header["kid"]]
    token.verify(jwcrypto_jwk.JWK(**key))
    return json.loads(token.payload)

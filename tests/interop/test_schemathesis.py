"""The fuzzer Schemathesis asks every operation of every document, follows its links, and asks again as the other side.

No 5xx, no undocumented status, media type or header, no body against its schema, no method that is not there and no
token that is not looked at. SECONDS=600 for longer, shared by how much there is to ask; SEED=8 for other questions;
STORE=postgresql for two nodes.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from application_kit import Application
from foreign_programs import FETCHED, HERE
from fuzzed_site import Site, asks, site_at
from installation_kit import CHEMNITZ
from interop_sites import SITES
from tls_for_tests import Authority

from transport.fitconnect.server.openapi import APIS

CLIENT = "PyPI schemathesis 4.32.5"
SECONDS = float(os.environ.get("SECONDS") or 0)
SEED = os.environ.get("SEED") or ("" if SECONDS else "7")
STORES = {"sqlite": "SQLite", "postgresql": "PostgreSQL with two nodes"}
SITE = STORES[os.environ.get("STORE") or "sqlite"]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
)
OPERATIONS = {
    f"{api.mount}/{version}" if version else api.mount: len(api.operations(version))
    for api in APIS
    for version in api.versions
}
TWO_SIDED = [described for described in OPERATIONS if described.startswith(("submission-api", "destination-api"))]
ASKING = [(described, True) for described in OPERATIONS] + [(described, False) for described in TWO_SIDED]
EVERYTHING = sum(OPERATIONS[described] for described, _ in ASKING)


@pytest.fixture(scope="module")
def site(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Site]:
    """Of its own: what is created here would show in the lists of others."""
    with SITES[SITE](tmp_path_factory.mktemp("fuzzed"), shared_folder, authority.file) as broker:
        yield site_at(broker)


@pytest.mark.timeout(max(600, SECONDS * 2))
@pytest.mark.parametrize(("described", "usually"), ASKING)
def test_it_finds_no_answer_that_is_not_described(site: Site, tmp_path: Path, described: str, usually: bool) -> None:
    (tmp_path / "schemathesis.toml").write_text(asks(site, usually=usually))
    (tmp_path / "there.json").write_text(site.told())
    program, address = FETCHED / "bin" / "schemathesis", f"{site.broker.base}/{described}/openapi.json"
    command = [str(program), "run", address, "--checks", ",".join(CHECKS), "--warnings", "off", *amount(described)]
    told = {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE / "python")}
    files = {"FUZZED": str(tmp_path / "there.json"), "FUZZED_ANSWERS": str(tmp_path / "answers.json")}

    environment = {**os.environ, **told, **files}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    (tmp_path / "output").write_text(done.stdout)
    assert done.returncode == 0, done.stdout[-20_000:]
    answers: dict[str, int] = json.loads((tmp_path / "answers.json").read_text())
    asked, succeeded = (names(answers, statuses) for statuses in ("2345", "2"))
    never = f", never a success of {', '.join(asked - succeeded)}" if usually and asked - succeeded else ""
    print(f"{described} {'usually' if usually else 'as the other side'}: {sum(answers.values())} answers{never}")
    assert len(asked) == OPERATIONS[described]
    assert not usually or len(succeeded) > len(asked) * 2 / 3, asked - succeeded
    assert "request.failed" not in site.broker.logs()
    site.broker.portal().accepted(Application(CHEMNITZ))


def names(answers: dict[str, int], statuses: str) -> set[str]:
    """Operations that were answered with a status of these hundreds."""
    return {name for name, _, status in (label.rpartition(" ") for label in answers) if status[0] in statuses}


def amount(described: str) -> list[str]:
    """Options that say how much is asked, and what. A busy machine is no finding."""
    seconds = max(5, int(SECONDS * OPERATIONS[described] / EVERYTHING))
    time = ["--max-time", str(seconds)] if SECONDS else ["--max-examples", "10"]
    seed = ["--seed", SEED] if SEED else []
    return [*time, *seed, "--suppress-health-check", "all"]

"""The fuzzer Schemathesis asks every operation of the editing API as an editor who may change most of what is there.

No 5xx, no undocumented status, media type or body, no method that is not there and no token that is not looked at.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from editing_kit import SAXONY_SIDE, EditingSite, competences, editing_site
from foreign_programs import FETCHED

CLIENT = "PyPI schemathesis 4.32.5"
SITE = "SQLite"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)


@pytest.fixture(scope="module")
def site(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditingSite]:
    with editing_site(tmp_path_factory.mktemp("fuzzed"), shared_folder) as running:
        yield running


@pytest.mark.timeout(600)
@pytest.mark.parametrize("described", ["editing-api/v1", "auth"])
def test_it_finds_no_answer_of_the_editing_api_that_is_not_described(
    site: EditingSite, tmp_path: Path, described: str
) -> None:
    editor = site.door(SAXONY_SIDE)
    editor.propose(competences(*(row.replace("gba;14522;", "gba;145225102060;") for row in editor.rules())))
    token = f"Authorization: {editor.bearer()['Authorization']}"
    program, address = FETCHED / "bin" / "schemathesis", f"{site.base}/{described}/openapi.json"
    options = ("--max-examples", "10", "--seed", "7", "--warnings", "off", "--suppress-health-check", "all")

    done = subprocess.run(
        [str(program), "run", address, "-H", token, "--checks", ",".join(CHECKS), *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:]
    assert "request.failed" not in site.broker.logs()
    assert editor.get("/versions").status_code == 200

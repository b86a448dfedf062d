"""The editing API describes itself as it is, refuses in the words of the commands, and reads forms strictly."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

import amtsbote
from amtsbote.admin.commands import FOR_EDITORS
from amtsbote.admin.mistakes import DeclarationRefused, mistake
from amtsbote.admin.refusals import CommandRefused
from amtsbote.editing.application import EDITING_API
from amtsbote.editing.forms import boundary_of, read_form
from amtsbote.editing.openapi import EDITING_APIS
from amtsbote.editing.refusals import PROBLEMS, as_request_refused
from amtsbote.errors import RequestRefused
from transport.fitconnect.server.openapi import Api, document, page

ROOM = Path(amtsbote.__file__).parent
COMMANDS = [
    *(ROOM / "admin" / f"{name}.py" for name in ("routes", "drafts", "releasing", "replaying", "explaining", "people")),
    *(ROOM / "admin" / f"{name}.py" for name in ("coverage_report", "turns", "asking", "weighing", "apart")),
    *(ROOM / "editing").glob("*.py"),
]
NAMES = st.from_regex(r"[a-z_]{1,40}", fullmatch=True)


@pytest.mark.parametrize("api", EDITING_APIS, ids=lambda api: api.mount)
def test_the_document_is_valid_and_has_a_page(api: Api) -> None:
    [version] = api.versions
    written = document(api, version, "https://bearbeiten.test")

    OpenAPIV31SpecValidator(written).validate()

    assert all(one.id in page(written, {}) for one in api.operations(version))


def test_every_address_is_described_and_no_other() -> None:
    [api, _] = EDITING_APIS

    assert {(one.method, f"/v1{one.path}") for one in api.operations("v1")} == {one[:2] for one in EDITING_API}


def refused_with(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="CommandRefused"), args=[ast.Constant(value=str() as code), *_]):
                yield code


def test_every_refusal_of_a_command_has_its_problem() -> None:
    """All that the files of these commands may say, whichever command says it."""
    said = {code for file in COMMANDS for code in refused_with(file)}

    assert said | {"declaration"} == PROBLEMS.keys()
    assert {name.partition(".")[0] for name in FOR_EDITORS} == {"routes", "route"}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_says_what_the_command_said_in_both_languages(code: str) -> None:
    refusal = CommandRefused(code, "office.busy")
    if code == "declaration":
        problem = as_request_refused(DeclarationRefused("x", [mistake("", "office.busy")])).problem
        assert problem.extensions["mistakes"] == [{"de": refusal.de, "en": refusal.en}]
        return
    problem = as_request_refused(refusal).problem

    assert problem.detail("de").startswith(refusal.de)
    assert problem.detail("en").startswith(refusal.en)


@given(
    st.dictionaries(NAMES, st.binary(max_size=200), min_size=1, max_size=20),
    st.from_regex(r"[0-9A-Za-z'()+_,./:=?-]{1,70}", fullmatch=True),
)
def test_a_form_is_read_as_it_was_written(parts: dict[str, bytes], boundary: str) -> None:
    line = b"--" + boundary.encode()
    if any(line in content for content in parts.values()):
        return
    head = 'content-disposition: form-data; name="{}"; filename="x; name=\\"y\\""\r\nContent-Type: text/csv'
    written = b"".join(
        line + b"\r\n" + head.format(name).encode() + b"\r\n\r\n" + content + b"\r\n" for name, content in parts.items()
    )

    assert boundary_of(f'Multipart/Form-Data; boundary="{boundary}"') == boundary.encode()
    assert read_form(boundary.encode(), written + line + b"--\r\n") == parts


@given(st.binary(max_size=300), st.lists(st.sampled_from([b"--b", b"\r\n", b"--", b'name="a"', b"form-data;"])))
def test_whatever_comes_is_a_form_or_refused(noise: bytes, pieces: list[bytes]) -> None:
    for body in (noise, b"".join(pieces), b"--b\r\n" + noise, noise.join(pieces)):
        with suppress(RequestRefused):
            assert all(re.fullmatch("[a-z_]{1,40}", name) for name in read_form(b"b", body))

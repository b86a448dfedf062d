"""Words that say why: every one that a reader of strangers' bytes may say has a sentence in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import amtsbote
from amtsbote.admin.refusals import CommandRefused, as_refusal
from amtsbote.errors import StorageFailed
from amtsbote.errors.reasons import SENTENCES, STORAGE, read_in
from amtsbote.errors.table import INVALID_FIELD, INVALID_SET, JWE_HEADER, MALFORMED_BODY, NOT_A_JWE, TABLE
from amtsbote.store.refusal import StoreRefused

ROOT = Path(amtsbote.__file__).parents[1]
READERS = ("amtsbote/jose/segments.py", "amtsbote/jose/header.py", "amtsbote/jose/base64url.py", "amtsbote/jose/jws.py")
STORES = ("amtsbote/store", "amtsbote/admin")
EVENTS = ("transport/fitconnect/events.py", "transport/fitconnect/server/cases.py", "amtsbote/mailroom/receiving.py")
REFUSALS = {"MalformedJose", "SetRefused", "INVALID_SET", "_invalid", "_of_length", "JweRefused", "HeaderRefused"}


def said_by(file: str) -> Iterator[str]:
    """Constant texts in calls that refuse, and those that `_mismatch` and `_not_in_time` return."""
    for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in REFUSALS:
                values = [*args[-1:], *(keyword.value for keyword in keywords if keyword.arg == "reason")]
            case ast.Return(value=value) if value is not None:
                values = [value]
            case _:
                continue
        yield from (text for value in values for text in _texts(value))


def _texts(value: ast.expr) -> list[str]:
    """A text, or what it is for either kind of message; nothing for single words, which are names."""
    match value:
        case ast.Constant(value=str() as text) if " " in text:
            return [text]
        case ast.JoinedStr(
            values=[ast.Constant(value=str() as text), ast.FormattedValue(value=ast.Attribute(attr="kind"))]
        ):
            return [text + kind for kind in ("submission", "reply")]
        case _:
            return []


def said_by_stores() -> Iterator[str]:
    """Texts with which database and disk are said to fail, up to the colon."""
    files = (file for room in STORES for file in (ROOT / room).rglob("*.py"))
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))):
        match node:
            case ast.Call(func=ast.Name(id="StorageFailed" | "StorageFull" | "Damaged" | "failed"), args=[value]):
                match value:
                    case (
                        ast.Constant(value=str() as text)
                        | ast.JoinedStr(values=[ast.Constant(value=str() as text), *_])
                    ):
                        yield text.partition(": ")[0]


def test_every_failure_of_database_and_disk_has_german_words() -> None:
    found = set(said_by_stores())

    assert found == STORAGE.keys()


def test_a_refused_command_says_the_failure_in_the_language_of_its_sentence() -> None:
    failed = as_refusal(StorageFailed("the storage of bodies failed: Permission denied"))

    assert "die Ablage der Teile versagt: Permission denied" in failed["de"]
    assert "the storage of bodies failed: Permission denied" in failed["en"]
    backup = CommandRefused("x", "backup.failed", path="/b", reason=StoreRefused("Kein Platz", "No space"))
    assert ("Kein Platz" in backup.de, "No space" in backup.en) == (True, True)


@pytest.mark.parametrize("file", [*READERS, *EVENTS])
def test_every_reason_has_german_words(file: str) -> None:
    found = set(said_by(file)) - {"authentication tag"}  # a name within a reason

    assert found
    assert found - SENTENCES.keys() == set()


def test_every_word_is_written_in_two_languages() -> None:
    for word, (german, english) in SENTENCES.items():
        assert german.strip(), word
        assert english.strip(), word
        assert german != english, word


def test_a_word_is_read_with_its_place_and_an_unknown_one_as_it_is() -> None:
    assert read_in("de", "syntax 3:17") == "Das Dokument ist kein JSON (3:17)"
    assert read_in("en", "duplicate-member") == "A name occurs twice in one object"
    assert read_in("de", "claims: too-deep") == "claims: Das Dokument ist zu tief verschachtelt"
    assert read_in("de", "14..15") == "14..15"
    assert read_in("de", "something new 1:2") == "something new 1:2"


@pytest.mark.parametrize(
    ("problem", "german"),
    [
        (MALFORMED_BODY(reason="connection closed"), "die Verbindung brach ab"),
        (INVALID_FIELD(field="caseId", reason="format_uuid"), "keine UUID"),
        (NOT_A_JWE(what="data", reason="not base64url"), "base64url gehören"),
        (JWE_HEADER(what="data", name="crit", allowed="absent"), "muss fehlen"),
        (INVALID_SET(reason="iat is in the future"), "in der Zukunft"),
    ],
)
def test_a_problem_says_why_in_the_language_of_its_reader(problem: object, german: str) -> None:
    assert german in problem.detail("de")  # type: ignore[attr-defined]
    assert german not in problem.detail("en")  # type: ignore[attr-defined]


def test_every_problem_says_what_to_do() -> None:
    for row in TABLE:
        assert len(row.todo_de.split()) > 2, row.code
        assert len(row.todo_en.split()) > 2, row.code
        assert row.todo_de != row.todo_en, row.code

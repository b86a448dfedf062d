"""The verdict on a JSON payload: what is refused unread, what the findings say, and what they never say."""

import json
from pathlib import Path
from typing import Any

import pytest

from amtsbote.errors import Misconfigured
from schemas.findings import AGAINST_JSON_SCHEMA, UNREADABLE_JSON, finding_of
from schemas.json_schema.files import DIALECT
from schemas.json_schema.judge import JsonJudge
from schemas.json_schema.patterns import in_python
from schemas.json_schema.reading import read_payload, text_at
from schemas.reading import Unreadable

PERSON = {
    "type": "object",
    "additionalProperties": False,
    "required": ["art", "name"],
    "properties": {
        "art": {"const": "person"},
        "name": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": r"^\w*$"},
        "geboren": {"type": "string", "format": "date"},
        "email": {"type": "string", "format": "email"},
    },
}
FIRM = {
    "type": "object",
    "required": ["art", "firma"],
    "properties": {"art": {"const": "firma"}, "firma": {"$ref": "#/$defs/text"}},
}
SCHEMA: dict[str, Any] = {
    "$schema": DIALECT,
    "$id": "https://example.org/antrag.schema.json",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "halter": {"oneOf": [PERSON, FIRM]},
        "betrag": {"type": "number", "multipleOf": 0.01, "minimum": 0, "exclusiveMaximum": 1000},
        "anzahl": {"type": "integer"},
        "hunde": {"type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": True, "items": {"enum": ["a", "b"]}},
        "kasten": {"$ref": "#/$defs/kasten"},
        "nie": False,
        "anlagen": {"type": "object", "propertyNames": {"maxLength": 2}},
        "bank": {"type": "object", "dependentRequired": {"iban": ["inhaber"]}},
    },
    "$defs": {
        "text": {"type": "string", "pattern": "^[^<>]*$"},
        "kasten": {"type": "object", "properties": {"kasten": {"$ref": "#/$defs/kasten"}, "x": {"type": "null"}}},
    },
}


def written(folder: Path, schema: object, name: str = "antrag.schema.json") -> Path:
    file = folder / name
    file.write_text(json.dumps(schema), "utf-8")
    return file


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> JsonJudge:
    folder = tmp_path_factory.mktemp("schema")
    return JsonJudge(written(folder, SCHEMA), folder)


def found(judge: JsonJudge, document: str) -> list[tuple[str, str]]:
    return [(each.code, each.path) for each in judge.findings(read_payload(document.encode()))]


PERSON_OK = '{"art": "person", "name": "Erika"}'


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        f'{{"halter": {PERSON_OK}}}',
        '{"halter": {"art": "firma", "firma": "Zwinger & Söhne"}}',
        '{"betrag": 0.3, "anzahl": 3}',
        '{"betrag": 999.99}',
        '{"anzahl": 3.0}',
        '{"anzahl": 1e3}',
        '{"hunde": ["a", "b"]}',
        '{"anlagen": {"ab": 1}}',
        '{"bank": {"iban": "x", "inhaber": "y"}}',
    ],
)
def test_what_the_schema_allows_is_valid(judge: JsonJudge, document: str) -> None:
    assert found(judge, document) == []


@pytest.mark.parametrize(
    ("document", "code", "path"),
    [
        ("[]", "JSON-TYPE", ""),
        ('{"anzahl": "3"}', "JSON-TYPE", "/anzahl"),
        ('{"anzahl": true}', "JSON-TYPE", "/anzahl"),
        ('{"anzahl": 3.5}', "JSON-TYPE", "/anzahl"),
        ('{"halter": {"art": "person"}}', "JSON-CHOICE", "/halter"),
        ('{"halter": {"art": "verein"}}', "JSON-CHOICE", "/halter"),
        ('{"halter": {"art": "person", "name": ""}}', "JSON-LENGTH", "/halter/name"),
        ('{"halter": {"art": "person", "name": "Erika\\n"}}', "JSON-PATTERN", "/halter/name"),
        ('{"halter": {"art": "person", "name": "Jürgen"}}', "JSON-PATTERN", "/halter/name"),
        ('{"halter": {"art": "person", "name": "E", "geboren": "20260101"}}', "JSON-FORMAT", "/halter/geboren"),
        ('{"halter": {"art": "person", "name": "E", "geboren": "2026-02-30"}}', "JSON-FORMAT", "/halter/geboren"),
        ('{"halter": {"art": "person", "name": "E", "email": "erika"}}', "JSON-FORMAT", "/halter/email"),
        ('{"halter": {"art": "firma", "firma": "<b>"}}', "JSON-PATTERN", "/halter/firma"),
        ('{"betrag": 0.305}', "JSON-MULTIPLE", "/betrag"),
        ('{"betrag": -0.01}', "JSON-RANGE", "/betrag"),
        ('{"betrag": 1000}', "JSON-RANGE", "/betrag"),
        ('{"hunde": []}', "JSON-COUNT", "/hunde"),
        ('{"hunde": ["a", "a"]}', "JSON-UNIQUE", "/hunde"),
        ('{"hunde": ["a", "c"]}', "JSON-ENUM", "/hunde/1"),
        ('{"geheim": 1}', "JSON-ADDITIONAL", "/*"),
        ('{"nie": {}}', "JSON-ADDITIONAL", "/nie"),
        ('{"anlagen": {"geheim": 1}}', "JSON-ADDITIONAL", "/anlagen/*"),
        ('{"bank": {"iban": "x"}}', "JSON-REQUIRED", "/bank"),
    ],
)
def test_what_it_does_not_allow_is_named_with_its_place(judge: JsonJudge, document: str, code: str, path: str) -> None:
    assert found(judge, document) == [(code, path)]


def test_what_is_missing_is_named_in_both_languages(tmp_path: Path) -> None:
    judge = JsonJudge(written(tmp_path, {**PERSON, "$schema": DIALECT}), tmp_path)
    findings = dict.fromkeys(judge.findings({}))
    (said,) = map(finding_of, findings)
    assert (said.code, said.path) == ("JSON-REQUIRED", "")
    assert said.de == "Hier fehlt eine Pflichtangabe. Erwartet wird: art, name."
    assert said.en == "A required member is missing here. Expected: art, name."


def test_numbers_are_exact_at_any_magnitude(judge: JsonJudge) -> None:
    assert found(judge, '{"betrag": 1e-9000}') == [("JSON-MULTIPLE", "/betrag")]
    assert found(judge, '{"betrag": 1e9000}') == [("JSON-RANGE", "/betrag")]


def test_a_schema_that_refers_to_itself_judges_as_deep_as_a_document_may_be(judge: JsonJudge) -> None:
    deep = '{"kasten": ' * 60 + '{"x": 1}' + "}" * 60
    assert found(judge, deep) == [("JSON-TYPE", "/kasten" * 60 + "/x")]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "JSON-EMPTY"),
        (b" \n", "JSON-EMPTY"),
        (b"<a/>", "JSON-SYNTAX"),
        (b'{"a": 1', "JSON-SYNTAX"),
        (b'\xef\xbb\xbf{"a": 1}', "JSON-BYTE-ORDER-MARK"),
        (b'{"a": 1, "a": 2}', "JSON-DUPLICATE-MEMBER"),
        (b'{"a": NaN}', "JSON-NOT-A-NUMBER"),
        (b'{"a": -Infinity}', "JSON-NOT-A-NUMBER"),
        (b'{"a": "\\ud800"}', "JSON-LONE-SURROGATE"),
        (b'{"a": "\\u0000"}', "JSON-NUL"),
        (b'{"a": "\xff"}', "JSON-NOT-UTF-8"),
        (b"[" * 100_000, "JSON-TOO-DEEP"),
        (b"[" + b"1," * 600_000 + b"1]", "JSON-TOO-MANY-VALUES"),
        (b'{"a": ' + b"9" * 2000 + b"}", "JSON-NUMBER-TOO-LONG"),
        (b'{"a": 1e99999}', "JSON-NUMBER-TOO-LONG"),
    ],
)
def test_what_two_readers_could_understand_differently_is_refused_unread(document: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_payload(document)
    assert refused.value.seen.code == code
    assert finding_of(refused.value.seen).de


def test_a_syntax_error_has_its_line() -> None:
    with pytest.raises(Unreadable) as refused:
        read_payload(b'{\n"a": 1,\n"b" 2}')
    assert refused.value.seen.line == 3


SECRET = "Geheimnis4711"
LEAKS = {
    "a value": f'{{"halter": {{"art": "person", "name": "{SECRET} {SECRET}"}}}}',
    "an enumerated value": f'{{"hunde": ["{SECRET}"]}}',
    "a name": f'{{"{SECRET}": 1}}',
    "a name within": f'{{"kasten": {{"{SECRET}": {{"x": 1}}, "x": 2}}}}',
    "a name by the rule for names": f'{{"anlagen": {{"{SECRET}": 1}}}}',
    "a number": '{"betrag": 4711.4711}',
    "the root": f'"{SECRET}"',
}


@pytest.mark.parametrize("document", LEAKS.values(), ids=LEAKS.keys())
def test_nothing_a_sender_wrote_is_found_in_a_finding(judge: JsonJudge, document: str) -> None:
    findings = [finding_of(each) for each in judge.findings(read_payload(document.encode()))]
    assert findings
    assert SECRET[:6] not in repr(findings)
    assert "4711" not in repr(findings)


def test_a_name_of_the_sender_on_the_way_to_a_finding_is_a_star(tmp_path: Path) -> None:
    schema = {"$schema": DIALECT, "additionalProperties": {"type": "integer"}, "properties": {"a/b": {"type": "null"}}}
    judge = JsonJudge(written(tmp_path, schema), tmp_path)
    assert found(judge, f'{{"{SECRET}": "x"}}') == [("JSON-TYPE", "/*")]
    assert found(judge, '{"a/b": 1}') == [("JSON-TYPE", "/*")], "a name that is no plain word is not shown either"


def test_a_reference_to_another_file_is_followed_with_and_without_an_id(tmp_path: Path) -> None:
    (tmp_path / "bausteine").mkdir()
    written(tmp_path / "bausteine", {"$defs": {"plz": {"type": "string", "pattern": "^\\d{5}$"}}}, "ort.json")
    for about in ({}, {"$id": "https://schema.example/fim/antrag.json"}, {"$id": "urn:example:antrag_1.0"}):
        schema = {"$schema": DIALECT, **about, "properties": {"plz": {"$ref": "bausteine/ort.json#/$defs/plz"}}}
        judge = JsonJudge(written(tmp_path, schema), tmp_path)
        assert found(judge, '{"plz": "09111"}') == []
        assert found(judge, '{"plz": "0911"}') == [("JSON-PATTERN", "/plz")]
        assert found(judge, '{"plz": "٠٩١١١"}') == [("JSON-PATTERN", "/plz")], "digits are those of ASCII"


def test_the_meta_schema_comes_with_the_product(tmp_path: Path) -> None:
    judge = JsonJudge(written(tmp_path, {"$schema": DIALECT, "$ref": DIALECT}), tmp_path)
    assert found(judge, '{"type": "object"}') == []
    assert found(judge, '{"minLength": -1}') == [("JSON-RANGE", "/*")]


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "object"}, "must be https://json-schema.org/draft/2020-12/schema"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "must be https://json-schema.org/draft/2020-12"),
        ({"$schema": DIALECT, "type": "objekt"}, "no valid JSON schema"),
        ({"$schema": DIALECT, "$ref": "fehlt.json"}, r"fehlt\.json is missing"),
        ({"$schema": DIALECT, "$ref": "http://127.0.0.1:9/a.json"}, "leads out"),
        ({"$schema": DIALECT, "$ref": "../../etc/passwd"}, "leads out"),
        ({"$schema": DIALECT, "$id": "https://example.org/a", "$ref": "https://example.org/b"}, "leads out"),
        ({"$schema": DIALECT, "$ref": "#/$defs/fehlt"}, "fehlt"),
        ({"$schema": DIALECT, "$ref": "#anker"}, "anker"),
        ({"$schema": DIALECT, "$ref": "#"}, "leads to itself"),
        ({"$schema": DIALECT, "format": "farbe"}, "the format farbe cannot be checked"),
        ({"$schema": DIALECT, "pattern": "("}, r"the pattern \( is not supported"),
        ({"$schema": DIALECT, "pattern": r"^\p{L}+$"}, "not supported"),
        ([], "is not a JSON schema"),
    ],
)
def test_a_schema_that_would_mean_less_than_its_author_wrote_is_refused(
    tmp_path: Path, schema: object, complaint: str
) -> None:
    with pytest.raises(Misconfigured, match=complaint):
        JsonJudge(written(tmp_path, schema), tmp_path)


def test_a_schema_file_that_is_not_strict_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(f'{{"$schema": "{DIALECT}", "type": "object", "type": "array"}}')
    with pytest.raises(Misconfigured, match="twice"):
        JsonJudge(file, tmp_path)


@pytest.mark.parametrize(
    ("pattern", "python"),
    [
        ("^a$", r"^a\Z"),
        (r"^\$[$]$", r"^\$[$]\Z"),
        (r"[\d\w-]\d\W", "[0-9A-Za-z0-9_-][0-9][^A-Za-z0-9_]"),
        ("[[]", r"[\[]"),
        (r"[\]]$", r"[\]]\Z"),
    ],
)
def test_a_pattern_means_in_python_what_it_means_in_a_schema(pattern: str, python: str) -> None:
    assert in_python(pattern) == python


def test_a_pointer_finds_texts_whole_numbers_and_truth_values() -> None:
    document = {"a": [{"b/c~": "x"}, 7, True], "d": 1.5, "e": None}
    there = {
        "/a/0/b~1c~0": "x",
        "/a/1": "7",
        "/a/2": "true",
        "/d": None,
        "/e": None,
        "/a/9": None,
        "/a/b": None,
        "": None,
    }
    assert {pointer: text_at(document, pointer) for pointer in there} == there


def test_every_code_has_sentences_in_both_languages() -> None:
    for sentence in (*UNREADABLE_JSON.values(), *AGAINST_JSON_SCHEMA.values()):
        assert sentence.de.endswith(".")
        assert sentence.en.endswith(".")

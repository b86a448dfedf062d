"""Our models and the published JSON Schemas must agree on every document."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from metadata_samples import EMAILS, URIS, VALUES, full_1, full_2, grown, places, removed, replaced, spoilt_once
from pydantic import BaseModel

from transport.fitconnect.metadata import v1, v2
from transport.fitconnect.metadata.findings import SENTENCES, findings_of

Family = tuple[str, type[BaseModel], Callable[[], Iterator[dict[str, Any]]]]
FAMILIES: list[Family] = [("1.0.0", v1.Document, full_1), ("2.1.0", v2.Document, full_2)]
ANNOTATIONS = {"title", "description", "examples", "$comment", "deprecated", "minContains", "default", "$id", "$schema"}


def ecma_pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """As ECMA-262: ASCII classes, `$` at the very end."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance, re.ASCII):
        yield ValidationError("pattern")


def format_checker() -> FormatChecker:
    """What jsonschema does not check, or only roughly, is judged by hand."""
    checker = FormatChecker(("uuid", "date", "date-time"))
    checker.checks("uri")(lambda text: not isinstance(text, str) or URIS.get(text, text.startswith(("https:", "urn:"))))
    checker.checks("email")(lambda text: not isinstance(text, str) or EMAILS.get(text, text.startswith("erika@")))
    return checker


@pytest.fixture(scope="module")
def schemas(reference: Path) -> dict[str, Any]:
    folder = reference / "fit-connect"
    return {
        version: json.loads((folder / f"metadata-{version}.schema.json").read_text(), parse_float=Decimal)
        for version, _, _ in FAMILIES
    }


@pytest.fixture(scope="module")
def judge(schemas: dict[str, Any]) -> dict[str, Any]:
    strict = extend(Draft202012Validator, {"pattern": ecma_pattern})  # type: ignore[no-untyped-call]
    return {version: strict(schema, format_checker=format_checker()) for version, schema in schemas.items()}


def constraints(schema: dict[str, Any], root: dict[str, Any], here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every constraint, as jsonschema names it in an error."""
    if "$ref" in schema:
        steps = schema["$ref"].removeprefix("#/").split("/")
        yield from constraints(reduce(lambda part, step: part[step], steps, root), root, here)
        return
    for keyword, value in schema.items():
        if keyword == "properties":
            for name, member in value.items():
                yield from constraints(member, root, (*here, "properties", name))
        elif keyword == "items":
            yield from constraints(value, root, (*here, "items"))
        elif keyword not in ANNOTATIONS | {"$defs"}:
            yield (*here, keyword)


@pytest.mark.parametrize(("version", "model", "full"), FAMILIES)
def test_documents_with_every_member_are_valid(version: str, model: type[BaseModel], full: Any, judge: Any) -> None:
    for document in full():
        assert judge[version].is_valid(document)
        assert findings_of(model, document) == ()


@pytest.mark.parametrize(("version", "model", "full"), FAMILIES)
def test_one_change_anywhere_gets_the_same_verdict_and_all_together_break_every_constraint(
    version: str, model: type[BaseModel], full: Any, judge: Any, schemas: Any
) -> None:
    broken: set[tuple[Any, ...]] = set()
    for spoilt in spoilt_once(full()):
        errors = list(judge[version].iter_errors(spoilt))
        assert bool(findings_of(model, spoilt)) == bool(errors), spoilt
        broken.update(tuple(error.absolute_schema_path) for error in errors)

    assert set(constraints(schemas[version], schemas[version])) - broken == {("type",)}  # no document is no object


@pytest.mark.parametrize(("version", "model", "full"), FAMILIES)
def test_several_changes_get_the_same_verdict(version: str, model: type[BaseModel], full: Any, judge: Any) -> None:
    documents = list(full())

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def check(data: st.DataObject) -> None:
        document: Any = deepcopy(data.draw(st.sampled_from(documents)))
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.sampled_from([*places(document), ("$schema",)]))
            change = data.draw(st.sampled_from((removed, grown, replaced)))
            if change is replaced:
                document = replaced(document, place, data.draw(st.sampled_from(VALUES)))
            elif place != ("$schema",):
                document = change(document, place)
        assert bool(findings_of(model, document)) != judge[version].is_valid(document), document

    check()


@pytest.mark.parametrize(("version", "model", "full"), FAMILIES)
def test_every_finding_has_its_sentences_and_a_path_of_our_words(
    version: str, model: type[BaseModel], full: Any
) -> None:
    known = {step for document in full() for place in places(document) for step in place if isinstance(step, str)}
    for spoilt in spoilt_once(full()):
        for finding in findings_of(model, spoilt):
            assert finding.kind in SENTENCES
            assert set(re.findall(r"[$A-Za-z_]{2,}", finding.path)) <= known

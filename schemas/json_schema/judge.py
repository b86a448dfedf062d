"""What is wrong with a JSON value by a schema. `jsonschema` judges; its messages quote the document and are never kept.

Numbers with a fraction are decimals in schema and document, so that 0.3 is a multiple of 0.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from amtsbote.errors import Misconfigured
from amtsbote.model import formats
from schemas.findings import Observation
from schemas.json_schema.files import VALUES, Schema, SchemaSet, read_set, references, subschemas
from schemas.json_schema.patterns import in_python
from schemas.json_schema.places import UNKNOWN, JsonPlaces

_UNKNOWN_NAME: Final = frozenset({"additionalProperties", "unevaluatedProperties", "propertyNames"})
_REQUIRING: Final = frozenset({"required", "dependentRequired"})
_CODES: Final[Mapping[str, str]] = {
    "type": "JSON-TYPE",
    "required": "JSON-REQUIRED",
    "dependentRequired": "JSON-REQUIRED",
    **dict.fromkeys(_UNKNOWN_NAME, "JSON-ADDITIONAL"),
    "items": "JSON-COUNT",
    "unevaluatedItems": "JSON-COUNT",
    "enum": "JSON-ENUM",
    "const": "JSON-CONST",
    "pattern": "JSON-PATTERN",
    "format": "JSON-FORMAT",
    "minLength": "JSON-LENGTH",
    "maxLength": "JSON-LENGTH",
    "minimum": "JSON-RANGE",
    "maximum": "JSON-RANGE",
    "exclusiveMinimum": "JSON-RANGE",
    "exclusiveMaximum": "JSON-RANGE",
    "multipleOf": "JSON-MULTIPLE",
    "minItems": "JSON-COUNT",
    "maxItems": "JSON-COUNT",
    "minProperties": "JSON-COUNT",
    "maxProperties": "JSON-COUNT",
    "contains": "JSON-COUNT",
    "minContains": "JSON-COUNT",
    "maxContains": "JSON-COUNT",
    "uniqueItems": "JSON-UNIQUE",
    "anyOf": "JSON-CHOICE",
    "oneOf": "JSON-CHOICE",
    "not": "JSON-CHOICE",
}
"""Keyword → code."""
_NOTHING: Final[Schema] = {"not": {}}
"""`false` in other words: jsonschema does not name the place of a member whose schema is `false`."""


def _texts_only(fits: Any) -> Any:
    return lambda value: not isinstance(value, str) or fits(value)


_FORMATS: Final = FormatChecker(formats=())
_FORMATS.checkers = {
    "date": (_texts_only(formats.is_date), ()),
    "date-time": (_texts_only(formats.is_date_time), ()),
    "time": (_texts_only(formats.is_time), ()),
    "email": (_texts_only(formats.is_email), ()),
    "uri": (_texts_only(formats.is_uri), ()),
    "uuid": (_texts_only(formats.is_uuid), ()),
}


def _multiple_of(validator: Any, step: Any, instance: Any, _: Schema) -> Iterator[ValidationError]:
    """Exact at any magnitude, which `%` of decimals is not."""
    if validator.is_type(instance, "number") and (Fraction(instance) / Fraction(step)).denominator != 1:
        yield ValidationError("not a multiple")


def _is_number(_: Any, value: object) -> bool:
    return not isinstance(value, bool) and hasattr(value, "as_integer_ratio")


def _is_integer(checker: Any, value: Any) -> bool:
    return _is_number(checker, value) and value.as_integer_ratio()[1] == 1


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"multipleOf": _multiple_of},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer}),
)


class JsonJudge:
    """The schema `entry` with all it refers to in `folder`. Raises `Misconfigured` when it is none."""

    def __init__(self, entry: Path, folder: Path) -> None:
        schemas = read_set(entry, folder)
        try:
            self._validator = _validator(schemas)
            self._validator.is_valid(None)  # loads what is loaded at the first use
        except ValidationError as cause:
            raise Misconfigured(
                f"{entry} is no valid JSON schema: {cause.message}",
                f"{entry} ist kein gültiges JSON-Schema: {cause.message}",
            ) from cause
        except Misconfigured as cause:
            raise Misconfigured(f"{entry}: {cause.en}", f"{entry}: {cause.de}") from cause
        except Unresolvable as cause:
            raise Misconfigured(
                f"{entry}: a $ref leads nowhere: {cause}", f"{entry}: Ein $ref führt ins Leere: {cause}"
            ) from cause
        except RecursionError as cause:
            raise Misconfigured(
                f"{entry}: a $ref leads to itself", f"{entry}: Ein $ref führt zu sich selbst zurück"
            ) from cause
        self._places = JsonPlaces(schemas)

    def findings(self, document: object) -> Iterator[Observation]:
        return map(self.observation, self.errors(document))

    def errors(self, document: object) -> Iterator[ValidationError]:
        """One for each finding, in the same order."""
        return _told(self._validator.iter_errors(document))

    def observation(self, error: ValidationError) -> Observation:
        keyword = "propertyNames" if "propertyNames" in error.absolute_schema_path else str(error.validator)
        code = "JSON-ADDITIONAL" if error.schema == _NOTHING else _CODES.get(keyword, "JSON-OTHER")
        path = self._places.pointer(error.absolute_path)
        if keyword in _UNKNOWN_NAME:
            return Observation(code, f"{path}/{UNKNOWN}")
        if keyword not in _REQUIRING:
            return Observation(code, path)
        required: Any = error.validator_value
        present: Any = error.instance
        if keyword != "required":
            required = [name for member, names in required.items() if member in present for name in names]
        missing = self._places.known(name for name in required if name not in present)
        return Observation(code, path, expected=missing[:10])


def _validator(schemas: SchemaSet) -> Any:
    """Checked against the meta schema, every reference resolved, every format known, patterns in Python's words."""
    files = {id(schema): (uri, schema) for uri, schema in schemas.documents.items()}
    prepared = {key: DRAFT202012.create_resource(_prepared(schema)) for key, (_, schema) in files.items()}
    registry = REGISTRY.with_resources((uri, prepared[id(each)]) for uri, each in schemas.documents.items()).crawl()
    meta = _Validator(_Validator.META_SCHEMA, registry=REGISTRY)
    for uri, schema in files.values():
        for broken in meta.iter_errors(schema):
            raise broken
        for reference in references(schema, uri):
            registry.resolver(reference.base).lookup(reference.target)
        for _, inside in subschemas(schema, uri):
            if isinstance(named := inside.get("format"), str) and named not in _FORMATS.checkers:
                raise Misconfigured(
                    f"the format {named} cannot be checked", f"das Format {named} lässt sich nicht prüfen"
                )
    return _Validator({"$ref": schemas.entry}, registry=registry, format_checker=_FORMATS)


def _prepared(node: Any) -> Any:
    """The schema with its patterns as Python understands them, and without `$schema`: it would choose a validator that
    counts otherwise than ours."""
    if isinstance(node, list):
        return [_prepared(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {name: _prepared_keyword(name, value) for name, value in node.items() if name != "$schema"}


def _prepared_keyword(name: str, value: Any) -> Any:
    if name == "pattern" and isinstance(value, str):
        return in_python(value)
    if name == "patternProperties" and isinstance(value, dict):
        return {in_python(pattern): _prepared(schema) for pattern, schema in value.items()}
    if name == "properties" and isinstance(value, dict):
        return {member: _NOTHING if schema is False else _prepared(schema) for member, schema in value.items()}
    return value if name in VALUES else _prepared(value)


def _told(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if meant := _meant(error):
            yield from _told(meant)
        else:
            yield error


def _meant(error: ValidationError) -> list[ValidationError]:
    """Of a choice nobody took: what is wrong with the alternative that was meant, when one alone fails further inside
    only."""
    if str(error.validator) not in {"anyOf", "oneOf"} or not error.context:
        return []
    inside = [errors for errors in alternatives(error).values() if all(each.relative_path for each in errors)]
    return inside[0] if len(inside) == 1 else []


def alternatives(choice: ValidationError) -> Mapping[int, list[ValidationError]]:
    """Number of each alternative that does not fit → what is wrong with it."""
    found = groupby(choice.context or (), key=lambda each: each.relative_schema_path[0])
    return {int(number): list(errors) for number, errors in found}

"""Fields of a JSON schema: found by the pointer of a finding, with their title and what is demanded of them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.jsonschema import DRAFT202012

from schemas.explaining.field import Field, name_from, spoken, title_from
from schemas.json_schema.files import Schema, read_set
from schemas.plan import SchemaPlan

_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_FACTS: Final = (
    *("type", "enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"),
)
_MOST: Final = 200
"""Schemas that are looked at for one place: they may refer to each other in circles."""
_Placed = tuple[Schema, Any]
"""A schema, and what resolves the references in it."""


class JsonFields:
    """Raises `Misconfigured` when the schema is none."""

    def __init__(self, plan: SchemaPlan) -> None:
        schemas = read_set(Path(plan.json_schema), Path(plan.folder))
        resources = ((uri, DRAFT202012.create_resource(schema)) for uri, schema in schemas.documents.items())
        resolver = REGISTRY.with_resources(resources).resolver()
        self._start = ({"$ref": schemas.entry}, resolver)

    def at(self, pointer: str) -> Field:
        here = list(_meant([self._start]))
        for step in pointer.split("/")[1:]:
            here = list(_meant([found for each in here for found in _beneath(each, step)]))
        title, description = (_text(here, word) for word in ("title", "description"))
        own = pointer.rpartition("/")[2]
        name = title_from(title) or name_from(description) or ("" if own.isdecimal() or not here else spoken(own))
        facts = {fact: _said(value) for schema, _ in reversed(here) for fact, value in schema.items() if fact in _FACTS}
        return Field(name, facts)


def _meant(schemas: Sequence[_Placed]) -> Iterator[_Placed]:
    """Those, what they refer to, and their alternatives."""
    waiting = [*reversed(schemas)]
    for _ in range(_MOST):
        if not waiting:
            return
        schema, resolver = waiting.pop()
        yield schema, resolver
        inner = [each for word in _BRANCHES for each in schema.get(word, ()) if isinstance(each, Mapping)]
        waiting += [(each, resolver) for each in reversed(inner)]
        if isinstance(target := schema.get("$ref"), str):
            found = resolver.lookup(target)
            if isinstance(found.contents, Mapping):
                waiting.append((found.contents, found.resolver))


def _beneath(placed: _Placed, step: str) -> Iterator[_Placed]:
    schema, resolver = placed
    listed = schema.get("prefixItems", ())
    if step.isdecimal():
        inner = listed[int(step)] if int(step) < len(listed) else schema.get("items")
    else:
        inner = schema.get("properties", {}).get(step)
    if isinstance(inner, Mapping):
        yield inner, resolver


def _text(schemas: Sequence[_Placed], word: str) -> str:
    return next((found for schema, _ in schemas if isinstance(found := schema.get(word), str)), "")


def _said(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)

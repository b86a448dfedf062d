"""Where in a JSON schema something was not met: the choice it belongs to, and the conditions under which it holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.explaining.field import Field, Form, name_from, title_from
from schemas.json_schema.files import Schema

Placed = tuple[Schema, Any]
"""A schema, and what resolves the references in it."""
_CHOICES: Final = ("anyOf", "oneOf")
_BY_NAME: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_BY_NUMBER: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_INWARD: Final = frozenset({
    "properties", "patternProperties", "prefixItems", "items", "additionalProperties", "contains",
    "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip
"""Keywords whose schemas are about what lies within."""
_FACTS: Final = (
    *("type", "enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"),
)
_DEEPEST: Final = 50


_ANY: Final = Form()


@dataclass(frozen=True, slots=True)
class Alternative:
    name: str
    """Of the schema; empty where it has none."""
    members: Sequence[Field] = ()
    """What it requires, where it has no name."""
    form: Form = _ANY
    """What it demands of a value, where it has neither."""


@dataclass(frozen=True, slots=True)
class Choice:
    keyword: str
    """`anyOf` or `oneOf`."""
    alternatives: Sequence[Alternative]


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What decides about a requirement: a member that is there, or has one of these values."""

    member: Field
    values: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Way:
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What is demanded where it leads."""
    choice: Choice | None = None
    when: Sequence[Circumstance] = ()
    """All of these; empty where there is no condition, or none that can be told."""
    unless: bool = False
    """Whether it holds when that is not so."""


def way(
    start: Placed, keywords: Sequence[str], pointer: str, missing: Sequence[str], member: Callable[[str, str], Field]
) -> Way | None:
    """`pointer`: where in the document, and which members are `missing` there; `member`: what the schema says of one by
    the pointer of its object. None where the way leads nowhere."""
    steps = list(_steps(start, keywords))
    if not steps or steps[-1].keyword != keywords[-1]:
        return None
    places = pointer.split("/")

    def beside(step: _Step) -> Callable[[str], Field]:
        around = "/".join(places[: step.depth + 1])
        return lambda name: member(around, name)

    last = steps[-1]
    conditions = (_circumstances(each, missing, beside(each)) for each in reversed(steps))
    when, unless = next(filter(None, conditions), ((), False))
    if last.keyword not in _CHOICES:
        return Way(facts_of(last.schema), when=when, unless=unless)
    found = (_alternative((each, last.resolver), beside(last)) for each in last.schema[last.keyword])
    return Way({}, Choice(last.keyword, tuple(found)), when, unless)


@dataclass(frozen=True, slots=True)
class _Step:
    schema: Schema
    resolver: Any
    keyword: str
    depth: int
    """Levels of the document above it."""
    name: str = ""


def _steps(placed: Placed, keywords: Sequence[str]) -> Iterator[_Step]:
    waiting, depth = list(keywords), 0
    while waiting:
        word = waiting.pop(0)
        found = next((each for each in _referred(placed) if word in each[0]), None)
        if found is None:
            return
        schema, resolver = found
        inner: Any = schema[word]
        name = waiting.pop(0) if waiting and word in _BY_NAME | _BY_NUMBER else ""
        yield _Step(schema, resolver, word, depth, name)
        if not waiting:
            return
        if word in _BY_NAME:
            inner = inner.get(name)
        elif word in _BY_NUMBER:
            inner = inner[int(name)] if name.isdecimal() and int(name) < len(inner) else None
        if not isinstance(inner, Mapping):
            return
        placed, depth = (inner, resolver), depth + (word in _INWARD)


def _referred(placed: Placed) -> Iterator[Placed]:
    """It, and what it refers to."""
    for _ in range(_DEEPEST):
        yield placed
        schema, resolver = placed
        if not isinstance(target := schema.get("$ref"), str):
            return
        found = resolver.lookup(target)
        if not isinstance(found.contents, Mapping):
            return
        placed = (found.contents, found.resolver)


def _circumstances(
    step: _Step, missing: Sequence[str], at: Callable[[str], Field]
) -> tuple[Sequence[Circumstance], bool] | None:
    """And whether it holds unless they are so."""
    if step.keyword == "dependentRequired":
        rules: Mapping[str, Sequence[str]] = step.schema[step.keyword]
        return [Circumstance(at(name)) for name, required in rules.items() if set(required) & set(missing)], False
    if step.keyword == "dependentSchemas":
        return (Circumstance(at(step.name)),), False
    if step.keyword not in ("then", "else"):
        return None
    condition = step.schema.get("if")
    found = list(_conditions(condition, at)) if isinstance(condition, Mapping) else []
    unless = step.keyword == "else"
    if not found or None in found or (unless and len(found) > 1):
        return None
    return [each for each in found if each is not None], unless


def _conditions(condition: Schema, at: Callable[[str], Field]) -> Iterator[Circumstance | None]:
    """None for one that cannot be told."""
    properties = condition.get("properties", {})
    for name, schema in properties.items():
        match schema:
            case {"const": value}:
                yield Circumstance(at(name), (_shown(value),))
            case {"enum": list(values)}:
                yield Circumstance(at(name), tuple(map(_shown, values)))
            case _:
                yield None
    for name in condition.get("required", ()):
        if name not in properties:
            yield Circumstance(at(name))
    if not set(condition) <= {"properties", "required", "type", "title", "description"}:
        yield None


def _alternative(placed: Placed, at: Callable[[str], Field]) -> Alternative:
    if not isinstance(placed[0], Mapping):
        return Alternative("")
    schemas = [schema for schema, _ in _referred(placed)]

    def first(word: str) -> Any:
        return next((schema[word] for schema in schemas if word in schema), "")

    name = title_from(str(first("title"))) or name_from(str(first("description")))
    return Alternative(name, tuple(map(at, first("required"))), Form(facts_of(schemas[-1])))


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def facts_of(schema: Schema) -> Mapping[str, Sequence[str]]:
    """What it demands of a value."""
    return {fact: _said(value) for fact, value in schema.items() if fact in _FACTS}


def _said(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)

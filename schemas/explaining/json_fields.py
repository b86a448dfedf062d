"""Fields of a JSON schema: found by the pointer of a finding, with their title and what is demanded of them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.jsonschema import DRAFT202012

from schemas.explaining.field import Field, Form, name_from, spoken, title_from
from schemas.explaining.json_ways import Placed, Way, facts_of, way
from schemas.json_schema.files import read_set, subschemas
from schemas.json_schema.places import JsonPlaces
from schemas.plan import SchemaPlan

_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_UNDER_CONDITIONS: Final = ("then", "else")
_CONDITIONS: Final = frozenset({"if", "dependentRequired", "dependentSchemas"})
_MOST: Final = 200
"""Schemas that are looked at for one place: they may refer to each other in circles."""


class JsonFields:
    """Raises `Misconfigured` when the schema is none."""

    def __init__(self, plan: SchemaPlan) -> None:
        schemas = read_set(Path(plan.json_schema), Path(plan.folder))
        resources = ((uri, DRAFT202012.create_resource(schema)) for uri, schema in schemas.documents.items())
        resolver = REGISTRY.with_resources(resources).resolver()
        inside = (each for uri, schema in schemas.documents.items() for _, each in subschemas(schema, uri))
        self.conditional = any(_CONDITIONS & set(each) for each in inside)
        """Whether some of it holds only under conditions."""
        self._places = JsonPlaces(schemas)
        self._start = ({"$ref": schemas.entry}, resolver)

    def at(self, pointer: str) -> Field:
        here = list(_meant([self._start]))
        for step in pointer.split("/")[1:]:
            here = list(_meant([found for each in here for found in _beneath(each, step)]))
        title, description = (_text(here, word) for word in ("title", "description"))
        own = pointer.rpartition("/")[2]
        name = title_from(title) or name_from(description) or ("" if own.isdecimal() or not here else spoken(own))
        facts = {fact: said for schema, _ in reversed(here) for fact, said in facts_of(schema).items()}
        return Field(name, Form(facts), "" if own.isdecimal() or not here else own)

    def member(self, pointer: str, name: str) -> Field:
        """Of an object there; of a name that the schema does not have nothing is said."""
        found = self.at(f"{pointer}/{name}")
        return found if found.element or not self._places.known((name,)) else Field(spoken(name), element=name)

    def way(self, keywords: Sequence[str], pointer: str, missing: Sequence[str]) -> Way | None:
        """Through the schema to what was not met at a pointer."""
        return way(self._start, keywords, pointer, missing, self.member) if keywords else None


def _meant(schemas: Sequence[Placed]) -> Iterator[Placed]:
    """Those, what they refer to, their alternatives, and what holds under conditions."""
    waiting = [*reversed(schemas)]
    for _ in range(_MOST):
        if not waiting:
            return
        schema, resolver = waiting.pop()
        yield schema, resolver
        inner = [each for word in _BRANCHES for each in schema.get(word, ())]
        inner += [schema.get(word) for word in _UNDER_CONDITIONS]
        waiting += [(each, resolver) for each in reversed(inner) if isinstance(each, Mapping)]
        if isinstance(target := schema.get("$ref"), str):
            found = resolver.lookup(target)
            if isinstance(found.contents, Mapping):
                waiting.append((found.contents, found.resolver))


def _beneath(placed: Placed, step: str) -> Iterator[Placed]:
    schema, resolver = placed
    listed = schema.get("prefixItems", ())
    if step.isdecimal():
        inner = listed[int(step)] if int(step) < len(listed) else schema.get("items")
    else:
        inner = schema.get("properties", {}).get(step)
    if isinstance(inner, Mapping):
        yield inner, resolver


def _text(schemas: Sequence[Placed], word: str) -> str:
    return next((found for schema, _ in schemas if isinstance(found := schema.get(word), str)), "")

"""How places in a JSON document are named: JSON Pointers in the words of the schema, never in the sender's."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from schemas.json_schema.files import SchemaSet, subschemas

NAME: Final = r"[A-Za-z_][\w.-]{0,199}"
_NAME: Final = re.compile(NAME)
UNKNOWN: Final = "*"


class JsonPlaces:
    def __init__(self, schemas: SchemaSet) -> None:
        self._names = frozenset(
            name
            for uri, schema in schemas.documents.items()
            for _, inside in subschemas(schema, uri)
            for name in _named(inside)
        )

    def pointer(self, steps: Sequence[str | int]) -> str:
        """E.g. `/hunde/0/rasse`; of names the schema does not know `*`."""
        return "".join(f"/{step if isinstance(step, int) else self.name(step)}" for step in steps)

    def name(self, name: str) -> str:
        return name if name in self._names and _NAME.fullmatch(name) else UNKNOWN

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the names that may be shown."""
        return tuple(name for name in names if self.name(name) != UNKNOWN)


def _named(schema: object) -> Iterable[str]:
    if not isinstance(schema, dict):
        return ()
    properties, required = schema.get("properties"), schema.get("required")
    dependent = schema.get("dependentRequired")
    named = [*properties] if isinstance(properties, dict) else []
    named += [each for each in required if isinstance(each, str)] if isinstance(required, list) else []
    if isinstance(dependent, dict):
        named += [name for member, names in dependent.items() for name in (member, *names)]
    return named

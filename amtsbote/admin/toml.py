"""Write TOML: arrays of tables at the top, everything below them inline. `tomllib` reads it back as it was."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

Table = Mapping[str, Any]


def toml_document(tables: Mapping[str, Sequence[Table] | Table]) -> str:
    """`[[name]]` for every table of a sequence, `[name]` for a single one; empty ones are left out."""
    return "\n".join(block for name, content in tables.items() for block in _blocks(name, content))


def _blocks(name: str, content: Sequence[Table] | Table) -> Iterator[str]:
    if isinstance(content, Mapping):
        if content:
            yield f"[{_key(name)}]\n{_lines(content)}"
        return
    for table in content:
        yield f"[[{_key(name)}]]\n{_lines(table)}"


def _lines(table: Table) -> str:
    return "".join(f"{_key(name)} = {toml_value(value, 0)}\n" for name, value in table.items())


def toml_value(value: Any, depth: int) -> str:
    """Strings, numbers, truth values, days, lists and tables. A list of tables takes a line per table."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {toml_value(one, depth + 1)}" for name, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        if depth == 0 and any(isinstance(one, Mapping) for one in value):
            return "[\n" + "".join(f"  {toml_value(one, 1)},\n" for one in value) + "]"
        return f"[{', '.join(toml_value(one, depth + 1) for one in value)}]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "a").replace("_", "a").isalnum()
    return name if bare else _text(name)


def _text(value: str) -> str:
    """JSON strings are TOML strings, but for U+007F, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")

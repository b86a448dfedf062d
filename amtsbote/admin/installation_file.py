"""The installation file as text: every setting with its meaning, the chosen ones set, the others shown as comments."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from amtsbote.daemon.settings import Settings
from amtsbote.errors import Language
from amtsbote.text.catalogue import say

_WIDTH: Final = 100


def installation_file(chosen: Mapping[str, Mapping[str, Any]], language: Language) -> str:
    """TOML text that `Settings.load` reads. `chosen`: section → key → value."""
    lines = [*_comment(say("config.head", language)), *_comment(say("config.declarations", language))]
    for section, field in Settings.model_fields.items():
        lines += ["", *_comment(say(f"config.{section}", language)), f"[{section}]"]
        lines += _section(section, field.default, chosen.get(section, {}), language)
    return "\n".join(lines) + "\n"


def _section(section: str, defaults: BaseModel, chosen: Mapping[str, Any], language: Language) -> Iterator[str]:
    for key in type(defaults).model_fields:
        yield from _comment(say(f"config.{section}.{key}", language))
        if key in chosen:
            yield f"{key} = {_value(chosen[key])}"
        else:
            yield f"# {key} = {_value(getattr(defaults, key))}"


def _comment(sentence: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(sentence, _WIDTH)]


def _value(value: Any) -> str:
    """A value in TOML, none as an empty text. JSON strings are TOML strings while nothing above U+FFFF is escaped."""
    if value is None:
        return '""'
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()))
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False)
    return json.dumps(value)

"""What pydantic finds wrong with a value, as a sentence of the catalogue: never pydantic's words, never the value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from amtsbote.errors import Language
from amtsbote.text.catalogue import say

_TEXT, _LIST, _TABLE, _TRUTH = "field.text", "field.list", "field.table", "field.truth"
_WHOLE, _NUMBER, _SPAN, _PATH = "field.whole", "field.number", "field.span", "field.path"

_BY_KIND: Final[Mapping[str, str]] = {
    "missing": "field.missing",
    "union_tag_not_found": "field.missing",
    "extra_forbidden": "field.not-here",
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "string_unicode": _TEXT,
    "path_type": _PATH,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "dict_type": _TABLE,
    "invalid_key": _TABLE,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "time_delta_type": _SPAN,
    "time_delta_parsing": _SPAN,
    "string_too_short": "field.too-short",
    "too_short": "field.too-short",
}
_WITH_LIMIT: Final[Mapping[str, tuple[str, str, str]]] = {
    "enum": ("field.choice", "allowed", "expected"),
    "literal_error": ("field.choice", "allowed", "expected"),
    "union_tag_invalid": ("field.choice", "allowed", "expected_tags"),
    "string_pattern_mismatch": ("field.pattern", "pattern", "pattern"),
    "string_too_long": ("field.too-long", "limit", "max_length"),
    "too_long": ("field.too-long", "limit", "max_length"),
    "greater_than_equal": ("field.at-least", "limit", "ge"),
    "greater_than": ("field.more-than", "limit", "gt"),
    "less_than_equal": ("field.at-most", "limit", "le"),
    "less_than": ("field.less-than", "limit", "lt"),
}
"""Kind → key, its placeholder, and what pydantic calls the value of that."""
_BY_RULE: Final[Mapping[str, str]] = {
    "must be an absolute path": "field.absolute-path",
    "must be HOST:PORT, e.g. 127.0.0.1:8080": "field.address",
    "must be an IP address or a network, e.g. 10.0.0.0/8": "field.network",
    "must be a postgresql:// address": "field.database",
    "database and database_file exclude each other": "field.one-database",
    "server and sender go together": "field.server-and-sender",
    "issuer and keys go together": "field.issuer-and-keys",
    "a login needs transport starttls or tls": "field.login-in-the-clear",
    "told_after must ascend and end before rejected_after": "field.deadlines",
    "must be a day, e.g. 2026-12-31": "field.day",
    "must be an http:// or https:// address": "field.url",
    "must be an https:// address that can be called": "field.callback-url",
}
"""Rules of our own models, by the words of their ValueError."""
_ONE_OF: Final = " is not one of "
"""How the command line's own types name a choice."""

_TIME: Final = re.compile(r"([0-9]+) (second|day)s?")
_SECONDS: Final = {"second": 1, "day": 86_400}
"""How pydantic writes the limit of a time."""


@dataclass(frozen=True, slots=True)
class Finding:
    key: str
    values: Mapping[str, object]

    def sentence(self, language: Language) -> str:
        return say(self.key, language, **self.values)


def finding(item: Mapping[str, Any]) -> Finding:
    """One entry of `ValidationError.errors()` in our words. What nobody foresaw is `field.wrong`: it says no more."""
    kind, context = item["type"], item.get("ctx", {})
    if kind in _BY_KIND:
        return Finding(_BY_KIND[kind], {})
    if kind in _WITH_LIMIT:
        key, placeholder, name = _WITH_LIMIT[kind]
        return Finding(key, {placeholder: _plain(context[name])})
    rule = str(context.get("error", ""))
    if kind == "value_error" and rule in _BY_RULE:
        return Finding(_BY_RULE[rule], {})
    if kind == "value_error" and _ONE_OF in rule:
        return Finding("field.choice", {"allowed": rule.partition(_ONE_OF)[2].rstrip(".")})
    return Finding("field.wrong", {})


def _plain(limit: object) -> object:
    """Without English words: times in seconds, as the settings have them, and choices with commas only."""
    if not isinstance(limit, str):
        return limit
    time = _TIME.fullmatch(limit)
    return int(time[1]) * _SECONDS[time[2]] if time else limit.replace("' or '", "', '")

"""What is wrong with a declaration: every mistake with its place and what to do, in German and English."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from amtsbote.errors import Language, Misconfigured
from amtsbote.text.catalogue import say
from amtsbote.text.findings import finding

MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Mistake:
    place: str
    """Where, e.g. `[[destinations]] #1 · services #2 · name`."""
    de: str
    en: str

    def sentence(self, language: Language) -> str:
        words = self.de if language == "de" else self.en
        return f"{self.place}: {words}" if self.place else words


class DeclarationRefused(Misconfigured):
    """A declaration that is not applied. Nothing was changed. `more`: mistakes that were only counted."""

    def __init__(self, file: str, mistakes: Sequence[Mistake], more: int = 0) -> None:
        count = len(mistakes) + more
        self.mistakes = tuple(mistakes[:MOST_SHOWN])
        english = say("declaration.refused", "en", file=file, count=count)
        super().__init__("\n".join([english, *(mistake.sentence("en") for mistake in self.mistakes)]))
        self.de = say("declaration.refused", "de", file=file, count=count)
        self.en = english


def mistake(place: str, key: str, **values: object) -> Mistake:
    return Mistake(place, say(key, "de", **values), say(key, "en", **values))


def place_of(location: Sequence[str | int]) -> str:
    """A place in a TOML file as a person counts: tables by name, list entries from 1."""
    parts: list[str] = []
    for step in location:
        if isinstance(step, int):
            parts[-1] = f"{parts[-1]} #{step + 1}"
        else:
            parts.append(step)
    if not parts:
        return ""
    table, number, counted = parts[0].partition(" #")
    return " · ".join([f"[[{table}]]{number}{counted}" if number else f"[{table}]", *parts[1:]])


def mistakes_of(error: ValidationError, model: type[BaseModel], within: str = "") -> list[Mistake]:
    """Pydantic's findings about a document of `model` that stands at `within`, in our words; never with a value."""
    return [_translated(item, model, within) for item in error.errors(include_url=False, include_input=False)]


def _translated(item: Mapping[str, Any], model: type[BaseModel], within: str) -> Mistake:
    location: tuple[str | int, ...] = item["loc"]
    place = " · ".join([within, *map(str, location)]) if within else place_of(location)
    if item["type"] == "extra_forbidden":
        return _unknown_key(place, str(location[-1]), known_keys(model, location[:-1]))
    found = finding(item)
    return mistake(place, found.key, **found.values)


def _unknown_key(place: str, key: str, known: Sequence[str]) -> Mistake:
    near = difflib.get_close_matches(key, known, n=1)
    if near:
        return mistake(place, "field.unknown-near", near=near[0])
    return mistake(place, "field.unknown", known=", ".join(known))


def known_keys(model: type[BaseModel], location: Sequence[str | int]) -> tuple[str, ...]:
    """The keys that may stand at `location` of a document of `model`."""
    for step in location:
        if isinstance(step, int):
            continue
        inner = _model_within(model.model_fields[step].annotation) if step in model.model_fields else None
        if inner is None:
            return ()
        model = inner
    return tuple(model.model_fields)


def _model_within(annotation: Any) -> type[BaseModel] | None:
    """The model in `Model`, `Model | None`, `tuple[Model, ...]` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _model_within(argument))), None)

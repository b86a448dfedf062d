"""What is wrong with an installation file or the environment, one line per mistake, with the name somebody meant."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from amtsbote.text.catalogue import say
from amtsbote.text.findings import finding

PREFIX: Final = "AMTSBOTE__"
"""Of environment variables that are settings; everything after it is SECTION__KEY."""
Place = tuple[str, ...]
Fault = tuple[str, str]
"""German and English."""


def variables(environ: Mapping[str, str]) -> dict[Place, str]:
    """Place of a setting → the variable that sets it, as it is written."""
    return {tuple(name[len(PREFIX) :].lower().split("__")): name for name in environ if name.upper().startswith(PREFIX)}


def keys_of(model: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """Section → its keys."""
    sections = {name: field.annotation for name, field in model.model_fields.items()}
    return {
        name: tuple(section.model_fields)
        for name, section in sections.items()
        if isinstance(section, type) and issubclass(section, BaseModel)
    }


def of_environment(environ: Mapping[str, str], model: type[BaseModel]) -> dict[Place, Fault]:
    """Variables that set nothing there is, and values that are no JSON where a list or a whole section is wanted."""
    known, found = keys_of(model), {}
    for place, name in variables(environ).items():
        if len(place) > 2 or place[0] not in known or not set(place[1:]) <= set(known[place[0]]):
            found[place] = _told(name, *_both(_unknown(place[:2], known)))
        elif _wants_json(place, model) and not _is_json(environ[name]):
            found[place] = _told(name, say("field.json", "de"), say("field.json", "en"))
    return found


def of_values(error: ValidationError, environ: Mapping[str, str], model: type[BaseModel]) -> Iterator[Fault]:
    """Never a value: it may be a secret."""
    known, set_by = keys_of(model), variables(environ)
    for item in error.errors(include_url=False, include_input=False):
        place = tuple(map(str, item["loc"]))
        where = set_by.get(place[:2]) or f"[{'.'.join(place)}]"
        if item["type"] == "extra_forbidden":
            yield _told(where, *_both(_unknown(place, known)))
        else:
            why = finding(item)
            yield _told(where, why.sentence("de"), why.sentence("en"))


def _told(where: str, de: str, en: str) -> Fault:
    return f"{where} {de}", f"{where} {en}"


def _both(said: tuple[str, Mapping[str, str]]) -> Fault:
    key, values = said
    return say(key, "de", **values), say(key, "en", **values)


def _unknown(place: Sequence[str], known: Mapping[str, Sequence[str]]) -> tuple[str, Mapping[str, str]]:
    near = _near(place, known)
    if near is not None:
        return "field.unknown-near", {"near": near}
    return "field.unknown", {"known": ", ".join(known.get(place[0], known) if len(place) > 1 else known)}


def _near(place: Sequence[str], known: Mapping[str, Sequence[str]]) -> str | None:
    """A name written alike, first of the same section; else the same key of another section."""
    *section, key = place
    siblings = known.get(section[0], ()) if section else tuple(known)
    alike = get_close_matches(key, siblings, 1)
    if alike:
        return ".".join([*section, alike[0]])
    names = [f"{name}.{one}" for name, keys in known.items() for one in keys]
    elsewhere = [name for name in names if name.partition(".")[2] == key]
    whole = [*elsewhere, *get_close_matches(".".join(place), names, 1)]
    return whole[0] if whole else None


def _wants_json(place: Place, model: type[BaseModel]) -> bool:
    section: Any = model.model_fields[place[0]].default
    return len(place) == 1 or isinstance(getattr(section, place[1]), tuple)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True

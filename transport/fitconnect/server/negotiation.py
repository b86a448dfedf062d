"""What a client would like to get: media type (RFC 9110, 12.5.1) and language (12.5.4), with their weights."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from starlette.requests import Request

from amtsbote.errors import Language

V = TypeVar("V", bound=Callable[..., Any])

JSON: Final = "application/json"
_GIVEN: Final[dict[Callable[..., Any], tuple[str, ...]]] = {}
_MOST_RANGES: Final = 50
_WEIGHT: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)
_LANGUAGES: Final[dict[str, Language]] = {"de": "de", "en": "en", "*": "de"}
"""First subtag of a range → the language it gets; whatever it likes, German."""


def gives(*media_types: str) -> Callable[[V], V]:
    """Marks an endpoint whose success is not JSON alone: other media types, the best first, or no content at all."""

    def marked(view: V) -> V:
        _GIVEN[view] = media_types
        return view

    return marked


def media_types_of(view: Callable[..., Any]) -> tuple[str, ...]:
    """What a success of an endpoint may be written in; none when it has no content."""
    return _GIVEN.get(getattr(view, "func", view), (JSON,))


def accepts(request: Request, media_type: str) -> bool:
    """Whether the client takes this. Without the header, or with one that cannot be read, it takes everything."""
    header = request.headers.get("accept")
    if header is None or header in {"*/*", media_type}:
        return True
    wanted = dict(_weighted(request.headers.getlist("accept")))
    general = f"{media_type.partition('/')[0]}/*"
    found = (wanted[one] for one in (media_type, general, "*/*") if one in wanted)
    return next(found, 0.0 if wanted else 1.0) > 0


def takes_gzip(request: Request) -> bool:
    """Whether the client can take an answer compressed with gzip (RFC 9110, 12.5.3)."""
    wanted = dict(_weighted(request.headers.getlist("accept-encoding")))
    return wanted.get("gzip", wanted.get("*", 0.0)) > 0


def knows(request: Request, tag: str) -> bool:
    """Whether the client has the answer with this weak tag (RFC 9110, 13.1.2)."""
    known = ",".join(request.headers.getlist("if-none-match")).split(",", _MOST_RANGES)
    return any(one.strip().removeprefix("W/") in {"*", tag.removeprefix("W/")} for one in known)


def language_of(request: Request) -> Language:
    """German unless English has the greater weight, or the same and comes first."""
    ranges = [
        (_LANGUAGES[subtag], weight)
        for wanted, weight in _weighted(request.headers.getlist("accept-language"))
        if (subtag := wanted.partition("-")[0]) in _LANGUAGES and weight > 0
    ]
    return max(ranges, key=_weight)[0] if ranges else "de"


def _weight(entry: tuple[Language, float]) -> float:
    return entry[1]


def _weighted(values: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Range and weight of each entry of a list header, in order; entries that are none are passed over."""
    for entry in ",".join(values).split(",", _MOST_RANGES)[:_MOST_RANGES]:
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        weight = next((_number(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
        if name and weight is not None:
            yield name, weight


def _number(text: str) -> float | None:
    """A weight; None for what is none."""
    return float(text) if _WEIGHT.fullmatch(text) else None

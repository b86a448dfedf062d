"""What a schema demands, as a clerk would say it."""

from collections.abc import Mapping, Sequence
from typing import Final

from amtsbote.errors import Language
from amtsbote.model.schema import Expectation
from schemas.explaining.field import Form

_NUMBER: Final = ("eine Zahl, Nachkommastellen nach einem Punkt", "a number, with a point before its fraction")
_WHOLE: Final = ("eine ganze Zahl", "a whole number")
_NATURAL: Final = ("eine ganze Zahl ohne Vorzeichen", "a whole number without a sign")
_DAY: Final = ("ein Datum der Form JJJJ-MM-TT, etwa 2026-12-31", "a date of the form YYYY-MM-DD, such as 2026-12-31")
_MOMENT: Final = (
    "Datum und Uhrzeit, etwa 2026-12-31T12:00:00+01:00",
    "date and time, such as 2026-12-31T12:00:00+01:00",
)
_CLOCK: Final = ("eine Uhrzeit, etwa 12:00:00", "a time of day, such as 12:00:00")
_ADDRESS: Final = ("eine Adresse (URI)", "an address (URI)")
_TRUTH: Final = ("true oder false", "true or false")
_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "xs:date": _DAY,
    "date": _DAY,
    "xs:dateTime": _MOMENT,
    "date-time": _MOMENT,
    "xs:time": _CLOCK,
    "time": _CLOCK,
    "xs:gYear": ("ein Jahr mit vier Ziffern", "a year of four digits"),
    "xs:gYearMonth": ("Jahr und Monat der Form JJJJ-MM", "year and month of the form YYYY-MM"),
    "xs:duration": ("eine Dauer, etwa P1Y6M", "a duration, such as P1Y6M"),
    "xs:boolean": _TRUTH,
    "boolean": _TRUTH,
    **dict.fromkeys(("xs:decimal", "xs:double", "xs:float", "number"), _NUMBER),
    **dict.fromkeys(("xs:integer", "xs:int", "xs:long", "xs:short", "xs:byte", "integer"), _WHOLE),
    **dict.fromkeys(("xs:nonNegativeInteger", "xs:unsignedInt", "xs:unsignedLong", "xs:unsignedShort"), _NATURAL),
    "xs:positiveInteger": ("eine ganze Zahl ab 1", "a whole number from 1"),
    "xs:anyURI": _ADDRESS,
    "uri": _ADDRESS,
    "xs:base64Binary": ("Base64", "base64"),
    "xs:language": ("ein Sprachkürzel, etwa de", "a language tag, such as de"),
    **dict.fromkeys(
        ("xs:ID", "xs:IDREF", "xs:NCName"),
        (
            "ein Name ohne Leerzeichen und Doppelpunkt, der nicht mit einer Ziffer beginnt",
            "a name without spaces and colons that does not begin with a digit",
        ),
    ),
    "email": ("eine E-Mail-Adresse", "an e-mail address"),
    "uuid": ("eine UUID", "a UUID"),
    "string": ("ein Text", "a text"),
    "array": ("eine Liste", "a list"),
    "object": ("ein Objekt", "an object"),
}
_ONE_OF: Final = ("Erlaubt sind: {}.", "Allowed: {}.")
_ONLY: Final = ("Erlaubt ist nur: {}.", "Only this is allowed: {}.")
_LEAST: Final = ("Mindestens {}.", "At least {}.")
_MOST: Final = ("Höchstens {}.", "At most {}.")
_ABOVE: Final = ("Mehr als {}.", "More than {}.")
_BELOW: Final = ("Weniger als {}.", "Less than {}.")
_FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "enumeration": _ONE_OF,
    "enum": _ONE_OF,
    "fixed": _ONLY,
    "const": _ONLY,
    "length": ("Verlangte Länge: {}.", "Required length: {}."),
    "minLength": ("Mindestlänge: {}.", "Least length: {}."),
    "maxLength": ("Höchstlänge: {}.", "Greatest length: {}."),
    "minInclusive": _LEAST,
    "minimum": _LEAST,
    "maxInclusive": _MOST,
    "maximum": _MOST,
    "minExclusive": _ABOVE,
    "exclusiveMinimum": _ABOVE,
    "maxExclusive": _BELOW,
    "exclusiveMaximum": _BELOW,
    "totalDigits": ("Höchstzahl der Ziffern: {}.", "Greatest number of digits: {}."),
    "fractionDigits": ("Höchstzahl der Nachkommastellen: {}.", "Greatest number of decimals: {}."),
    "multipleOf": ("Schrittweite {}.", "In steps of {}."),
    "items": ("Verlangte Zahl der Einträge: {}.", "Required number of items: {}."),
    "minItems": ("Mindestzahl der Einträge: {}.", "Least number of items: {}."),
    "maxItems": ("Höchstzahl der Einträge: {}.", "Greatest number of items: {}."),
}
"""Patterns are not among them: few can be told (`patterns`). Whoever can read one finds it in `expected`."""
_COUNTED: Final[Mapping[str, str]] = {"minLength": "minItems", "maxLength": "maxItems", "length": "items"}
"""What counts letters of a text counts the items of a list."""
_TYPED: Final = frozenset({"type", "format"})
_MORE: Final = (" und weitere", " and more")
_EXPECTED: Final = ("Erwartet wird {}.", "Expected: {}.")


_ANY_TEXT: Final = ("ein Text", "a text")
_ONE_VALUE: Final = ("einer der Werte {}", "one of the values {}")
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "length": ("mit genau {} Zeichen", "of exactly {} characters"),
    "minLength": ("mit mindestens {} Zeichen", "of at least {} characters"),
    "maxLength": ("mit höchstens {} Zeichen", "of at most {} characters"),
    "minInclusive": ("ab {}", "from {}"),
    "maxInclusive": ("bis {}", "up to {}"),
    "minExclusive": ("größer als {}", "greater than {}"),
    "maxExclusive": ("kleiner als {}", "less than {}"),
    "minimum": ("ab {}", "from {}"),
    "maximum": ("bis {}", "up to {}"),
    "exclusiveMinimum": ("größer als {}", "greater than {}"),
    "exclusiveMaximum": ("kleiner als {}", "less than {}"),
    "pattern": ("nach einem festen Muster", "of a fixed pattern"),
}
_LIST_OF: Final = (
    "eine Liste, durch Leerzeichen getrennt; jeder Eintrag: {}",
    "a list, separated by spaces; each item: {}",
)
_ONE_OF_FORMS: Final = ("Erlaubt ist eine dieser Formen: {}.", "One of these forms is allowed: {}.")
_EACH_ITEM: Final = ("Erwartet wird je Eintrag {}.", "Expected for each item: {}.")
_OR: Final = ("; oder ", "; or ")


def told(expected: Expectation, language: Language, *, of_list: bool = False) -> str:
    """A sentence, or nothing where there is nothing a person could read. `of_list`: whether the value is a list."""
    column = 0 if language == "de" else 1
    if expected.what in _TYPED:
        words = [_TYPES[value][column] for value in expected.values if value in _TYPES]
        return _EXPECTED[column].format((" oder ", " or ")[column].join(words)) if words else ""
    if not expected.values or expected.what not in _FACTS:
        return ""
    fact = _COUNTED.get(expected.what, expected.what) if of_list else expected.what
    return _FACTS[fact][column].format(_listed(expected, column))


def forms_told(form: Form, language: Language) -> str:
    """What a union or a list wants: its members, or the form of each item."""
    column = 0 if language == "de" else 1
    if form.item is not None:
        return _EACH_ITEM[column].format(phrase(form.item, language))
    return _ONE_OF_FORMS[column].format(_OR[column].join(_phrases(form, language))) if form.members else ""


def phrase(form: Form, language: Language) -> str:
    """E.g. `ein Text mit höchstens 3 Zeichen`."""
    column = 0 if language == "de" else 1
    if form.members:
        return _OR[column].join(_phrases(form, language))
    if form.item is not None:
        return _LIST_OF[column].format(phrase(form.item, language))
    for listed in form.expected(("enumeration", "enum")):
        return _ONE_VALUE[column].format(_listed(listed, column))
    kind = next(iter(form.facts.get("type", ())), "")
    bounds = [words[column].format(*form.facts[fact]) for fact, words in _BOUNDS.items() if form.facts.get(fact)]
    return " ".join((_TYPES.get(kind, _ANY_TEXT)[column], *bounds))


def _phrases(form: Form, language: Language) -> Sequence[str]:
    return tuple(dict.fromkeys(phrase(member, language) for member in form.members))


def _listed(expected: Expectation, column: int) -> str:
    return ", ".join(expected.values) + (_MORE[column] if expected.more else "")

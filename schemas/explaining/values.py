"""What the schema demands of the value at the place of a finding, added to what the finding says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from amtsbote.errors import Language
from amtsbote.model.schema import Finding
from schemas.explaining.field import Field
from schemas.explaining.insight import Insight
from schemas.explaining.patterns import pattern_told, whole_pattern
from schemas.explaining.sentences import wrong_character, wrong_items
from schemas.explaining.words import forms_told, told

ELEMENTS: Final = "elements"
_LENGTH: Final = ("length", "minLength", "maxLength")
_RANGE: Final = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
WANTED: Final[Mapping[str, Sequence[str]]] = {
    "XSD-TYPE": ("type",),
    "XSD-PATTERN": ("pattern",),
    "XSD-ENUMERATION": ("enumeration",),
    "XSD-LENGTH": _LENGTH,
    "XSD-RANGE": _RANGE,
    "XSD-DIGITS": ("totalDigits", "fractionDigits"),
    "XSD-FIXED": ("fixed",),
    "JSON-TYPE": ("type",),
    "JSON-ENUM": ("enum",),
    "JSON-CONST": ("const",),
    "JSON-PATTERN": ("pattern",),
    "JSON-FORMAT": ("format",),
    "JSON-LENGTH": ("minLength", "maxLength"),
    "JSON-RANGE": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "JSON-MULTIPLE": ("multipleOf",),
    "JSON-COUNT": ("minItems", "maxItems"),
}
"""Code of a finding → facts of the schema that say what would be right."""


def of_value(finding: Finding, field: Field, insight: Insight) -> Finding:
    form = field.form.item if insight.items and field.form.item is not None else field.form
    expected = form.expected(WANTED.get(finding.code, ()))
    patterns = [
        whole_pattern(finding.code, each.values) for each in expected if each.what == "pattern" and not each.more
    ]
    typed = finding.code == "XSD-TYPE" or bool(form.members and not expected)
    members = form.members_expected() if typed else ()

    def pieces(said: str, language: Language) -> Iterator[str]:
        yield said
        yield wrong_items(insight, language)
        yield wrong_character(insight, language)
        if form is field.form:
            yield from (told(each, language, of_list=form.item is not None) for each in expected)
            yield from (pattern_told(pattern, language) for pattern in patterns)
        if form is not field.form or typed:
            yield forms_told(field.form, language)

    added = replace(finding, field=field.name, expected=(*finding.expected, *expected, *members))
    return saying(added, lambda said, language: " ".join(filter(None, pieces(said, language))))


def saying(finding: Finding, sentence: Callable[[str, Language], str]) -> Finding:
    """The same with other sentences, made of those it has."""
    return replace(finding, de=sentence(finding.de, "de"), en=sentence(finding.en, "en"))


def elements(finding: Finding) -> Sequence[str]:
    return next((each.values for each in finding.expected if each.what == ELEMENTS), ())

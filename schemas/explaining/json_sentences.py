"""Choices and conditions of a JSON schema, told as a clerk would tell them."""

from typing import Final

from amtsbote.errors import Language
from schemas.explaining.json_ways import Alternative, Choice, Circumstance, Way
from schemas.explaining.voice import AND, Voice
from schemas.explaining.words import phrase

_NONE_OF_ONE: Final = (
    "Genau eine dieser Alternativen muss erfüllt sein, hier ist es keine: {names}.",
    "Exactly one of these alternatives must be met, and none is: {names}.",
)
_NONE_OF_ANY: Final = (
    "Mindestens eine dieser Alternativen muss erfüllt sein, hier ist es keine: {names}.",
    "At least one of these alternatives must be met, and none is: {names}.",
)
_SEVERAL: Final = (
    "Nur eine dieser Alternativen darf erfüllt sein, hier sind es mehrere: {names}.",
    "Only one of these alternatives may be met, and several are: {names}.",
)
_NOT: Final = ("Diese Angaben sind so nicht erlaubt.", "What is given is not allowed like this.")
_NEAREST: Final = ("Am nächsten kommt: {name}.", "The nearest is: {name}.")
_WITH: Final = ("mit {names}", "with {names}")
_NUMBERED: Final = ("Alternative {number}", "alternative {number}")
_MOST_VALUES: Final = 10
_WHEN: Final = ("Das gilt, wenn {so}.", "This holds when {so}.")
_IS_THERE: Final = ("{member} angegeben ist", "{member} is given")
_HAS_VALUE: Final = ("{member} den Wert {values} hat", "{member} has the value {values}")
_IS_NOT_THERE: Final = ("{member} nicht angegeben ist", "{member} is not given")
_HAS_ANOTHER: Final = ("{member} nicht den Wert {values} hat", "{member} does not have the value {values}")


def of_choice(choice: Choice, several: bool, nearest: int, language: Language) -> str:
    """`nearest`: counted from 1; 0 where none is nearer than others."""
    say = Voice(language)
    names = [_name(each, number, say) for number, each in enumerate(choice.alternatives, 1)]
    words = _SEVERAL if several else _NONE_OF_ONE if choice.keyword == "oneOf" else _NONE_OF_ANY
    told = say(words, names=say.either(list(dict.fromkeys(names))))
    return f"{told} {say(_NEAREST, name=names[nearest - 1])}" if 0 < nearest <= len(names) else told


def of_not(language: Language) -> str:
    return Voice(language)(_NOT)


def of_conditions(way: Way, language: Language) -> str:
    """Nothing where it holds always."""
    say = Voice(language)
    return say(_WHEN, so=say(AND).join(_so(each, way.unless, say) for each in way.when)) if way.when else ""


def _name(alternative: Alternative, number: int, say: Voice) -> str:
    if alternative.name:
        return say.quoted(alternative.name)
    members = [each for each in alternative.members if each.element]
    if members:
        return say(_WITH, names=say.all_of(members))
    told = alternative.form.facts
    return phrase(alternative.form, say.language) if "type" in told or "enum" in told else say(_NUMBERED, number=number)


def _so(each: Circumstance, unless: bool, say: Voice) -> str:
    member = say.own(each.member)
    if not each.values:
        return say(_IS_NOT_THERE if unless else _IS_THERE, member=member)
    return say(_HAS_ANOTHER if unless else _HAS_VALUE, member=member, values=say.either(each.values[:_MOST_VALUES]))

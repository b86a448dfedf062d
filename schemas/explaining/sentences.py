"""What a second look has seen, told as a clerk would tell it: in names of the schema's documentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import combining, name

from amtsbote.errors import Language
from schemas.explaining.field import Condition, Field, Key
from schemas.explaining.insight import Insight
from schemas.explaining.voice import Voice, Words

_UNKNOWN: Final = ("eine Angabe, die das Schema nicht kennt", "an item that the schema does not know")
_UNKNOWN_HERE: Final = ("Hier steht {unknown}.", "Here is {unknown}.")
_ONCE: Final = ("{own} darf hier nur einmal stehen.", "{own} may be here only once.")
_AT_MOST: Final = ("{own} darf hier höchstens {most}-mal stehen.", "{own} may be here at most {most} times.")
_TOGETHER: Final = (
    "Von diesen Angaben dürfen hier zusammen höchstens {most} stehen: {names}.",
    "Of these items there may be at most {most} together: {names}.",
)
_BESIDE: Final = (
    "{own} darf nicht neben {names} stehen: Nur eine von beiden Möglichkeiten ist erlaubt.",
    "{own} may not be here beside {names}: only one of the two is allowed.",
)
_MISPLACED: Final = (
    "{own} steht an der falschen Stelle und gehört vor {name}.",
    "{own} is in the wrong place: it belongs before {name}.",
)
_TOO_EARLY: Final = (
    "Die Reihenfolge ist falsch: {own} steht vor {names}, gehört aber dahinter.",
    "The order is wrong: {own} comes before {names}, but belongs behind.",
)
_NAMESPACE: Final = (
    "Das Element {own} steht {there}; hier wird es {wanted} erwartet.",
    "The element {own} is {there}; here it is expected {wanted}.",
)
_IN: Final = ("im Namensraum {namespace}", "in the namespace {namespace}")
_IN_ANOTHER: Final = ("in einem anderen Namensraum", "in another namespace")
_IN_NONE: Final = ("ohne Namensraum", "without a namespace")
_MISSING: Final = ("An dieser Stelle fehlt {name}.", "{name} is missing here.")
_MISSING_ONE_OF: Final = (
    "An dieser Stelle fehlt eine dieser Angaben: {names}.",
    "One of these items is missing here: {names}.",
)
_MISSING_IN: Final = ("In {own} fehlt {name}.", "{name} is missing in {own}.")
_MISSING_ONE_OF_IN: Final = (
    "In {own} fehlt eine dieser Angaben: {names}.",
    "One of these items is missing in {own}: {names}.",
)
_AT_LEAST: Final = (
    "Nötig sind mindestens {least}, vorhanden: {there}.",
    "At least {least} are needed, there: {there}.",
)
_INSTEAD: Final = ("Stattdessen steht hier {own}.", "Instead there is {own}.")
_NOT_HERE: Final = ("{own} wird hier nicht erwartet.", "{own} is not expected here.")
_POSSIBLE: Final = ("Möglich ist an dieser Stelle: {names}.", "Possible here: {names}.")
_NEXT: Final = (
    "{own} ist nicht vollständig. Als Nächstes ist möglich: {names}.",
    "{own} is not complete. Possible next: {names}.",
)
_NOT_COMPLETE: Final = ("{own} ist nicht vollständig.", "{own} is not complete.")
_ONLY_A_VALUE: Final = (
    "In {own} ist nur ein Wert erlaubt; hier stehen weitere Elemente darin.",
    "{own} may hold a value only; here it holds further elements.",
)
_NO_TEXT: Final = (
    "{own} besteht aus einzelnen Angaben; hier steht Text darin, der dort nicht erlaubt ist.",
    "{own} consists of single items; here it holds text, which is not allowed there.",
)
_REQUIRED: Final = ("Hier fehlt die Pflichtangabe {names}.", "The required member {names} is missing here.")
_REQUIRED_ALL: Final = ("Hier fehlen Pflichtangaben: {names}.", "Required members are missing here: {names}.")

_SAME: Final = (
    "{fields} muss bei jedem Eintrag {entry} anders lauten; hier steht derselbe Wert noch einmal.",
    "{fields} must differ for each entry {entry}; the same value is here once more.",
)
_SAME_TOGETHER: Final = (
    "{fields} zusammen müssen bei jedem Eintrag {entry} anders lauten; hier stehen dieselben Werte noch einmal.",
    "{fields} together must differ for each entry {entry}; the same values are here once more.",
)
_FIRST: Final = ("Zuerst steht er hier: {place}.", "It is first here: {place}.")
_FIRST_OF_SEVERAL: Final = ("Zuerst stehen sie hier: {place}.", "They are first here: {place}.")
_NO_KEY: Final = (
    "Diesem Eintrag {entry} fehlt {fields}; daran muss jeder zu erkennen sein.",
    "This entry {entry} lacks {fields}, by which each must be known.",
)
_NO_COUNTERPART: Final = (
    "Zu {fields} fehlt das Gegenstück: Kein Eintrag {other} hat denselben Wert in {others}.",
    "{fields} refers to nothing: no entry {other} has the same value in {others}.",
)
_WHERE: Final = ("Die erste solche Stelle: {place}.", "The first such place: {place}.")
_CONDITION: Final = ("Die Bedingung lautet: {test}", "The condition is: {test}")
_LONGEST_CONDITION: Final = 300
_WRONG_ITEM: Final = ("Falsch ist der {numbers}. Eintrag der Liste.", "Item {numbers} of the list is wrong.")
_WRONG_ITEMS: Final = (
    "Falsch sind diese Einträge der Liste: {numbers}.",
    "These items of the list are wrong: {numbers}.",
)
_CHARACTER: Final = (
    "Das {at}. Zeichen ist nicht erlaubt: {character}.",
    "Character {at} is not allowed: {character}.",
)
_NOTHING: Final = Insight()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the elements in an element."""

    own: Field
    """The one that is not expected, or in which something is missing."""
    possible: Sequence[Field]
    """What the validator would have taken next."""
    missing: Sequence[Field] = ()
    rivals: Sequence[Field] = ()
    before: Field | None = None
    behind: Sequence[Field] = ()
    meant: Field | None = None
    """The one that may be here and is called alike."""
    namespace: str = ""
    """Of that one; empty for none."""
    insight: Insight = _NOTHING


def unexpected(fault: Fault, language: Language) -> str:
    """Of an element where it may not be."""
    say = Voice(language)
    own, insight = say.own(fault.own), fault.insight
    if insight.most and fault.rivals:
        return say(_TOGETHER, most=insight.most, names=say.any_of(fault.rivals))
    if insight.most:
        return say(_ONCE if insight.most == 1 else _AT_MOST, own=own, most=insight.most)
    if fault.rivals:
        return say(_BESIDE, own=own, names=say.all_of(fault.rivals))
    if fault.before is not None:
        return say(_MISPLACED, own=own, name=say.own(fault.before))
    if fault.behind:
        return say(_TOO_EARLY, own=own, names=say.all_of(fault.behind))
    if fault.meant is not None:
        there, wanted = (where(say, each) for each in (insight.space, fault.namespace))
        return say(_NAMESPACE, own=say.own(fault.meant), there=there, wanted=wanted)
    if fault.missing:
        missing = _missing(say, fault, _MISSING, _MISSING_ONE_OF)
        return f"{missing} {say(_INSTEAD, own=fault.own.called(language) or say(_UNKNOWN))}"
    possible = f" {say(_POSSIBLE, names=say.any_of(fault.possible))}" if fault.possible else ""
    known = bool(fault.own.element)
    return f"{say(_NOT_HERE, own=own) if known else say(_UNKNOWN_HERE, unknown=say(_UNKNOWN))}{possible}"


def incomplete(fault: Fault, language: Language) -> str:
    """Of an element in which another one is missing."""
    say = Voice(language)
    if fault.missing:
        return _missing(say, fault, _MISSING_IN, _MISSING_ONE_OF_IN)
    if fault.possible:
        return say(_NEXT, own=say.own(fault.own), names=say.any_of(fault.possible))
    return say(_NOT_COMPLETE, own=say.own(fault.own))


def wrong_content(own: Field, language: Language) -> str:
    """Of an element that holds text where there may only be elements, or the other way round."""
    form = own.form
    simple = form.facts or form.members or form.item is not None
    return Voice(language)(_ONLY_A_VALUE if simple else _NO_TEXT, own=Voice(language).own(own))


def required(members: Sequence[Field], language: Language) -> str:
    """Of members of a JSON object that must be there."""
    say = Voice(language)
    return say(_REQUIRED if len(members) == 1 else _REQUIRED_ALL, names=say.all_of(members))


def of_key(key: Key, insight: Insight | None, language: Language) -> str:
    """Nothing where it is not known which of its faults a key has."""
    say = Voice(language)
    fields, entry = say.all_of(key.fields), say.own(key.entry)
    if key.refers is not None:
        others, other = say.all_of(key.refers.fields), say.own(key.refers.entry)
        told = say(_NO_COUNTERPART, fields=fields, others=others, other=other)
        return f"{told} {say(_WHERE, place=insight.other)}" if insight is not None and insight.other else told
    if insight is not None and insight.items:
        lacking = [field for number, field in enumerate(key.fields, 1) if number in insight.items]
        return say(_NO_KEY, entry=entry, fields=say.all_of(lacking))
    if insight is None or not insight.other:
        return ""
    alone = len(key.fields) == 1
    told = say(_SAME if alone else _SAME_TOGETHER, fields=fields, entry=entry)
    return f"{told} {say(_FIRST if alone else _FIRST_OF_SEVERAL, place=insight.other)}"


def not_met(condition: Condition, said: str, language: Language) -> str:
    """Of an assertion: in the words of its schema, and as the schema writes it."""
    say = Voice(language)
    words, test = condition.said[language], condition.test
    told = f"{said[:-1]}: {_cut(words)}" if words else said
    return f"{told} {say(_CONDITION, test=_cut(test))}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CONDITION else f"{text[: _LONGEST_CONDITION - 1]}…"


def wrong_items(insight: Insight, language: Language) -> str:
    """Of a list."""
    if not insight.items:
        return ""
    numbers = ", ".join(map(str, insight.items))
    return Voice(language)(_WRONG_ITEM if len(insight.items) == 1 else _WRONG_ITEMS, numbers=numbers)


def wrong_character(insight: Insight, language: Language) -> str:
    """Of a value: by its code point, its name, and as it looks where it can be seen by itself."""
    if not insight.character:
        return ""
    character = chr(insight.character)
    seen = character.isprintable() and not combining(character) and not character.isspace()
    say = Voice(language)
    shown = (say.quoted(character) if seen else "", f"U+{insight.character:04X}", name(character, ""))
    return say(_CHARACTER, at=insight.at, character=" ".join(filter(None, shown)))


def where(say: Voice, namespace: str | None) -> str:
    """Of an element in a namespace, in none (empty), or in one that is the sender's word alone (None)."""
    if namespace is None:
        return say(_IN_ANOTHER)
    return say(_IN, namespace=namespace) if namespace else say(_IN_NONE)


def _missing(say: Voice, fault: Fault, one: Words, several: Words) -> str:
    names = say.any_of(fault.missing)
    told = say(one if len(fault.missing) == 1 else several, own=say.own(fault.own), name=names, names=names)
    insight = fault.insight
    more = insight.least > 1
    return f"{told} {say(_AT_LEAST, least=insight.least, there=insight.there)}" if more else told

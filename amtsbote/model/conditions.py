"""Conditions of rules: `strassenklasse=gemeinde|kreis und betrag<=5000 und monat=3..9`.

A condition is a conjunction of terms, apart by ` und `. A term is a fact, an operator, and a value:

- `fact=a|b`: one of these; `a*` is every text that begins so, `a..b` a range with both ends (decimals or ISO dates)
- `fact!=a|b`: none of these
- `fact<a`, `<=`, `>`, `>=`: a decimal or an ISO date

Facts are what a service package declares, as text. Two are known of every day: `monat` (1 to 12; `monat=10..2` goes
over the turn of the year) and `tag` (ISO date). A fact that is not given, or is no number where one is compared, makes
a term unknown: neither true nor false.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product
from typing import Final, NamedTuple, TypeAlias

from amtsbote.model.spelling import with_digraphs

MONTH: Final = "monat"
DAY: Final = "tag"
BUILT_IN: Final = (MONTH, DAY)
MAX_CHARACTERS: Final = 500

_TERM: Final = re.compile(r"([a-z][a-z0-9_-]{0,63}) ?(!=|<=|>=|=|<|>) ?([^\s=<>!]+)")
_NAME_ENDS: Final = re.compile(r"[\s=<>!]")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_THOUSANDS: Final = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_OPEN: Final = Decimal("Infinity")


_TOO_LONG: Final = (
    "Die Bedingung ist länger als 500 Zeichen. Bitte auf mehrere Zeilen verteilen.",
    "The condition is longer than 500 characters. Spread it over several lines.",
)
_NO_TERM: Final = (
    "„{value}“ ist keine Bedingung. Erwartet wird z. B. strassenklasse=gemeinde|kreis und betrag<=5000 und monat=3..9.",
    "“{value}” is no condition. Expected is e.g. strassenklasse=gemeinde|kreis und betrag<=5000 und monat=3..9.",
)
_NO_NAME: Final = (
    "„{value}“ kann keine Angabe heißen: Kleinbuchstaben a bis z, Ziffern, - und _. Vermutlich ist {near} gemeint.",
    "No fact can have the name “{value}”: lower case letters a to z, digits, - and _. {near} is probably meant.",
)
_NO_VALUE: Final = (
    "„{value}“ ist kein Wert einer Bedingung: ein Wort, a|b für mehrere, * nur am Ende für alles, was so beginnt.",
    "“{value}” is no value of a condition: a word, a|b for several, * at the end only for all that begins so.",
)
_NOT_COMPARABLE: Final = (
    "„{value}“ lässt sich nicht vergleichen: Zahlen mit Dezimalpunkt oder Tage (JJJJ-MM-TT), beide Enden gleicher Art.",
    "“{value}” cannot be compared: numbers with a decimal point or days (YYYY-MM-DD), both ends of one kind.",
)
_GROUPED: Final = (
    "„{value}“: Mit Tausenderpunkt oder mit drei Nachkommastellen? Bitte ohne Tausenderpunkt schreiben, z. B. 5000.",
    "“{value}”: with a thousands point or with three decimals? Write it without a thousands point, e.g. 5000.",
)
_NO_MONTH: Final = (
    "„{value}“ nennt keinen Monat von 1 bis 12, z. B. monat=3..9 oder monat=10..2.",
    "“{value}” names no month from 1 to 12, e.g. monat=3..9 or monat=10..2.",
)
_NO_DAY: Final = ("„{value}“ nennt keinen Tag, z. B. tag>=2026-01-31.", "“{value}” names no day, e.g. tag>=2026-01-31.")
_NEVER: Final = ("„{value}“ kann nie erfüllt sein. Bitte korrigieren.", "“{value}” can never be satisfied. Correct it.")


class ConditionRefused(ValueError):
    """No condition. `de` and `en` say why, with the part that is wrong, `value`, where they have `{value}`."""

    def __init__(self, sentences: tuple[str, str], value: str) -> None:
        self.de, self.en = sentences
        self.value = value
        super().__init__(self.en)


class Text(NamedTuple):
    """Exactly this text, or every text that begins so."""

    text: str
    begins: bool

    def holds(self, value: str) -> bool:
        return value.startswith(self.text) if self.begins else value == self.text

    def within(self, other: "Choice") -> bool:
        """Whether the other provably holds of everything this holds of."""
        if isinstance(other, Range):
            return not self.begins and other.holds(self.text) is True
        return other.holds(self.text) and (other.begins or not self.begins)

    def apart(self, other: "Choice") -> bool:
        """Whether provably nothing satisfies both."""
        if isinstance(other, Range):
            return not self.begins and other.holds(self.text) is False
        return not other.holds(self.text) and not (self.begins and other.text.startswith(self.text))


class Range(NamedTuple):
    """Numbers between two ends, or days, counted as `date.toordinal`."""

    days: bool
    low: Decimal
    low_counts: bool
    high: Decimal
    high_counts: bool

    def holds(self, value: str) -> bool | None:
        """None when the text is nothing to compare with."""
        point = _point(value, days=self.days)
        if point is None:
            return None
        above = point > self.low or (self.low_counts and point == self.low)
        return above and (point < self.high or (self.high_counts and point == self.high))

    def within(self, other: "Choice") -> bool:
        if isinstance(other, Text) or self.days is not other.days:
            return False
        low = self.low > other.low or (self.low == other.low and (other.low_counts or not self.low_counts))
        high = self.high < other.high or (self.high == other.high and (other.high_counts or not self.high_counts))
        return low and high

    def apart(self, other: "Choice") -> bool:
        if isinstance(other, Text):
            return other.apart(self)
        return self.days is other.days and (self.before(other) or other.before(self))

    def before(self, other: "Range") -> bool:
        return self.high < other.low or (self.high == other.low and not (self.high_counts and other.low_counts))


Choice: TypeAlias = Text | Range


@dataclass(frozen=True, slots=True)
class Term:
    """One of the choices must hold of the fact; if `negated`, none."""

    fact: str
    choices: tuple[Choice, ...]
    negated: bool

    def holds(self, value: str | None) -> bool | None:
        """None when that is unknown."""
        if value is None:
            return None
        found = {choice.holds(value) for choice in self.choices}
        if True in found:
            return not self.negated
        return None if None in found else self.negated

    def apart(self, other: "Term") -> bool:
        """Whether provably no value satisfies both terms."""
        if self.fact != other.fact or (self.negated and other.negated):
            return False
        if self.negated:
            return other.apart(self)
        if other.negated:
            return all(any(mine.within(theirs) for theirs in other.choices) for mine in self.choices)
        return all(mine.apart(theirs) for mine, theirs in product(self.choices, other.choices))


@dataclass(frozen=True, slots=True)
class Condition:
    """Terms that must all hold."""

    text: str
    terms: tuple[Term, ...]
    facts: frozenset[str]
    """Those it asks for, without those known of every day."""

    def fits(self, facts: Mapping[str, str]) -> bool:
        """Whether it holds of these facts on some day."""
        return all(term.holds(facts.get(term.fact)) is True for term in self.terms if term.fact not in BUILT_IN)

    def holds(self, facts: Mapping[str, str], on: date) -> bool | None:
        """None when it hangs on facts that are not known. One false term decides."""
        verdict: bool | None = True
        for term in self.terms:
            found = term.holds(_of_the_day(term.fact, on) if term.fact in BUILT_IN else facts.get(term.fact))
            if found is False:
                return False
            if found is None:
                verdict = None
        return verdict

    def unclear(self, facts: Mapping[str, str]) -> frozenset[str]:
        """Facts that are given and yet leave a term unknown."""
        given = (term for term in self.terms if term.fact in facts)
        return frozenset(term.fact for term in given if term.holds(facts[term.fact]) is None)

    def apart(self, other: "Condition") -> bool:
        """Whether provably never both hold."""
        return any(mine.apart(theirs) for mine, theirs in product(self.terms, other.terms))


@lru_cache(maxsize=4096)
def parse(text: str) -> Condition:
    """Raises `ConditionRefused`."""
    if len(text) > MAX_CHARACTERS:
        raise ConditionRefused(_TOO_LONG, text)
    terms = tuple(_term(part) for part in text.split(" und "))
    for one, other in combinations(terms, 2):
        if one.apart(other):
            raise ConditionRefused(_NEVER, text)
    return Condition(text, terms, frozenset(term.fact for term in terms if term.fact not in BUILT_IN))


def _term(text: str) -> Term:
    matched = _TERM.fullmatch(text.strip(" "))
    if matched is None:
        raise _no_term(text)
    fact, operator, value = matched.groups()
    if operator in {"=", "!="}:
        choices = tuple(_choice(part) for part in value.split("|"))
    else:
        choices = (_compared(operator, value),)
    term = Term(fact, choices, operator == "!=")
    return _of_months(term, text) if fact == MONTH else _of_days(term, text)


def _no_term(text: str) -> ConditionRefused:
    """With the name that is probably meant, where only that is wrong: `Straßenklasse`."""
    name = _NAME_ENDS.split(text.strip(" "), maxsplit=1)[0]
    near = with_digraphs(name)
    if _TERM.fullmatch(text.strip(" ").replace(name, near, 1)) is None:
        return ConditionRefused(_NO_TERM, text)
    de, en = (sentence.replace("{near}", near) for sentence in _NO_NAME)
    return ConditionRefused((de, en), name)


def _choice(text: str) -> Choice:
    low, dots, high = text.partition("..")
    if dots:
        days = bool(_ISO_DATE.fullmatch(low))
        return Range(days, _end(low, text, days=days), True, _end(high, text, days=days), True)
    if not text or "*" in text[:-1] or text == "*":
        raise ConditionRefused(_NO_VALUE, text)
    return Text(text.removesuffix("*"), text.endswith("*"))


def _compared(operator: str, text: str) -> Range:
    days = bool(_ISO_DATE.fullmatch(text))
    end, counts = _end(text, text, days=days), operator.endswith("=")
    if operator.startswith("<"):
        return Range(days, -_OPEN, False, end, counts)
    return Range(days, end, counts, _OPEN, False)


def _end(text: str, whole: str, *, days: bool) -> Decimal:
    if _THOUSANDS.fullmatch(text):
        raise ConditionRefused(_GROUPED, text)
    point = _point(text, days=days)
    if point is None:
        raise ConditionRefused(_NOT_COMPARABLE, whole)
    return point


def _point(text: str, *, days: bool) -> Decimal | None:
    if days:
        try:
            return Decimal(date.fromisoformat(text).toordinal()) if _ISO_DATE.fullmatch(text) else None
        except ValueError:
            return None
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _of_months(term: Term, text: str) -> Term:
    """Every term about the month as the plain list of its months."""
    months = {str(month) for month in range(1, 13) for choice in term.choices if _month_in(month, choice, text)}
    wanted = {str(month) for month in range(1, 13)} - months if term.negated else months
    if not wanted:
        raise ConditionRefused(_NEVER, text)
    return Term(MONTH, tuple(Text(month, begins=False) for month in sorted(wanted, key=int)), negated=False)


def _month_in(month: int, choice: Choice, text: str) -> bool:
    ends: Sequence[Decimal | None]
    if isinstance(choice, Text):
        ends = (None,) if choice.begins else (_point(choice.text, days=False),)
    else:
        ends = (None,) if choice.days else [end for end in (choice.low, choice.high) if end.is_finite()]
    if any(end is None or not 1 <= end <= 12 or end != int(end) for end in ends):
        raise ConditionRefused(_NO_MONTH, text)
    if isinstance(choice, Text):
        return ends[0] == month
    if choice.low > choice.high:
        return month >= choice.low or month <= choice.high
    return choice.holds(str(month)) is True


def _of_days(term: Term, text: str) -> Term:
    for choice in term.choices:
        if isinstance(choice, Range) and choice.low > choice.high:
            raise ConditionRefused(_NEVER, text)
        if term.fact == DAY and not (choice.days if isinstance(choice, Range) else _is_day(choice)):
            raise ConditionRefused(_NO_DAY, text)
    return term


def _is_day(choice: Text) -> bool:
    return not choice.begins and _point(choice.text, days=True) is not None


def _of_the_day(fact: str, on: date) -> str:
    return str(on.month) if fact == MONTH else on.isoformat()

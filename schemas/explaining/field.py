"""What a schema says of one place in a document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from amtsbote.errors import Language
from amtsbote.model.schema import Expectation

_LONGEST_NAME: Final = 60
_LONGEST_TITLE: Final = 120
_MOST_VALUES: Final = 10
_LONGEST_VALUE: Final = 80
_SHORT: Final = (
    "bspw",
    "bzw",
    "ca",
    "etc",
    "evtl",
    "gem",
    "ggf",
    "inkl",
    "max",
    "min",
    "sog",
    "usw",
    "vgl",
    "Abs",
    "Nr",
)
_NOT_SHORT: Final = "".join(rf"(?<!\b{word})" for word in (*_SHORT, r"\w"))
_SENTENCE: Final = re.compile(rf"(.{{20,}}?{_NOT_SHORT}[.!?])\s+[A-ZÄÖÜ0-9]")
"""Up to a mark that ends a sentence, and not an abbreviation."""
_ASIDE: Final = re.compile(r"[;:]\s.*")
_LISTED: Final = re.compile(r"\([^()]*$")
"""A bracket that a cut has left open."""
_VERB: Final = re.compile(
    r"\b(sind|werden|wurden?|kann|können|muss|müssen|soll(en)?|sollten?|darf|dürfen|haben|gelten|is|are|must"
    r"|(?!(fast|fest|mit|nicht|samt|seit|selbst|sonst|statt)\b)(?<!-)[a-zäöüß]+t)\b"
)
"""A finite verb, as near as its form tells: what ends in -t and is no common particle is one."""
_OPENING: Final = re.compile(
    r"(gibt|enthält|beschreibt|bezeichnet|benennt|nennt|liefert|dies\w*|hier|es|für|in|im|mit|bei|zu|zum|zur|um|unter|anhand|wenn|falls|sofern|ist|ggf)\b",
    re.IGNORECASE,
)
"""Words a sentence begins with, and hardly ever a name."""
_SMALL: Final = re.compile(
    r" (?:Der|Des|Die|Dem|Den|Das|Und|Oder|Von|Zu|Zur|Zum|In|Im|Mit|Am|An|Auf|Aus|Bei|Nach|Ist)\b"
)
_HUMP: Final = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")


@dataclass(frozen=True, slots=True)
class Form:
    """What a type demands of a value."""

    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """E.g. `maxLength` → `("50",)`."""
    members: Sequence["Form"] = ()
    """Of a union: the value must be of one of these forms."""
    item: "Form | None" = None
    """Of a list: the form of each of its items, which white space separates."""

    def expected(self, wanted: Sequence[str]) -> tuple[Expectation, ...]:
        """Those of the facts, cut to what a person reads."""
        return tuple(_expectation(fact, self.facts[fact]) for fact in wanted if self.facts.get(fact))

    def members_expected(self) -> tuple[Expectation, ...]:
        """Of a union, one value for each member, e.g. `xs:string maxLength=3`."""
        told = [" ".join((*member.facts.get("type", ()), *member.bounds())) for member in self.members]
        return (_expectation("union", told),) if told else ()

    def bounds(self) -> Iterator[str]:
        return (f"{fact}={'|'.join(values)}" for fact, values in self.facts.items() if fact != "type")


@dataclass(frozen=True, slots=True)
class Field:
    name: str = ""
    """As the documentation of the schema calls it, or else the schema itself."""
    form: Form = Form()
    element: str = ""
    """Name of the element, attribute or member, as the document has it."""

    def called(self, language: Language) -> str:
        """E.g. „Umfang des Stammes in Zentimetern“ (stammumfang). Empty where the schema does not name it."""
        before, after = ("„", "“") if language == "de" else ("“", "”")
        if not self.element:
            return f"{before}{self.name}{after}" if self.name else ""
        if self.name.casefold() in ("", self.element.casefold(), spoken(self.element).casefold()):
            return f"{before}{self.name if self.name and self.name != spoken(self.element) else self.element}{after}"
        return f"{before}{self.name}{after} ({self.element})"

    @property
    def facts(self) -> Mapping[str, Sequence[str]]:
        return self.form.facts


@dataclass(frozen=True, slots=True)
class Condition:
    """An assertion."""

    test: str
    """XPath."""
    said: Mapping[Language, str]
    """In words, as the schema documents it; empty where it does not."""


@dataclass(frozen=True, slots=True)
class Key:
    """An identity constraint, in names."""

    kind: str
    """`key`, `unique` or `keyref`."""
    entry: Field
    """What it is about: each of these has a key of its own, or refers to one."""
    fields: Sequence[Field]
    """What the key consists of."""
    refers: "Key | None" = None
    """Of a `keyref`: the keys it may refer to."""


def _expectation(fact: str, values: Sequence[str]) -> Expectation:
    """A pattern that is cut would be another one, so a long one is left out."""
    readable = [value for value in values if len(value) <= _LONGEST_VALUE][:_MOST_VALUES]
    return Expectation(fact, tuple(readable), more=len(readable) < len(values))


def title_from(title: str) -> str:
    """What is meant to be a name, cut where a line of a report ends."""
    text = " ".join(title.split()).removesuffix(".")
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1].rstrip()}…"


def name_from(documentation: str) -> str:
    """What the documentation begins with, where that is a name: short, and no sentence."""
    text = " ".join(documentation.split())
    first = found[1] if (found := _SENTENCE.match(text)) else text
    name = _ASIDE.sub("", first).removesuffix(".")
    main = _LISTED.sub("", name.partition(",")[0]).rstrip()
    if _VERB.search(main) or _OPENING.match(main):
        return ""
    if len(name) <= _LONGEST_NAME:
        return name
    return main if " " in main and len(main) <= _LONGEST_NAME else ""


def spoken(name: str) -> str:
    """The name of an element or attribute, in words: `artDesBescheids` → `art des Bescheids`."""
    return _SMALL.sub(lambda found: found[0].lower(), _HUMP.sub(" ", name))

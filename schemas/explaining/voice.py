"""Sentences of one language, with the names of fields in them."""

from collections.abc import Sequence
from typing import Final

from amtsbote.errors import Language
from schemas.explaining.field import Field

Words = tuple[str, str]
"""German, English."""
OR: Final = (" oder ", " or ")
AND: Final = (" und ", " and ")
_MOST: Final = 6
_AND_MORE: Final = (" und weitere", " and more")
_THIS: Final = ("Diese Angabe", "This item")


class Voice:
    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._column = 0 if language == "de" else 1

    def __call__(self, words: Words, **values: object) -> str:
        return words[self._column].format(**values)

    def own(self, field: Field) -> str:
        return field.called(self.language) or self(_THIS)

    def any_of(self, fields: Sequence[Field]) -> str:
        """As many as a person reads."""
        names = list(map(self.own, fields))
        return self.either(names) if len(names) <= _MOST else ", ".join(names[:_MOST]) + self(_AND_MORE)

    def all_of(self, fields: Sequence[Field]) -> str:
        return self.listed(list(map(self.own, fields)))

    def listed(self, names: Sequence[str]) -> str:
        return self._listed(names, AND)

    def either(self, names: Sequence[str]) -> str:
        return self._listed(names, OR)

    def _listed(self, names: Sequence[str], last: Words) -> str:
        return ", ".join(names[:-1]) + self(last) + names[-1] if len(names) > 1 else "".join(names)

    def quoted(self, name: str) -> str:
        return f"„{name}“" if self.language == "de" else f"“{name}”"

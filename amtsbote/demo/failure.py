"""Why a step of the demonstration did not hold."""

from amtsbote.errors import AmtsboteError, Language
from amtsbote.text.catalogue import say


class StepFailed(AmtsboteError):
    """`key` is a sentence of the catalogue; `values` are paths, numbers and names of ours."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(say(key, "en", **values))
        self._key = key
        self._values = values

    def sentence(self, language: Language) -> str:
        return say(self._key, language, **self._values)

"""How a command says no: a stable code and both sentences, because whoever asked may read another language."""

from collections.abc import Mapping
from typing import Any

from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.errors import AmtsboteError, Language, Misconfigured, StorageFailed
from amtsbote.errors.reasons import read_in
from amtsbote.text.catalogue import say
from amtsbote.text.causes import cause_told


class CommandRefused(AmtsboteError):
    """A command that cannot be carried out. An error among the values is read in the language of the sentence."""

    def __init__(self, code: str, key: str, **values: object) -> None:
        self.code = code
        self.de = say(key, "de", **_read(values, "de"))
        self.en = say(key, "en", **_read(values, "en"))
        super().__init__(code, self.en)


class RefusedThere(AmtsboteError):
    """What the daemon refused, as it said it."""

    def __init__(self, refusal: Mapping[str, Any]) -> None:
        self.refusal = dict(refusal)
        super().__init__(refusal.get("code"), refusal.get("en"))


def _read(values: Mapping[str, object], language: Language) -> Mapping[str, object]:
    return {name: _words(value, language) for name, value in values.items()}


def _words(value: object, language: Language) -> object:
    match value:
        case Misconfigured():
            return value.de if language == "de" else value.en
        case AmtsboteError():
            return read_in(language, str(value))
        case OSError():
            return cause_told(value, language)
    return value


def as_refusal(error: AmtsboteError) -> dict[str, Any]:
    """JSON-ready: `code`, `de`, `en`, and `mistakes` of a declaration."""
    if isinstance(error, RefusedThere):
        return error.refusal
    if isinstance(error, StorageFailed):
        error = CommandRefused("storage", "office.storage", reason=error)
    refusal: dict[str, Any] = {
        "code": getattr(error, "code", "refused"),
        "de": getattr(error, "de", str(error)),
        "en": getattr(error, "en", str(error)),
    }
    if isinstance(error, DeclarationRefused):
        refusal["code"] = "declaration"
        refusal["mistakes"] = [{"place": one.place, "de": one.de, "en": one.en} for one in error.mistakes]
    return refusal

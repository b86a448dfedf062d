"""How a command says no: a stable code and both sentences, because whoever asked may read another language."""

from collections.abc import Mapping
from typing import Any

from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.errors import AmtsboteError
from amtsbote.text.catalogue import say


class CommandRefused(AmtsboteError):
    """A command that cannot be carried out."""

    def __init__(self, code: str, key: str, **values: object) -> None:
        self.code = code
        self.de = say(key, "de", **values)
        self.en = say(key, "en", **values)
        super().__init__(code, self.en)


class RefusedThere(AmtsboteError):
    """What the daemon refused, as it said it."""

    def __init__(self, refusal: Mapping[str, Any]) -> None:
        self.refusal = dict(refusal)
        super().__init__(refusal.get("code"), refusal.get("en"))


def as_refusal(error: AmtsboteError) -> dict[str, Any]:
    """JSON-ready: `code`, `de`, `en`, and `mistakes` of a declaration."""
    if isinstance(error, RefusedThere):
        return error.refusal
    refusal: dict[str, Any] = {
        "code": getattr(error, "code", "refused"),
        "de": getattr(error, "de", str(error)),
        "en": getattr(error, "en", str(error)),
    }
    if isinstance(error, DeclarationRefused):
        refusal["code"] = "declaration"
        refusal["mistakes"] = [{"place": one.place, "de": one.de, "en": one.en} for one in error.mistakes]
    return refusal

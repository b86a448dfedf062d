"""Errors of the house. The table beside this file is the only place where a sentence for a sender is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from amtsbote.errors.reasons import read_in

Language = Literal["de", "en"]
REQUEST_PROBLEMS = "https://schema.fitko.de/fit-connect/submission-api/problems/"
EVENT_PROBLEMS = "https://schema.fitko.de/fit-connect/events/problems/"
_WORDS: Final = frozenset({"reason", "allowed", "what"})
"""Values that are words of ours and are read in the reader's language."""


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One row of the table. `{name}` in a sentence is filled from the values of the occurrence."""

    code: str
    """Stable, `AB-` and four digits: 1 request, 2 content, 3 operation."""
    wire: str
    """Last segment of the problem type URI; dossier FIT-Connect 2.2 and 6."""
    status: int | None
    """HTTP status of a request problem; None for a content problem, which becomes a reject event."""
    retry: bool
    """Whether sending the same again later can help."""
    title_de: str
    title_en: str
    detail_de: str
    detail_en: str
    todo_de: str
    todo_en: str

    def __call__(
        self,
        *,
        instance: str = "",
        extensions: Mapping[str, Any] | None = None,
        said: Mapping[Language, str] | None = None,
        **values: object,
    ) -> "Problem":
        given = {name: str(value) for name, value in values.items()}
        return Problem(self, instance, given, extensions or {}, said or {})


@dataclass(frozen=True, slots=True)
class Problem:
    """One occurrence. Values are ids, numbers and names of ours: nothing personal, nothing unbounded."""

    type: ProblemType
    instance: str = ""
    """What it is about: `submission`, `metadata`, `data`, `attachment:<id>`; for request problems the request path."""
    values: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """Further members for the wire, JSON-ready, e.g. `findings`."""
    said: Mapping[Language, str] = field(default_factory=dict)
    """What a command of the administration said, in both languages: `{said}` in a sentence."""

    def title(self, language: Language) -> str:
        return self.type.title_de if language == "de" else self.type.title_en

    def detail(self, language: Language) -> str:
        """What is wrong and what to do about it."""
        kind = self.type
        what, todo = (kind.detail_de, kind.todo_de) if language == "de" else (kind.detail_en, kind.todo_en)
        told = {name: read_in(language, value) if name in _WORDS else value for name, value in self.values.items()}
        if self.said:
            told["said"] = self.said[language]
        return f"{what} {todo}".format_map(told).strip()


class AmtsboteError(Exception):
    """Base of every error raised on purpose."""


class RequestRefused(AmtsboteError):
    """A request that cannot be served; the edge turns the problem into an answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.type.code, problem.detail("en"))
        self.problem = problem


class Rejected(AmtsboteError):
    """The content of a message is wrong: it ends with a reject event that carries these problems."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(problem.type.code for problem in problems))
        self.problems = problems


class StaleState(AmtsboteError):
    """Somebody else changed the row first. The whole unit is undone."""


class LeaseLost(StaleState):
    """The job belongs to another worker by now: nothing of this attempt may be written."""


class NotFound(AmtsboteError):
    """No such row within this scope."""


class DecryptionFailed(AmtsboteError):
    """The one error of every failed decryption: wrong key, wrong tag, damaged ciphertext (architecture 5.13)."""


class StorageFailed(AmtsboteError):
    """Something could not be made durable: nothing of it was kept. Trying again later can help."""


class CommitUnknown(StorageFailed):
    """The connection broke during the commit: all of it was kept, or nothing. What the unit would own is nobody's to
    remove; trying the same again finds out."""


class StorageFull(StorageFailed):
    """There is no space left; the store goes on working when there is again."""


class Damaged(AmtsboteError):
    """A stored body does not match its row: a flipped bit, a missing or truncated file."""


class ItemChanged(AmtsboteError):
    """What local software gives back was changed while it was read: later, all of it again."""


class Misconfigured(AmtsboteError):
    """The installation or a declaration is wrong. Says what, where and what to do, in both languages."""

    def __init__(self, en: str, de: str = "") -> None:
        super().__init__(en)
        self.en = en
        self.de = de or en


class NoSuchName(Misconfigured):
    """Nothing, or more than one thing, has the name that a person gave."""

    code: Final = "not-found"

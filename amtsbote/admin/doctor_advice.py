"""What `doctor` looks at, and what it says about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from amtsbote.daemon.settings import Settings
from amtsbote.errors import Language
from amtsbote.text.catalogue import say


class Level(StrEnum):
    ERROR = "error"
    """Not fit for production."""
    WARNING = "warning"
    """A person should decide."""
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Advice:
    level: Level
    code: str
    """Stable. `doctor.<code>` of the catalogue says what is, `doctor.<code>.todo` what to do."""
    values: Mapping[str, object] = field(default_factory=dict)

    def what(self, language: Language) -> str:
        return say(f"doctor.{self.code}", language, **self._values(language))

    def todo(self, language: Language) -> str | None:
        """None where there is nothing to do."""
        return None if self.level is Level.FINE else say(f"doctor.{self.code}.todo", language, **self._values(language))

    def _values(self, language: Language) -> dict[str, object]:
        """Those that differ between the languages are given in both."""
        return {name: value[language] if isinstance(value, dict) else value for name, value in self.values.items()}


@dataclass(frozen=True, slots=True)
class Probed:
    """How a body fared that was written and read for a trial, and removed again."""

    fault: str | None
    """Why it did not go well."""
    readable: bool
    """Whether anybody can list or read without signing in."""


@dataclass(frozen=True, slots=True)
class Shaken:
    """How the handshake with an address of ours went: one of the three."""

    unreachable: str | None = None
    """Why nobody answered from here."""
    untrusted: str | None = None
    """Why what answered is not to be trusted."""
    until: datetime | None = None
    """The end of the certificate shown."""


@dataclass(frozen=True, slots=True)
class Site:
    """An installation and its machine, as they were found."""

    file: Path
    settings: Settings
    at: datetime
    owner: int
    """uid of the service: who owns the data folder."""
    facts: Mapping[str, Any] | None
    """What only the daemon, or whoever holds the folder lock, can say (`doctor_keys.facts`)."""
    refused: dict[str, str] | None
    """Why there are no facts, in each language."""
    running: bool
    mounts: str
    """`/proc/self/mountinfo` (proc_pid_mountinfo(5))."""
    synchronised: bool | None
    """Whether the kernel's clock follows a time source; None when it does not say."""
    sync_seconds: float | None
    """How long the data folder's disk takes for an fsync, the median of some; None when nothing could be written."""
    program: tuple[Path, ...]
    """Folders and files of the installed program."""
    parts: Probed | None = None
    """How a trial of the S3-compatible storage went; None where parts lie in a folder."""
    shaken: Shaken | None = None
    """How the handshake with the public address went; None where that is not https."""
    editing: Shaken | None = None
    """The same with the address of the editing API."""
    editing_answers: bool | None = None
    """Whether somebody answers where the editing API should; None without one, or without a service."""


Check = Callable[[Site], Iterator[Advice]]
"""Yields what is wrong; nothing when all is well."""


def error(code: str, **values: object) -> Advice:
    return Advice(Level.ERROR, code, values)


def warning(code: str, **values: object) -> Advice:
    return Advice(Level.WARNING, code, values)

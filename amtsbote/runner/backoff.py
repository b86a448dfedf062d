"""When to try again: exponential, capped, with jitter so that a recovering target is not met by all at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_JITTER: Final = 0.2


@dataclass(slots=True)
class Backoff:
    """The one value of a workshop that may change while it works: an operator calms or hurries retries."""

    first: timedelta
    longest: timedelta
    attempts: int
    """Tries in all before a person is asked."""
    random: Callable[[], float]
    """Uniform in [0, 1)."""

    def wait(self, attempt: int) -> timedelta:
        """How long after the given attempt, counted from 1, the next one is due."""
        doublings = min(attempt - 1, 32)
        plain = min(self.first * (1 << doublings), self.longest)
        return plain * (1 + _JITTER * (2 * self.random() - 1))

    def used_up(self, attempt: int) -> bool:
        return attempt >= self.attempts

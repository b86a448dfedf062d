"""Notices that the clock was set back: what fell due by the old time would wait until the new one gets there."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

_TOLERATED: Final = timedelta(seconds=30)
"""What a time service corrects in small steps costs a retry no more than that."""


class ClockWatch:
    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._began = self._beginning()

    def stepped_back(self) -> timedelta:
        """How far the clock has been set back since the last question; nothing when it was not, or only a little."""
        before, self._began = self._began, self._beginning()
        step = before - self._began
        return step if step > _TOLERATED else timedelta(0)

    def _beginning(self) -> datetime:
        """When the monotonic clock began, by the other one: it stays where it is as long as both go alike."""
        return self._clock() - timedelta(seconds=self._monotonic())

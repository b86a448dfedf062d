"""Tells of certified keys that run out: once a day and at the start, each at 90, 30 and 7 days and when it is over."""

from collections.abc import Callable
from datetime import datetime

import structlog

from amtsbote.keys.calendar import Expiry, expiring
from amtsbote.model.directory import Directory
from amtsbote.model.ids import KeyId

log = structlog.get_logger("amtsbote.daemon")


class ExpiryWatch:
    def __init__(self, directory: Callable[[], Directory], clock: Callable[[], datetime]) -> None:
        self._directory = directory
        self._clock = clock
        self._told: dict[KeyId, int | None] = {}

    def look(self) -> None:
        """Log each key in use that has come within another of the warning days since the last look."""
        found = expiring(self._directory(), self._clock())
        for one in found:
            if self._told.get(one.kid) != one.warned_at:
                _tell(one)
        self._told = {one.kid: one.warned_at for one in found}


def _tell(one: Expiry) -> None:
    told = {"kid": one.kid, "destination": one.owner, "purpose": one.purpose.value, "until": one.until.isoformat()}
    if one.warned_at == 0:
        log.error("key.expired", **told)
    else:
        log.warning("key.expires", days=one.left.days, within=one.warned_at, **told)

"""Rule sets that never meet anything. One that means another version of its standard passes every document, and nobody
would know. A single document cannot tell: a rule set need not cover each message of its standard."""

from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import Final

import structlog

from amtsbote.model.schema import Inspection

ENOUGH: Final = 20
"""Documents after which silence is told."""

log = structlog.get_logger("amtsbote.schemas")


class Silence:
    """Counts over all documents since the start. To be used from any thread."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._met: set[tuple[str, str]] = set()
        self._passed_by: Counter[tuple[str, str]] = Counter()

    def take(self, found: Inspection) -> None:
        """The verdict on one document."""
        for rules, met in found.rules_met.items():
            entry = found.package, rules
            with self._counting:
                if met:
                    self._met.add(entry)
                self._passed_by[entry] += 1
                silent = entry not in self._met and self._passed_by[entry] == ENOUGH
            if silent:
                log.warning("schemas.rules_silent", package=found.package, rules=rules, documents=ENOUGH)

    def documents(self) -> Mapping[tuple[str, str], int]:
        """(package or standard, rule set) → documents it has judged; 0 as soon as it met something in one."""
        with self._counting:
            return {entry: 0 if entry in self._met else count for entry, count in self._passed_by.items()}

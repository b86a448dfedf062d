"""From when until when a tenant takes a schema: versions of one form lie side by side while portals change over."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Term:
    """Both days are included; None is open. German calendar days."""

    uri: str
    valid_from: date | None = None
    valid_to: date | None = None

    def begun(self, on: date) -> bool:
        return self.valid_from is None or self.valid_from <= on

    def over(self, on: date) -> bool:
        return self.valid_to is not None and self.valid_to < on

    def holds(self, on: date) -> bool:
        return self.begun(on) and not self.over(on)

"""What `make interop` prints at its end: client × capability × result, and what was skipped and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field

FAILED, OK, SKIPPED = "FAILED", "ok", "skipped"


@dataclass(frozen=True)
class Trial:
    """One run of one test."""

    client: str
    capability: str
    where: str
    """The store behind the broker; empty where there was no broker."""
    result: str
    """`FAILED`, `OK`, or `SKIPPED`."""
    reason: str = ""


@dataclass
class _Row:
    by_place: dict[str, list[Trial]] = field(default_factory=dict)

    def cell(self) -> str:
        return ", ".join(f"{place} {_summed(trials)}".strip() for place, trials in self.by_place.items())


def table(trials: Iterable[Trial]) -> list[str]:
    """Lines; several cases of one capability are one row, and the worst result is shown."""
    rows: dict[tuple[str, str], _Row] = {}
    reasons: dict[str, list[str]] = {}
    for trial in trials:
        rows.setdefault((trial.client, trial.capability), _Row()).by_place.setdefault(trial.where, []).append(trial)
        if trial.result == SKIPPED and trial.client not in reasons.setdefault(trial.reason, []):
            reasons[trial.reason].append(trial.client)
    cells = [("client", "capability", "result"), *((*name, row.cell()) for name, row in sorted(rows.items()))]
    widths = [max(len(cell[column]) for cell in cells) for column in (0, 1)]
    lines = [f"{client:<{widths[0]}}  {what:<{widths[1]}}  {result}".rstrip() for client, what, result in cells]
    skipped = [f"skipped {', '.join(clients)}: {reason}" for reason, clients in reasons.items()]
    return [*lines, *skipped] if rows else []


def capability(test: str) -> str:
    """`test_it_lists_and_fetches` → `it lists and fetches`."""
    return test.removeprefix("test_").replace("_", " ")


def _summed(trials: list[Trial]) -> str:
    results = [trial.result for trial in trials]
    worst = next(result for result in (FAILED, SKIPPED, OK) if result in results)
    if len(trials) == 1:
        return worst
    some = f"{results.count(worst)} of " if worst != OK else ""
    return f"{worst} ({some}{len(trials)} cases)"

"""What an import does to each row of the tables, or why it does nothing."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What an import does to a row, or why it does nothing. Words of the catalogue: `regions.outcome.…`."""

    ADDED = "added"
    ENDED = "ended"
    RENAMED = "renamed"
    NEW_AGS = "new-ags"
    FILLED = "filled"
    """A cell that was empty is not any more."""
    LOCAL_KEPT = "local-kept"
    """Collision: a row written by hand says something else, and stays."""
    NOT_OFFICIAL = "not-official"
    """A row written by hand that the official list does not have."""
    DISAGREES = "disagrees"
    """Two sources of the same day contradict each other; the row that was there first stays."""
    OLDER = "older"
    """The offer is older than what the tables know, and says something else."""
    AGS_OPEN = "ags-open"
    """The list of AGS has no single municipality of that name in the district."""
    AGS_UNKNOWN = "ags-unknown"
    """A postcode of a municipality the tables do not have."""
    SUCCESSOR_UNKNOWN = "successor-unknown"
    """A change list names a key as successor that the tables do not have."""
    INCOMPLETE = "incomplete"
    """So much is missing that the list is probably cut off: nothing ends by it."""
    LAND_MISSING = "land-missing"
    """The list has no row of a Land: it says nothing about it."""
    CHANGED = "changed"
    """The source says something else about the same thing than before."""
    WITHDRAWN = "withdrawn"
    """The source does not say it any more."""
    LOCAL_FIRST = "local-first"
    """Collision: a rule by hand or of another source would stand behind it; that one stays and this one is left out."""
    BEFORE_WIDER = "before-wider"
    """It goes before a rule by hand or of another source about a larger region, because somebody wants it to."""
    AGREES = "agrees"
    """By hand or from another source the same is there already."""
    STILL_NEEDED = "still-needed"
    """The source does not say it any more, but something refers to it: it stays until nothing does."""


CHANGES = frozenset(
    {
        Outcome.ADDED,
        Outcome.ENDED,
        Outcome.RENAMED,
        Outcome.NEW_AGS,
        Outcome.FILLED,
        Outcome.CHANGED,
        Outcome.WITHDRAWN,
    }
)
"""Outcomes that change the tables."""


@dataclass(frozen=True, slots=True)
class Note:
    outcome: Outcome
    key: str
    before: str = ""
    after: str = ""

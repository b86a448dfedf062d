"""What became of each row of an import, for a person."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from amtsbote.cli.voice import Voice
from routing.regions.outcome import Note, Outcome

_SHOWN: Final = 30
"""Lines of one kind that a person gets to see; a program gets all."""


def show_notes(voice: Voice, notes: Iterable[Note]) -> None:
    """Kind by kind with their number; the first of each kind in full, what needs a person last."""
    by_outcome: dict[Outcome, list[Note]] = defaultdict(list)
    for note in notes:
        by_outcome[note.outcome].append(note)
    for outcome in Outcome:
        if found := by_outcome.get(outcome):
            voice.line(f"{voice.word('regions.outcome', outcome)}: {len(found)}")
            _show_some(voice, [f"{note.key}  {arrow(note.before, note.after)}" for note in found])


def arrow(before: str, after: str) -> str:
    return f"{before} → {after}" if before and after else before or after


def _show_some(voice: Voice, lines: Sequence[str]) -> None:
    for line in islice(lines, _SHOWN):
        voice.line(f"  {line}")
    if len(lines) > _SHOWN:
        voice.line(f"  {voice.say('regions.more', count=len(lines) - _SHOWN)}")

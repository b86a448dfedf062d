"""`amtsbote routes what-if`: which submissions of the last days a change set would send elsewhere.

The tables are tried in this process, page by page over the submissions: any number of them takes the same memory.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final

import orjson
import typer

from amtsbote.admin.comparing import Comparison, Moved
from amtsbote.admin.opening import Ask, at_the_office
from amtsbote.cli.changing import DraftNumber
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice
from amtsbote.daemon.settings import Settings
from routing.coverage import Answer

_SHOWN: Final = 50


@dataclass(slots=True)
class _Tally:
    checked: int = 0
    moved: int = 0


def what_if(
    ctx: typer.Context,
    draft: DraftNumber,
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="help.routes.days")] = 30,
    as_csv: Annotated[bool, typer.Option("--csv", help="help.routes.what-if-csv")] = False,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    tally = _Tally()
    with at_the_office(Settings.load(config)) as ask:
        moved = _moved(ask, draft, days, tally)
        if json:
            _write_json(draft, days, moved, tally)
        elif as_csv:
            _write_csv(moved)
        else:
            _show(ctx.obj, moved, tally)


def _moved(ask: Ask, draft: int, days: int, tally: _Tally) -> Iterator[Moved]:
    comparison = Comparison(ask("routes.document", {}), ask("routes.document", {"draft": draft}))
    after: int | None = 0
    while after is not None:
        page = ask("routes.submissions", {"days": days, "after": after})
        tally.checked += len(page["submissions"])
        for one in comparison.moved(page["submissions"]):
            tally.moved += 1
            yield one
        after = page["next"]


def _show(voice: Voice, moved: Iterator[Moved], tally: _Tally) -> None:
    for one in islice(moved, _SHOWN):
        asked = one.asked
        answers = f"{answer_words(voice, one.before)} → {answer_words(voice, one.after)}"
        voice.line(f"{asked['date']} {asked['service']} {asked['region']}: {answers} ({asked['id']})")
    for _ in moved:
        pass
    if tally.moved > _SHOWN:
        voice.line(voice.say("what-if.more", count=tally.moved - _SHOWN))
    voice.line(voice.say("what-if.done", moved=tally.moved, checked=tally.checked))


def answer_words(voice: Voice, answer: Answer) -> str:
    named = ", ".join(answer.authorities)
    word = voice.word("verdict-of-tables", answer.verdict)
    return f"{named} ({word})" if named else word


def _write_csv(moved: Iterator[Moved]) -> None:
    writer = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    names = ("submission", "date", "service", "region", "stage")
    writer.writerow((*names, "before", "authorities_before", "after", "authorities_after"))
    for one in moved:
        asked = (one.asked["id"], *(one.asked[name] for name in names[1:]))
        sides = ((side.verdict, ", ".join(side.authorities)) for side in (one.before, one.after))
        writer.writerow((*asked, *(cell for side in sides for cell in side)))
    sys.stdout.flush()


def _write_json(draft: int, days: int, moved: Iterator[Moved], tally: _Tally) -> None:
    """One document, written as it is found."""
    sys.stdout.write(f'{{"draft": {draft}, "days": {days}, "moved": [')
    for number, one in enumerate(moved):
        sys.stdout.write(("," if number else "") + "\n  " + orjson.dumps(one.as_document()).decode())
    sys.stdout.write(f'\n], "checked": {tally.checked}, "elsewhere": {tally.moved}}}\n')
    sys.stdout.flush()

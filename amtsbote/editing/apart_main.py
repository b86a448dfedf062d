"""The process of one job, started by `amtsbote.editing.apart`: a line of JSON for each question, a line for its answer.

It ends when the questions do, also in the middle of one: nobody waits for the answer any more.
"""

import os
import resource
import select
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from threading import Thread
from typing import Any, Final

import orjson

from amtsbote.admin.comparing import Comparison, document_of
from amtsbote.admin.coverage_report import Finding, Report, demand_land
from amtsbote.admin.refusals import as_refusal
from amtsbote.admin.table_files import workbook_tables
from amtsbote.errors import AmtsboteError
from amtsbote.model.routing import RouteReason
from amtsbote.text.catalogue import say
from routing.coverage import Coverage, Verdict
from routing.inboxes import Inboxes
from routing.sheet import as_workbook
from schemas.confinement import allow_cpu, bound, confine

_MEMORY: Final = 2 * 1024**3
_CPU_SECONDS: Final = 150
_STANDARD: Final = 2
Document = Mapping[str, Any]
Questions = Iterator[Document]
Job = Callable[[Questions], Iterator[dict[str, Any]]]


def workbook(questions: Questions) -> Iterator[dict[str, Any]]:
    """`name`, `content` → tables as CSV."""
    for asked in questions:
        tables = workbook_tables(asked["name"], b64decode(asked["content"]))
        yield {name: b64encode(content).decode() for name, content in tables.items()}


def sheet(questions: Questions) -> Iterator[dict[str, Any]]:
    """`name`, `content` of a table as CSV → XLSX."""
    for asked in questions:
        yield {"content": b64encode(as_workbook(asked["name"], b64decode(asked["content"]))).decode()}


def what_if(questions: Questions) -> Iterator[dict[str, Any]]:
    """First the tables in force and those of a change set, then pages of submissions → those that move."""
    present = next(questions)
    yield {}
    comparison = Comparison(present, next(questions))
    yield {}
    for page in questions:
        yield {"moved": [one.as_document() for one in comparison.moved(page["submissions"])]}


def coverage(questions: Questions) -> Iterator[dict[str, Any]]:
    """`document`, `inboxes`, `date`, `service`, `land`, `offset`, `limit` → counts, and places that need a look."""
    for asked in questions:
        document, defaults = document_of(asked["document"])
        on = date.fromisoformat(asked["date"])
        examined = Coverage(document, defaults, on, Inboxes.read(asked["inboxes"]))
        demand_land(examined, asked["land"])
        report = Report(on, document.version, examined.services, examined.names, destinations_examined=True)
        page = range(asked["offset"], asked["offset"] + asked["limit"])
        total, shown = 0, []
        for one in report.examined(examined, asked["service"], asked["land"]):
            if one.stretch.answer.verdict is not Verdict.COMPETENT:
                if total in page:
                    shown.append(_finding(one))
                total += 1
        yield {**report.as_document(), "total": total, "offset": asked["offset"], "findings": shown}


def _finding(one: Finding) -> dict[str, Any]:
    stretch = one.stretch
    return {
        "services": list(one.services),
        "place": stretch.place,
        "name": stretch.name,
        "municipalities": stretch.municipalities,
        "verdict": stretch.answer.verdict.value,
        "authorities": list(stretch.answer.authorities),
        "reason": stretch.answer.reason and _reason(stretch.answer.reason, stretch.place),
    }


def _reason(reason: RouteReason, place: str) -> dict[str, str]:
    values = replace(reason, region=place).values()
    return {language: say(f"route.why.{reason.why}", language, **values) for language in ("de", "en")}


JOBS: Final[Mapping[str, Job]] = {
    "workbook": workbook,
    "sheet": sheet,
    "what-if": what_if,
    "coverage": coverage,
}


def main(job: Job) -> None:
    confine(_STANDARD)
    bound(resource.RLIMIT_AS, _MEMORY)
    allow_cpu(_CPU_SECONDS)
    Thread(target=_end_with_questions, daemon=True).start()
    answers = job(map(orjson.loads, sys.stdin.buffer))
    while True:
        try:
            said = {"done": next(answers)}
        except StopIteration:
            return
        except AmtsboteError as error:
            said = {"refused": as_refusal(error)}
        sys.stdout.buffer.write(orjson.dumps(said) + b"\n")
        sys.stdout.buffer.flush()
        if "refused" in said:
            return


def _end_with_questions() -> None:
    """Whatever has been asked and not read yet: only that the other side has closed is waited for."""
    closed = select.poll()
    closed.register(sys.stdin, 0)
    closed.poll()
    os._exit(1)


if __name__ == "__main__":
    main(JOBS[sys.argv[1]])

"""What a change set would do, tried in a process of its own: which submissions would go elsewhere, what is covered."""

from datetime import date
from functools import partial
from typing import Any, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.admin.asking import Answer, Listed, read_arguments
from amtsbote.admin.commands import run_command
from amtsbote.admin.declaration import Day
from amtsbote.editing.apart import Errand
from amtsbote.editing.front import EditingFront
from amtsbote.editing.views import named, query_of, said
from amtsbote.model.routing import german_day

_LONGEST_KEY: Final = 14


class _WhatIf(Listed):
    id: int = Field(ge=1, le=2**53)
    days: int = Field(30, ge=1, le=3660)


class _Coverage(Listed):
    draft: int | None = Field(None, ge=1, le=2**53)
    service: str = Field("", max_length=_LONGEST_KEY)
    land: str = Field("", max_length=_LONGEST_KEY)
    on: Day | None = Field(None, alias="date")


async def what_if(front: EditingFront, request: Request, actor: str) -> Response:
    """GET /v1/drafts/{draft}/what-if?days&offset&limit: submissions of the last days that would go elsewhere."""
    asked = read_arguments(_WhatIf, {**query_of(request), **named(request)})
    run = partial(run_command, front.office, actor)
    async with front.trials.at("what-if") as errand:  # only now are tables read: of all who wait, nobody holds any
        await errand.ask(await run("routes.document", {}))
        await errand.ask(await run("routes.document", {"draft": asked.id}))
        found: dict[str, Any] = {"draft": asked.id, "days": asked.days, "offset": asked.offset}
        return said(200, {**found, **await _moved(run, errand, asked)})


async def _moved(run: Any, errand: Errand, asked: _WhatIf) -> Answer:
    """Page by page: any number of submissions takes the same memory."""
    checked, total = 0, 0
    shown: list[Answer] = []
    after: int | None = 0
    while after is not None:
        page = await run("routes.submissions", {"days": asked.days, "after": after})
        moved = (await errand.ask(page))["moved"]
        checked += len(page["submissions"])
        shown += moved[max(0, asked.offset - total) : max(0, asked.offset + asked.limit - total)]
        total += len(moved)
        after = page["next"]
    return {"moved": shown, "total": total, "checked": checked}


async def coverage(front: EditingFront, request: Request, actor: str) -> Response:
    """GET /v1/coverage?draft&service&land&date&offset&limit: who is competent everywhere, and what needs a look."""
    asked = read_arguments(_Coverage, query_of(request))
    run = partial(run_command, front.office, actor)
    async with front.trials.at("coverage") as errand:
        document, inboxes = await run("routes.document", {"draft": asked.draft}), await run("routes.inboxes", {})
        effective = document["effective"]
        on = asked.on or max(date.fromisoformat(effective or "0001-01-01"), german_day(front.office.clock()))
        wish = {"date": on.isoformat(), "service": asked.service, "land": asked.land}
        page = {"offset": asked.offset, "limit": asked.limit}
        return said(200, await errand.ask({"document": document, "inboxes": inboxes, **wish, **page}))

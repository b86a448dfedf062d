"""The commands of an operator: one table, the same for the daemon's socket and for a command without a daemon."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from amtsbote.admin import submissions
from amtsbote.admin.apply import Basis, apply, preview
from amtsbote.admin.bundle import Bundle
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Page
from amtsbote.errors import NotFound
from amtsbote.model.ids import MessageId
from amtsbote.model.message import State

MOST_LISTED: Final = 1000

Answer = dict[str, Any]
Command = Callable[[Office, str, Mapping[str, Any]], Awaitable[Answer]]
Asked = TypeVar("Asked", bound=BaseModel)


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Preview(_Arguments):
    bundle: Bundle


class _Basis(_Arguments):
    revision: int
    routing: int


class _Apply(_Arguments):
    bundle: Bundle
    basis: _Basis


class _List(_Arguments):
    state: State | None = None
    offset: int = Field(0, ge=0)
    limit: int = Field(50, ge=1, le=MOST_LISTED)


class _One(_Arguments):
    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]


async def run_command(office: Office, actor: str, name: str, arguments: Mapping[str, Any]) -> Answer:
    """Carry out one command for `actor`. Raises `CommandRefused` or another `AmtsboteError`."""
    command = COMMANDS.get(name)
    if command is None:
        raise CommandRefused("no-command", "office.no-command", command=repr(name[:50]))
    return await command(office, actor, arguments)


def _read(model: type[Asked], arguments: Mapping[str, Any]) -> Asked:
    try:
        return model.model_validate(arguments)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise CommandRefused("arguments", "office.arguments", reason=reason) from None


async def _preview(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = await asyncio.to_thread(_read, _Preview, arguments)
    return await preview(office, asked.bundle)


async def _apply(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = await asyncio.to_thread(_read, _Apply, arguments)
    return await apply(office, actor, asked.bundle, Basis(asked.basis.revision, asked.basis.routing))


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = _read(_List, arguments)
    return await office.store.read(submissions.listing(asked.state, Page(asked.offset, asked.limit)))


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    return await _of_one(office, arguments, submissions.showing)


async def _trace(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    return await _of_one(office, arguments, submissions.tracing)


async def _of_one(
    office: Office, arguments: Mapping[str, Any], reader: Callable[[MessageId], submissions.Query]
) -> Answer:
    message = MessageId(_read(_One, arguments).id)
    try:
        return await office.store.read(reader(message))
    except NotFound:
        raise CommandRefused("not-found", "office.submission-unknown", id=message) from None


COMMANDS: Final[Mapping[str, Command]] = {
    "apply.preview": _preview,
    "apply": _apply,
    "submissions.list": _list,
    "submissions.show": _show,
    "submissions.trace": _trace,
}

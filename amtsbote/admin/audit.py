"""Look at the audit: who changed what, when, from what to what. Rows are only ever added."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import AwareDatetime, Field

from amtsbote.admin.asking import Answer, Arguments, Command, Listed, Name, read_arguments
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, AuditWish
from amtsbote.errors import NotFound
from amtsbote.model.shown import jsonable

_LAST_NUMBER: Final = 2**53


class _Wish(Listed):
    subject: Name | None = None
    actor: Name | None = None
    since: AwareDatetime | None = None


class _Number(Arguments):
    id: int = Field(ge=1, le=_LAST_NUMBER)


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Wish, arguments)
    wish = AuditWish(asked.subject, asked.actor, asked.since)
    total, found = await office.store.read(lambda tx: tx.audit.search(wish, asked.page))
    return {"total": total, "offset": asked.offset, "audit": [_shown(number, row) for number, row in found]}


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    number = read_arguments(_Number, arguments).id
    try:
        row = await office.store.read(lambda tx: tx.audit.get(number))
    except NotFound:
        raise CommandRefused("not-found", "office.audit-unknown", id=number) from None
    return {"audit": _shown(number, row)}


def _shown(number: int, row: AuditRow) -> Answer:
    return {"number": number, **jsonable(row)}


COMMANDS: Final[Mapping[str, Command]] = {"audit.list": _list, "audit.show": _show}

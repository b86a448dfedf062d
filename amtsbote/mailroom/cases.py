"""What both sides of a case may see of it."""

from amtsbote.api.persistence import Page, Transaction
from amtsbote.errors import NotFound, RequestRefused
from amtsbote.errors.table import CASE_NOT_FOUND
from amtsbote.mailroom.desk import Desk
from amtsbote.mailroom.sides import scope_of, unknown
from amtsbote.model.directory import Client
from amtsbote.model.ids import CaseId, MessageId
from amtsbote.model.message import Message, MessageKind


class Cases:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def page(self, client: Client, page: Page) -> tuple[int, tuple[Message, ...]]:
        """The message each case of this client began with, newest first: total count and one page."""
        return await self._desk.store.read(lambda tx: tx.messages.cases(page), scope=scope_of(client))

    async def messages(self, client: Client, case: CaseId) -> tuple[Message, ...]:
        """All messages of a case, oldest first. Raises `RequestRefused`."""
        found = await self._desk.store.read(lambda tx: tx.messages.case(case), scope=scope_of(client))
        if not found:
            raise RequestRefused(CASE_NOT_FOUND(id=case))
        return found

    async def events(self, client: Client, case: CaseId, page: Page) -> tuple[int, tuple[str, ...]]:
        """The event log: total count and one page of signed events, oldest first. Raises `RequestRefused`."""
        total, events = await self._desk.log.of_case(case, page, scope_of(client))
        if total == 0:
            raise RequestRefused(CASE_NOT_FOUND(id=case))
        return total, events

    async def of(self, client: Client, kind: MessageKind, message: MessageId) -> CaseId:
        """The case of a message of either side. Raises `RequestRefused`."""

        def query(tx: Transaction) -> Message:
            try:
                return tx.messages.get(message)
            except NotFound:
                raise unknown(kind, message) from None

        found = await self._desk.store.read(query, scope=scope_of(client))
        if found.kind is not kind:
            raise unknown(kind, message)
        return found.case

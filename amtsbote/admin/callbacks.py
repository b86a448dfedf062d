"""Look at receivers of callbacks: how it goes with them, what waits for them; and start one again that was given up."""

from collections.abc import Mapping
from typing import Any, Final

from amtsbote.admin.asking import Answer, Command, Listed, One, read_arguments
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.model.callback import Receiver, Standing
from amtsbote.model.ids import ReceiverId
from amtsbote.model.job import JobKind
from amtsbote.model.shown import jsonable


class _Wish(Listed):
    everybody: bool = False


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Wish, arguments)

    def query(tx: Transaction) -> Answer:
        total, found = tx.receivers.page(troubled=not asked.everybody, offset=asked.offset, limit=asked.limit)
        return {"total": total, "offset": asked.offset, "callbacks": [_shown(tx, one) for one in found]}

    return await office.store.read(query)


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    name = ReceiverId(read_arguments(One, arguments).id)
    return await office.store.read(lambda tx: {"callback": _shown(tx, _one(tx, name))})


async def _retry(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """From now on it is called as if nothing had been."""
    name, now = ReceiverId(read_arguments(One, arguments).id), office.clock()

    def unit(tx: Transaction) -> Answer:
        receiver = _one(tx, name)
        before = _shown(tx, receiver)
        tx.receivers.keep(name, receiver.callback, Standing(told_at=receiver.standing.told_at))
        tx.jobs.withdraw(JobKind.CALLBACK, name)  # one that waits for its next try
        if tx.notices.count(name):
            tx.jobs.add(JobKind.CALLBACK, name, now)
        after = _shown(tx, _one(tx, name))
        tx.audit.add(AuditRow(now, actor, "callback.retried", f"receiver:{name}", before, after))
        return {"callback": after}

    answer = await office.store.write(unit)
    office.wake()
    return answer


def _one(tx: Transaction, name: ReceiverId) -> Receiver:
    found = tx.receivers.find(name)
    if found is None:
        raise CommandRefused("not-found", "office.receiver-unknown", id=name)
    return found


def _shown(tx: Transaction, receiver: Receiver) -> Answer:
    """Without the secret."""
    standing: dict[str, Any] = jsonable(receiver.standing)
    return {
        "id": receiver.id,
        "client": receiver.client,
        "destination": receiver.id if receiver.client is None else None,
        "url": receiver.callback.url,
        "state": _state(receiver.standing),
        "waiting": tx.notices.count(receiver.id),
        **standing,
    }


def _state(standing: Standing) -> str:
    if standing.stopped_at is not None:
        return "stopped"
    return "working" if standing.failing_since is None else "failing"


COMMANDS: Final[Mapping[str, Command]] = {
    "callbacks.list": _list,
    "callbacks.show": _show,
    "callbacks.retry": _retry,
}

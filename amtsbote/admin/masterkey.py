"""Change the master key while the service runs.

Begin: both keys are recorded, each under the other one, so that from now on either file opens the installation. Then
new secrets go under the new key, and the old ones are wrapped anew step by step, over and over if need be. The operator
puts the new file in the place of the old one and starts the service again; only then the former key is forgotten.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from amtsbote.admin.asking import Answer, Arguments, Command, read_arguments
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.rewrapping import TABLES, rewrap_all
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import SETTLING
from amtsbote.model.masterkey import Change, MasterKey

_FIRST: Final = next(iter(TABLES))
_FOLLOWING: Final = dict(zip(TABLES, [*list(TABLES)[1:], None], strict=True))


class _Begin(Arguments):
    key: Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$")]
    """Hexadecimal digits, as in the file."""


class _Step(Arguments):
    table: str = _FIRST
    after: int = Field(0, ge=0)


async def begin(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Record the new key, or go on with the change to it. → `id`, `former`, and `total` secrets to be wrapped anew."""
    key = bytes.fromhex(read_arguments(_Begin, arguments).key)
    recorded = await office.store.read(lambda tx: tx.master.get())
    if recorded is None or recorded.change is None:
        recorded = await _begun(office, actor, key, recorded)
    elif recorded.id != Vault(key).own:
        raise CommandRefused("unfinished", "master.unfinished", new=recorded.id)
    _, change = _changing(recorded)
    total = await office.store.read(lambda tx: sum(table.count(tx, change.former) for table in TABLES.values()))
    return {"id": recorded.id, "former": change.former, "total": total}


async def step(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """Wrap the next secrets anew. → `settling`: seconds until every node knows the new key and work can begin; or
    `done`, `damaged`, and `table` and `after` to go on with; `table` None at the end."""
    asked = read_arguments(_Step, arguments)
    if asked.table not in TABLES:
        raise CommandRefused("arguments", "office.arguments", reason="table")
    key, change = _changing(await office.store.read(lambda tx: tx.master.get()))
    settling = await _switched(office, key, change)
    if settling:
        return {"settling": settling, "done": 0, "damaged": 0, "table": asked.table, "after": asked.after}
    batch = await TABLES[asked.table].rewrap(office.store, office.vault, change.former, asked.after)
    following = asked.table if batch.after is not None else _FOLLOWING[asked.table]
    counts = {"done": batch.done, "damaged": batch.damaged}
    return {"settling": 0, **counts, "table": following, "after": batch.after or 0}


async def end(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """What is still left, and the proof: → `under` each key how many secrets lie, and how many of those under the
    former are `damaged`, that is, open under neither."""
    read_arguments(Arguments, arguments)
    key, change = _changing(await office.store.read(lambda tx: tx.master.get()))
    if change.switched_at is None:
        raise CommandRefused("too-early", "master.settling", seconds=int(SETTLING.total_seconds()))
    told = await _proved(office, key, change.former)
    await _audit(office, actor, "master-key.rewrapped", key.id, told)
    return told


async def finish(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Forget the former key: refused until this service was started with the new one and nothing needs the former."""
    read_arguments(Arguments, arguments)
    key, change = _changing(await office.store.read(lambda tx: tx.master.get()))
    if change.switched_at is None or office.clock() < change.switched_at + SETTLING:
        raise CommandRefused("too-early", "master.settling", seconds=int(SETTLING.total_seconds()))
    if office.vault.own != key.id:
        raise CommandRefused("former-file", "master.former-file", new=key.id, former=office.vault.own)
    told = await _proved(office, key, change.former)
    done = MasterKey(key.id, key.since)
    row = AuditRow(office.clock(), actor, "master-key.changed", key.id, {"key": change.former}, told)
    await _recorded(office, key, done, row)
    return told


async def shown_master_key(office: Office) -> Answer:
    """JSON-ready: the key in use, since when, and the former one while a change is not finished."""
    recorded = await office.store.read(lambda tx: tx.master.get())
    if recorded is None:
        return {"id": office.vault.own, "since": None, "days": None, "former": None}
    former = recorded.change.former if recorded.change is not None else None
    days = (office.clock() - recorded.since).days
    return {"id": recorded.id, "since": recorded.since.isoformat(), "days": days, "former": former}


async def _begun(office: Office, actor: str, key: bytes, before: MasterKey | None) -> MasterKey:
    at = office.clock()
    begun = office.vault.change_to(key, at)
    change = _changing(begun)[1]
    if office.alone:
        begun = replace(begun, change=replace(change, switched_at=at))
    former = {"key": change.former}
    row = AuditRow(at, actor, "master-key.change-begun", begun.id, former, {"key": begun.id})
    await _recorded(office, before, begun, row)
    return begun


async def _switched(office: Office, key: MasterKey, change: Change) -> int:
    """Wrap under the new key from now on, once every node has had time to learn it. → seconds left until then."""
    if change.switched_at is not None:
        return 0
    at = office.clock()
    left = key.since + SETTLING - at
    if left > timedelta(0):
        return int(left.total_seconds()) + 1
    switched = replace(key, change=replace(change, switched_at=at))
    row = AuditRow(at, "system", "master-key.switched", key.id, {"key": change.former}, {"key": key.id})
    await _recorded(office, key, switched, row)
    return 0


async def _recorded(office: Office, before: MasterKey | None, after: MasterKey, row: AuditRow) -> None:
    def unit(tx: Transaction) -> None:
        if tx.master.get() != before:
            raise CommandRefused("changed", "master.changed-meanwhile")
        tx.master.put(after)
        tx.audit.add(row)

    await office.store.write(unit)
    office.vault.take(after)
    await office.changed()


async def _proved(office: Office, key: MasterKey, former: str) -> Answer:
    left = await rewrap_all(office.store, office.vault, former)

    def counted(tx: Transaction) -> dict[str, dict[str, int]]:
        return {name: {one: table.count(tx, one) for one in (key.id, former)} for name, table in TABLES.items()}

    under = await office.store.read(counted)
    remaining = sum(counts[former] for counts in under.values())
    if remaining > left.damaged:
        raise CommandRefused("needed", "master.needed", former=former, count=remaining - left.damaged)
    return {"id": key.id, "former": former, "under": under, "damaged": remaining}


async def _audit(office: Office, actor: str, action: str, subject: str, told: Answer) -> None:
    at: datetime = office.clock()
    await office.store.write(lambda tx: tx.audit.add(AuditRow(at, actor, action, subject, None, told)))


def _changing(recorded: MasterKey | None) -> tuple[MasterKey, Change]:
    if recorded is None or recorded.change is None:
        raise CommandRefused("no-change", "master.no-change")
    return recorded, recorded.change


COMMANDS: Final[Mapping[str, Command]] = {
    "keys.rotate-master.begin": begin,
    "keys.rotate-master.step": step,
    "keys.rotate-master.end": end,
    "keys.finish-master": finish,
}

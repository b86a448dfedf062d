"""The master key in use, its change, and the secrets that are wrapped under one key."""

from typing import Final

from amtsbote.errors import NotFound
from amtsbote.model.masterkey import Change, MasterKey, WrappedKind, WrappedValue
from amtsbote.store.ports.columns import moment, time
from amtsbote.store.ports.session import Session

_AFTER: Final = {
    WrappedKind.PART: "wrapped_part_after",
    WrappedKind.DOSSIER: "wrapped_dossier_after",
    WrappedKind.CALLBACK: "wrapped_callback_after",
}
_COUNT: Final = {
    WrappedKind.PART: "wrapped_part_count",
    WrappedKind.DOSSIER: "wrapped_dossier_count",
    WrappedKind.CALLBACK: "wrapped_callback_count",
}
_REPLACE: Final = {
    WrappedKind.PART: "wrapped_part_replace",
    WrappedKind.DOSSIER: "wrapped_dossier_replace",
    WrappedKind.CALLBACK: "wrapped_callback_replace",
}


class MasterKeys:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self) -> MasterKey | None:
        row = self._session.first("master_key_get")
        if row is None:
            return None
        name, since, former, forward, back, switched_at = row
        if former is None:
            return MasterKey(name, time(since))
        switched = None if switched_at is None else time(switched_at)
        return MasterKey(name, time(since), Change(former, bytes(forward), bytes(back), switched))

    def put(self, key: MasterKey) -> None:
        """Raises `NotFound` outside the scope of the system."""
        change = key.change
        switched_at = change.switched_at if change is not None else None
        put = self._session.change(
            "master_key_put",
            id=key.id,
            since=moment(key.since),
            former=change.former if change is not None else None,
            forward=change.forward if change is not None else None,
            back=change.back if change is not None else None,
            switched_at=None if switched_at is None else moment(switched_at),
        )
        if not put:
            raise NotFound(key.id)

    def wrapped(self, kind: WrappedKind, key: str, after: int, limit: int) -> tuple[WrappedValue, ...]:
        rows = self._session.rows(_AFTER[kind], key=bytes.fromhex(key), number=after, limit=limit)
        return tuple(WrappedValue(number, owner, part, bytes(value)) for number, owner, part, value in rows)

    def count(self, kind: WrappedKind, key: str) -> int:
        [(count,)] = self._session.rows(_COUNT[kind], key=bytes.fromhex(key))
        return int(count)

    def rewrap(self, kind: WrappedKind, value: WrappedValue, wrapped: bytes) -> bool:
        return bool(self._session.change(_REPLACE[kind], number=value.number, before=value.wrapped, wrapped=wrapped))

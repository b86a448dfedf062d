"""Entries of the directory as they may be shown and kept in the audit: nothing secret, no certificate in full."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from amtsbote.model.directory import Authority, Client, Destination, Editor, KeyEntry, Portal, Tenant

View = Mapping[str, Any]
HIDDEN: Final = "***"
HIDDEN_NEW: Final = "*** (new)"
"""A secret that is not the one it was. Not even a hash is shown: what people chose can be guessed from it."""


def shown(entry: Tenant | Portal | Client | Destination | Authority | KeyEntry | Editor) -> View:
    """JSON-ready; without the id."""
    special = _SPECIAL.get(type(entry))
    return special(entry) if special is not None else plain(entry)


def shown_change(before: Destination, after: Destination) -> tuple[View, View]:
    """Both as they may be kept; a new secret of the callback is marked."""
    old, new = shown(before), shown(after)
    if before.callback is None or after.callback is None:
        return old, new
    if before.callback.sealed_secret != after.callback.sealed_secret:
        new = {**new, "callback": {**new["callback"], "secret": HIDDEN_NEW}}
    return old, new


def plain(entry: Any) -> View:
    """Every field of an entry but its id."""
    return {one.name: jsonable(getattr(entry, one.name)) for one in fields(entry) if one.name != "id"}


def jsonable(value: Any) -> Any:
    """A value of the model as JSON has it. Bytes are refused: whoever shows them must choose how."""
    if isinstance(value, bytes):
        raise TypeError("bytes are never shown as they are")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"P{value.days}D" if value == timedelta(days=value.days) else f"PT{value.total_seconds():.0f}S"
    if isinstance(value, Mapping):
        return {str(jsonable(name)): jsonable(inner) for name, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(jsonable(inner) for inner in value)
    if isinstance(value, tuple | list):
        return [jsonable(inner) for inner in value]
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: jsonable(getattr(value, one.name)) for one in fields(value)}
    return value


def _portal(portal: Portal) -> View:
    return {"name": portal.name, "signing_keys": sorted(portal.signing_keys)}


def _client(client: Client) -> View:
    return {**plain(client), "secret_hashes": [f"sha256:{digest[:16]}" for digest in client.secret_hashes]}


def _key(key: KeyEntry) -> View:
    return {
        "purpose": key.purpose.value,
        "owner": key.owner,
        "tenant": key.tenant,
        "chain": [f"sha256:{hashlib.sha256(certificate).hexdigest()[:16]}" for certificate in key.chain],
        "held_here": key.sealed_private is not None,
        "replaced_at": jsonable(key.replaced_at),
        "retired_at": jsonable(key.retired_at),
    }


def _destination(one: Destination) -> View:
    callback = None if one.callback is None else {"url": one.callback.url, "secret": HIDDEN}
    open_fields = (name.name for name in fields(one) if name.name not in {"id", "callback"})
    return {**{name: jsonable(getattr(one, name)) for name in open_fields}, "callback": callback}


_SPECIAL: Final[Mapping[type, Callable[[Any], View]]] = {
    Portal: _portal,
    Client: _client,
    KeyEntry: _key,
    Destination: _destination,
}

"""One key after the other: what a destination leaves still opens what was sent before, until it is retired."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from amtsbote.api.persistence import DirectoryEntry
from amtsbote.model.directory import Destination, Directory, KeyEntry


def turned_over(present: Directory, entries: Sequence[DirectoryEntry], at: datetime) -> tuple[DirectoryEntry, ...]:
    """`entries` that shall be recorded, and with them the keys that their destinations leave or take up again."""
    wanted = {one.id: one for one in entries if isinstance(one, Destination)}
    before = {key for name in wanted if name in present.destinations for key in present.destinations[name].key_pair}
    after = {key for one in wanted.values() for key in one.key_pair}
    keys = {**present.keys, **{one.kid: one for one in entries if isinstance(one, KeyEntry)}}
    marked = {kid: replace(keys[kid], replaced_at=at) for kid in before - after if kid in keys}
    again = {kid: replace(keys[kid], replaced_at=None) for kid in after - before if kid in keys and kid in present.keys}
    marked |= {kid: key for kid, key in again.items() if keys[kid].replaced_at is not None}
    others = (one for one in entries if not (isinstance(one, KeyEntry) and one.kid in marked))
    return (*others, *marked.values())

"""What only the daemon, or whoever holds the folder lock, can tell `doctor`."""

import os
import resource
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from amtsbote.admin.asking import Answer, Arguments, Command, read_arguments
from amtsbote.admin.office import Office
from amtsbote.keys.calendar import expiries
from amtsbote.model.directory import Directory


async def facts(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """Its user, its limit of open files, and the ages and ends of keys; nothing secret."""
    read_arguments(Arguments, arguments)
    directory = await office.store.read(lambda tx: tx.directory.load())
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    now = office.clock()
    return {"uid": os.geteuid(), "open_files": hard, "ends": _ends(directory, now), "ages": _ages(directory, now)}


def _ends(directory: Directory, now: datetime) -> list[dict[str, Any]]:
    return [
        {"kid": one.kid, "owner": one.owner, "until": one.until.isoformat(), "days": one.left.days}
        for one in expiries(directory, now)
        if one.current
    ]


def _ages(directory: Directory, now: datetime) -> list[dict[str, Any]]:
    """Days since keys were made; where that is known, and only of those in use. Those of the service have no owner."""
    current = {key for one in directory.destinations.values() for key in (one.encryption_key, one.signing_key)}
    return [
        {"kid": key.kid, "owner": key.owner, "days": (now - key.made_at).days}
        for key in directory.keys.values()
        if key.made_at is not None and key.retired_at is None and (not key.owner or key.kid in current)
    ]


COMMANDS: Final[Mapping[str, Command]] = {"doctor": facts}

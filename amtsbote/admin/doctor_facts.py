"""What only the daemon, or whoever holds the folder lock, can tell `doctor`."""

import asyncio
import os
import resource
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from amtsbote.admin.asking import Answer, Arguments, Command, read_arguments
from amtsbote.admin.doctor_callbacks import standings
from amtsbote.admin.doctor_contacts import fetched
from amtsbote.admin.doctor_database import database_facts
from amtsbote.admin.doctor_destinations import forlorn
from amtsbote.admin.doctor_sources import freshness
from amtsbote.admin.doctor_stages import unreachable
from amtsbote.admin.keyring import is_current
from amtsbote.admin.masterkey import shown_master_key
from amtsbote.admin.office import Office
from amtsbote.keys.calendar import expiries
from amtsbote.model.directory import Directory
from amtsbote.model.routing import german_day


async def facts(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """Its user, its limit of open files, and the ages and ends of keys; nothing secret."""
    read_arguments(Arguments, arguments)
    today = german_day(office.clock())
    directory, tally, document = await office.store.read(
        lambda tx: (tx.directory.load(), tx.receivers.tally(), tx.routing.current(today))
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    now = office.clock()
    return {
        "uid": os.geteuid(),
        "open_files": hard,
        "ends": _ends(directory, now),
        "ages": _ages(directory, now),
        "master_key": await shown_master_key(office),
        "stages": unreachable(directory),
        "fetched": fetched(directory),
        "callbacks": standings(tally),
        "destinations": forlorn(directory),
        "sources": await asyncio.to_thread(freshness, office, directory, document),
        "database": await database_facts(office),
    }


def _ends(directory: Directory, now: datetime) -> list[dict[str, Any]]:
    return [
        {"kid": one.kid, "owner": one.owner, "until": one.until.isoformat(), "days": one.left.days}
        for one in expiries(directory, now)
        if one.current
    ]


def _ages(directory: Directory, now: datetime) -> list[dict[str, Any]]:
    """Days since keys were made; where that is known, and only of those in use. Those of the service have no owner."""
    return [
        {"kid": key.kid, "owner": key.owner, "days": (now - key.made_at).days}
        for key in directory.keys.values()
        if key.made_at is not None and is_current(directory, key)
    ]


COMMANDS: Final[Mapping[str, Command]] = {"doctor": facts}

"""Ask a target's adapter whether deliveries can work, as the service does before the first one."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from amtsbote.admin.asking import Answer, Command, One, read_arguments
from amtsbote.admin.office import Office
from amtsbote.admin.participants import unknown_entry
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.adapter import Adapter, AdapterServices, Misfit, Readiness, Ready, Unavailable
from amtsbote.api.operations import Disk
from amtsbote.model.directory import Target
from amtsbote.model.ids import TargetId
from amtsbote.text.catalogue import say

LONGEST_CHECK: Final = 20.0
"""Seconds; a share that hangs would never answer."""


async def _check(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    name = read_arguments(One, arguments).id
    directory = await office.store.read(lambda tx: tx.directory.load())
    target = directory.targets.get(TargetId(name))
    if target is None:
        raise unknown_entry("target", name)
    adapter = _built(office, target)
    try:
        return {"target": name, **_shown(await readiness_of(adapter))}
    finally:
        await adapter.close()


def _built(office: Office, target: Target) -> Adapter:
    """An adapter of its own: the one that delivers is not disturbed."""
    kind = office.adapters.get(target.adapter)
    if kind is None:
        raise CommandRefused("no-adapter", "office.no-adapter", id=target.id, adapter=target.adapter)
    try:
        return kind.build(target.options, AdapterServices(office.clock, Disk(), office.new_id))
    except (ValidationError, ValueError):
        raise CommandRefused("no-adapter", "office.adapter-options", id=target.id, adapter=target.adapter) from None


async def readiness_of(adapter: Adapter, longest: float = LONGEST_CHECK) -> Readiness:
    """What the adapter says, or that it did not answer within `longest` seconds."""
    try:
        async with asyncio.timeout(longest):
            return await adapter.prepare()
    except TimeoutError:
        sentences = (say("office.target-silent", language, seconds=round(longest)) for language in ("de", "en"))
        return Unavailable(*sentences)


def _shown(readiness: Readiness) -> Answer:
    match readiness:
        case Ready():
            return {"readiness": "ready", "de": None, "en": None}
        case Misfit(german, english):
            return {"readiness": "misfit", "de": german, "en": english}
        case Unavailable(german, english):
            return {"readiness": "unavailable", "de": german, "en": english}


COMMANDS: Final[Mapping[str, Command]] = {"targets.check": _check}

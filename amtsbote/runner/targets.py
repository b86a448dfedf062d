"""The adapters of all targets: built from their rows on first use, prepared, kept, and closed in the end.

One that is not ready is kept as well and asked again: it knows what it has not got back yet from a target that hangs.
"""

import asyncio
from collections.abc import Mapping

import structlog

from amtsbote.api.adapter import Adapter, AdapterKind, AdapterServices, Misfit, Ready, Retry, Unavailable
from amtsbote.api.returning import Returning
from amtsbote.api.threads import OwnThreads
from amtsbote.errors import Misconfigured
from amtsbote.model.directory import Directory, Target
from amtsbote.model.ids import TargetId
from amtsbote.runner.shares import Shares

log = structlog.get_logger("amtsbote.runner")


class Targets:
    def __init__(self, kinds: Mapping[str, AdapterKind], services: AdapterServices) -> None:
        self._kinds = kinds
        self._services = services
        self._built: dict[TargetId, tuple[Target, Adapter]] = {}
        self._ready: set[TargetId] = set()
        self._preparing: dict[TargetId, asyncio.Lock] = {}
        self._reading: dict[TargetId, OwnThreads] = {}
        self.shares = Shares()
        """To be taken from around every delivery."""

    async def ready(self, target: TargetId, directory: Directory) -> Adapter | Retry:
        """The prepared adapter of a target, or why there is none now."""
        wanted = directory.targets.get(target)
        if wanted is None:
            return Retry("target-removed")
        preparing = self._preparing.setdefault(target, asyncio.Lock())
        if preparing.locked():
            return Retry("target-busy")
        async with preparing:
            adapter = await self._adapter(wanted)
            if adapter is None:
                return Retry("adapter-missing")
            return adapter if target in self._ready else await self._prepare(target, adapter)

    async def returning(self, directory: Directory) -> tuple[TargetId, ...]:
        """The targets whose software can give something back."""
        found: list[TargetId] = []
        for target in directory.targets.values():
            try:
                adapter = await self._adapter(target)
            except Misconfigured as error:  # its deliveries say so as well
                log.warning("target.not_ready", target=target.id, reason="target-misconfigured", because=error.en)
                continue
            if isinstance(adapter, Returning):
                found.append(target.id)
        return tuple(found)

    def reading(self, target: TargetId) -> OwnThreads:
        """For reading what the target gives back."""
        return self._reading.setdefault(target, OwnThreads(f"collect-{target}"))

    async def close(self) -> None:
        for _, adapter in self._built.values():
            await adapter.close()
        self._built.clear()
        self._ready.clear()

    async def _adapter(self, wanted: Target) -> Adapter | None:
        """The adapter of this row, not yet prepared if it is new; None when its kind is not installed."""
        present = self._built.get(wanted.id)
        if present is not None and present[0] == wanted:
            return present[1]
        kind = self._kinds.get(wanted.adapter)
        if kind is None:
            return None
        adapter = kind.build(wanted.options, self._services)
        self._built[wanted.id] = (wanted, adapter)
        self._ready.discard(wanted.id)
        if present is not None:
            await present[1].close()
        return adapter

    async def _prepare(self, target: TargetId, adapter: Adapter) -> Adapter | Retry:
        match await adapter.prepare():
            case Ready():
                self._ready.add(target)
                return adapter
            case Misfit(_, sentence):
                reason = "target-misconfigured"
            case Unavailable(_, sentence):
                reason = "target-unavailable"
        log.warning("target.not_ready", target=target, reason=reason, because=sentence)
        return Retry(reason)

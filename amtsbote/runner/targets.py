"""The adapters of all targets: built from their rows on first use, prepared, kept, and closed in the end."""

import asyncio
from collections.abc import Mapping

import structlog

from amtsbote.api.adapter import Adapter, AdapterKind, AdapterServices, Misfit, Ready, Retry, Unavailable
from amtsbote.model.directory import Directory, Target
from amtsbote.model.ids import TargetId

log = structlog.get_logger("amtsbote.runner")


class Targets:
    def __init__(self, kinds: Mapping[str, AdapterKind], services: AdapterServices) -> None:
        self._kinds = kinds
        self._services = services
        self._prepared: dict[TargetId, tuple[Target, Adapter]] = {}
        self._preparing: dict[TargetId, asyncio.Lock] = {}

    async def ready(self, target: TargetId, directory: Directory) -> Adapter | Retry:
        """The prepared adapter of a target, or why there is none now."""
        wanted = directory.targets.get(target)
        if wanted is None:
            return Retry("target-removed")
        async with self._preparing.setdefault(target, asyncio.Lock()):
            present = self._prepared.get(target)
            if present is not None and present[0] == wanted:
                return present[1]
            return await self._prepare(wanted)

    async def close(self) -> None:
        for _, adapter in self._prepared.values():
            await adapter.close()
        self._prepared.clear()

    async def _prepare(self, target: Target) -> Adapter | Retry:
        kind = self._kinds.get(target.adapter)
        if kind is None:
            return Retry("adapter-missing")
        adapter = kind.build(target.options, self._services)
        try:
            readiness = await adapter.prepare()
        except BaseException:
            await adapter.close()
            raise
        match readiness:
            case Ready():
                await self._replace(target, adapter)
                return adapter
            case Misfit(_, sentence):
                reason = "target-misconfigured"
            case Unavailable(_, sentence):
                reason = "target-unavailable"
        log.warning("target.not_ready", target=target.id, reason=reason, because=sentence)
        await adapter.close()
        return Retry(reason)

    async def _replace(self, target: Target, adapter: Adapter) -> None:
        former = self._prepared.get(target.id)
        self._prepared[target.id] = (target, adapter)
        if former is not None:
            await former[1].close()

"""A folder target of the test town, driven through the public kind."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from adapters.folder import FolderAdapter, FolderKind
from amtsbote.api import AdapterServices, Disk, Outcome, Readiness, VerifiedParts, WorkOrder
from amtsbote.api.testkit import verified_parts, work_order


def new_id() -> str:
    return str(uuid4())


NOW = datetime(2026, 2, 3, 4, 6, 7, 890_000, tzinfo=UTC)
REFERENCE = f"20260203T040506Z_99093003001002_{work_order().delivery}"


def folder_adapter(target: Path, disk: Disk | None = None) -> FolderAdapter:
    return FolderKind().build({"path": str(target)}, AdapterServices(lambda: NOW, disk or Disk(), new_id))


def prepare(target: Path) -> Readiness:
    return asyncio.run(folder_adapter(target).prepare())


def deliver(
    target: Path, order: WorkOrder | None = None, parts: VerifiedParts | None = None, disk: Disk | None = None
) -> Outcome:
    return asyncio.run(folder_adapter(target, disk).deliver(order or work_order(), parts or verified_parts()))

"""Where large parts lie, when it is not the data folder: reached, written, read by nobody else."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from amtsbote.admin.doctor_advice import Advice, Probed, Site, error, warning
from amtsbote.admin.doctor_disk import kind_of, sync_seconds
from amtsbote.api.operations import Disk
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import bucket_of, open_parts
from amtsbote.errors import AmtsboteError, Damaged
from amtsbote.net.client import HttpClient, Timeouts
from amtsbote.net.failures import AnswerTooLong, Unreachable

_OTHERS: Final = 0o077
_TIMEOUTS: Final = Timeouts(connect=3, read=5, write=5, whole=10)
_OK: Final = 200
_GONE_AT_RESTART: Final = ("tmpfs", "ramfs")
_PROBE: Final = b"amtsbote doctor"


def probed(settings: Settings) -> Probed | None:
    """Try the S3-compatible storage; None where parts lie in a folder."""
    try:
        place = bucket_of(settings)
        if place is None:
            return None
        bodies = open_parts(settings, Disk())
        body = bodies.begin()
        body.write(_PROBE)
        name = body.keep()
        try:
            if b"".join(bodies.read(name)) != _PROBE:
                raise Damaged("what was read is not what was written")
            base = f"{place.endpoint}/{place.name}"
            readable = asyncio.run(_anybody(f"{base}/{place.key(name)}", f"{base}/?list-type=2&max-keys=1"))
        finally:
            bodies.remove(name)
    except AmtsboteError as failure:
        return Probed(str(failure), readable=False)
    return Probed(None, readable)


async def _anybody(*addresses: str) -> bool:
    async with HttpClient(timeouts=_TIMEOUTS) as http:
        for address in addresses:
            try:
                if (await http.request("GET", address)).status == _OK:
                    return True
            except AnswerTooLong:
                return True
            except Unreachable:
                continue
    return False


def parts(site: Site) -> Iterator[Advice]:
    where = site.settings.storage.parts
    if where is None:
        return
    if site.parts is None:
        yield from _folder(Path(where), site.mounts)
        return
    if site.parts.fault is not None:
        yield error("parts-unusable", place=where, reason=site.parts.fault)
    if site.parts.readable:
        yield error("parts-public", place=where)
    if (site.settings.s3.endpoint or "").startswith("http://"):
        yield warning("parts-plain", place=where)


def _folder(folder: Path, mounts: str) -> Iterator[Advice]:
    incoming = folder / "incoming"
    if not incoming.is_dir():
        yield error("parts-unmounted", path=folder)
        return
    if sync_seconds(incoming) is None:
        yield error("parts-unwritable", path=folder)
    if folder.stat().st_mode & _OTHERS:
        yield error("parts-open", path=folder)
    kind = kind_of(folder.resolve(), mounts)
    if kind in _GONE_AT_RESTART:
        yield error("disk-memory", path=folder, kind=kind)

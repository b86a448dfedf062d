"""What separates this installation from production: find out, and say what to do about each thing."""

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pydantic

import amtsbote
from amtsbote.admin import (
    doctor_callbacks,
    doctor_contacts,
    doctor_database,
    doctor_destinations,
    doctor_disk,
    doctor_files,
    doctor_keys,
    doctor_net,
    doctor_parts,
    doctor_sources,
    doctor_stages,
    doctor_tls,
)
from amtsbote.admin.doctor_advice import Advice, Check, Level, Site
from amtsbote.admin.opening import at_the_office
from amtsbote.admin.refusals import as_refusal
from amtsbote.admin.socket import listens
from amtsbote.daemon.settings import Settings
from amtsbote.errors import AmtsboteError

CHECKS: Final[Mapping[str, Check]] = {
    "office": doctor_keys.office,
    "user": doctor_files.service_user,
    "address": doctor_net.public_address,
    "tls": doctor_tls.tls,
    "listeners": doctor_net.listeners,
    "proxies": doctor_net.proxies,
    "editing": doctor_tls.editing,
    "configuration": doctor_files.configuration,
    "master-key": doctor_files.master_key,
    "data": doctor_files.data_folder,
    "socket": doctor_files.admin_socket,
    "program": doctor_files.program,
    "anchors": doctor_keys.anchors,
    "ends": doctor_keys.key_ends,
    "ages": doctor_keys.key_ages,
    "master-age": doctor_keys.master_key_age,
    "stages": doctor_stages.stages,
    "contacts": doctor_contacts.contacts,
    "callbacks": doctor_callbacks.callbacks,
    "destinations": doctor_destinations.destinations,
    "sources": doctor_sources.sources,
    "space": doctor_disk.space,
    "file-system": doctor_disk.file_system,
    "durability": doctor_disk.durability,
    "parts": doctor_parts.parts,
    "database": doctor_database.database,
    "clock": doctor_keys.clock,
    "open-files": doctor_keys.open_files,
}
"""In the order of the report. `doctor.fine.<name>` says that there is nothing to do."""
_OF_THE_DAEMON: Final = frozenset(
    {"ends", "ages", "master-age", "stages", "contacts", "callbacks", "destinations", "sources", "open-files"}
)
_OF_THE_FOLDER: Final = frozenset({"user", "program", "space", "file-system", "durability"})
_MOUNTS: Final = Path("/proc/self/mountinfo")
_TIME_ERROR: Final = 5
"""What adjtimex(2) returns while the clock follows nobody."""
_TIMEX_BYTES: Final = 512
"""More than `struct timex` has anywhere; `modes` 0 at its start only asks."""


def examine(site: Site) -> tuple[Advice, ...]:
    """Every check, in order; a check that finds nothing says so."""
    return tuple(advice for name, check in CHECKS.items() for advice in _of(name, check, site))


def survey(file: Path, settings: Settings, at: datetime) -> Site:
    """Look at the installation and its machine: the daemon is asked, or the folder lock taken for a moment."""
    folder = settings.storage.folder
    facts, refused, running = _facts(settings)
    return Site(
        file=file,
        settings=settings,
        at=at,
        owner=folder.stat().st_uid if folder.exists() else os.geteuid(),
        facts=facts,
        refused=refused,
        running=running,
        mounts=_MOUNTS.read_text("utf-8", "replace") if _MOUNTS.exists() else "",
        synchronised=_synchronised(),
        sync_seconds=doctor_disk.sync_seconds(folder),
        program=tuple(_program()),
        parts=doctor_parts.probed(settings),
        shaken=doctor_tls.shaken(settings.public.url),
        editing=doctor_tls.shaken(settings.admin.address),
        editing_answers=doctor_tls.answers(settings.admin.listen) if running else None,
    )


def _of(name: str, check: Check, site: Site) -> tuple[Advice, ...]:
    """Nothing at all, not even *fine*, where there was nothing to look at."""
    if (name in _OF_THE_DAEMON and site.facts is None) or (name in _OF_THE_FOLDER and not _has_folder(site)):
        return ()
    if name == "database" and not (site.facts and site.facts.get("database")):
        return ()
    if (name == "tls" and site.shaken is None) or (name == "editing" and site.settings.admin.listen is None):
        return ()
    return tuple(check(site)) or (Advice(Level.FINE, f"fine.{name}"),)


def _has_folder(site: Site) -> bool:
    return site.settings.storage.folder.is_dir()


def _facts(settings: Settings) -> tuple[Mapping[str, Any] | None, dict[str, str] | None, bool]:
    running = False
    try:
        running = listens(settings.admin.socket)
        with at_the_office(settings) as ask:
            return ask("doctor", {}), None, running
    except AmtsboteError as error:
        refusal = as_refusal(error)
        return None, {"de": refusal["de"], "en": refusal["en"]}, running


def _program() -> Iterator[Path]:
    """Interpreter, our own packages and the libraries beside them, two levels deep: folders decide about the rest."""
    yield Path(sys.executable).resolve()
    for home in {Path(amtsbote.__file__).resolve().parent.parent, Path(pydantic.__file__).resolve().parent.parent}:
        yield home
        yield from (one for one in home.iterdir() if one.suffix != ".dist-info" and one.name[:1] not in "._")
    yield from Path(amtsbote.__file__).resolve().parent.rglob("*.py")


def _synchronised() -> bool | None:
    try:
        answer: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else answer != _TIME_ERROR

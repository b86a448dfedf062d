"""Whether deliveries into a folder can work: tried out, not guessed from its attributes."""

import errno
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from adapters.folder.intent import PROPOSAL, IntentUnreadable, withdraw
from adapters.folder.names import delivery_of
from adapters.folder.place import (
    DELIVERED_MODE,
    WORKSHOP_MODE,
    Place,
    demand_real_folder,
    discard,
    make_own_folder,
    share_folder,
)
from amtsbote.api import Misfit, Readiness, Ready, Unavailable

_PROBE: Final = "probe"
_FORGOTTEN_AFTER: Final = 3600.0
"""Seconds after which another probe was left behind by a crash."""

_SENTENCES: Final[Mapping[int | None, tuple[type[Misfit | Unavailable], str, str]]] = {
    errno.ENOENT: (
        Unavailable,
        "Der Ordner {path} fehlt. Bitte anlegen oder das Laufwerk einbinden.",
        "The folder {path} does not exist. Create it or mount the share.",
    ),
    errno.ENOTDIR: (
        Misfit,
        "{path} ist kein Ordner. Bitte die Option path des Ziels berichtigen.",
        "{path} is not a folder. Correct the option path of the target.",
    ),
    errno.EACCES: (
        Misfit,
        "Im Ordner {path} darf der Dienst nicht schreiben. Bitte Eigentümer oder Rechte berichtigen.",
        "The service may not write into the folder {path}. Correct its owner or permissions.",
    ),
    errno.ELOOP: (
        Misfit,
        "In {path} ist .amtsbote ein symbolischer Verweis. Bitte entfernen; der Dienst legt dort einen Ordner an.",
        "In {path}, .amtsbote is a symbolic link. Remove it; the service makes a folder there.",
    ),
    errno.EXDEV: (
        Misfit,
        "Der Ordner .amtsbote in {path} liegt auf einem anderen Dateisystem. Bitte nicht getrennt einbinden.",
        "The folder .amtsbote in {path} is on another file system. Do not mount it separately.",
    ),
    errno.EOPNOTSUPP: (
        Misfit,
        "Das Dateisystem von {path} kennt keine harten Verweise oder sichert keine Ordner. Bitte ein anderes benutzen.",
        "The file system of {path} has no hard links or cannot make folders durable. Use another one.",
    ),
    errno.ENODEV: (
        Unavailable,
        "Unter {path} ist nichts eingebunden (Option mounted). Bitte das Laufwerk einbinden.",
        "Nothing is mounted at {path} (option mounted). Mount the share.",
    ),
    errno.EROFS: (
        Unavailable,
        "Das Dateisystem von {path} ist nur lesbar.",
        "The file system of {path} is read-only.",
    ),
    errno.ENOSPC: (
        Unavailable,
        "Auf dem Dateisystem von {path} ist kein Platz mehr.",
        "The file system of {path} is full.",
    ),
}
_OTHERWISE: Final = (
    Unavailable,
    "Der Ordner {path} antwortet nicht wie erwartet ({error}).",
    "The folder {path} does not answer as expected ({error}).",
)
_SAME_AS: Final[Mapping[int | None, int]] = {
    errno.EPERM: errno.EACCES,
    errno.EDQUOT: errno.ENOSPC,
    errno.EINVAL: errno.EOPNOTSUPP,
    errno.ENOSYS: errno.EOPNOTSUPP,
    errno.EMLINK: errno.EOPNOTSUPP,
}


def probe(place: Place) -> Readiness:
    """Make our own folders where they are missing, and do once in small what a delivery does. Repeatable."""
    try:
        place.demand_mounted()
        _furnish(place)
        _try_out(place)
        _sweep(place)
    except OSError as error:
        return of_trouble(error, place.path)
    return Ready()


def of_trouble(error: OSError, path: Path) -> Misfit | Unavailable:
    """What went wrong with the folder `path`, and what to do."""
    verdict, de, en = _SENTENCES.get(_SAME_AS.get(error.errno, error.errno), _OTHERWISE)
    word = errno.errorcode.get(error.errno or 0, "?")
    return verdict(de.format(path=path, error=word), en.format(path=path, error=word))


def _furnish(place: Place) -> None:
    if not place.path.is_dir():
        place.path.stat()  # raises when it is missing
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    for folder in (place.workshop, place.intents):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        demand_real_folder(folder)
        share_folder(folder, WORKSHOP_MODE)
        place.disk.sync_folder(folder.parent)


def _try_out(place: Place) -> None:
    """Write, link exclusively, rename from the workshop into the folder, sync: what `adapter.py` relies on."""
    folder = make_own_folder(place.workshop, _PROBE)
    proposal, intent, final = (
        folder / "file",
        place.intents / f".{folder.name}",
        place.path / f".amtsbote-{folder.name}",
    )
    try:
        place.write(proposal, (b"probe",))
        share_folder(folder, DELIVERED_MODE)
        place.disk.sync_folder(folder)
        _link(proposal, intent)
        place.disk.rename(folder, final)
        place.disk.sync_folder(place.path)
        probes = (
            *place.workshop.glob(f"{_PROBE}*"),
            *place.intents.glob(f".{_PROBE}*"),
            *place.path.glob(f".amtsbote-{_PROBE}*"),
        )
        forget_old(probes, now=final.stat().st_mtime)
    finally:
        discard(intent, final, folder)


def _link(proposal: Path, intent: Path) -> None:
    try:
        os.link(proposal, intent)
    except PermissionError:  # link(2): EPERM says that the file system has no hard links
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP)) from None
    try:
        os.link(proposal, intent)
    except FileExistsError:
        return
    raise OSError(errno.EOPNOTSUPP, "a second link(2) to the same name has to fail")


def forget_old(probes: Iterable[Path], now: float) -> None:
    """Remove what a crash has left. `now` is the time of the file system, taken from a fresh file: no clock of ours has
    to agree with it."""
    discard(*(old for old in probes if now - old.lstat().st_mtime > _FORGOTTEN_AFTER))


def _sweep(place: Place) -> None:
    """Remove what attempts have left that ended without a trace: drafts are plaintext, and nobody may come back for
    them. One of an attempt still at work (an older one that hangs, a second target with this folder) costs it that
    attempt and no more, because its proposal goes first (`intent.py`)."""
    with os.scandir(place.workshop) as entries:
        drafts = {entry.name.removesuffix(PROPOSAL) for entry in entries}
    for name in drafts:
        delivery = delivery_of(name)
        if delivery is not None:
            with suppress(IntentUnreadable):
                withdraw(place, delivery, place.workshop / name)

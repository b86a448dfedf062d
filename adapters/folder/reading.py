"""Reads what was taken: the status file, and the documents it names. Nothing in it is followed or trusted."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from adapters.folder.names import OWN_REPLY_FILES, STATUS, type_of_file
from adapters.folder.refusals import refusal
from adapters.folder.replies import Item, readable
from adapters.folder.statusfile import KINDS, LARGEST, StatusDocument, StatusFile, StatusUnreadable, read_status
from amtsbote.api import Document, Returned, Unfit
from amtsbote.errors import AmtsboteError, ItemChanged
from amtsbote.model.ids import DeliveryId, MessageId

CHUNK: Final = 256 * 1024
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_FILE: Final = frozenset({errno.ELOOP, errno.ENXIO, errno.EISDIR})
"""A symbolic link, a socket."""


class _Refused(AmtsboteError):
    """Ends the reading of one item."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.refusal = refusal(reason, **values)


@dataclass(frozen=True, slots=True)
class _Identity:
    """What tells a file, as it was, from any other."""

    number: int
    size: int
    changed: int
    """Nanoseconds."""

    @classmethod
    def of(cls, descriptor: int) -> "_Identity":
        found = os.fstat(descriptor)
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)


def shown(item: Item) -> Returned | Unfit:
    """Raises `OSError` when the disk is in trouble; then nothing is said of the item."""
    try:
        return _read(item)
    except _Refused as refused:
        return Unfit(item.id, item.label, refused.refusal)
    except PermissionError:
        return Unfit(item.id, item.label, refusal("not-readable", name=item.label))


def _read(item: Item) -> Returned:
    if not stat.S_ISDIR(item.path.lstat().st_mode):
        raise _Refused("no-folder", name=item.label)
    names = frozenset(path.name for path in item.path.iterdir())
    status = _status(item, names)
    _all_named(names, status.documents)
    return Returned(
        item=item.id,
        label=item.label,
        answers=None if status.submission_id is None else MessageId(status.submission_id),
        answers_delivery=None if status.delivery_id is None else DeliveryId(status.delivery_id),
        kind=KINDS[status.kind],
        subject=status.subject,
        text=status.text,
        documents=tuple(_document(item.path, each, names) for each in status.documents),
    )


def _status(item: Item, names: frozenset[str]) -> StatusFile:
    if STATUS not in names:
        raise _Refused("no-status")
    with _opened(item.path / STATUS) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _Refused("status-too-large", limit=LARGEST)
    try:
        return read_status(content)
    except StatusUnreadable as error:
        raise _Refused("status-unreadable", de=error.de, en=error.en) from None


def _all_named(names: frozenset[str], documents: Sequence[StatusDocument]) -> None:
    """Hidden files are not meant for anybody: programs leave them."""
    left = sorted(names - OWN_REPLY_FILES - {document.file for document in documents})
    for name in left:
        if not name.startswith("."):
            raise _Refused("document-not-named", name=readable(name))


def _document(folder: Path, about: StatusDocument, names: frozenset[str]) -> Document:
    if about.file not in names:
        raise _Refused("document-missing", name=readable(about.file))
    path = folder / about.file
    with _opened(path) as file:
        identity = _Identity.of(file.fileno())
    return Document(
        name=about.name or about.file,
        mime_type=about.mime_type or type_of_file(about.file),
        description=about.description,
        size=identity.size,
        chunks=partial(_chunks, path, identity),
    )


def _opened(path: Path) -> BinaryIO:
    """Only what really is a file in this folder; a pipe must not keep us waiting."""
    try:
        descriptor = os.open(path, _OPEN)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise _Refused("no-file", name=readable(path.name)) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _Refused("no-file", name=readable(path.name))
    return os.fdopen(descriptor, "rb")


def _chunks(path: Path, identity: _Identity) -> Iterator[bytes]:
    """Raises `ItemChanged`, at the end at the latest, for anything but the file that was shown."""
    try:
        file = _opened(path)
    except (_Refused, FileNotFoundError) as error:
        raise ItemChanged(readable(path.name)) from error
    with file:
        seen = 0
        while chunk := file.read(min(CHUNK, identity.size - seen + 1)):
            seen += len(chunk)
            if seen > identity.size:
                break
            yield chunk
        if seen != identity.size or _Identity.of(file.fileno()) != identity:
            raise ItemChanged(readable(path.name))

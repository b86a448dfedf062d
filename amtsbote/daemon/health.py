"""Whether the house can take a submission now: the database answers, and there is room for rows and parts.

Tried out, because a file system says what it has left only when it is asked for it.
"""

import asyncio
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from amtsbote.api.bodies import Bodies
from amtsbote.api.persistence import Store
from amtsbote.errors import StorageFailed

_TRIED: Final = 256 * 1024
"""Bytes, of each of rows and parts."""


async def what_is_wrong(store: Store, files: Bodies, rows: Path | None) -> str | None:
    """One line for whoever watches the service; None when nothing is. `rows`: the folder of a SQLite store."""
    try:
        await store.read(lambda tx: tx.directory.revision())
        if rows is not None:
            await asyncio.to_thread(_room_for_rows, rows)
    except Exception as error:  # noqa: BLE001  (whatever it is, the answer is: not ready)
        return f"store: {_word(error)}"
    try:
        await asyncio.to_thread(_room_for_parts, files)
    except Exception as error:  # noqa: BLE001  (as above)
        return f"parts: {_word(error)}"
    return None


def _room_for_rows(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, _TRIED)


def _room_for_parts(files: Bodies) -> None:
    """A body begun and forgotten: it has no name that a row could own."""
    body = files.begin()
    try:
        body.write(bytes(_TRIED))
    finally:
        with suppress(StorageFailed):
            body.discard()


def _word(error: Exception) -> str:
    """What kind of trouble, never what an error quotes."""
    return f"{type(error).__name__} ({error.strerror})" if isinstance(error, OSError) else type(error).__name__

"""Delivery into a folder that the Fachverfahren watches: one folder per message, exactly once.

The order is the whole safety:

1. write the draft, every file and name of it durable;
2. fix the intent that names it (`intent.py`) and make that durable;
3. rename the draft to its final name and make that durable;
4. remove what other attempts have left.

A crash before 2 leaves a draft that nobody counts: the next attempt writes its own. After 2 the message *is* that
draft: if it is still in the workshop it only has to be renamed, and if it is gone it was delivered, even if the
Fachverfahren has taken it away since. Before 2 nobody may remove another's draft alone: the other may still win the
intent, which would then name nothing, and a message would be lost. `intent.py` says how a start removes it anyway.

Syncs, each for a reason: every file with content (data, attachments, manifest, intent) before anything names it; the
draft, for the names in it and the empty marker; the workshop, for the draft's own name; `intents`, before the rename
may be seen; the target folder, before anybody hears that it was delivered. With two attachments that is nine.
"""

import errno
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from adapters.checked import attachment_source, data_source, original_source
from adapters.folder.intent import Intent, IntentUnreadable, begin_draft, fix_intent, proposal_of, read_intent, withdraw
from adapters.folder.manifest import layout, manifest
from adapters.folder.names import MANIFEST, MARKER, draft_stem, folder_name, is_delivery_name
from adapters.folder.place import DELIVERED_MODE, Place, discard, share_folder
from adapters.folder.probe import probe
from amtsbote.api import (
    AdapterServices,
    AllStuck,
    Delivered,
    Outcome,
    OwnThreads,
    Readiness,
    Ready,
    Refused,
    Retry,
    Unavailable,
    Unknown,
    VerifiedParts,
    WorkOrder,
)

_REASONS: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.EACCES: "not-permitted",
    errno.EPERM: "not-permitted",
    errno.EROFS: "not-permitted",
    errno.ENOENT: "folder-missing",
    errno.ENOTDIR: "folder-missing",
    errno.ELOOP: "symbolic-link",
    errno.ENODEV: "not-mounted",
    errno.EREMCHG: "folder-replaced",
}
"""What went wrong on the disk → word for the operator. Everything else is `disk-error`."""

_NAME_IS_TAKEN: Final = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR})
"""The folder is there although its draft is too: somebody has put it back, or copied it."""


def again(error: OSError) -> Retry:
    return Retry(_REASONS.get(error.errno, "disk-error"))


class FolderAdapter:
    def __init__(self, place: Place, services: AdapterServices) -> None:
        self._place = place
        self._clock = services.clock
        self._threads = OwnThreads(f"folder-{place.path.name}")
        self._prepared: tuple[int, ...] | None = None

    async def prepare(self) -> Readiness:
        try:
            return await self._threads.run(self._probe)
        except AllStuck:
            return Unavailable(
                f"Das Dateisystem von {self._place.path} antwortet nicht.",
                f"The file system of {self._place.path} does not answer.",
            )

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
        """One thread call per delivery. A cancelled delivery goes on in its thread: the intent keeps it harmless."""
        if not is_delivery_name(order.delivery):
            return Refused("unsafe-delivery-id")
        try:
            return await self._threads.run(partial(self._deliver, order, parts))
        except AllStuck:
            return Retry("busy")

    async def close(self) -> None:
        """Nothing is held open between deliveries, and nobody waits for a call that hangs."""

    def _probe(self) -> Readiness:
        readiness = probe(self._place)
        if isinstance(readiness, Ready):
            self._prepared = self._place.identity()
        return readiness

    def _demand_same_place(self) -> None:
        """Raises `OSError`."""
        self._place.demand_mounted()
        self._place.demand_own_folders()
        if self._prepared not in {None, self._place.identity()}:
            # Another file system, or the folder below the mount point: its intents are not those of this target.
            raise OSError(errno.EREMCHG, os.strerror(errno.EREMCHG), str(self._place.path))

    def _deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
        try:
            self._demand_same_place()
            intent = read_intent(self._place, order.delivery) or self._commit(order, parts)
            return self._carry_out(intent, order.delivery)
        except IntentUnreadable:
            return Unknown("intent-unreadable")
        except OSError as error:
            return again(error)

    def _commit(self, order: WorkOrder, parts: VerifiedParts) -> Intent:
        """Write the message and make it count; answers the intent that holds, ours or that of a faster attempt."""
        stem = draft_stem(order.delivery, order.token)
        wanted = begin_draft(self._place, stem, folder_name(order.submitted_at, order.service, order.delivery))
        draft = self._place.workshop / wanted.draft
        tried = False
        try:
            self._write(order, parts, draft)
            tried = True
            fix_intent(self._place, order.delivery, wanted)
        except Exception:
            if not tried:  # then no intent can name it, whatever else is wrong with the disk
                discard(proposal_of(draft), draft)
            # A faster attempt may have been first, and may even have swept this draft under our hands.
            held = withdraw(self._place, order.delivery, draft)
            if held is None:
                raise
            return held
        return wanted

    def _write(self, order: WorkOrder, parts: VerifiedParts, draft: Path) -> None:
        place, names = self._place, layout(order, parts)
        place.write(draft / names.data, data_source(parts).read())
        if names.original is not None:
            name, original = names.original
            place.write(draft / name, original_source(original).read())
        for name, attachment in names.attachments:
            place.write(draft / name, attachment_source(attachment).read())
        place.write(draft / MANIFEST, (manifest(order, parts, names, self._clock()),))
        place.mark(draft / MARKER)
        share_folder(draft, DELIVERED_MODE)
        place.disk.sync_folder(draft)
        # The draft's own name: were it lost with the power while the intent stayed, the message would seem delivered.
        place.disk.sync_folder(place.workshop)

    def _carry_out(self, intent: Intent, delivery: str) -> Outcome:
        """Also for an intent that an earlier attempt fixed: it may have ended before any of these lines."""
        place = self._place
        place.disk.sync_folder(place.intents)
        try:
            place.disk.rename(place.workshop / intent.draft, place.path / intent.folder)
        except FileNotFoundError:
            # Renamed by an earlier attempt. Asked again, because a share that was unmounted just now looks the same.
            if read_intent(place, delivery) != intent:
                raise
        except OSError as error:
            if error.errno not in _NAME_IS_TAKEN:
                raise
            return Unknown("folder-exists")
        place.disk.sync_folder(place.path)
        discard(*place.drafts(delivery))
        return Delivered(intent.folder)

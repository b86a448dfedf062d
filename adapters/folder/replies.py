"""The folder in which the Fachverfahren gives answers back: what is taken, and where it goes.

```
<path>/antworten/<name>/                 written by the Fachverfahren; complete once `fertig` lies in it
<path>/.amtsbote/antworten/<id>/<name>/  taken by the service
<path>/antworten/erledigt/<name>/        passed on
<path>/antworten/fehler/<name>/          not passed on, with `<name>.grund.txt` beside it
<path>/antworten/quittungen/<id>.json    what has become of it
```

Taking is a rename into a folder whose name was made for it, durable before anything of it is read. That name is the id
of the item: whoever comes after a crash finds the item under it, and a folder of the same name given later is another
item. Moving it away afterwards needs no sync: an item that reappears is acknowledged or refused once more.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from adapters.folder.adapter import again
from adapters.folder.names import DONE, FAILED, MARKER, RECEIPTS
from adapters.folder.place import (
    DELIVERED_MODE,
    WORKSHOP_MODE,
    Place,
    demand_real_folder,
    discard,
    make_own_folder,
    share_folder,
)
from adapters.folder.probe import forget_old
from adapters.folder.refusals import refusal, written
from amtsbote.api import Receipt, ReceiptState, Refusal, Unfit, Unread

UNTAKEN: Final = "untaken/"
"""What the id of an item begins with that could not be taken: the rest is made of its name. Other ids have no slash."""
STATES: Final[Mapping[ReceiptState, str]] = {
    ReceiptState.PASSED_ON: "uebergeben",
    ReceiptState.ACCEPTED: "angenommen",
    ReceiptState.REJECTED: "abgelehnt",
}
"""Words of `state` in a receipt."""
_TRIAL: Final = "amtsbote-probe"
_OURS: Final = frozenset({DONE, FAILED, RECEIPTS})
_TAKEN: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EISDIR})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})
_ITEM: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_LONGEST_STEM: Final = 200
"""Bytes of a name of ours that is made of one of the Fachverfahren's."""


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    path: Path

    @property
    def label(self) -> str:
        """Its name, for people."""
        return readable(self.path.name)


@dataclass(frozen=True, slots=True)
class Replies:
    place: Place
    name: str
    """Of the folder in the target's path."""
    new_id: Callable[[], str]
    clock: Callable[[], datetime]
    told: set[str] = field(default_factory=set)
    """Names of what could not be taken and whose people know it."""

    @property
    def folder(self) -> Path:
        return self.place.path / self.name

    @property
    def claims(self) -> Path:
        return self.place.workshop / "antworten"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Those of the Fachverfahren."""
        return (self.folder, *(self.folder / name for name in (DONE, FAILED, RECEIPTS)))

    def furnish(self) -> None:
        """Make what is missing. Raises `OSError`."""
        for folder, mode in ((self.claims, WORKSHOP_MODE), *((folder, DELIVERED_MODE) for folder in self.folders)):
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                share_folder(folder, mode)
                self.place.disk.sync_folder(folder.parent)
            demand_real_folder(folder)

    def try_out(self) -> None:
        """Do once in small what taking and putting away do. Raises `OSError`."""
        trial = make_own_folder(self.folder, f".{_TRIAL}")
        claim = make_own_folder(self.place.workshop, "probe")
        try:
            self.place.disk.rename(trial, claim / _TRIAL)
            self.place.disk.rename(claim / _TRIAL, trial)
            forget_old(self.folder.glob(f".{_TRIAL}*"), now=claim.stat().st_mtime)
        finally:
            discard(claim, trial)

    def demand_folders(self) -> None:
        """Raises `OSError`: one is missing, a symbolic link, or no folder."""
        for folder in (self.claims, *self.folders):
            demand_real_folder(folder)

    def taken(self, skip: Container[str]) -> Iterator[Item | Unread]:
        """What was taken and not yet put away."""
        with os.scandir(self.claims) as entries:
            claims = [Path(entry.path) for entry in entries if entry.name not in skip]
        for claim in sorted(claims):
            try:
                inside = next(claim.iterdir(), None)
            except OSError as error:
                yield Unread(claim.name, claim.name, again(error).reason)
                continue
            if inside is not None:
                yield Item(claim.name, inside)
            else:  # left by a crash before or after the item was in it
                with suppress(OSError):
                    claim.rmdir()

    def take(self, skip: Container[str]) -> Iterator[Item | Unfit | Unread]:
        """Take one after another of those that are complete, the oldest first. One that cannot be taken keeps no other
        waiting."""
        for path in self._complete():
            one = self._take(path)
            if isinstance(one, Item) or (one is not None and one.item not in skip):
                yield one

    def untaken(self, item: str) -> Item | Unfit | Unread | None:
        """Try once more to take one that could not be taken."""
        path = self._named(item)
        return None if path is None else self._take(path)

    def find(self, item: str) -> Item | None:
        """One that was taken."""
        if _ITEM.fullmatch(item) is None:
            return None
        try:
            inside = next((self.claims / item).iterdir(), None)
        except FileNotFoundError:
            return None
        return None if inside is None else Item(item, inside)

    def finish(self, item: Item) -> None:
        for stem in _stems(item.path.name):
            if self._put_away(item, self.folder / DONE / stem):
                return

    def refuse(self, item: Item, why: Refusal) -> None:
        """The reason is there before the item is."""
        for stem in _stems(item.path.name):
            final = self.folder / FAILED / stem
            if os.path.lexists(final):
                continue
            self._give_reason(stem, item.label, why)
            if self._put_away(item, final):
                return

    def refuse_untaken(self, item: str, why: Refusal) -> None:
        """It stays where it is, and is not shown again in the life of this process."""
        path = self._named(item)
        if path is not None:
            self._give_reason(_stem(path.name), readable(path.name), why)
            self.told.add(path.name)

    def tell(self, receipt: Receipt) -> None:
        """The first word never replaces a later one: it may come from a call that hung until now."""
        document = {
            "format": "amtsbote-quittung",
            "version": 1,
            "replyId": receipt.reply,
            "submissionId": receipt.submission,
            "folder": receipt.label,
            "state": STATES[receipt.state],
            "at": receipt.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "problems": list(receipt.problems),
        }
        content = json.dumps(document, ensure_ascii=True, indent=2).encode("ascii") + b"\n"
        path = self.folder / RECEIPTS / f"{_stem(receipt.reply)}.json"
        if receipt.state is ReceiptState.PASSED_ON:
            self._begin(path, content)
        else:
            self._replace(path, content)

    def _complete(self) -> Iterator[Path]:
        """What has its marker, the oldest first. A symbolic link never gets one inside: it is taken, and refused."""
        with os.scandir(self.folder) as entries:
            named = [entry for entry in entries if not entry.name.startswith(".") and entry.name not in _OURS]
        found = []
        for entry in named:
            link = entry.is_symlink()
            if link or entry.is_dir():
                with suppress(FileNotFoundError, PermissionError):
                    marker = Path(entry.path) if link else Path(entry.path, MARKER)
                    found.append((marker.lstat().st_mtime_ns, entry.name))
        return (self.folder / name for _, name in sorted(found))

    def _named(self, item: str) -> Path | None:
        return next((path for path in self._complete() if _untaken_id(path.name) == item), None)

    def _take(self, path: Path) -> Item | Unfit | Unread | None:
        """None when somebody else was faster, and for one that its people know about."""
        claim = self.claims / self.new_id()
        claim.mkdir(mode=0o700)
        try:
            self.place.disk.rename(path, claim / path.name)
        except OSError as error:
            with suppress(FileNotFoundError):  # swept by somebody who found it empty
                claim.rmdir()
            return None if error.errno == errno.ENOENT or path.name in self.told else _not_taken(path.name, error)
        self.told.discard(path.name)
        for folder in (claim, self.claims, self.folder):
            self.place.disk.sync_folder(folder)
        return Item(claim.name, claim / path.name)

    def _put_away(self, item: Item, final: Path) -> bool:
        """False when the name is taken."""
        if os.path.lexists(final):
            return False
        try:
            self.place.disk.rename(item.path, final)
        except FileNotFoundError:
            pass  # by somebody else
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            raise
        with suppress(OSError):
            item.path.parent.rmdir()
        return True

    def _give_reason(self, stem: str, label: str, why: Refusal) -> None:
        self._replace(self.folder / FAILED / f"{stem}.grund.txt", written(why, label, self.clock()))

    def _begin(self, path: Path, content: bytes) -> None:
        """Complete and durable, unless there is one already."""
        draft = _first(path)
        discard(draft)
        if not os.path.lexists(path):
            self.place.write(draft, (content,))
            with suppress(FileExistsError, FileNotFoundError):  # a later word is there, and has cleared this one
                os.link(draft, path)
            discard(draft)
        self.place.disk.sync_folder(path.parent)

    def _replace(self, path: Path, content: bytes) -> None:
        """Complete and durable, or as before."""
        draft = path.with_name(f".{path.name}")
        discard(draft, _first(path))  # a kill may have left the first word half said
        self.place.write(draft, (content,))
        self.place.disk.rename(draft, path)
        self.place.disk.sync_folder(path.parent)


def _first(path: Path) -> Path:
    """Where a first word is written before it is there."""
    return path.with_name(f".{path.name}.first")


def _not_taken(name: str, error: OSError) -> Unfit | Unread:
    item, label = _untaken_id(name), readable(name)
    if error.errno in _FORBIDDEN:
        return Unfit(item, label, refusal("not-movable", name=label))
    return Unread(item, label, again(error).reason)


def _untaken_id(name: str) -> str:
    return UNTAKEN + hashlib.sha256(os.fsencode(name)).hexdigest()[:32]


def readable(name: str) -> str:
    """A name of somebody else, fit for a log line and a page: printable, at most 200 characters."""
    return "".join(character if character.isprintable() else "?" for character in name[:200])


def _stems(name: str) -> Iterator[str]:
    """The name, or `name.2`, `name.3` … when it is taken."""
    stem = _stem(name)
    yield stem
    for number in count(2):
        yield f"{stem}.{number}"


def _stem(name: str) -> str:
    return os.fsdecode(os.fsencode(name)[:_LONGEST_STEM])

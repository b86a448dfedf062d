"""The intent: one file per delivery that says which draft *is* the message. The first one holds for ever.

It comes into being complete, by `link(2)` of a file that is already durable, the proposal: exactly one of two attempts
gets it, and none can be half written. From then on every attempt only carries it out.

The proposal is made before its draft and never again. Whoever removes it has made sure that the draft cannot become the
message any more, and may then remove the draft as well: the link of an attempt that is still at work fails. (No two
attempts that live at the same time have the same token, so nobody else makes a proposal of the same name.)
"""

import errno
import json
import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from adapters.folder.names import delivery_of, is_folder_name
from adapters.folder.place import Place, discard
from amtsbote.errors import AmtsboteError

VERSION: Final = 1
PROPOSAL: Final = ".intent"
"""What the name of a draft's proposal ends with."""
_LARGEST: Final = 4096


class IntentUnreadable(AmtsboteError):
    """An intent is there, so the message may have been delivered, but it does not say what. Only a person can look."""


@dataclass(frozen=True, slots=True)
class Intent:
    draft: str
    """Name in the workshop of the folder that is the message."""
    folder: str
    """Name under which it appears in the target folder."""


def read_intent(place: Place, delivery: str) -> Intent | None:
    """The intent that holds, or None. Raises `IntentUnreadable`, or `OSError` when the target cannot be read."""
    try:
        descriptor = os.open(place.intents / delivery, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        content = os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)
    return _parse(content, delivery)


def begin_draft(place: Place, stem: str, folder: str) -> Intent:
    """A durable proposal, and the empty folder it names: `stem`, or `stem.1`, `stem.2` … when a crash left one of that
    name. Private until it is shared. Raises `OSError`, and then leaves nothing."""
    for number in count():
        wanted = Intent(f"{stem}.{number}" if number else stem, folder)
        draft = place.workshop / wanted.draft
        if _propose(place, draft, wanted):
            return wanted
    raise AssertionError("count() does not end")


def _propose(place: Place, draft: Path, wanted: Intent) -> bool:
    """False when the name is taken."""
    proposal = proposal_of(draft)
    try:
        place.write(proposal, (_content(wanted),))
    except FileExistsError:
        return False
    except OSError:
        discard(proposal)
        raise
    try:
        draft.mkdir(mode=0o700)
    except OSError as error:
        discard(proposal)
        if error.errno == errno.EEXIST:
            return False
        raise
    return True


def fix_intent(place: Place, delivery: str, wanted: Intent) -> None:
    """Make `wanted` the intent of this delivery. Raises `FileExistsError` when there is one.

    After any `OSError` only the intent itself says which one holds: another attempt may have been first, or have swept
    the proposal, or a file server may have lost its answer to a link that succeeded. Not yet durable: `place.intents`
    has to be synced before anybody acts on it.
    """
    os.link(proposal_of(place.workshop / wanted.draft), place.intents / delivery)


def withdraw(place: Place, delivery: str, draft: Path) -> Intent | None:
    """Remove a draft, one's own or an abandoned one, unless it is the message; answers the intent that holds. Raises as
    `read_intent` does, and then the draft stays."""
    proposal_of(draft).unlink(missing_ok=True)  # first: after this no link can make it the message
    held = read_intent(place, delivery)
    if held is None or held.draft != draft.name:
        discard(draft)
    return held


def proposal_of(draft: Path) -> Path:
    return draft.with_name(f"{draft.name}{PROPOSAL}")


def _content(intent: Intent) -> bytes:
    return json.dumps({"version": VERSION, "draft": intent.draft, "folder": intent.folder}).encode("ascii")


def _parse(content: bytes, delivery: str) -> Intent:
    try:
        fields: Any = json.loads(content)
        version, draft, folder = fields["version"], str(fields["draft"]), str(fields["folder"])
    except (ValueError, TypeError, KeyError):
        raise IntentUnreadable(delivery) from None
    if version != VERSION or delivery_of(draft) != delivery or draft.endswith(PROPOSAL) or not is_folder_name(folder):
        raise IntentUnreadable(delivery)
    return Intent(draft, folder)

"""The intent: one file per delivery that says which draft *is* the message. The first one holds for ever.

It comes into being complete, by `link(2)` of a file that is already durable: exactly one of two attempts gets it, and
none can be half written. From then on every attempt only carries it out.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.folder.names import delivery_of, is_folder_name
from adapters.folder.place import Place
from amtsbote.errors import AmtsboteError

VERSION: Final = 1
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


def fix_intent(place: Place, delivery: str, wanted: Intent) -> None:
    """Make `wanted` the intent of this delivery. Raises `FileExistsError` when there is one.

    After any `OSError` only the intent itself says which one holds: another attempt may have been first, or have swept
    the proposal, or a file server may have lost its answer to a link that succeeded. Not yet durable: `place.intents`
    has to be synced before anybody acts on it.
    """
    proposal = proposal_of(place.workshop / wanted.draft)
    place.write(proposal, (_content(wanted),))
    os.link(proposal, place.intents / delivery)


def proposal_of(draft: Path) -> Path:
    return draft.with_name(f"{draft.name}.intent")


def _content(intent: Intent) -> bytes:
    return json.dumps({"version": VERSION, "draft": intent.draft, "folder": intent.folder}).encode("ascii")


def _parse(content: bytes, delivery: str) -> Intent:
    try:
        fields: Any = json.loads(content)
        version, draft, folder = fields["version"], str(fields["draft"]), str(fields["folder"])
    except (ValueError, TypeError, KeyError):
        raise IntentUnreadable(delivery) from None
    if version != VERSION or delivery_of(draft) != delivery or draft.endswith(".intent") or not is_folder_name(folder):
        raise IntentUnreadable(delivery)
    return Intent(draft, folder)

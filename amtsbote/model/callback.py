"""Where a client wants to be told of what is new, and what it is told (dossier 2.8)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from amtsbote.model.ids import CaseId, ClientId, DestinationId, MessageId, ReceiverId
from amtsbote.model.message import MessageKind, State

LONGEST_URL: Final = 2000
"""Characters."""
LONGEST_SECRET: Final = 512
"""Characters."""


@dataclass(frozen=True, slots=True)
class Callback:
    url: str
    sealed_secret: bytes
    """What callbacks are authenticated with, sealed under the master key: `amtsbote.keys.callbacks` opens it, and it is
    never given out again."""


class NoticeKind(StrEnum):
    """What a receiver is told: one callback is of one kind."""

    NEW_SUBMISSIONS = "new-submissions"
    NEW_REPLIES = "new-replies"
    NEW_EVENTS = "new-events"
    """Something happened to messages that the receiver knows."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a receiver is to be told. It lies in the outbox until the receiver has answered."""

    receiver: ReceiverId
    kind: NoticeKind
    message: MessageId
    at: datetime


@dataclass(frozen=True, slots=True)
class Mention:
    """A notice on its way, with what a callback says of its message."""

    kind: NoticeKind
    message: MessageId
    about: MessageKind
    case: CaseId
    destination: DestinationId
    state: State


@dataclass(frozen=True, slots=True)
class Standing:
    """How it goes with a receiver. Nothing of it before the first call."""

    told_at: datetime | None = None
    """When it last answered as it should."""
    rest_until: datetime | None = None
    """No call before that."""
    failing_since: datetime | None = None
    failure: str | None = None
    """Stable word for why the last call failed: a `Fault` of the client, `status-503`, `too-long`, `secret`."""
    tries: int = 0
    """Calls since it last answered."""
    stopped_at: datetime | None = None
    """Since when it is not called any more, until somebody says so or its callback changes."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody with a callback: a client that named it at an announcement, or a destination."""

    id: ReceiverId
    client: ClientId | None
    """None for a destination."""
    callback: Callback
    """Of a destination as it was at the last call."""
    standing: Standing = Standing()


def is_callback_secret(secret: str) -> bool:
    """Whether it can be used at all. How long a good one is, is its owner's matter."""
    return 0 < len(secret) <= LONGEST_SECRET and secret.isprintable()


def is_callback_url(url: str) -> bool:
    """Whether an address has the form of one to call back: HTTPS, a host, no credentials, no fragment. Where it leads
    is checked when it is called."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and "#" not in url and port != 0

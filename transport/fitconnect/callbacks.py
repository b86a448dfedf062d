"""Callbacks: their bodies, and what tells a receiver that they come from this service and are not old (dossier 2.8)."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from amtsbote.model.callback import Mention, NoticeKind
from amtsbote.model.message import MessageKind
from transport.fitconnect.assumptions import CALLBACK_SERVICE, NEW_EVENTS, NEW_REPLIES, REPLY_ID

TYPES: Final = "https://schema.fitko.de/fit-connect/submission-api/callbacks/"
AUTHENTICATION: Final = "callback-authentication"
TIMESTAMP: Final = "callback-timestamp"
_ID: Final = {MessageKind.SUBMISSION: "submissionId", MessageKind.REPLY: REPLY_ID.value}


class FitConnectCallbacks:
    def __init__(self, service: str) -> None:
        """`service`: address of the submission API, so that whoever uses several services knows which one calls."""
        self._service = service

    def body(self, mentions: Sequence[Mention]) -> bytes:
        once = list({one.message: one for one in mentions}.values())
        kind = once[0].kind
        return orjson.dumps({"type": f"{TYPES}{_SUFFIX[kind]}", **_CONTENT[kind](once)})

    def headers(self, secret: str, body: bytes, at: datetime) -> Mapping[str, str]:
        return {
            "content-type": "application/json",
            CALLBACK_SERVICE.value: self._service,
            **signed_headers(secret, body, at),
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Lower-case hexadecimal digits of HMAC-SHA512 over `<timestamp>.<body>`: over the very bytes that are sent."""
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha512").hex()


def signed_headers(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """For one try: receivers refuse what is older than five minutes."""
    timestamp = str(int(at.timestamp()))
    return {AUTHENTICATION: signature(secret, timestamp, body), TIMESTAMP: timestamp}


def _submissions(mentions: Sequence[Mention]) -> dict[str, Any]:
    """With the list of ids of before, which the source calls deprecated and still shows."""
    return {"submissionIds": [one.message for one in mentions], "submissions": list(map(_entry, mentions))}


def _replies(mentions: Sequence[Mention]) -> dict[str, Any]:
    return {"replies": list(map(_entry, mentions))}


def _events(mentions: Sequence[Mention]) -> dict[str, Any]:
    """The cases whose event log has grown, and the messages it grew by."""
    about = {kind: [_entry(one) for one in mentions if one.about is kind] for kind in MessageKind}
    return {
        "caseIds": list(dict.fromkeys(one.case for one in mentions)),
        "submissions": about[MessageKind.SUBMISSION],
        "replies": about[MessageKind.REPLY],
    }


def _entry(mention: Mention) -> dict[str, str]:
    return {"destinationId": mention.destination, _ID[mention.about]: mention.message, "caseId": mention.case}


_SUFFIX: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.NEW_SUBMISSIONS: "new-submissions",
    NoticeKind.NEW_REPLIES: NEW_REPLIES.value,
    NoticeKind.NEW_EVENTS: NEW_EVENTS.value,
}
_CONTENT: Final[Mapping[NoticeKind, Callable[[Sequence[Mention]], dict[str, Any]]]] = {
    NoticeKind.NEW_SUBMISSIONS: _submissions,
    NoticeKind.NEW_REPLIES: _replies,
    NoticeKind.NEW_EVENTS: _events,
}

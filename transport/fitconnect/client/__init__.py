"""FIT-Connect for portals: find who is responsible, send, follow the event log, take replies."""

from transport.fitconnect.client.failures import Failure, SendingFailed, ServerProblem
from transport.fitconnect.client.mailbox import Mailbox, OpenedReply, ReceivedDocument, WaitingReply
from transport.fitconnect.client.sender import Sender
from transport.fitconnect.client.values import (
    FRAGMENT_SIZE,
    Application,
    AttachmentFile,
    Credentials,
    DestinationView,
    EncryptionKey,
    Endpoints,
    FoundRoute,
    OfferedSchemas,
    Sent,
    VerifiedEvent,
    World,
)

__all__ = [
    "FRAGMENT_SIZE",
    "Application",
    "AttachmentFile",
    "Credentials",
    "DestinationView",
    "EncryptionKey",
    "Endpoints",
    "Failure",
    "FoundRoute",
    "Mailbox",
    "OfferedSchemas",
    "OpenedReply",
    "ReceivedDocument",
    "Sender",
    "SendingFailed",
    "Sent",
    "ServerProblem",
    "VerifiedEvent",
    "WaitingReply",
    "World",
]

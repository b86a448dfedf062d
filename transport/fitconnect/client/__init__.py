"""FIT-Connect for portals: find who is responsible, send, follow the event log."""

from transport.fitconnect.client.failures import Failure, SendingFailed, ServerProblem
from transport.fitconnect.client.sender import Sender
from transport.fitconnect.client.values import (
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
    "Application",
    "AttachmentFile",
    "Credentials",
    "DestinationView",
    "EncryptionKey",
    "Endpoints",
    "Failure",
    "FoundRoute",
    "OfferedSchemas",
    "Sender",
    "SendingFailed",
    "Sent",
    "ServerProblem",
    "VerifiedEvent",
    "World",
]

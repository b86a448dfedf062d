"""Identifiers. All are strings on the wire and in the store; the types keep them from being mixed up."""

from typing import NewType

MessageId = NewType("MessageId", str)
"""UUID of a message; on the wire `submissionId`."""
CaseId = NewType("CaseId", str)
"""UUID of a case (Vorgang)."""
PartId = NewType("PartId", str)
"""`metadata`, `data`, or the UUID of an attachment or of a fragment of one."""
DeliveryId = NewType("DeliveryId", str)
"""UUID of a delivery; the stable idempotency key that every adapter receives."""
EventId = NewType("EventId", str)
"""UUID of an event; on the wire `jti`."""
DeadLetterId = NewType("DeadLetterId", str)
JobId = NewType("JobId", int)

ReceiverId = NewType("ReceiverId", str)
"""UUID of a receiver of callbacks: of a destination that id itself."""

TenantId = NewType("TenantId", str)
PortalId = NewType("PortalId", str)
ClientId = NewType("ClientId", str)
DestinationId = NewType("DestinationId", str)
AuthorityId = NewType("AuthorityId", str)
TargetId = NewType("TargetId", str)
EditorId = NewType("EditorId", str)
KeyId = NewType("KeyId", str)
"""RFC 7638 thumbprint (SHA-256, base64url) of the public key."""

"""Step 1, open: decrypt every part, check tags, hashes and the portal's signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from amtsbote.api.envelope import Envelope, KeyReader, Trust
from amtsbote.errors import Rejected
from amtsbote.errors.table import SIGNATURE_REFUSED
from amtsbote.model.content import Content, SignatureAction
from amtsbote.model.deadletter import Reason
from amtsbote.model.directory import Destination
from amtsbote.model.ids import AuthorityId, PartId, TargetId
from amtsbote.model.message import Assignment, Message, SubmittedPart
from amtsbote.model.routing import german_day
from amtsbote.pipeline.steps import Held


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the case of a reply has gone so far."""

    authority: AuthorityId
    region: str
    targets: tuple[TargetId, ...]
    """Of the message before, the primary one first."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A durable message with readers for its parts, and what its sender is trusted by."""

    message: Message
    destination: Destination
    parts: Mapping[PartId, SubmittedPart]
    trust: Trust
    assignment: Assignment | None = None
    """Where a person sends it, if one had to decide."""
    follows: Followed | None = None
    """Of a reply whose case has been addressed."""


def submitted_on(message: Message) -> date:
    """The German calendar day of the durable submit: what decides, never the day of processing."""
    if message.submitted_at is None:
        raise ValueError(f"message {message.id} was never submitted")
    return german_day(message.submitted_at)


@dataclass(frozen=True, slots=True)
class Opened:
    """Integrity checked and decrypted. Made by `open_message` only."""

    message: Message
    destination: Destination
    content: Content
    marked: bool
    """Accepted although the portal's signature is not valid: the delivery says so."""

    def told(self) -> Mapping[str, str]:
        content = self.content
        return {
            "metadata": content.metadata_version + ("" if content.fully_validated else " (not fully validated)"),
            "schema": content.schema.uri,
            "attachments": str(len(content.attachments)),
            "signature": content.signature.verdict,
        }


def open_message(submitted: Submitted, envelope: Envelope, keys: KeyReader) -> Opened:
    """Open the envelope and apply the destination's signature policy."""
    message, destination = submitted.message, submitted.destination
    content = envelope.open(message, destination, submitted.parts, keys, submitted.trust)
    verdict = content.signature.verdict
    match destination.signature_policy[verdict]:
        case SignatureAction.REJECT:
            raise Rejected(SIGNATURE_REFUSED(instance="data", verdict=verdict))
        case SignatureAction.HOLD:
            raise Held(Reason.SIGNATURE, {"verdict": verdict, "because": content.signature.reason})
        case action:
            return Opened(message, destination, content, marked=action is SignatureAction.MARK)

"""The way back, step *answer*: may what the authority gives be passed on, to whom, and with which key?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from amtsbote.api.answer import ANSWER_SCHEMA, WORDS, Answer, AnswerFile
from amtsbote.api.envelope import Enclosed
from amtsbote.api.returning import Returned
from amtsbote.model.answer import AnswerKind
from amtsbote.model.content import ReplyChannel
from amtsbote.model.directory import Destination, Target
from amtsbote.model.message import Delivery, DeliveryState, Direction, Message
from amtsbote.pipeline.steps import Declined

UNKNOWN: Final = "unknown-submission"
"""The reason for what was never handed to this target, whether or not it exists."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much one reply may hold."""

    attachments: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of a portal as far as an answer to it is concerned."""

    message: Message
    destination: Destination
    deliveries: Sequence[Delivery]
    open: bool
    """It is complete, and the applicant has not been told that nobody works on it."""
    channel: ReplyChannel | None
    """The latest that the portal gave in this case."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that may be passed on. Made by `answer_message` only."""

    returned: Returned
    message: Message
    """What it answers."""
    destination: Destination
    channel: ReplyChannel

    def told(self) -> Mapping[str, str]:
        documents = self.returned.documents
        return {
            "kind": self.returned.kind,
            "answers": self.message.id,
            "documents": str(len(documents)),
            "bytes": str(sum(document.size for document in documents)),
            "key": self.channel.key,
        }

    def document(self, enclosed: Sequence[Enclosed]) -> Answer:
        """What the applicant's portal gets as data; `enclosed` are the documents as they were sent."""
        documents = zip(self.returned.documents, enclosed, strict=True)
        return Answer(
            answers=self.message.id,
            kind=WORDS[self.returned.kind],
            subject=self.returned.subject,
            text=self.returned.text,
            documents=tuple(
                AnswerFile(attachment_id=sent.id, name=one.name, sha512=sent.sha512, description=one.description)
                for one, sent in documents
            ),
        )


def answer_message(returned: Returned, asked: Asked | None, target: Target, room: Room) -> Answered:
    """Only to what this target was handed, only where the portal can be answered. Raises `Declined`."""
    if asked is None or asked.message.direction is not Direction.TO_DESTINATION or not handed(asked, target):
        raise Declined(UNKNOWN)
    if asked.message.stage is not target.stage:
        raise Declined("wrong-stage")
    if not asked.open:
        raise Declined("not-open")
    if returned.kind is AnswerKind.REACTION:
        raise Declined("wrong-kind")
    _must_fit(returned, room)
    if not asked.destination.takes_replies:
        raise Declined("not-offered", person=True)
    if asked.channel is None:
        raise Declined("no-key", person=True)
    if ANSWER_SCHEMA.uri not in asked.channel.standards:
        raise Declined("other-standard", person=True, standard=ANSWER_SCHEMA.uri)
    return Answered(returned, asked.message, asked.destination, asked.channel)


def handed(asked: Asked, target: Target) -> bool:
    return any(one.target == target.id and one.state is DeliveryState.DELIVERED for one in asked.deliveries)


def _must_fit(returned: Returned, room: Room) -> None:
    if len(returned.documents) > room.attachments:
        raise Declined("too-many", limit=room.attachments)
    if sum(document.size for document in returned.documents) > room.bytes:
        raise Declined("too-large", limit=room.bytes)

"""The pickup side of the adapter contract: what local software gives back for a submission it was delivered.

An adapter that can do this has five methods more. Whatever it shows has a stable id, so that the house takes it exactly
once although it may be shown again after any crash. `amtsbote.api.testkit` holds the tests for these adapters too.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from amtsbote.api.adapter import Retry
from amtsbote.model.answer import AnswerKind
from amtsbote.model.ids import DeliveryId, MessageId


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not passed on, for the people of the authority."""

    reason: str
    """A stable English word, never a value of the item."""
    de: str
    """What is wrong and what to do."""
    en: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes with an answer."""

    name: str
    """As the applicant is to see it: text, never a path."""
    mime_type: str
    description: str | None
    size: int
    """Bytes."""
    chunks: Callable[[], Iterator[bytes]]
    """Reads from the start, in bounded memory, in any thread; may be called again. Raises `ItemChanged`, at the end at
    the latest, when the bytes are not those of the item that was shown."""


@dataclass(frozen=True, slots=True)
class Returned:
    """An answer to the applicant, complete and readable."""

    item: str
    """The same whenever this item is shown, also after a restart, and never given to another one. It is kept and
    logged: nothing of the software's own words may stand in it. At most 200 characters."""
    label: str
    """How the local software knows it, for people: printable, at most 200 characters."""
    answers: MessageId | None
    """The submission it answers, or"""
    answers_delivery: DeliveryId | None
    """the delivery that brought it. Exactly one of the two."""
    kind: AnswerKind
    subject: str
    text: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something that was meant as an answer and cannot be read as one. It is shown until it is refused."""

    item: str
    label: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that is there and cannot be read at present. The house asks for it again and again, less and less
    often; in the end it refuses it."""

    item: str
    label: str
    reason: str
    """A stable English word."""


Shown = Returned | Unfit | Unread


class ReceiptState(StrEnum):
    PASSED_ON = "passed-on"
    """Kept, signed for, and waiting for the portal."""
    ACCEPTED = "accepted"
    """The portal has taken it."""
    REJECTED = "rejected"
    """The portal has refused it, or did not fetch it in time."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What has become of an answer."""

    reply: MessageId
    submission: MessageId
    label: str
    state: ReceiptState
    at: datetime
    problems: tuple[str, ...] = ()
    """Why it was rejected: German sentences."""


@runtime_checkable
class Returning(Protocol):
    """The further methods of an adapter that can give something back. All of them may be called again for the same item
    after any crash, also when an earlier call has done everything; what is unknown by then is done. `Retry` says that
    nothing can be done now, with a stable English word; so does an exception."""

    async def collect(self, limit: int, skip: Collection[str]) -> Sequence[Shown] | Retry:
        """At most so many items that were neither acknowledged nor refused, and none of `skip`. Nothing half written is
        among them, and one that cannot be read keeps no other from being shown."""
        ...

    async def show(self, item: str) -> Shown | Retry | None:
        """One that was shown before; None when it is settled or gone."""
        ...

    async def acknowledge(self, item: str, receipt: Receipt) -> Retry | None:
        """The answer is durably kept: do not show it again. Nothing is deleted. A call that hung may come after `tell`
        for the same reply: a receipt that says `PASSED_ON` takes nothing back."""
        ...

    async def refuse(self, item: str, refusal: Refusal) -> Retry | None:
        """It is not passed on: tell the people of the local software why, and do not show it again. Nothing is
        deleted."""
        ...

    async def tell(self, receipt: Receipt) -> Retry | None:
        """What has become of an answer that was acknowledged, perhaps long ago."""
        ...

"""Look at submissions. Pure readers: each makes a query for `store.read` that gives a JSON-ready dictionary.

Never a body, never a key.
"""

from collections.abc import Callable
from typing import Any

from amtsbote.admin.deadletters import shown_letter
from amtsbote.api.persistence import Page, Transaction
from amtsbote.model.event import EventRecord
from amtsbote.model.ids import MessageId
from amtsbote.model.message import Delivery, Message, Part, State
from amtsbote.model.shown import jsonable
from amtsbote.model.stage import Stage
from amtsbote.model.trace import StepRecord

Query = Callable[[Transaction], dict[str, Any]]


def listing(state: State | None, stage: Stage | None, page: Page) -> Query:
    """Newest first: `total`, and one page of `submissions`."""

    def query(tx: Transaction) -> dict[str, Any]:
        total, messages = tx.messages.page(state, page, stage)
        return {"total": total, "offset": page.offset, "submissions": [_message(one) for one in messages]}

    return query


def showing(message: MessageId) -> Query:
    """One submission with its parts, events, deliveries and dead letters. Raises `NotFound`."""

    def query(tx: Transaction) -> dict[str, Any]:
        return {
            "submission": _message(tx.messages.get(message)),
            "parts": [_part(part) for part in tx.parts.of(message).values()],
            "events": [_event(record) for record in tx.events.of_message(message)],
            "deliveries": [_delivery(delivery) for delivery in tx.deliveries.of(message)],
            "deadletters": [shown_letter(tx, letter) for letter in tx.deadletters.of(message)],
        }

    return query


def tracing(message: MessageId) -> Query:
    """Every step of a submission in the order it ran: duration, verdict, rule, table version. Raises `NotFound`."""

    def query(tx: Transaction) -> dict[str, Any]:
        return {
            "submission": _message(tx.messages.get(message)),
            "steps": [_step(record) for record in tx.traces.of(message)],
        }

    return query


def _message(message: Message) -> dict[str, Any]:
    return {**jsonable(message), "stage": message.stage.value}


def _part(part: Part) -> dict[str, Any]:
    return {"id": part.id, "size": part.size, "sha512": part.sha512, "inline": part.inline is not None}


def _event(record: EventRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "kind": record.kind.value,
        "at": jsonable(record.at),
        "key": record.key,
        "signed": record.jws is not None,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "target": delivery.target,
        "primary": delivery.primary,
        "state": delivery.state.value,
        "failure": delivery.failure,
    }


def _step(record: StepRecord) -> dict[str, Any]:
    return {
        "step": record.step,
        "attempt": record.attempt,
        "started_at": jsonable(record.started_at),
        "milliseconds": record.microseconds / 1000,
        "verdict": record.verdict,
        "details": jsonable(record.details),
    }

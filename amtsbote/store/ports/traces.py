"""Traces: what the pipeline did with a message, step by step."""

from collections.abc import Sequence

from amtsbote.errors import NotFound
from amtsbote.model.ids import MessageId
from amtsbote.model.trace import StepRecord
from amtsbote.store.ports.columns import from_json, json, moment, time
from amtsbote.store.ports.session import Session


class Traces:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, message: MessageId, records: Sequence[StepRecord]) -> None:
        """Raises `NotFound` when the message is outside the scope."""
        for record in records:
            added = self._session.change(
                "trace_add",
                message=message,
                step=record.step,
                attempt=record.attempt,
                started_at=moment(record.started_at),
                microseconds=record.microseconds,
                verdict=record.verdict,
                details=json(record.details),
            )
            if not added:
                raise NotFound(message)

    def of(self, message: MessageId) -> tuple[StepRecord, ...]:
        return tuple(
            StepRecord(step, attempt, time(started_at), microseconds, verdict, from_json(details))
            for step, attempt, started_at, microseconds, verdict, details in self._session.rows(
                "trace_of", message=message
            )
        )

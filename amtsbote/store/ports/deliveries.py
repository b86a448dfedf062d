"""Deliveries: one message on its way to one target."""

from collections.abc import Sequence

from amtsbote.api.persistence import DeliveryWish, Page
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.ids import DeliveryId, MessageId
from amtsbote.model.message import DELIVERY_TRANSITIONS, Delivery, DeliveryState
from amtsbote.store.ports.columns import staged
from amtsbote.store.ports.session import Row, Session


class Deliveries:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Raises `StaleState` when an id is taken, `NotFound` when message or tenant are outside the scope."""
        for delivery in deliveries:
            added = self._session.change(
                "delivery_add",
                id=delivery.id,
                message=delivery.message,
                tenant=delivery.tenant,
                target=delivery.target,
                is_primary=int(delivery.primary),
                state=delivery.state.value,
                failure=delivery.failure,
            )
            if not added:
                raise NotFound(delivery.message)

    def get(self, delivery: DeliveryId) -> Delivery:
        row = self._session.first("delivery_get", delivery=delivery)
        if row is None:
            raise NotFound(delivery)
        return _delivery(row)

    def of(self, message: MessageId) -> tuple[Delivery, ...]:
        return tuple(map(_delivery, self._session.rows("delivery_of", message=message)))

    def page(self, wish: DeliveryWish, page: Page) -> tuple[int, tuple[Delivery, ...]]:
        wanted = {
            "state": None if wish.state is None else wish.state.value,
            "target": wish.target,
            "owner": wish.tenant,
            "test": staged(wish.stage),
        }
        [(total,)] = self._session.rows("delivery_count", **wanted)
        rows = self._session.rows("delivery_page", limit=page.limit, offset=page.offset, **wanted)
        return total, tuple(map(_delivery, rows))

    def move(self, delivery: DeliveryId, source: DeliveryState, to: DeliveryState, *, failure: str | None) -> None:
        """Raises `NotFound`, `StaleState` when it is in another state, `ValueError` when it may not go there."""
        if to not in DELIVERY_TRANSITIONS[source]:
            raise ValueError(f"a delivery does not go from {source} to {to}")
        moved = self._session.change(
            "delivery_move", delivery=delivery, source=source.value, to=to.value, failure=failure
        )
        if not moved:
            self.get(delivery)
            raise StaleState(delivery)

    def note_failure(self, delivery: DeliveryId, failure: str) -> None:
        if not self._session.change("delivery_note_failure", delivery=delivery, failure=failure):
            raise NotFound(delivery)


def _delivery(row: Row) -> Delivery:
    """Columns as in the fragment `delivery_columns`."""
    return Delivery(
        id=row[0],
        message=row[1],
        tenant=row[2],
        target=row[3],
        primary=bool(row[4]),
        state=DeliveryState(row[5]),
        failure=row[6],
    )

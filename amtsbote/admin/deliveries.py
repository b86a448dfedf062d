"""Look at deliveries: which message is on its way to which target, and how far it is."""

from collections.abc import Mapping
from typing import Any, Final

from amtsbote.admin.asking import Answer, Command, Listed, MessageStage, Name, One, read_arguments
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import DeliveryWish, Transaction
from amtsbote.errors import NotFound
from amtsbote.model.ids import DeliveryId
from amtsbote.model.message import Delivery, DeliveryState
from amtsbote.model.shown import jsonable


class _Wish(Listed):
    state: DeliveryState | None = None
    target: Name | None = None
    tenant: Name | None = None
    stage: MessageStage | None = None


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Wish, arguments)
    wish = DeliveryWish(asked.state, asked.target, asked.tenant, asked.stage)

    def query(tx: Transaction) -> Answer:
        total, found = tx.deliveries.page(wish, asked.page)
        shown = [{**_shown(one), "stage": tx.messages.get(one.message).stage.value} for one in found]
        return {"total": total, "offset": asked.offset, "deliveries": shown}

    return await office.store.read(query)


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    name = DeliveryId(read_arguments(One, arguments).id)
    try:
        return await office.store.read(lambda tx: _with_its_message(tx, name))
    except NotFound:
        raise CommandRefused("not-found", "office.delivery-unknown", id=name) from None


def _with_its_message(tx: Transaction, name: DeliveryId) -> Answer:
    delivery = tx.deliveries.get(name)
    letters = (letter for letter in tx.deadletters.of(delivery.message) if letter.delivery == name)
    return {
        "delivery": _shown(delivery),
        "submission": jsonable(tx.messages.get(delivery.message)),
        "deadletters": [
            {"id": letter.id, "reason": letter.reason.value, "opened_at": jsonable(letter.opened_at)}
            for letter in letters
        ],
    }


def _shown(delivery: Delivery) -> Answer:
    shown: Answer = jsonable(delivery)
    return shown


COMMANDS: Final[Mapping[str, Command]] = {"deliveries.list": _list, "deliveries.show": _show}

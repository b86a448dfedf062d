"""The callback a client names when it announces a message. The same one named again is the same receiver, so that what
it is to be told gathers."""

import hmac
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from amtsbote.api.persistence import Transaction
from amtsbote.errors import Damaged
from amtsbote.keys.callbacks import callback_secret, sealed_callback
from amtsbote.mailroom.desk import Desk
from amtsbote.mailroom.sides import scope_of
from amtsbote.model.callback import Receiver
from amtsbote.model.directory import Client
from amtsbote.model.ids import ReceiverId

_COMPARED: Final = 5
"""Receivers at the same address: more only where a client takes a new secret each time."""


@dataclass(frozen=True, slots=True)
class NamedCallback:
    url: str
    secret: str = field(repr=False)


async def receiver_of(desk: Desk, client: Client, named: NamedCallback) -> Receiver:
    """The receiver that has this address and this secret already, or a new one, to be added."""
    known = await desk.store.read(
        lambda tx: tx.receivers.named(client.id, named.url, _COMPARED), scope=scope_of(client)
    )
    for receiver in known:
        if _same_secret(desk, receiver, named.secret):
            return receiver
    name = ReceiverId(desk.new_id())
    return Receiver(name, client.id, sealed_callback(desk.vault, named.url, named.secret, name))


def remember(tx: Transaction, receiver: Receiver | None) -> ReceiverId | None:
    """Part of the announcement's transaction."""
    if receiver is None:
        return None
    tx.receivers.add(receiver)
    return receiver.id


def _same_secret(desk: Desk, receiver: Receiver, secret: str) -> bool:
    with suppress(Damaged):
        known = callback_secret(desk.vault, receiver.callback, receiver.id)
        return hmac.compare_digest(known.encode(), secret.encode())
    return False

"""A delivery that is due, and a target that hangs: for tests of a daemon's end."""

import asyncio
import threading
from collections.abc import Callable

from house_for_tests import DIRECT
from patience import PATIENCE
from store_samples import NOON, a_delivery, a_message, a_part

from amtsbote.api import Outcome, Readiness, Ready, VerifiedParts, WorkOrder
from amtsbote.api.persistence import Transaction
from amtsbote.keys.vault import Vault
from amtsbote.model.content import SchemaRef, SignatureResult, SignatureVerdict
from amtsbote.model.ids import AuthorityId, MessageId, PartId, TargetId
from amtsbote.model.job import JobKind
from amtsbote.model.message import State
from amtsbote.runner.dossier import Dossier, close_dossier


class HangingTarget:
    """A target whose thread never comes back by itself."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.gate = threading.Event()

    async def prepare(self) -> Readiness:
        return Ready()

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:  # noqa: ARG002
        await asyncio.to_thread(self._hang)
        raise AssertionError("nobody waits for this any more")

    def _hang(self) -> None:
        self.reached.set()
        self.gate.wait(PATIENCE)

    async def close(self) -> None:
        """Nothing is open."""


def a_delivery_is_due(vault: Vault) -> Callable[[Transaction], None]:
    message = a_message(destination=DIRECT, sender="hamburg-portal", announced=())
    dossier = Dossier(
        SchemaRef("urn:s", "application/xml"), 0, "", (), SignatureResult(SignatureVerdict.VALID), False,
        "2.1.0", True, "p 1", "14", AuthorityId("gba"), {}, None, {PartId("data"): "00" * 32},
    )  # fmt: skip

    def unit(tx: Transaction) -> None:
        tx.messages.add(message, None)
        tx.parts.put(a_part())
        tx.messages.move(message.id, State.ANNOUNCED, State.SUBMITTED, at=NOON)
        tx.messages.move(message.id, State.SUBMITTED, State.DELIVERING, at=NOON)
        tx.messages.keep_dossier(message.id, close_dossier(dossier, MessageId(message.id), vault))
        tx.deliveries.add([a_delivery(target=TargetId("main"))])
        tx.jobs.add(JobKind.DELIVER, "v1", NOON)

    return unit

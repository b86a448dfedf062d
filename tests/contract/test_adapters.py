"""Every adapter of ours against the contract that third parties get, and the contract against typical mistakes."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from delivered_folders import delivered_folders, intents_in, left_in_workshop
from folder_town import new_id

from adapters import KINDS
from adapters.memory import MemoryAdapter, MemoryTarget
from amtsbote.api import AdapterServices, Delivered, Disk, Outcome, Readiness, Ready, VerifiedParts, WorkOrder
from amtsbote.api.testkit import AdapterContract, AdapterUnderTest, Effect
from amtsbote.errors import Damaged

SERVICES = AdapterServices(clock=lambda: datetime(2026, 2, 3, 4, 6, tzinfo=UTC), disk=Disk(), new_id=new_id)


class TestFolderAdapter(AdapterContract):
    @pytest.fixture
    def adapter_under_test(self, tmp_path: Path) -> AdapterUnderTest:
        def effects() -> list[Effect]:
            assert left_in_workshop(tmp_path) == set()
            assert len(intents_in(tmp_path)) == len(delivered_folders(tmp_path))
            return [Effect(folder.data, folder.attachments, folder.original) for folder in delivered_folders(tmp_path)]

        return AdapterUnderTest(lambda: KINDS["folder"].build({"path": str(tmp_path)}, SERVICES), effects)


class TestMemoryAdapter(AdapterContract):
    @pytest.fixture
    def adapter_under_test(self) -> AdapterUnderTest:
        target = MemoryTarget()

        def effects() -> list[Effect]:
            return [Effect(kept.data, kept.attachments, kept.original) for kept in target.messages.values()]

        return AdapterUnderTest(lambda: MemoryAdapter(target), effects)


Received = dict[str, Effect]
Chunks = Callable[[], Iterator[bytes]]


class Plain:
    """As small as an adapter can be, and right. Each class below gets one thing wrong."""

    def __init__(self, received: Received) -> None:
        self.received = received

    def key(self, order: WorkOrder) -> str:
        return order.delivery

    def read(self, chunks: Chunks) -> bytes:
        return b"".join(chunks())

    def attachments(self, parts: VerifiedParts) -> tuple[bytes, ...]:
        return tuple(self.read(each.chunks) for each in parts.attachments)

    def publish(self, key: str, parts: VerifiedParts) -> None:
        original = None if parts.original is None else self.read(parts.original.data)
        self.received[key] = Effect(self.read(parts.data), self.attachments(parts), original)

    async def prepare(self) -> Readiness:
        return Ready()

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
        key = self.key(order)
        if key not in self.received:
            self.publish(key, parts)
        return Delivered(key)

    async def close(self) -> None:
        pass


class ChangesLineEnds(Plain):
    def read(self, chunks: Chunks) -> bytes:
        return super().read(chunks).replace(b"\n", b"\r\n")


class TakesTheTokenForTheKey(Plain):
    def key(self, order: WorkOrder) -> str:
        return f"{order.delivery} {order.token}"


class TakesTheMessageForTheKey(Plain):
    def key(self, order: WorkOrder) -> str:
        return order.message


class PublishesBeforeTheLastPart(Plain):
    def publish(self, key: str, parts: VerifiedParts) -> None:
        self.received[key] = Effect(self.read(parts.data))
        super().publish(key, parts)


class SwallowsDamage(Plain):
    def read(self, chunks: Chunks) -> bytes:
        content = b""
        try:
            for chunk in chunks():
                content += chunk
        except Damaged:
            return content
        return content


class RemembersAFailedAttempt(Plain):
    attempted: frozenset[str] = frozenset()

    def publish(self, key: str, parts: VerifiedParts) -> None:
        if key not in RemembersAFailedAttempt.attempted:
            RemembersAFailedAttempt.attempted |= {key}
            super().publish(key, parts)


class ForgetsTheOriginal(Plain):
    def publish(self, key: str, parts: VerifiedParts) -> None:
        super().publish(key, replace(parts, original=None))


class DropsEmptyAttachments(Plain):
    def attachments(self, parts: VerifiedParts) -> tuple[bytes, ...]:
        return tuple(filter(None, super().attachments(parts)))


class TrustsFileNames(Plain):
    def attachments(self, parts: VerifiedParts) -> tuple[bytes, ...]:
        named = {Path(each.about.filename or "x").name: self.read(each.chunks) for each in parts.attachments}
        return tuple(named.values())


class GreetsTheTarget(Plain):
    async def prepare(self) -> Readiness:
        self.received["greeting"] = Effect(b"hello?")
        return Ready()


class ClosesOnce(Plain):
    closed = False

    async def close(self) -> None:
        assert not self.closed
        self.closed = True


CAUGHT_BY: list[tuple[type[Plain], str]] = [
    (ChangesLineEnds, "test_a_delivery_makes_one_effect_with_exactly_these_bytes"),
    (TakesTheTokenForTheKey, "test_delivering_again_makes_no_second_effect_and_reports_the_same"),
    (TakesTheTokenForTheKey, "test_two_attempts_at_once_make_one_effect_and_report_the_same"),
    (TakesTheMessageForTheKey, "test_different_deliveries_make_an_effect_each"),
    (SwallowsDamage, "test_damaged_data_publishes_nothing"),
    (PublishesBeforeTheLastPart, "test_a_damaged_last_attachment_publishes_nothing"),
    (RemembersAFailedAttempt, "test_a_damaged_attempt_does_not_stand_in_the_way_of_a_sound_one"),
    (ForgetsTheOriginal, "test_mapped_data_arrives_together_with_what_was_sent"),
    (DropsEmptyAttachments, "test_attachments_may_be_empty_or_large"),
    (TrustsFileNames, "test_what_a_sender_wrote_stays_data"),
    (GreetsTheTarget, "test_preparing_can_be_repeated_and_delivers_nothing"),
    (ClosesOnce, "test_closing_can_be_repeated"),
]


def run_contract(kind: type[Plain], name: str) -> None:
    received: Received = {}
    under_test = AdapterUnderTest(lambda: kind(received), lambda: tuple(received.values()))
    getattr(AdapterContract(), name)(under_test)


@pytest.mark.parametrize(("kind", "name"), CAUGHT_BY)
def test_a_typical_mistake_is_caught(kind: type[Plain], name: str) -> None:
    with pytest.raises(AssertionError):
        run_contract(kind, name)


def test_every_contract_test_catches_something_and_lets_the_plain_adapter_pass() -> None:
    names = {name for name in vars(AdapterContract) if name.startswith("test_")}

    assert names == {name for _, name in CAUGHT_BY}
    for name in names:
        run_contract(Plain, name)


def test_the_kit_asks_authors_for_no_test_framework() -> None:
    program = "import sys, amtsbote.api.testkit; print(sorted({'pytest', 'pytest_asyncio'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"

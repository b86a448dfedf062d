"""The tests every adapter must pass, for authors of adapters to run against their own.

```python
class TestMyAdapter(AdapterContract):
    @pytest.fixture
    def adapter_under_test(self, tmp_path: Path) -> AdapterUnderTest:
        return AdapterUnderTest(build=lambda: MyAdapter(tmp_path), effects=lambda: what_arrived(tmp_path))
```

It needs neither pytest nor a plugin for asynchronous tests: any runner will do that fills the argument
`adapter_under_test`, once per test and each time with an empty target.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha512
from typing import Final, TypeVar
from uuid import NAMESPACE_OID, uuid5

from amtsbote.api.adapter import (
    Adapter,
    Delivered,
    Original,
    Outcome,
    Readiness,
    Ready,
    VerifiedAttachment,
    VerifiedParts,
    WorkOrder,
)
from amtsbote.errors import Damaged
from amtsbote.model.content import Attachment, SchemaRef, SignatureResult, SignatureVerdict
from amtsbote.model.ids import AuthorityId, CaseId, DeliveryId, DestinationId, MessageId, PartId, PortalId, TargetId

T = TypeVar("T")

DATA: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<antrag>Grüße, €, 𝄞</antrag>\n'.encode()
MAPPED: Final = b"<antrag version='1.0'/>"
CHUNK: Final = 64 * 1024
FIVE_MEGABYTES: Final = 5_000_000
HOSTILE_NAMES: Final[tuple[str | None, ...]] = (
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "C:\\autoexec.bat",
    "nul\x00byte.pdf",
    "line\r\nbreak: injected.pdf",
    "a" * 5000 + ".pdf",
    "\u202efdp.exe",
    "\ud800 lone surrogate",
    "CON",
    "%n%s{0.__class__}",
    ".",
    "",
    None,
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One message as it arrived at the target."""

    data: bytes
    attachments: tuple[bytes, ...] = ()
    """In the order of the order's attachments."""
    original: bytes | None = None
    """The data as it was sent, where the delivered data is mapped."""


@dataclass(frozen=True, slots=True)
class AdapterUnderTest:
    build: Callable[[], Adapter]
    """A new adapter for the same target, as after a restart."""
    effects: Callable[[], Sequence[Effect]]
    """Everything the target has received so far, complete or not."""


def work_order(delivery: str = "first", *, token: int = 1) -> WorkOrder:
    """An order of the test town. The same name gives the same delivery."""
    return WorkOrder(
        delivery=DeliveryId(str(uuid5(NAMESPACE_OID, delivery))),
        token=token,
        message=MessageId("6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0001"),
        case=CaseId("6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0002"),
        destination=DestinationId("6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0003"),
        authority=AuthorityId("musterstadt-gruenflaechenamt"),
        target=TargetId("musterstadt-ziel"),
        portal=PortalId("musterportal"),
        service="99093003001002",
        service_name="Baumfällgenehmigung",
        region="145110000000",
        submitted_at=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
        signature=SignatureResult(SignatureVerdict.VALID),
        marked=False,
        metadata_version="2.1.0",
        fully_validated=True,
        schema=SchemaRef("urn:example:antrag:1.0", "application/xml"),
        package="antrag 1.0",
        sender_reference="AZ 12/2026",
    )


def verified_parts(data: bytes = DATA, attachments: Sequence[bytes] = ()) -> VerifiedParts:
    """Parts that are what they claim to be; attachments are called PDF."""
    return VerifiedParts(
        data=_chunked(data),
        data_size=len(data),
        data_sha512=sha512(data).hexdigest(),
        attachments=tuple(_attachment(number, content) for number, content in enumerate(attachments)),
    )


def _described(content: bytes) -> tuple[Callable[[], Iterator[bytes]], int, str]:
    return _chunked(content), len(content), sha512(content).hexdigest()


def damaged_at_the_end(content: bytes) -> Callable[[], Iterator[bytes]]:
    """A reader that finds out too late: every byte has passed before it raises `Damaged`."""

    def chunks() -> Iterator[bytes]:
        yield from _chunked(content)()
        raise Damaged("the tag does not fit")

    return chunks


class AdapterContract:
    """Inherit, call the class `Test…` and provide the fixture `adapter_under_test`."""

    def test_a_delivery_makes_one_effect_with_exactly_these_bytes(self, adapter_under_test: AdapterUnderTest) -> None:
        attachments = (b"%PDF-1.7 first", bytes(range(256)))

        outcome = _deliver(adapter_under_test, work_order(), verified_parts(DATA, attachments))

        _demand(isinstance(outcome, Delivered), f"delivered, not {outcome}")
        _demand_effects(adapter_under_test, Effect(DATA, attachments))

    def test_mapped_data_arrives_together_with_what_was_sent(self, adapter_under_test: AdapterUnderTest) -> None:
        original = Original(SchemaRef("urn:example:antrag:0.9", "application/xml"), *_described(DATA))
        parts = replace(verified_parts(MAPPED, (b"%PDF",)), original=original)

        _deliver(adapter_under_test, work_order(), parts)

        _demand_effects(adapter_under_test, Effect(MAPPED, (b"%PDF",), DATA))

    def test_delivering_again_makes_no_second_effect_and_reports_the_same(
        self, adapter_under_test: AdapterUnderTest
    ) -> None:
        first = _deliver(adapter_under_test, work_order(token=1), verified_parts())
        again = _deliver(adapter_under_test, work_order(token=2), verified_parts())

        _demand(isinstance(first, Delivered), f"delivered, not {first}")
        _demand(first == again, f"the second attempt says {again}, the first said {first}")
        _demand_effects(adapter_under_test, Effect(DATA))

    def test_two_attempts_at_once_make_one_effect_and_report_the_same(
        self, adapter_under_test: AdapterUnderTest
    ) -> None:
        async def race() -> list[Outcome]:
            adapters = [adapter_under_test.build() for _ in range(4)]
            await _demand_ready(*adapters)
            attempts = (
                adapter.deliver(work_order(token=token), verified_parts(DATA, (DATA * 1000,)))
                for token, adapter in enumerate(adapters, start=1)
            )
            outcomes = await asyncio.gather(*attempts)
            await asyncio.gather(*(adapter.close() for adapter in adapters))
            return outcomes

        outcomes = _run(race())

        _demand(isinstance(outcomes[0], Delivered), f"delivered, not {outcomes[0]}")
        _demand(len(set(outcomes)) == 1, f"the attempts disagree: {outcomes}")
        _demand_effects(adapter_under_test, Effect(DATA, (DATA * 1000,)))

    def test_different_deliveries_make_an_effect_each(self, adapter_under_test: AdapterUnderTest) -> None:
        outcomes = {
            _deliver(adapter_under_test, work_order("first"), verified_parts(b"<a/>")),
            _deliver(adapter_under_test, work_order("second"), verified_parts(b"<b/>")),
        }

        _demand(len(outcomes) == 2, "two deliveries share a reference")
        _demand_effects(adapter_under_test, Effect(b"<a/>"), Effect(b"<b/>"))

    def test_damaged_data_publishes_nothing(self, adapter_under_test: AdapterUnderTest) -> None:
        parts = replace(verified_parts(), data=damaged_at_the_end(DATA))

        _demand_damaged(adapter_under_test, parts)

    def test_a_damaged_last_attachment_publishes_nothing(self, adapter_under_test: AdapterUnderTest) -> None:
        sound = verified_parts(DATA, (b"sound", b"damaged"))
        broken = replace(sound.attachments[1], chunks=damaged_at_the_end(b"damaged"))

        _demand_damaged(adapter_under_test, replace(sound, attachments=(sound.attachments[0], broken)))

    def test_a_damaged_attempt_does_not_stand_in_the_way_of_a_sound_one(
        self, adapter_under_test: AdapterUnderTest
    ) -> None:
        _demand_damaged(adapter_under_test, replace(verified_parts(), data=damaged_at_the_end(DATA)))

        outcome = _deliver(adapter_under_test, work_order(token=2), verified_parts())

        _demand(isinstance(outcome, Delivered), f"delivered, not {outcome}")
        _demand_effects(adapter_under_test, Effect(DATA))

    def test_attachments_may_be_empty_or_large(self, adapter_under_test: AdapterUnderTest) -> None:
        attachments = (b"", bytes(range(250)) * (FIVE_MEGABYTES // 250))

        outcome = _deliver(adapter_under_test, work_order(), verified_parts(DATA, attachments))

        _demand(isinstance(outcome, Delivered), f"delivered, not {outcome}")
        _demand_effects(adapter_under_test, Effect(DATA, attachments))

    def test_what_a_sender_wrote_stays_data(self, adapter_under_test: AdapterUnderTest) -> None:
        contents = tuple(f"content {number}".encode() for number in range(len(HOSTILE_NAMES)))
        parts = verified_parts(DATA, contents)
        named = tuple(map(_renamed, parts.attachments, HOSTILE_NAMES))
        order = replace(work_order(), sender_reference="../../x\x00\u202e", service_name="../\n\ud800")

        outcome = _deliver(adapter_under_test, order, replace(parts, attachments=named))

        _demand(isinstance(outcome, Delivered), f"delivered, not {outcome}")
        _demand_effects(adapter_under_test, Effect(DATA, contents))

    def test_preparing_can_be_repeated_and_delivers_nothing(self, adapter_under_test: AdapterUnderTest) -> None:
        async def prepare_twice() -> tuple[Readiness, Readiness]:
            adapter = adapter_under_test.build()
            first, second = await adapter.prepare(), await adapter.prepare()
            await adapter.close()
            return first, second

        _demand(_run(prepare_twice()) == (Ready(), Ready()), "prepare() says ready both times")
        _demand_effects(adapter_under_test)

    def test_closing_can_be_repeated(self, adapter_under_test: AdapterUnderTest) -> None:
        async def close_twice() -> None:
            adapter = adapter_under_test.build()
            await adapter.close()
            await adapter.close()

        _run(close_twice())


def _run(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return asyncio.run(main())


def _deliver(under_test: AdapterUnderTest, order: WorkOrder, parts: VerifiedParts) -> Outcome:
    """One attempt in a life of its own: build, prepare, deliver, close."""

    async def attempt() -> Outcome:
        adapter = under_test.build()
        try:
            await _demand_ready(adapter)
            return await adapter.deliver(order, parts)
        finally:
            await adapter.close()

    return _run(attempt())


async def _demand_ready(*adapters: Adapter) -> None:
    for adapter in adapters:
        readiness = await adapter.prepare()
        _demand(isinstance(readiness, Ready), f"the target is ready, not {readiness}")


def _demand_damaged(under_test: AdapterUnderTest, parts: VerifiedParts) -> None:
    try:
        outcome = _deliver(under_test, work_order(), parts)
    except Damaged:
        _demand_effects(under_test)
        return
    raise AssertionError(f"Damaged has to leave deliver(); it answered {outcome}")


def _demand_effects(under_test: AdapterUnderTest, *expected: Effect) -> None:
    seen = sorted(under_test.effects(), key=lambda effect: effect.data)
    wanted = sorted(expected, key=lambda effect: effect.data)
    _demand(len(seen) == len(wanted), f"the target received {len(seen)} messages, not {len(wanted)}")
    for number, (arrived, sent) in enumerate(zip(seen, wanted, strict=True)):
        _demand(arrived.data == sent.data, f"message {number}: the data differs")
        _demand(len(arrived.attachments) == len(sent.attachments), f"message {number}: not as many attachments")
        _demand(arrived.attachments == sent.attachments, f"message {number}: an attachment differs")
        _demand(arrived.original == sent.original, f"message {number}: what was sent does not lie beside its mapping")


def _demand(held: bool, sentence: str) -> None:  # an assert would vanish under -O and needs pytest to speak
    if not held:
        raise AssertionError(sentence)


def _chunked(content: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))


def _attachment(number: int, content: bytes) -> VerifiedAttachment:
    about = Attachment(
        id=PartId(str(uuid5(NAMESPACE_OID, f"attachment {number}"))),
        size=len(content),
        sha512=sha512(content).hexdigest(),
        mime_type="application/pdf",
        purpose="attachment",
        filename=f"Anlage {number}.pdf",
        description=None,
    )
    return VerifiedAttachment(about, _chunked(content))


def _renamed(attachment: VerifiedAttachment, filename: str | None) -> VerifiedAttachment:
    return replace(attachment, about=replace(attachment.about, filename=filename, description=filename))

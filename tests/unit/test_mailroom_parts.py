"""How parts come in: whole or not at all, in pieces of any size, and what was cut off leaves nothing behind."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from application_kit import Application, Enclosure
from house_for_tests import DIRECT, Agrees, House, chunked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from patience import PATIENCE

from amtsbote.api.operations import Disk
from amtsbote.errors import RequestRefused, table
from amtsbote.keys.vault import CHUNK, Vault
from amtsbote.mailroom import PartRoom
from amtsbote.mailroom.parts import INLINE
from amtsbote.model.ids import MessageId, PartId
from amtsbote.store.bodies import BodyFiles

PHOTO = Enclosure(b"p" * 200_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")
WITH_PHOTO = Application(DIRECT, enclosures=(PHOTO,))


async def test_an_upload_that_breaks_off_leaves_nothing(house: House) -> None:
    message = await house.announced(WITH_PHOTO)

    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"x" * (CHUNK + 1)
        raise RequestRefused(table.MALFORMED_BODY(reason="connection closed"))

    with pytest.raises(RequestRefused):
        await house.sending.attach(house.client(), message, PartId(PHOTO.id), breaks_off(), Agrees())

    assert house.body_files() == []
    assert list((house.folder / "parts" / "incoming").iterdir()) == []


async def test_a_cancelled_upload_waits_for_the_thread_that_writes_for_it(house: House) -> None:
    message = await house.announced(WITH_PHOTO)

    loop, inside, gate = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    class Lingers(Agrees):
        def feed(self, chunk: bytes) -> None:  # noqa: ARG002
            loop.call_soon_threadsafe(inside.set)
            gate.wait(PATIENCE)

    body = chunked(b"x" * 3 * CHUNK, CHUNK + 1)
    uploading = asyncio.create_task(house.sending.attach(house.client(), message, PartId(PHOTO.id), body, Lingers()))
    await inside.wait()
    uploading.cancel()
    done, _ = await asyncio.wait([uploading], timeout=0.05)
    assert not done
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await uploading

    assert list((house.folder / "parts" / "incoming").iterdir()) == []


@pytest.fixture
def body_room(tmp_path: Path) -> PartRoom:
    return PartRoom(Vault(b"k" * 32), BodyFiles(tmp_path, Disk()))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    size=st.sampled_from([0, 1, INLINE, INLINE + 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7]),
    step=st.integers(1, 3 * CHUNK),
)
def test_a_body_of_any_size_in_any_pieces_comes_back_unchanged(body_room: PartRoom, size: int, step: int) -> None:
    room = body_room
    body = bytes(number % 251 for number in range(size))
    least = max(step, size // 50 + 1)

    async def there_and_back() -> tuple[bytes, bool]:
        part = await room.receive(MessageId("m"), PartId("p"), chunked(body, least), Agrees())
        assert part.size == size
        return b"".join(room.chunks(part)), part.inline is not None

    assert asyncio.run(there_and_back()) == (body, size <= INLINE)

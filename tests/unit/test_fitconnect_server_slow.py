"""The server and clients that take their time: slow senders hold no room, slow readers no memory."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import pytest
from application_kit import Application, Enclosure
from front_for_tests import JOSE, MIB, NOBODY, Asked, asking, sent
from house_for_tests import DIRECT, PORTAL, SEALED, SUBSCRIBER, House
from patience import PATIENCE

from amtsbote.model.ids import ClientId
from amtsbote.model.message import Part
from transport.fitconnect.server import Admission

JSON = "application/json"
PHOTO = Enclosure(b"p" * 300_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")
SUBMISSIONS = "/submission-api/v2/submissions"

Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass
class Raw:
    """One request whose body and whose reading of the answer are in the test's hand."""

    asked: Asked
    receive: Receive
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    events: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(
        self, method: str, path: str, client: ClientId = PORTAL, *, media_type: str = JSON, size: int = 1000
    ) -> dict[str, Any]:
        """The problem that was answered, or nothing."""
        headers = self.asked.bearer(client) | {"Content-Type": media_type, "Content-Length": str(size)}
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            "scheme": "http", "server": ("broker.test", 80), "http_version": "1.1",
        }  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            await self.asked.http._transport.app(scope, self.receive, self._send)  # type: ignore[attr-defined]
        problem: dict[str, Any] = json.loads(self.body()) if self.events[0]["status"] >= 400 else {}
        return problem

    async def _send(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if event.get("body"):
            self.reading.set()
            await self.may_read.wait()

    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.events)

    def headers(self) -> dict[bytes, bytes]:
        return dict(self.events[0]["headers"])


def raw(asked: Asked, receive: Receive) -> Raw:
    request = Raw(asked, receive)
    request.may_read.set()
    return request


async def nothing() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def drips() -> dict[str, Any]:
    await asyncio.sleep(0)
    return {"type": "http.request", "body": b" ", "more_body": True}


async def never_asked() -> NoReturn:
    raise AssertionError("the body was asked for")


async def test_an_announced_length_takes_nothing_from_the_others(house: House) -> None:
    ready = house.sealed(Application(DIRECT))
    message = await house.announced(Application(DIRECT, enclosures=(PHOTO,)))
    other = await house.announced(Application(DIRECT))
    waiting = asyncio.Semaphore(0)

    async def silent() -> dict[str, Any]:
        waiting.release()
        return await nothing()

    async with asking(house, admission=Admission(MIB)) as asked:
        path = f"{SUBMISSIONS}/{message.id}"
        attachment = f"{path}/attachments/{PHOTO.id}"
        calls = [raw(asked, silent)("PUT", path, size=5 * MIB) for _ in range(20)]
        calls += [raw(asked, silent)("PUT", attachment, media_type=JOSE, size=8 * MIB) for _ in range(20)]
        tasks = [asyncio.create_task(call) for call in calls]
        async with asyncio.timeout(PATIENCE):
            for _ in tasks:
                await waiting.acquire()

        body = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
        answer = await asked.send("PUT", f"{SUBMISSIONS}/{other.id}", json=body)

        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert answer.status_code == 200, answer.text


async def test_a_submission_that_nobody_knows_is_refused_before_its_body_comes(asked: Asked) -> None:
    problem = await raw(asked, never_asked)("PUT", f"{SUBMISSIONS}/{NOBODY}")

    assert problem["code"] == "AB-1005"


@pytest.mark.parametrize("receive", [nothing, drips])
@pytest.mark.parametrize(
    ("method", "path", "client", "media_type"),
    [
        ("POST", SUBMISSIONS, PORTAL, JSON),
        ("PUT", SUBMISSIONS + "/{message}", PORTAL, JSON),
        ("PUT", SUBMISSIONS + "/{message}/attachments/" + PHOTO.id, PORTAL, JOSE),
        ("POST", f"/submission-api/v2/cases/{NOBODY}/events", SUBSCRIBER, JOSE),
        ("POST", "/auth/token", PORTAL, "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_that_does_not_come_is_given_up_and_its_connection_closed(
    house: House, receive: Receive, method: str, path: str, client: ClientId, media_type: str
) -> None:
    message = await house.announced(Application(DIRECT, enclosures=(PHOTO,)))
    silence, patience = (0.05, 30.0) if receive is nothing else (30.0, 0.01)
    admission = Admission(MIB)
    async with asking(house) as plain:
        limits = replace(plain.front.limits, silence=silence, patience=patience, pace=10**9)
        async with asking(house, limits=limits, admission=admission) as asked:
            request = raw(asked, receive)
            problem = await request(method, path.format(message=message.id), client, media_type=media_type)

    assert (problem["status"], problem["code"]) == (408, "AB-1116")
    assert request.headers()[b"connection"] == b"close"
    assert admission._free == MIB
    assert house.body_files() == []


async def test_a_body_that_keeps_its_pace_may_take_longer(house: House) -> None:
    """Each byte buys a second: the same drip that is given up above comes to its limit."""
    async with asking(house) as plain:
        limits = replace(plain.front.limits, patience=0.01, pace=1)
        async with asking(house, limits=limits) as asked:
            problem = await raw(asked, drips)("POST", SUBMISSIONS)

    assert problem["code"] == "AB-1104"


async def test_slow_readers_hold_their_chunks_and_no_more(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    view, ready = await sent(asked, Application(SEALED, data=b"d" * 2_500_000))
    path = f"{SUBMISSIONS}/{view['submissionId']}"
    read: list[int] = []
    chunks = asked.house.parts.chunks

    def counted(part: Part) -> Iterator[bytes]:
        for chunk in chunks(part):
            read.append(len(chunk))
            yield chunk

    monkeypatch.setattr(asked.house.parts, "chunks", counted)
    readers = [Raw(asked, nothing) for _ in range(40)]
    tasks = [asyncio.create_task(reader("GET", path, SUBSCRIBER)) for reader in readers]
    async with asyncio.timeout(PATIENCE):
        for reader in readers:
            await reader.reading.wait()

    assert len(ready.data) > 3_000_000
    assert sum(read) < 40 * 300_000

    for reader in readers:
        reader.may_read.set()
    await asyncio.gather(*tasks)
    for reader in readers:
        assert json.loads(reader.body())["encryptedData"] == ready.data
        assert int(reader.headers()[b"content-length"]) == len(reader.body())


async def test_a_lost_part_is_noticed_before_the_answer_begins(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED, data=b"d" * 500_000))
    [file] = asked.house.body_files()
    file.unlink()

    answer = await asked.get(f"{SUBMISSIONS}/{view['submissionId']}", SUBSCRIBER)

    assert (answer.status_code, answer.json()["code"]) == (500, "AB-1901")

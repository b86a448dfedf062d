"""A receiver of callbacks on a real HTTPS socket, and a house that calls it. The receiver knows nothing of our code."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from directory_for_tests import SEALED
from house_for_tests import HOST, House, with_entries
from http_peer import Peer, ok, running
from patience import PATIENT
from tls_for_tests import Authority

from amtsbote.keys.callbacks import sealed_callback
from amtsbote.model.callback import Receiver
from amtsbote.model.ids import ReceiverId
from amtsbote.model.job import JobKind
from amtsbote.net import AddressGuard, GuardedClient, Timeouts
from amtsbote.net.addresses import Network
from amtsbote.runner import Backoff, Calling, Pace
from transport.fitconnect.callbacks import FitConnectCallbacks

SECRET = "ein-Geheimnis-für-Rückrufe-mit-mehr-als-32-Zeichen"
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"),)


@dataclass(frozen=True)
class Call:
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def kind(self) -> str:
        return str(self.content["type"]).rpartition("/")[2]

    @property
    def told(self) -> list[str]:
        """Ids of messages, in the order in which they are named."""
        lists = (self.content.get("submissions", []), self.content.get("replies", []))
        return [one.get("submissionId") or one["replyId"] for entries in lists for one in entries]

    def is_authentic(self, secret: str = SECRET) -> bool:
        signed = self.headers["callback-timestamp"].encode() + b"." + self.body
        known = hmac.new(secret.encode(), signed, hashlib.sha512).hexdigest()
        return hmac.compare_digest(known, self.headers["callback-authentication"])


@dataclass
class Listener:
    """Answers 200 unless told otherwise, and remembers who called. `meanwhile` runs before it answers."""

    answer: bytes = ok(b"")
    calls: list[Call] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    peer: Peer = field(init=False)

    def __post_init__(self) -> None:
        self.peer = Peer(self._heard)

    @property
    def url(self) -> str:
        return f"{self.peer.url}/fit-connect"

    @property
    def told(self) -> list[tuple[str, list[str]]]:
        return [(call.kind, call.told) for call in self.calls]

    def says(self, status: int) -> None:
        self.answer = ok(b"") if status == 200 else f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode()

    def _heard(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        line, *lines = head.decode().split("\r\n")
        assert line.startswith("POST /fit-connect")
        named = (one.partition(": ") for one in lines)
        self.calls.append(Call({name.lower(): value for name, _, value in named}, body))
        self.meanwhile()
        return self.answer


@asynccontextmanager
async def listening(authority: Authority) -> AsyncIterator[Listener]:
    listener = Listener()
    async with running(listener.peer, authority.server("127.0.0.1")):
        yield listener


@dataclass
class Switchboard:
    """Drives the callbacks of a house by hand."""

    house: House
    calling: Calling
    heard: list[str]

    async def gathered(self) -> int:
        """Give receivers their jobs; how many there are now."""
        await self.calling.gather(self.house.clock())
        return (await self.house.jobs()).get(JobKind.CALLBACK, 0)

    async def run(self) -> int:
        """Everything that is due now, once; how many calls or decisions against one it were."""
        await self.calling.gather(self.house.clock())
        jobs = await self.house.store.write(
            lambda tx: tx.jobs.claim([JobKind.CALLBACK], 99, now=self.house.clock(), lease=timedelta(minutes=10))
        )
        for job in jobs:
            await self.calling.run(job, self.house.shop)
        return len(jobs)

    async def run_all(self) -> None:
        """Until nobody waits any more, with the pauses between."""
        while await self.run():
            self.house.clock.passes(timedelta(seconds=1))

    async def next_due(self) -> datetime | None:
        """When the next try is due; the clock is set to it."""
        queue = await self.house.store.read(
            lambda tx: tx.jobs.waiting(self.house.clock() + timedelta(days=99))[JobKind.CALLBACK]
        )
        if queue.oldest is not None:
            self.house.clock.now = max(self.house.clock.now, queue.oldest)
        return queue.oldest

    async def receiver(self, name: str) -> Receiver | None:
        return await self.house.store.read(lambda tx: tx.receivers.find(ReceiverId(name)))

    async def waiting(self, name: str = SEALED) -> int:
        return await self.house.store.read(lambda tx: tx.notices.count(ReceiverId(name)))


PACE = Pace(
    pause=timedelta(seconds=1),
    most=100,
    backoff=Backoff(timedelta(seconds=10), timedelta(hours=1), 0, lambda: 0.5),
    give_up=timedelta(days=3),
    keep=timedelta(days=30),
)


@asynccontextmanager
async def switchboard(
    house: House,
    authority: Authority,
    *,
    allowed: Sequence[Network] = LOOPBACK,
    timeouts: Timeouts = PATIENT,
    **pace: Any,
) -> AsyncIterator[Switchboard]:
    heard: list[str] = []
    form = FitConnectCallbacks(f"{HOST}/submission-api")
    async with GuardedClient(
        AddressGuard(allowed), timeouts=timeouts, limit=1000, extra_ca=Path(authority.file)
    ) as client:
        calling = Calling(house.store, house.desk, client, form, replace(PACE, **pace), heard.append)
        yield Switchboard(house, calling, heard)


def calls_back(house: House, url: str, secret: str = SECRET) -> None:
    """The sealed destination has this callback from now on."""
    destination = house.directory.destinations[SEALED]
    callback = sealed_callback(house.vault, url, secret, SEALED)
    house.directory = with_entries(house.directory, destinations=[replace(destination, callback=callback)])

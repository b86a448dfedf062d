"""Clients that do not give up: every request is repeated, byte for byte, until one of the nodes answers it."""

import threading
import time
from collections.abc import Sequence
from random import Random

import httpx
from openapi_oracle import judging
from portal_kit import Client

PATIENCE = 60.0
"""Seconds after which a request that nobody answers is given up."""
PAUSES = (0.05, 0.4)


class Unanswered(Exception):
    """No node answered a request in time."""


class Repeating(httpx.BaseTransport):
    """Sends each request to any of the addresses; without an answer, or after a 5xx, the very same one to any again."""

    def __init__(self, addresses: Sequence[tuple[str, int]], chance: Random) -> None:
        self._addresses = addresses
        self._chance = chance
        self._wire = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=8))
        self._pause = threading.Event()
        self.repeated = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            host, port = self._chance.choice(self._addresses)
            request.url = request.url.copy_with(scheme="http", host=host, port=port)
            try:
                answer = self._wire.handle_request(request)
                answer.read()
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            self.repeated += 1
            self._pause.wait(self._chance.uniform(*PAUSES))
        raise Unanswered(f"{request.method} {request.url.path}")

    def close(self) -> None:
        self._wire.close()


def made_patient(client: Client, addresses: Sequence[tuple[str, int]], chance: Random) -> Repeating:
    """Gives the client this way to the broker."""
    way = Repeating(addresses, chance)
    client.http.close()
    client.http = judging(timeout=20.0, transport=way)
    return way

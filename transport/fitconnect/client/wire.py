"""The requests of a sender: token, JSON, and errors in the service's own words."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from amtsbote.errors import Language
from amtsbote.model.strictjson import NotStrictJson, read_object
from amtsbote.net import Answer, AnswerTooLong, Body, HttpClient, Method, Unreachable
from transport.fitconnect.client.failures import Failure, SendingFailed, ServerProblem, readable, refused
from transport.fitconnect.client.values import Credentials, World

ANSWER_LIMIT: Final = 4 * 1024 * 1024
TOKEN_MARGIN: Final = timedelta(seconds=60)
"""A token is not used in its last minute."""
LONGEST_TOKEN_LIFE: Final = 86_400
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Wire:
    def __init__(
        self, http: HttpClient, token_endpoint: str, credentials: Credentials, world: World, language: Language
    ) -> None:
        self._http = http
        self._token_endpoint = token_endpoint
        self._credentials = credentials
        self._clock = world.clock
        self._language = language
        self._token = ""
        self._token_ends = datetime.min.replace(tzinfo=UTC)
        self._login = asyncio.Lock()

    async def get(self, url: str, query: Mapping[str, str] = _NOTHING) -> dict[str, Any]:
        return _object(await self._call("GET", url, await self._authorisation(), query=query))

    async def get_publicly(self, url: str, query: Mapping[str, str] = _NOTHING) -> dict[str, Any]:
        """Without a token: routes and public keys."""
        return _object(await self._call("GET", url, {}, query=query))

    async def get_token(self, url: str, sink: Callable[[bytes], object], limit: int) -> None:
        """A compact JWE of at most `limit` characters, piece by piece into `sink`."""
        headers = {**await self._authorisation(), "accept-language": self._language}
        with _translated():
            answer = await self._http.download(url, sink, headers=headers, limit=limit)
        self._judge(answer)

    async def post(self, url: str, content: Mapping[str, Any]) -> dict[str, Any]:
        return _object(await self._send("POST", url, json.dumps(content).encode(), "application/json"))

    async def put(self, url: str, content: Mapping[str, Any]) -> None:
        await self._send("PUT", url, json.dumps(content).encode(), "application/json")

    async def put_token(self, url: str, token: Iterator[bytes]) -> None:
        """A compact JWE, made while it is sent."""
        await self._send("PUT", url, _made_aside(token), "application/jose")

    async def _send(self, method: Method, url: str, body: Body, media_type: str) -> Answer:
        headers = {**await self._authorisation(), "content-type": media_type}
        return await self._call(method, url, headers, body=body)

    async def _call(
        self,
        method: Method,
        url: str,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] = _NOTHING,
        body: Body = b"",
    ) -> Answer:
        answer = await self._ask(method, url, {**headers, "accept-language": self._language}, query=query, body=body)
        self._judge(answer)
        return answer

    def _judge(self, answer: Answer) -> None:
        if answer.status == 401:
            self._token = ""
        if answer.status >= 400:
            raise refused(problem_of(answer))
        if not 200 <= answer.status < 300:
            raise SendingFailed(Failure.UNEXPECTED, reason=f"HTTP {answer.status}")

    async def _authorisation(self) -> dict[str, str]:
        async with self._login:
            if not self._token or self._clock() >= self._token_ends:
                self._token, life = await self._fetch_token()
                self._token_ends = self._clock() + life - TOKEN_MARGIN
            return {"authorization": f"Bearer {self._token}"}

    async def _fetch_token(self) -> tuple[str, timedelta]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await self._ask("POST", self._token_endpoint, headers, body=urlencode(form).encode())
        return read_token(answer)

    async def _ask(
        self,
        method: Method,
        url: str,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] = _NOTHING,
        body: Body = b"",
    ) -> Answer:
        with _translated():
            return await self._http.request(method, url, headers=headers, query=query, body=body)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Unreachable as error:
        raise SendingFailed(Failure.UNREACHABLE, host=error.host, reason=error.fault) from error
    except AnswerTooLong as error:
        raise SendingFailed(Failure.UNEXPECTED, reason=f"more than {error.limit} bytes") from error


def read_token(answer: Answer) -> tuple[str, timedelta]:
    """Access token and how long it lives (RFC 6749, 5.1 and 5.2). Raises `SendingFailed`."""
    content = _object(answer) if answer.media_type == "application/json" else {}
    if answer.status != 200:
        raise SendingFailed(Failure.LOGIN, reason=readable(content.get("error")) or f"HTTP {answer.status}")
    token, life = content.get("access_token"), content.get("expires_in", 0)
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise SendingFailed(Failure.UNEXPECTED, reason="access_token")
    if not isinstance(life, int) or not 0 <= life <= LONGEST_TOKEN_LIFE:
        raise SendingFailed(Failure.UNEXPECTED, reason="expires_in")
    return token, timedelta(seconds=life)


def problem_of(answer: Answer) -> ServerProblem:
    """What the service says of its refusal, as far as it can be read."""
    try:
        content = read_object(answer.body, limit=ANSWER_LIMIT)
    except NotStrictJson:
        content = {}
    return ServerProblem(
        answer.status, readable(content.get("type")), readable(content.get("title")), readable(content.get("detail"))
    )


def _object(answer: Answer) -> dict[str, Any]:
    try:
        return read_object(answer.body, limit=ANSWER_LIMIT)
    except NotStrictJson as error:
        raise SendingFailed(Failure.UNEXPECTED, reason=error.reason) from None


async def _made_aside(token: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Reading and encrypting do not stop the event loop."""
    while (chunk := await asyncio.to_thread(next, token, None)) is not None:
        if chunk:
            yield chunk

"""A portal's requests on real sockets: tokens, errors, streams."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from http_peer import Peer, as_json, running
from patience import PATIENT

from amtsbote.model.content import SchemaRef
from amtsbote.model.ids import CaseId, DestinationId, KeyId, MessageId
from amtsbote.net import Answer, HttpClient
from transport.fitconnect.client import (
    Application,
    Credentials,
    DestinationView,
    EncryptionKey,
    Endpoints,
    Failure,
    OfferedSchemas,
    Sender,
    SendingFailed,
    Sent,
    World,
)
from transport.fitconnect.client.sender import MOST_PAGES, PAGE
from transport.fitconnect.client.wire import Wire, problem_of, read_token

SECRET = "geheimes geheimnis"
CREDENTIALS = Credentials("portal", SECRET)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Service(Peer):
    """Gives out numbered tokens and answers everything else with `content`."""

    def __init__(self, content: Any = None, status: int = 200, life: int = 1800) -> None:
        super().__init__(self.answering)
        self.content = content if content is not None else {"fine": True}
        self.status = status
        self.life = life

    def answering(self, request: bytes) -> bytes:
        if request.startswith(b"POST /token "):
            token = f"token-{len(self.logins)}"
            return as_json({"access_token": token, "token_type": "Bearer", "expires_in": self.life})
        return as_json(self.content, self.status)

    @property
    def logins(self) -> list[bytes]:
        return [request for request in self.requests if request.startswith(b"POST /token ")]

    @property
    def others(self) -> list[bytes]:
        return [request for request in self.requests if request not in self.logins]


@asynccontextmanager
async def wired(service: Peer, clock: Clock | None = None, limit: int = 100_000) -> AsyncIterator[Wire]:
    async with running(service), HttpClient(timeouts=PATIENT, limit=limit) as http:
        yield Wire(http, f"{service.url}/token", CREDENTIALS, World(clock=clock or Clock()), "en")


async def failed(service: Service, limit: int = 100_000) -> SendingFailed:
    async with wired(service, limit=limit) as wire:
        with pytest.raises(SendingFailed) as caught:
            await wire.get(f"{service.url}/x")
    return caught.value


async def test_login_is_a_form_post_and_its_token_goes_with_the_request() -> None:
    service = Service()
    async with wired(service) as wire:
        assert await wire.get(f"{service.url}/x", {"a": "b"}) == {"fine": True}

    login, request = service.requests
    assert login.endswith(b"grant_type=client_credentials&client_id=portal&client_secret=geheimes+geheimnis")
    assert b"content-type: application/x-www-form-urlencoded" in login.lower()
    assert request.startswith(b"GET /x?a=b ")
    assert b"authorization: Bearer token-1\r\n" in request
    assert b"accept-language: en\r\n" in request


async def test_a_token_is_used_until_its_last_minute() -> None:
    service, clock = Service(life=1800), Clock()
    async with wired(service, clock) as wire:
        for seconds in (0, 1739, 1):
            clock.now += timedelta(seconds=seconds)
            await wire.get(f"{service.url}/x")

    assert [b"token-2" in request for request in service.others] == [False, False, True]


async def test_requests_at_the_same_time_log_in_once() -> None:
    service = Service()
    async with wired(service) as wire:
        await asyncio.gather(*(wire.get(f"{service.url}/x") for _ in range(5)))

    assert (len(service.logins), len(service.others)) == (1, 5)


async def test_after_a_401_the_next_request_logs_in_anew() -> None:
    service = Service(status=401)
    async with wired(service) as wire:
        for _ in range(2):
            with pytest.raises(SendingFailed):
                await wire.get(f"{service.url}/x")

    assert len(service.logins) == 2


async def test_public_things_are_asked_without_a_token() -> None:
    service = Service()
    async with wired(service) as wire:
        await wire.get_publicly(f"{service.url}/x")

    assert service.logins == []
    assert b"authorization" not in service.requests[0].lower()


async def test_content_is_sent_as_json_and_a_token_as_jose_piece_by_piece() -> None:
    service = Service()
    async with wired(service) as wire:
        await wire.post(f"{service.url}/a", {"ä": 1})
        await wire.put(f"{service.url}/b", {"b": 2})
        await wire.put_token(f"{service.url}/c", iter([b"one.", b"", b"two"]))

    posted, put, streamed = service.others
    assert json.loads(posted.rpartition(b"\r\n\r\n")[2]) == {"ä": 1}
    assert b"content-type: application/json\r\n" in posted.lower()
    assert put.startswith(b"PUT /b ")
    assert streamed.endswith(b"\r\n\r\none.two")
    assert b"content-type: application/jose\r\n" in streamed.lower()


async def test_what_breaks_while_a_token_is_made_is_not_swallowed() -> None:
    def broken() -> Any:
        yield b"x"
        raise FileNotFoundError("photo.jpg")

    service = Service()
    async with wired(service) as wire:
        with pytest.raises(FileNotFoundError):
            await wire.put_token(f"{service.url}/c", broken())


async def test_a_refusal_is_told_in_the_services_own_words() -> None:
    problem = {"type": "https://x/problems/y", "title": "Nicht\x07 gefunden", "detail": "z" * 1000, "status": 404}
    error = await failed(Service(problem, status=404))

    assert error.failure is Failure.REFUSED
    assert error.problem is not None
    assert (error.problem.status, error.problem.title, len(error.problem.detail)) == (404, "Nicht  gefunden", 500)
    assert "HTTP 404" in error.de
    assert "Nicht  gefunden" in error.en


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"title":1}'])
def test_a_refusal_without_a_readable_problem_is_a_refusal(body: bytes) -> None:
    assert problem_of(Answer(500, {}, body)).title == ""


@pytest.mark.parametrize(("status", "content"), [(302, {}), (200, [1]), (204, "x")])
async def test_another_answer_is_not_as_agreed(status: int, content: Any) -> None:
    assert (await failed(Service(content, status=status))).failure is Failure.UNEXPECTED


async def test_an_answer_without_end_is_not_as_agreed() -> None:
    assert (await failed(Service({"x": "y" * 2000}), limit=1000)).failure is Failure.UNEXPECTED


async def test_nobody_there_is_unreachable_and_the_secret_is_in_no_message() -> None:
    async with running(Peer(b"")) as gone:
        pass
    async with HttpClient(timeouts=PATIENT) as http:
        wire = Wire(http, f"{gone.url}/token", CREDENTIALS, World(), "de")
        with pytest.raises(SendingFailed) as caught:
            await wire.get(f"{gone.url}/x")

    assert caught.value.failure is Failure.UNREACHABLE
    assert SECRET not in f"{caught.value.de} {caught.value!r} {caught.value.__cause__!r} {CREDENTIALS!r}"


def answer(content: Any, status: int = 200, media_type: str = "application/json") -> Answer:
    return Answer(status, {"content-type": media_type}, json.dumps(content).encode())


@pytest.mark.parametrize(
    ("given", "failure"),
    [
        (answer({"error": "invalid_client"}, 401), Failure.LOGIN),
        (answer({"error": 1}, 400), Failure.LOGIN),
        (answer("<html>", 502, "text/html"), Failure.LOGIN),
        (answer({}), Failure.UNEXPECTED),
        (answer({"access_token": "", "expires_in": 1}), Failure.UNEXPECTED),
        (answer({"access_token": "a\r\nb: c", "expires_in": 1}), Failure.UNEXPECTED),
        (answer({"access_token": "ä", "expires_in": 1}), Failure.UNEXPECTED),
        (answer({"access_token": "a", "expires_in": -1}), Failure.UNEXPECTED),
        (answer({"access_token": "a", "expires_in": 10**12}), Failure.UNEXPECTED),
        (answer({"access_token": "a", "expires_in": "1"}), Failure.UNEXPECTED),
        (answer({"access_token": "a"}, media_type="text/plain"), Failure.UNEXPECTED),
    ],
)
def test_a_login_that_does_not_hold_is_told(given: Answer, failure: Failure) -> None:
    with pytest.raises(SendingFailed) as caught:
        read_token(given)
    assert caught.value.failure is failure


def test_a_token_without_a_lifetime_is_used_once() -> None:
    assert read_token(answer({"access_token": "a"})) == ("a", timedelta(0))


SENT = Sent(
    MessageId("50000000-0000-4000-8000-00000000000a"),
    CaseId("c0000000-0000-4000-8000-00000000000b"),
    DestinationId("d1d1d1d1-0000-4000-8000-000000000001"),
    {},
)


class LongLog(Service):
    """A case with `entries` events, in pages."""

    def __init__(self, entries: int) -> None:
        super().__init__()
        self.entries = entries

    def answering(self, request: bytes) -> bytes:
        if b"/events?" not in request:
            return super().answering(request)
        offset, limit = (int(number) for number in re.findall(rb"=(\d+)", request.partition(b" HTTP")[0]))
        return as_json({"eventLog": ["no.token.here"] * min(limit, self.entries - offset)})


async def events_of(service: Service) -> SendingFailed:
    async with running(service), HttpClient(timeouts=PATIENT) as http:
        sender = Sender(Endpoints(f"{service.url}/token", service.url, service.url), CREDENTIALS, [], http)
        with pytest.raises(SendingFailed) as caught:
            await sender.events(SENT)
    return caught.value


@pytest.mark.parametrize(("entries", "pages"), [(1, 1), (PAGE - 1, 1), (PAGE, 2), (2 * PAGE + 1, 3)])
async def test_an_event_log_is_read_to_its_last_page_and_no_entry_is_skipped(entries: int, pages: int) -> None:
    service = LongLog(entries)

    assert (await events_of(service)).failure is Failure.EVENT
    assert len(service.others) == pages


async def test_an_event_log_without_end_is_given_up() -> None:
    service = LongLog(10**9)

    assert (await events_of(service)).failure is Failure.UNEXPECTED
    assert len(service.others) == MOST_PAGES


@pytest.mark.parametrize("log", [None, {}, [1], [None]])
async def test_an_event_log_that_is_none_is_not_as_agreed(log: Any) -> None:
    assert (await events_of(Service({"eventLog": log}))).failure is Failure.UNEXPECTED


@pytest.mark.parametrize("answered", [{}, {"submissionId": "x", "caseId": SENT.case}, {"submissionId": SENT.case}])
async def test_a_confirmation_without_ids_is_not_as_agreed(answered: Any) -> None:
    """Ids become parts of addresses."""
    service = Service(answered)
    schema = SchemaRef("urn:s", "application/xml")
    offered = OfferedSchemas("urn:de:fim:leika:leistung:99093003001002", (schema,), ())
    destination = DestinationView(SENT.destination, "", "active", KeyId("k" * 43), (), (offered,))
    key = EncryptionKey(SENT.destination, KeyId("k" * 43), RSAPublicNumbers(65537, 2**4096 - 1).public_key())
    async with running(service), HttpClient(timeouts=PATIENT) as http:
        sender = Sender(Endpoints(f"{service.url}/token", service.url, service.url), CREDENTIALS, [], http)
        with pytest.raises(SendingFailed) as caught:
            await sender.send(Application("99093003001002", "", "14", schema, b"x"), destination, key)

    assert caught.value.failure is Failure.UNEXPECTED
    assert len(service.others) == 1

"""Who asks too often, or guesses, has to wait; nobody else does. Time is the test's."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from front_for_tests import Asked, a_gate, creation
from house_for_tests import DIRECT, NOON, OTHER_PORTAL, PORTAL, SECRET, Clock
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from transport.fitconnect.server import rates, slowdown
from transport.fitconnect.server.rates import Rate
from transport.fitconnect.server.slowdown import SlowDown
from transport.fitconnect.server.sources import Sources

DESTINATION = f"/submission-api/v2/destinations/{DIRECT}"
PROXY = "10.1.2.3"


def told(answer: httpx.Response) -> tuple[int, int, int]:
    return (
        int(answer.headers["RateLimit-Limit"]),
        int(answer.headers["RateLimit-Remaining"]),
        int(answer.headers["RateLimit-Reset"]),
    )


# by client


async def test_every_answer_says_how_much_is_left_and_the_next_minute_begins_anew(asked: Asked) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, client=3))
    bearer, clock = asked.bearer(), asked.house.clock
    async with asked.at(front) as http:
        assert told(await http.get(DESTINATION, headers=bearer)) == (3, 2, 60)
        clock.passes(timedelta(seconds=20))
        assert told(await http.get("/submission-api/v2/nothing", headers=bearer)) == (3, 1, 40)
        assert told(await http.post("/submission-api/v2/submissions", headers=bearer, json={})) == (3, 0, 40)

        refused = await http.get(DESTINATION, headers=bearer)
        assert (refused.status_code, refused.json()["code"], told(refused)) == (429, "AB-1305", (3, 0, 40))
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.headers["Retry-After"] == "40"
        clock.passes(timedelta(seconds=39.5))
        assert told(await http.get(DESTINATION, headers=bearer)) == (3, 0, 1)

        clock.passes(timedelta(seconds=0.5))
        again = await http.get(DESTINATION, headers=bearer)
        assert (again.status_code, told(again)) == (200, (3, 2, 60))


async def test_one_client_does_not_use_up_what_another_has(asked: Asked) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, client=1))
    async with asked.at(front) as http:
        statuses = [
            (await http.get(DESTINATION, headers=asked.bearer(client))).status_code
            for client in (PORTAL, PORTAL, OTHER_PORTAL, PORTAL)
        ]

    assert statuses == [200, 429, 200, 429]


async def test_what_is_too_much_has_no_effect(asked: Asked) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, client=1))
    async with asked.at(front) as http:
        for _ in range(3):
            await http.post("/submission-api/v2/submissions", headers=asked.bearer(), json=creation())

    assert len(await asked.house.store.read(lambda tx: tx.jobs.counts())) >= 1
    assert sum((await asked.house.jobs()).values()) == 1


async def test_tokens_count_for_the_client_that_gets_them(asked: Asked) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, client=2))
    form = {"grant_type": "client_credentials", "client_id": PORTAL, "client_secret": SECRET}
    async with asked.at(front) as http:
        assert told(await http.post("/auth/token", data=form)) == (2, 1, 60)
        token = (await http.post("/auth/token", data=form)).json()["access_token"]
        refused = await http.post("/auth/token", data=form)
        assert (refused.status_code, refused.json()["error"], told(refused)) == (429, "slow_down", (2, 0, 60))
        assert refused.headers["Retry-After"] == "60"
        answer = await http.get(DESTINATION, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 429
        assert (await http.post("/auth/token", data=form | {"client_id": OTHER_PORTAL})).status_code == 200


async def test_without_a_limit_nothing_is_told(asked: Asked) -> None:
    answer = await asked.get(DESTINATION)

    assert not [name for name in answer.headers if name.startswith("ratelimit")]


# by address


async def test_without_a_token_addresses_count_behind_a_trusted_proxy(asked: Asked) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, address=2, proxies=["10.0.0.0/8"]))
    info = "/submission-api/v2/info"
    async with asked.at(front, PROXY) as http:
        for _ in range(2):
            assert (await http.get(info, headers={"X-Forwarded-For": "203.0.113.7"})).status_code == 200
        refused = await http.get(info, headers={"X-Forwarded-For": "203.0.113.7"})
        invented = await http.get(info, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.7"})
        assert (refused.status_code, invented.status_code) == (429, 429)
        assert (await http.get(info, headers={"X-Forwarded-For": "203.0.113.8"})).status_code == 200
        wrong = {"X-Forwarded-For": "203.0.113.7", "Authorization": "Bearer a.b.c"}
        assert (await http.get(DESTINATION, headers=wrong)).status_code == 429
        right = {"X-Forwarded-For": "203.0.113.7"} | asked.bearer()
        assert (await http.get(DESTINATION, headers=right)).status_code == 200

        form = {"grant_type": "client_credentials", "client_id": PORTAL, "client_secret": SECRET}
        token = await http.post("/auth/token", data=form, headers={"X-Forwarded-For": "203.0.113.7"})
        assert (token.status_code, token.json()["error"]) == (429, "slow_down")
        assert token.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "rubbish"}, {"X-Forwarded-For": "10.9.9.9"}])
async def test_where_many_may_share_an_address_it_does_not_count(asked: Asked, headers: dict[str, str]) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, address=1, proxies=["10.0.0.0/8"]))
    async with asked.at(front, PROXY) as http, asked.at(front, "203.0.113.1") as stranger:
        for _ in range(3):
            answer = await http.get("/submission-api/v2/info", headers=headers)
            assert answer.status_code == 200
            assert "RateLimit-Limit" not in answer.headers
            claims = {"X-Forwarded-For": "203.0.113.7"}
            assert (await stranger.get("/submission-api/v2/info", headers=claims)).status_code == 200


def source(peer: str, *forwarded: str, trusted: tuple[str, ...] = ("127.0.0.1", "10.0.0.0/8")) -> tuple[str, bool]:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    found = Sources(trusted).of(Request({"type": "http", "client": (peer, 1), "headers": headers}))
    return found.address, found.vouched


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("127.0.0.1", ("203.0.113.7",), ("203.0.113.7", True)),
        ("127.0.0.1", ("203.0.113.7, 10.0.0.1",), ("203.0.113.7", True)),
        ("127.0.0.1", ("1.1.1.1", "203.0.113.7", "10.0.0.1"), ("203.0.113.7", True)),
        ("127.0.0.1", ("1.1.1.1, x, 10.0.0.1",), ("127.0.0.1", False)),
        ("127.0.0.1", ("", ""), ("127.0.0.1", False)),
        ("::ffff:127.0.0.1", ("203.0.113.7",), ("203.0.113.7", True)),
        ("127.0.0.1", ("2001:db8:1:2:3:4:5:6",), ("2001:db8:1:2::/64", True)),
        ("127.0.0.1", ("2001:db8:1:2::9",), ("2001:db8:1:2::/64", True)),
        ("203.0.113.9", ("203.0.113.7",), ("203.0.113.9", False)),
        ("not an address", ("203.0.113.7",), ("None", False)),
    ],
)
def test_only_what_a_trusted_proxy_wrote_is_believed(
    peer: str, forwarded: tuple[str, ...], found: tuple[str, bool]
) -> None:
    assert source(peer, *forwarded) == found


# what is kept


def test_whoever_asks_costs_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_REMEMBERED", 10)
    monkeypatch.setattr(slowdown, "_REMEMBERED", 10)
    rate, slow = Rate(5, Clock()), SlowDown(1, timedelta(minutes=1), Clock())
    for number in range(100):
        rate.take(str(number))
        slow.failed("x" * number, str(number))

    assert len(rate._windows) == len(slow._failures) == 10
    assert {len(key) for key in slow._failures} == {32}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(-100, 100)), max_size=60), st.integers(1, 5))
def test_in_no_minute_are_more_than_twice_as_many_as_allowed(asked: list[tuple[str, float]], limit: int) -> None:
    """However the clock goes: of one caller, windows do not overlap."""
    clock, served = Clock(), list[tuple[str, float]]()
    rate = Rate(limit, clock)
    for who, later in asked:
        clock.passes(timedelta(seconds=abs(later)))
        standing = rate.take(who)
        assert standing is not None
        assert 0 <= standing.remaining < limit
        assert 1 <= standing.reset <= 60
        if not standing.exceeded:
            served.append((who, clock().timestamp()))
    for who, at in served:
        assert sum(one == who and at <= when < at + 60 for one, when in served) <= 2 * limit


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = Clock()
    rate, slow = Rate(1, clock), SlowDown(1, timedelta(minutes=1), clock)
    rate.take("a")
    slow.failed("a", "1")
    clock.passes(timedelta(days=-1))

    again = rate.take("a")
    assert again is not None
    assert not again.exceeded
    assert slow.wait("a", "1") == 0


# wrong secrets


def wrong(asked: Asked) -> Mapping[str, str]:
    return {"grant_type": "client_credentials", "client_id": PORTAL, "client_secret": "w" * 43}


async def test_whoever_guesses_waits_longer_each_time_and_no_secret_is_looked_at_meanwhile(asked: Asked) -> None:
    clock, waited = asked.house.clock, []
    for _ in range(5):
        assert (await asked.token(secret="x")).status_code == 401
    for _ in range(8):
        right = await asked.token()
        assert (right.status_code, right.json()["error"]) == (429, "slow_down")
        waited.append(int(right.headers["Retry-After"]))
        clock.passes(timedelta(seconds=waited[-1]))
        assert (await asked.token(secret="x")).status_code == 401
    assert waited == [1, 2, 4, 8, 16, 32, 60, 60]

    clock.passes(timedelta(minutes=1))
    assert (await asked.token()).status_code == 200
    assert (await asked.token(secret="x")).status_code == 401
    assert (await asked.token()).status_code == 200
    assert asked.watched.tokens.count("slow_down") == 8


async def test_nobody_else_waits_for_it(asked: Asked) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, proxies=[PROXY]))
    form = dict(wrong(asked))
    async with asked.at(front, PROXY) as http:

        async def status(address: str, **changes: str) -> int:
            headers = {"X-Forwarded-For": address}
            return (await http.post("/auth/token", data=form | changes, headers=headers)).status_code

        for _ in range(6):
            await status("203.0.113.7")
            await status("203.0.113.7", client_id="nobody")
        assert await status("203.0.113.7", client_secret=SECRET) == 429
        assert await status("203.0.113.7", client_id="nobody") == 429
        assert await status("203.0.113.8", client_secret=SECRET) == 200
        assert await status("203.0.113.7", client_id=OTHER_PORTAL, client_secret=SECRET) == 200


async def test_a_quarter_of_an_hour_forgives(asked: Asked) -> None:
    for _ in range(5):
        await asked.token(secret="x")
    asked.house.clock.passes(timedelta(minutes=16))

    statuses = [(await asked.token(secret="x")).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert asked.house.clock() == NOON + timedelta(minutes=16)

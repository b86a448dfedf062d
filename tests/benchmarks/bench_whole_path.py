"""P1 `whole-path`: M10 from the authenticated POST to the signed accept event, at national scale.

First closed loop for the rate and the share of private-key operations in the CPU time of daemon and helpers; then open
loop at half that rate for the latency, counted from the intended send time to the accept event in the log. At the end
every event is verified and folders are counted. Floor: RSA-4096 private-key operations per second on one core.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from bench_client import Connection, bearer
from bench_house import (
    ANNOUNCE,
    CLIENT,
    SECRET,
    STORE,
    House,
    build_house,
    cpu_seconds,
    database_cpu_seconds,
    operation_metrics,
    peak_mb,
    prepared_bodies,
    running,
)
from cryptography.hazmat.primitives.asymmetric import rsa
from jwcrypto import jwk, jws
from keyring_for_tests import shared_key

from amtsbote.jose.jws import sign_ps512

SECONDS = float(os.environ.get("SECONDS", "30"))
CONNECTIONS = 16
EXPECTED_RATE = 140
_WORK = ("process", "deliver")
PRIVATE = tuple(f'amtsbote_operation_cpu_seconds_total{{operation="{name}"}}' for name in ("sign", "unwrap"))


def main() -> int:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        house = build_house(Path(folder) / "house")
        floor = _private_key_floor(Path(folder) / "keys")
        bodies = prepared_bodies(house, int(SECONDS * EXPECTED_RATE * 1.6) + 400)
        with running(house, "whole") as daemon:
            return asyncio.run(_measure(house, daemon.pid, bodies, floor))


def _private_key_floor(folder: Path) -> float:
    key: rsa.RSAPrivateKey = shared_key(folder, "signature")
    began, count = time.process_time(), 0
    while time.process_time() - began < 2:
        sign_ps512(key, b"floor")
        count += 1
    return count / (time.process_time() - began)


async def _measure(house: House, pid: int, bodies: list[bytes], floor: float) -> int:
    headers = await bearer(house.public, CLIENT, SECRET)
    half = len(bodies) // 3
    warm, closed, open_ = bodies[:100], bodies[100 : len(bodies) - half], bodies[len(bodies) - half :]
    cases = await _closed_loop(house, headers, warm, seconds=60)
    await _until_done(house, len(cases))
    server = database_cpu_seconds(house)
    before, cpu_before, began = operation_metrics(house), cpu_seconds(pid), time.perf_counter()
    sent = await _closed_loop(house, headers, closed, seconds=SECONDS)
    await _until_done(house, len(cases) + len(sent))
    seconds, cpu, after = time.perf_counter() - began, cpu_seconds(pid) - cpu_before, operation_metrics(house)
    server = (database_cpu_seconds(house) - server) / len(sent) * 1000
    private = sum(_grown(before, after, name) for name in PRIVATE)
    rate = len(sent) / seconds
    latencies, slow = await _open_loop(house, headers, open_, rate / 2)
    await _until_done(house, len(cases) + len(sent) + len(slow))
    checked = await _verify(house, headers, [*cases, *sent, *slow])
    p50, p99 = (quantiles(latencies, n=100)[index] * 1000 for index in (49, 98))
    print(f"machine cores={os.cpu_count()} floor={floor:.0f} private-key operations/s on one core")
    commits = _grown(before, after, 'amtsbote_operation_seconds_count{operation="commit"}') / len(sent)
    print(f"commits_per_message={commits:.2f} database_server_cpu_ms_per_message={server:.1f}")
    print(f"half load: rate={rate / 2:.0f}/s n={len(latencies)} p50_ms={p50:.0f} p99_ms={p99:.0f}")
    total, folders = len(cases) + len(sent) + len(slow), _folders(house)
    print(f"verified: sent={total} events={checked} folders={folders}")
    print(
        f"whole-path ratio={private / cpu:.2f} rate={rate:.0f} floor={floor:.0f} "
        f"cpu_ms_per_message={cpu / len(sent) * 1000:.1f} peak_mb={peak_mb(pid):.0f} p99_ms={p99:.0f} store={STORE}"
    )
    return 0 if checked == folders == total else 1


async def _closed_loop(house: House, headers: bytes, bodies: list[bytes], seconds: float) -> list[str]:
    """As fast as CONNECTIONS senders get their answers. Returns the cases."""
    waiting = iter(bodies)
    until = time.perf_counter() + seconds
    cases: list[str] = []

    async def sender() -> None:
        connection = Connection(house.public)
        for body in waiting:
            cases.append(await _send(connection, headers, body))
            if time.perf_counter() > until:
                break
        connection.close()

    await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))
    return cases


async def _open_loop(house: House, headers: bytes, bodies: list[bytes], rate: float) -> tuple[list[float], list[str]]:
    """One message every 1/rate seconds whatever happens; the time until its accept event can be read."""
    latencies: list[float] = []
    cases: list[str] = []
    pool: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    begin = time.perf_counter()

    async def one(number: int, body: bytes) -> None:
        connection = pool.get_nowait() if not pool.empty() else Connection(house.public)
        case = await _send(connection, headers, body)
        cases.append(case)
        if number % 10 == 0:
            await _until_accepted(connection, headers, case)
            latencies.append(time.perf_counter() - (begin + number / rate))
        pool.put_nowait(connection)

    tasks = []
    for number, body in enumerate(bodies[: int(rate * SECONDS)]):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number, body)))
    await asyncio.gather(*tasks)
    return latencies, cases


async def _send(connection: Connection, headers: bytes, body: bytes) -> str:
    announced = await connection.call_json("POST", "/submission-api/v2/submissions", headers, ANNOUNCE)
    await connection.call_json("PUT", f"/submission-api/v2/submissions/{announced['submissionId']}", headers, body)
    return str(announced["caseId"])


async def _until_accepted(connection: Connection, headers: bytes, case: str) -> None:
    while True:
        log = await connection.call_json("GET", f"/submission-api/v2/cases/{case}/events", headers, b"")
        if log["totalCount"] >= 3:
            return
        await asyncio.sleep(0.01)


async def _until_done(house: House, messages: int) -> None:
    """Create, submit and accept of every message are signed, and no work is left: the access token is a signature,
    too, and of two signatures of one event only the first is kept."""
    name = 'amtsbote_operation_seconds_count{operation="sign"}'
    while True:
        seen = await asyncio.to_thread(operation_metrics, house)
        if seen.get(name, 0) >= 3 * messages and not any(seen[f'amtsbote_jobs{{kind="{kind}"}}'] for kind in _WORK):
            return
        await asyncio.sleep(0.1)


async def _verify(house: House, headers: bytes, cases: list[str]) -> int:
    """Counts the cases whose three events are there and rightly signed."""
    connection = Connection(house.public)
    keys: dict[str, jwk.JWK] = {}
    right = 0
    for case in cases:
        log = await connection.call_json("GET", f"/submission-api/v2/cases/{case}/events", headers, b"")
        kinds = [await _verified_kind(connection, headers, token, keys) for token in log["eventLog"]]
        right += kinds == ["create-submission", "submit-submission", "accept-submission"]
    connection.close()
    return right


async def _verified_kind(connection: Connection, headers: bytes, token: str, keys: dict[str, jwk.JWK]) -> str:
    """Last segment of the event of a token with a good signature."""
    read = jws.JWS()
    read.deserialize(token)
    kid = read.jose_header["kid"]
    issuer = json.loads(read.objects["payload"])["iss"]
    if kid not in keys:
        own = issuer.startswith("http")
        path = "/.well-known/jwks.json" if own else f"/v2/destinations/{issuer}/keys/{kid}"
        found = await connection.call_json("GET", f"/submission-api{path}", headers, b"")
        keys.update({key["kid"]: jwk.JWK(**key) for key in (found["keys"] if own else [found])})
    read.verify(keys[kid], "PS512")
    return str(next(iter(json.loads(read.payload)["events"]))).rpartition("/")[2]


def _grown(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0.0) - before.get(name, 0.0)


def _folders(house: House) -> int:
    return sum(1 for entry in os.scandir(house.inbox) if not entry.name.startswith("."))


if __name__ == "__main__":
    sys.exit(main())

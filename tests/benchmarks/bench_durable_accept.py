"""P2 `durable-accept`: POST + PUT of M10, the answer only after the bytes are on stable storage; nothing else runs.

Lanes and signing rest (the composition of this benchmark). Peer: Postfix on the same machine and file system, 10 kB
mails into its hold queue with as many sessions, where Postfix is installed. Floor: 10 kB appended and synced.
STORE=postgresql measures that store, with a server that syncs.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

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
    peak_mb,
    prepared_bodies,
    running,
)
from bench_postfix import postfix_rate

SECONDS = float(os.environ.get("SECONDS", "10"))
CONNECTIONS = 10
RUNS = 5
DIFFERENT_BODIES = 200


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        base = Path(folder)
        house = build_house(base / "house")
        floor = _synced_files_per_second(base)
        bodies = prepared_bodies(house, DIFFERENT_BODIES)
        with running(house, "intake") as daemon:
            rates, cpu = asyncio.run(_runs(house, daemon.pid, bodies))
            peak = peak_mb(daemon.pid)
        peer = postfix_rate(base, CONNECTIONS)
    ratio = "na" if peer is None else f"{median(rates) / peer:.2f}"
    print(f"runs rates={' '.join(f'{rate:.0f}' for rate in rates)} postfix={'na' if peer is None else round(peer)}")
    print(
        f"durable-accept ratio={ratio} rate={median(rates):.0f} floor={floor:.0f} "
        f"cpu_ms_per_message={cpu:.2f} peak_mb={peak:.0f} store={STORE}"
    )


async def _runs(house: House, pid: int, bodies: list[bytes]) -> tuple[list[float], float]:
    headers = await bearer(house.public, CLIENT, SECRET)
    await _run(house, headers, bodies, seconds=2)
    before, rates, count = cpu_seconds(pid), [], 0
    for _ in range(RUNS):
        began = time.perf_counter()
        sent = await _run(house, headers, bodies, SECONDS)
        rates.append(sent / (time.perf_counter() - began))
        count += sent
    return rates, (cpu_seconds(pid) - before) / count * 1000


async def _run(house: House, headers: bytes, bodies: list[bytes], seconds: float) -> int:
    """Messages accepted by CONNECTIONS senders in this time. The bodies repeat; every message is a new one."""
    until = time.perf_counter() + seconds

    async def sender(number: int) -> int:
        connection, sent = Connection(house.public), 0
        while time.perf_counter() < until:
            announced = await connection.call_json("POST", "/submission-api/v2/submissions", headers, ANNOUNCE)
            path = f"/submission-api/v2/submissions/{announced['submissionId']}"
            await connection.call_json("PUT", path, headers, bodies[(number + sent) % len(bodies)])
            sent += 1
        connection.close()
        return sent

    return sum(await asyncio.gather(*(sender(number * 17) for number in range(CONNECTIONS))))


def _synced_files_per_second(folder: Path) -> float:
    """One writer: 10 kB appended and synced, again and again."""
    body, count, began = os.urandom(10_000), 0, time.perf_counter()
    with (folder / "floor").open("wb") as file:
        while time.perf_counter() - began < 1:
            file.write(body)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()

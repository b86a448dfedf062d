"""Memory and quiet of a broker that holds tables of national size while a change set of 400,000 rows is proposed and
released: with every row where it was, and with every row moved to another line.

A real installation, the public commands only. Memory is the PSS of daemon and all its children together, sampled all
the way, and that of the daemon alone; quiet is the longest time somebody had to wait who only asked whether it lives.
Floor: the CPU seconds that checking and comparing the same tables take by themselves.
`python tests/benchmarks/bench_propose.py`
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import httpx
from broker_kit import children_of
from installation_kit import AMTSBOTE
from large_parts import proportional
from national_routing import ROLES, national_regions
from portal_kit import waited_for
from ports import free_port

from amtsbote.model.routing import RoutingDocument
from routing.difference import difference
from routing.references import Known
from routing.tables import check

BOUND_MB = 300
ROWS = 400_000
AUTHORITIES = 1_000
SERVICE = "99093003001002"
PATIENCE = 300.0


def main() -> None:
    tables = _tables()
    changes = _changes(tables)
    with tempfile.TemporaryDirectory() as place:
        broker = _Broker(Path(place))
        for name, content in tables.items():
            (broker.folder / f"{name}.csv").write_bytes(content)
        (broker.folder / "de.toml").write_text(_declaration(tables), "utf-8")
        print(f"apply seconds={broker.seconds('apply', 'de.toml', '--yes'):.1f}")
        with broker:
            idle, peak = broker.memory(), 0.0
            for name, content in changes.items():
                (broker.folder / "zustaendigkeiten.csv").write_bytes(content)
                with _Watch(broker) as watch:
                    seconds = broker.seconds("routes", "propose", "zustaendigkeiten.csv", "--reason", name)
                print(f"{name} seconds={seconds:.1f} {watch.told()}")
                peak = max(peak, watch.peak)
            with _Watch(broker) as watch:
                seconds = broker.seconds("routes", "release", "2")
            print(f"release seconds={seconds:.1f} {watch.told()}")
    peak, floor = max(peak, watch.peak), _floor(tables, changes["moved"])
    print(f"propose ratio={peak / BOUND_MB:.2f} floor={floor:.1f} idle_mb={idle:.0f} peak_mb={peak:.0f}")


class _Broker:
    """An installation with its daemon."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "site"
        subprocess.run([*AMTSBOTE, "init", str(self.folder), "--json"], check=True, capture_output=True)
        ports = [free_port(), free_port()]
        self.address = f"http://127.0.0.1:{ports[0]}"
        listening = {"PUBLIC__LISTEN": ports[0], "METRICS__LISTEN": ports[1]}
        self._environment = os.environ | {f"AMTSBOTE__{name}": f"127.0.0.1:{port}" for name, port in listening.items()}

    def __enter__(self) -> Self:
        command = [*AMTSBOTE, "serve", "--config", "amtsbote.toml"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=self._environment, stdout=log, stderr=log)
        waited_for(self._ready, "the broker", PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def seconds(self, *words: str) -> float:
        """Of a command that has to succeed."""
        start = time.monotonic()
        done = subprocess.run(
            [*AMTSBOTE, *words, "--config", "amtsbote.toml"],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"amtsbote {' '.join(words)}: {done.stdout.decode()}{done.stderr.decode()}")
        return time.monotonic() - start

    def memory(self) -> float:
        return proportional(self.process.pid) / 1e6

    def cpu_seconds(self) -> float:
        """Of the daemon and those of its children that have ended."""
        times = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def _ready(self) -> bool | None:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.address}/readyz", trust_env=False).status_code == 200 or None
        return None


class _Watch:
    """Memory in MB, CPU time and the longest wait in seconds, until the end."""

    def __init__(self, broker: _Broker) -> None:
        self._broker, self._over = broker, threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._weigh, self._ask)]
        self._cpu = broker.cpu_seconds()
        self.peak = self.daemon = self.longest = 0.0

    def told(self) -> str:
        memory = f"peak_mb={self.peak:.0f} daemon_peak_mb={self.daemon:.0f} daemon_after_mb={self._broker.memory():.0f}"
        return f"cpu_seconds={self._broker.cpu_seconds() - self._cpu:.1f} {memory} longest_wait={self.longest:.2f}"

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _weigh(self) -> None:
        daemon = self._broker.process.pid
        while not self._over.wait(0.02):
            own, others = proportional(daemon) / 1e6, 0.0
            for child in children_of(daemon):
                try:
                    others += proportional(child) / 1e6
                except (OSError, StopIteration):  # it has ended
                    continue
            self.daemon, self.peak = max(self.daemon, own), max(self.peak, own + others)

    def _ask(self) -> None:
        with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
            while not self._over.wait(0.01):
                start = time.monotonic()
                http.get(f"{self._broker.address}/healthz")
                self.longest = max(self.longest, time.monotonic() - start)


def _tables() -> dict[str, bytes]:
    """`ROWS` rules for one service: every municipality has an authority for every role, and many had another one."""
    regions = national_regions()
    keys = [(role, ars) for role in range(ROLES) for ars in regions]
    rules = [f"r{role};{ars};amt-{int(ars) % AUTHORITIES};;;" for role, ars in keys]
    rules += [f"r{role};{ars};amt-0;2000-01-01;2019-12-31;1" for role, ars in keys[: ROWS - len(rules)]]
    further = [f"{SERVICE};r{number};;;weitere" for number in range(1, ROLES)]
    return {
        "gebiete": _table("ars;ags;name;gueltig_ab;gueltig_bis", [f"{ars};;Gemeinde {ars};;" for ars in regions]),
        "leistungen": _table("leistung;name", [f"{SERVICE};Baumfällgenehmigung"]),
        "rollen": _table("leistung;rolle;gueltig_ab;gueltig_bis;art", [f"{SERVICE};r0;;;", *further]),
        "zustaendigkeiten": _table("rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;prioritaet", rules),
    }


def _table(header: str, rows: Iterable[str]) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def _changes(tables: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Two hundred rules are others; then all of them, some of which are others, in another order."""
    header, *rules = tables["zustaendigkeiten"].decode().splitlines()
    for at in range(0, len(rules), len(rules) // 200):
        rules[at] = re.sub(";amt-[0-9]+;", ";amt-1;", rules[at])
    return {"in-place": _table(header, rules), "moved": _table(header, rules[::-1])}


def _floor(tables: Mapping[str, bytes], changed: bytes) -> float:
    start = time.process_time()
    after = {**tables, "zustaendigkeiten": changed}
    check(RoutingDocument(0, after), Known(None))
    sum(1 for _ in difference(tables, after))
    return time.process_time() - start


def _declaration(tables: Mapping[str, bytes]) -> str:
    tenant = '[[tenants]]\nid = "bund"\nname = "Bund"\nland = "14"\nfour_eyes = false\n'
    authorities = (
        f'[[authorities]]\nid = "amt-{number}"\ntenant = "bund"\nname = "Amt {number}"\n'
        for number in range(AUTHORITIES)
    )
    routes = "".join(f'{name} = "{name}.csv"\n' for name in tables)
    return "".join([tenant, *authorities, "[routes]\n", routes])


if __name__ == "__main__":
    main()

"""The broker as a real process on real ports, started, stopped and killed as an operator or a power cut would."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from application_kit import Application
from delivered_folders import DeliveredFolder, delivered_folders
from installation_kit import AMTSBOTE, LEIPZIG, Installation, Keys, new_installation
from patience import PATIENCE
from portal_kit import Portal, Subscriber, waited_for
from ports import free_port

SERVE = (*AMTSBOTE, "serve")
ORDERED = (sys.executable, str(Path(__file__).with_name("killing_daemon.py")))
"""The daemon of the tests that obeys orders (`killing_daemon`)."""


@dataclass
class RunningBroker:
    """One installation and the process that serves it."""

    installation: Installation
    keys: Keys
    port: int
    metrics_port: int
    process: "subprocess.Popen[bytes] | None" = None
    _clients: list[Portal | Subscriber] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None
        return self.process

    def start(self, command: Sequence[str] = SERVE) -> None:
        """Returns when the broker is ready for requests."""
        self.launch(command)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        waited_for(self._ready, "the broker to get ready")

    def launch(self, command: Sequence[str] = SERVE) -> None:
        """Starts the process and does not wait."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--config", str(self.installation.config)],
                env=self.installation.environment,
                cwd=self.installation.folder,
                stdin=subprocess.PIPE if command is ORDERED else subprocess.DEVNULL,
                stdout=subprocess.PIPE if command is ORDERED else log,
                stderr=log,
            )

    def order(self, words: str) -> str:
        """Tell the daemon of the tests (`ORDERED`) something; its answer."""
        pipes = self.running
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(f"{words}\n".encode())
        pipes.stdin.flush()
        return pipes.stdout.readline().decode().strip()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.running.terminate()
        return self._ended()

    def kill(self) -> None:
        self.running.kill()
        self._ended()

    def kill_is_done(self) -> bool:
        """Collects a process that killed itself; True when it is gone."""
        return self._ended() == -signal.SIGKILL

    def restart(self) -> None:
        self.kill()
        self.start()

    def close(self) -> None:
        for client in self._clients:
            client.http.close()
        if self.process is not None and self.process.poll() is None:
            assert self.stop() == 0, self.logs()

    def end(self) -> None:
        """Close, and leave no process behind whatever happens."""
        try:
            self.close()
        finally:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    @property
    def log_file(self) -> Path:
        return self.installation.folder / "log"

    def logs(self) -> str:
        return self.log_file.read_text("utf-8", "replace")

    def folder(self, target: str) -> list[DeliveredFolder]:
        """What a Fachverfahren sees in its target."""
        return delivered_folders(self.installation.target(target))

    def delivered(self, submission: str, target: str = "chemnitz") -> list[DeliveredFolder]:
        return [each for each in self.folder(target) if each.manifest["ids"]["message"] == submission]

    def metrics(self) -> dict[str, float]:
        """Samples by name and labels as they are written."""
        text = httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", trust_env=False, timeout=PATIENCE).text
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in lines}

    def dead_letters(self) -> float:
        """Open Klärungsfälle of all reasons."""
        return sum(value for name, value in self.metrics().items() if name.startswith("amtsbote_dead_letters{"))

    def helpers(self) -> list[int]:
        """Process ids of the broker's children."""
        return children_of(self.running.pid)

    def portal(self, name: str = "hamburg") -> Portal:
        client = f"{name}-portal"
        key = self.keys.jwk("hamburg-signing") if name == "hamburg" else None
        portal = Portal(self.base, client, self.installation.secret(client), key, self.keys.root)
        self._clients.append(portal)
        return portal

    def subscriber(self, name: str = "leipzig", destination: str = LEIPZIG) -> Subscriber:
        client = f"{name}-software"
        keys = (self.keys.jwk(f"{name}-encryption"), self.keys.jwk(f"{name}-signing"))
        subscriber = Subscriber(self.base, client, self.installation.secret(client), destination, keys)
        self._clients.append(subscriber)
        return subscriber

    def takes_a_good_one(self, portal: Portal, application: Application) -> DeliveredFolder:
        """After whatever happened: a good submission is accepted and delivered once."""
        sent = portal.accepted(application)
        [folder] = self.delivered(sent.submission)
        return folder

    def _ready(self) -> bool | None:
        assert self.running.poll() is None, f"the broker ended with {self.running.returncode}\n{self.logs()}"
        try:
            answer = httpx.get(f"{self.base}/readyz", trust_env=False)
        except httpx.TransportError:
            return None
        return True if answer.status_code == 200 else None

    def _ended(self) -> int:
        """The exit code; its children end with it."""
        children = children_of(self.running.pid) if self.running.poll() is None else []
        code = self.running.wait(PATIENCE)
        for pipe in (self.running.stdin, self.running.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # an order it did not live to read
                    pipe.close()
        waited_for(lambda: not any(map(_alive, children)) or None, "the helpers to end")
        return code


@contextmanager
def broker_at(folder: Path, shared: Path, *, started: bool = True, **settings: str) -> Iterator[RunningBroker]:
    """A broker with an installation of its own. `settings` as in `new_installation`."""
    port, metrics_port = free_port(), free_port()
    listeners = {
        "PUBLIC__LISTEN": f"127.0.0.1:{port}",
        "PUBLIC__URL": f"http://127.0.0.1:{port}",
        "METRICS__LISTEN": f"127.0.0.1:{metrics_port}",
    }
    installation = new_installation(shared, folder, **(listeners | settings))
    broker = RunningBroker(installation, Keys(shared), port, metrics_port)
    try:
        if started:
            broker.start()
        yield broker
    finally:
        broker.end()


def children_of(pid: int) -> list[int]:
    """Of all its threads: each is the parent of the processes it has started."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended while its siblings were listed
            found += map(int, children.read_text().split())
    return found


def _alive(pid: int) -> bool:
    """Not gone and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

"""What deploying takes agrees with the code: times, ports, paths; and the system's own tools accept it."""

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from starlette.applications import Starlette

from amtsbote.daemon.listening import GuardedProtocol
from amtsbote.daemon.serving import _config
from amtsbote.daemon.settings import Settings
from transport.fitconnect.server import ServerLimits

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "config/systemd/amtsbote.service"
CONTAINER = ROOT / "config/container/Containerfile"
NGINX = ROOT / "config/nginx/amtsbote.conf"
EXPOSURE = 2.5
"""Of 10; systemd calls up to 4.9 good enough."""


def service() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in UNIT.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def seconds(directive: str, block: str) -> int:
    [value] = re.findall(rf"^\s*{directive} (\d+)s;", block, re.MULTILINE)
    return int(value)


# systemd


def test_systemd_waits_longer_than_the_service_needs_to_stop() -> None:
    assert int(service()["TimeoutStopSec"][0]) > 1.25 * Settings().serve.stop_seconds


def test_helpers_may_still_leave_the_network() -> None:
    assert service()["RestrictNamespaces"] == ["user net"]
    assert "setrlimit prlimit64" in service()["SystemCallFilter"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_unit_and_finds_it_well_confined(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/amtsbote/bin/amtsbote", sys.executable))

    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", unit], capture_output=True, text=True, check=False
    )

    assert (verified.returncode, verified.stderr) == (0, "")
    [level] = re.findall(r"exposure level for \S+: (\d+\.\d)", rated.stdout)
    assert float(level) <= EXPOSURE


# the proxy


def test_the_proxy_gives_up_a_connection_before_the_service_does() -> None:
    upstream, _, server = NGINX.read_text("utf-8").partition("\nserver {")

    assert seconds("keepalive_timeout", upstream) < _config(Starlette()).timeout_keep_alive
    assert seconds("client_header_timeout", server) <= GuardedProtocol.head_seconds


def test_a_silent_body_is_the_services_to_refuse() -> None:
    assert seconds("client_body_timeout", NGINX.read_text("utf-8")) > ServerLimits(1, 1, 1).silence


def test_the_proxy_expects_the_service_where_it_listens() -> None:
    assert f"server {Settings().public.listen} " in NGINX.read_text("utf-8")


# the container


def instructions() -> dict[str, list[str]]:
    joined = re.sub(r"\\\n\s*", "", CONTAINER.read_text("utf-8"))
    found: dict[str, list[str]] = defaultdict(list)
    for line in joined.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            found[name].append(rest)
    return found


def test_the_container_runs_as_nobody_special_with_its_data_in_a_volume() -> None:
    found = instructions()

    assert found["USER"] == ["10001:10001"]
    [volume] = found["VOLUME"]
    [environment] = found["ENV"]
    assert f"AMTSBOTE_CONFIG={volume}/" in environment
    assert f"AMTSBOTE__PUBLIC__LISTEN=0.0.0.0:{found['EXPOSE'][0]}" in environment


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_the_metrics_listener_whether_it_is_ready(status: int, healthy: bool) -> None:
    command = json.loads(instructions()["HEALTHCHECK"][0].partition("CMD ")[2])
    assert f"http://{Settings().metrics.listen}/readyz" in command[-1]

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        Thread(target=server.handle_request).start()
        here = command[-1].replace(Settings().metrics.listen, f"127.0.0.1:{server.server_port}")
        ended = subprocess.run([sys.executable, "-c", here], capture_output=True, check=False)

    assert (ended.returncode == 0) is healthy


def test_only_what_the_wheel_is_built_from_goes_into_the_container() -> None:
    allowed = (CONTAINER.parent / "Containerfile.containerignore").read_text("utf-8").splitlines()

    assert allowed[0] == "*"
    assert [name for name in allowed[1:] if not (ROOT / name.removeprefix("!")).exists()] == []

"""Postfix as the peer of `durable-accept`: an instance of its own, 10 kB mails into the hold queue.

Needs root, `postfix` and `smtp-source` (Debian: postfix); without them there is no comparison.
"""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from statistics import median

from ports import free_port

MAILS = 5_000
RUNS = 5
SIZE = 10_000
_MASTER = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def postfix_rate(base: Path, sessions: int) -> float | None:
    """Mails per second, each on stable storage before its answer; None where Postfix is not installed."""
    if os.geteuid() != 0 or shutil.which("postfix") is None or shutil.which("smtp-source") is None:
        return None
    port = free_port()
    config = _configured(base, port)
    subprocess.run(["postfix", "-c", config, "start"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_listening(port)
        return median(_rate(port, sessions) for _ in range(RUNS))
    finally:
        subprocess.run(["postfix", "-c", config, "stop"], check=False, capture_output=True)


def _configured(base: Path, port: int) -> Path:
    config, queue, data = base / "postfix", base / "queue", base / "postfix-data"
    for folder in (config, queue, data):
        folder.mkdir()
    base.chmod(0o755)
    shutil.chown(data, "postfix")
    (config / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\n"
        "myhostname = bench.invalid\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n"
        "smtpd_client_restrictions = static:HOLD\nsmtpd_relay_restrictions = permit_mynetworks, reject\n"
        f"maillog_file = {base}/postfix.log\nmaillog_file_prefixes = {base}\nsmtpd_client_connection_rate_limit = 0\n"
        "alias_maps =\nalias_database =\nmydestination =\nlocal_recipient_maps =\nsmtpd_peername_lookup = no\n"
    )
    (config / "master.cf").write_text(_MASTER.format(port=f"127.0.0.1:{port}"))
    subprocess.run(["postfix", "-c", config, "set-permissions"], check=False, capture_output=True)
    return config


def _rate(port: int, sessions: int) -> float:
    options = f"-s {sessions} -l {SIZE} -m {MAILS} -f b@bench.invalid -t a@bench.invalid inet:127.0.0.1:{port}"
    began = time.perf_counter()
    subprocess.run(["smtp-source", *options.split()], check=True, capture_output=True, timeout=120)
    return MAILS / (time.perf_counter() - began)


def _until_listening(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("Postfix did not start")

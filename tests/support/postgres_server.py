"""A PostgreSQL server that lives as long as somebody uses it: `python postgres_server.py FOLDER BIN [NAME=VALUE…]`.

Everybody who uses it holds a shared lock on `FOLDER/users`; the kernel frees it with the process. This process waits
for the exclusive lock: when it gets it, nobody is left, and server and folder go.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "logging_collector": "off",
}


def account() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as somebody without rights."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def main(folder: Path, binaries: Path, *settings: str) -> None:
    user, data = account(), folder / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        folder.chmod(0o755)
        shutil.chown(data, user)
        shutil.chown(folder / "socket", user)
    made: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "amtsbote",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    with (folder / "log").open("ab") as log:
        subprocess.run(made, user=user, cwd="/", stdout=log, stderr=log, check=True)
        chosen = [*(f"{name}={value}" for name, value in SETTINGS.items()), *settings]
        options = [part for setting in chosen for part in ("-c", setting)]
        command: list[str | Path] = [binaries / "postgres", "-D", data, "-k", folder / "socket", *options]
        server = subprocess.Popen(command, user=user, cwd="/", stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    (folder / "server.pid").write_text(str(server.pid))
    with (folder / "users").open("rb") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        server.send_signal(signal.SIGINT)
        server.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])

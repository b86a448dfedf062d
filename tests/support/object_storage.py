"""S3-compatible storage for tests: a server of its own, as a process that ends with the tests."""

import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from patience import PATIENCE
from ports import free_port
from processes_for_tests import becomes_true

from amtsbote.store.uploads import Bucket

REGION = "eu-central-1"
_numbers = count(1)


@dataclass(frozen=True)
class ObjectStorage:
    """A running server. It believes every signature."""

    endpoint: str

    def new_bucket(self, prefix: str = "amtsbote/teile") -> Bucket:
        name = f"teile-{next(_numbers)}"
        self._asked("PUT", f"/{name}")
        return Bucket(self.endpoint, name, prefix, REGION, "AKIDTEST", "geheim-und-lang")

    def begin_upload(self, place: Bucket, name: str) -> None:
        """What a node leaves that is killed in the middle of an upload."""
        self._asked("POST", f"/{place.name}/{place.key(name)}?uploads")

    def uploads(self, place: Bucket) -> int:
        return self._asked("GET", f"/{place.name}?uploads").count(b"<UploadId>")

    def keys(self, place: Bucket) -> list[str]:
        listed = self._asked("GET", f"/{place.name}?list-type=2").decode()
        return re.findall("<Key>([^<]*)</Key>", listed)

    def _asked(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(self.endpoint + path, method=method)  # noqa: S310  (our own server)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            found = answer.read()
        assert isinstance(found, bytes)
        return found


@contextmanager
def running_storage() -> Iterator[ObjectStorage]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert becomes_true(lambda: _listens(port)), "the storage does not start"
        yield ObjectStorage(f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0

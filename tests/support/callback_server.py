"""A receiver of callbacks in a thread of its own, for brokers that are processes. It can be switched off and on
again at the same port, can keep its answer back, and notices when two calls reach it at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from callback_kit import SECRET, Call
from patience import PATIENCE
from tls_for_tests import Authority


@dataclass
class CallbackServer:
    authority: Authority
    calls: list[Call] = field(default_factory=list)
    at_once: int = 0
    """Most calls under way at the same time."""
    answers: threading.Event = field(default_factory=threading.Event)
    """While it is not set, calls are heard and not answered."""
    heard: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    @property
    def named(self) -> dict[str, Any]:
        """As a portal names it at an announcement."""
        return {"callback": {"url": f"https://127.0.0.1:{self.port}/fit-connect", "secret": SECRET}}

    @property
    def settings(self) -> dict[str, str]:
        """For a broker that may call it."""
        return {"CALLBACKS__ALLOW": '["127.0.0.0/8"]', "CALLBACKS__EXTRA_CA": str(self.authority.file)}

    @property
    def told(self) -> set[str]:
        return {name for call in list(self.calls) for name in call.told}

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        tls = self.authority.server("127.0.0.1")
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def hear(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
            self._under_way += 1
            self.at_once = max(self.at_once, self._under_way)
        self.heard.set()
        self.answers.wait(PATIENCE)
        with self._lock:
            self._under_way -= 1


def _handler(server: CallbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            server.hear(Call({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal of the tests."""

    return Handler


@contextmanager
def callback_server(authority: Authority) -> Iterator[CallbackServer]:
    server = CallbackServer(authority)
    server.answers.set()
    server.start()
    try:
        yield server
    finally:
        server.answers.set()
        server.stop()

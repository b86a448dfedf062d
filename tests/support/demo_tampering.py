"""The demonstration with one byte changed on the way: `python demo_tampering.py PLACE [options of the demonstration]`.

`delivered` flips a bit in a file in Chemnitz's folder after it arrived, `sent` changes a letter of an encrypted
attachment between portal and broker.
"""

import socket
import string
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from amtsbote.demo.entry import run
from amtsbote.demo.inbox import arrived
from amtsbote.demo.stage import Stage, wait_for
from amtsbote.demo.steps import STEPS, Step

LETTERS = frozenset(string.ascii_letters.encode())


def before(name: str, spoil: Callable[[Stage], None]) -> Sequence[Step]:
    """The steps, with `spoil` run just before one of them."""

    def spoilt(step: Step) -> Step:
        def play(stage: Stage) -> None:
            spoil(stage)
            step.play(stage)

        return replace(step, play=play)

    assert name in {step.name for step in STEPS}
    return [spoilt(step) if step.name == name else step for step in STEPS]


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def spoil_delivered(stage: Stage) -> None:
    inbox, submission = stage.layout.inbox, stage.sent["oak"]
    there = wait_for(lambda: arrived(inbox, submission), "demo.failed.not-delivered", folder=inbox)
    flip_a_bit(there.folder / "anlage-01.png")


def put_a_relay_between(stage: Stage) -> None:
    """The public address becomes that of a relay, as a reverse proxy would stand there."""
    front = socket.create_server(("127.0.0.1", 0))
    stage.url = f"http://127.0.0.1:{front.getsockname()[1]}"
    host, port = stage.listen.split(":")
    threading.Thread(target=_accept, args=(front, (host, int(port))), daemon=True).start()


def _accept(front: socket.socket, broker: tuple[str, int]) -> None:
    while True:
        portal, _ = front.accept()
        behind = socket.create_connection(broker)
        for source, sink, change in ((portal, behind, Changer()), (behind, portal, bytes)):
            threading.Thread(target=_relay, args=(source, sink, change), daemon=True).start()


def _relay(source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes]) -> None:
    with closing(source), closing(sink), suppress(OSError):
        while block := source.recv(65536):
            sink.sendall(change(block))


class Changer:
    """Changes one letter in the middle of the first large block of an attachment."""

    def __init__(self) -> None:
        self._in_attachment = False
        self._done = False

    def __call__(self, block: bytes) -> bytes:
        self._in_attachment = self._in_attachment or b"/attachments/" in block
        if self._done or not self._in_attachment or len(block) < 10_000:
            return block
        self._done = True
        place = next(n for n in range(len(block) // 2, len(block)) if LETTERS.issuperset(block[n - 9 : n + 10]))
        return block[:place] + (b"A" if block[place : place + 1] != b"A" else b"B") + block[place + 1 :]


PLACES = {
    "delivered": ("delivered", spoil_delivered),
    "sent": ("certificates", put_a_relay_between),
}

if __name__ == "__main__":
    place, *options = sys.argv[1:]
    sys.exit(run(options, before(*PLACES[place])))

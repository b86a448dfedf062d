"""Progress of long work, on standard error: one line that changes on a terminal, else a line for every tenth."""

import sys

from amtsbote.cli.voice import Voice

_TENTHS = 10


class Progress:
    """Use it as a context manager: the end leaves the terminal at the beginning of a line."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._tenth = 0
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        sentence = self._voice.say("progress", done=done, total=total)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{sentence}\x1b[K")
            sys.stderr.flush()
            self._shown = True
            return
        tenth = done * _TENTHS // max(total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            sys.stderr.write(f"{sentence}\n")

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

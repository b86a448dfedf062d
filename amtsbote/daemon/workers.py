"""The processes of a node under one parent: started again when they end, told what the parent is told, ended together.

The parent computes nothing and has one thread, so that a fork copies nothing half done.
"""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import Final

import structlog

log = structlog.get_logger("amtsbote.daemon")

_WATCHED: Final = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_TICK: Final = 0.5
"""Seconds after which the parent looks, also when no signal came."""
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0
_STEADY: Final = 60.0
"""Seconds after which a worker's next end counts as its first."""
_SET_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_FORK: Final = get_context("fork")


@dataclass
class _Worker:
    number: int
    work: Callable[[], None]
    process: ForkProcess | None = None
    since: float = 0.0
    wait: float = _FIRST_WAIT
    """Before the next start."""
    due: float = 0.0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.is_alive()


def supervise(works: Sequence[Callable[[], None]], stop_seconds: float) -> bool:
    """Run each of `works` in a process of its own until SIGTERM or SIGINT. SIGHUP is passed on.

    True when all ended within `stop_seconds`; whoever did not is killed.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    crew = _Crew([_Worker(number, _child(work, before)) for number, work in enumerate(works, 1)])
    try:
        while True:
            crew.start_due()
            told = signal.sigtimedwait(_WATCHED, _TICK)
            if told is None:
                continue
            if told.si_signo in (signal.SIGTERM, signal.SIGINT):
                break
            if told.si_signo == signal.SIGHUP:
                crew.tell(signal.SIGHUP)
        crew.tell(signal.SIGTERM)
        return crew.ended_within(stop_seconds)
    finally:
        crew.kill()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Crew:
    def __init__(self, workers: Sequence[_Worker]) -> None:
        self._workers = workers

    def start_due(self) -> None:
        """Start whoever does not run, after a wait that doubles as long as he soon ends again."""
        now = time.monotonic()
        for worker in self._workers:
            if worker.alive:
                continue
            if worker.process is not None:
                self._bury(worker, now)
            if worker.due <= now:
                _start(worker, now)

    def tell(self, number: signal.Signals) -> None:
        for worker in self._workers:
            if worker.process is not None and worker.process.pid is not None and worker.alive:
                os.kill(worker.process.pid, number)

    def ended_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        for worker in self._workers:
            if worker.process is not None:
                worker.process.join(max(0.0, end - time.monotonic()))
        late = [worker.number for worker in self._workers if worker.alive]
        if late:
            log.warning("workers.given_up", workers=late, seconds=seconds)
        return not late

    def kill(self) -> None:
        for worker in self._workers:
            if worker.process is not None:
                worker.process.kill()
                worker.process.join()

    def _bury(self, worker: _Worker, now: float) -> None:
        assert worker.process is not None  # noqa: S101  (the caller has looked)
        if now - worker.since > _STEADY:
            worker.wait = _FIRST_WAIT
        log.error("worker.ended", worker=worker.number, code=worker.process.exitcode, again_in=worker.wait)
        worker.process, worker.due = None, now + worker.wait
        worker.wait = min(_LONGEST_WAIT, 2 * worker.wait)


def _start(worker: _Worker, now: float) -> None:
    worker.process = _FORK.Process(target=worker.work, name=f"worker-{worker.number}")
    worker.process.start()
    worker.since = now
    log.info("worker.started", worker=worker.number, pid=worker.process.pid)


def _child(work: Callable[[], None], mask: set[int | signal.Signals]) -> Callable[[], None]:
    """`work` as a worker does it: it does not outlive its parent, and hears signals again."""
    parent = os.getpid()

    def run() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until somebody listens: it must not end a worker that starts
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if os.getppid() == parent:
            work()

    return run

"""What a helper process gives up before it sees the first document."""

import ctypes
import math
import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_NO_NEW_PRIVS: Final = 38
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_STANDARD: Final = 3
_LARGE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class HelperLimits:
    """Bounds of one helper process and of one document."""

    document_bytes: int = 20 * 1024 * 1024
    """Larger documents are refused before a helper sees them."""
    max_tags: int = 1_000_000
    """Number of `<` in a document; an element with text has two."""
    memory_bytes: int = 1536 * 1024 * 1024
    """Address space of the process."""
    cpu_seconds: int = 10
    """For one document."""
    wall_seconds: float = 20.0
    """For one document, sending and answer included."""
    start_seconds: float = 30.0
    """For starting and compiling all schemas."""


def confine(keep: int) -> bool:
    """Keep only the descriptor `keep` beside the standard ones, no environment, no network, no signals but KILL.

    Signals that end the daemon go to its whole group; a helper stays until its pipe closes, so that a draining daemon
    can finish. Returns whether the network could be taken away.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.environ.clear()
    os.closerange(_STANDARD, keep)
    os.closerange(keep + 1, max(os.sysconf("SC_OPEN_MAX"), keep + 1))
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return _leave_network()


def _leave_network() -> bool:
    """Move into an empty network namespace. Not every kernel allows it; then the seal on descriptors has to do."""
    return any(_LIBC.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def bound_memory(limit: int, *, reserving: bool) -> None:
    """`reserving`: Saxon is loaded, which sets 32 GiB of addresses aside and uses what it needs. Then what can be
    written is bounded, and addresses beyond those that are taken."""
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize() if reserving else 0
    bound(resource.RLIMIT_DATA, limit)
    bound(resource.RLIMIT_AS, taken + limit)


def bound(kind: int, limit: int) -> None:
    """Of a resource of this process, for good; a tighter bound stays."""
    _, hard = resource.getrlimit(kind)
    bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (bound, bound))


def seal() -> None:
    """From here on nothing can be opened: no file, no socket, no module. Standard output and error lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(_STANDARD):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_STANDARD, _STANDARD))


def allow_cpu(seconds: int) -> None:
    """Let this process use `seconds` more of CPU time than it has used: the kernel's count never goes back."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def give_back(size: int) -> None:
    """Return free memory to the system after a document of `size` bytes, if it was large: glibc would keep it."""
    if size >= _LARGE:
        _LIBC.malloc_trim(0)

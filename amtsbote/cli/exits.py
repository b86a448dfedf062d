"""Exit codes: one table, shown in the help and in the reference.

Below 64 a command has done its work, and the code is its answer: `check` says its verdict with 0 to 3. From 64 on it
could not do it; these numbers are those of sysexits.h.
"""

from collections.abc import Mapping
from typing import Final

FINE: Final = 0
FAILED: Final = 1
DECLINED: Final = 5
USAGE: Final = 64
NOT_FOUND: Final = 66
NO_RESULT: Final = 70
LOCKED: Final = 75
INTERRUPTED: Final = 130

ALL: Final = (FINE, FAILED, DECLINED, USAGE, NOT_FOUND, NO_RESULT, LOCKED, INTERRUPTED)
_BY_CODE: Final[Mapping[str, int]] = {
    "usage": USAGE,
    "not-found": NOT_FOUND,
    "not-checked": NO_RESULT,
    "unexpected": NO_RESULT,
    "locked": LOCKED,
    "interrupted": INTERRUPTED,
}


def exit_of(code: str) -> int:
    """The exit code of a refusal's stable code."""
    return _BY_CODE.get(code, FAILED)

"""Exit codes: one table, shown in the help and in the reference."""

from collections.abc import Mapping
from typing import Final

FINE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
LOCKED: Final = 4
DECLINED: Final = 5
INTERRUPTED: Final = 130

ALL: Final = (FINE, FAILED, USAGE, NOT_FOUND, LOCKED, DECLINED, INTERRUPTED)
_BY_CODE: Final[Mapping[str, int]] = {
    "usage": USAGE,
    "not-found": NOT_FOUND,
    "not-checked": NOT_FOUND,
    "locked": LOCKED,
    "interrupted": INTERRUPTED,
}


def exit_of(code: str) -> int:
    """The exit code of a refusal's stable code."""
    return _BY_CODE.get(code, FAILED)

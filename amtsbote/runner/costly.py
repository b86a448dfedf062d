"""How often a document is given to the helpers that they cannot finish with."""

from typing import Final

from schemas.helpers import HelperFailed

_COSTLY: Final = frozenset({"timeout", "memory"})
_ATTEMPTS: Final = 3


def too_costly(error: Exception, attempt: int) -> bool:
    """A document that exhausts a helper will do so again, and each time nobody else has that helper meanwhile."""
    return isinstance(error, HelperFailed) and error.reason in _COSTLY and attempt >= _ATTEMPTS

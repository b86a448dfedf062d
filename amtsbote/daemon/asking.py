"""Documents that portals ask about before they send them: judged like any other, never stored, never logged."""

from collections.abc import Mapping
from typing import Any, Final

import structlog

from amtsbote.errors import Misconfigured, RequestRefused
from amtsbote.errors.table import DOCUMENT_NOT_CHECKED, OVERLOADED
from amtsbote.runner import Computing
from schemas.helpers import HelperFailed
from schemas.registry import SchemaRegistry
from schemas.reports.model import result
from schemas.standing import check

_WAIT: Final = 2
"""Seconds whoever is turned away is asked to wait."""

log = structlog.get_logger("amtsbote.daemon")


class Asking:
    """They share the computing threads with messages that have been sent, and take at most half of the helpers, so that
    asking never keeps what was sent from being processed."""

    def __init__(self, schemas: SchemaRegistry, computing: Computing, helpers: int) -> None:
        self._schemas = schemas
        self._computing = computing
        self._free = max(1, helpers // 2)

    async def __call__(self, document: bytes, mime_type: str, schema: str) -> Mapping[str, Any]:
        """The result, JSON-ready. Raises `RequestRefused` when there is none, or others are asking."""
        if not self._free:
            raise RequestRefused(OVERLOADED(seconds=_WAIT))
        self._free -= 1
        try:
            return result(await self._computing(check, self._schemas, document, mime_type, schema))
        except (HelperFailed, Misconfigured) as cause:
            log.warning("preflight.failed", because=str(cause))
            raise RequestRefused(DOCUMENT_NOT_CHECKED()) from None
        finally:
            self._free += 1

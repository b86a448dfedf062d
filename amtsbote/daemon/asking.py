"""Documents that portals ask about before they send them: judged like any other, never stored, never logged."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from amtsbote.errors import Misconfigured, RequestRefused
from amtsbote.errors.table import DOCUMENT_NOT_CHECKED, OVERLOADED
from amtsbote.model.report import CheckedDocument, CheckReport
from amtsbote.runner import Computing
from schemas.helpers import HelperFailed
from schemas.registry import SchemaRegistry
from schemas.standing import check

_WAIT: Final = 2
"""Seconds whoever is turned away is asked to wait."""

log = structlog.get_logger("amtsbote.daemon")


class Asking:
    """They share the computing threads with messages that have been sent, and take at most half of the helpers, so that
    asking never keeps what was sent from being processed."""

    def __init__(
        self, schemas: SchemaRegistry, computing: Computing, helpers: int, clock: Callable[[], datetime]
    ) -> None:
        self._schemas = schemas
        self._clock = clock
        self._computing = computing
        self._free = max(1, helpers // 2)

    async def __call__(self, document: bytes, mime_type: str, schema: str) -> CheckReport:
        """Without a route. Raises `RequestRefused` when there is none, or others are asking."""
        if not self._free:
            raise RequestRefused(OVERLOADED(seconds=_WAIT))
        self._free -= 1
        try:
            return await self._computing(self._reported, document, mime_type, schema)
        except (HelperFailed, Misconfigured) as cause:
            log.warning("preflight.failed", because=str(cause))
            raise RequestRefused(DOCUMENT_NOT_CHECKED()) from None
        finally:
            self._free += 1

    def _reported(self, document: bytes, mime_type: str, schema: str) -> CheckReport:
        checked = check(self._schemas, document, mime_type, schema)
        return CheckReport(CheckedDocument.of("", document), self._clock(), checked)

"""Structured logs: one JSON object per line on stderr, with a stable event name. Never a payload, key or secret."""

import logging
import sys
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Final

import structlog
from structlog.typing import EventDict, WrappedLogger

from amtsbote.errors import AmtsboteError

_FRAMES: Final = 30
_CHAIN: Final = 5


def configure_logs() -> None:
    """For the whole process; the libraries' own loggers go the same way, from warnings up."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, where_it_failed, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            where_it_failed,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a timer was skipped: the next one makes up for it


def where_it_failed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """In place of a traceback: the types of the exceptions, from the last to the first, and the places they came
    through. An exception's own text may quote a document, so only that of our own errors and of the system is kept."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if not isinstance(error, BaseException):
        return event
    chain: list[str] = []
    while error is not None and len(chain) < _CHAIN:
        chain.append(f"{_name(error)} at {_places(error.__traceback__)}")
        error = error.__cause__ or error.__context__
    event["failure"] = chain
    return event


def _name(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, AmtsboteError):
        return f"{name}({error})"
    return f"{name}({error.strerror})" if isinstance(error, OSError) else name


def _places(traceback: TracebackType | None) -> str:
    frames = [f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in walk_tb(traceback)]
    return " < ".join(reversed(frames[-_FRAMES:]))

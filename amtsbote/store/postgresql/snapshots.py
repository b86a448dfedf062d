"""Queries of one reader thread: each sees one moment and cannot write."""

from functools import lru_cache, partial
from typing import Any, Final

import psycopg

from amtsbote.store.postgresql.connection import Link
from amtsbote.store.postgresql.failures import translated
from amtsbote.store.postgresql.session import ports
from amtsbote.store.work import Done, Failed, Outcome, Work

_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Snapshots:
    """Implements `amtsbote.store.readers.Answering`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._transaction = lru_cache(maxsize=1024)(partial(ports, link))

    def answer(self, work: Work[Any]) -> Outcome:
        try:
            self._link.begin(_BEGIN)
            return Done(work.unit(self._transaction(work.scope)))
        except psycopg.Error as error:
            return Failed(translated(error))
        except BaseException as error:  # noqa: BLE001  (delivered to the caller)
            return Failed(error)
        finally:
            self._link.roll_back()

    def close(self) -> None:
        self._link.close()

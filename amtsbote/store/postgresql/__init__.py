"""The store on PostgreSQL 15 or newer, for one node or several: needs the extra `postgres`."""

from amtsbote.store.postgresql.store import PostgresStore

__all__ = ["PostgresStore"]

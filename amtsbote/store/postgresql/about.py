"""What the server says of itself."""

from collections.abc import Mapping
from typing import Any, Final

from amtsbote.store.postgresql.connection import Connection

_ASK: Final = """
SELECT current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on', current_user,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), clock_timestamp(),
  (SELECT count(DISTINCT coalesce(host(client_addr), '')) FROM pg_stat_activity
   WHERE application_name = 'amtsbote' AND datname = current_database())
"""


def about(connection: Connection) -> Mapping[str, Any]:
    """See `Database.about`. Raises `psycopg.Error`."""
    [(fsync, full_pages, role, superuser, now, machines)] = connection.execute(_ASK).fetchall()
    return {
        "version": connection.info.server_version // 10_000,
        "fsync": fsync,
        "full_page_writes": full_pages,
        "encrypted": bool(connection.pgconn.ssl_in_use),
        "host": connection.info.host,
        "role": role,
        "superuser": superuser,
        "now": now,
        "machines": machines,
    }

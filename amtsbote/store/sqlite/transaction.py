"""The ports of one connection in one scope."""

import apsw

from amtsbote.api.persistence import Scope
from amtsbote.store.sqlite.audit import SqliteAudit
from amtsbote.store.sqlite.deadletters import SqliteDeadLetters
from amtsbote.store.sqlite.deliveries import SqliteDeliveries
from amtsbote.store.sqlite.directory import SqliteDirectory
from amtsbote.store.sqlite.events import SqliteEvents
from amtsbote.store.sqlite.jobs import SqliteJobs
from amtsbote.store.sqlite.messages import SqliteMessages
from amtsbote.store.sqlite.parts import SqliteParts
from amtsbote.store.sqlite.routing import SqliteRouting
from amtsbote.store.sqlite.session import Session
from amtsbote.store.sqlite.traces import SqliteTraces


class SqliteTransaction:
    """Stateless beyond connection and scope: the same object serves one unit after the other."""

    def __init__(self, connection: apsw.Connection, scope: Scope) -> None:
        session = Session(connection, scope)
        self.messages = SqliteMessages(session)
        self.parts = SqliteParts(session)
        self.events = SqliteEvents(session)
        self.deliveries = SqliteDeliveries(session)
        self.jobs = SqliteJobs(session)
        self.deadletters = SqliteDeadLetters(session)
        self.traces = SqliteTraces(session)
        self.directory = SqliteDirectory(session)
        self.routing = SqliteRouting(session)
        self.audit = SqliteAudit(session)

"""The ports of one session."""

from amtsbote.store.ports.audit import Audit
from amtsbote.store.ports.deadletters import DeadLetters
from amtsbote.store.ports.deliveries import Deliveries
from amtsbote.store.ports.directory import DirectoryEntries
from amtsbote.store.ports.drafts import Drafts
from amtsbote.store.ports.events import Events
from amtsbote.store.ports.jobs import Jobs
from amtsbote.store.ports.masterkey import MasterKeys
from amtsbote.store.ports.messages import Messages
from amtsbote.store.ports.notices import Notices
from amtsbote.store.ports.parts import Parts
from amtsbote.store.ports.receivers import Receivers
from amtsbote.store.ports.routing import Routing
from amtsbote.store.ports.session import Session
from amtsbote.store.ports.traces import Traces


class Ports:
    """Implements `amtsbote.api.persistence.Transaction`. Stateless beyond the session."""

    def __init__(self, session: Session) -> None:
        self.messages = Messages(session)
        self.parts = Parts(session)
        self.events = Events(session)
        self.deliveries = Deliveries(session)
        self.jobs = Jobs(session)
        self.deadletters = DeadLetters(session)
        self.traces = Traces(session)
        self.directory = DirectoryEntries(session)
        self.routing = Routing(session)
        self.drafts = Drafts(session)
        self.audit = Audit(session)
        self.master = MasterKeys(session)
        self.notices = Notices(session)
        self.receivers = Receivers(session)

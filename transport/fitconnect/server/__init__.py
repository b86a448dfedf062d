"""The FIT-Connect server: thin routers over the mailroom. `application` holds the table of addresses."""

from transport.fitconnect.server.application import application, error_handlers
from transport.fitconnect.server.front import Admission, Front, Gate, ServerLimits

__all__ = ["Admission", "Front", "Gate", "ServerLimits", "application", "error_handlers"]

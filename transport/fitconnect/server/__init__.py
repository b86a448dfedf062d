"""The FIT-Connect server: thin routers over the mailroom. `application` holds the table of addresses."""

from transport.fitconnect.server.application import application, refused_by_router
from transport.fitconnect.server.front import Admission, Front, ServerLimits

__all__ = ["Admission", "Front", "ServerLimits", "application", "refused_by_router"]

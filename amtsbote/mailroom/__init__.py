"""What may happen to a message: announce, attach, submit, fetch, acknowledge, and the event log of its case; and what a
subscriber may do to its destinations.

Protocols translate their requests into calls of these rooms; no protocol is known here.
"""

from amtsbote.mailroom.cases import Cases
from amtsbote.mailroom.desk import Desk, Limits
from amtsbote.mailroom.destinations import NO_CALLBACK, CallbackWish, DestinationWish, present_destination
from amtsbote.mailroom.eventlog import EventLog
from amtsbote.mailroom.managing import Managing, Registry, published_keys
from amtsbote.mailroom.naming import NamedCallback
from amtsbote.mailroom.parts import PartRoom
from amtsbote.mailroom.receiving import Receiving
from amtsbote.mailroom.sending import Announcement, ReplyAnnouncement, Sending

__all__ = [
    "NO_CALLBACK",
    "Announcement",
    "CallbackWish",
    "Cases",
    "Desk",
    "DestinationWish",
    "EventLog",
    "Limits",
    "Managing",
    "NamedCallback",
    "PartRoom",
    "Receiving",
    "Registry",
    "ReplyAnnouncement",
    "Sending",
    "present_destination",
    "published_keys",
]

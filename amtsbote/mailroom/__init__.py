"""What may happen to a message: announce, attach, submit, fetch, acknowledge, and the event log of its case.

Protocols translate their requests into calls of these rooms; no protocol is known here.
"""

from amtsbote.mailroom.desk import Desk, Limits
from amtsbote.mailroom.eventlog import EventLog
from amtsbote.mailroom.parts import PartRoom
from amtsbote.mailroom.receiving import Receiving
from amtsbote.mailroom.sending import Announcement, Sending

__all__ = ["Announcement", "Desk", "EventLog", "Limits", "PartRoom", "Receiving", "Sending"]

"""Letters to people outside: the contact of a destination is told what nobody fetches."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from amtsbote.model.directory import Destination
from amtsbote.model.message import Message
from amtsbote.net.mail import Mailer
from amtsbote.text.catalogue import say

log = structlog.get_logger("amtsbote.runner")

_NAMED: Final = 20
"""Messages a letter names; of more it gives the number."""


class Reminders:
    def __init__(self, mailer: Mailer | None = None) -> None:
        self._mailer = mailer

    async def remind(self, destination: Destination, span: timedelta, messages: Sequence[Message]) -> None:
        """Tell the contact that `messages` have waited for `span`. Without a mail server or a usable address the log
        says so.

        Raises `MailFailed`.
        """
        told = {"destination": destination.id, "days": span.days, "messages": len(messages)}
        address = destination.contact.get("email", "")
        if self._mailer is None or not address:
            log.warning("deadline.nobody_told", address=bool(address), server=self._mailer is not None, **told)
            return
        subject, text = written(destination, span, messages)
        try:
            await self._mailer.send(address, subject, text)
        except ValueError:  # subscribers write their contacts themselves
            log.warning("deadline.nobody_told", address=False, server=True, **told)
        else:
            log.info("deadline.told", **told)


def written(destination: Destination, span: timedelta, messages: Sequence[Message]) -> tuple[str, str]:
    """Subject and text: German, then English. Ids and dates, nothing of any content."""
    values = {
        "name": destination.name,
        "id": destination.id,
        "count": len(messages),
        "days": span.days,
        "end": destination.deadlines.rejected_after.days,
    }
    lines = "\n".join(f"  {one.id}  {one.submitted_at:%Y-%m-%d}" for one in messages[:_NAMED])
    texts = [say(key, language, **values) for language in ("de", "en") for key in ("reminder.waits", "reminder.todo")]
    return say("reminder.subject", "de", **values), f"{texts[0]}\n\n{lines}\n\n{texts[1]}\n\n{texts[2]}\n{texts[3]}\n"

"""What the contact of a destination reads by mail."""

from collections.abc import Mapping
from typing import Final

DEADLINES: Final[Mapping[str, tuple[str, str]]] = {
    "reminder.subject": (
        "{count} nicht abgeholte Nachrichten am Zustellpunkt {id}",
        "{count} messages not fetched at destination {id}",
    ),
    "reminder.waits": (
        (
            "am Zustellpunkt „{name}“ ({id}) liegen seit mindestens {days} Tagen {count} Nachrichten, die Ihr"
            " Fachverfahren weder angenommen noch abgelehnt hat:"
        ),
        (
            'At the destination "{name}" ({id}) {count} messages have been waiting for at least {days} days that your'
            " software has neither accepted nor rejected; their ids are listed above."
        ),
    ),
    "reminder.todo": (
        "Bitte prüfen Sie den Abruf. Nach {end} Tagen werden sie abgelehnt und danach gelöscht.",
        "Please check why they are not fetched. After {end} days they are rejected, and deleted later.",
    ),
}

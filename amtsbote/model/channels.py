"""Ways back to an applicant, as destinations offer them (dossier 2.4); the names are those of the metadata (3.6)."""

from collections.abc import Mapping
from typing import Final

CHANNELS: Final[Mapping[str, Mapping[str, type]]] = {
    "eMail": {"usePgp": bool},
    "deMail": {},
    "fink": {},
    "elster": {},
    "fitConnect": {"processStandards": tuple},
    "idBundDeMailbox": {},
}
"""Name → what may be said of it."""


def misfit(channels: Mapping[str, Mapping[str, object]]) -> str | None:
    """What does not belong there: `channel` or `channel.member`; None when all of it fits."""
    for name, members in channels.items():
        known = CHANNELS.get(name)
        if known is None:
            return name
        wrong = (member for member, value in members.items() if not isinstance(value, known.get(member, ())))
        for member in wrong:
            return f"{name}.{member}"
    return None

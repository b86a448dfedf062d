"""Which master key protects the stored secrets, and the change from one to the next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amtsbote.model.ids import PartId


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the master key that is not finished. Each key lies here under the other one: whoever holds either
    opens everything."""

    former: str
    """Id of the key that goes."""
    forward: bytes
    """The new key, wrapped under the former."""
    back: bytes
    """The former key, wrapped under the new."""
    switched_at: datetime | None
    """Since when new secrets are wrapped under the new key; until then every node learns to know it."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    id: str
    """Eight hexadecimal digits, derived from the key."""
    since: datetime
    """When it was made, or its change begun."""
    change: Change | None = None


class WrappedKind(StrEnum):
    """Tables whose rows hold one wrapped secret each. Private keys are entries of the directory."""

    PART = "part"
    """The key of a stored part."""
    DOSSIER = "dossier"
    CALLBACK = "callback"
    """The secret of a receiver of callbacks."""


@dataclass(frozen=True, slots=True)
class WrappedValue:
    """A wrapped secret, with what its context is made of."""

    number: int
    owner: str
    """Id of the message or of the receiver it belongs to."""
    part: PartId | None
    """None for what belongs to the owner as a whole."""
    wrapped: bytes

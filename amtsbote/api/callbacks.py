"""The callback contract: how one protocol tells a receiver what is new. The runner knows no protocol."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from amtsbote.model.callback import Mention


class CallbackForm(Protocol):
    def body(self, mentions: Sequence[Mention]) -> bytes:
        """The exact bytes of a callback. At least one mention, all of one kind; each message is told once."""
        ...

    def headers(self, secret: str, body: bytes, at: datetime) -> Mapping[str, str]:
        """Of one try with this body: it proves who calls and when."""
        ...

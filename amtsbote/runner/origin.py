"""Where a reply of ours came from, kept sealed with it: so that its authority can be told what became of it."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from amtsbote.keys.vault import Vault
from amtsbote.model.ids import MessageId, TargetId
from amtsbote.runner.dossier import dossier_context


@dataclass(frozen=True, slots=True)
class Origin:
    target: TargetId
    label: str
    """How the local software knows it; may be personal."""
    answers: MessageId
    """What it answers."""


_ADAPTER: Final = TypeAdapter(Origin)


def close_origin(origin: Origin, reply: MessageId, vault: Vault) -> bytes:
    """Kept where other messages have their dossier."""
    return vault.wrap(_ADAPTER.dump_json(origin), dossier_context(reply))


def open_origin(sealed: bytes, reply: MessageId, vault: Vault) -> Origin:
    """Raises `Damaged`."""
    return _ADAPTER.validate_json(vault.unwrap(sealed, dossier_context(reply)))

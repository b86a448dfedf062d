"""A store full of secrets under a master key, an office that changes it, and what still opens afterwards."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from store_entries import A_DESTINATION
from store_samples import NOON, a_message, a_part, a_receiver, in_file

from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.api.persistence import Database, Page, Transaction
from amtsbote.keys.callbacks import callback_context, callback_secret
from amtsbote.keys.making import sealing_context
from amtsbote.keys.vault import Vault
from amtsbote.mailroom.parts import part_context
from amtsbote.model.callback import Callback
from amtsbote.model.directory import Directory, KeyEntry, KeyPurpose
from amtsbote.model.ids import DestinationId, KeyId, MessageId, PartId, ReceiverId
from amtsbote.runner.dossier import dossier_context

OLD: Final = b"\x01" * 32
NEW: Final = b"\x02" * 32
SECRET: Final = b"a secret of its own"
DATA: Final = PartId("data")


def wrapped(vault: Vault, message: str) -> Callable[[Transaction], None]:
    """One secret of every sort."""
    name, key = MessageId(message), KeyId(f"kid-of-{message}")
    context = sealing_context(key, KeyPurpose.SIGNATURE, None)
    entry = KeyEntry(key, KeyPurpose.SIGNATURE, "d1", None, b"public", (), vault.wrap(SECRET, context))
    dossier = vault.wrap(SECRET, dossier_context(name))
    seal = vault.wrap(SECRET, part_context(name, DATA))
    callback = Callback("https://amt.example", vault.wrap(SECRET, callback_context(f"d-{message}")))
    told = Callback("https://portal.example", vault.wrap(SECRET, callback_context(f"r-{message}")))
    part = in_file(f"aa/{message}", message) if message.endswith("3") else a_part(message)

    def unit(tx: Transaction) -> None:
        tx.receivers.add(a_receiver(f"r-{message}", callback=told))
        tx.messages.add(a_message(message, callback=f"r-{message}"), None)
        tx.messages.keep_dossier(name, dossier)
        tx.parts.put(replace(part, seal=seal))
        tx.directory.put(entry)
        tx.directory.put(replace(A_DESTINATION, id=DestinationId(f"d-{message}"), callback=callback))

    return unit


def everything_opens(vault: Vault, tx: Transaction) -> int:
    """How many messages there are. Raises `Damaged` when one of their secrets does not open."""
    directory: Directory = tx.directory.load()
    _, messages = tx.messages.page(None, Page(0, 100_000))
    for message in messages:
        key = directory.keys[KeyId(f"kid-of-{message.id}")]
        assert key.sealed_private is not None
        context = sealing_context(key.kid, key.purpose, key.tenant)
        assert vault.unwrap(key.sealed_private, context) == SECRET
        told = directory.destinations[DestinationId(f"d-{message.id}")]
        assert told.callback is not None
        assert callback_secret(vault, told.callback, told.id) == SECRET.decode()
        receiver = tx.receivers.find(ReceiverId(f"r-{message.id}"))
        assert receiver is not None
        assert callback_secret(vault, receiver.callback, receiver.id) == SECRET.decode()
        assert vault.unwrap(tx.messages.dossier(message.id), dossier_context(message.id)) == SECRET
        assert vault.unwrap(tx.parts.of(message.id)[DATA].seal, part_context(message.id, DATA)) == SECRET
    return len(messages)


@dataclass
class Changing:
    """Asks an office, as the command line does."""

    store: Database
    vault: Vault
    alone: bool = True
    now: datetime = NOON
    changed: Callable[[], Awaitable[None]] = nobody_to_tell
    asked: list[str] = field(default_factory=list)

    @property
    def office(self) -> Office:
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731  (one line that says it)
        return Office(self.store, self.vault, (), frozenset, {}, clock, self.changed, alone=self.alone)

    async def __call__(self, command: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append(command)
        return await run_command(self.office, "uid:4711", f"keys.{command}", arguments)

    async def begun(self, key: bytes = NEW) -> dict[str, Any]:
        return await self("rotate-master.begin", key=key.hex())

    async def all_steps(self) -> int:
        done, place = 0, dict[str, Any]()
        while place.get("table", "") is not None:
            answer = await self("rotate-master.step", **place)
            assert not answer["settling"]
            done, place = done + answer["done"], {name: answer[name] for name in ("table", "after")}
        return done

    async def rotated(self, key: bytes = NEW) -> Mapping[str, Any]:
        await self.begun(key)
        await self.all_steps()
        return await self("rotate-master.end")

    async def opens(self, vault: Vault | None = None) -> int:
        return await self.store.read(lambda tx: everything_opens(vault or self.vault, tx))

    async def restarted(self, key: bytes) -> Vault:
        """What a service that starts with this key file now holds. Raises `MasterKeyMissing`."""
        vault = Vault(key)
        vault.take(await self.store.read(lambda tx: tx.master.get()))
        return vault

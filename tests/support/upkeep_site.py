"""A small installation with rows and parts, on SQLite or PostgreSQL, without a daemon."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store_samples import a_message

from amtsbote.admin.opening import at_the_office
from amtsbote.api import Disk
from amtsbote.api.envelope import PartProof
from amtsbote.api.persistence import AuditRow, Database, Page
from amtsbote.daemon.composition import utc_now
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_database, open_parts
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import PartRoom
from amtsbote.model.ids import KeyId, MessageId, PartId

LARGE = bytes(range(256)) * 1_000
SMALL = b"small"
_KEY = bytes(32)


@dataclass(frozen=True)
class UpkeepSite:
    """`folder` holds `amtsbote.toml`; without `url` the rows lie in SQLite."""

    folder: Path
    url: str | None = None

    def found(self) -> "UpkeepSite":
        """Write what an operator writes: no rows yet."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "master.key").write_text(_KEY.hex())
        (self.folder / "master.key").chmod(0o600)
        database = "" if self.url is None else f'database = "{self.url}"\n'
        (self.folder / "amtsbote.toml").write_text(f'[storage]\nfolder = "data"\n{database}')
        return self

    def filled(self) -> "UpkeepSite":
        """Two messages, one with a part in its row, one with a part in a file."""
        asyncio.run(self._fill())
        return self

    def contents(self) -> dict[str, bytes]:
        """Message → its part, opened. Empty when nothing is there."""
        return asyncio.run(self._contents())

    def backed_up(self, to: Path) -> dict[str, Any]:
        with at_the_office(self.settings) as ask:
            total, done = ask("backup.begin", {"folder": str(to)})["parts"], 0
            while done < total:
                done = ask("backup.parts", {"folder": str(to), "done": done})["done"]
            return ask("backup.end", {"folder": str(to)})

    @property
    def settings(self) -> Settings:
        return Settings.load(self.folder / "amtsbote.toml")

    def _rooms(self) -> tuple[Database, PartRoom]:
        return open_database(self.settings, readers=1), PartRoom(Vault(_KEY), open_parts(self.settings, Disk()))

    async def _fill(self) -> None:
        store, room = self._rooms()
        row = AuditRow(utc_now(), "uid:0", "made", "site", None, None)
        await store.write(lambda tx: tx.audit.add(row))
        for name, body in (("m1", LARGE), ("m2", SMALL)):
            part = await room.keep(MessageId(name), PartId("data"), body, PartProof("tag", KeyId("kid")))
            await store.write(lambda tx, name=name: tx.messages.add(a_message(name), None))  # type: ignore[misc]
            await store.write(lambda tx, part=part: tx.parts.put(part))  # type: ignore[misc]
        await store.close()

    async def _contents(self) -> dict[str, bytes]:
        store, room = self._rooms()
        try:
            _, messages = await store.read(lambda tx: tx.messages.page(None, Page(0, 9)))
            found = {}
            for message in messages:
                parts = await store.read(lambda tx, name=message.id: tx.parts.of(name))  # type: ignore[misc]
                found[str(message.id)] = b"".join(room.chunks(parts[PartId("data")]))
            return found
        finally:
            await store.close()


WHOLE = {"m1": LARGE, "m2": SMALL}

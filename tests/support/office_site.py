"""An office over a data folder with real parts, without a daemon, to back up and to check."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store_samples import NOON, a_message

from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office, Upkeep, nobody_to_tell
from amtsbote.admin.places import FolderPlace
from amtsbote.api import Disk
from amtsbote.api.envelope import PartProof
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import PartRoom
from amtsbote.model.content import SchemaRef, SignatureResult, SignatureVerdict
from amtsbote.model.ids import AuthorityId, KeyId, MessageId, PartId
from amtsbote.model.message import Part, State
from amtsbote.runner.dossier import Dossier
from amtsbote.store import BodyFiles, SqliteStore

LARGE = bytes(range(256)) * 2500
PROOF = PartProof("tag", KeyId("kid"))
A_DOSSIER = Dossier(
    schema=SchemaRef("urn:schema", "application/xml"),
    data_size=1,
    data_sha512="00",
    attachments=(),
    signature=SignatureResult(SignatureVerdict.ABSENT),
    marked=False,
    metadata_version="1.0.0",
    fully_validated=True,
    package="package",
    region="145110000000",
    authority=AuthorityId("a1"),
    further={},
    sender_reference=None,
    content_keys={},
)


@dataclass
class Site:
    """An office over a data folder, with ids that count."""

    folder: Path
    office: Office
    parts: PartRoom

    async def keep(self, message: str, part: str = "data", body: bytes = LARGE) -> Part:
        kept = await self.parts.keep(MessageId(message), PartId(part), body, PROOF)
        await self.office.store.write(lambda tx: tx.parts.put(kept))
        return kept

    def file(self, part: Part) -> Path:
        return self.folder / "data" / "parts" / str(part.file)

    async def asked(self, command: str, **arguments: Any) -> dict[str, Any]:
        return await run_command(self.office, "uid:1", command, arguments)

    async def back_up(self, to: Path) -> dict[str, Any]:
        await self.asked("backup.begin", folder=str(to))
        await self.asked("backup.parts", folder=str(to), done=0)
        return await self.asked("backup.end", folder=str(to))

    async def check(self) -> dict[str, Any]:
        first = await self.asked("store.check")
        last = await self.asked("store.check", after=first["after"])
        return {**first, "orphans": last["orphans"]}

    async def state(self, message: str) -> State:
        return (await self.office.store.read(lambda tx: tx.messages.get(MessageId(message)))).state


@asynccontextmanager
async def opened_site(tmp_path: Path) -> AsyncIterator[Site]:
    store = SqliteStore.open(tmp_path / "data", readers=1)
    vault, numbers = Vault(bytes(32)), iter(range(1000))
    files = BodyFiles(tmp_path / "data" / "parts", Disk())
    parts = PartRoom(vault, files)
    upkeep = Upkeep(
        tmp_path / "data", files, parts, lambda: f"id-{next(numbers)}", FolderPlace(tmp_path / "data").copy_to
    )
    for message in ("m1", "m2"):
        await store.write(lambda tx, name=message: tx.messages.add(a_message(name), None))  # type: ignore[misc]
    yield Site(tmp_path, Office(store, vault, (), frozenset, {}, lambda: NOON, nobody_to_tell, upkeep), parts)
    await store.close()


def flip(file: Path, place: int = 5) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)

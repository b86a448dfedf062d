"""How parts are kept and read: the bytes as received, sealed, inline when small, in a file of their own when large."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from threading import Lock
from typing import Final

from amtsbote.api.bodies import Bodies, BodyWriter
from amtsbote.api.envelope import PartCheck, PartProof
from amtsbote.errors import StorageFailed
from amtsbote.keys.vault import CHUNK, Seal, Vault, sealed_chunks
from amtsbote.model.ids import MessageId, PartId
from amtsbote.model.message import Part, SubmittedPart

INLINE: Final = 64 * 1024
"""Bodies up to here lie in their row (architecture, section 7)."""


class PartRoom:
    def __init__(self, vault: Vault, files: Bodies) -> None:
        self._vault = vault
        self._files = files

    async def keep(self, message: MessageId, part: PartId, body: bytes, proof: PartProof) -> Part:
        """Keep a part that is in memory. Durable once the row is committed; the file already is on return."""
        if len(body) > INLINE:
            return await asyncio.to_thread(self._keep_in_file, message, part, body, proof)
        sealed, seal = self._vault.seal(body, part_context(message, part))
        return Part(message, part, len(body), _sha512(body), proof.tag, seal, sealed, None, proof.key)

    async def receive(self, message: MessageId, part: PartId, body: AsyncIterator[bytes], check: PartCheck) -> Part:
        """Take in a part of any size in constant memory. What `check` refuses leaves nothing behind."""
        intake = _Intake(self._vault.new_seal(part_context(message, part)), self._files, check)
        try:
            async for chunk in body:
                if intake.takes(chunk):
                    await asyncio.to_thread(intake.pass_on)
            return await asyncio.to_thread(intake.finish, message, part)
        except BaseException:
            await asyncio.to_thread(intake.discard)
            raise

    async def forget(self, *files: str | None) -> None:
        """Remove files that no row owns. What cannot be removed now is found by the next sweep."""
        for file in files:
            if file is not None:
                with suppress(StorageFailed):
                    await asyncio.to_thread(self._files.remove, file)

    def chunks(self, part: Part) -> Iterator[bytes]:
        """The bytes as received. Raises `Damaged`, at the chunk, for whatever the disk lost or changed."""
        sealed = sealed_chunks(part.inline) if part.inline is not None else self._files.read(part.file or "")
        return self._vault.unseal(sealed, part.seal, part_context(part.message, part.id))

    def submitted(self, part: Part) -> SubmittedPart:
        """The part as the pipeline reads it."""
        return SubmittedPart(part.id, part.size, part.tag, lambda: self.chunks(part))

    def _keep_in_file(self, message: MessageId, part: PartId, body: bytes, proof: PartProof) -> Part:
        intake = _Intake(self._vault.new_seal(part_context(message, part)), self._files, _AlreadyChecked(proof))
        try:
            for start in range(0, len(body), CHUNK):
                if intake.takes(body[start : start + CHUNK]):
                    intake.pass_on()
            return intake.finish(message, part)
        except BaseException:
            intake.discard()
            raise


class _Intake:
    """One part on its way in: check, digest, seal, file. Holds one chunk and what arrived at once.

    A cancelled upload is discarded while a thread may still be writing for it: the lock keeps them apart.
    """

    def __init__(self, seal: tuple[Seal, Callable[[], bytes]], files: Bodies, check: PartCheck) -> None:
        self._seal, self._wrap = seal
        self._files = files
        self._check = check
        self._waiting = bytearray()
        self._digest = hashlib.sha512()
        self._size = 0
        self._writer: BodyWriter | None = None
        self._writing = Lock()

    def takes(self, chunk: bytes) -> bool:
        """Buffer a chunk; True when there is enough to pass on."""
        self._waiting += chunk
        return len(self._waiting) > CHUNK

    def pass_on(self) -> None:
        """Write what fills whole chunks; something always stays for `finish`."""
        with self._writing:
            if self._writer is None:
                self._writer = self._files.begin()
            while len(self._waiting) > CHUNK:
                piece = bytes(memoryview(self._waiting)[:CHUNK])
                del self._waiting[:CHUNK]
                self._saw(piece)
                self._writer.write(self._seal.more(piece))

    def finish(self, message: MessageId, part: PartId) -> Part:
        with self._writing:
            return self._finished(message, part)

    def discard(self) -> None:
        with self._writing:
            if self._writer is not None:
                self._writer.discard()

    def _finished(self, message: MessageId, part: PartId) -> Part:
        rest = bytes(self._waiting)
        self._saw(rest)
        proof = self._check.finish()
        sealed = self._seal.last(rest)
        inline = file = None
        if self._writer is None and len(rest) <= INLINE:
            inline = sealed
        else:
            self._writer = self._writer or self._files.begin()
            self._writer.write(sealed)
            file = self._writer.keep()
        digest = self._digest.hexdigest()
        return Part(message, part, self._size, digest, proof.tag, self._wrap(), inline, file, proof.key)

    def _saw(self, piece: bytes) -> None:
        self._check.feed(piece)
        self._digest.update(piece)
        self._size += len(piece)


class _AlreadyChecked:
    """For a part whose envelope was checked before it came here."""

    def __init__(self, proof: PartProof) -> None:
        self._proof = proof

    def feed(self, chunk: bytes) -> None:
        """Nothing left to check."""

    def finish(self) -> PartProof:
        return self._proof


def part_context(message: MessageId, part: PartId) -> str:
    """What binds the wrapped key of a part to it."""
    return f"part:{message}:{part}"


def _sha512(body: bytes) -> str:
    return hashlib.sha512(body).hexdigest()

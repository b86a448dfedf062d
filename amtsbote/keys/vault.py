"""The master key and what it protects.

Two things are done with AES-256-GCM (NIST SP 800-38D). *Wrapping*: a small secret under the master key with a random
96-bit nonce, its context as associated data, so that a row's secret cannot be moved to another row. *Sealing*: a body
of any length in chunks of 256 KiB under a random key of its own; the nonce is the chunk's number, and the last one says
so: they can be neither exchanged nor cut off. Dropping the wrapped key deletes the body for good.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amtsbote.errors import Damaged, Misconfigured

CHUNK: Final = 256 * 1024
OVERHEAD: Final = 16
SEALED_CHUNK: Final = CHUNK + OVERHEAD
_KEY: Final = 32
_NONCE: Final = 12
_MORE: Final = b"\x00"
_LAST: Final = b"\x01"

Random = Callable[[int], bytes]


class Seal:
    """Seals one body, chunk by chunk. Every chunk but the last must be exactly `CHUNK` bytes long."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._number = 0

    def more(self, chunk: bytes) -> bytes:
        return self._chunk(chunk, _MORE)

    def last(self, chunk: bytes) -> bytes:
        return self._chunk(chunk, _LAST)

    def _chunk(self, chunk: bytes, mark: bytes) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number), chunk, mark)
        self._number += 1
        return sealed


class Vault:
    """Holds the master key. Thread-safe: it has no state beside it."""

    def __init__(self, master_key: bytes, *, random: Random = os.urandom) -> None:
        if len(master_key) != _KEY:
            raise Misconfigured("the master key must have 32 bytes", "der Hauptschlüssel muss 32 Byte haben")
        self._master = AESGCM(master_key)
        self._random = random

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """Read 64 hexadecimal digits. Refuses a file that others may read."""
        try:
            readable_by_others = path.stat().st_mode & _others(path)
            text = path.read_text("ascii").strip()
        except OSError as error:
            raise Misconfigured(
                f"the master key {path} cannot be read: {error.strerror}",
                f"der Hauptschlüssel {path} ist nicht lesbar: {error.strerror}",
            ) from error
        if readable_by_others:
            raise Misconfigured(
                f"the master key {path} may be read by others: chmod 600 {path}",
                f"den Hauptschlüssel {path} dürfen andere lesen: chmod 600 {path}",
            )
        try:
            return cls(bytes.fromhex(text))
        except ValueError as error:
            raise Misconfigured(
                f"the master key {path} must hold 64 hexadecimal digits",
                f"der Hauptschlüssel {path} muss aus 64 hexadezimalen Ziffern bestehen",
            ) from error

    def wrap(self, secret: bytes, context: str) -> bytes:
        nonce = self._random(_NONCE)
        return nonce + self._master.encrypt(nonce, secret, context.encode())

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Raises `Damaged` when the bytes were changed, moved, or wrapped by another master key."""
        try:
            return self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged(f"wrapped secret of {context}") from error

    def new_seal(self, context: str) -> tuple[Seal, bytes]:
        """A seal for one body and its wrapped key, to be kept beside the body."""
        key = self._random(_KEY)
        return Seal(key), self.wrap(key, context)

    def seal(self, body: bytes, context: str) -> tuple[bytes, bytes]:
        """A whole body at once: the sealed bytes and the wrapped key."""
        seal, wrapped = self.new_seal(context)
        chunks = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)] or [b""]
        return b"".join([*map(seal.more, chunks[:-1]), seal.last(chunks[-1])]), wrapped

    def unseal(self, sealed: Iterable[bytes], wrapped: bytes, context: str) -> Iterator[bytes]:
        """The chunks of a body from its sealed chunks (`SEALED_CHUNK` bytes each, the last one shorter).

        Every chunk that is yielded has been authenticated; a flipped bit, a chunk too many or too few raises `Damaged`.
        """
        cipher = AESGCM(self.unwrap(wrapped, context))
        waiting: bytes | None = None
        number = 0
        for chunk in sealed:
            if waiting is not None:
                yield _opened(cipher, number, waiting, _MORE, context)
                number += 1
            waiting = chunk
        yield _opened(cipher, number, waiting or b"", _LAST, context)


def _others(path: Path) -> int:
    """The bits that let others in. In the folder systemd hands to a service (systemd.exec(5), Credentials) those of the
    group are the mask of an access list that names the service's user alone."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return 0o007 if given and path.is_relative_to(given) else 0o077


def make_master_key(path: Path) -> None:
    """Write a new master key, readable by its owner only. Never overwrites one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(os.urandom(_KEY).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def sealed_chunks(body: bytes) -> Iterator[bytes]:
    """A sealed body that is in memory, cut for `Vault.unseal`."""
    return (body[start : start + SEALED_CHUNK] for start in range(0, len(body), SEALED_CHUNK))


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE, "big")


def _opened(cipher: AESGCM, number: int, chunk: bytes, mark: bytes, context: str) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), chunk, mark)
    except (InvalidTag, ValueError) as error:
        raise Damaged(f"chunk {number} of {context}") from error

"""The master key and what it protects.

Two things are done with AES-256-GCM (NIST SP 800-38D). *Wrapping*: a small secret under the master key with a random
96-bit nonce, its context as associated data, so that a row's secret cannot be moved to another row; the id of the
master key stands in front (decision 0009). *Sealing*: a body of any length in chunks of 256 KiB under a random key of
its own; the nonce is the chunk's number, and the last one says so: they can be neither exchanged nor cut off. Dropping
the wrapped key deletes the body for good.
"""

import hmac
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amtsbote.errors import Damaged, Misconfigured
from amtsbote.model.masterkey import Change, MasterKey

CHUNK: Final = 256 * 1024
OVERHEAD: Final = 16
SEALED_CHUNK: Final = CHUNK + OVERHEAD
_KEY: Final = 32
_NONCE: Final = 12
_ID: Final = 4
_ID_LABEL: Final = b"amtsbote master key id"
_MORE: Final = b"\x00"
_LAST: Final = b"\x01"

Random = Callable[[int], bytes]


class MasterKeyMissing(Damaged):
    """A secret is wrapped under a master key that is not held here, or its first bytes were changed."""

    def __init__(self, context: str, key: str) -> None:
        super().__init__(f"wrapped secret of {context}: no master key {key or 'named'}")
        self.key = key
        """Id of the key that is missing."""


@dataclass(frozen=True, slots=True)
class _Ring:
    """Master keys by their ids, replaced as a whole."""

    wrapping: bytes
    """Id of the one that wraps."""
    keys: Mapping[bytes, bytes]

    def wrap(self, secret: bytes, context: str, nonce: bytes) -> bytes:
        return self.wrapping + nonce + AESGCM(self.keys[self.wrapping]).encrypt(nonce, secret, context.encode())

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        key = self.keys.get(wrapped[:_ID])
        if key is None:
            raise MasterKeyMissing(context, wrapped[:_ID].hex())
        nonce, sealed = wrapped[_ID : _ID + _NONCE], wrapped[_ID + _NONCE :]
        try:
            return AESGCM(key).decrypt(nonce, sealed, context.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged(f"wrapped secret of {context}") from error


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
    """Holds the master key; while it is changed, the former and the new one. Thread-safe."""

    def __init__(self, master_key: bytes, *, random: Random = os.urandom) -> None:
        if len(master_key) != _KEY:
            raise Misconfigured("the master key must have 32 bytes", "der Hauptschlüssel muss 32 Byte haben")
        self._random = random
        self._own = _id_of(master_key)
        self._ring = _Ring(self._own, {self._own: master_key})

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """Read 64 hexadecimal digits. Refuses a file that others may read."""
        return cls(read_master_key(path))

    @property
    def own(self) -> str:
        """Id of the key this vault was made with: that of the file."""
        return self._own.hex()

    @property
    def wraps_with(self) -> str:
        """Id of the key that new secrets are wrapped under."""
        return self._ring.wrapping.hex()

    def take(self, recorded: MasterKey | None) -> None:
        """Hold the keys as recorded in the store. Raises `MasterKeyMissing` when they need another key than those held
        here: then all stays as it was."""
        if recorded is None:
            return
        ring, new = self._ring, bytes.fromhex(recorded.id)
        if recorded.change is None:
            if new not in ring.keys:
                raise MasterKeyMissing("the installation", recorded.id)
            self._ring = _Ring(new, {new: ring.keys[new]})
            return
        change, former = recorded.change, bytes.fromhex(recorded.change.former)
        if former in ring.keys:
            keys = {former: ring.keys[former], new: ring.unwrap(change.forward, _bridge(recorded.id))}
        elif new in ring.keys:
            keys = {former: ring.unwrap(change.back, _bridge(change.former)), new: ring.keys[new]}
        else:
            raise MasterKeyMissing("the installation", recorded.id)
        self._ring = _Ring(former if change.switched_at is None else new, keys)

    def change_to(self, master_key: bytes, at: datetime) -> MasterKey:
        """What to record to begin the change to another key. Raises `Misconfigured` when it cannot be told from the
        present one, or has not 32 bytes."""
        if len(master_key) != _KEY:
            raise Misconfigured("the master key must have 32 bytes", "der Hauptschlüssel muss 32 Byte haben")
        new, ring = _id_of(master_key), self._ring
        if new in ring.keys:
            raise Misconfigured(
                f"the master key {new.hex()} is in use already", f"der Hauptschlüssel {new.hex()} ist schon in Gebrauch"
            )
        following = _Ring(new, {new: master_key})
        forward = self.wrap(master_key, _bridge(new.hex()))
        back = following.wrap(ring.keys[ring.wrapping], _bridge(ring.wrapping.hex()), self._random(_NONCE))
        return MasterKey(new.hex(), at, Change(ring.wrapping.hex(), forward, back, None))

    def wrap(self, secret: bytes, context: str) -> bytes:
        return self._ring.wrap(secret, context, self._random(_NONCE))

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Raises `Damaged` when the bytes were changed or moved, `MasterKeyMissing` when another key wrapped them."""
        return self._ring.unwrap(wrapped, context)

    def rewrap(self, wrapped: bytes, context: str) -> bytes:
        """The same secret under the key that wraps now. Raises `Damaged`."""
        return self.wrap(self.unwrap(wrapped, context), context)

    def new_seal(self, context: str) -> tuple[Seal, Callable[[], bytes]]:
        """A seal for one body, and what wraps its key, to be kept beside the body. Wrap when the body is complete: an
        upload may take longer than a change of the master key."""
        key = self._random(_KEY)
        return Seal(key), lambda: self.wrap(key, context)

    def seal(self, body: bytes, context: str) -> tuple[bytes, bytes]:
        """A whole body at once: the sealed bytes and the wrapped key."""
        seal, wrap = self.new_seal(context)
        chunks = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)] or [b""]
        return b"".join([*map(seal.more, chunks[:-1]), seal.last(chunks[-1])]), wrap()

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


def key_id(wrapped: bytes) -> str:
    """Id of the master key a secret is wrapped under."""
    return wrapped[:_ID].hex()


def read_master_key(path: Path) -> bytes:
    """The key in a file of 64 hexadecimal digits. Raises `Misconfigured`, also for a file that others may read."""
    try:
        readable_by_others = path.stat().st_mode & _others(path)
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "ASCII"
        raise Misconfigured(
            f"the master key {path} cannot be read: {reason}", f"der Hauptschlüssel {path} ist nicht lesbar: {reason}"
        ) from error
    if readable_by_others:
        raise Misconfigured(
            f"the master key {path} may be read by others: chmod 600 {path}",
            f"den Hauptschlüssel {path} dürfen andere lesen: chmod 600 {path}",
        )
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Misconfigured(
            f"the master key {path} must hold 64 hexadecimal digits",
            f"der Hauptschlüssel {path} muss aus 64 hexadezimalen Ziffern bestehen",
        ) from error


def _id_of(master_key: bytes) -> bytes:
    """Tells keys apart and nothing about them."""
    return hmac.digest(master_key, _ID_LABEL, "sha256")[:_ID]


def _bridge(key: str) -> str:
    return f"master:{key}"


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE, "big")


def _opened(cipher: AESGCM, number: int, chunk: bytes, mark: bytes, context: str) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), chunk, mark)
    except (InvalidTag, ValueError) as error:
        raise Damaged(f"chunk {number} of {context}") from error

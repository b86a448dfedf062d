"""Bodies in S3-compatible storage, through `obstore` (extra `s3`).

A body becomes visible at once and whole, when its upload is completed; only then its row commits. Everything is asked
in pieces of a few megabytes, each request bounded in time, so that a body of any size takes constant memory and a slow
reader holds no connection.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from amtsbote.api.bodies import PIECE, BodyWriter, is_body_name
from amtsbote.errors import Damaged, StorageFailed, StorageFull
from amtsbote.store.bodies import fresh_name
from amtsbote.store.sweeping import Sweeping
from amtsbote.store.upload import Upload
from amtsbote.store.uploads import Bucket, UnfinishedUploads

_AT_ONCE: Final = 5 * 1024 * 1024
"""Bytes of one request that writes: S3 takes no smaller part but the last (AmazonS3 API, UploadPart)."""
_READ_PIECES: Final = 16
"""Pieces of one request that reads."""
_CONNECT: Final = timedelta(seconds=3)
_REQUEST: Final = timedelta(seconds=15)
"""For one request with its body: about 350 kB/s is the slowest network that works."""
_RETRIES: Final = 2
_NO_RETRY_AFTER: Final = timedelta(seconds=8)
_DAMAGED: Final = "damaged"
_FULL: Final = ("StorageFull", "QuotaExceeded", "507 Insufficient Storage")
"""What the usual servers say when there is no space left."""


class ObjectBodies(Sweeping):
    """All bodies beneath one prefix of a bucket. Several nodes may have it open."""

    def __init__(
        self,
        place: Bucket,
        clock: Callable[[], datetime],
        *,
        piece: int = PIECE,
        fresh: Callable[[], str] = fresh_name,
    ) -> None:
        """Asks nothing yet."""
        self._store = _opened(place)
        self._uploads = UnfinishedUploads(place, clock)
        self._piece = piece
        self._fresh = fresh

    def begin(self, name: str | None = None) -> BodyWriter:
        """Raises `Damaged` for a name that is not one of ours."""
        return _ObjectWriter(self._store, _ours(self._fresh() if name is None else name))

    def read(self, name: str) -> Generator[bytes, None, None]:
        """See `Bodies.read`. `Damaged` only where the storage itself answers that the body is not there."""
        size = self._size(_ours(name))
        pieces = self._piece * _READ_PIECES
        for start in range(0, size, pieces):
            content = self._range(name, start, min(pieces, size - start))
            for offset in range(0, len(content), self._piece):
                yield content[offset : offset + self._piece]

    def remove(self, name: str) -> None:
        """Missing is fine. Raises `Damaged` for a name that is not one of ours, `StorageFailed`."""
        with _storage(), suppress(FileNotFoundError):
            obstore.delete(self._store, _ours(name))

    def set_aside(self, name: str) -> bool:
        """Copied by the storage itself to `damaged/` beneath the prefix, then removed."""
        with _storage():
            try:
                obstore.copy(self._store, _ours(name), f"{_DAMAGED}/{name[3:]}")
            except FileNotFoundError:
                return False
        self.remove(name)
        return True

    def kept(self) -> Mapping[str, datetime]:
        """Name of every kept body → when it was last touched, by the clock of the storage."""
        with _storage():
            found = (each for page in obstore.list(self._store, chunk_size=1000) for each in page)
            return {each["path"]: each["last_modified"] for each in found if is_body_name(each["path"])}

    def _unfinished(self) -> Mapping[str, datetime]:
        return self._uploads.begun()

    def _forget(self, unfinished: Iterable[str]) -> None:
        self._uploads.abort(unfinished)

    def _size(self, name: str) -> int:
        with _storage():
            try:
                return obstore.head(self._store, name)["size"]
            except FileNotFoundError:  # a bucket that is not there says the same: the list tells them apart
                listed = [each["path"] for page in obstore.list(self._store, prefix=name[:2]) for each in page]
        if name in listed:
            raise StorageFailed("a body was not there and then was")
        raise Damaged("a body is missing from the storage")

    def _range(self, name: str, start: int, length: int) -> bytes:
        with _storage():
            try:
                content = bytes(obstore.get_range(self._store, name, start=start, length=length))
            except FileNotFoundError as error:
                raise Damaged("a body is missing from the storage") from error
        if len(content) != length:
            raise StorageFailed("the storage answered with less than was asked for")
        return content


class _ObjectWriter:
    """What fits one request is sent in one, at the end; the rest goes up part by part while it arrives."""

    def __init__(self, store: S3Store, name: str) -> None:
        self._store = store
        self._name = name
        self._waiting: list[bytes] = []
        self._size = 0
        self._upload: Upload | None = None
        self._kept = False
        self._tried = False

    def write(self, content: bytes) -> None:
        """Append all of `content`. Raises `StorageFull`, `StorageFailed`."""
        if self._upload is not None:
            with _storage():
                self._upload.feed(content)
            return
        self._waiting.append(content)
        self._size += len(content)
        if self._size > _AT_ONCE:
            self._tried = True
            self._upload = Upload(self._send)
            waiting, self._waiting = self._waiting, []
            with _storage():
                for each in waiting:
                    self._upload.feed(each)

    def keep(self) -> str:
        """The body is in the storage on return. Raises `StorageFull`, `StorageFailed`: not kept."""
        self._tried = True
        with _storage():
            if self._upload is None:
                obstore.put(self._store, self._name, b"".join(self._waiting), use_multipart=False)
            else:
                self._upload.finish()
        self._kept = True
        return self._name

    def discard(self) -> None:
        """See `BodyWriter.discard`. What cannot be removed now is found by the sweep."""
        if self._kept:
            return
        self._waiting = []
        if self._upload is not None:
            self._upload.abort()
        if self._tried:  # the answer to a success may have been lost
            self._tried = False
            with suppress(StorageFailed, FileNotFoundError), _storage():
                obstore.delete(self._store, self._name)

    def _send(self, arriving: Iterator[bytes]) -> None:
        obstore.put(self._store, self._name, arriving, use_multipart=True, chunk_size=_AT_ONCE, max_concurrency=1)


def _ours(name: str) -> str:
    if not is_body_name(name):
        raise Damaged("a body has a name that is not one of ours")
    return name


def _opened(place: Bucket) -> S3Store:
    return S3Store(
        place.name,
        prefix=place.prefix or None,
        config={
            "endpoint": place.endpoint,
            "region": place.region,
            "access_key_id": place.access_key,
            "secret_access_key": place.secret_key,
        },
        client_options={
            "allow_http": place.endpoint.startswith("http://"),
            "connect_timeout": _CONNECT,
            "timeout": _REQUEST,
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": _NO_RETRY_AFTER},
    )


@contextmanager
def _storage() -> Iterator[None]:
    """Failures of the storage in words of the house. What `obstore` says holds addresses: only its first line is kept,
    without the answer of the server."""
    try:
        yield
    except FileNotFoundError as error:
        raise StorageFailed("the storage of parts does not know this place") from error
    except (BaseError, OSError, ValueError) as error:
        text = str(error)
        failed = StorageFull if any(sign in text for sign in _FULL) else StorageFailed
        raise failed(f"the storage of parts failed: {type(error).__name__}") from error

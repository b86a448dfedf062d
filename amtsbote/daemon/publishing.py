"""What the routing API publishes beside its answers: signatures of routes, made once per table version and kept in the
store, and the tables themselves as one signed file."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from io import BytesIO

from amtsbote.api.persistence import Store, Transaction
from amtsbote.daemon.snapshot import Present, PublishedRoutes
from amtsbote.jose.jws import compact
from amtsbote.model.ids import KeyId
from routing.snapshots import Head, write
from transport.fitconnect.server.publishing import SignedTables


class RouteSignatures:
    """`SignatureShelf` of the FIT-Connect server."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, version: int, subject: str) -> str | None:
        return await self._store.read(lambda tx: tx.routing.signature(version, subject))

    async def keep(self, version: int, subject: str, jws: str) -> str:
        """The signature that was kept first."""

        def unit(tx: Transaction) -> str:
            tx.routing.keep_signature(version, subject, jws)
            return tx.routing.signature(version, subject) or jws

        return await self._store.write(unit)


class PublishedTables:
    """The version in force as a signed file: made when it is first asked for, and kept, compressed, as long as it is in
    force and the key signs."""

    def __init__(
        self,
        store: Store,
        present: Present,
        sign: Callable[[KeyId, bytes], Awaitable[bytes]],
        clock: Callable[[], datetime],
        issuer: str,
    ) -> None:
        self._store = store
        self._present = present
        self._sign = sign
        self._clock = clock
        self._issuer = issuer
        self._kept: tuple[tuple[int, KeyId], SignedTables] | None = None
        self._making = asyncio.Lock()

    async def __call__(self) -> SignedTables | None:
        """None before there are any tables."""
        routes = PublishedRoutes(self._present.snapshot)
        wanted = routes.version, routes.signing_key
        if not routes.version:
            return None
        async with self._making:
            if self._kept is None or self._kept[0] != wanted:
                self._kept = wanted, await self._made(*wanted)
            return self._kept[1]

    async def _made(self, version: int, key: KeyId) -> SignedTables:
        document, about = await self._store.read(lambda tx: (tx.routing.document(version), tx.routing.about(version)))

        def head() -> Head:
            return Head.of(
                document.tables,
                issuer=self._issuer,
                version=version,
                effective=about.effective,
                created=self._clock(),
            )

        made = await asyncio.to_thread(head)
        data = made.to_sign(key)
        signature = compact(data, await self._sign(key, data))
        tables = sorted(document.tables.items())

        return SignedTables(
            version, made.digest, await asyncio.to_thread(_compressed, write(made.members(), signature, tables))
        )


def _compressed(pieces: Iterator[bytes]) -> bytes:
    made = BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=6, mtime=0) as packing:
        for piece in pieces:
            packing.write(piece)
    return made.getvalue()


async def nothing_published() -> SignedTables | None:
    """Where the operator has not said that everybody may have the tables."""
    return None

"""Signatures of published routes: made once per table version, kept in the store."""

from amtsbote.api.persistence import Store, Transaction


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

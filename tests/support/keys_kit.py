"""Commands about keys, asked of an office whose certification authority is at hand."""

from collections.abc import Callable
from typing import Any

import pytest
from chains_for_tests import Wish, as_pem, issue
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from declaration_kit import DIRECT, DeclaringOffice, trusted_root

from amtsbote.admin.refusals import CommandRefused
from amtsbote.jose.jwk import thumbprint
from amtsbote.model.directory import Destination, KeyEntry, KeyPurpose
from amtsbote.model.ids import DestinationId, KeyId

NEW_PLACE = "99999999-0000-4000-8000-000000000009"
"""A destination nobody has declared yet."""
_USES = {"encryption": frozenset({"key_encipherment"}), "signature": frozenset({"digital_signature"})}
_ACTIONS = {"key.created", "key.imported", "key.certified", "key.rotated", "key.retired"}


class Keys:
    def __init__(self, declaring: DeclaringOffice, rsa_key: Callable[[str], RSAPrivateKey]) -> None:
        self.declaring = declaring
        self.rsa_key = rsa_key

    async def __call__(self, command: str, **arguments: Any) -> dict[str, Any]:
        return await self.declaring.run(f"keys.{command}", arguments)

    async def refused(self, command: str, **arguments: Any) -> CommandRefused:
        """The refusal, after which everything is as it was."""
        before = await self.declaring.directory(), len(await self.declaring.audit())
        with pytest.raises(CommandRefused) as caught:
            await self(command, **arguments)
        assert (await self.declaring.directory(), len(await self.declaring.audit())) == before
        return caught.value

    def chain(self, name: str, purpose: str = "encryption", **changes: Any) -> str:
        wish = Wish(name, self.rsa_key(name), _USES[purpose]).but(**changes)
        return as_pem(issue([wish, trusted_root(self.rsa_key)])).decode()

    def private(self, name: str) -> str:
        return self.rsa_key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def kid(self, name: str) -> KeyId:
        return thumbprint(self.rsa_key(name).public_key())

    async def imported(
        self, name: str = "second", purpose: str = "encryption", place: str = DIRECT, **more: str
    ) -> KeyId:
        files = {"chain": self.chain(name, purpose), "private": self.private(name)}
        return KeyId((await self("import", destination=place, purpose=purpose, **files, **more))["key"]["kid"])

    async def rotated(self, name: str = "second", purpose: str = "encryption") -> KeyId:
        """Import a key and rotate to it; returns the former."""
        kid = await self.imported(name, purpose)
        return KeyId((await self("rotate", destination=DIRECT, to=kid))["former"])

    async def entry(self, kid: str) -> KeyEntry:
        return (await self.declaring.directory()).keys[KeyId(kid)]

    async def place(self, place: str = DIRECT) -> Destination:
        return (await self.declaring.directory()).destinations[DestinationId(place)]

    async def state(self, kid: str) -> str:
        return str((await self("show", kid=kid))["key"]["state"])

    async def service_key(self) -> KeyEntry:
        """A key of the service itself, as `init` makes them."""
        public = Ed25519PrivateKey.generate().public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        entry = KeyEntry(thumbprint(public), KeyPurpose.ACCESS_TOKEN, "", None, der, (), b"sealed")
        await self.declaring.office.store.write(lambda tx: tx.directory.put(entry))
        return entry

    async def audited(self) -> list[tuple[str, str, str]]:
        """What these commands left in the audit, newest first: who, what, of which."""
        rows = await self.declaring.audit()
        return [(row.actor, row.action, row.subject) for row in rows if row.action in _ACTIONS]

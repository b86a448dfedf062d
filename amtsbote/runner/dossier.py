"""What the first open and the addressing learnt, kept sealed so that retries and copies repeat neither."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from amtsbote.keys.vault import Vault
from amtsbote.model.content import Attachment, SchemaRef, SignatureResult
from amtsbote.model.ids import AuthorityId, MessageId, PartId, TargetId
from amtsbote.pipeline import Addressed


@dataclass(frozen=True, slots=True)
class Dossier:
    schema: SchemaRef
    data_size: int
    data_sha512: str
    attachments: tuple[Attachment, ...]
    signature: SignatureResult
    marked: bool
    metadata_version: str
    fully_validated: bool
    package: str
    region: str
    authority: AuthorityId
    further: dict[TargetId, AuthorityId]
    """Targets that get it for another authority than the competent one."""
    sender_reference: str | None
    content_keys: dict[PartId, str]
    """Content encryption keys, hex."""

    @classmethod
    def of(cls, addressed: Addressed) -> "Dossier":
        content = addressed.content
        return cls(
            schema=content.schema,
            data_size=len(content.data),
            data_sha512=content.data_sha512,
            attachments=content.attachments,
            signature=content.signature,
            marked=addressed.marked,
            metadata_version=content.metadata_version,
            fully_validated=content.fully_validated,
            package=addressed.inspection.package,
            region=addressed.region,
            authority=addressed.authority.id,
            further={
                one.target: one.authority.id for one in addressed.consignees if one.authority != addressed.authority
            },
            sender_reference=content.sender_reference,
            content_keys={part: key.hex() for part, key in content.content_keys.items()},
        )


_ADAPTER: Final = TypeAdapter(Dossier)


def close_dossier(dossier: Dossier, message: MessageId, vault: Vault) -> bytes:
    return vault.wrap(_ADAPTER.dump_json(dossier), dossier_context(message))


def open_dossier(sealed: bytes, message: MessageId, vault: Vault) -> Dossier:
    """Raises `Damaged`."""
    return _ADAPTER.validate_json(vault.unwrap(sealed, dossier_context(message)))


def dossier_context(message: MessageId) -> str:
    """What binds a dossier to its message."""
    return f"dossier:{message}"

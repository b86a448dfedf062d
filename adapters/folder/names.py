"""Names in the target folder. All are generated: nothing a sender wrote becomes a name (architecture 5.11)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from amtsbote.model.content import Attachment, SchemaRef

WORKSHOP: Final = ".amtsbote"
INTENTS: Final = "intents"
MANIFEST: Final = "manifest.json"
MARKER: Final = "fertig"
STATUS: Final = "antwort.json"
OWN_REPLY_FILES: Final = frozenset({STATUS, MARKER})
"""What lies in the folder of a reply besides its documents."""
DONE: Final = "erledigt"
FAILED: Final = "fehler"
RECEIPTS: Final = "quittungen"

DATA_EXTENSIONS: Final[Mapping[str, str]] = {
    "application/json": ".json",
    "application/xml": ".xml",
    "text/xml": ".xml",
}

ATTACHMENT_EXTENSIONS: Final[Mapping[str, str]] = {
    "application/gml+xml": ".gml",
    "application/json": ".json",
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/vnd.dxf": ".dxf",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "text/csv": ".csv",
    "text/plain": ".txt",
    "text/xml": ".xml",
}
"""Types without active content that a clerk's computer opens by its extension. Everything else becomes `.bin`."""

_TYPES: Final[Mapping[str, str]] = {extension: kind for kind, extension in ATTACHMENT_EXTENSIONS.items()} | {
    ".jpeg": "image/jpeg",
    ".tiff": "image/tiff",
    ".xml": "application/xml",
}

_DELIVERY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", re.ASCII)
_FOLDER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}", re.ASCII)
_DRAFT: Final = re.compile(r"tmp-(?P<delivery>[A-Za-z0-9][A-Za-z0-9-]{0,63})-\d{1,20}(?:\.\d+)?(?:\.intent)?", re.ASCII)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9]", re.ASCII)


def is_delivery_name(delivery: str) -> bool:
    """Delivery ids are UUIDs of ours; this only keeps a mistake elsewhere from becoming a path."""
    return _DELIVERY.fullmatch(delivery) is not None


def is_folder_name(folder: str) -> bool:
    return _FOLDER.fullmatch(folder) is not None


def delivery_of(draft: str) -> str | None:
    """Which delivery a name in the workshop was written for; None when it is no draft."""
    match = _DRAFT.fullmatch(draft)
    return match["delivery"] if match else None


def draft_stem(delivery: str, token: int) -> str:
    return f"tmp-{delivery}-{token}"


def folder_name(submitted_at: datetime, service: str, delivery: str) -> str:
    """`20260801T101500Z_99093003001002_<delivery>`: sorts by arrival, unique by delivery."""
    moment = submitted_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{moment}_{_UNSAFE.sub('', service)[:32]}_{delivery}"


def data_name(schema: SchemaRef) -> str:
    return f"daten{_data_extension(schema)}"


def original_name(schema: SchemaRef) -> str:
    return f"original{_data_extension(schema)}"


def _data_extension(schema: SchemaRef) -> str:
    return DATA_EXTENSIONS.get(_essence(schema.mime_type), ".xml")


def attachment_name(number: int, attachment: Attachment) -> str:
    """`anlage-01.pdf`; numbers count from 1 in the order of the metadata."""
    return f"anlage-{number:02d}{ATTACHMENT_EXTENSIONS.get(_essence(attachment.mime_type), '.bin')}"


def type_of_file(name: str) -> str:
    """The media type a document most likely has, by its extension."""
    return _TYPES.get(f".{name.rpartition('.')[2].lower()}", "application/octet-stream")


def _essence(mime_type: str) -> str:
    """Type and subtype without parameters, RFC 9110, 8.3.1."""
    return mime_type.partition(";")[0].strip().lower()

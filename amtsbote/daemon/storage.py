"""What an installation keeps its rows and large parts in, as its settings say."""

from datetime import UTC, datetime
from pathlib import Path

from amtsbote.api.bodies import Bodies
from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.api.persistence import Database
from amtsbote.daemon.settings import BUCKET, S3, Settings
from amtsbote.errors import Misconfigured
from amtsbote.store.bodies import BodyFiles
from amtsbote.store.sqlite import SqliteStore
from amtsbote.store.uploads import Bucket


def open_database(
    settings: Settings, *, around: Around = unobserved, readers: int = 4, migrating: bool = True
) -> Database:
    """Open the database of an installation: PostgreSQL where the settings name one, else SQLite in the folder.

    Each commit passes through `around("commit", …)`. `migrating` makes the schema when it is missing and brings it up
    to date; without it a schema that is not up to date is refused, for whoever only looks. Raises `StoreRefused` (a
    `Misconfigured`).
    """
    address = settings.storage.database_address()
    if address is None:
        return SqliteStore.open(settings.storage.folder, around=around, readers=readers, migrating=migrating)
    try:
        from amtsbote.store.postgresql import PostgresStore  # noqa: PLC0415  (its driver is an extra)
    except ImportError:
        raise Misconfigured(
            "storage.database names PostgreSQL, but its driver is not installed: install amtsbote[postgres]",
            "storage.database nennt PostgreSQL, aber der Treiber fehlt: bitte amtsbote[postgres] installieren",
        ) from None
    return PostgresStore.open(address, around=around, readers=readers, migrating=migrating)


def open_parts(settings: Settings, disk: Disk) -> Bodies:
    """Open the place where large sealed parts lie. Raises `Misconfigured` when it cannot be used."""
    parts = settings.storage.parts
    if parts is None:
        return BodyFiles(settings.storage.folder / "parts", disk)
    place = bucket_of(settings)
    if place is None:
        return _shared_folder(Path(parts), disk)
    try:
        from amtsbote.store.objects import ObjectBodies  # noqa: PLC0415  (its client is an extra)
    except ImportError:
        raise Misconfigured(
            "storage.parts names S3-compatible storage, but its client is not installed: install amtsbote[s3]",
            "storage.parts nennt S3-kompatiblen Speicher, aber dessen Client fehlt: bitte amtsbote[s3] installieren",
        ) from None
    return ObjectBodies(place, lambda: datetime.now(UTC))


def bucket_of(settings: Settings) -> Bucket | None:
    """The bucket parts lie in; None where they lie in a folder. Raises `Misconfigured`."""
    named = BUCKET.fullmatch(settings.storage.parts or "")
    return None if named is None else _place(settings.s3, named[1], named[2] or "")


def _shared_folder(folder: Path, disk: Disk) -> Bodies:
    """A folder that is not mounted now would be an empty one, and all parts would seem lost: somebody made its inner
    folder once, by hand."""
    if not (folder / "incoming").is_dir():
        raise Misconfigured(
            f"storage.parts: {folder} is no folder of parts, or it is not mounted; to begin with it, make the folder"
            f" {folder}/incoming once, as the user of the service",
            f"storage.parts: {folder} ist kein Ordner für Teile oder nicht eingehängt; um ihn in Betrieb zu nehmen,"
            f" einmal den Ordner {folder}/incoming anlegen, als Benutzer des Dienstes",
        )
    return BodyFiles(folder, disk, aside=folder / "damaged")


def _place(s3: S3, bucket: str, prefix: str) -> Bucket:
    secret = s3.secret()
    if s3.endpoint is None or s3.access_key is None or not secret:
        raise Misconfigured(
            "storage.parts names S3-compatible storage: s3.endpoint, s3.access_key and s3.secret_key (or"
            " s3.secret_key_file) are needed",
            "storage.parts nennt S3-kompatiblen Speicher: s3.endpoint, s3.access_key und s3.secret_key (oder"
            " s3.secret_key_file) fehlen",
        )
    if s3.endpoint.startswith("http://") and not s3.allow_http:
        raise Misconfigured(
            f"s3.endpoint: {s3.endpoint} is without TLS; use https, or set s3.allow_http where the network is trusted",
            f"s3.endpoint: {s3.endpoint} ist ohne TLS; https verwenden oder s3.allow_http setzen, wo das Netz"
            " vertrauenswürdig ist",
        )
    return Bucket(s3.endpoint, bucket, prefix, s3.region, s3.access_key, secret)

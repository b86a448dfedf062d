"""The routing tables for other nodes: sign those in force, and take over what another node has signed."""

import asyncio
import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Self

from amtsbote.admin.asking import Answer, Arguments, Command, read_arguments
from amtsbote.admin.drafts import Wish, base_of, instead_of, measures_of, proposed
from amtsbote.admin.office import Office
from amtsbote.admin.people import EDITOR
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.releasing import Standing, standing_on
from amtsbote.admin.routes import document_of
from amtsbote.admin.weighing import demand_sound
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.daemon.settings import Mirror
from amtsbote.errors import StaleState
from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import PublicKey, keys_of_set
from amtsbote.jose.jws import compact
from amtsbote.keys.keystore import KeyStore
from amtsbote.model.directory import Directory, KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.strictjson import NotStrictJson, read_object
from amtsbote.model.versions import Mirrored, RoutingVersion
from routing.snapshots import Head, SnapshotRefused, digest_of, read

KEYS_LIMIT: Final = 1024 * 1024


class _Signed(Arguments):
    content: str
    """The file, in base64."""
    keys: dict[str, Any] | None = None
    """The JWK set whose keys are believed; None where the installation names it."""
    older: bool = False
    """Also a version older than the one taken over last."""
    replace: bool = False
    """Also over versions that were made here."""


async def _export(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """The signed head of the version in force; its tables are asked for one by one."""
    read_arguments(Arguments, arguments)
    document = await document_of(office)
    about, directory = await office.store.read(lambda tx: (tx.routing.about(document.version), tx.directory.load()))
    head = Head.of(
        document.tables,
        issuer=office.routing_issuer,
        version=document.version,
        effective=about.effective,
        created=office.clock(),
    )
    signature = await asyncio.to_thread(_signed, office, directory, head)
    return {"members": head.members(), "signature": signature}


def _signed(office: Office, directory: Directory, head: Head) -> str:
    key = directory.service_key(KeyPurpose.ADDRESSING)
    data = head.to_sign(key)
    return compact(data, KeyStore(office.vault, [directory.keys[key]]).sign(key, data))


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """Signed by a key that is believed, and whole."""

    head: Head
    key: KeyId
    tables: Mapping[str, bytes]

    @property
    def origin(self) -> Mirrored:
        return Mirrored(self.head.issuer, self.head.version, self.head.digest)

    @property
    def reason(self) -> str:
        return f"{self.head.issuer} {self.head.version}"

    def told(self) -> Answer:
        head = self.head
        return {"issuer": head.issuer, "version": head.version, "kid": self.key, "sha256": head.digest}


@dataclass(frozen=True, slots=True)
class _Present:
    """What is here before a snapshot is taken over."""

    day: date
    """The first one it is to be in force on."""
    directory: Directory
    standing: Standing
    tip: RoutingVersion | None
    last: RoutingVersion | None
    """Taken over from the same issuer."""

    @classmethod
    def of(cls, tx: Transaction, issuer: str, day: date) -> Self:
        number = tx.routing.version(day)
        tip = tx.routing.about(number) if number else None
        return cls(day, tx.directory.load(), standing_on(tx, day), tip, tx.routing.mirrored(issuer))

    def local(self, issuer: str) -> list[RoutingVersion]:
        """Those in force or to come that are something else than this issuer has signed."""
        here = () if self.tip is None else ((self.tip, self.standing.tip),)
        return [version for version, document in (*here, *self.standing.later) if not _is_of(issuer, version, document)]


async def _mirror(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Take the tables of another node over: as a change set, or, where this installation mirrors that node, as a
    version at once. `state`: `proposed`, `in-force`, or `known` for what has been taken over before, and in a mirror
    is still all there is."""
    asked = await asyncio.to_thread(read_arguments, _Signed, arguments)
    snapshot = await asyncio.to_thread(_read, office.mirror, asked)
    head = snapshot.head
    if head.issuer == office.routing_issuer:
        raise SnapshotRefused("own", version=head.version)
    day = max(head.effective, german_day(office.clock()))
    present = await office.store.read(lambda tx: _Present.of(tx, head.issuer, day))
    mirrors, last = office.mirror.issuer is not None, present.last
    local = await asyncio.to_thread(present.local, head.issuer) if mirrors else []
    if last is not None and _is_known(snapshot, last, older=asked.older) and not local:
        return {**snapshot.told(), "state": "known", "draft": None, "routing": last.number}
    if not mirrors:
        return await _as_change_set(office, actor, snapshot)
    return await _as_version(office, actor, snapshot, present, local, replacing=asked.replace)


async def _as_change_set(office: Office, actor: str, snapshot: _Snapshot) -> Answer:
    today = german_day(office.clock())
    effective = snapshot.head.effective if snapshot.head.effective > today else None
    base = await base_of(office, None, effective)
    wish = Wish(instead_of(base.tables, snapshot.tables), snapshot.reason, effective, snapshot.origin)
    made = await proposed(office, actor, base, wish)
    later = await office.store.read(lambda tx: tx.routing.pending(effective or today))
    state = "in-force" if made["draft"] is None else "proposed"
    return {**snapshot.told(), **made, "state": state, "routing": made["version"], "later": _days(later)}


async def _as_version(
    office: Office, actor: str, snapshot: _Snapshot, present: _Present, local: list[RoutingVersion], *, replacing: bool
) -> Answer:
    """What the other node has signed is released. `replacing`: also over what was decided here, `local`."""
    if actor.startswith(EDITOR):
        raise CommandRefused("not-allowed", "office.not-for-editors")
    if local and not replacing:
        named = ", ".join(f"{number} ({day})" for number, day in _days(local).items())
        raise CommandRefused("local", "snapshot.local", versions=named)
    known = measures_of(office, present.directory).known
    await office.scales([snapshot.tables], demand_sound, snapshot.tables, tuple(snapshot.tables), known)
    replaced = _days(local)
    try:
        number = await office.store.write(_taken_over(snapshot, present, actor, office.clock(), replaced))
    except StaleState:
        raise CommandRefused("changed-meanwhile", "office.changed-meanwhile") from None
    await office.changed()
    return {**snapshot.told(), "state": "in-force", "draft": None, "routing": number, "replaced": replaced}


def _taken_over(
    snapshot: _Snapshot, present: _Present, actor: str, at: datetime, replaced: Mapping[str, str]
) -> Unit[int]:
    """Adds the version and its audit row. Raises `StaleState`."""
    standing = present.standing

    def unit(tx: Transaction) -> int:
        if (tx.directory.revision(), tx.routing.newest()) != (standing.revision, standing.newest):
            raise StaleState("routing")
        number = tx.routing.add(
            snapshot.tables,
            at=at,
            author=snapshot.head.issuer,
            reason=snapshot.reason,
            releaser=actor,
            effective=present.day,
            mirrored=snapshot.origin,
        )
        after = {**snapshot.told(), "effective": present.day.isoformat(), "replaced": dict(replaced)}
        tx.audit.add(AuditRow(at, actor, "routing.mirrored", str(number), {"version": standing.tip.version}, after))
        return number

    return unit


def _days(versions: Iterable[RoutingVersion]) -> dict[str, str]:
    """Number → first day."""
    return {str(version.number): version.effective.isoformat() for version in versions}


def _is_of(issuer: str, version: RoutingVersion, document: RoutingDocument) -> bool:
    origin = version.mirrored
    return origin is not None and origin.issuer == issuer and origin.digest == digest_of(document.tables)


def _is_known(snapshot: _Snapshot, last: RoutingVersion, *, older: bool) -> bool:
    """Whether it is the one taken over last. Raises `SnapshotRefused` for another one of the same number, and for one
    that is older, unless that is what is asked for."""
    version, known = snapshot.head.version, last.mirrored
    if known is None or version > known.version:
        return False
    if version == known.version:
        if known.digest != snapshot.head.digest:
            raise SnapshotRefused("other", version=version)
        return True
    if not older:
        raise SnapshotRefused("older", version=version, known=known.version)
    return False


def _read(mirror: Mirror, asked: _Signed) -> _Snapshot:
    keys = _believed(mirror, asked)
    try:
        content = base64.b64decode(asked.content, validate=True)
    except binascii.Error:
        raise SnapshotRefused("form") from None
    opened = read(BytesIO(content), keys)
    if mirror.issuer not in {None, opened.head.issuer}:
        raise SnapshotRefused("issuer", issuer=opened.head.issuer, expected=mirror.issuer)
    return _Snapshot(opened.head, opened.key, dict(opened.tables))


def _believed(mirror: Mirror, asked: _Signed) -> Mapping[KeyId, PublicKey]:
    """The keys the installation names, else those whoever asks does."""
    if mirror.keys is not None:
        if asked.keys is not None:
            raise CommandRefused("keys", "snapshot.keys-declared", path=mirror.keys)
        return believed(content_of(mirror.keys, KEYS_LIMIT), str(mirror.keys))
    if asked.keys is None:
        raise CommandRefused("keys", "snapshot.keys-needed")
    return keys_of_set(asked.keys, KeyPurpose.ADDRESSING)


def content_of(path: Path, limit: int) -> bytes:
    """At most one byte more than `limit`. Raises `CommandRefused`."""
    try:
        with path.open("rb") as opened:
            return opened.read(limit + 1)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> CommandRefused:
    return CommandRefused("not-found", "snapshot.no-file", path=path, reason=error)


def believed(content: bytes, source: str) -> Mapping[KeyId, PublicKey]:
    """The keys of a JWK set. Raises `CommandRefused` when there is none."""
    try:
        keys = keys_of_set(read_object(content, limit=KEYS_LIMIT), KeyPurpose.ADDRESSING)
    except (NotStrictJson, MalformedJose):
        keys = {}
    if not keys:
        raise CommandRefused("keys", "snapshot.keys", source=source)
    return keys


FOR_EDITORS: Final = frozenset({"routes.mirror"})

COMMANDS: Final[Mapping[str, Command]] = {"routes.export": _export, "routes.mirror": _mirror}

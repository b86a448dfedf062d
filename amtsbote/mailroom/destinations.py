"""What becomes of a destination by its subscriber's wish. Pure; `Managing` records it.

The operator's fields (tenant, holding, reach, stage, authority, subscriber, signature policy) are never touched here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import (
    DESTINATION_CLOSED,
    DESTINATION_NOT_FOUND,
    DESTINATION_NOT_READY,
    DESTINATION_RESTS,
    DESTINATION_STATUS,
    INVALID_FIELD,
    KEY_NOT_USABLE,
    KEY_RETIRED,
)
from amtsbote.keys.callbacks import changed_callback
from amtsbote.keys.vault import Vault
from amtsbote.mailroom.certifying import Trust, check_certified
from amtsbote.model.callback import Callback
from amtsbote.model.directory import (
    REST,
    STATUS_CHANGES,
    Client,
    Destination,
    Directory,
    Holding,
    KeyPurpose,
    OfferedService,
    Reach,
    Status,
    not_older,
)
from amtsbote.model.ids import DestinationId, KeyId, TenantId
from amtsbote.model.stage import Stage

_DESCRIBED: Final = ("name", "services", "contact", "reply_channels", "metadata_versions")
MANAGED: Final = (*_DESCRIBED, "callback", "status", "status_since", "encryption_key", "signing_key")
"""Fields of a destination that are its subscriber's, once its client manages destinations."""


@dataclass(frozen=True, slots=True)
class CallbackWish:
    url: str
    secret: str | None = field(repr=False)
    """None: the one it has."""


KEY_FIELDS: Final[Mapping[KeyPurpose, str]] = {
    KeyPurpose.ENCRYPTION: "encryptionKid",
    KeyPurpose.SIGNATURE: "signatureKid",
}
"""What names the current keys on the wire, in the order of `Destination.key_pair`."""
NO_CALLBACK: Final = CallbackWish("", None)
"""The destination shall have none."""


@dataclass(frozen=True, slots=True)
class DestinationWish:
    """What a subscriber says of a destination. None: nothing, and it stays as it is."""

    name: str | None = None
    services: tuple[OfferedService, ...] | None = None
    contact: Mapping[str, str] | None = None
    reply_channels: Mapping[str, Mapping[str, bool | tuple[str, ...]]] | None = None
    metadata_versions: tuple[str, ...] | None = None
    callback: CallbackWish | None = None
    status: Status | None = None
    encryption_key: KeyId | None = None
    signing_key: KeyId | None = None


@dataclass(frozen=True, slots=True)
class Judging:
    """What a wish is judged by."""

    directory: Directory
    vault: Vault
    trust: Trust


def present_destination(directory: Directory, name: DestinationId, now: datetime) -> Destination:
    """Raises `RequestRefused` where there is none, or none any more."""
    found = directory.destinations.get(name)
    if found is None or found.gone(now):
        raise RequestRefused(DESTINATION_NOT_FOUND(id=name))
    return found


def own_destination(client: Client, directory: Directory, name: DestinationId, now: datetime) -> Destination:
    """Raises `RequestRefused`, for a foreign one as for one that does not exist."""
    found = present_destination(directory, name, now)
    if found.subscriber != client.id:
        raise RequestRefused(DESTINATION_NOT_FOUND(id=name))
    return found


def new_destination(client: Client, name: DestinationId, wish: DestinationWish, judging: Judging) -> Destination:
    """As its client describes it; keys come later, and the operator says which authority it is of. Clients for tests
    make test destinations."""
    bare = Destination(
        id=name,
        tenant=TenantId(client.owner),
        name="",
        holding=Holding.END_TO_END,
        reach=Reach.DIRECT,
        stage=Stage.TEST if client.test else Stage.LIVE,
        services=(),
        encryption_key=KeyId(""),
        signing_key=KeyId(""),
        subscriber=client.id,
        status=Status.CREATED,
        status_since=judging.trust.at,
    )
    return changed(bare, wish, judging)


def changed(before: Destination, wish: DestinationWish, judging: Judging) -> Destination:
    """Raises `RequestRefused`. Keys first, so that one request may give a destination its key and open it."""
    if before.status is Status.DECOMMISSIONED and wish == DestinationWish(status=before.status):
        return before
    demand_alive(before)
    _must_take_a_version(before, wish.metadata_versions)
    described = {name: value for name in _DESCRIBED if (value := getattr(wish, name)) is not None}
    after = replace(before, **described, callback=_callback(before, wish.callback, judging.vault))
    after = _with_key(after, KeyPurpose.ENCRYPTION, wish.encryption_key, judging)
    after = _with_key(after, KeyPurpose.SIGNATURE, wish.signing_key, judging)
    if wish.status is not None and wish.status is not before.status:
        after = _moved(after, wish.status, judging)
    if after.status is not Status.CREATED:
        _must_be_complete(after)
    return after


def demand_alive(destination: Destination) -> None:
    """Raises `RequestRefused` for one that is decommissioned."""
    if destination.status is Status.DECOMMISSIONED:
        raise RequestRefused(DESTINATION_CLOSED(id=destination.id))


def closed(before: Destination, judging: Judging) -> Destination:
    """What a destination becomes that nobody needs any more. Raises `RequestRefused`."""
    return changed(before, DestinationWish(status=Status.DECOMMISSIONED), judging)


def taken(destination: Destination, kid: KeyId, purpose: KeyPurpose) -> Destination:
    """With this key as its current one."""
    if purpose is KeyPurpose.ENCRYPTION:
        return replace(destination, encryption_key=kid)
    return replace(destination, signing_key=kid)


def _must_take_a_version(before: Destination, versions: tuple[str, ...] | None) -> None:
    if versions is not None and not not_older(versions, before.oldest_metadata_version):
        raise RequestRefused(INVALID_FIELD(field="metadataVersions", reason="too_old"))


def _callback(before: Destination, wish: CallbackWish | None, vault: Vault) -> Callback | None:
    if wish is None:
        return before.callback
    if wish is NO_CALLBACK:
        return None
    callback = changed_callback(vault, before.callback, wish.url, wish.secret, before.id)
    if callback is None:
        raise RequestRefused(INVALID_FIELD(field="callback.secret", reason="missing"))
    return callback


def _with_key(before: Destination, purpose: KeyPurpose, kid: KeyId | None, judging: Judging) -> Destination:
    if kid is None or kid in before.key_pair:
        return before
    key = judging.directory.keys.get(kid)
    if key is None or key.owner != before.id or key.purpose is not purpose:
        raise RequestRefused(KEY_NOT_USABLE(field=KEY_FIELDS[purpose], id=before.id, kid=kid[:64]))
    if key.retired_at is not None:
        raise RequestRefused(KEY_RETIRED(kid=kid))
    check_certified(key, judging.trust)
    return taken(before, kid, purpose)


def _moved(before: Destination, to: Status, judging: Judging) -> Destination:
    now = judging.trust.at
    if to not in STATUS_CHANGES[before.status]:
        allowed = ", ".join(sorted(STATUS_CHANGES[before.status]))
        raise RequestRefused(DESTINATION_STATUS(id=before.id, status=before.status, wanted=to, allowed=allowed))
    if to is Status.DECOMMISSIONED:
        _must_have_rested(before, now)
    return replace(before, status=to, status_since=now)


def _must_have_rested(destination: Destination, now: datetime) -> None:
    if destination.status_since is not None and now < destination.status_since + REST:
        first = (destination.status_since + REST).isoformat(timespec="minutes")
        raise RequestRefused(DESTINATION_RESTS(id=destination.id, days=REST.days, from_day=first))


def _must_be_complete(destination: Destination) -> None:
    wanted: dict[str, Any] = {
        "services": destination.services,
        **dict(zip(KEY_FIELDS.values(), destination.key_pair, strict=True)),
    }
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise RequestRefused(DESTINATION_NOT_READY(id=destination.id, missing=", ".join(missing)))

"""How values stand in columns: times as microseconds since 1970 in UTC, small structures as JSON."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from amtsbote.model.stage import Stage
from amtsbote.model.versions import Mirrored

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def moment(time: datetime) -> int:
    """Raises `TypeError` for a time without a zone."""
    return (time - _EPOCH) // _MICROSECOND


def time(moment: int) -> datetime:
    return _EPOCH + timedelta(microseconds=moment)


def json(value: Any) -> str:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def staged(stage: Stage | None) -> int | None:
    """The value of the column `test` for a stage a message can have; None restricts nothing."""
    return None if stage is None else int(stage is Stage.TEST)


def issued_columns(mirrored: Mirrored | None) -> dict[str, str | int | None]:
    """What a version or a change set keeps of the snapshot it was taken from."""
    if mirrored is None:
        return {"issuer": None, "issued": None, "issued_digest": None}
    return {"issuer": mirrored.issuer, "issued": mirrored.version, "issued_digest": mirrored.digest}


def issued_by(issuer: str | None, issued: int, digest: str) -> Mirrored | None:
    """The other way round."""
    return None if issuer is None else Mirrored(issuer, issued, digest)


def from_json(text: str) -> Any:
    return orjson.loads(text)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a JSON column")

"""Uploads that never ended: what a killed node leaves in S3-compatible storage, invisible and paid for.

`obstore` cannot list them; these two requests of the S3 API are made here, signed with AWS Signature Version 4
(AmazonS3 API, ListMultipartUploads, AbortMultipartUpload, "Authenticating Requests: Authorization Header").
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Final
from urllib.parse import quote, urlsplit

from amtsbote.api.bodies import is_body_name
from amtsbote.errors import StorageFailed
from amtsbote.net.client import Answer, HttpClient, Method, Timeouts
from amtsbote.net.failures import AnswerTooLong, Unreachable

_TIMEOUTS: Final = Timeouts(connect=3, read=10, write=10, whole=15)
_NOTHING: Final = hashlib.sha256(b"").hexdigest()
_OK: Final = 200
_GONE: Final = frozenset({204, 404})
_PAGES: Final = 100
"""Of a thousand uploads each; a bucket with more is not finished in one sweep."""


_UPLOAD: Final = re.compile(r"<Upload>(.*?)</Upload>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where bodies lie and as whom they are asked for."""

    endpoint: str
    """`https://host` or `http://host:port`; the bucket is the first segment of every path."""
    name: str
    prefix: str
    """Keys begin with it and a slash; empty for none."""
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    def key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name


class UnfinishedUploads:
    def __init__(self, place: Bucket, clock: Callable[[], datetime]) -> None:
        self._place = place
        self._clock = clock
        self._base = f"{place.endpoint.rstrip('/')}/{quote(place.name)}"

    def begun(self) -> Mapping[str, datetime]:
        """Mark of every unfinished upload of a body → when it began. Blocks. Raises `StorageFailed`."""
        return asyncio.run(self._listed())

    def abort(self, marks: Iterable[str]) -> None:
        """Blocks. Raises `StorageFailed`."""
        asyncio.run(self._aborted(tuple(marks)))

    async def _listed(self) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        query = {"uploads": "", "prefix": self._place.key("")}
        async with HttpClient(timeouts=_TIMEOUTS) as http:
            for _ in range(_PAGES):
                answer = await self._asked(http, "GET", "", query)
                if answer.status != _OK:
                    raise StorageFailed(f"the storage does not list its uploads: status {answer.status}")
                page = answer.body.decode("utf-8", "replace")
                found.update(self._marks(page))
                if _text(page, "IsTruncated") != "true":
                    break
                query |= {
                    "key-marker": _text(page, "NextKeyMarker"),
                    "upload-id-marker": _text(page, "NextUploadIdMarker"),
                }
        return found

    def _marks(self, page: str) -> Iterable[tuple[str, datetime]]:
        for upload in _UPLOAD.findall(page):
            identifier, name = _text(upload, "UploadId"), _text(upload, "Key").removeprefix(self._place.key(""))
            if identifier and is_body_name(name):
                yield f"{name} {identifier}", _moment(_text(upload, "Initiated"))

    async def _aborted(self, marks: tuple[str, ...]) -> None:
        async with HttpClient(timeouts=_TIMEOUTS) as http:
            for mark in marks:
                name, _, identifier = mark.partition(" ")
                answer = await self._asked(http, "DELETE", f"/{self._place.key(name)}", {"uploadId": identifier})
                if answer.status not in _GONE:
                    raise StorageFailed(f"the storage does not abort an upload: status {answer.status}")

    async def _asked(self, http: HttpClient, method: Method, path: str, query: Mapping[str, str]) -> Answer:
        url = f"{self._base}{quote(path)}?{_canonical(query)}"
        try:
            return await http.request(method, url, headers=signed(self._place, method, url, self._clock()))
        except (Unreachable, AnswerTooLong) as error:
            raise StorageFailed("the storage of parts does not answer") from error


def signed(place: Bucket, method: str, url: str, now: datetime) -> dict[str, str]:
    """Headers that sign a request without a body. The query of `url` must be canonical: sorted, percent-encoded."""
    parts, at = urlsplit(url), now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": parts.netloc, "x-amz-content-sha256": _NOTHING, "x-amz-date": at}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"{method}\n{parts.path}\n{parts.query}\n{lines}\n{names}\n{_NOTHING}"
    scope = f"{at[:8]}/{place.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{place.secret_key}".encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{place.access_key}/{scope}"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": authorization}


def _canonical(query: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))


def _text(xml: str, name: str) -> str:
    """Of the first element of this name, empty without one: the answer is flat and has no attributes."""
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    return unescape(found[1]) if found else ""


def _moment(text: str) -> datetime:
    """Raises `StorageFailed`: what has no age cannot be judged."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise StorageFailed("the storage answered with something that is no moment") from None

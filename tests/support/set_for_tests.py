"""Security Event Tokens as the subscriber of the end-to-end destination signs them, and the reading of a case's log."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from application_kit import sign
from front_for_tests import Asked
from house_for_tests import SEALED

from amtsbote.jose import base64url

EVENTS = "https://schema.fitko.de/fit-connect/events/"
SCHEMA = "https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json"


def set_of(asked: Asked, case: str, sub: str, event: str, tags: Mapping[str, Any] | None, **body: Any) -> str:
    """`body`: members of the event besides `tags`."""
    claims = {
        "$schema": SCHEMA,
        "jti": str(uuid4()),
        "iss": SEALED,
        "iat": int(asked.house.clock().timestamp()),
        "sub": sub,
        "txn": f"case:{case}",
        "events": {f"{EVENTS}{event}": body if tags is None else body | {"authenticationTags": tags}},
    }
    key = asked.house.keys.signing_jwk("leipzig-signing")
    return sign(json.dumps(claims).encode(), {"typ": "secevent+jwt", "alg": "PS512", "kid": key.thumbprint()}, key)


async def events_of(asked: Asked, case: str) -> list[dict[str, Any]]:
    """The claims of the whole log, oldest first."""
    answer = await asked.get(f"/submission-api/v2/cases/{case}/events")
    return [json.loads(base64url.decode(token.split(".")[1])) for token in answer.json()["eventLog"]]


def set_names(token: str) -> tuple[str, str]:
    """The message an event is about, and what happened to it: `accept`."""
    claims = json.loads(base64url.decode(token.split(".")[1]))
    [uri] = claims["events"]
    return claims["sub"].partition(":")[2], uri.removeprefix(EVENTS).partition("-")[0]


async def event_names(asked: Asked, case: str) -> list[str]:
    events = [next(iter(event["events"])) for event in await events_of(asked, case)]
    return [uri.removeprefix(EVENTS) for uri in events]

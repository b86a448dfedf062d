"""Replies over HTTP, as either side of a case sends them."""

from typing import Any

import jwcrypto.jwk
from application_kit import Application, Enclosure, Sealed, seal
from front_for_tests import JOSE, Asked
from house_for_tests import SEALED, SUBSCRIBER

from amtsbote.model.ids import ClientId


def packed(asked: Asked, key: str = "chemnitz-encryption", *enclosures: Enclosure) -> Sealed:
    """Parts for a reply, encrypted to the key that the portal gave (or that of the destination)."""
    jwk: jwcrypto.jwk.JWK = asked.house.keys.jwk(key)
    return seal(Application(SEALED, enclosures=enclosures), jwk, None)


async def replied(
    asked: Asked, case: str, ready: Sealed, client: ClientId = SUBSCRIBER, version: str = "v2", **more: Any
) -> dict[str, str]:
    """Announce, attach, submit; the view of the reply."""
    api = f"/submission-api/{version}/replies"
    body = {"caseId": case, "announcedAttachments": list(ready.attachments), **more}
    created = await asked.send("POST", api, client, json=body)
    assert created.status_code == 201, created.text
    view: dict[str, str] = created.json()
    for name, token in ready.attachments.items():
        path = f"{api}/{view['replyId']}/attachments/{name}"
        attached = await asked.send("PUT", path, client, type=JOSE, content=token)
        assert (attached.status_code, attached.content) == (204, b"")
    final = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
    submitted = await asked.send("PUT", f"{api}/{view['replyId']}", client, json=final)
    assert (submitted.status_code, submitted.json()) == (200, view)
    return view

"""Destinations that a subscriber sets up over the Destination API: who may, what is described, certified keys."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from application_kit import SCHEMA, TREE_FELLING
from broker_kit import RunningBroker
from chains_for_tests import Wish, issue, issuer
from cryptography.hazmat.primitives.serialization import Encoding
from portal_kit import LEIKA, Subscriber, waited_for

MANAGER = """
[[tenants]]
id = "dresden"
name = "Stadt Dresden"
land = "14"
[[tenants.clients]]
id = "dresden-software"
manages = true
"""
REGION = "146120000000"
DESCRIBED: dict[str, Any] = {
    "name": "Amt für Stadtgrün",
    "publicServices": [
        {
            "identifier": LEIKA + TREE_FELLING,
            "name": "Baumfällgenehmigung",
            "submissionSchemas": [
                {"schemaUri": SCHEMA, "mimeType": "application/xml"},
                {"schemaUri": SCHEMA, "mimeType": "application/json"},
            ],
            "regions": [f"DE{REGION}"],
        }
    ],
}


def jwk(broker: RunningBroker, name: str, alg: str = "RSA-OAEP-256") -> dict[str, Any]:
    """A key certified by the test CA, as FIT-Connect wants it."""
    now = datetime.now(UTC).replace(microsecond=0)
    use, operation = ("key_encipherment", "wrapKey") if alg == "RSA-OAEP-256" else ("digital_signature", "verify")
    key = broker.keys.private(name)
    wish = Wish(name, key, frozenset({use}), start=now - timedelta(days=1), end=now + timedelta(days=9))
    leaf = issue([wish, issuer("Test-Wurzel", broker.keys.private("root"))])[0]
    public = broker.keys.jwk(name)
    x5c = [b64encode(der).decode() for der in (leaf, broker.keys.root.public_bytes(Encoding.DER))]
    members = public.export_public(as_dict=True)
    return {**members, "kid": public.thumbprint(), "alg": alg, "key_ops": [operation], "x5c": x5c}


def furnished(broker: RunningBroker, manager: Subscriber, named: str) -> str:
    """A destination with the keys `<named>-encryption` and `<named>-signing`, not open yet. Keys are given once."""
    place = str(managed(manager, "POST", "", json=DESCRIBED)["destinationId"])
    for use, alg in (("encryption", "RSA-OAEP-256"), ("signing", "PS512")):
        managed(manager, "POST", f"/{place}/keys", json=jwk(broker, f"{named}-{use}", alg))
    seen_everywhere(manager, place)
    return place


def opened(broker: RunningBroker, manager: Subscriber, named: str) -> str:
    """The same that takes submissions."""
    place = furnished(broker, manager, named)
    assert managed(manager, "PATCH", f"/{place}", json={"status": "active"})["status"] == "active"
    return place


def seen_everywhere(manager: Subscriber, place: str) -> None:
    """Waits until what was changed holds wherever requests go: other nodes know it a moment later."""
    waited_for(
        lambda: _asked(manager, "GET", f"/{place}").text == _asked(manager, "GET", f"/{place}").text or None, place
    )


def managed(manager: Subscriber, method: str, path: str, **options: Any) -> dict[str, Any]:
    answer = _asked(manager, method, path, **options)
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body


def _asked(manager: Subscriber, method: str, path: str, **options: Any) -> httpx.Response:
    address = f"{manager.base}/destination-api/v2/destinations{path}"
    return manager.http.request(method, address, headers={"Authorization": f"Bearer {manager.token()}"}, **options)

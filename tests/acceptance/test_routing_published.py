"""What strangers ask of the routing API while the tables are exchanged: every answer is of one version."""

import json
import threading
from collections import Counter
from typing import Any

import httpx
from acceptance_words import NewBroker
from application_kit import TREE_FELLING
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, SAXONY
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws
from openapi_oracle import judging
from patience import PATIENCE
from portal_kit import waited_for

ARS = "145110000000"
PLACES = [f"1452251029{number:02}" for number in range(10)]
"""Municipalities that are all renamed at once."""


def apply(broker: RunningBroker, word: str, authority: str) -> None:
    """Another name for all places, and another authority for Chemnitz."""
    folder = broker.installation.folder
    for name, keys, rows in (
        ("gebiete", PLACES, [f"{ars};;{word} {ars};;" for ars in PLACES]),
        ("zustaendigkeiten", [ARS], [f"gba;{ARS};{authority};;"]),
    ):
        file = folder / f"{name}.csv"
        header, *kept = file.read_text("utf-8").splitlines()
        kept = [row for row in kept if not any(key in row for key in keys)]
        more = ";" * (header.count(";") - rows[0].count(";"))
        file.write_text("\n".join([header, *kept, *(row + more for row in rows), ""]), "utf-8")
    broker.installation.apply('[routes]\ngebiete = "gebiete.csv"\nzustaendigkeiten = "zustaendigkeiten.csv"\n')


def test_no_answer_is_of_two_versions_and_every_signature_is_right(new_broker: NewBroker) -> None:
    broker = new_broker(started=False, PUBLIC__ROUTING_SNAPSHOT="true")
    apply(broker, "Alpha", "saxony-gba")
    broker.start()
    areas: Counter[tuple[str, ...]] = Counter()
    routes: Counter[tuple[str, str]] = Counter()
    signatures: set[str] = set()
    over = threading.Event()

    def ask() -> None:
        with judging(base_url=f"{broker.base}/routing-api/v2") as http:
            while not over.is_set():
                found = http.get("/areas", params={"areaSearchexpression": "*a 1452251029*"}).json()["areas"]
                areas[tuple(area["name"].split()[0] for area in found)] += 1
                [route] = http.get("/routes", params={"leikaKey": TREE_FELLING, "ars": ARS}).json()["routes"]
                routes[route["destinationId"], route["destinationName"]] += 1
                signatures.add(route["destinationSignature"])

    alpha, beta = ((name,) * len(PLACES) for name in ("Alpha", "Beta"))
    saxony, chemnitz = (SAXONY, "Landesamt"), (CHEMNITZ, "Grünflächenamt Chemnitz")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        waited_for(lambda: (alpha in areas and saxony in routes) or None, "answers of the first version")
        apply(broker, "Beta", "chemnitz-gba")
        waited_for(lambda: (beta in areas and chemnitz in routes) or None, "answers of the second version")
        apply(broker, "Alpha", "saxony-gba")
    finally:
        over.set()
        asking.join()

    assert set(areas) == {alpha, beta}
    assert set(routes) == {saxony, chemnitz}
    assert len(signatures) >= 2
    jwks = f"{broker.base}/routing-api/.well-known/jwks.json"
    keys = httpx.get(jwks, trust_env=False, timeout=PATIENCE).json()["keys"]
    assert {claims(signature, keys)["iss"] for signature in signatures} == {f"{broker.base}/routing-api"}
    file = broker.installation.folder / "snapshot.json"
    file.write_bytes(httpx.get(f"{broker.base}/routing-api/v2/snapshot", trust_env=False, timeout=PATIENCE).content)
    assert broker.installation.good("routes", "verify", str(file), "--jwks", jwks, "--json")["version"] == 4


def claims(signature: str, keys: list[dict[str, Any]]) -> Any:
    """What is signed, checked with the published keys by a library of others."""
    token = jwcrypto_jws.JWS()
    token.allowed_algs = ["PS512"]
    token.deserialize(signature)
    [key] = [key for key in keys if key["kid"] == token.jose_header["kid"]]
    token.verify(jwcrypto_jwk.JWK(**key))
    return json.loads(token.payload)

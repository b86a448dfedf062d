"""The routing API: found by every key, signed once for all a destination offers."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from application_kit import CHEMNITZ, TREE_FELLING
from directory_for_tests import the_tables
from front_for_tests import Asked
from house_for_tests import (
    DIRECT,
    HOST,
    a_gazetteer,
    a_resolver,
    with_entries,
)
from jwcrypto import jws as jwcrypto_jws

from amtsbote.daemon.snapshot import PublishedRoutes, Snapshot
from amtsbote.jose import base64url
from amtsbote.jose.jwk import keys_of_set
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.routing import RoutingDocument
from routing.former import FormerKeys
from routing.regions.search import Gazetteer
from routing.regions.tables import read_tables
from routing.resolver import Resolver
from transport.fitconnect.client import Endpoints, SendingFailed
from transport.fitconnect.client.routes import check_route
from transport.fitconnect.server.naming import REGION_URN, SERVICE_URN
from transport.fitconnect.server.publishing import Published


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_routes_are_found_by_every_key_and_paged(asked: Asked, version: str) -> None:
    path = f"/routing-api/{version}/routes?leikaKey={TREE_FELLING}"
    first = (await asked.http.get(f"{path}&ars={CHEMNITZ}")).json()
    again = (await asked.http.get(f"{path}&areaId={CHEMNITZ}")).json()
    by_ags = (await asked.http.get(f"{path}&ags=14511000")).json()

    assert first == again == by_ags
    assert (first["count"], first["totalCount"], first["offset"]) == (1, 1, 0)
    [route] = first["routes"]
    assert route["destinationId"] == DIRECT
    token = jwcrypto_jws.JWS()
    token.allowed_algs = ["PS512"]
    token.deserialize(route["destinationSignature"], asked.house.keys.jwk("root"))
    claims = json.loads(token.payload)
    assert claims["destinationId"] == DIRECT
    assert claims["iss"] == f"{HOST}/routing-api"

    assert claims["services"] == [
        {"gebietIDs": [f"{REGION_URN}{CHEMNITZ}"], "leistungIDs": [SERVICE_URN + TREE_FELLING]}
    ]

    beyond = (await asked.http.get(f"{path}&ags=14511000&offset=1")).json()
    assert (beyond["count"], beyond["totalCount"], beyond["routes"]) == (0, 1, [])
    for nowhere in ("145230320320", "146250020020", "999999999999"):
        assert (await asked.http.get(f"{path}&ars={nowhere}")).json()["routes"] == []


async def signatures(asked: Asked, *regions: str) -> list[str]:
    """The signatures of all answers, asked for at once."""
    path = f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars="
    answers = await asyncio.gather(*(asked.http.get(path + region) for region in regions))
    return [route["destinationSignature"] for answer in answers for route in answer.json()["routes"]]


def signed_offer(signature: str) -> Any:
    return json.loads(base64url.decode(signature.split(".")[1]))["services"]


async def test_however_often_and_whatever_is_asked_a_destination_costs_one_signature(asked: Asked) -> None:
    signed: list[KeyId] = []
    sign_once = asked.house.keystore.sign
    asked.house.keystore.sign = lambda kid, data: signed.append(kid) or sign_once(kid, data)  # type: ignore[method-assign, func-returns-value]

    found = await signatures(asked, "145225102060", "14522", "145225102", "145225102060")

    assert len(found) == 4
    assert len(set(found)) == len(signed) == 1
    assert await signatures(asked, "14522") == found[:1]
    assert len(signed) == 1


async def test_a_changed_offer_is_signed_anew_with_services_of_the_same_regions_together(asked: Asked) -> None:
    [before] = await signatures(asked, CHEMNITZ)
    direct = asked.house.directory.destinations[DIRECT]
    tree = replace(direct.services[0], regions=("14511", "145225102060"))
    others = [replace(tree, service="99050012104000"), replace(tree, service="99050012104001", regions=())]
    changed = replace(direct, services=(tree, *others))
    asked.house.directory = with_entries(asked.house.directory, destinations=[changed])

    [after] = await signatures(asked, CHEMNITZ)

    assert after != before
    together, everywhere = signed_offer(after)
    assert together == {
        "gebietIDs": [f"{REGION_URN}14511", f"{REGION_URN}145225102060"],
        "leistungIDs": [SERVICE_URN + TREE_FELLING, f"{SERVICE_URN}99050012104000"],
    }
    assert everywhere["gebietIDs"] == [f"{REGION_URN}{land:02}" for land in range(1, 17)]


async def test_a_new_key_signs_anew(asked: Asked) -> None:
    [before] = await signatures(asked, CHEMNITZ)
    directory = asked.house.directory
    asked.house.keystore.sign = lambda kid, data: data  # type: ignore[method-assign]  # noqa: ARG005
    old = directory.service_key(KeyPurpose.ADDRESSING)
    renamed = replace(directory.keys[old], kid=KeyId("another"))
    keys = {kid: entry for kid, entry in directory.keys.items() if kid != old}
    asked.house.directory = replace(directory, keys={**keys, renamed.kid: renamed})

    [after] = await signatures(asked, CHEMNITZ)

    assert base64url.decode(after.split(".")[0]) != base64url.decode(before.split(".")[0])
    assert json.loads(base64url.decode(after.split(".")[0]))["kid"] == "another"


async def test_an_ags_of_two_regions_names_their_common_destination_once(asked: Asked) -> None:
    published = asked.front.published

    class Twice(PublishedRoutes):
        def regions_of_ags(self, ags: str, at: Any) -> tuple[str, ...]:  # noqa: ARG002  (the registry's signature)
            return (CHEMNITZ, CHEMNITZ)

    snapshot = Snapshot(asked.house.directory, a_resolver(), a_gazetteer(), FormerKeys(a_resolver()))
    double = replace(published, routes=lambda: Twice(snapshot))

    assert len(await double.by_ags(TREE_FELLING, "14511000")) == 1


async def test_a_route_names_the_authority_that_is_responsible(asked: Asked) -> None:
    found = await asked.http.get(f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars={CHEMNITZ}")

    [route] = found.json()["routes"]
    [authority] = [one for one in asked.house.directory.authorities.values() if one.id == "gba"]
    assert (route["destinationName"], route["origin"]) == (authority.name, "Amtsbote")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (f"leikaKey={TREE_FELLING}", "AB-1115"),
        (f"leikaKey={TREE_FELLING}&ars=14&ags=14", "AB-1115"),
        (f"leikaKey={TREE_FELLING}&ars=14&ars=14", "AB-1102"),
        (f"leikaKey={TREE_FELLING}&leikaKey={TREE_FELLING}&ars=14", "AB-1102"),
        (f"leikaKey={TREE_FELLING}&ars=1451", "AB-1102"),
        (f"leikaKey={TREE_FELLING}&ars=14&limit=501", "AB-1102"),
        ("leikaKey=1&ars=14", "AB-1102"),
        ("ars=14", "AB-1102"),
    ],
)
async def test_a_question_that_is_not_clear_gets_no_route(asked: Asked, query: str, code: str) -> None:
    answer = await asked.http.get(f"/routing-api/v2/routes?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


ENDED = "145225102999"
PROPOSED = "145225102998"


def with_ended_keys(asked: Asked) -> Published:
    """Two municipalities have ended: what became of one is known, of the other only proposed."""
    tables = {
        **the_tables().tables,
        "nachfolger": (
            "ars_alt;ars_neu;ab;art;bestaetigt\n"
            f"{ENDED};{CHEMNITZ};2026-01-01;eingegliedert;\n{PROPOSED};{CHEMNITZ};2026-01-01;eingegliedert;vorschlag\n"
        ).encode(),
    }
    tables["gebiete"] += f"\n{ENDED};14522999;Altdorf;;2025-12-31\n{PROPOSED};14522998;Neudorf;;2025-12-31".encode()
    document = RoutingDocument(1, tables)
    resolver, gazetteer = Resolver.load(document), Gazetteer.of(read_tables(tables))
    snapshot = Snapshot(asked.house.directory, resolver, gazetteer, FormerKeys(resolver))
    return replace(asked.front.published, routes=lambda: PublishedRoutes(snapshot))


@pytest.mark.parametrize("key", [f"ars={ENDED}", f"areaId={ENDED}", "ags=14522999"])
async def test_a_key_that_has_ended_is_answered_for_its_successor(asked: Asked, key: str) -> None:
    async with asked.at(replace(asked.front, published=with_ended_keys(asked))) as http:
        found = (await http.get(f"/routing-api/v1/routes?leikaKey={TREE_FELLING}&{key}")).json()
        today = (await http.get(f"/routing-api/v1/routes?leikaKey={TREE_FELLING}&ars={CHEMNITZ}")).json()

    [route], [same] = found["routes"], today["routes"]
    assert route.pop("customParameters") == {"ars": CHEMNITZ}
    assert route == same
    assert signed_offer(route["destinationSignature"])[0]["gebietIDs"] == [
        f"{REGION_URN}{CHEMNITZ}",
        f"{REGION_URN}{ENDED}",
    ]


async def test_what_portals_compare_fits_a_key_that_has_ended(asked: Asked, tmp_path: Path) -> None:
    """Our own client, and the recipe of `docs/portal.md`, with the key that was asked for; another key is refused."""
    endpoints = Endpoints(f"{HOST}/auth/token", f"{HOST}/submission-api", f"{HOST}/routing-api")
    async with asked.at(replace(asked.front, published=with_ended_keys(asked))) as http:
        [route] = (await http.get(f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&ars={ENDED}")).json()["routes"]
        jwks = (await http.get("/routing-api/.well-known/jwks.json")).json()
    keys = keys_of_set(jwks, KeyPurpose.ADDRESSING)
    (tmp_path / "route.json").write_bytes(base64url.decode(route["destinationSignature"].split(".")[1]))

    for ars, fits in ((ENDED, True), (PROPOSED, False)):
        if fits:
            check_route(route, endpoints, lambda header: keys.get(header.kid), service=TREE_FELLING, ars=ars)
        else:
            with pytest.raises(SendingFailed):
                check_route(route, endpoints, lambda header: keys.get(header.kid), service=TREE_FELLING, ars=ars)
        assert recipe_accepts(tmp_path, ars) is fits


def recipe_accepts(folder: Path, ars: str) -> bool:
    if shutil.which("jq") is None and "CI" not in os.environ:
        pytest.skip("needs jq")
    page = (Path(__file__).parents[2] / "docs" / "portal.md").read_text("utf-8")
    [recipe] = re.findall(r"^jq -e --arg ars .*?route\.json$", page, re.DOTALL | re.MULTILINE)
    asked = {"PATH": os.environ["PATH"], "ars": ars, "service": TREE_FELLING}
    return subprocess.run(["sh", "-c", recipe], cwd=folder, env=asked, capture_output=True, check=False).returncode == 0


async def test_a_successor_nobody_has_confirmed_and_an_ended_name_are_no_answer(asked: Asked) -> None:
    async with asked.at(replace(asked.front, published=with_ended_keys(asked))) as http:
        for key in (f"ars={PROPOSED}", "ags=14522998"):
            found = (await http.get(f"/routing-api/v2/routes?leikaKey={TREE_FELLING}&{key}")).json()
            assert found["routes"] == []
        assert (await http.get("/routing-api/v2/areas?areaSearchexpression=*dorf")).json()["areas"] == []


async def test_every_answer_is_made_from_one_state_of_tables_and_directory(asked: Asked) -> None:
    """The registry is exchanged while an answer is being made: it stays with the one it began with."""
    published, taken = asked.front.published, []

    def taking() -> Any:
        taken.append(published.routes())
        return taken[-1]

    once = replace(published, routes=taking)
    await once.by_ags(TREE_FELLING, "14511000")
    await once.by_ars(TREE_FELLING, CHEMNITZ)

    assert len(taken) == 2

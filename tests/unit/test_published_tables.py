"""The routing tables as a signed file over HTTP: fetched by everybody where the operator says so, made once, cached."""

import json
from dataclasses import replace
from io import BytesIO

import httpx
import pytest
from application_kit import CHEMNITZ, TREE_FELLING
from directory_for_tests import the_tables
from front_for_tests import Asked, a_gate
from house_for_tests import HOST, TABLES, a_gazetteer, a_resolver

from amtsbote.daemon.publishing import PublishedTables
from amtsbote.daemon.snapshot import Present, Snapshot
from amtsbote.jose.jwk import keys_of_set
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.routing import RoutingDocument
from routing.former import FormerKeys
from routing.resolver import Resolver
from routing.snapshots import read
from transport.fitconnect.server.front import Front

SNAPSHOT = "/routing-api/v2/snapshot"


@pytest.fixture
def present(asked: Asked) -> Present:
    return Present(Snapshot(asked.house.directory, a_resolver(), a_gazetteer(), FormerKeys(a_resolver())))


@pytest.fixture
def publishing(asked: Asked, present: Present) -> Front:
    """A front of the same house whose operator publishes the tables; it answers five times a minute."""
    tables = PublishedTables(
        asked.house.store, present, asked.front.published.sign, asked.house.clock, f"{HOST}/routing-api"
    )
    gate = a_gate(asked.house, client=5)
    return replace(asked.front, published=replace(asked.front.published, tables=tables), gate=gate)


async def test_the_tables_are_fetched_verified_and_not_again(asked: Asked, publishing: Front) -> None:
    async with asked.at(publishing) as http:
        answer = await http.get(SNAPSHOT, headers=asked.bearer())
        jwks = (await http.get("/routing-api/.well-known/jwks.json")).json()
        tag = answer.headers["ETag"]
        again = await http.get(SNAPSHOT, headers={**asked.bearer(), "If-None-Match": f'"other", {tag}'})
        plain = await http.get(SNAPSHOT, headers={**asked.bearer(), "Accept-Encoding": "identity"})
        head = await http.head("/routing-api/v1/snapshot", headers={"If-None-Match": tag.removeprefix("W/")})

    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    opened = read(BytesIO(answer.content), keys_of_set(jwks, KeyPurpose.ADDRESSING))
    assert dict(opened.tables) == dict(the_tables().tables)
    assert (opened.head.issuer, opened.head.version) == (f"{HOST}/routing-api", 1)
    assert opened.head.digest in tag
    assert "Content-Encoding" not in plain.headers
    assert plain.content == answer.content
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == answer.headers["Cache-Control"] == "public, max-age=60"
    assert head.status_code == 304
    left = [each.headers["RateLimit-Remaining"] for each in (answer, again, plain)]
    assert left == ["4", "3", "2"]


async def test_a_version_is_signed_once_and_a_new_one_is_another(
    asked: Asked, publishing: Front, present: Present
) -> None:
    changed = {**TABLES, "leistungen": ("leistung;name", f"{TREE_FELLING};Anders")}
    tables = {name: "\n".join(rows).encode() for name, rows in changed.items()}

    async def fetched(http: httpx.AsyncClient, known: str = "-") -> httpx.Response:
        return await http.get(SNAPSHOT, headers={"If-None-Match": known})

    async with asked.at(publishing) as http:
        first, again = await fetched(http), await fetched(http)
        await asked.house.store.write(lambda tx: tx.routing.add(tables, at=asked.house.clock(), author="system"))
        present.snapshot = replace(present.snapshot, resolver=Resolver.load(RoutingDocument(2, tables)))
        second = await fetched(http, first.headers["ETag"])

    assert first.content == again.content
    assert (second.status_code, second.json()["version"]) == (200, 2)
    assert second.json()["tables"]["leistungen"].endswith("Anders")


async def test_without_the_operators_word_there_is_nothing(asked: Asked) -> None:
    answer = await asked.http.get(SNAPSHOT)

    assert (answer.status_code, answer.json()["code"]) == (404, "AB-1003")
    assert CHEMNITZ not in json.dumps(answer.json())

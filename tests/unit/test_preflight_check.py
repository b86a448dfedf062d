"""A portal has a document judged before it sends it: the same report as `amtsbote check`, and nothing of it stays."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from application_kit import CHEMNITZ, TREE_FELLING
from front_for_tests import Asked, asking
from house_for_tests import DIRECT, PORTAL, SUBSCRIBER, House
from schemas_for_tests import URI, dog_tax, sample, tree_felling
from standards_kit import KENNUNG, PLAIN, VALID, published, registered, schema

from amtsbote.daemon.asking import Asking
from amtsbote.model.ids import AuthorityId, DestinationId
from amtsbote.model.schema import Layer
from amtsbote.model.term import Term
from schemas.confinement import HelperLimits
from schemas.helpers import HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.registry import SchemaRegistry
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library
from transport.fitconnect.server import ServerLimits

CHECK = "/preflight-api/v1/check"
ACCEPTANCE = f"/preflight-api/v1/destinations/{DIRECT}/acceptance"
DOG = f"{KENNUNG}_1.0#anmeldung.hund.0100"
XML, JSON = "application/xml", "application/json"
MARKED = "Zzyzx-Mustermann"


@pytest.fixture
async def desk(house: House, bundled_schemas: SchemaRegistry) -> AsyncIterator[Asked]:
    async with asking(house, check=Asking(bundled_schemas, house.computing, 1, house.clock)) as asked:
        yield asked


async def test_a_valid_document_is_valid_and_its_way_is_told(desk: Asked) -> None:
    query = {"service": TREE_FELLING, "ars": CHEMNITZ}
    document = sample("gueltig-hamburg-chemnitz")

    answer = await desk.send("POST", CHECK, type=XML, content=document, params=query)

    told = answer.json()
    assert (told["verdict"], told["schema"], told["findings"]) == ("valid", URI, [])
    assert set(told["layers"]) == set(Layer)
    assert (told["route"]["destinationId"], told["route"]["ars"]) == (DIRECT, CHEMNITZ)
    assert (told["route"]["authorities"], told["route"]["date"]) == (["gba"], told["acceptance"]["date"])
    directory = desk.house.directory
    assert told["route"]["destinationName"] == directory.authorities[AuthorityId("gba")].name, "as the routing API"
    assert told["document"] == {"name": "", "size": len(document), "sha256": hashlib.sha256(document).hexdigest()}
    assert datetime.fromisoformat(told["checkedAt"]) == desk.house.clock.now.replace(microsecond=0)
    assert (told["acceptance"]["destinationId"], told["acceptance"]["accepted"]) == (DIRECT, True)
    assert answer.headers["cache-control"] == "no-store"

    nowhere = await desk.send("POST", CHECK, type=XML, content=document, params=query | {"ars": "16"})
    assert (nowhere.json()["route"]["authorities"], nowhere.json()["route"]["destinationId"]) == ([], None)
    assert nowhere.json()["route"]["rules"][-1] == "gebiete: 16 → –"
    assert nowhere.json()["acceptance"] is None
    unasked = (await desk.send("POST", CHECK, type=XML, content=document)).json()
    assert (unasked["route"], unasked["acceptance"]) == (None, None)


async def test_a_valid_document_that_is_not_taken_where_it_would_go_is_told_so_as_by_the_question_alone(
    desk: Asked,
) -> None:
    directory = desk.house.directory
    tenant = directory.tenants[directory.destinations[DestinationId(DIRECT)].tenant]
    ended = replace(tenant, schemas=(Term(URI, None, desk.house.clock.now.date() - timedelta(days=2)),))
    desk.house.directory = replace(directory, tenants={**directory.tenants, tenant.id: ended})
    query = {"service": TREE_FELLING, "ars": CHEMNITZ}

    told = (await desk.send("POST", CHECK, type=XML, content=sample("gueltig-kleinster-antrag"), params=query)).json()

    assert (told["verdict"], told["acceptance"]["accepted"], told["acceptance"]["reason"]) == ("valid", False, "over")
    alone = {"schemaUri": URI, "service": TREE_FELLING}
    assert told["acceptance"] == (await desk.get(ACCEPTANCE, None, params=alone)).json()

    named = query | {"schema": "urn:x"}
    told = (await desk.send("POST", CHECK, type=XML, content=b"<x/>", params=named)).json()
    assert (told["verdict"], told["acceptance"]["reason"]) == ("unknown", "not-offered")
    told = (await desk.send("POST", CHECK, type=XML, content=b"<x/>", params=query)).json()
    assert told["route"]["destinationId"] == DIRECT
    assert told["acceptance"] is None


async def test_messages_of_registered_standards_are_told_by_content_as_long_as_they_are_registered(
    house: House, tmp_path: Path
) -> None:
    library, pool = Library(tmp_path / "registry"), HelperPool(1, HelperLimits())
    with closing(pool), closing(HelpersOnDemand(HelperLimits())) as on_demand:
        pool.start()
        schemas = SchemaRegistry((tree_felling(),), pool, on_demand, StandardsInUse(library, on_demand))
        async with asking(house, check=Asking(schemas, house.computing, 1, house.clock)) as asked:

            async def told(document: bytes, **query: str) -> tuple[str, str]:
                answer = (await asked.send("POST", CHECK, type=XML, content=document, params=query)).json()
                return answer["verdict"], answer["schema"]

            dog, tree = VALID.encode(), sample("gueltig-kleinster-antrag")
            assert [await told(dog), await told(tree)] == [("unknown", ""), ("valid", URI)]

            registered(library, published(tmp_path / "dogs", PLAIN))
            assert [await told(dog), await told(tree)] == [("valid", DOG), ("valid", URI)]
            assert await told(dog.replace(b"name>", b"nome>")) == ("invalid", DOG)
            assert (await told(b"<!DOCTYPE a><a/>"))[0] == "refused"

            both = (f"<xs:element name='{name}' type='xs:string'/>" for name in ("katze", "kater"))
            cats = {"katze.xsd": schema(*both, space="urn:cats", about="")}
            registered(library, published(tmp_path / "cats", cats), kennung="urn:xkatze", version="1.0")
            assert await told(b"<katze xmlns='urn:cats'/>") == ("valid", "urn:xkatze_1.0#katze")
            assert await told(b"<kater xmlns='urn:cats'/>", schema="urn:xkatze_1.0") == (
                "valid",
                "urn:xkatze_1.0#kater",
            )
            assert await told(dog, schema="urn:xkatze_1.0") == ("unknown", "")
            library.remove(library.find("xhund_1.0"))
            assert [await told(dog), await told(tree)] == [("unknown", ""), ("valid", URI)]


async def test_a_damaged_standard_costs_only_its_own_documents_their_verdict(house: House, tmp_path: Path) -> None:
    library, pool = Library(tmp_path / "registry"), HelperPool(1, HelperLimits())
    cats = {"katze.xsd": schema("<xs:element name='katze' type='xs:string'/>", space="urn:cats", about="")}
    registered(library, published(tmp_path / "cats", cats), kennung="urn:xkatze", version="1.0")
    lock = library.home(registered(library, published(tmp_path / "dogs", PLAIN)).identity) / "lock.json"
    whole = lock.read_bytes()
    lock.write_text("{")
    with closing(pool), closing(HelpersOnDemand(HelperLimits())) as on_demand:
        pool.start()
        schemas = SchemaRegistry((tree_felling(),), pool, on_demand, StandardsInUse(library, on_demand))
        async with asking(house, check=Asking(schemas, house.computing, 1, house.clock)) as asked:

            async def told(document: bytes, **query: str) -> str:
                answer = (await asked.send("POST", CHECK, type=XML, content=document, params=query)).json()
                return str(answer.get("verdict") or answer["code"])

            dog, cat, tree = VALID.encode(), b"<katze xmlns='urn:cats'/>", sample("gueltig-kleinster-antrag")
            assert [await told(cat), await told(tree)] == ["valid", "valid"]
            assert [await told(dog), await told(dog, schema=DOG)] == ["AB-1122", "AB-1122"]
            assert await told(dog, schema="urn:other_1#x") == "unknown"

            lock.write_bytes(whole)
            assert [await told(dog), await told(dog, schema=DOG), await told(cat)] == ["valid"] * 3


async def test_an_invalid_one_gets_the_findings_a_reject_event_would_have(desk: Asked) -> None:
    told = (await desk.send("POST", CHECK, type=XML, content=sample("ungueltig-datum"), params={"schema": URI})).json()

    [finding] = told["findings"]
    assert (told["verdict"], finding["code"], finding["field"]) == (
        "invalid", "XSD-TYPE", "Tag, an dem der Antrag gestellt wird",
    )  # fmt: skip
    assert "value" not in finding


async def test_json_is_judged_as_well_and_what_nobody_knows_is_unknown(desk: Asked) -> None:
    document = (dog_tax("1.1").folder / "samples" / "gueltig-ein-hund.json").read_bytes()

    assert (await desk.send("POST", CHECK, type=JSON, content=document)).json()["verdict"] == "valid"
    for type_, content, query in ((XML, b"<x/>", {}), (XML, b"<x/>", {"schema": "urn:x"}), (JSON, b"{}", {})):
        told = (await desk.send("POST", CHECK, type=type_, content=content, params=query)).json()
        assert told["verdict"] == "unknown"
    later = {"schema": URI.replace("_1.0#", "_9.9#")}
    assert (await desk.send("POST", CHECK, type=XML, content=b"<x/>", params=later)).json()["candidates"] == [URI]
    refused = (await desk.send("POST", CHECK, type=XML, content=b"<!DOCTYPE a><a/>")).json()
    assert (refused["verdict"], refused["findings"][0]["code"]) == ("refused", "XML-DOCTYPE")


async def test_nothing_of_the_document_is_kept_logged_or_said(desk: Asked, house: House) -> None:
    at = b"</familienname>"
    document = sample("ungueltig-datum").replace(at, MARKED.encode() + at)
    assert MARKED.encode() in document

    with structlog.testing.capture_logs() as logs:
        answers = [
            await desk.send("POST", CHECK, type=type_, content=content, params={"schema": schema})
            for type_, content, schema in (
                (XML, document, URI),
                (XML, document.replace(b"<antragsdatum>", f"<{MARKED}>".encode()), URI),
                (XML, f"<{MARKED}/>".encode(), ""),
                (JSON, json.dumps({MARKED: MARKED}).encode(), dog_tax("1.1").about.schemas[1].uri),
            )
        ]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert not any(MARKED in answer.text for answer in answers)
    assert MARKED not in repr(logs)
    files = [file for file in house.folder.rglob("*") if file.is_file()]
    assert files
    assert not any(MARKED.encode() in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"client": SUBSCRIBER}, 403, "AB-1002"),
        ({"type": "text/xml"}, 415, "AB-1103"),
        ({"params": {"service": TREE_FELLING}}, 400, "AB-1102"),
        ({"params": {"ars": CHEMNITZ}}, 400, "AB-1102"),
        ({"params": {"service": TREE_FELLING, "ars": "x"}}, 400, "AB-1102"),
        ({"params": {"service": "x", "ars": CHEMNITZ}}, 400, "AB-1102"),
        ({"params": {"schema": "u" * 501}}, 400, "AB-1102"),
        ({"content": b"x" * 2001}, 413, "AB-1104"),
    ],
)
async def test_what_is_not_judged_is_a_problem(asked: Asked, more: dict[str, Any], status: int, code: str) -> None:
    small = replace(asked.front, limits=ServerLimits(1000, 2000, 1000))
    asked_with = {"type": XML, "content": b"<x/>", "client": PORTAL, **more}
    headers = asked.bearer(asked_with.pop("client")) | {"Content-Type": asked_with.pop("type")}

    async with asked.at(small) as http:
        answer = await http.post(CHECK, headers=headers, **asked_with)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_whoever_has_no_token_is_not_judged(asked: Asked) -> None:
    answer = await asked.http.post(CHECK, headers={"Content-Type": XML}, content=b"<x/>")
    assert answer.status_code == 401


async def test_a_helper_that_gives_no_verdict_costs_the_answer_and_nothing_else(
    house: House,
) -> None:
    pool = HelperPool(1, replace(HelperLimits(), wall_seconds=0.0))
    pool.start()
    try:
        tired = Asking(SchemaRegistry((tree_felling(),), pool), house.computing, 1, house.clock)
        async with asking(house, check=tired) as asked:
            for _ in range(2):  # the place of the first one is free again
                failed = await asked.send("POST", CHECK, type=XML, content=sample("gueltig-kleinster-antrag"))
                assert (failed.status_code, failed.json()["code"]) == (422, "AB-1122")
    finally:
        pool.close()


async def test_beyond_half_of_the_helpers_who_asks_is_turned_away(
    house: House, bundled_schemas: SchemaRegistry
) -> None:
    busy = Asking(bundled_schemas, house.computing, 1, house.clock)
    busy._free = 0

    async with asking(house, check=busy) as asked:
        answer = await asked.send("POST", CHECK, type=XML, content=b"<x/>")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")

"""A portal asks before sending: does this destination take this schema on that day? Without a token, cacheable."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from application_kit import TREE_FELLING
from front_for_tests import NOBODY, Asked
from house_for_tests import DIRECT, with_entries

from amtsbote.model.ids import DestinationId
from amtsbote.model.stage import Stage
from amtsbote.model.term import Term

WHERE = f"/preflight-api/v1/destinations/{DIRECT}/acceptance"
LEIKA = "urn:de:fim:leika:leistung:"


def offered(asked: Asked) -> str:
    [schema] = asked.house.directory.destinations[DestinationId(DIRECT)].services[0].schemas
    return schema.uri


def limit(asked: Asked, term: Term) -> None:
    directory = asked.house.directory
    tenant = directory.tenants[directory.destinations[DestinationId(DIRECT)].tenant]
    changed = replace(tenant, schemas=(term,))
    asked.house.directory = replace(directory, tenants={**directory.tenants, tenant.id: changed})


@pytest.mark.parametrize(
    ("day", "accepted", "reason"),
    [
        ("2026-06-30", False, "not-yet"),
        ("2026-07-01", True, None),
        ("2026-12-31", True, None),
        ("2027-01-01", False, "over"),
    ],
)
async def test_a_schema_is_taken_within_its_term(asked: Asked, day: str, accepted: bool, reason: str | None) -> None:
    uri = offered(asked)
    limit(asked, Term(uri, date(2026, 7, 1), date(2026, 12, 31)))

    answer = await asked.get(WHERE, None, params={"schemaUri": uri, "date": day})

    told = answer.json()
    assert (told["accepted"], told.get("reason"), told["date"]) == (accepted, reason, day)
    assert (told["validFrom"], told["validTo"]) == ("2026-07-01", "2026-12-31")
    assert told["services"] == [LEIKA + TREE_FELLING]
    assert [schema["schemaUri"] for schema in told["submissionSchemas"]] == ([uri] if accepted else [])
    assert answer.headers["cache-control"] == "public, max-age=300"


async def test_what_is_not_listed_is_not_offered_and_what_is_listed_instead_is_named(asked: Asked) -> None:
    told = (await asked.get(WHERE, None, params={"schemaUri": "urn:other", "service": TREE_FELLING})).json()

    assert (told["accepted"], told["reason"], told["services"]) == (False, "not-offered", [])
    assert [schema["schemaUri"] for schema in told["submissionSchemas"]] == [offered(asked)]
    other = {"schemaUri": offered(asked), "service": "99050012104000"}
    assert (await asked.get(WHERE, None, params=other)).json()["submissionSchemas"] == []


async def test_a_schema_may_be_spelled_otherwise(asked: Asked) -> None:
    uri = offered(asked)

    told = (await asked.get(WHERE, None, params={"schemaUri": uri.partition("#")[0].replace("urn:", "URN:")})).json()

    assert (told["accepted"], told["schemaUri"]) == (True, uri)


async def test_a_destination_that_is_off_takes_nothing(asked: Asked) -> None:
    off = replace(asked.house.directory.destinations[DestinationId(DIRECT)], stage=Stage.OFF)
    asked.house.directory = with_entries(asked.house.directory, destinations=[off])

    told = (await asked.get(WHERE, None, params={"schemaUri": offered(asked)})).json()

    assert (told["accepted"], told["reason"]) == (False, "inactive")


async def test_today_is_never_kept_beyond_midnight_in_germany(asked: Asked) -> None:
    asked.house.clock.now = datetime(2026, 7, 1, 21, 59, 30, tzinfo=UTC)

    answer = await asked.get(WHERE, None, params={"schemaUri": offered(asked)})

    assert answer.json()["date"] == "2026-07-01"
    assert answer.headers["cache-control"] == "public, max-age=30"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (WHERE, {}, 400),
        (WHERE, {"schemaUri": "u" * 501}, 400),
        (WHERE, {"schemaUri": "urn:a", "date": "2026-W01-1"}, 400),
        (WHERE, {"schemaUri": "urn:a", "date": "2026-02-30"}, 400),
        (WHERE, {"schemaUri": "urn:a", "service": "1"}, 400),
        (WHERE.replace(DIRECT, NOBODY), {"schemaUri": "urn:a"}, 404),
        (WHERE.replace("v1", "v2"), {"schemaUri": "urn:a"}, 404),
        ("/preflight-api/.well-known/jwks.json", {}, 404),
    ],
)
async def test_what_cannot_be_answered_is_a_problem_nobody_keeps(
    asked: Asked, path: str, query: dict[str, str], status: int
) -> None:
    answer = await asked.get(path, None, params=query)

    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")

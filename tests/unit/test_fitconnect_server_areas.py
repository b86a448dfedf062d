"""Areas over HTTP: what is found can be asked for, page by page; what is no search is refused."""

from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest
from application_kit import CHEMNITZ, TREE_FELLING
from front_for_tests import Asked, a_gate
from house_for_tests import DIRECT


async def search(asked: Asked, *terms: str, version: str = "v2", **more: str) -> httpx.Response:
    query = urlencode([*(("areaSearchexpression", term) for term in terms), *more.items()])
    return await asked.http.get(f"/routing-api/{version}/areas?{query}")


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_an_area_that_is_found_can_be_asked_for(asked: Asked, version: str) -> None:
    answer = await search(asked, "Chem*", version=version)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "count": 1,
        "offset": 0,
        "totalCount": 1,
        "areas": [{"id": CHEMNITZ, "name": "Chemnitz, Stadt", "type": "Gemeinde"}],
    }
    routes = await asked.http.get(
        f"/routing-api/{version}/routes?leikaKey={TREE_FELLING}&areaId={answer.json()['areas'][0]['id']}"
    )
    assert [route["destinationId"] for route in routes.json()["routes"]] == [DIRECT]


async def test_terms_are_all_to_fit_and_what_fits_comes_in_pages(asked: Asked) -> None:
    whole = (await search(asked, "stadt", "*ei*")).json()
    first = (await search(asked, "stadt", limit="1")).json()
    second = (await search(asked, "stadt", limit="1", offset="1")).json()
    beyond = (await search(asked, "stadt", offset="2")).json()

    assert [area["name"] for area in whole["areas"]] == ["Leipzig, Stadt"]
    assert [first["totalCount"], second["totalCount"], beyond["totalCount"]] == [2, 2, 2]
    assert [one["areas"][0]["name"] for one in (first, second)] == ["Chemnitz, Stadt", "Leipzig, Stadt"]
    assert (beyond["count"], beyond["areas"]) == (0, [])
    assert (await search(asked, "Atlantis")).json()["totalCount"] == 0


@pytest.mark.parametrize(
    "terms",
    [
        (),
        ("",),
        ("a",),
        ("*",),
        ("a*bc",),
        ("**",),
        ("x" * 101,),
        ("ab",) * 11,
        ("Chemnitz", "*b*"),
        ("ab" * 48 + "*a*",),
    ],
)
async def test_what_is_no_search_is_refused(asked: Asked, terms: tuple[str, ...]) -> None:
    answer = await search(asked, *terms)

    assert (answer.status_code, answer.json()["code"]) == (400, "AB-1102")
    assert "areaSearchexpression" in answer.json()["detail"]


async def test_whoever_takes_only_what_the_published_description_names_gets_it(asked: Asked) -> None:
    async def get(accept: str) -> httpx.Response:
        path = "/routing-api/v2/areas?areaSearchexpression=Chemnitz"
        return await asked.http.get(path, headers={"Accept": accept})

    assert (await get("application/problem+json")).headers["Content-Type"] == "application/problem+json"
    assert (await get("application/problem+json, */*;q=0.1")).headers["Content-Type"] == "application/json"
    assert (await get("text/html")).status_code == 406


async def test_rates_are_told_with_every_answer(asked: Asked) -> None:
    front = replace(asked.front, gate=a_gate(asked.house, client=5))
    paths = ("areas?areaSearchexpression=Chemnitz", "areas", f"routes?leikaKey={TREE_FELLING}&ars={CHEMNITZ}", "routes")
    async with asked.at(front) as http:
        answers = [await http.get(f"/routing-api/v2/{path}", headers=asked.bearer()) for path in paths]

    assert [answer.status_code for answer in answers] == [200, 400, 200, 400]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1"]

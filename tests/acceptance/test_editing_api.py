"""The editing API as programs on other machines use it: a running broker, editors with clients of their own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from acceptance_words import refused
from editing_kit import SAXONY_SIDE, TOWN_SIDE, Door, EditingSite, competences, editing_site

BURGSTAEDT = "145225102060"


@pytest.fixture(scope="module")
def site(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditingSite]:
    with editing_site(tmp_path_factory.mktemp("editing"), shared_folder) as running:
        yield running


@pytest.fixture(scope="module")
def saxony(site: EditingSite) -> Door:
    return site.door(SAXONY_SIDE)


@pytest.fixture(scope="module")
def town(site: EditingSite) -> Door:
    return site.door(TOWN_SIDE)


def leipzig_until(day: str, rows: list[str]) -> dict[str, bytes]:
    """The rule for Leipzig with an end."""
    return competences(*(f"gba;147130000000;leipzig-gba;;{day};;" if "leipzig-gba" in row else row for row in rows))


# credentials


def test_a_token_is_for_half_an_hour_and_for_the_routing_tables_alone(saxony: Door) -> None:
    granted = saxony.token()

    assert granted.status_code == 200
    assert granted.headers["cache-control"] == "no-store"
    assert (granted.json()["scope"], granted.json()["expires_in"]) == ("amtsbote:routing", 1800)
    more = saxony.token(scope="https://schema.fitko.de/fit-connect/oauth/scopes/send-submissions")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


def test_editors_and_portals_do_not_get_in_at_each_others_door(site: EditingSite, saxony: Door) -> None:
    public, portal = site.broker.base, site.broker.portal()
    form = {"grant_type": "client_credentials", "client_id": SAXONY_SIDE}
    secret = {"client_secret": site.broker.installation.secret(SAXONY_SIDE)}
    foreign = site.door("hamburg-portal")
    of_portal = httpx.post(
        f"{public}/auth/token",
        data={**form, "client_id": "hamburg-portal"}
        | {"client_secret": site.broker.installation.secret("hamburg-portal")},
        trust_env=False,
    ).json()["access_token"]

    at_public = httpx.post(f"{public}/auth/token", data={**form, **secret}, trust_env=False)
    assert (at_public.status_code, at_public.json()["error"]) == (401, "invalid_client")
    assert (foreign.token().status_code, foreign.token().json()["error"]) == (401, "invalid_client")
    path = "/submission-api/v2/submissions"
    refused(httpx.get(f"{public}{path}", headers=saxony.bearer(), trust_env=False), 401, "unauthorized")
    there = httpx.get(
        f"{site.base}/editing-api/v1/drafts", headers={"Authorization": f"Bearer {of_portal}"}, trust_env=False
    )
    refused(there, 401, "unauthorized")
    assert portal is not None


def test_the_public_listener_knows_no_editing_api_and_the_other_one_nothing_else(site: EditingSite) -> None:
    refused(httpx.get(f"{site.broker.base}/editing-api/v1/drafts", trust_env=False), 404, "not-found")
    refused(httpx.get(f"{site.base}/routing-api/v2/info", trust_env=False), 404, "not-found")
    refused(httpx.get(f"{site.base}/editing-api/v1/nothing", trust_env=False), 404, "not-found")
    refused(httpx.get(f"{site.base}/editing-api/v1/drafts", trust_env=False), 401, "unauthorized")
    assert httpx.get(f"{site.base}/healthz", trust_env=False).text == "ok\n"


# four eyes


def test_one_editor_proposes_and_only_another_one_releases(site: EditingSite, saxony: Door, town: Door) -> None:
    before = town.rules()
    proposed = town.propose(leipzig_until("2099-12-31", before))
    assert proposed.status_code == 201, proposed.text
    draft = proposed.json()["draft"]
    assert (proposed.json()["four_eyes"], proposed.json()["rows"]) == (
        ["leipzig"],
        {"zustaendigkeiten": {"changed": 1}},
    )
    assert town.propose(leipzig_until("2099-12-31", before)).status_code == 200
    assert town.rules() == before

    alone = refused(town.post(f"/drafts/{draft}/release"), 403, "second-person-needed")
    assert "leipzig" in alone["detail"]
    released = saxony.post(f"/drafts/{draft}/release")
    assert released.status_code == 200, released.text

    assert any("2099-12-31" in row for row in saxony.rules())
    [newest, *_] = saxony.get("/versions").json()["versions"]
    assert (newest["author"], newest["releaser"]) == ("editor:leipzig", "editor:sachsen")
    refused(saxony.post(f"/drafts/{draft}/release"), 409, "conflicting-change")
    rows = site.broker.installation.good("audit", "list", "--json")["audit"]
    assert [(row["actor"], row["action"]) for row in rows[:2]] == [
        ("editor:sachsen", "routing.released"),
        ("editor:leipzig", "draft.proposed"),
    ]

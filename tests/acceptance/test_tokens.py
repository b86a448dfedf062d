"""Access tokens: errors as RFC 6749, section 5.2 has them, and nobody gets in with a wrong one."""

import json
from collections.abc import Callable

import pytest
from acceptance_words import NewBroker
from application_kit import Application, decode, encode
from broker_kit import ORDERED, RunningBroker
from installation_kit import CHEMNITZ
from portal_kit import Portal, waited_for

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_token_lives_thirty_minutes_and_is_not_stored(portal: Portal) -> None:
    answer = portal.ask_token()

    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 1800)
    assert "send:region:DE" in body["scope"].split()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "\x00"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({"scope": "https://schema.fitko.de/fit-connect/oauth/scopes/subscribe-destinations"}, 400, "invalid_scope"),
    ],
)
def test_a_wrong_question_for_a_token_has_its_oauth_error(
    broker: RunningBroker, portal: Portal, changes: dict[str, str], status: int, error: str
) -> None:
    answer = portal.ask_token(**changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].isascii()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", FORM),
        (b"client_id=hamburg-portal", FORM),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM),
        (b"grant_type=client_credentials&client_id=\xff", FORM),
        (b"&".join(b"a%d=1" % number for number in range(500)), FORM),
        (b"grant_type=" + b"x" * 20_000, FORM),
        (b'{"grant_type": "client_credentials"}', {"Content-Type": "application/json"}),
    ],
)
def test_a_malformed_question_for_a_token_is_an_invalid_request(
    portal: Portal, body: bytes, headers: dict[str, str]
) -> None:
    answer = portal.http.post(f"{portal.base}/auth/token", content=body, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_credentials_in_a_basic_header_do_not_count(portal: Portal) -> None:
    answer = portal.http.post(
        f"{portal.base}/auth/token", data={"grant_type": "client_credentials"}, auth=("hamburg-portal", "x")
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


def without_signature(token: str) -> str:
    """Says itself that it needs none."""
    header = json.loads(decode(token.split(".", maxsplit=1)[0])) | {"alg": "none"}
    return f"{encode(json.dumps(header).encode())}.{token.split('.')[1]}."


def of_somebody_else(token: str) -> str:
    head, body, tail = token.split(".")
    claims = json.loads(decode(body)) | {"sub": "bremen-portal"}
    return f"{head}.{encode(json.dumps(claims).encode())}.{tail}"


WRONG: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "no token": lambda _: "Bearer",
    "no JWT": lambda _: "Bearer x",
    "no base64url": lambda _: "Bearer a.b.c",
    "endless": lambda _: f"Bearer {'x' * 10_000}",
    "another scheme": lambda token: f"Basic {token}",
    "another signature": lambda token: f"Bearer {token[:-4]}AAAA",
    "no signature": lambda token: f"Bearer {without_signature(token)}",
    "another client": lambda token: f"Bearer {of_somebody_else(token)}",
}


@pytest.mark.parametrize("name", WRONG)
def test_without_a_good_token_nothing_is_answered_but_401(broker: RunningBroker, portal: Portal, name: str) -> None:
    sent = portal.send(Application(CHEMNITZ))
    headers = {"Authorization": WRONG[name](portal.token())}

    for method, path in (
        ("POST", "/v2/submissions"),
        ("PUT", f"/v2/submissions/{sent.submission}"),
        ("GET", f"/v2/cases/{sent.case}/events"),
        ("GET", f"/v2/destinations/{CHEMNITZ}"),
    ):
        answer = portal.http.request(method, f"{portal.base}/submission-api{path}", headers=headers, json={})
        assert answer.status_code == 401, path
        assert answer.json()["type"].endswith("/unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_a_token_of_another_installation_is_worth_nothing(broker: RunningBroker, new_broker: NewBroker) -> None:
    """Both have the same keys: only issuer and audience tell them apart."""
    other = new_broker()
    portal, foreign = broker.portal(), other.portal()
    portal._token = foreign.token()

    assert portal.call("GET", f"/v2/destinations/{CHEMNITZ}").status_code == 401


def test_a_token_expires_and_a_new_one_works(new_broker: NewBroker) -> None:
    broker = new_broker(started=False)
    broker.start(ORDERED)
    broker.order("clock stops")
    portal = broker.portal()
    assert portal.call("GET", f"/v2/destinations/{CHEMNITZ}").status_code == 200

    broker.order("clock 1799")
    assert portal.call("GET", f"/v2/destinations/{CHEMNITZ}").status_code == 200
    broker.order("clock 1801")
    assert portal.call("GET", f"/v2/destinations/{CHEMNITZ}").status_code == 401

    portal._token = ""
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_a_client_that_was_switched_off_is_out_although_its_token_still_lives(new_broker: NewBroker) -> None:
    broker = new_broker()
    portal = broker.portal("bremen")
    portal.token()

    broker.installation.apply(
        '[[portals]]\nid = "bremen"\nname = "Onlinedienst Bremen"\n'
        '[[portals.clients]]\nid = "bremen-portal"\nactive = false\n'
    )

    def out() -> bool | None:
        return portal.call("GET", f"/v2/destinations/{CHEMNITZ}").status_code == 401 or None

    waited_for(out, "the client to be out")
    assert portal.ask_token().json()["error"] == "invalid_client"


def test_a_secret_is_replaced_without_an_interruption(new_broker: NewBroker) -> None:
    broker = new_broker()
    old = broker.portal()
    added = broker.installation.good("portals", "client-add-secret", "hamburg-portal", "--json")
    new = broker.portal()
    new._credentials["client_secret"] = added["secret"]

    waited_for(lambda: new.ask_token().status_code == 200 or None, "the new secret to count")
    assert old.ask_token().status_code == 200
    broker.installation.good("portals", "client-drop-secret", "hamburg-portal")
    waited_for(lambda: old.ask_token().status_code == 401 or None, "the old secret to be refused")
    broker.takes_a_good_one(new, Application(CHEMNITZ))


def test_a_token_for_one_region_sends_there_and_nowhere_else(broker: RunningBroker, portal: Portal) -> None:
    narrow = broker.portal()
    narrow._token = narrow.ask_token(scope="send:region:DE14511").json()["access_token"]
    elsewhere = broker.portal()
    elsewhere._token = elsewhere.ask_token(scope="send:region:DE02").json()["access_token"]

    answer = elsewhere.announce(Application(CHEMNITZ))
    assert (answer.status_code, answer.json()["code"]) == (403, "AB-1302")
    assert "DE02" in answer.json()["detail"]
    broker.takes_a_good_one(narrow, Application(CHEMNITZ))


def test_whoever_guesses_waits_and_others_do_not(new_broker: NewBroker) -> None:
    broker = new_broker(started=False)
    broker.start(ORDERED)
    broker.order("clock stops")
    guessed, other = broker.portal(), broker.portal("bremen")
    assert [guessed.ask_token(client_secret="x").status_code for _ in range(5)] == [401] * 5

    waiting = guessed.ask_token()
    assert (waiting.status_code, waiting.json()["error"]) == (429, "slow_down")
    assert waiting.headers["retry-after"] == "1"
    assert other.ask_token().status_code == 200

    broker.order("clock 2")
    broker.takes_a_good_one(guessed, Application(CHEMNITZ))


def test_answers_say_what_is_left_of_the_minute_and_too_many_wait(new_broker: NewBroker) -> None:
    broker = new_broker(started=False, RATES__CLIENT="3")
    broker.start(ORDERED)
    broker.order("clock stops")
    portal, other = broker.portal(), broker.portal("bremen")
    left = [portal.call("GET", f"/v2/destinations/{CHEMNITZ}").headers["ratelimit-remaining"] for _ in range(2)]
    assert left == ["1", "0"]  # the token was the first

    refused = portal.call("GET", f"/v2/destinations/{CHEMNITZ}")
    assert (refused.status_code, refused.headers["ratelimit-limit"]) == (429, "3")
    assert 0 < int(refused.headers["ratelimit-reset"]) <= 60
    assert refused.headers["content-type"] == "application/problem+json"
    assert other.ask_token().status_code == 200
    assert broker.metrics()['amtsbote_problems_total{code="AB-1305"}'] == 1

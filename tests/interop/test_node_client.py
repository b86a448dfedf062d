"""A v2 portal and the software of an authority, written on npm's `jose` and Node 20 alone."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from application_kit import CHEMNITZ as REGION
from application_kit import TREE_FELLING, decode, encode, sample, sign
from broker_kit import RunningBroker
from foreign_programs import Person, Refused, decoded
from installation_kit import CHEMNITZ, LEIPZIG
from node_people import ATTACHMENTS, LEIPZIG_REGION, PROBLEM, Attachments, ended, private_half, sends
from portal_kit import EVENTS

CLIENT = "npm jose 6.2.18 on Node, v2"


def test_it_asks_who_is_responsible_and_checks_the_signed_answer(hamburg: Person) -> None:
    assert hamburg("responsible", service=TREE_FELLING, ars=REGION) == CHEMNITZ
    assert hamburg("responsible", service=TREE_FELLING, ars=LEIPZIG_REGION) == LEIPZIG


def test_it_sends_with_attachments_and_a_signature_and_the_authority_gets_the_very_bytes(
    broker: RunningBroker, hamburg: Person
) -> None:
    signing_key = private_half(broker, "hamburg-signing", "PS512", "sign")

    sent = sends(hamburg, CHEMNITZ, attachments=ATTACHMENTS, signingKey=signing_key)

    accept = ended(hamburg, sent)
    assert (accept["name"], accept["issuer"]) == ("accept-submission", CHEMNITZ)
    assert accept["body"] == {"authenticationTags": sent["tags"]}
    [folder] = broker.delivered(sent["submissionId"])
    assert folder.data == sample("gueltig-kleinster-antrag")
    assert folder.attachments == tuple(content for _, _, content in ATTACHMENTS)
    assert folder.manifest["signature"]["verdict"] == "valid"


def test_it_reads_why_its_application_is_rejected(hamburg: Person) -> None:
    sent = sends(hamburg, CHEMNITZ, data=sample("ungueltig-stammumfang-zu-gross"))

    reject = ended(hamburg, sent)
    assert reject["name"] == "reject-submission"
    assert reject["body"]["problems"][0]["type"].endswith("/schema-violation")


@pytest.mark.parametrize("attachments", [(), ATTACHMENTS], ids=["alone", "with attachments"])
def test_it_lists_fetches_decrypts_verifies_tags_and_hashes_and_accepts(
    hamburg: Person, leipzig: Person, attachments: Attachments
) -> None:
    sent = sends(hamburg, LEIPZIG, attachments=attachments)
    ours = {name: sent[name] for name in ("submissionId", "caseId", "destinationId")}

    assert ours in leipzig("waiting")
    found = leipzig("fetch", submissionId=sent["submissionId"])
    assert decoded(found["data"]) == sample("gueltig-kleinster-antrag")
    assert [(each["name"], each["mimeType"], decoded(each["content"])) for each in found["attachments"]] == [
        *attachments
    ]
    leipzig("accept", submissionId=sent["submissionId"], caseId=sent["caseId"], tags=found["tags"])

    accept = ended(hamburg, sent)
    assert (accept["name"], accept["issuer"], accept["body"]["authenticationTags"]) == (
        "accept-submission",
        LEIPZIG,
        sent["tags"],
    )
    assert ours not in leipzig("waiting")
    assert leipzig("log", caseId=sent["caseId"]) == hamburg("log", caseId=sent["caseId"])


def test_it_sends_attachments_in_fragments_and_puts_them_together(
    broker: RunningBroker, hamburg: Person, leipzig: Person
) -> None:
    contents = [content for _, _, content in ATTACHMENTS]

    opened_by_us = sends(hamburg, CHEMNITZ, attachments=ATTACHMENTS, fragment_size=10_000)
    sent = sends(hamburg, LEIPZIG, attachments=ATTACHMENTS, fragment_size=10_000)

    found = leipzig("fetch", submissionId=sent["submissionId"])
    assert [decoded(each["content"]) for each in found["attachments"]] == contents
    assert len(found["tags"]["attachments"]) == 11 + 2
    leipzig("accept", submissionId=sent["submissionId"], caseId=sent["caseId"], tags=found["tags"])
    assert ended(hamburg, opened_by_us)["name"] == "accept-submission"
    [folder] = broker.delivered(opened_by_us["submissionId"])
    assert folder.attachments == tuple(contents)


def test_it_rejects_and_the_portal_reads_the_problem(hamburg: Person, leipzig: Person) -> None:
    sent = sends(hamburg, LEIPZIG)

    leipzig("reject", submissionId=sent["submissionId"], caseId=sent["caseId"], problems=[PROBLEM])

    reject = ended(hamburg, sent)
    assert (reject["name"], reject["body"]) == ("reject-submission", {"problems": [PROBLEM]})
    with pytest.raises(Refused, match=r"^409 "):
        leipzig("accept", submissionId=sent["submissionId"], caseId=sent["caseId"], tags=sent["tags"])


def test_it_appends_to_an_existing_case(hamburg: Person, leipzig: Person) -> None:
    first = sends(hamburg, LEIPZIG)

    second = sends(hamburg, LEIPZIG, caseId=first["caseId"])

    assert second["caseId"] == first["caseId"]
    assert second["submissionId"] != first["submissionId"]
    subjects = {event["about"] for event in hamburg("log", caseId=first["caseId"])}
    assert subjects == {first["submissionId"], second["submissionId"]}


def test_it_understands_why_it_is_refused(hamburg: Person, leipzig: Person) -> None:
    nobody = str(uuid.uuid4())
    wrong = Person(hamburg.program, {**hamburg.identity, "secret": "wrong"})

    with pytest.raises(Refused, match=r"^404 destination-not-found: "):
        sends(hamburg, nobody)
    with pytest.raises(Refused, match=r"^404 submission-not-found: "):
        leipzig("fetch", submissionId=nobody)
    with pytest.raises(Refused, match=r"^token: invalid_client$"):
        sends(wrong, CHEMNITZ)


def test_every_entry_of_a_log_passes_its_strict_reader_and_nothing_else_does(
    broker: RunningBroker, hamburg: Person, leipzig: Person
) -> None:
    """Dossier 4.4. The judge is judged: what is wrong in one point only is refused for that point."""
    sent = sends(hamburg, LEIPZIG)
    leipzig("reject", submissionId=sent["submissionId"], caseId=sent["caseId"], problems=[PROBLEM])
    log = broker.portal().good("GET", f"/v2/cases/{sent['caseId']}/events").json()["eventLog"]

    def refusal(token: str) -> str:
        with pytest.raises(Refused) as caught:
            hamburg("check", token=token, caseId=sent["caseId"])
        return str(caught.value)

    for token in log:
        hamburg("check", token=token, caseId=sent["caseId"])
        head, claims, signature = token.split(".")
        assert refusal(f"{head}.{claims}.{encode(bytes(len(decode(signature))))}") == "signature verification failed"
    signed = resigned(broker, log[-1])
    hamburg("check", token=signed({}), caseId=sent["caseId"])
    assert refusal(signed({}, typ="JWT")) == "typ is not secevent+jwt"
    assert refusal(signed({"jti": None})) == "claims are missing: jti"
    assert refusal(signed({"iat": 1577833199})) == "iat is not a time"
    assert refusal(signed({"sub": "submission:1"})) == "sub is not a submission or reply"
    assert refusal(signed({"txn": f"case:{uuid.uuid4()}"})) == "txn is not the case"
    assert refusal(signed({"events": {}})) == "not exactly one event"
    assert refusal(signed({"events": {f"{EVENTS}praise-submission": {}}})).startswith("an unknown event")
    assert refusal(signed({"$schema": "https://example.org/set.json"})) == "$schema is not known"
    assert refusal(signed({"iss": "http://127.0.0.1:1/submission-api"})) == "the issuer is another service"


def resigned(broker: RunningBroker, token: str) -> Callable[..., str]:
    """The same event signed again by the destination's key, with other claims (None: without) or another `typ`."""
    head, claims = (json.loads(decode(part)) for part in token.split(".")[:2])
    key = broker.keys.jwk("leipzig-signing")

    def with_changes(changes: dict[str, Any], typ: str = "secevent+jwt") -> str:
        kept = {name: value for name, value in (claims | changes).items() if value is not None}
        return sign(json.dumps(kept).encode(), head | {"typ": typ}, key)

    return with_changes

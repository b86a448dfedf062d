"""Decisions, questions and what is said to them: a v2 portal and a subscriber on npm's `jose`, both ways in a case."""

import uuid
from typing import Any

import pytest
from application_kit import ANSWER_SCHEMA, Enclosure, reaction, sample
from broker_kit import RunningBroker
from foreign_programs import Person, Refused, decoded, encoded
from installation_kit import CHEMNITZ, LEIPZIG
from managed_destinations import jwk
from node_people import (
    ATTACHMENTS,
    PROBLEM,
    Attachments,
    content_of,
    decides,
    ended,
    events_of,
    private_half,
    reply_key,
    reply_waiting,
    sends,
)
from portal_kit import waited_for
from way_back_kit import receipts

from amtsbote.api.returnkit import Given
from amtsbote.model.answer import AnswerKind

CLIENT = "npm jose 6.2.18 on Node, v2"


def test_it_verifies_and_opens_a_decision_given_through_a_folder_and_accepts_it(
    broker: RunningBroker, hamburg: Person
) -> None:
    sent = accepted(broker, hamburg)
    given = decides(broker, sent["submissionId"])

    reply = reply_waiting(hamburg, sent["caseId"])
    found = fetched(broker, hamburg, reply)

    answer = found["answer"]
    assert (answer["kind"], answer["answers"]) == ("bescheid", sent["submissionId"])
    assert (answer["subject"], answer["text"]) == (given.subject, given.text)
    assert contents(found) == given.documents
    assert found["signedBy"] == broker.keys.jwk("chemnitz-signing").thumbprint()
    hamburg("acceptReply", replyId=reply["replyId"])
    names = [event["name"] for event in events_of(hamburg, reply)]
    assert names == ["create-reply", "submit-reply", "notify-reply", "accept-reply"]
    accept = events_of(hamburg, reply)[-1]
    assert (accept["issuer"], accept["body"]) == (
        f"{broker.base}/submission-api",
        {"authenticationTags": found["tags"]},
    )
    assert reply not in hamburg("replies")
    assert receipt(broker, reply, "angenommen")["submissionId"] == sent["submissionId"]


def test_it_rejects_a_decision_and_the_authority_reads_why(broker: RunningBroker, hamburg: Person) -> None:
    sent = accepted(broker, hamburg)
    decides(broker, sent["submissionId"])
    reply = reply_waiting(hamburg, sent["caseId"])

    hamburg("rejectReply", replyId=reply["replyId"], problems=[PROBLEM])

    reject = ended(hamburg, reply)
    assert (reject["name"], reject["body"]) == ("reject-reply", {"problems": [PROBLEM]})
    assert receipt(broker, reply, "abgelehnt")["problems"] == [f"{PROBLEM['title']}: {PROBLEM['detail']}"]


@pytest.mark.parametrize("fragment_size", [0, 10_000], ids=["whole", "in fragments"])
def test_it_answers_a_question_and_the_authority_finds_that_in_its_folder(
    broker: RunningBroker, hamburg: Person, fragment_size: int
) -> None:
    sent = accepted(broker, hamburg)
    decides(broker, sent["submissionId"], Given(kind=AnswerKind.QUESTION, subject="Bitte ein Foto", documents=()))
    question = reply_waiting(hamburg, sent["caseId"])
    assert fetched(broker, hamburg, question)["answer"]["kind"] == "rueckfrage"
    hamburg("acceptReply", replyId=question["replyId"])

    signing_key = private_half(broker, "hamburg-signing", "PS512", "sign")
    said = in_answer_to(question["replyId"], ATTACHMENTS, fragment_size)
    written = hamburg("reply", destinationId=CHEMNITZ, caseId=sent["caseId"], signingKey=signing_key, **said)

    accept = ended(hamburg, written)
    assert (accept["name"], accept["issuer"]) == ("accept-reply", CHEMNITZ)
    assert accept["body"] == {"authenticationTags": written["tags"]}
    [folder] = broker.delivered(written["replyId"])
    assert (folder.manifest["kind"], folder.manifest["signature"]["verdict"]) == ("reply", "valid")
    assert folder.data == decoded(said["data"])
    assert folder.attachments == tuple(content for _, _, content in ATTACHMENTS)
    decides(broker, written["replyId"])
    decision = fetched(broker, hamburg, reply_waiting(hamburg, sent["caseId"]))
    assert decision["answer"]["answers"] == written["replyId"]


@pytest.mark.parametrize("fragment_size", [0, 10_000], ids=["whole", "in fragments"])
def test_software_behind_an_end_to_end_destination_replies_and_the_portal_answers(
    broker: RunningBroker, hamburg: Person, leipzig: Person, fragment_size: int
) -> None:
    sent = sends(hamburg, LEIPZIG, replyKey=reply_key(broker))
    application = leipzig("fetch", submissionId=sent["submissionId"])
    leipzig("accept", submissionId=sent["submissionId"], caseId=sent["caseId"], tags=application["tags"])

    decision = replied(leipzig, application, content_of(None, ATTACHMENTS, fragment_size))
    found = fetched(broker, hamburg, reply_waiting(hamburg, sent["caseId"]))
    hamburg("acceptReply", replyId=decision["replyId"])

    assert decoded(found["data"]) == sample("gueltig-kleinster-antrag")
    assert contents(found) == tuple((name, content) for name, _, content in ATTACHMENTS)
    assert found["signedBy"] == broker.keys.jwk("leipzig-signing").thumbprint()
    accept = ended(leipzig, decision)
    assert (accept["name"], accept["body"]) == ("accept-reply", {"authenticationTags": decision["tags"]})

    objection = hamburg(
        "reply", destinationId=LEIPZIG, caseId=sent["caseId"], **content_of(None, ATTACHMENTS, fragment_size)
    )
    assert reply_waiting(leipzig, sent["caseId"])["replyId"] == objection["replyId"]
    read = leipzig("fetchReply", replyId=objection["replyId"])
    assert contents(read) == contents(found)
    leipzig("acceptReply", replyId=objection["replyId"], caseId=sent["caseId"], tags=read["tags"])
    assert ended(hamburg, objection)["issuer"] == LEIPZIG
    assert hamburg("log", caseId=sent["caseId"]) == leipzig("log", caseId=sent["caseId"])


def test_either_side_rejects_what_the_other_has_replied(
    broker: RunningBroker, hamburg: Person, leipzig: Person
) -> None:
    sent = sends(hamburg, LEIPZIG, replyKey=reply_key(broker))
    application = leipzig("fetch", submissionId=sent["submissionId"])
    decision = replied(leipzig, application, content_of())
    objection = hamburg("reply", destinationId=LEIPZIG, caseId=sent["caseId"], **content_of())

    hamburg("rejectReply", replyId=decision["replyId"], problems=[PROBLEM])
    leipzig("rejectReply", replyId=objection["replyId"], caseId=sent["caseId"], problems=[PROBLEM])

    for reply, issuer in ((decision, f"{broker.base}/submission-api"), (objection, LEIPZIG)):
        reject = ended(hamburg, reply)
        assert (reject["name"], reject["issuer"], reject["body"]) == ("reject-reply", issuer, {"problems": [PROBLEM]})
    with pytest.raises(Refused, match=r"^409 "):
        hamburg("acceptReply", replyId=decision["replyId"])


def test_it_takes_no_reply_that_is_wrong_in_one_point(broker: RunningBroker, hamburg: Person, leipzig: Person) -> None:
    """The judge is judged, by replies that another end of the wire may well send."""
    sent = sends(hamburg, LEIPZIG, replyKey=reply_key(broker))
    application = leipzig("fetch", submissionId=sent["submissionId"])
    stranger = Person(
        leipzig.program, {**leipzig.identity, "signingKey": private_half(broker, "hamburg-signing", "PS512", "sign")}
    )
    other_key = jwk(broker, "leipzig-encryption")

    def refusal(author: Person, content: dict[str, Any], **more: Any) -> str:
        reply = replied(author, application, content, **more)
        with pytest.raises(Refused) as caught:
            fetched(broker, hamburg, reply)
        hamburg("rejectReply", replyId=reply["replyId"], problems=[PROBLEM])
        return str(caught.value)

    good, elsewhere = in_answer_to(sent["submissionId"], ATTACHMENTS), in_answer_to(str(uuid.uuid4()), ATTACHMENTS)
    others = {**good, "attachments": content_of(None, ATTACHMENTS[:1])["attachments"]}
    assert fetched(broker, hamburg, replied(leipzig, application, good))["answer"]["answers"] == sent["submissionId"]
    assert refusal(stranger, good).startswith("404 key-not-found: ")
    assert refusal(leipzig, good, replyKey=other_key) == "encrypted to another key"
    assert refusal(leipzig, elsewhere) == "an answer to another case"
    assert refusal(leipzig, others) == "the answer is about other documents"


def accepted(broker: RunningBroker, hamburg: Person) -> Any:
    """An application to Chemnitz that may be answered."""
    sent = sends(hamburg, CHEMNITZ, replyKey=reply_key(broker))
    assert ended(hamburg, sent)["name"] == "accept-submission"
    return sent


def fetched(broker: RunningBroker, hamburg: Person, reply: Any) -> Any:
    return hamburg("fetchReply", replyId=reply["replyId"], decryptionKey=reply_key(broker))


def replied(software: Person, application: Any, content: dict[str, Any], **more: Any) -> Any:
    """With the key that the application brought along."""
    key = application["replyChannel"]["fitConnect"]["encryptionPublicKey"]
    return software("reply", caseId=application["caseId"], **{"replyKey": key, **content, **more})


def in_answer_to(message: str, attachments: Attachments, fragment_size: int = 0) -> dict[str, Any]:
    """An answer document with the attachments it names."""
    content = content_of(b"", attachments, fragment_size, (ANSWER_SCHEMA, "application/json"))
    enclosures = [
        Enclosure(decoded(one["content"]), one["name"], one["mimeType"], one["id"]) for one in content["attachments"]
    ]
    return content | {"data": encoded(reaction(LEIPZIG, message, *enclosures).data)}


def contents(found: Any) -> tuple[tuple[str, bytes], ...]:
    return tuple((each["name"], decoded(each["content"])) for each in found["attachments"])


def receipt(broker: RunningBroker, reply: Any, state: str) -> Any:
    """What the authority is told of its reply, when it says so."""

    def told() -> Any:
        said = receipts(broker).get(reply["replyId"], {})
        return said if said.get("state") == state else None

    return waited_for(told, f"the receipt {state}")

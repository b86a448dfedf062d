"""Chemnitz decides, and Hamburg reads it: through folders and HTTP alone, with a portal nobody of the house wrote."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from application_kit import Enclosure, reaction
from broker_kit import RunningBroker, broker_at
from installation_kit import CHEMNITZ
from large_parts import MemoryWatch
from portal_kit import Portal, Sent, waited_for
from way_back_kit import Mailbox, give, let_answer, receipts, replies_of

from amtsbote.api.returnkit import Given
from amtsbote.model.answer import AnswerKind

LARGE = 60_000_000
GROWTH = 48 * 1024 * 1024


@pytest.fixture(scope="module")
def broker(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    place = tmp_path_factory.mktemp("way-back")
    with broker_at(place, shared_folder, started=False, WORK__COLLECT_INTERVAL="PT0.2S") as prepared:
        let_answer(prepared.installation)
        prepared.start()
        yield prepared


@pytest.fixture(scope="module")
def portal(broker: RunningBroker) -> Portal:
    return broker.portal()


@pytest.fixture
def mailbox(broker: RunningBroker, portal: Portal) -> Mailbox:
    return Mailbox(broker, portal)


def reply_in(mailbox: Mailbox, sent: Sent) -> str:
    return waited_for(lambda: next(iter(mailbox.waiting(sent.case)), None), "a reply")


def test_a_decision_arrives_as_it_was_given(broker: RunningBroker, portal: Portal, mailbox: Mailbox) -> None:
    sent = portal.accepted(mailbox.application())

    given = give(broker, sent, "Bescheid 1")
    reply = reply_in(mailbox, sent)
    opened = mailbox.open(reply)

    assert opened.documents == dict(given.documents)
    assert opened.answer["subject"] == given.subject
    assert opened.answer["text"] == given.text
    assert (opened.answer["kind"], opened.answer["answers"]) == ("bescheid", sent.submission)
    waited_for(lambda: (replies_of(broker) / "erledigt" / "Bescheid 1").is_dir() or None, "the folder to be put away")
    assert receipts(broker)[reply]["state"] == "uebergeben"
    mailbox.accept(reply)
    waited_for(lambda: receipts(broker)[reply]["state"] == "angenommen" or None, "the receipt")
    assert [one.name for one in mailbox.events(sent.case, reply)] == [
        "create-reply",
        "submit-reply",
        "notify-reply",
        "accept-reply",
    ]
    assert mailbox.waiting(sent.case) == []
    for outcome in ("passed-on", "accepted"):
        name = f'amtsbote_replies_total{{outcome="{outcome}",target="chemnitz"}}'
        waited_for(lambda name=name: broker.metrics().get(name), name)  # type: ignore[misc]


def test_an_authority_reads_why_the_portal_has_rejected(
    broker: RunningBroker, portal: Portal, mailbox: Mailbox
) -> None:
    sent = portal.accepted(mailbox.application())
    give(broker, sent, "Bescheid 2")
    reply = reply_in(mailbox, sent)

    mailbox.reject(reply, "Die Datei lässt sich nicht öffnen.")

    waited_for(lambda: receipts(broker)[reply]["state"] == "abgelehnt" or None, "the receipt")
    assert receipts(broker)[reply]["problems"] == ["Prüfung: Die Datei lässt sich nicht öffnen."]


def test_without_a_key_of_the_portal_the_authority_and_a_person_hear_of_it(
    broker: RunningBroker, portal: Portal, mailbox: Mailbox
) -> None:
    sent = portal.accepted(mailbox.application(reply_key=None))
    give(broker, sent, "Bescheid 3")

    reason = replies_of(broker) / "fehler" / "Bescheid 3.grund.txt"
    waited_for(lambda: reason.exists() or None, "the reason")

    assert "(no-key)" in reason.read_text("utf-8-sig")
    listed = broker.installation.good("deadletters", "list", "--json")["deadletters"]
    [letter] = [one for one in listed if one["submission"] == sent.submission]
    assert letter["reason"] == "reply-impossible"
    broker.installation.good("deadletters", "drop", letter["id"], "--reason", "geht mit der Post")
    assert mailbox.waiting(sent.case) == []


def test_what_was_never_delivered_there_cannot_be_answered(
    broker: RunningBroker, portal: Portal, mailbox: Mailbox
) -> None:
    sent = portal.accepted(mailbox.application())

    give(broker, replace(sent, submission="6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0001"), "Bescheid 4")

    reason = replies_of(broker) / "fehler" / "Bescheid 4.grund.txt"
    waited_for(lambda: reason.exists() or None, "the reason")
    assert "(unknown-submission)" in reason.read_text("utf-8-sig")


def test_a_question_is_answered_and_the_answer_decided(broker: RunningBroker, portal: Portal, mailbox: Mailbox) -> None:
    """The whole conversation: question, reaction with a photo, decision on the reaction."""
    sent = portal.accepted(mailbox.application())
    give(broker, sent, "Rückfrage", Given(kind=AnswerKind.QUESTION, subject="Bitte ein Foto", documents=()))
    question = reply_in(mailbox, sent)
    assert mailbox.open(question).answer["kind"] == "rueckfrage"
    mailbox.accept(question)

    photo = Enclosure(b"\xff\xd8 photo", "Eiche.jpg", "image/jpeg")
    sealed = portal.seal(reaction(CHEMNITZ, question, photo))
    body = {"caseId": sent.case, "announcedAttachments": [photo.id]}
    reaction_id = portal.good("POST", "/v2/replies", json=body).json()["replyId"]
    for part, token in sealed.attachments.items():
        address = f"/v2/replies/{reaction_id}/attachments/{part}"
        portal.good("PUT", address, content=token, headers={"Content-Type": "application/jose"})
    portal.good("PUT", f"/v2/replies/{reaction_id}", json=sealed.body)

    [folder] = waited_for(lambda: broker.delivered(reaction_id) or None, "the reaction in Chemnitz")
    assert (folder.manifest["kind"], folder.manifest["ids"]["case"]) == ("reply", sent.case)
    assert folder.attachments == (photo.content,)
    assert b"Anbei das Foto." in folder.data
    give(broker, replace(sent, submission=reaction_id), "Bescheid 5")
    decision = reply_in(mailbox, sent)
    assert mailbox.open(decision).answer["answers"] == reaction_id
    last = [event.name for event in mailbox.events(sent.case, reaction_id)]
    assert last == ["create-reply", "submit-reply", "accept-reply"]


def test_a_large_document_passes_in_constant_memory_and_is_written_nowhere_in_the_clear(
    broker: RunningBroker, portal: Portal, mailbox: Mailbox
) -> None:
    marked = b"nobody else may read this "
    content = marked * (LARGE // len(marked))
    sent = portal.accepted(mailbox.application())

    with MemoryWatch(broker.running.pid) as memory:
        give(broker, sent, "Gutachten", Given(documents=(("Gutachten.bin", content),)))
        reply = waited_for(lambda: next(iter(mailbox.waiting(sent.case)), None), "a large reply", 60)

    assert memory.growth < GROWTH
    assert mailbox.open(reply).documents == {"Gutachten.bin": content}
    data = broker.installation.folder / "site" / "data"
    for file in data.rglob("*"):
        assert not file.is_file() or marked not in file.read_bytes(), file

"""What a portal believes of a reply: nothing that anybody on the way has made, changed, kept back or repeated."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from application_kit import Enclosure, Sealed, Spoil, cut_off, one_bit_of
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from mailbox_kit import (
    EARLIER,
    ELSEWHERE,
    LETTER,
    REPLY,
    SENT,
    People,
    PortalsMailbox,
    ReplyService,
    a_mailbox,
    decision,
    listed,
)

from amtsbote.api.answer import ANSWER_SCHEMA
from amtsbote.model.content import SignatureVerdict
from transport.fitconnect.client import Failure, SendingFailed

OTHER = Enclosure(b"other", "Anlage.txt", "text/plain", "a0000000-0000-4000-8000-00000000000f")
FRAGMENTED = Enclosure(bytes(range(256)) * 100, "Gutachten.exe", "application/x-dosexec", OTHER.id, split=10_000)
Telling = Callable[[ReplyService, People], None]


@pytest.fixture
async def portal(rsa_key: Callable[[str], RSAPrivateKey], tmp_path: Path) -> AsyncIterator[PortalsMailbox]:
    async with a_mailbox(rsa_key, tmp_path) as one:
        yield one


async def test_a_reply_is_opened_and_only_its_documents_are_left(portal: PortalsMailbox) -> None:
    portal.service.offer(portal.service.people.sealed(decision(LETTER, FRAGMENTED)))
    portal.service.pages["/v2/replies"] = {"replies": [listed()]}

    assert await portal.mailbox.waiting() == (portal.waiting,)
    opened = await portal.mailbox.open(portal.waiting, SENT, portal.folder)

    assert opened.answer is not None
    assert (opened.answer.kind, opened.answer.subject) == ("bescheid", "Fällgenehmigung")
    assert [one.name for one in opened.documents] == ["Bescheid.pdf", "Gutachten.exe"]
    assert portal.files == {"dokument-01.pdf": LETTER.content, "dokument-02.bin": FRAGMENTED.content}
    assert opened.signature.verdict is SignatureVerdict.VALID
    assert opened.submitted.claims.message == REPLY
    assert portal.service.said == []


async def test_a_reply_that_nobody_signed_says_so(portal: PortalsMailbox) -> None:
    portal.service.offer(portal.service.people.sealed(signer=""))

    opened = await portal.mailbox.open(portal.waiting, SENT, portal.folder)

    assert opened.signature.verdict is SignatureVerdict.ABSENT


async def test_data_of_another_standard_is_opened_and_not_understood(portal: PortalsMailbox) -> None:
    other = decision(LETTER).but(schema="urn:example:bescheid", data=b"{}")
    portal.service.offer(portal.service.people.sealed(other))

    opened = await portal.mailbox.open(portal.waiting, SENT, portal.folder)

    assert (opened.answer, opened.data) == (None, b"{}")


# replies that are not believed


def offered(spoil: Spoil | None = None, *enclosures: Enclosure, signer: str = "signing", **changes: Any) -> Telling:
    """The event log says what lies there: only what is inside is wrong."""

    def tell(service: ReplyService, people: People) -> None:
        service.offer(people.sealed(decision(*(enclosures or (LETTER,)), **changes), spoil or Spoil(), signer))

    return tell


def on_the_way(part: str, change: Callable[[str], str]) -> Telling:
    """The event log says what was submitted, and something else lies there."""

    def tell(service: ReplyService, people: People) -> None:
        sealed = people.sealed()
        service.offer(sealed)
        fetched, address = service.pages[f"/v2/replies/{REPLY}"], f"/v2/replies/{REPLY}/attachments/{LETTER.id}"
        if part == "attachment":
            service.pages[address] = change(sealed.attachments[LETTER.id]).encode()
        else:
            fetched[part] = change(fetched[part])

    return tell


def logged(**changes: Any) -> Telling:
    """The reply is good, its entry in the event log is not."""
    return lambda service, people: service.offer(people.sealed(), **changes)


def page(address: str, **changes: Any) -> Telling:
    """The service says something else at this address; None: nothing is there."""

    def tell(service: ReplyService, people: People) -> None:
        service.offer(people.sealed())
        service.pages[address] = service.pages[address] | changes if changes else None

    return tell


def submitted_twice(service: ReplyService, people: People) -> None:
    sealed = people.sealed()
    service.offer(sealed)
    service.log.append(service.event("submit-reply", f"reply:{REPLY}", {"authenticationTags": sealed.tags()}))


def never_submitted(service: ReplyService, people: People) -> None:
    service.offer(people.sealed())
    service.log.pop()


def seen_before(service: ReplyService, people: People) -> None:
    sealed = people.sealed()
    service.offer(sealed, EARLIER)
    service.offer(sealed)


def other_parts(service: ReplyService, people: People) -> None:
    """Those of an earlier reply, under the name of this one."""
    service.offer(people.sealed(), EARLIER)
    service.offer(people.sealed(decision(LETTER, subject="Ablehnung")))
    earlier = service.pages[f"/v2/replies/{EARLIER}"]
    service.pages[f"/v2/replies/{REPLY}"] = earlier | listed()
    address = "/v2/replies/{}/attachments/" + LETTER.id
    service.pages[address.format(REPLY)] = service.pages[address.format(EARLIER)]


def certified_by_nobody(service: ReplyService, people: People) -> None:
    service.publish(people.self_certified("encryption"))
    service.offer(people.sealed(signer="encryption"))


def of_another_key(service: ReplyService, people: People) -> None:
    """The destination publishes a key that does not have the name under which it was asked for."""
    published = people.published("signing")
    service.offer(people.sealed(signer="encryption"))
    service.pages[f"/v2/destinations/{SENT.destination}/keys/{people.jwk('encryption').thumbprint()}"] = published


def to_somebody_else(*parts: str) -> Telling:
    return lambda service, people: offered(Spoil(key=dict.fromkeys(parts, people.jwk("encryption"))))(service, people)


def named_for_somebody_else(service: ReplyService, people: People) -> None:
    wrong = {"kid": people.jwk("encryption").thumbprint()}
    offered(Spoil(header={"metadata": wrong}, key={"metadata": people.jwk("encryption")}))(service, people)


def fragments(change: Callable[[Sequence[str]], Sequence[str]]) -> Telling:
    """The fragments that lie there, by their places in the attachment."""

    def tell(service: ReplyService, people: People) -> None:
        sealed = people.sealed(decision(FRAGMENTED))
        names = list(sealed.attachments)
        moved = dict(zip(names, (sealed.attachments[name] for name in change(names)), strict=False))
        service.offer(Sealed(sealed.application, sealed.metadata, sealed.data, moved))

    return tell


def inside(part: str, change: Callable[[Any], Any]) -> Telling:
    return offered(Spoil(before={part: change}))


def metadata(**members: Any) -> Telling:
    return inside("metadata", lambda document: document | members)


def saying(**changes: Any) -> Telling:
    """Made and signed by the authority: only what it says is not as agreed."""
    return offered(None, LETTER, **changes)


REFUSED: dict[str, tuple[Telling, Failure, str]] = {
    # tags and ciphertexts
    **{
        f"{part}: tag changed on the way": (on_the_way(part, one_bit_of(4)), Failure.REPLY, "authenticationTags")
        for part in ("encryptedMetadata", "encryptedData", "attachment")
    },
    "metadata: ciphertext changed on the way": (
        on_the_way("encryptedMetadata", one_bit_of(3)),
        Failure.REPLY,
        "metadata",
    ),
    "data: ciphertext changed on the way": (on_the_way("encryptedData", one_bit_of(3)), Failure.REPLY, "AB-2001"),
    "attachment: ciphertext changed on the way": (on_the_way("attachment", one_bit_of(3)), Failure.REPLY, "AB-2001"),
    "attachment: cut off on the way": (on_the_way("attachment", cut_off(9)), Failure.REPLY, "authenticationTags"),
    "attachment: no JWE at all": (on_the_way("attachment", lambda _: "x"), Failure.REPLY, "authenticationTags"),
    "metadata: wrong tag, also in the log": (
        offered(Spoil(after={"metadata": one_bit_of(4)})),
        Failure.REPLY,
        "metadata",
    ),
    "data: wrong tag, also in the log": (offered(Spoil(after={"data": one_bit_of(4)})), Failure.REPLY, "AB-2001"),
    "attachment: wrong tag, also in the log": (
        offered(Spoil(after={"attachment": one_bit_of(4)})),
        Failure.REPLY,
        "AB-2001",
    ),
    # hashes and metadata
    "data: wrong hash": (inside("data", lambda data: data + b" "), Failure.REPLY, "AB-2002"),
    "attachment: wrong hash": (inside("attachment", lambda data: data[:-1]), Failure.REPLY, "AB-2002"),
    "metadata: no JSON": (inside("metadata", lambda _: b"<metadata/>"), Failure.REPLY, "AB-2003"),
    "metadata: of an unknown version": (metadata(**{"$schema": "urn:x"}), Failure.REPLY, "AB-2005"),
    "metadata: not as its schema": (metadata(contentStructure={}), Failure.REPLY, "AB-2006"),
    # keys
    "data for another key": (to_somebody_else("data"), Failure.REPLY, "AB-2001"),
    "attachment for another key": (to_somebody_else("attachment"), Failure.REPLY, "AB-2001"),
    "everything for another key": (to_somebody_else("metadata", "data", "attachment"), Failure.REPLY, "metadata"),
    "metadata for a key of another name": (named_for_somebody_else, Failure.REPLY, "metadata"),
    # the signature of the authority
    "signature over other data": (
        offered(Spoil(signature=lambda token: token[:-8] + "AAAAAAAA")),
        Failure.REPLY,
        "signature-does-not-fit",
    ),
    "signature that is none": (offered(Spoil(signature=lambda _: "none")), Failure.REPLY, "malformed"),
    "signature by a key the destination does not have": (offered(signer="encryption"), Failure.REFUSED, ""),
    "signature by a key nobody certified": (certified_by_nobody, Failure.KEY, "not-anchored"),
    "signature by a key published under another name": (of_another_key, Failure.KEY, "kid"),
    # the event log
    "submit-reply signed by somebody else": (logged(key="encryption"), Failure.EVENT, "the signature does not fit"),
    "submit-reply by the destination": (
        logged(iss=SENT.destination, key="signing", kid="signing"),
        Failure.EVENT,
        "submit-reply: iss",
    ),
    "submit-reply of another case": (logged(txn=f"case:{ELSEWHERE}"), Failure.EVENT, "submit-reply: txn"),
    "submit-reply with other tags": (
        logged(tags={"metadata": "m" * 22, "data": "d" * 22, "attachments": {}}),
        Failure.REPLY,
        "authenticationTags",
    ),
    "no submit-reply": (never_submitted, Failure.REPLY, "submit-reply"),
    "two of them": (submitted_twice, Failure.REPLY, "submit-reply"),
    "replayed": (seen_before, Failure.REPLY, "replayed"),
    "parts of an earlier reply": (other_parts, Failure.REPLY, "authenticationTags"),
    # what it answers, and with which documents
    "answer in another case": (saying(answers=ELSEWHERE), Failure.REPLY, "answers"),
    "answer that is none": (saying(kind="rat"), Failure.REPLY, "not-as-described"),
    "a document whose name is a path": (
        offered(None, Enclosure(b"x", "../../x.pdf", "application/pdf", OTHER.id)),
        Failure.REPLY,
        "not-as-described",
    ),
    "a document the authority did not name": (saying(documents=[]), Failure.REPLY, "documents"),
    "a document exchanged by whoever wrote the metadata": (
        saying(documents=[{"attachmentId": LETTER.id, "name": "x", "sha512": "0" * 128}]),
        Failure.REPLY,
        "documents",
    ),
    # what is missing
    "attachment missing": (page(f"/v2/replies/{REPLY}/attachments/{LETTER.id}"), Failure.REFUSED, ""),
    "attachment not listed": (page(f"/v2/replies/{REPLY}", attachments=[]), Failure.REPLY, "authenticationTags"),
    "attachment listed twice": (
        page(f"/v2/replies/{REPLY}", attachments=[LETTER.id, LETTER.id.upper()]),
        Failure.UNEXPECTED,
        "attachments",
    ),
    "attachment that is a path": (
        page(f"/v2/replies/{REPLY}", attachments=["../x"]),
        Failure.UNEXPECTED,
        "attachments",
    ),
    "metadata missing": (page(f"/v2/replies/{REPLY}", encryptedMetadata=None), Failure.UNEXPECTED, "metadata"),
    "data missing": (page(f"/v2/replies/{REPLY}", encryptedData=7), Failure.UNEXPECTED, "data"),
    "reply gone": (page(f"/v2/replies/{REPLY}"), Failure.REFUSED, ""),
    "reply of another case": (page(f"/v2/replies/{REPLY}", caseId=ELSEWHERE), Failure.UNEXPECTED, "replyId"),
    "another reply": (page(f"/v2/replies/{REPLY}", replyId=EARLIER), Failure.UNEXPECTED, "replyId"),
    # fragments
    "fragments exchanged": (fragments(lambda names: [names[1], names[0], *names[2:]]), Failure.REPLY, "AB-2016"),
    "the last fragment missing": (fragments(lambda names: names[:-1]), Failure.REPLY, "AB-2008"),
    "a fragment twice": (fragments(lambda names: [names[0], names[0], *names[2:]]), Failure.REPLY, "AB-2016"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_reply_that_does_not_hold_is_refused_in_a_sentence_and_leaves_nothing(
    portal: PortalsMailbox, name: str
) -> None:
    tell, failure, reason = REFUSED[name]
    tell(portal.service, portal.service.people)

    with pytest.raises(SendingFailed) as caught:
        await portal.mailbox.open(portal.waiting, SENT, portal.folder)

    assert (caught.value.failure, caught.value.reason) == (failure, reason)
    assert all(len(sentence) > 30 and sentence.endswith(".") for sentence in (caught.value.de, caught.value.en))
    assert portal.files == {}
    assert portal.service.said == []


async def test_after_a_refusal_the_same_folder_takes_the_reply_that_holds(portal: PortalsMailbox) -> None:
    on_the_way("attachment", one_bit_of(4))(portal.service, portal.service.people)
    with pytest.raises(SendingFailed):
        await portal.mailbox.open(portal.waiting, SENT, portal.folder)

    portal.service.begin()
    portal.service.offer(portal.service.people.sealed())
    await portal.mailbox.open(portal.waiting, SENT, portal.folder)

    assert portal.files == {"dokument-01.pdf": LETTER.content}


async def test_a_folder_that_is_not_empty_is_left_as_it_is(portal: PortalsMailbox) -> None:
    portal.service.offer(portal.service.people.sealed())
    (portal.folder / "dokument-01.pdf").write_bytes(b"of before")

    with pytest.raises(FileExistsError):
        await portal.mailbox.open(portal.waiting, SENT, portal.folder)

    assert portal.files == {"dokument-01.pdf": b"of before"}


async def test_a_reply_in_another_case_is_not_even_fetched(portal: PortalsMailbox) -> None:
    portal.service.pages["/v2/replies"] = {"replies": [listed(caseId=ELSEWHERE)]}
    [waiting] = await portal.mailbox.waiting()
    asked = len(portal.service.requests)

    with pytest.raises(SendingFailed) as caught:
        await portal.mailbox.open(waiting, SENT, portal.folder)

    assert (caught.value.failure, caught.value.reason) == (Failure.REPLY, "caseId")
    assert len(portal.service.requests) == asked


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"replies": {}},
        {"replies": [1]},
        {"replies": [listed(replyId="../x")]},
        {"replies": [listed(), listed(destinationId=None)]},
    ],
)
async def test_a_list_that_is_none_is_not_as_agreed(portal: PortalsMailbox, said: Any) -> None:
    """Ids become parts of addresses."""
    portal.service.pages["/v2/replies"] = said

    with pytest.raises(SendingFailed) as caught:
        await portal.mailbox.waiting()

    assert caught.value.failure is Failure.UNEXPECTED


async def test_the_portal_says_what_it_has_decided(portal: PortalsMailbox) -> None:
    problem = {"type": "urn:x", "title": "Prüfung", "detail": "Die Datei fehlt.", "instance": "data"}

    await portal.mailbox.accept(portal.waiting)
    await portal.mailbox.reject(portal.waiting, [problem])

    assert portal.service.said == [
        (f"/v2/replies/{REPLY}/accept", {}),
        (f"/v2/replies/{REPLY}/reject", {"problems": [problem]}),
    ]


async def test_what_a_portal_names_for_replies_is_its_key_and_the_standard_it_reads(portal: PortalsMailbox) -> None:
    channel = portal.mailbox.channel

    assert channel.standards == (ANSWER_SCHEMA.uri,)
    assert channel.key == portal.service.people.jwk("portal").thumbprint()

"""The mailbox of a portal: which replies wait, what is in them, and what the portal says to them (dossier 5.2).

    mailbox = Mailbox(sender, reply_key)
    for waiting in await mailbox.waiting():
        opened = await mailbox.open(waiting, sent[waiting.case], folder)
        await mailbox.accept(waiting)

A reply is opened by the code that opens submissions in the broker: every tag and hash is checked. Besides, the event
log must say that exactly these parts were submitted, and not before as another reply; and a signature over the data
must be of a certified key of the destination. What does not hold raises `SendingFailed` and leaves nothing behind; the
service is told nothing, for whether to reject such a reply (`reject`), to wait or to ask is the portal's decision.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amtsbote.api.answer import ANSWER_SCHEMA, Answer, AnswerUnreadable, read_answer
from amtsbote.api.envelope import Trust
from amtsbote.errors import Rejected
from amtsbote.jose.jwk import channel_of, thumbprint
from amtsbote.model.content import Attachment, Content, ReplyChannel, SignatureResult, SignatureVerdict
from amtsbote.model.formats import is_uuid
from amtsbote.model.ids import CaseId, DestinationId, MessageId, PartId
from amtsbote.model.message import DATA, METADATA, SubmittedPart
from transport.fitconnect.assumptions import REPLIES, REPLY_DECISIONS, REPLY_ID
from transport.fitconnect.client.failures import Bilingual, Failure, SendingFailed, readable
from transport.fitconnect.client.opening import open_reply, reader_of, reread, signer_named
from transport.fitconnect.client.sender import Sender
from transport.fitconnect.client.values import CHUNK, Sent, VerifiedEvent
from transport.fitconnect.packing import TAG_LENGTH

PAGE: Final = 500
LARGEST_PART: Final = 700_000_000
"""Characters of one attachment: 500 MB as a compact JWE."""
EXTENSIONS: Final[Mapping[str, str]] = {
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/plain": ".txt",
}
"""Of files that a portal may show; everything else becomes `.bin`."""


@dataclass(frozen=True, slots=True)
class WaitingReply:
    id: MessageId
    case: CaseId
    destination: DestinationId


@dataclass(frozen=True, slots=True)
class ReceivedDocument:
    file: Path
    name: str
    """As the authority calls it: text, never a path."""
    mime_type: str
    size: int
    sha512: str


@dataclass(frozen=True, slots=True)
class OpenedReply:
    """A reply whose tags, hashes, events and signature were checked."""

    waiting: WaitingReply
    data: bytes
    answer: Answer | None
    """The data, when it is an answer document."""
    documents: tuple[ReceivedDocument, ...]
    signature: SignatureResult
    """*Valid*: the data is signed by a certified key of the destination. *Absent*: by nobody."""
    submitted: VerifiedEvent
    """The entry of the event log that names the tags of all parts."""


class Mailbox:
    def __init__(self, sender: Sender, key: RSAPrivateKey) -> None:
        """`key`: the private half of the key that the portal gives with its submissions."""
        self._sender = sender
        self._key = key
        self._replies = f"{sender.endpoints.submission}/v2/replies"

    @property
    def channel(self) -> ReplyChannel:
        """To be named in every application that may be answered."""
        return channel_of(self._key.public_key(), (ANSWER_SCHEMA.uri,))

    async def waiting(self) -> tuple[WaitingReply, ...]:
        """Oldest first; at most 500."""
        answer = await self._sender.wire.get(self._replies, {"limit": str(PAGE)})
        listed = answer.get(REPLIES.value)
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise SendingFailed(Failure.UNEXPECTED, reason=REPLIES.value)
        return tuple(map(_waiting, listed))

    async def open(self, waiting: WaitingReply, sent: Sent, folder: Path) -> OpenedReply:
        """Fetch, check and open a reply in the case of what was `sent`; its documents lie in the empty `folder`
        afterwards, under names of ours. Raises `SendingFailed`; `FileExistsError` for a folder that is not empty."""
        if (waiting.case, waiting.destination) != (sent.case, sent.destination):
            raise _untrusted("caseId")
        await asyncio.to_thread(_demand_empty, folder)
        try:
            return await self._opened(waiting, sent, folder)
        except BaseException:
            await asyncio.to_thread(_clear, folder)
            raise

    async def _opened(self, waiting: WaitingReply, sent: Sent, folder: Path) -> OpenedReply:
        fetched = await self._fetch(waiting, folder)
        events = await self._sender.events(sent)
        submitted = _submitted(waiting, fetched, events)
        trust = await self._trust(waiting, fetched, submitted)
        about = (waiting.id, waiting.case, waiting.destination)
        content = await asyncio.to_thread(_checked, partial(open_reply, *about, fetched, reader_of(self._key), trust))
        documents = await asyncio.to_thread(_written, content, fetched, folder)
        answer = _answer(content, {event.claims.message for event in events})
        return OpenedReply(waiting, content.data, answer, documents, content.signature, submitted)

    async def accept(self, reply: WaitingReply) -> None:
        await self._sender.wire.put(f"{self._replies}/{reply.id}/{REPLY_DECISIONS.value[0]}", {})

    async def reject(self, reply: WaitingReply, problems: Sequence[Mapping[str, str]]) -> None:
        """`problems`: `type`, `title`, `detail` and `instance` of each."""
        address = f"{self._replies}/{reply.id}/{REPLY_DECISIONS.value[1]}"
        await self._sender.wire.put(address, {"problems": list(problems)})

    async def _fetch(self, waiting: WaitingReply, folder: Path) -> Mapping[PartId, SubmittedPart]:
        """All parts; those that may be large as files of ciphertext, which the caller's folder holds."""
        answer = await self._sender.wire.get(f"{self._replies}/{waiting.id}")
        if _waiting(answer) != waiting:
            raise SendingFailed(Failure.UNEXPECTED, reason=REPLY_ID.value)
        tokens = {METADATA: answer.get("encryptedMetadata"), DATA: answer.get("encryptedData")}
        parts = {name: _in_memory(name, token) for name, token in tokens.items()}
        attachments = answer.get("attachments")
        if not isinstance(attachments, list) or not all(isinstance(one, str) and is_uuid(one) for one in attachments):
            raise SendingFailed(Failure.UNEXPECTED, reason="attachments")
        names = [name.lower() for name in attachments]
        if len(set(names)) != len(names):
            raise SendingFailed(Failure.UNEXPECTED, reason="attachments")
        for name in names:
            parts[PartId(name)] = await self._download(waiting, PartId(name), folder / f"{name}.jwe")
        return parts

    async def _download(self, waiting: WaitingReply, part: PartId, file: Path) -> SubmittedPart:
        with file.open("xb") as opened:
            address = f"{self._replies}/{waiting.id}/attachments/{part}"
            await self._sender.wire.get_token(address, opened.write, LARGEST_PART)
        return await asyncio.to_thread(_in_file, part, file)

    async def _trust(
        self, waiting: WaitingReply, parts: Mapping[PartId, SubmittedPart], submitted: VerifiedEvent
    ) -> Trust:
        """The key the data claims to be signed with, if it is one of the destination."""
        with _believing():
            kid = await asyncio.to_thread(signer_named, parts[METADATA], reader_of(self._key))
        if kid is None:
            return Trust({})
        key = await self._sender.signature_key(waiting.destination, kid, submitted.claims.at)
        return Trust({thumbprint(key): key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)})


def _waiting(listed: Mapping[str, Any]) -> WaitingReply:
    ids = [listed.get(name) for name in (REPLY_ID.value, "caseId", "destinationId")]
    reply, case, destination = (one.lower() if isinstance(one, str) and is_uuid(one) else "" for one in ids)
    if not (reply and case and destination):
        raise SendingFailed(Failure.UNEXPECTED, reason=REPLY_ID.value)
    return WaitingReply(MessageId(reply), CaseId(case), DestinationId(destination))


def _in_memory(name: PartId, token: object) -> SubmittedPart:
    if not isinstance(token, str) or not token.isascii():
        raise SendingFailed(Failure.UNEXPECTED, reason=name)
    content = token.encode()
    return SubmittedPart(name, len(content), token.rpartition(".")[2], lambda: iter((content,)))


def _in_file(part: PartId, file: Path) -> SubmittedPart:
    return SubmittedPart(part, file.stat().st_size, _tag_in(file), partial(_chunks, file))


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def _tag_in(file: Path) -> str:
    """The fifth segment of the token in a file."""
    tail = b""
    for chunk in _chunks(file):
        tail = (tail + chunk)[-TAG_LENGTH - 1 :]
    return tail.rpartition(b".")[2].decode("ascii", "replace")


def _submitted(
    waiting: WaitingReply, parts: Mapping[PartId, SubmittedPart], events: Sequence[VerifiedEvent]
) -> VerifiedEvent:
    """The one event that says which parts were submitted; they are these, and nobody submitted them before."""
    submits = [event for event in events if event.name == "submit-reply"]
    own = [place for place, event in enumerate(submits) if event.claims.message == waiting.id]
    if len(own) != 1:
        raise _untrusted("submit-reply")
    tags = {part.id: part.tag for part in parts.values()}
    if submits[own[0]].claims.tags != tags:
        raise _untrusted("authenticationTags")
    if any(event.claims.tags == tags for event in submits[: own[0]]):
        raise _untrusted("replayed")
    return submits[own[0]]


@contextmanager
def _believing() -> Iterator[None]:
    """What the broker would reject a submission for is a reason not to believe a reply."""
    try:
        yield
    except Rejected as rejected:
        problem = rejected.problems[0]
        de, en = problem.detail("de").removesuffix("."), problem.detail("en").removesuffix(".")
        raise _untrusted(Bilingual(problem.type.code, de, en)) from None


def _checked(opened: Callable[[], Content]) -> Content:
    with _believing():
        content = opened()
    if content.signature.verdict not in (SignatureVerdict.VALID, SignatureVerdict.ABSENT):
        raise _untrusted(content.signature.reason)
    return content


def _written(content: Content, parts: Mapping[PartId, SubmittedPart], folder: Path) -> tuple[ReceivedDocument, ...]:
    """Every attachment in a file of its own, in the clear; the ciphertext goes."""
    documents = []
    for number, attachment in enumerate(content.attachments, 1):
        file = folder / f"dokument-{number:02d}{EXTENSIONS.get(attachment.mime_type, '.bin')}"
        with file.open("xb") as opened:
            for part in attachment.parts:
                for chunk in reread(parts[part], content.content_keys[part]):
                    opened.write(chunk)
        documents.append(_received(file, attachment))
    for part in parts:
        (folder / f"{part}.jwe").unlink(missing_ok=True)
    return tuple(documents)


def _received(file: Path, attachment: Attachment) -> ReceivedDocument:
    name = readable(attachment.filename) or file.name
    return ReceivedDocument(file, name, attachment.mime_type, attachment.size, attachment.sha512)


def _answer(content: Content, messages: Set[MessageId]) -> Answer | None:
    """The answer document. Whoever signed it signed what it answers and its documents, too: an answer to another case
    is not this one's."""
    if content.schema != ANSWER_SCHEMA:
        return None
    try:
        answer = read_answer(content.data)
    except AnswerUnreadable as error:
        raise _untrusted(error.reason) from None
    if answer.answers not in messages:
        raise _untrusted("answers")
    signed = {one.attachment_id: one.sha512 for one in answer.documents}
    if signed != {one.id: one.sha512 for one in content.attachments}:
        raise _untrusted("documents")
    return answer


def _demand_empty(folder: Path) -> None:
    if any(folder.iterdir()):
        raise FileExistsError(folder)


def _clear(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _untrusted(reason: str | Bilingual) -> SendingFailed:
    return SendingFailed(Failure.REPLY, reason=reason)

"""The calls of clients around a case: what is asked of the server, and what the model (`case_model`) says to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from application_kit import Enclosure, Sealed
from case_model import NOTHING, REPLY, SUBMISSION, Answer, Claim, World
from front_for_tests import JOSE, Asked, creation
from house_for_tests import SEALED
from replies_for_tests import packed
from set_for_tests import set_names, set_of
from typing_extensions import override

from amtsbote.model.ids import ClientId

API = "/submission-api/v2"
PARTS = tuple(f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
"""The last is never announced."""
LIST = {SUBMISSION: "submissions", REPLY: "replies"}
ID = {SUBMISSION: "submissionId", REPLY: "replyId"}
_PROBLEMS = [{"type": "urn:x", "title": "Prüfung", "detail": "leer", "instance": "data"}]
_NO_TAG = "AAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class Named:
    """What a call is about, as it names it."""

    message: str
    kind: str
    case: str

    @property
    def path(self) -> str:
        return f"{API}/{LIST[self.kind]}/{self.message}"

    @property
    def case_path(self) -> str:
        return f"{API}/cases/{self.case}"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)


_SEALED: list[Sealed] = []
"""Once for all: the same bytes may lie in many messages."""


class Contents:
    """Two of everything that can be sent."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        if not _SEALED:
            enclosed = [Enclosure(b"%PDF", f"{part}.pdf", "application/pdf", part) for part in PARTS]
            _SEALED.extend(packed(asked, "leipzig-encryption", *enclosed) for _ in range(2))

    def body(self, content: int) -> dict[str, str]:
        """2 and 3 are 0 and 1 without data, as version 1 allows."""
        body = _SEALED[content % 2].body
        return body if content < 2 else {"encryptedMetadata": body["encryptedMetadata"]}

    def part(self, part: str, content: int) -> str:
        return _SEALED[content].attachments[part]

    def which_body(self, seen: Mapping[str, Any]) -> int:
        sent = {name: seen[name] for name in ("encryptedMetadata", "encryptedData") if name in seen}
        return [self.body(content) for content in range(4)].index(sent)

    def which_part(self, part: str, seen: str) -> int:
        return [self.part(part, content) for content in range(2)].index(seen)

    def event(self, named: Named, verdict: str, claim: Claim) -> str:
        """Signed by the subscriber; acceptance with the authentication tags of a message that holds this."""
        body: dict[str, Any] = {"reject": {"problems": _PROBLEMS}, "accept": {"authenticationTags": self._tags(claim)}}
        sub, event = f"{named.kind}:{named.message}", f"{verdict}-{named.kind}"
        return set_of(self._asked, named.case, sub, event, None, **body.get(verdict, {}))

    def _tags(self, claim: Claim) -> dict[str, Any]:
        if claim.body is None:
            return {"metadata": _NO_TAG}
        body = self.body(claim.body)
        named = {name: body[f"encrypted{name.title()}"] for name in ("metadata", "data")[: len(body)]}
        parts = {part: self.part(part, content) for part, content in claim.attached}
        return {**_tags(named), "attachments": _tags(parts)}


def _tags(tokens: Mapping[str, str]) -> dict[str, str]:
    return {name: token.rsplit(".", 1)[1] for name, token in tokens.items()}


@dataclass(frozen=True)
class Call:
    """By a client, about a message or a case: each is one of those the server has made, by number."""

    client: ClientId
    message: int = 0
    case: int | None = None
    """None: that of the message."""
    other_kind: bool = False
    """The message is asked for as what it is not."""

    def request(self, named: Named, contents: Contents) -> Request:
        raise NotImplementedError

    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        """Raises `Refused`. `made`: ids of message and case in the answer."""
        raise NotImplementedError

    def told(self, answer: httpx.Response, contents: Contents) -> Any:
        """What a good answer tells."""


@dataclass(frozen=True)
class Announce(Call):
    kind: str = SUBMISSION
    parts: int = 0
    new_case: bool = False

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        body = creation(SEALED) if self.kind == SUBMISSION else {}
        place = {} if self.new_case and self.kind == SUBMISSION else {"caseId": named.case}
        body = {**body, **place, "announcedAttachments": list(PARTS[: self.parts])}
        return Request("POST", f"{API}/{LIST[self.kind]}", {"json": body})

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        parts = PARTS[: self.parts]
        if self.kind == REPLY:
            return world.announce_reply(self.client, named.case, parts, made)
        return world.announce(self.client, None if self.new_case else named.case, parts, made)

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> str:
        return str(answer.json()["caseId"])


@dataclass(frozen=True)
class Attach(Call):
    part: int = 0
    content: int = 0

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        part = PARTS[self.part]
        sent = {"content": contents.part(part, self.content), "type": JOSE}
        return Request("PUT", f"{named.path}/attachments/{part}", sent)

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.attach(self.client, named.kind, named.message, PARTS[self.part], self.content)


@dataclass(frozen=True)
class Submit(Call):
    content: int = 0

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        path = named.path if self.content < 2 else named.path.replace("/v2/", "/v1/")
        return Request("PUT", path, {"json": contents.body(self.content)})

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.submit(self.client, named.kind, named.message, self.content)

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> str:
        return next(str(answer.json()[name]) for name in ID.values() if name in answer.json())


@dataclass(frozen=True)
class Waiting(Call):
    """For what is of the same kind as the message."""

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        return Request("GET", f"{API}/{LIST[named.kind]}?limit=500")

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.waiting(self.client, named.kind)

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> list[str]:
        [messages] = [entries for name, entries in answer.json().items() if name in LIST.values()]
        return [next(one[name] for name in ID.values() if name in one) for one in messages]


@dataclass(frozen=True)
class Fetch(Call):
    @override
    def request(self, named: Named, contents: Contents) -> Request:
        return Request("GET", named.path)

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.fetch(self.client, named.kind, named.message)

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> tuple[tuple[str, ...], int]:
        return tuple(answer.json()["attachments"]), contents.which_body(answer.json())


@dataclass(frozen=True)
class FetchAttachment(Call):
    part: int = 0

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        return Request("GET", f"{named.path}/attachments/{PARTS[self.part]}")

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.fetch_attachment(self.client, named.kind, named.message, PARTS[self.part])

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> int:
        return contents.which_part(PARTS[self.part], answer.text)


@dataclass(frozen=True)
class Decide(Call):
    """A portal, by the endpoints of replies."""

    verdict: str = "accept"

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        problems = {"json": {"problems": _PROBLEMS}} if self.verdict == "reject" else {}
        return Request("PUT", f"{API}/replies/{named.message}/{self.verdict}", problems)

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.decide(self.client, named.message, self.verdict)


@dataclass(frozen=True)
class Write(Call):
    """A subscriber, by an event of its own."""

    verdict: str = "accept"
    wrong: bool = False
    claim: Claim = NOTHING
    """What the message is said to hold."""

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        token = contents.event(named, self.verdict, self.claim)
        return Request("POST", f"{named.case_path}/events", {"content": token, "type": JOSE})

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.write(self.client, named.case, named.kind, named.message, self.verdict, self.claim)


@dataclass(frozen=True)
class WriteAgain(Call):
    """What was taken before."""

    before: Request = Request("", "")
    about: Named = Named("", "", "")

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        return self.before

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.write_again(self.client, named.kind, named.message)


@dataclass(frozen=True)
class ReadLog(Call):
    by_message: bool = False

    @override
    def request(self, named: Named, contents: Contents) -> Request:
        return Request("GET", f"{named.path if self.by_message else named.case_path}/events?limit=500")

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        if self.by_message:
            return world.events_of(self.client, named.kind, named.message)
        return world.events(self.client, named.case)

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> dict[str, list[str]]:
        return self.of(answer.json()["eventLog"])

    @staticmethod
    def of(log: Iterable[str]) -> dict[str, list[str]]:
        """Events by message, without how somebody was notified."""
        events: dict[str, list[str]] = {}
        for message, event in map(set_names, log):
            events.setdefault(message, []).extend([] if event == "notify" else [event])
        return events


@dataclass(frozen=True)
class ListCases(Call):
    @override
    def request(self, named: Named, contents: Contents) -> Request:
        return Request("GET", f"{API}/cases?limit=500")

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.cases(self.client)

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> list[str]:
        return [one["caseId"] for one in answer.json()["cases"]]


@dataclass(frozen=True)
class ShowCase(Call):
    @override
    def request(self, named: Named, contents: Contents) -> Request:
        return Request("GET", named.case_path)

    @override
    def expected(self, world: World, named: Named, made: Sequence[str]) -> Answer:
        return world.case(self.client, named.case)

    @override
    def told(self, answer: httpx.Response, contents: Contents) -> dict[str, list[str]]:
        return {SUBMISSION: answer.json()["submissionIds"], REPLY: answer.json()["replyIds"]}

"""Cases as the two sides and strangers may know them: which call is answered how, and what it leaves in the event log.

A model of the documentation (docs/portal.md, docs/subscriber.md), of an end-to-end destination. Pure; nothing of the
broker is used here but its words. How somebody was notified is no part of it: that depends on when it polls.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SUBMISSION, REPLY = "submission", "reply"
UNFINISHED, UNFETCHED = timedelta(days=1), timedelta(days=14)
KEPT = {"accepted": timedelta(days=30), "rejected": timedelta(days=7)}
ENDS = {"accept": "accepted", "reject": "rejected"}
NOT_FOUND = {SUBMISSION: "AB-1005", REPLY: "AB-1012"}
CASE_NOT_FOUND, CASE_NOT_OPEN = "AB-1010", "AB-1015"
HIDING = frozenset({*NOT_FOUND.values(), CASE_NOT_FOUND})
"""What is said of an id that does not exist."""


@dataclass(frozen=True)
class Answer:
    status: int
    code: str = ""
    """Of a problem."""
    value: Any = None
    """What a good answer tells."""


class Refused(Exception):
    """With status and code."""


MAY_NOT = (403, "AB-1002")
MESSAGE_DELETED = (410, "AB-1013")
ATTACHMENT_NOT_FOUND = (404, "AB-1011")
NOT_ANNOUNCED, MISSING = (422, "AB-1108"), (422, "AB-1109")
ALREADY_SUBMITTED, TOO_LATE = (409, "AB-1110"), (409, "AB-1111")
NOT_POSSIBLE, INVALID_SET = (409, "AB-1114"), (422, "AB-1113")


@dataclass(frozen=True)
class Claim:
    """What somebody says a message holds."""

    body: int | None
    attached: frozenset[tuple[str, int]] = frozenset()


NOTHING = Claim(None)


@dataclass
class Letter:
    """A submission or a reply."""

    id: str
    case: str
    kind: str
    to_portal: bool
    announced: tuple[str, ...]
    created_at: datetime
    state: str = "announced"
    attached: dict[str, int] = field(default_factory=dict)
    """Which bytes, by part."""
    body: int | None = None
    """Which metadata and data."""
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    log: list[str] = field(default_factory=lambda: ["create"])

    @property
    def contents(self) -> Claim:
        return Claim(self.body, frozenset(self.attached.items()))


@dataclass(frozen=True)
class People:
    """Clients by role. Everybody sends to the destination of one subscriber; the others fetch for nobody."""

    senders: tuple[str, ...]
    subscriber: str


@dataclass
class World:
    people: People
    now: datetime
    portals: dict[str, str] = field(default_factory=dict)
    """The sender of each case, oldest first."""
    letters: dict[str, Letter] = field(default_factory=dict)

    def announce(self, client: str, case: str | None, parts: tuple[str, ...], made: Sequence[str]) -> Answer:
        """`made`: ids of message and case, as the server gave them."""
        self._must_send(client)
        if case is not None and self.portals.get(case) != client:
            raise Refused(404, CASE_NOT_FOUND)
        return self._begun(SUBMISSION, client, case, parts, made, to_portal=False)

    def announce_reply(self, client: str, case: str, parts: tuple[str, ...], made: Sequence[str]) -> Answer:
        self._must_have_part(client, case)
        submissions = [one for one in self._of(case) if one.kind == SUBMISSION]
        if not any("submit" in one.log and "reject" not in one.log for one in submissions):
            raise Refused(409, CASE_NOT_OPEN)
        return self._begun(REPLY, client, case, parts, made, to_portal=not self._sends(client))

    def attach(self, client: str, kind: str, message: str, part: str, content: int) -> Answer:
        letter = self._written(client, kind, message)
        if part not in letter.announced:
            raise Refused(*NOT_ANNOUNCED)
        if letter.state != "announced" and letter.attached.get(part) != content:
            raise _too_late(letter)
        letter.attached[part] = content
        return Answer(204)

    def submit(self, client: str, kind: str, message: str, content: int) -> Answer:
        letter = self._written(client, kind, message)
        if letter.state != "announced":
            if letter.body != content:
                raise _too_late(letter)
        elif letter.attached.keys() != set(letter.announced):
            raise Refused(*MISSING)
        else:
            letter.state, letter.body, letter.submitted_at = "submitted", content, self.now
            letter.log.append("submit")
        return Answer(200, value=message)

    def waiting(self, client: str, kind: str) -> Answer:
        if kind == SUBMISSION:
            self._must_subscribe(client)
        wait = [one for one in self.letters.values() if one.kind == kind and one.state == "submitted"]
        mine = [one for one in wait if self._has_part(client, one.case) and one.to_portal == self._sends(client)]
        return Answer(200, value=[one.id for one in sorted(mine, key=lambda one: str(one.submitted_at))])

    def fetch(self, client: str, kind: str, message: str) -> Answer:
        letter = self._read(client, kind, message)
        return Answer(200, value=(letter.announced, letter.body))

    def fetch_attachment(self, client: str, kind: str, message: str, part: str) -> Answer:
        letter = self._read(client, kind, message)
        if part not in letter.announced:
            raise Refused(*ATTACHMENT_NOT_FOUND)
        return Answer(200, value=letter.attached[part])

    def decide(self, client: str, message: str, verdict: str) -> Answer:
        """A portal, on a reply."""
        self._must_send(client)
        letter = self._read(client, REPLY, message)
        if letter.state != ENDS[verdict]:
            self._end(letter, verdict)
        return Answer(204)

    def write(self, client: str, case: str, kind: str, message: str, verdict: str, claim: Claim) -> Answer:
        """A subscriber, with an event of its own."""
        self._must_subscribe(client)
        letter = self._read(client, kind, message)
        if letter.case != case:
            raise Refused(404, CASE_NOT_FOUND)
        if verdict == "accept" and claim != letter.contents:
            raise Refused(*INVALID_SET)
        if verdict in ENDS:
            self._end(letter, verdict)
        elif letter.state == "submitted" and "forward" not in letter.log:
            letter.log.append("forward")
        else:
            raise Refused(*NOT_POSSIBLE)
        return Answer(204)

    def write_again(self, client: str, kind: str, message: str) -> Answer:
        """The very same event that was taken before."""
        self._read(client, kind, message)
        return Answer(204)

    def events(self, client: str, case: str) -> Answer:
        self._must_have_part(client, case)
        return Answer(200, value=self.log_of(case))

    def events_of(self, client: str, kind: str, message: str) -> Answer:
        letter = self.letters[message]
        if letter.kind != kind or not self._has_part(client, letter.case):
            raise Refused(404, NOT_FOUND[kind])
        return Answer(200, value=self.log_of(letter.case))

    def cases(self, client: str) -> Answer:
        return Answer(200, value=[case for case in reversed(self.portals) if self._has_part(client, case)])

    def case(self, client: str, case: str) -> Answer:
        self._must_have_part(client, case)
        return Answer(200, value={kind: [one.id for one in self._of(case) if one.kind == kind] for kind in NOT_FOUND})

    def time_passes(self, span: timedelta) -> None:
        """And everything is done that falls due."""
        self.now += span
        for letter in self.letters.values():
            before = letter.state
            if before == "announced" and letter.created_at + UNFINISHED <= self.now:
                self._lose(letter, "expired")
            elif before == "submitted" and (letter.submitted_at or self.now) + UNFETCHED <= self.now:
                self._end(letter, "reject")
            elif before in KEPT and (letter.ended_at or self.now) + KEPT[before] <= self.now:
                self._lose(letter, "deleted")

    def log_of(self, case: str) -> dict[str, list[str]]:
        """By message."""
        return {one.id: list(one.log) for one in self._of(case)}

    def _begun(
        self, kind: str, client: str, case: str | None, parts: tuple[str, ...], made: Sequence[str], *, to_portal: bool
    ) -> Answer:
        message, place = made
        if case is None:
            self.portals[place] = client
        self.letters[message] = Letter(message, place, kind, to_portal, parts, self.now)
        return Answer(201, value=case if case is not None else place)

    def _end(self, letter: Letter, verdict: str) -> None:
        if letter.state != "submitted":
            raise Refused(*NOT_POSSIBLE)
        letter.state, letter.ended_at = ENDS[verdict], self.now
        letter.log.append(verdict)

    def _lose(self, letter: Letter, state: str) -> None:
        letter.state, letter.body = state, None
        letter.attached.clear()
        letter.log.append("delete")

    def _written(self, client: str, kind: str, message: str) -> Letter:
        """By this client."""
        if kind == SUBMISSION:
            self._must_send(client)
        letter = self.letters[message]
        mine = self._has_part(client, letter.case) and letter.to_portal != self._sends(client)
        if letter.kind != kind or not mine:
            raise Refused(404, NOT_FOUND[kind])
        return letter

    def _read(self, client: str, kind: str, message: str) -> Letter:
        """Complete, and for this client."""
        if kind == SUBMISSION:
            self._must_subscribe(client)
        letter = self.letters[message]
        mine = self._has_part(client, letter.case) and letter.to_portal == self._sends(client)
        if letter.kind != kind or not mine or letter.state in ("announced", "expired"):
            raise Refused(404, NOT_FOUND[kind])
        if letter.state == "deleted":
            raise Refused(*MESSAGE_DELETED)
        return letter

    def _of(self, case: str) -> Iterator[Letter]:
        return (one for one in self.letters.values() if one.case == case)

    def _sends(self, client: str) -> bool:
        return client in self.people.senders

    def _has_part(self, client: str, case: str) -> bool:
        return client in (self.people.subscriber, self.portals[case])

    def _must_have_part(self, client: str, case: str) -> None:
        if not self._has_part(client, case):
            raise Refused(404, CASE_NOT_FOUND)

    def _must_send(self, client: str) -> None:
        if not self._sends(client):
            raise Refused(*MAY_NOT)

    def _must_subscribe(self, client: str) -> None:
        if self._sends(client):
            raise Refused(*MAY_NOT)


def _too_late(letter: Letter) -> Refused:
    return Refused(*{"expired": TOO_LATE, "deleted": MESSAGE_DELETED}.get(letter.state, ALREADY_SUBMITTED))

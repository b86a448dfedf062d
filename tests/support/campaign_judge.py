"""Judges a campaign: what was acknowledged against what can be seen afterwards. Pure; knows nothing of the broker."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

ENDS = frozenset({"accept-submission", "reject-submission", "delete-submission"})
ANNOUNCED = "announced"
HELD = "held"


@dataclass(frozen=True, slots=True)
class Promise:
    """One submission the broker has acknowledged, and what has to become of it."""

    submission: str
    targets: frozenset[str] = frozenset()
    """Each gets it exactly once."""
    end: str | None = "accept-submission"
    """The last event; None: a person has to decide, so there is no end and one Klärungsfall."""
    content: str = ""
    """Fingerprint of data and attachments."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivered folder, as a Fachverfahren read it."""

    target: str
    submission: str
    delivery: str
    content: str


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that can be seen when the campaign is over."""

    arrivals: Sequence[Arrival] = ()
    torn: Sequence[str] = ()
    """Folders that could be seen although they were not complete."""
    events: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Submission → names of its verified events, in the order of the log."""
    unverified: Mapping[str, str] = field(default_factory=dict)
    """Submission → why its event log does not verify."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Every submission the broker knows."""
    cases: Mapping[str, int] = field(default_factory=dict)
    """Submission → open Klärungsfälle."""
    jobs: int = 0
    unsent: Sequence[str] = ()
    """What nobody acknowledged, however often it was repeated."""


@dataclass(frozen=True, slots=True)
class Verdict:
    sent: int
    delivered: int
    faults: Mapping[str, Sequence[str]]
    """Kind of fault → what it concerns. Empty when all is well."""

    @property
    def good(self) -> bool:
        return not any(self.faults.values())

    @property
    def line(self) -> str:
        """The last line of a campaign."""
        counted = {"doubled": 0, "lost": 0} | {kind: len(found) for kind, found in self.faults.items()}
        told = " ".join(f"{kind}={number}" for kind, number in counted.items())
        return f"acceptance {'ok' if self.good else 'failed'} sent={self.sent} delivered={self.delivered} {told}"

    def told(self) -> Iterator[str]:
        """One line for each fault."""
        for kind, found in self.faults.items():
            yield from (f"{kind}: {what}" for what in found)


def judge(promises: Iterable[Promise], sight: Sight) -> Verdict:
    """Compare. Lost: acknowledged, and not where it belongs, or without its end. Doubled: twice at one target, or two
    ends. Stray: where it does not belong. Changed: other content. Stuck: work, submissions or uploads left over."""
    known = {promise.submission: promise for promise in promises}
    arrived = Counter((each.submission, each.target) for each in sight.arrivals)
    expected = {(promise.submission, target) for promise in known.values() for target in promise.targets}
    faults = {
        "lost": [*_missing(expected, arrived), *_endless(known, sight)],
        "doubled": [*_twice(arrived), *_two_ends(known, sight)],
        "stray": [f"{submission} at {target}" for submission, target in arrived.keys() - expected],
        "changed": [*_changed(known, sight)],
        "torn": list(sight.torn),
        "stuck": [*_stuck(known, sight)],
        "unverified": [f"{submission}: {why}" for submission, why in sight.unverified.items()],
        "wrong-end": [*_wrong_ends(known, sight)],
    }
    delivered = len(expected & arrived.keys())
    return Verdict(len(known), delivered, {kind: found for kind, found in faults.items() if found})


def _missing(expected: set[tuple[str, str]], arrived: Counter[tuple[str, str]]) -> Iterator[str]:
    yield from (f"{submission} never came to {target}" for submission, target in sorted(expected - arrived.keys()))


def _endless(known: Mapping[str, Promise], sight: Sight) -> Iterator[str]:
    for promise in known.values():
        if promise.submission not in sight.states:
            yield f"{promise.submission} was acknowledged and is unknown"
        elif promise.end is not None and not _ends(promise, sight) and promise.submission not in sight.unverified:
            yield f"{promise.submission} has no {promise.end} ({sight.states[promise.submission]})"


def _twice(arrived: Counter[tuple[str, str]]) -> Iterator[str]:
    for (submission, target), times in sorted(arrived.items()):
        if times > 1:
            yield f"{submission} came {times} times to {target}"


def _two_ends(known: Mapping[str, Promise], sight: Sight) -> Iterator[str]:
    for promise in known.values():
        if len(ends := _ends(promise, sight)) > 1:
            yield f"{promise.submission} ends with {', '.join(ends)}"


def _wrong_ends(known: Mapping[str, Promise], sight: Sight) -> Iterator[str]:
    for promise in known.values():
        if len(ends := _ends(promise, sight)) == 1 and ends[0] != promise.end:
            yield f"{promise.submission} ends with {ends[0]} instead of {promise.end or 'a Klärungsfall'}"


def _changed(known: Mapping[str, Promise], sight: Sight) -> Iterator[str]:
    for each in sight.arrivals:
        if each.submission in known and known[each.submission].content != each.content:
            yield f"{each.submission} at {each.target}"


def _stuck(known: Mapping[str, Promise], sight: Sight) -> Iterator[str]:
    if sight.jobs:
        yield f"{sight.jobs} jobs are left"
    for submission, state in sorted(sight.states.items()):
        if submission not in known and state != ANNOUNCED:
            yield f"{submission} is {state} and nobody was told that it was accepted"
    for promise in known.values():
        opened = sight.cases.get(promise.submission, 0)
        if opened != int(promise.end is None):
            yield f"{promise.submission} has {opened} open Klärungsfälle ({sight.states.get(promise.submission)})"
    yield from (f"{submission} is a Klärungsfall nobody sent" for submission in sight.cases.keys() - known.keys())
    yield from (f"nobody acknowledged {what}" for what in sight.unsent)


def _ends(promise: Promise, sight: Sight) -> list[str]:
    return [name for name in sight.events.get(promise.submission, ()) if name in ENDS]

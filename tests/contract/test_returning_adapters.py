"""Every adapter of ours that gives something back, and the contract for it against typical mistakes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from folder_town import NOW, new_id
from given_replies import give_reply, given_back, told, write_reply

from adapters.folder import FolderKind, ReturningFolder
from adapters.memory import MemoryAdapter, MemoryTarget
from amtsbote.api import (
    AdapterServices,
    Disk,
    Document,
    Outcome,
    Readiness,
    Ready,
    Receipt,
    Refusal,
    Retry,
    Returned,
    Shown,
    VerifiedParts,
    WorkOrder,
)
from amtsbote.api.returnkit import Given, ReturningAdapter, ReturningContract, ReturningUnderTest


def returned(item: str, given: Given) -> Returned:
    def chunks(content: bytes) -> Callable[[], Iterator[bytes]]:
        return lambda: (content[at : at + 65_536] for at in range(0, len(content), 65_536))

    documents = tuple(
        Document(name, "application/pdf", None, len(content), chunks(content)) for name, content in given.documents
    )
    return Returned(item, item, given.submission, None, given.kind, given.subject, given.text, documents)


def _returning_folder(target: Path) -> ReturningUnderTest:
    numbers = count()

    def build() -> ReturningFolder:
        options = {"path": str(target), "replies": "antworten"}
        adapter = FolderKind().build(options, AdapterServices(lambda: NOW, Disk(), new_id))
        assert isinstance(adapter, ReturningFolder)
        return adapter

    def begin(given: Given) -> Callable[[], None]:
        (target / "antworten").mkdir(exist_ok=True)
        folder = write_reply(target / "antworten" / f"Bescheid {next(numbers)}", given)
        return (folder / "fertig").touch

    return ReturningUnderTest(build, begin, lambda: told(target), lambda: len(given_back(target)))


class TestReturningFolder(ReturningContract):
    @pytest.fixture
    def returning_under_test(self, tmp_path: Path) -> ReturningUnderTest:
        return _returning_folder(tmp_path)


class TestReturningFolderThatIsRenamedInto(ReturningContract):
    """A Fachverfahren may write elsewhere and rename, and call its folders alike."""

    @pytest.fixture
    def returning_under_test(self, tmp_path: Path) -> ReturningUnderTest:
        target, drafts = tmp_path / "target", count()
        target.mkdir()

        def begin(given: Given) -> Callable[[], None]:
            draft = give_reply(tmp_path / f"draft {next(drafts)}", given)
            return lambda: publish(draft, target / "antworten")

        return replace(_returning_folder(target), begin=begin)


def publish(draft: Path, replies: Path) -> None:
    replies.mkdir(exist_ok=True)
    free = next(name for name in ("Bescheid", *map(str, range(9))) if not (replies / name).exists())
    draft.rename(replies / free)


class TestMemoryAdapter(ReturningContract):
    @pytest.fixture
    def returning_under_test(self) -> ReturningUnderTest:
        target, numbers = MemoryTarget(), count()

        def begin(given: Given) -> Callable[[], None]:
            item = f"item {next(numbers)}"
            return lambda: target.answers.update({item: returned(item, given)})

        def told() -> str:
            refusals = [refusal.de for refusal in target.settled.values() if refusal is not None]
            return "\n".join((*refusals, *map(repr, target.receipts.values())))

        return ReturningUnderTest(lambda: MemoryAdapter(target), begin, told, lambda: len(target.answers))


class Software:
    """What a target holds."""

    def __init__(self) -> None:
        self.given: dict[str, Returned] = {}
        self.hidden: set[str] = set()
        self.settled: list[str] = []
        self.said: list[str] = []


class Plain:
    """As small as an adapter can be, and right. Each class below gets one thing wrong."""

    def __init__(self, software: Software) -> None:
        self.software = software

    def shown(self) -> list[Returned]:
        left = {item: one for item, one in self.software.given.items() if item not in self.software.settled}
        return [one for item, one in left.items() if item not in self.software.hidden]

    def limited(self, limit: int, skip: Collection[str]) -> list[Returned]:
        return [one for one in self.shown() if one.item not in skip][:limit]

    def settle(self, item: str) -> Retry | None:
        self.software.settled.append(item)
        return None

    def say(self, sentence: str) -> None:
        self.software.said.append(sentence)

    async def prepare(self) -> Readiness:
        return Ready()

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
        raise NotImplementedError

    async def collect(self, limit: int, skip: Collection[str]) -> Sequence[Shown]:
        return self.limited(limit, skip)

    async def show(self, item: str) -> Shown | None:
        return next((one for one in self.shown() if one.item == item), None)

    async def acknowledge(self, item: str, receipt: Receipt) -> Retry | None:
        if not any(receipt.reply in said for said in self.software.said):
            self.say(repr(receipt))
        return self.settle(item)

    async def refuse(self, item: str, refusal: Refusal) -> Retry | None:
        self.say(refusal.de)
        return self.settle(item)

    async def tell(self, receipt: Receipt) -> None:
        self.say(repr(receipt))

    async def close(self) -> None:
        pass


class InventsAnswers(Plain):
    def shown(self) -> list[Returned]:
        return super().shown() or [returned("invented", Given())]


class ChangesTheText(Plain):
    def shown(self) -> list[Returned]:
        return [replace(one, text=one.text.encode("ascii", "replace").decode()) for one in super().shown()]


class NumbersAnew(Plain):
    numbers = count()

    def shown(self) -> list[Returned]:
        return [replace(one, item=f"{one.item} {next(self.numbers)}") for one in super().shown()]


class ReadsOnce(Plain):
    def shown(self) -> list[Returned]:
        return [replace(one, documents=tuple(map(self.once, one.documents))) for one in super().shown()]

    def once(self, document: Document) -> Document:
        chunks = document.chunks()
        return replace(document, chunks=lambda: chunks)


class OnlyNotesAcknowledgements(Plain):
    def settle(self, item: str) -> None:
        self.say(item)


class AcknowledgesOnce(Plain):
    def settle(self, item: str) -> Retry | None:
        return Retry("unknown-item") if item in self.software.settled else super().settle(item)


class Whispers(Plain):
    def say(self, sentence: str) -> None:
        self.software.said.append("?" * len(sentence))


class TakesTheContentForTheId(Plain):
    def shown(self) -> list[Returned]:
        return [replace(one, item=one.subject) for one in super().shown()]

    def settle(self, item: str) -> None:
        self.software.settled += [key for key, one in self.software.given.items() if one.subject == item]


class SettlesAll(Plain):
    def settle(self, item: str) -> None:
        self.software.settled += [item, *self.software.given]


class ForgetsWhatIsOverTheLimit(Plain):
    def limited(self, limit: int, skip: Collection[str]) -> list[Returned]:
        items = [one for one in self.shown() if one.item not in skip]
        self.software.settled += [one.item for one in items[limit:]]
        return items[:limit]


class CountsWhatIsLeftOut(Plain):
    def limited(self, limit: int, skip: Collection[str]) -> list[Returned]:
        return [one for one in self.shown()[:limit] if one.item not in skip]


class ShowsTheFirst(Plain):
    async def show(self, item: str) -> Shown | None:
        return next((one for one in self.shown() if item), None)


class ShowsDrafts(Plain):
    def shown(self) -> list[Returned]:
        self.software.hidden.clear()
        return super().shown()


class GivesAllAtOnce(Plain):
    def shown(self) -> list[Returned]:
        return [replace(one, documents=tuple(map(self.whole, one.documents))) for one in super().shown()]

    def whole(self, document: Document) -> Document:
        return replace(document, chunks=lambda: iter((b"".join(document.chunks()),)))


class TakesBack(Plain):
    async def acknowledge(self, item: str, receipt: Receipt) -> Retry | None:
        self.say(repr(receipt))
        return self.settle(item)


CAUGHT_BY: list[tuple[type[Plain], str]] = [
    (InventsAnswers, "test_where_nothing_was_given_nothing_is_shown"),
    (ChangesTheText, "test_an_answer_is_shown_as_it_was_given"),
    (NumbersAnew, "test_an_answer_has_its_id_until_it_is_acknowledged"),
    (ReadsOnce, "test_an_answer_is_read_as_often_as_one_likes"),
    (OnlyNotesAcknowledgements, "test_an_acknowledged_answer_is_not_shown_again"),
    (AcknowledgesOnce, "test_acknowledging_can_be_repeated"),
    (Whispers, "test_a_refused_answer_is_not_shown_again_and_its_people_know_why"),
    (TakesTheContentForTheId, "test_the_same_given_again_is_another_answer"),
    (SettlesAll, "test_two_answers_do_not_disturb_each_other"),
    (ForgetsWhatIsOverTheLimit, "test_no_more_are_shown_than_asked_for_and_none_is_forgotten"),
    (CountsWhatIsLeftOut, "test_what_is_left_out_keeps_no_other_from_being_shown"),
    (ShowsTheFirst, "test_an_answer_is_shown_by_its_id_until_it_is_settled"),
    (ShowsDrafts, "test_what_is_not_yet_published_is_not_shown"),
    (GivesAllAtOnce, "test_documents_may_be_empty_or_large"),
    (Whispers, "test_a_receipt_can_be_read_and_repeated"),
    (TakesBack, "test_an_acknowledgement_that_comes_late_takes_nothing_back"),
]


def run_contract(kind: type[Plain], name: str) -> None:
    software, numbers = Software(), count()

    def begin(given: Given) -> Callable[[], None]:
        item = f"item {next(numbers)}"
        software.given[item] = returned(item, given)
        software.hidden.add(item)
        return lambda: software.hidden.discard(item)

    def build() -> ReturningAdapter:
        return kind(software)

    under_test = ReturningUnderTest(build, begin, lambda: "\n".join(software.said), lambda: len(software.given))
    getattr(ReturningContract(), name)(under_test)


@pytest.mark.parametrize(("kind", "name"), CAUGHT_BY)
def test_a_typical_mistake_is_caught(kind: type[Plain], name: str) -> None:
    with pytest.raises((AssertionError, ValueError)):
        run_contract(kind, name)


def test_every_contract_test_catches_something_and_lets_the_plain_adapter_pass() -> None:
    names = {name for name in vars(ReturningContract) if name.startswith("test_")}

    assert names == {name for _, name in CAUGHT_BY}
    for name in names:
        run_contract(Plain, name)

"""The tests every adapter must pass that gives something back, for its author to run beside those of `testkit`.

```python
class TestMyAdapterReturning(ReturningContract):
    @pytest.fixture
    def returning_under_test(self, tmp_path: Path) -> ReturningUnderTest: ...
```

Like those it needs no test framework: any runner will do that fills the argument, each time with an empty target.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from amtsbote.api.adapter import Adapter, Ready, Retry
from amtsbote.api.returning import Receipt, ReceiptState, Refusal, Returned, Returning, Shown
from amtsbote.model.answer import AnswerKind
from amtsbote.model.ids import MessageId

T = TypeVar("T")

PIECE: Final = 1024 * 1024
"""Bytes a reader may give out at once."""
_MANY: Final = 100
_REFUSAL: Final = Refusal(
    "no-channel", "Das Portal nimmt keine Antworten an (Prüfwort).", "The portal takes no answers."
)
_SUBMISSION: Final = MessageId("6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0001")


class ReturningAdapter(Adapter, Returning, Protocol):
    """Both sides of the contract."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as the local software gives it."""

    submission: MessageId = _SUBMISSION
    kind: AnswerKind = AnswerKind.DECISION
    subject: str = "Bescheid über Ihren Antrag – Az. 12/2026"
    text: str = "Sehr geehrte Frau Grün,\nIhrem Antrag wird entsprochen: §§ 1, 2 — 𝄞."
    documents: tuple[tuple[str, bytes], ...] = (
        ("Bescheid.pdf", b"%PDF-1.7 decision"),
        ("Lageplan.png", bytes(range(256))),
    )
    """Name and content."""


@dataclass(frozen=True, slots=True)
class ReturningUnderTest:
    build: Callable[[], ReturningAdapter]
    """A new adapter for the same target, as after a restart."""
    begin: Callable[[Given], Callable[[], None]]
    """The local software writes the whole answer but does not publish it; what is returned does."""
    told: Callable[[], str]
    """Everything the local software was told: reasons and receipts."""
    kept: Callable[[], int]
    """How many answers are still there, wherever they lie."""

    def give(self, given: Given) -> None:
        self.begin(given)()


class ReturningContract:
    """Inherit, call the class `Test…` and provide the fixture `returning_under_test`."""

    def test_where_nothing_was_given_nothing_is_shown(self, returning_under_test: ReturningUnderTest) -> None:
        _demand(_shown(returning_under_test) == [], "nothing was given")

    def test_an_answer_is_shown_as_it_was_given(self, returning_under_test: ReturningUnderTest) -> None:
        given = Given()
        returning_under_test.give(given)

        [item] = _answers(returning_under_test)

        _demand(_as_given(item) == given, "what is shown is what was given")
        _demand([len(content) for _, content in given.documents] == [one.size for one in item.documents], "their sizes")
        _demand(bool(item.label) and item.label.isprintable() and len(item.label) <= 200, "a label for people")

    def test_an_answer_has_its_id_until_it_is_acknowledged(self, returning_under_test: ReturningUnderTest) -> None:
        returning_under_test.give(Given())

        ids = {item.item for _ in range(3) for item in _answers(returning_under_test)}

        _demand(len(ids) == 1, f"the same answer is shown under {len(ids)} ids")

    def test_an_answer_is_read_as_often_as_one_likes(self, returning_under_test: ReturningUnderTest) -> None:
        returning_under_test.give(Given())
        [item] = _answers(returning_under_test)

        next(item.documents[0].chunks())

        _demand(_as_given(item) == _as_given(item) == Given(), "each reading starts at the beginning")

    def test_an_acknowledged_answer_is_not_shown_again(self, returning_under_test: ReturningUnderTest) -> None:
        returning_under_test.give(Given())
        [item] = _answers(returning_under_test)

        _acknowledge(returning_under_test, item)

        _demand(_shown(returning_under_test) == [], "an acknowledged answer is not shown")
        _demand(returning_under_test.kept() == 1, "and not deleted")

    def test_acknowledging_can_be_repeated(self, returning_under_test: ReturningUnderTest) -> None:
        returning_under_test.give(Given())
        [item] = _answers(returning_under_test)

        for _ in range(3):
            _acknowledge(returning_under_test, item)

        _demand(returning_under_test.kept() == 1, "one answer was given")

    def test_a_refused_answer_is_not_shown_again_and_its_people_know_why(
        self, returning_under_test: ReturningUnderTest
    ) -> None:
        returning_under_test.give(Given())
        [item] = _answers(returning_under_test)

        for _ in range(2):
            _done(returning_under_test, lambda adapter: adapter.refuse(item.item, _REFUSAL))

        _demand(_shown(returning_under_test) == [], "a refused answer is not shown")
        _demand(_REFUSAL.de in returning_under_test.told(), "the reason can be read")
        _demand(returning_under_test.kept() == 1, "and nothing is deleted")

    def test_the_same_given_again_is_another_answer(self, returning_under_test: ReturningUnderTest) -> None:
        ids = set()
        for _ in range(3):
            returning_under_test.give(Given())
            [item] = _answers(returning_under_test)
            ids.add(item.item)
            _acknowledge(returning_under_test, item)

        _demand(len(ids) == 3, "an id is given to one answer only")
        _demand(returning_under_test.kept() == 3, "all are kept")

    def test_two_answers_do_not_disturb_each_other(self, returning_under_test: ReturningUnderTest) -> None:
        first, second = Given(), replace(Given(), subject="Zwischenstand", kind=AnswerKind.INTERIM, documents=())
        returning_under_test.give(first)
        returning_under_test.give(second)
        items = {item.kind: item for item in _answers(returning_under_test)}

        _acknowledge(returning_under_test, items[AnswerKind.DECISION])

        [left] = _answers(returning_under_test)
        _demand(left.item == items[AnswerKind.INTERIM].item, "the other one is still shown")
        _demand(_as_given(left) == second, "as it was given")

    def test_no_more_are_shown_than_asked_for_and_none_is_forgotten(
        self, returning_under_test: ReturningUnderTest
    ) -> None:
        for number in range(5):
            returning_under_test.give(replace(Given(), subject=f"Antwort {number}"))
        subjects = set()
        for _ in range(5):
            few = [item for item in _shown(returning_under_test, limit=2) if isinstance(item, Returned)]
            _demand(len(few) <= 2, "two were asked for")
            for item in few:
                subjects.add(item.subject)
                _acknowledge(returning_under_test, item)

        _demand(subjects == {f"Antwort {number}" for number in range(5)}, "all come in the end")

    def test_what_is_left_out_keeps_no_other_from_being_shown(self, returning_under_test: ReturningUnderTest) -> None:
        for number in range(3):
            returning_under_test.give(replace(Given(), subject=f"Antwort {number}"))
        left_out = {item.item for item in _answers(returning_under_test)[:2]}

        shown = {item.item for item in _shown(returning_under_test, limit=2, skip=left_out)}

        _demand(len(shown) == 1 and not shown & left_out, "two of three are left out")

    def test_an_answer_is_shown_by_its_id_until_it_is_settled(self, returning_under_test: ReturningUnderTest) -> None:
        returning_under_test.give(Given())
        returning_under_test.give(replace(Given(), subject="Antwort 2"))
        item, other = _answers(returning_under_test)

        again = _by_id(returning_under_test, item.item)
        _demand(isinstance(again, Returned) and _as_given(again) == _as_given(item), "the same is shown again")
        _acknowledge(returning_under_test, item)

        _demand(_by_id(returning_under_test, item.item) is None, "what is settled is not shown")
        _demand(_by_id(returning_under_test, "unknown") is None, "what never was is not shown")
        _demand(isinstance(_by_id(returning_under_test, other.item), Returned), "the other one still is")

    def test_what_is_not_yet_published_is_not_shown(self, returning_under_test: ReturningUnderTest) -> None:
        publish = returning_under_test.begin(Given())
        _demand(_shown(returning_under_test) == [], "it is not published yet")

        publish()

        _demand([_as_given(item) for item in _answers(returning_under_test)] == [Given()], "now it is")

    def test_documents_may_be_empty_or_large(self, returning_under_test: ReturningUnderTest) -> None:
        large = bytes(range(250)) * 20_000
        given = replace(Given(), documents=(("leer.txt", b""), ("groß.bin", large)))
        returning_under_test.give(given)

        [item] = _answers(returning_under_test)

        _demand(_as_given(item) == given, "every byte is there")
        _demand(max(map(len, item.documents[1].chunks())) <= PIECE, f"no piece is larger than {PIECE} bytes")

    def test_a_receipt_can_be_read_and_repeated(self, returning_under_test: ReturningUnderTest) -> None:
        returning_under_test.give(Given())
        [item] = _answers(returning_under_test)
        _acknowledge(returning_under_test, item)
        rejected = replace(_receipt(item), state=ReceiptState.REJECTED, problems=("Die Prüfsumme stimmt nicht.",))

        for _ in range(2):
            _done(returning_under_test, lambda adapter: adapter.tell(rejected))

        _demand(rejected.reply in returning_under_test.told(), "the receipt names the reply")
        _demand("Die Prüfsumme stimmt nicht." in returning_under_test.told(), "and why it was rejected")
        _demand(_shown(returning_under_test) == [], "a receipt does not bring the answer back")

    def test_an_acknowledgement_that_comes_late_takes_nothing_back(
        self, returning_under_test: ReturningUnderTest
    ) -> None:
        returning_under_test.give(Given())
        [item] = _answers(returning_under_test)
        _acknowledge(returning_under_test, item)
        accepted = replace(_receipt(item), state=ReceiptState.ACCEPTED)
        _done(returning_under_test, lambda adapter: adapter.tell(accepted))
        told = returning_under_test.told()

        _acknowledge(returning_under_test, item)

        _demand(returning_under_test.told() == told, "what the portal has decided stays")


def _shown(under_test: ReturningUnderTest, limit: int = _MANY, skip: Collection[str] = ()) -> list[Shown]:
    """In a life of its own: build, prepare, collect, close."""
    found = _with_an_adapter(under_test, lambda adapter: adapter.collect(limit, skip))
    if isinstance(found, Retry):
        raise AssertionError(f"collect() says {found}")
    return list(found)


def _by_id(under_test: ReturningUnderTest, item: str) -> Shown | Retry | None:
    return _with_an_adapter(under_test, lambda adapter: adapter.show(item))


def _answers(under_test: ReturningUnderTest) -> list[Returned]:
    found = _shown(under_test)
    for item in found:
        _demand(isinstance(item, Returned), f"a sound answer is shown as {item}")
    return [item for item in found if isinstance(item, Returned)]


def _as_given(item: Returned) -> Given:
    documents = tuple((document.name, b"".join(document.chunks())) for document in item.documents)
    return Given(item.answers or MessageId(""), item.kind, item.subject, item.text, documents)


def _receipt(item: Returned) -> Receipt:
    reply = MessageId("7a6a3f0c-2f0e-4f44-8a55-3f6a6e6f0009")
    at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    return Receipt(reply, item.answers or MessageId(""), item.label, ReceiptState.PASSED_ON, at)


def _acknowledge(under_test: ReturningUnderTest, item: Returned) -> None:
    _done(under_test, lambda adapter: adapter.acknowledge(item.item, _receipt(item)))


def _done(under_test: ReturningUnderTest, work: Callable[[ReturningAdapter], Awaitable[Retry | None]]) -> None:
    said = _with_an_adapter(under_test, work)
    _demand(said is None, f"done, not {said}")


def _with_an_adapter(under_test: ReturningUnderTest, work: Callable[[ReturningAdapter], Awaitable[T]]) -> T:
    async def life() -> T:
        adapter = under_test.build()
        try:
            readiness = await adapter.prepare()
            _demand(isinstance(readiness, Ready), f"the target is ready, not {readiness}")
            return await work(adapter)
        finally:
            await adapter.close()

    return asyncio.run(life())


def _demand(held: bool, sentence: str) -> None:  # an assert would vanish under -O and needs pytest to speak
    if not held:
        raise AssertionError(sentence)

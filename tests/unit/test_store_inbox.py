"""When a group leaves: urgent units at once, patient ones after 20 ms at the latest. The clock is ours."""

from math import inf

import pytest

from amtsbote.errors import StorageFailed
from amtsbote.store.inbox import GROUP, PATIENCE, Inbox


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_patience_is_twenty_milliseconds() -> None:
    assert PATIENCE == 0.020


def test_nothing_leaves_an_empty_inbox() -> None:
    assert Inbox[int](Clock()).remaining() == inf


def test_patient_work_waits_from_the_first_that_came() -> None:
    clock = Clock()
    inbox = Inbox[int](clock)
    inbox.put_patient(1)
    assert inbox.remaining() == pytest.approx(PATIENCE)

    clock.now += PATIENCE * 0.75
    inbox.put_patient(2)
    assert inbox.remaining() == pytest.approx(PATIENCE * 0.25)

    clock.now += PATIENCE * 0.25
    assert inbox.remaining() == pytest.approx(0, abs=1e-9)


def test_an_urgent_unit_takes_all_along_in_order() -> None:
    inbox = Inbox[int](Clock())
    inbox.put_patient(1)
    inbox.put(2)
    inbox.put_patient(3)

    assert inbox.remaining() == 0
    assert inbox.take() == [1, 2, 3]
    assert inbox.remaining() == inf


def test_patient_work_alone_leaves_when_its_time_has_come() -> None:
    clock = Clock()
    inbox = Inbox[int](clock)
    inbox.put_patient(1)
    clock.now += PATIENCE + 0.001

    assert inbox.take() == [1]


def test_patient_work_after_a_group_gets_its_own_time() -> None:
    clock = Clock()
    inbox = Inbox[int](clock)
    inbox.put(1)
    inbox.take()
    inbox.put_patient(2)

    assert inbox.remaining() == pytest.approx(PATIENCE)


def test_a_group_is_bounded_and_the_rest_follows_at_once() -> None:
    inbox = Inbox[int](Clock())
    for number in range(GROUP + 3):
        inbox.put(number)

    assert inbox.take() == list(range(GROUP))
    assert inbox.remaining() <= 0
    assert inbox.take() == [GROUP, GROUP + 1, GROUP + 2]


def test_a_closed_inbox_gives_out_what_it_has_and_takes_nothing() -> None:
    inbox = Inbox[int](Clock())
    for number in range(GROUP + 1):
        inbox.put_patient(number)
    inbox.close()

    with pytest.raises(StorageFailed):
        inbox.put(999)
    assert len(inbox.take()) == GROUP
    assert len(inbox.take()) == 1
    assert inbox.take() == []

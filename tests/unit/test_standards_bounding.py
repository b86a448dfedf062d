"""Work in a fork: what it returns, and how it ends when it does not."""

import os
import re

import pytest

from schemas.standards.bounding import bounded


def starved() -> None:
    raise MemoryError


def test_what_comes_to_an_end_is_returned() -> None:
    assert bounded(lambda: (True, None), 1) == (True, None)
    assert bounded(lambda: None, 1) is None


def test_how_it_ends_otherwise_is_told() -> None:
    with pytest.raises(TimeoutError):
        bounded(lambda: re.fullmatch("((a*)*)*b", 40 * "a"), 1)
    with pytest.raises(MemoryError):
        bounded(starved, 1)
    with pytest.raises(RuntimeError, match="3"):
        bounded(lambda: os._exit(3), 1)

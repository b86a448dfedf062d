"""What the operating system says is said in German to whoever reads German."""

import errno
import os

import pytest

from amtsbote.admin.refusals import CommandRefused
from amtsbote.text.causes import cause_told


@pytest.mark.parametrize(
    ("number", "german"), [(errno.ENOENT, "Datei oder Ordner gibt es nicht"), (errno.EACCES, "keine Berechtigung")]
)
def test_a_refusal_tells_its_cause_in_the_language_of_the_sentence(number: int, german: str) -> None:
    refused = CommandRefused(
        "not-found", "preflight.no-file", path="a.xml", reason=OSError(number, os.strerror(number))
    )

    assert refused.de == f"a.xml ist nicht lesbar: {german}"
    assert refused.en == f"a.xml cannot be read: {os.strerror(number)}"


def test_a_cause_that_is_not_known_is_told_as_the_system_tells_it_or_by_its_kind() -> None:
    assert cause_told(OSError(errno.EXDEV, "Invalid cross-device link"), "de") == "Invalid cross-device link"
    assert cause_told(TimeoutError(), "de") == "TimeoutError"

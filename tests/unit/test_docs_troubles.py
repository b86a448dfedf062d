"""The page about troubles quotes what the program says: a person searches it for the sentence on the screen."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/betrieb/stoerungen.md").read_text("utf-8")


def test_every_sentence_quoted_is_one_the_program_says() -> None:
    source = "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "amtsbote").rglob("*.py")))
    quoted = re.findall(r"^\| (?:Start|`apply`): \*(.+?)\*", PAGE, re.MULTILINE)
    fragments = [part.strip(" .") for sentence in quoted for part in sentence.split("…") if part.strip(" .")]

    assert len(quoted) >= 6
    assert [fragment for fragment in fragments if fragment not in source] == []

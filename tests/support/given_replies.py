"""Gives answers back the way a Fachverfahren does, knowing only the documented layout."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from amtsbote.api.returnkit import Given
from amtsbote.model.answer import AnswerKind

WORDS: Final[Mapping[AnswerKind, str]] = {
    AnswerKind.DECISION: "bescheid",
    AnswerKind.QUESTION: "rueckfrage",
    AnswerKind.INTERIM: "zwischenstand",
}


def status_of(given: Given) -> dict[str, Any]:
    return {
        "format": "amtsbote-antwort",
        "version": 1,
        "submissionId": given.submission,
        "kind": WORDS[given.kind],
        "subject": given.subject,
        "text": given.text,
        "documents": [{"file": name} for name, _ in given.documents],
    }


def write_reply(folder: Path, given: Given | None = None, **status: Any) -> Path:
    """Everything but the marker. `status` replaces members of the status file; None leaves one out."""
    given = given or Given()
    folder.mkdir()
    for name, content in given.documents:
        (folder / name).write_bytes(content)
    members = {name: value for name, value in {**status_of(given), **status}.items() if value is not None}
    (folder / "antwort.json").write_text(json.dumps(members, ensure_ascii=False), "utf-8")
    return folder


def give_reply(folder: Path, given: Given | None = None, **status: Any) -> Path:
    (write_reply(folder, given, **status) / "fertig").touch()
    return folder


def given_back(target: Path, replies: str = "antworten") -> list[Path]:
    """The folders of all answers, wherever they lie."""
    places = (target / replies, target / replies / "erledigt", target / replies / "fehler")
    found = [path for place in places for path in place.iterdir() if path.is_dir()]
    found += (target / ".amtsbote" / "antworten").glob("*/*")
    return sorted(path for path in found if path.name not in {"erledigt", "fehler", "quittungen"})


def told(target: Path, replies: str = "antworten") -> str:
    """Everything the service has written there, reasons and receipts; each at a time."""
    reasons = [path.read_text("utf-8-sig") for path in sorted((target / replies / "fehler").glob("*.grund.txt"))]
    receipts = [json.loads(path.read_bytes()) for path in sorted((target / replies / "quittungen").iterdir())]
    return "\n".join((*reasons, json.dumps(receipts, ensure_ascii=False)))

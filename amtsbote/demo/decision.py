"""Chemnitz decides: its software writes the decision and gives it back, knowing only the handbook."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from amtsbote.demo.failure import StepFailed
from amtsbote.demo.pictures import decision
from amtsbote.demo.stage import wait_for

REPLIES: Final = "antworten"
"""Option `replies` of the target."""
FOLDER: Final = "Bescheid 67-2026-118"
FILE: Final = "Bescheid.pdf"
NAME: Final = "Bescheid Fällgenehmigung.pdf"
SUBJECT: Final = "Fällgenehmigung Kaßbergstraße 31, Az. 67-2026-118"
TEXT: Final = """\
Sehr geehrte Frau Muster-Erdachtová,

Ihrem Antrag auf Fällung einer Stieleiche wird entsprochen. Bedingungen und Rechtsbehelf stehen im Bescheid.

Mit freundlichen Grüßen
Grünflächenamt Chemnitz"""


def give_back(inbox: Path, submission: str) -> Path:
    """Everything first, and last the marker."""
    folder = inbox / REPLIES / FOLDER
    folder.mkdir()
    (folder / FILE).write_bytes(decision())
    status = {
        "format": "amtsbote-antwort",
        "version": 1,
        "submissionId": submission,
        "kind": "bescheid",
        "subject": SUBJECT,
        "text": TEXT,
        "documents": [{"file": FILE, "name": NAME}],
    }
    (folder / "antwort.json").write_text(json.dumps(status, ensure_ascii=False, indent=2), "utf-8")
    (folder / "fertig").touch()
    return folder


def passed_on(inbox: Path) -> Path:
    """Where it lies once the service has it. Raises `StepFailed`, with the reason if there is one."""
    replies = inbox / REPLIES
    reason, done = replies / "fehler" / f"{FOLDER}.grund.txt", replies / "erledigt" / FOLDER

    def look() -> Path | None:
        return next((path for path in (done, reason) if path.exists()), None)

    found = wait_for(look, "demo.failed.not-taken", folder=replies)
    if found == reason:
        raise StepFailed("demo.failed.refused", reason=reason.read_text("utf-8-sig"))
    return done


def receipt(inbox: Path, reply: str, state: str) -> Mapping[str, Any]:
    """The receipt of a reply, once it says so. Raises `StepFailed`."""
    file = inbox / REPLIES / "quittungen" / f"{reply}.json"

    def look() -> Mapping[str, Any] | None:
        said: Mapping[str, Any] = json.loads(file.read_bytes()) if file.exists() else {}
        return said if said.get("state") == state else None

    return wait_for(look, "demo.failed.no-receipt", file=file, state=state)

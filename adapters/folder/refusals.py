"""Why an answer of the Fachverfahren is not taken, in the words its people read in `fehler/<Ordner>.grund.txt`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from amtsbote.api import Refusal

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "no-folder": (
        "{name} ist kein Ordner, sondern ein Verweis oder etwas anderes. Bitte einen wirklichen Ordner hinlegen.",
        "{name} is no folder but a link or something else. Put the files into a real folder.",
    ),
    "not-movable": (
        "Der Dienst darf den Ordner {name} nicht verschieben. Bitte seiner Gruppe das Schreiben erlauben (Modus 2770).",
        "The service may not move the folder {name}. Let its group write to it (mode 2770).",
    ),
    "not-readable": (
        "Der Dienst darf {name} nicht lesen. Bitte der Gruppe das Lesen erlauben.",
        "The service may not read {name}. Let the group read it.",
    ),
    "no-status": (
        "Die Datei antwort.json fehlt. Sie sagt, welche Einreichung beantwortet wird.",
        "The file antwort.json is missing. It says which submission is answered.",
    ),
    "status-too-large": (
        "Die Datei antwort.json ist größer als {limit} Byte.",
        "The file antwort.json is larger than {limit} bytes.",
    ),
    "status-unreadable": (
        "Die Datei antwort.json ist nicht zu verstehen. {de} Siehe Handbuch, Ordner: Antworten zurückgeben.",
        "The file antwort.json cannot be understood. {en} See the handbook, page Ordner.",
    ),
    "document-missing": (
        "antwort.json nennt die Datei {name}, aber sie liegt nicht im Ordner.",
        "antwort.json names the file {name}, but it is not in the folder.",
    ),
    "document-not-named": (
        "Die Datei {name} nennt antwort.json nicht unter documents. Damit nichts fehlt: bitte nennen oder entfernen.",
        "antwort.json does not name the file {name} in documents. So that nothing is missing: name it or remove it.",
    ),
    "no-file": (
        "{name} ist keine gewöhnliche Datei, sondern ein Verweis oder etwas anderes. Bitte die Datei selbst hinlegen.",
        "{name} is no regular file but a link or something else. Put the file itself there.",
    ),
}


def refusal(reason: str, **values: object) -> Refusal:
    de, en = SENTENCES[reason]
    return Refusal(reason, de.format(**values), en.format(**values))


def written(refusal: Refusal, label: str, at: datetime) -> bytes:
    """The file of reasons: German first, English below. With a byte order mark, so that every editor reads it right."""
    moment = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    lines = (
        "Diese Antwort wurde nicht gesendet.",
        "",
        f"Ordner: {label}",
        f"Zeit:   {moment}",
        f"Grund:  {refusal.de} ({refusal.reason})",
        "",
        "Nach der Berichtigung den Ordner wieder zu den Antworten verschieben; er wird dann neu gelesen.",
        "",
        "This answer was not sent.",
        f"Reason: {refusal.en}",
        "After correcting it, move the folder back to the answers; it is then read again.",
        "",
    )
    return "\r\n".join(lines).encode("utf-8-sig", "replace")

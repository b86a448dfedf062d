"""Why an answer of an authority is not passed on: read by its people in their folder and by the operator."""

from collections.abc import Mapping
from typing import Final

ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "answer.unknown-submission": (
        "Diese Einreichung oder Zustellung wurde hier nicht zugestellt. Bitte die Nummer mit dem Manifest vergleichen.",
        "This submission or delivery was not delivered here. Compare the number with the manifest.",
    ),
    "answer.wrong-stage": (
        "Eine Testeinreichung beantwortet nur ein Testziel und eine echte nur ein Ziel im Echtbetrieb.",
        "A test submission is answered by a test target alone, and one in earnest by a live target.",
    ),
    "answer.not-open": (
        "Die Einreichung ist abgelehnt: Das Portal erwartet keine Antwort mehr. Bitte anders antworten.",
        "The submission has been rejected: the portal expects no answer any more. Answer in another way.",
    ),
    "answer.wrong-kind": (
        "So antwortet nur das Portal. Erlaubt sind bescheid, rueckfrage und zwischenstand.",
        "Only the portal answers like this. Allowed are bescheid, rueckfrage and zwischenstand.",
    ),
    "answer.too-many": (
        "Die Antwort hat mehr als {limit} Dateien. Bitte aufteilen.",
        "The answer has more than {limit} files. Split it.",
    ),
    "answer.too-large": (
        "Die Dateien der Antwort haben zusammen mehr als {limit} Byte. Bitte aufteilen.",
        "The files of the answer have more than {limit} bytes together. Split it.",
    ),
    "answer.not-offered": (
        "Dieser Zustellpunkt antwortet nicht elektronisch. Bitte anders antworten oder den Betreiber fragen.",
        "This destination does not answer electronically. Answer in another way or ask the operator.",
    ),
    "answer.other-standard": (
        "Das Portal liest keine Antworten dieser Art ({standard}). Bitte anders antworten, etwa per Post.",
        "The portal reads no answers of this kind ({standard}). Answer in another way, e.g. by post.",
    ),
    "answer.given-up": (
        "Der Dienst konnte diese Antwort {attempts} Mal nicht übernehmen. Bitte Dateien und Laufwerk prüfen.",
        "The service could not take this answer in {attempts} attempts. Check the files and the drive.",
    ),
    "answer.no-key": (
        "Das Portal hat keinen Schlüssel für Antworten mitgeschickt. Bitte anders antworten, etwa mit der Post.",
        "The portal has sent no key for replies. Answer in another way, for example by post.",
    ),
}

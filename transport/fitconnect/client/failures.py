"""Why something could not be sent or believed, in sentences for the people of the portal."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from amtsbote.errors import AmtsboteError, Language


class Failure(StrEnum):
    """The values are stable."""

    UNREACHABLE = "unreachable"
    LOGIN = "login"
    REFUSED = "refused"
    UNEXPECTED = "unexpected"
    NOBODY = "nobody"
    SEVERAL = "several"
    ROUTE = "route"
    DESTINATION = "destination"
    KEY = "key"
    EVENT = "event"
    REPLY = "reply"


SENTENCES: Final[Mapping[Failure, tuple[str, str]]] = {
    Failure.UNREACHABLE: (
        "{host} ist nicht erreichbar ({reason}). Bitte später erneut versuchen.",
        "{host} cannot be reached ({reason}). Try again later.",
    ),
    Failure.LOGIN: (
        "Die Anmeldung wurde abgelehnt ({reason}). Bitte client_id und client_secret prüfen.",
        "The login was refused ({reason}). Check client_id and client_secret.",
    ),
    Failure.REFUSED: (
        "Der Dienst hat abgelehnt (HTTP {status}): {title}. {detail}",
        "The service refused (HTTP {status}): {title}. {detail}",
    ),
    Failure.UNEXPECTED: (
        "Die Antwort des Dienstes ist nicht wie vereinbart: {reason}.",
        "The service's answer is not as agreed: {reason}.",
    ),
    Failure.NOBODY: (
        "Für die Leistung {service} ist im Gebiet {region} niemand zuständig, der elektronisch erreichbar ist.",
        "Nobody who can be reached electronically is responsible for service {service} in region {region}.",
    ),
    Failure.SEVERAL: (
        "Für die Leistung {service} im Gebiet {region} werden mehrere Zustellpunkte genannt; bitte genauer fragen.",
        "Several destinations are named for service {service} in region {region}; ask more precisely.",
    ),
    Failure.ROUTE: (
        "Der Auskunft über die Zuständigkeit ist nicht zu trauen: {reason}. Es wurde nichts gesendet.",
        "The answer about who is responsible cannot be trusted: {reason}. Nothing was sent.",
    ),
    Failure.DESTINATION: (
        "Der Zustellpunkt nimmt diesen Antrag nicht an: {reason}. Es wurde nichts gesendet.",
        "The destination does not take this application: {reason}. Nothing was sent.",
    ),
    Failure.KEY: (
        "Dem Schlüssel des Zustellpunkts ist nicht zu trauen: {reason}. Es wurde nichts gesendet.",
        "The destination's key cannot be trusted: {reason}. Nothing was sent.",
    ),
    Failure.EVENT: (
        "Einem Eintrag des Ereignisprotokolls ist nicht zu trauen: {reason}.",
        "An entry of the event log cannot be trusted: {reason}.",
    ),
    Failure.REPLY: (
        "Der Antwort ist nicht zu trauen: {reason}. Sie wurde nicht angenommen.",
        "The reply cannot be trusted: {reason}. It was not accepted.",
    ),
}


@dataclass(frozen=True, slots=True)
class ServerProblem:
    """The service's own words (RFC 9457), cut to a readable length and without control characters."""

    status: int
    type: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A value of a sentence that people read in their language; `word` is its stable form."""

    word: str
    de: str
    en: str


class SendingFailed(AmtsboteError):
    """`failure` and `reason` are stable words, `de` and `en` are for people, `problem` is the service's own account."""

    def __init__(self, failure: Failure, problem: ServerProblem | None = None, **values: object) -> None:
        de, en = SENTENCES[failure]
        reason = values.get("reason", "")
        self.failure = failure
        self.reason = reason.word if isinstance(reason, Bilingual) else str(reason)
        self.problem = problem
        self.de, self.en = de.format_map(_worded(values, "de")).strip(), en.format_map(_worded(values, "en")).strip()
        super().__init__(failure.value, self.en)


def _worded(values: Mapping[str, object], language: Language) -> dict[str, object]:
    return {name: getattr(value, language) if isinstance(value, Bilingual) else value for name, value in values.items()}


def refused(problem: ServerProblem) -> SendingFailed:
    return SendingFailed(Failure.REFUSED, problem, status=problem.status, title=problem.title, detail=problem.detail)


def readable(value: object, *, longest: int = 500) -> str:
    """Text of a stranger, fit for a terminal and a log line; empty when it is no text."""
    if not isinstance(value, str):
        return ""
    return "".join(character if character.isprintable() else " " for character in value[:longest]).strip()

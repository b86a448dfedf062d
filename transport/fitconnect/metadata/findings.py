"""What is wrong with a metadata set, as a list a sender can read: places and sentences, never a value.

A path consists of member names of the schema and positions, e.g. `$.contentStructure.attachments[2].hash.content`;
members the schema does not know are not named, because their names come from the sender.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

MAX_FINDINGS: Final = 50

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("Die Angabe fehlt.", "The member is missing."),
    "extra_forbidden": (
        "Das Objekt enthält eine Angabe, die das Schema nicht kennt.",
        "The object has a member that the schema does not know.",
    ),
    "null": ("Statt null muss die Angabe fehlen.", "The member must be absent instead of null."),
    "string_type": ("Die Angabe ist keine Zeichenkette.", "The value is not a string."),
    "bool_type": ("Die Angabe ist weder true noch false.", "The value is neither true nor false."),
    "list_type": ("Die Angabe ist keine Liste.", "The value is not a list."),
    "model_type": ("Die Angabe ist kein Objekt.", "The value is not an object."),
    "number_type": ("Die Angabe ist keine Zahl.", "The value is not a number."),
    "literal_error": ("Der Wert ist nicht in der Liste der erlaubten.", "The value is not one of those allowed."),
    "pattern": ("Der Wert hat nicht die verlangte Form.", "The value does not have the required form."),
    "string_too_short": ("Der Wert ist zu kurz.", "The value is too short."),
    "string_too_long": ("Der Wert ist zu lang.", "The value is too long."),
    "too_short": ("Die Liste ist leer.", "The list is empty."),
    "too_many": ("Die Liste ist zu lang.", "The list is too long."),
    "not_unique": ("Ein Eintrag kommt mehrfach vor.", "An entry occurs more than once."),
    "one_member": (
        "Das Objekt muss genau eine Angabe enthalten.",
        "The object must have exactly one member.",
    ),
    "too_small": ("Der Betrag ist zu klein.", "The amount is too small."),
    "multiple_of": ("Der Betrag ist kein Vielfaches von 0,01.", "The amount is not a multiple of 0.01."),
    "format_uuid": ("Der Wert ist keine UUID.", "The value is not a UUID."),
    "format_uri": ("Der Wert ist kein vollständiger URI (RFC 3986).", "The value is not a complete URI (RFC 3986)."),
    "format_email": ("Der Wert ist keine E-Mail-Adresse.", "The value is not an e-mail address."),
    "format_date": ("Der Wert ist kein Datum (JJJJ-MM-TT).", "The value is not a date (YYYY-MM-DD)."),
    "format_date_time": ("Der Wert ist kein Zeitpunkt (RFC 3339).", "The value is not a point in time (RFC 3339)."),
    "fragments": (
        "Anlagen in mehreren Teilen werden noch nicht angenommen; bitte die Anlage im Ganzen senden.",
        "Attachments in fragments are not accepted yet; send the attachment as a whole.",
    ),
    "same_attachment": (
        "Zwei Anlagen tragen dieselbe attachmentId.",
        "Two attachments have the same attachmentId.",
    ),
}
"""Kind → German and English sentence; kinds are those of pydantic and of `constraints`."""


@dataclass(frozen=True, slots=True)
class MetadataFinding:
    kind: str
    path: str

    def on_the_wire(self) -> dict[str, str]:
        de, en = SENTENCES[self.kind]
        return {"path": self.path, "de": de, "en": en}


def findings_of(model: type[BaseModel], document: Mapping[str, Any]) -> tuple[MetadataFinding, ...]:
    """All that `model` finds wrong; empty when the document satisfies it."""
    try:
        model.model_validate(document)
    except ValidationError as error:
        return as_findings(error)
    return ()


def as_findings(error: ValidationError) -> tuple[MetadataFinding, ...]:
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return tuple(MetadataFinding(detail["type"], _path(detail["type"], detail["loc"])) for detail in details)


def _path(kind: str, location: tuple[int | str, ...]) -> str:
    named = location[:-1] if kind == "extra_forbidden" else location
    return path_of(named)


def path_of(location: Iterable[int | str]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)

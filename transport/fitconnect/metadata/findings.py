"""What is wrong with a metadata set, as a list a sender can read: places, sentences and UUIDs, never another value.

A path consists of member names of the schema and positions, e.g. `$.contentStructure.attachments[2].hash.content`;
members the schema does not know are not named, because their names come from the sender.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from amtsbote.errors.reasons import FORM

MAX_FINDINGS: Final = 50
MAX_IDS: Final = 20
"""Of one finding."""

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    **FORM,
    "too_many": ("Die Liste ist zu lang.", "The list is too long."),
    "one_member": (
        "Das Objekt muss genau eine Angabe enthalten.",
        "The object must have exactly one member.",
    ),
    "too_small": ("Der Betrag ist zu klein.", "The amount is too small."),
    "multiple_of": ("Der Betrag ist kein Vielfaches von 0,01.", "The amount is not a multiple of 0.01."),
    "format_uri": ("Der Wert ist kein vollständiger URI (RFC 3986).", "The value is not a complete URI (RFC 3986)."),
    "format_email": ("Der Wert ist keine E-Mail-Adresse.", "The value is not an e-mail address."),
    "format_date": ("Der Wert ist kein Datum (JJJJ-MM-TT).", "The value is not a date (YYYY-MM-DD)."),
    "format_date_time": ("Der Wert ist kein Zeitpunkt (RFC 3339).", "The value is not a point in time (RFC 3339)."),
    "reply_key": (
        "Nur der öffentliche Teil eines RSA-Schlüssels mit 4096 bis 8192 Bit und e = AQAB kann hier stehen.",
        "Only the public half of an RSA key of 4096 to 8192 bits with e = AQAB can be here.",
    ),
    "same_attachment": (
        "Die attachmentId bezeichnet schon eine andere Anlage oder ein Fragment davon.",
        "The attachmentId already names another attachment or a fragment of one.",
    ),
    "same_fragment": (
        "Ein Fragment kommt mehrfach vor; jedes gehört an genau eine Stelle genau einer Anlage.",
        "A fragment occurs more than once; each belongs to one place of one attachment.",
    ),
}
"""Kind → German and English sentence; kinds are those of pydantic and of `constraints`."""


@dataclass(frozen=True, slots=True)
class MetadataFinding:
    kind: str
    path: str
    ids: tuple[str, ...] = ()
    """UUIDs of the parts it is about, where the path does not say it."""

    def on_the_wire(self) -> dict[str, Any]:
        de, en = SENTENCES[self.kind]
        named = {"ids": list(self.ids[:MAX_IDS])} if self.ids else {}
        return {"path": self.path, "de": de, "en": en, **named}


def findings_of(model: type[BaseModel], document: Mapping[str, Any]) -> tuple[MetadataFinding, ...]:
    """All that `model` finds wrong; empty when the document satisfies it."""
    try:
        model.model_validate(document)
    except ValidationError as error:
        return as_findings(error)
    return ()


def as_findings(error: ValidationError) -> tuple[MetadataFinding, ...]:
    details = error.errors(include_url=False, include_input=False)
    return tuple(
        MetadataFinding(detail["type"], _path(detail["type"], detail["loc"]), _ids(detail.get("ctx", {})))
        for detail in details
    )


def _ids(context: Mapping[str, Any]) -> tuple[str, ...]:
    """Of everything pydantic knows of an error, only the ids that `violation` was given."""
    return tuple(str(context.get("ids", "")).split())


def _path(kind: str, location: tuple[int | str, ...]) -> str:
    named = location[:-1] if kind == "extra_forbidden" else location
    return path_of(named)


def path_of(location: Iterable[int | str]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)

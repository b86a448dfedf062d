"""`antwort.json`: what a Fachverfahren writes beside the files it gives back. German texts, because vendors of local
software read them: the JSON schema in the handbook is made from these models."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from adapters.folder.names import OWN_REPLY_FILES, STATUS
from amtsbote.api.answer import WORDS, AnswerUnreadable, Id, Line, PlainName, Text, places_of, read_strictly
from amtsbote.model.answer import AnswerKind

LARGEST: Final = 256 * 1024
"""Bytes of the file."""
MOST_DOCUMENTS: Final = 100
KINDS: Final[Mapping[str, AnswerKind]] = {word: kind for kind, word in WORDS.items()}


def _file(name: str) -> str:
    if name.startswith(".") or name in OWN_REPLY_FILES:
        raise PydanticCustomError("name", "not the name of a document")
    return name


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StatusDocument(_Model):
    """Eine Datei, die zur Antwort gehört. Sie liegt im selben Ordner."""

    file: Annotated[PlainName, AfterValidator(_file)] = Field(
        description="Name der Datei im Ordner, ohne Pfad und nicht mit einem Punkt beginnend."
    )
    name: PlainName | None = Field(
        None, description="Name, den die antragstellende Person sieht. Fehlt er, gilt `file`."
    )
    mime_type: Annotated[str, StringConstraints(pattern=r"^[-\w.]{1,100}/[-\w.+]{1,100}$")] | None = Field(
        None, alias="mimeType", description="Medientyp. Fehlt er, entscheidet die Endung von `file`."
    )
    description: Line | None = Field(None, description="Beschreibung in einer Zeile.")


class StatusFile(_Model):
    """Antwort einer Behörde auf eine Einreichung, die Amtsbote zugestellt hat."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["submissionId"]}, {"required": ["deliveryId"]}]}
    )

    format: Literal["amtsbote-antwort"] = Field(description="Immer `amtsbote-antwort`.")
    version: Literal[1] = Field(description="Immer `1`.")
    submission_id: Id | None = Field(
        None, alias="submissionId", description="Einreichung, die beantwortet wird: `ids.message` im Manifest."
    )
    delivery_id: Id | None = Field(
        None, alias="deliveryId", description="Statt `submissionId`: die Zustellung, `ids.delivery` im Manifest."
    )
    kind: Literal["bescheid", "rueckfrage", "zwischenstand"] = Field(description="Art der Antwort.")
    subject: Line = Field(description="Betreff: eine Zeile, höchstens 200 Zeichen.")
    text: Text = Field(
        "", description="Text an die antragstellende Person, ohne Auszeichnung; höchstens 20 000 Zeichen."
    )
    documents: Annotated[list[StatusDocument], Field(max_length=MOST_DOCUMENTS)] = Field(
        default_factory=list, description="Die Dateien der Antwort in ihrer Reihenfolge, höchstens 100."
    )

    @model_validator(mode="after")
    def _consistent(self) -> "StatusFile":
        if (self.submission_id is None) == (self.delivery_id is None):
            raise PydanticCustomError("which", "exactly one of submissionId and deliveryId")
        if len({document.file for document in self.documents}) != len(self.documents):
            raise PydanticCustomError("twice", "a document twice")
        return self


class StatusUnreadable(ValueError):
    """With what is wrong, for people: field by field, without values."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.de, self.en = de, en


def read_status(content: bytes) -> StatusFile:
    """Raises `StatusUnreadable`. A byte order mark at the beginning is passed over: Windows likes to write one."""
    try:
        return StatusFile.model_validate(read_strictly(content))
    except AnswerUnreadable:
        raise StatusUnreadable(
            "Die Datei ist kein JSON in UTF-8, in dem jeder Name nur einmal vorkommt.",
            "The file is no JSON in UTF-8 in which every name occurs once.",
        ) from None
    except ValidationError as error:
        kinds = (detail["type"] for detail in error.errors(include_url=False, include_input=False))
        findings = [_finding(kind, place) for kind, place in zip(kinds, places_of(error), strict=False)]
        raise StatusUnreadable(*(" ".join(sentences) for sentences in zip(*findings, strict=True))) from None


_WRONG: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("{field} fehlt.", "{field} is missing."),
    "extra_forbidden": ("{field} ist nicht vorgesehen.", "{field} is not known."),
    "which": (
        "Genau eines von submissionId und deliveryId ist anzugeben.",
        "Give exactly one of submissionId and deliveryId.",
    ),
    "twice": ("Eine Datei ist in documents zweimal genannt.", "A file is named twice in documents."),
}
_OTHERWISE: Final = ("{field} ist nicht so, wie das Handbuch es beschreibt.", "{field} is not as the handbook says.")


def _finding(kind: str, place: str) -> tuple[str, str]:
    de, en = _WRONG.get(kind, _OTHERWISE)
    field = place or STATUS
    return de.format(field=field), en.format(field=field)

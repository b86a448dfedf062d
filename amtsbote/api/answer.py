"""The answer document: what passes between authority and applicant as the data of a reply, whatever the protocol.

JSON in UTF-8. Portals and their vendors read and write it too; `docs/portal.md` describes it. The names of its members
are English as in every interface of the house, its words of kind German as in the Fachverfahren.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from amtsbote.model.answer import AnswerKind
from amtsbote.model.content import SchemaRef

ANSWER_SCHEMA: Final = SchemaRef("urn:amtsbote:standard:antwort:1.0", "application/json")
"""Schema of the data of a reply, and the process standard that a portal names when it understands it."""
LARGEST: Final = 1024 * 1024
"""Bytes."""
Word = Literal["bescheid", "rueckfrage", "zwischenstand", "reaktion"]
WORDS: Final[Mapping[AnswerKind, Word]] = {
    AnswerKind.DECISION: "bescheid",
    AnswerKind.QUESTION: "rueckfrage",
    AnswerKind.INTERIM: "zwischenstand",
    AnswerKind.REACTION: "reaktion",
}

_TURNS: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Everything that turns the direction of writing."""
_UNPRINTABLE: Final = f"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_TURNS}"
_IN_A_LINE: Final = re.compile(f"[{_UNPRINTABLE}]")
_IN_A_TEXT: Final = re.compile(f"(?![\t\r\n])[{_UNPRINTABLE}]")
_SEPARATORS: Final = re.compile(r"[/\\]")


def _line(text: str) -> str:
    if _IN_A_LINE.search(text) or not text.strip():
        raise PydanticCustomError("line", "not a line of text")
    return text


def _text(text: str) -> str:
    if _IN_A_TEXT.search(text):
        raise PydanticCustomError("text", "not plain text")
    return text


def _plain_name(name: str) -> str:
    if _SEPARATORS.search(name) or name in {".", ".."}:
        raise PydanticCustomError("name", "not a plain name")
    return name


Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_line)]
"""One line of text, without controls."""
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_text)]
"""Plain text in lines."""
PlainName = Annotated[Line, AfterValidator(_plain_name)]
"""The name of a file, without a path."""
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", to_lower=True)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class AnswerFile(_Model):
    """A document of the answer: an attachment of the reply."""

    attachment_id: Id = Field(alias="attachmentId")
    name: PlainName
    """As whoever reads it sees it: text, never a path."""
    sha512: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
    """Of the document. Who signs the answer signs the documents with it."""
    description: Line | None = None


class Answer(_Model):
    format: Literal["amtsbote-antwort"] = "amtsbote-antwort"
    version: Literal[1] = 1
    answers: Id
    """The submission or reply it answers."""
    kind: Word
    """The first three are the authority's; `reaktion` is what an applicant says to them."""
    subject: Line
    text: Text = ""
    documents: tuple[AnswerFile, ...] = Field(default=(), max_length=100, strict=False)


class AnswerUnreadable(ValueError):
    """Not an answer document. `reason` is a stable English word, `places` say where, without values."""

    def __init__(self, reason: str, places: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.places = reason, places


def write_answer(answer: Answer) -> bytes:
    return answer.model_dump_json(by_alias=True, exclude_none=True).encode()


def read_answer(content: bytes) -> Answer:
    """Raises `AnswerUnreadable`."""
    if len(content) > LARGEST:
        raise AnswerUnreadable("too-large")
    fields = read_strictly(content)
    try:
        return Answer.model_validate(fields)
    except ValidationError as error:
        raise AnswerUnreadable("not-as-described", places_of(error)) from None


def read_strictly(content: bytes) -> Any:
    """JSON in UTF-8, with or without a byte order mark, in which every name occurs once. Raises `AnswerUnreadable`."""
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_no_name_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise AnswerUnreadable("no-json") from None


def places_of(error: ValidationError) -> tuple[str, ...]:
    """Where it is wrong, fit for a person's eyes."""
    details = error.errors(include_url=False, include_input=False)
    return tuple(_IN_A_LINE.sub("?", ".".join(map(str, detail["loc"])))[:100] for detail in details[:10])


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name twice")
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(name)

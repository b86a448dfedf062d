"""What is written down of a registered standard: everything needed to find that nothing has changed since."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amtsbote.errors import Misconfigured
from schemas.plan import Grade, list_key
from schemas.standards.documents import KENNUNG, VERSION, Identity
from schemas.standards.engines import Engine
from schemas.traits import Traits

LOCK: Final = "lock.json"
UNREADABLE: Final = ""
"""In place of a digest."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LockedDocument(_Written):
    """A schema file in use."""

    name: str
    namespace: str
    links: tuple[str, ...]
    """Names of the documents its references lead to, in their order."""


class LockedUnit(_Written):
    """A closed set that a validator loads."""

    folder: str
    engine: Engine
    roots: tuple[str, ...]
    """Clark names of the elements a message may begin with."""
    traits: Traits = Traits()


class Grades(_Written):
    """How much rules matter that official samples of standards break."""

    references: Grade = Grade.WARNING
    """`xs:ID` and `xs:IDREF`."""
    lists: Grade = Grade.WARNING
    """Keys that are not in their code list."""
    by_list: dict[str, Grade] = Field(default_factory=dict)
    """URI of a list → its own grade."""

    def of_list(self, uri: str) -> Grade:
        return self.by_list.get(uri, self.lists)

    @property
    def no_lists(self) -> bool:
        return {self.lists, *self.by_list.values()} == {Grade.OFF}


class LockedSample(_Written):
    name: str
    valid: bool
    """By the engine of its unit."""
    second: bool | None
    """By xmlschema; None when it was not asked."""
    late: int = 0
    """Seconds of CPU time after which trying it was stopped; then there is no verdict. 0 where it came to an end."""
    code: str = ""
    """Of the first finding where it is not valid."""
    reason: str = ""
    """The same as a sentence."""
    reason_de: str = ""


class LockedList(_Written):
    """A genericode list (OASIS genericode 1.0)."""

    name: str
    uri: str
    version: str
    title: str = ""


class LockedRules(_Written):
    """A Schematron rule set, as it was found when the standard was registered."""

    name: str
    objection: str = ""
    """Why it cannot be used; then nobody judges by it."""
    objection_de: str = ""
    fired: int = 0
    """For how many of the samples one of its rules met something."""
    foreign: bool = False
    """Whether the namespaces it declares are none of the standard's."""


class Lock(_Written):
    format: Literal[1] = 1
    kennung: Annotated[str, Field(pattern=KENNUNG)]
    version: Annotated[str, Field(pattern=VERSION)]
    title: str
    registered_at: datetime
    documents: tuple[LockedDocument, ...]
    units: tuple[LockedUnit, ...]
    samples: tuple[LockedSample, ...]
    version_marks: tuple[str, ...]
    """Names of attributes that the schema fixes to the version: messages say with them which version they are of."""
    when: tuple[str, ...] = ()
    """XPath conditions that all messages of it satisfy, as said by the person who has registered it."""
    large_texts: bool = False
    """Whether a text of its messages may have more than 10 MB."""
    prefixes: dict[str, str] = Field(default_factory=dict)
    """Those they may use: prefix → namespace."""
    unfitting: tuple[str, ...] = ()
    """Samples that satisfy the schema, and not these conditions."""
    grades: Grades = Grades()
    code_lists: tuple[LockedList, ...]
    schematron: tuple[str, ...]
    """Files of rule sets."""
    rules: tuple[LockedRules, ...] = ()
    """The same, tried; empty where Saxon was not installed."""
    breaking: tuple[str, ...] = ()
    """Samples that satisfy the schema and break a rule."""
    copies: tuple[str, ...]
    """Schema files of the set that are not used because it holds them twice."""
    doubts: tuple[str, ...]
    """What xmlschema says against schemas that libxml2 compiles."""
    files: dict[str, str]
    """Path → SHA-256 of every file beside the lock."""

    @property
    def identity(self) -> Identity:
        return Identity(self.kennung, self.version)

    @property
    def missing_lists(self) -> tuple[str, ...]:
        """Code lists that its schemas name and that did not come with it, as `uri_version`."""
        held = {(each.uri, each.version) for each in self.code_lists}
        held |= {(each.uri, "") for each in self.code_lists}
        named = sorted({each for unit in self.units for each in unit.traits.lists})
        return tuple(list_key(uri, version) for uri, version in named if (uri, version) not in held)

    @property
    def messages(self) -> tuple[str, ...]:
        """Clark names of all roots, each once."""
        return tuple(dict.fromkeys(root for unit in self.units for root in unit.roots))


def read_lock(folder: Path) -> Lock:
    """Raises `Misconfigured` when the lock is missing or is not one."""
    file = folder / LOCK
    try:
        return Lock.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as cause:
        raise Misconfigured(
            f"{file} is missing or damaged: take it out with `schemas remove` and register the standard again; what is "
            "no standard must not lie in the registry",
            f"{file} fehlt oder ist beschädigt: bitte mit `schemas remove` herausnehmen und den Standard neu "
            "registrieren; was keiner ist, darf nicht im Register liegen",
        ) from cause


def digests(folder: Path) -> dict[str, str]:
    """Path → SHA-256 of every file below the folder, or `UNREADABLE`; its lock left out."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    found = {file.relative_to(folder).as_posix(): _digest(file) for file in files}
    found.pop(LOCK, None)
    return found


def _digest(file: Path) -> str:
    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError:
        return UNREADABLE

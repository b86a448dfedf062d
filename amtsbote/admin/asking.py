"""What a command is, and how its arguments are read: the same for every noun."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Page
from amtsbote.model.stage import Stage

MOST_LISTED: Final = 1000

Answer = dict[str, Any]
Command = Callable[[Office, str, Mapping[str, Any]], Awaitable[Answer]]
"""Office, actor, arguments → a JSON-ready answer."""
Asked = TypeVar("Asked", bound=BaseModel)
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class One(Arguments):
    id: Name


MessageStage = Literal[Stage.LIVE, Stage.TEST]
"""No message is off."""


class Listed(Arguments):
    offset: int = Field(0, ge=0, le=10**9)
    limit: int = Field(50, ge=1, le=MOST_LISTED)

    @property
    def page(self) -> Page:
        return Page(self.offset, self.limit)


def read_arguments(model: type[Asked], arguments: Mapping[str, Any]) -> Asked:
    """Raises `CommandRefused`, which names the first mistake and never a value."""
    try:
        return model.model_validate(arguments)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise CommandRefused("arguments", "office.arguments", reason=reason) from None

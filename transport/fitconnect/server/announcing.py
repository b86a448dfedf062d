"""What announcements of submissions and of replies have in common: where their sender wants to be told. Destinations
name their callbacks in the same words."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from amtsbote.mailroom import NamedCallback
from amtsbote.model.callback import is_callback_secret, is_callback_url


def _url(value: str) -> str:
    if not is_callback_url(value):
        raise PydanticCustomError("callback_url", "not an address to call back")
    return value


def _secret(value: str) -> str:
    if not is_callback_secret(value):
        raise PydanticCustomError("callback_secret", "not a secret that can be used")
    return value


CallbackUrl = Annotated[str, AfterValidator(_url)]
CallbackSecret = Annotated[str, AfterValidator(_secret)]


class NamedCallbackBody(BaseModel):
    """Both members are needed: there is no secret of before that could be kept."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    url: CallbackUrl
    secret: CallbackSecret = Field(repr=False)


def named_callback(body: NamedCallbackBody | None) -> NamedCallback | None:
    return None if body is None else NamedCallback(body.url, body.secret)

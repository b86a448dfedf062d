"""Declared options of a target, read at the boundary."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from amtsbote.errors import Misconfigured

Model = TypeVar("Model", bound=BaseModel)


def read_options(kind: str, model: type[Model], options: Mapping[str, str | int | bool]) -> Model:
    """Raises `Misconfigured`: which option of which kind is wrong, and why."""
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise Misconfigured(f"options of adapter {kind}: {faults}", f"Optionen des Adapters {kind}: {faults}") from None

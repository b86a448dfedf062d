"""The vocabulary of the models: patterns, formats and numbers as JSON Schema 2020-12 means them, format asserted.

Patterns are searched, with `\\d` and `\\w` in ASCII and `$` only at the very end, as ECMA-262 does. A member that may
be absent may not be null (`Maybe`), and a list has an upper bound of ours, so that a small document cannot make a long
list of findings.
"""

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from amtsbote.model import formats

T = TypeVar("T")

MAX_ENTRIES: Final = 1000
"""Of one list. FIT-Connect allows 100 attachments; the schemas name no bound."""


class Open(BaseModel):
    """An object that may have further members."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, alias_generator=to_camel)


class Closed(BaseModel):
    """An object without further members."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel)


def violation(kind: str, **ids: str) -> PydanticCustomError:
    """A constraint that does not hold; `findings` has the sentences of each kind. Carries no value but UUIDs."""
    return PydanticCustomError(kind, "does not hold", dict(ids))


def _refuse_null(value: Any) -> Any:
    if value is None:
        raise violation("null")
    return value


def _refuse_many(value: Any) -> Any:
    if isinstance(value, list) and len(value) > MAX_ENTRIES:
        raise violation("too_many")
    return value


Maybe = Annotated[T | None, BeforeValidator(_refuse_null)]
"""May be absent, which reads as None; may not be null."""
Several = Annotated[list[T], BeforeValidator(_refuse_many)]


def asserting(kind: str, holds: Callable[[str], bool]) -> AfterValidator:
    def check(text: str) -> str:
        if not holds(text):
            raise violation(kind)
        return text

    return AfterValidator(check)


def matching(pattern: str) -> AfterValidator:
    """The string contains a match of the ECMA-262 pattern."""
    at_the_very_end = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)
    expression = re.compile(at_the_very_end, re.ASCII)
    return asserting("pattern", lambda text: expression.search(text) is not None)


def _amount(value: Any) -> Decimal:
    """At least 0.01 and a multiple of it, exactly."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise violation("number_type")
    amount = Decimal(value)
    if amount < Decimal("0.01"):
        raise violation("too_small")
    if not _whole_cents(amount):
        raise violation("multiple_of")
    return amount


def _whole_cents(amount: Decimal) -> bool:
    """By its digits: arithmetic would round."""
    _sign, digits, exponent = amount.as_tuple()
    fraction = digits[exponent + 2 :] if isinstance(exponent, int) and exponent < -2 else ()
    return not any(fraction)


def exactly_one_member(value: Any) -> Any:
    """`minProperties` and `maxProperties` of 1: members the schema does not know count too."""
    if isinstance(value, dict) and len(value) != 1:
        raise violation("one_member")
    return value


def _refuse_repetition(ids: list[str]) -> list[str]:
    doubled = sorted(identifier for identifier, times in Counter(ids).items() if times > 1)
    if doubled:
        raise violation("same_fragment", ids=" ".join(doubled))
    return ids


all_different: Final = AfterValidator(_refuse_repetition)
"""For lists of UUIDs, checked as such before."""
Amount = Annotated[Decimal, PlainValidator(_amount)]
Uuid = Annotated[str, asserting("format_uuid", formats.is_uuid)]
Uri = Annotated[str, asserting("format_uri", formats.is_uri)]
Email = Annotated[str, asserting("format_email", formats.is_email)]
Date = Annotated[str, asserting("format_date", formats.is_date)]
DateTime = Annotated[str, asserting("format_date_time", formats.is_date_time)]

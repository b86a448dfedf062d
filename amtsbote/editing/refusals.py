"""What a command refuses, as a problem: the sentences are the command's, number and status those of the one table."""

from collections.abc import Mapping
from typing import Final

from amtsbote.admin.refusals import as_refusal
from amtsbote.errors import AmtsboteError, Language, ProblemType, RequestRefused
from amtsbote.errors.table import (
    EDITING_BUSY,
    EDITING_CONFLICT,
    EDITING_INVALID,
    EDITING_NOT_ALLOWED,
    EDITING_NOT_COMPUTED,
    EDITING_NOT_FOUND,
    EDITING_OUT_OF_SCOPE,
    EDITING_SECOND_PERSON,
    TABLES_REFUSED,
)
from transport.fitconnect.server.front import RETRY_AFTER

PROBLEMS: Final[Mapping[str, ProblemType]] = {
    "not-found": EDITING_NOT_FOUND,
    "out-of-scope": EDITING_OUT_OF_SCOPE,
    "four-eyes": EDITING_SECOND_PERSON,
    "not-allowed": EDITING_NOT_ALLOWED,
    "stranger": EDITING_NOT_ALLOWED,
    "settled": EDITING_CONFLICT,
    "changed-meanwhile": EDITING_CONFLICT,
    "overlapping": EDITING_CONFLICT,
    "mirror": EDITING_CONFLICT,
    "older": EDITING_CONFLICT,
    "nothing": TABLES_REFUSED,
    "declaration": TABLES_REFUSED,
    "busy": EDITING_BUSY,
    "not-computed": EDITING_NOT_COMPUTED,
    "arguments": EDITING_INVALID,
    "usage": EDITING_INVALID,
    "refused": EDITING_INVALID,
}
"""Code of a refusal of the commands for editors → row of the table. A test finds the codes in the code."""


def as_request_refused(error: AmtsboteError) -> RequestRefused:
    """With the mistakes of tables as further members, in both languages as the admin socket has them."""
    refusal = as_refusal(error)
    problem = PROBLEMS[refusal["code"]]
    mistakes = refusal.get("mistakes")
    more = {} if mistakes is None else {"mistakes": [{"de": one["de"], "en": one["en"]} for one in mistakes]}
    said: dict[Language, str] = {"de": refusal["de"], "en": refusal["en"]}
    return RequestRefused(problem(extensions=more, said=said, seconds=RETRY_AFTER))

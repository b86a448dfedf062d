"""What the pipeline did with a message, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StepRecord:
    step: str
    attempt: int
    started_at: datetime
    microseconds: int
    verdict: str
    """`ok`, `rejected`, `held`, `retry` or `failed`."""
    details: Mapping[str, str]
    """What a person needs to understand it: schema, rule, table version, error code. No personal data."""

"""Words of the acceptance tests: what a refusal looks like, and how a broker of one's own is asked for."""

from collections.abc import Callable
from typing import Any

import httpx
from broker_kit import RunningBroker

PROBLEMS = "https://schema.fitko.de/fit-connect/submission-api/problems/"
NewBroker = Callable[..., RunningBroker]


def refused(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The answer is a complete problem of this kind."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem.keys() >= {"type", "title", "status", "detail", "instance"}
    assert all(isinstance(problem[name], str) and problem[name] for name in ("type", "title", "detail", "instance"))
    assert (problem["type"], problem["status"]) == (PROBLEMS + kind, status)
    assert problem["instance"] == answer.request.url.path
    return problem

"""Words of the acceptance tests: what a refusal looks like, and how a broker of one's own is asked for."""

import socket
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any

import httpx
from broker_kit import RunningBroker
from openapi_oracle import judge
from patience import PATIENCE

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


def asked_raw(broker: RunningBroker, request: bytes) -> httpx.Response:
    """The answer to a question that no client would ask, judged like every other."""
    method, target = request.decode("latin-1").split(" ")[:2]
    with socket.create_connection(("127.0.0.1", broker.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        with HTTPResponse(connection, method=method) as read:
            read.begin()
            body = read.read()
    asked = httpx.Request(method, broker.base + target)
    answer = httpx.Response(read.status, headers=read.getheaders(), content=body, request=asked)
    judge(answer, body)
    return answer

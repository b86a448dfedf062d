"""The named queries, with the condition of a scope filled in.

Each `.sql` file beside this one holds blocks: `-- name: message_get` starts a query, `-- fragment: message_columns` a
piece that queries of the same file insert as `{message_columns}`. `{message}`, `{job}` and the like are the conditions
below. A query without one is refused when the program starts, so an unscoped query cannot be written.

A database says single queries in its own words by a file of the same form in its own package.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import chain
from typing import Final, Literal

ScopeKind = Literal["system", "tenant", "sender", "subscriber"]
KINDS: Final[tuple[ScopeKind, ...]] = ("system", "tenant", "sender", "subscriber")

_MESSAGE: Final[Mapping[ScopeKind, str]] = {
    "system": "TRUE",
    "tenant": "message.tenant = :scope",
    "sender": "message.sender = :scope",
    "subscriber": "message.subscriber = :scope",
}
_DELIVERY: Final[Mapping[ScopeKind, str]] = {**_MESSAGE, "tenant": "delivery.tenant = :scope"}


_JOB: Final = """CASE job.kind
  WHEN 'deliver' THEN EXISTS (SELECT 1 FROM delivery JOIN message ON message.number = delivery.message
    WHERE delivery.id = job.reference AND {delivery})
  WHEN 'deadline' THEN FALSE
  WHEN 'collect' THEN FALSE
  WHEN 'take' THEN FALSE
  ELSE EXISTS (SELECT 1 FROM message WHERE message.id = job.reference AND {message}) END"""
"""A job belongs to whom the message or delivery belongs that it refers to; what is about a destination or a target as a
whole is the system's."""


def _owned(table: str) -> Mapping[ScopeKind, str]:
    """Rows with a tenant of their own that senders and subscribers never see."""
    return {"system": "TRUE", "tenant": f"{table}.tenant = :scope", "sender": "FALSE", "subscriber": "FALSE"}


CONDITIONS: Final[Mapping[str, Mapping[ScopeKind, str]]] = {
    "message": _MESSAGE,
    "delivery": _DELIVERY,
    "job": {kind: "TRUE" if kind == "system" else _JOB for kind in KINDS},
    "deadletter": _owned("deadletter"),
    "entry": _owned("entry"),
    "receiver": {
        kind: "TRUE" if kind == "system" else "FALSE" if kind == "tenant" else "receiver.client = :scope"
        for kind in KINDS
    },
    "audit": {
        kind: "TRUE" if kind == "system" else f"audit.scope_kind = '{kind}' AND audit.scope_id = :scope"
        for kind in KINDS
    },
    "installation": {kind: "TRUE" if kind == "system" else "FALSE" for kind in KINDS},
    "open": dict.fromkeys(KINDS, "TRUE"),
}
"""Condition → scope → SQL. `installation` belongs to the operator alone, `open` to nobody."""

_HEAD: Final = re.compile(r"^-- (name|fragment): (\w+)\n", re.MULTILINE)
_HOLE: Final = re.compile(r"\{(\w+)\}")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(name, query) of one file, its fragments filled in. Raises `ValueError` for a query without a condition."""
    pieces = _HEAD.split(text)[1:]
    fragments = {name: body.strip() for sort, name, body in _threes(pieces) if sort == "fragment"}
    for sort, name, body in _threes(pieces):
        if sort == "name":
            query = _HOLE.sub(lambda hole: fragments.get(hole[1], hole[0]), body.strip())
            if not any(hole in CONDITIONS for hole in _HOLE.findall(query)):
                raise ValueError(f"the query {name} names no scope condition")
            yield name, query


def _threes(pieces: list[str]) -> Iterator[tuple[str, str, str]]:
    yield from zip(pieces[0::3], pieces[1::3], pieces[2::3], strict=True)


def scoped(query: str, kind: ScopeKind) -> str:
    """The query with every condition written out for one kind of scope; the scope's id is bound as `:scope`."""
    return _HOLE.sub(lambda hole: f"({scoped(CONDITIONS[hole[1]][kind], kind)})", query)


def templates(package: str) -> Mapping[str, str]:
    """Name → query with its conditions still open, of every `.sql` file in `package`. Raises `ValueError` for a name
    that is there twice."""
    found = chain.from_iterable(
        blocks(file.read_text(encoding="utf-8")) for file in files(package).iterdir() if file.name.endswith(".sql")
    )
    queries: dict[str, str] = {}
    for name, query in found:
        if name in queries:
            raise ValueError(f"two queries are called {name}")
        queries[name] = query
    return queries


def queries(dialect: str) -> Mapping[ScopeKind, Mapping[str, str]]:
    """Kind of scope → name → SQL: the shared queries and those of the package `dialect`, which come first."""
    spoken = {**templates(__package__), **templates(dialect)}
    return {kind: {name: scoped(query, kind) for name, query in spoken.items()} for kind in KINDS}

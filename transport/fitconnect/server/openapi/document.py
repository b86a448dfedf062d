"""The OpenAPI 3.1 document of one version of one service."""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

from amtsbote.model.message import MessageKind
from transport.fitconnect.server.openapi.links import LINKS
from transport.fitconnect.server.openapi.operations import (
    ALWAYS,
    ID,
    PLURAL,
    Body,
    Operation,
    auth_api,
    destination_api,
    preflight_api,
    routing_api,
    submission_api,
)
from transport.fitconnect.server.openapi.schemas import COUNT, UUID, Schema, components, ref
from transport.fitconnect.server.versions import NUMBER, Version

PROBLEM_JSON: Final = "application/problem+json"
RATE_HEADERS: Final = {
    "RateLimit-Limit": "Requests a minute, where the installation counts them.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until they are counted anew.",
}
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_MESSAGE: Final = {PLURAL[kind]: ID[kind] for kind in MessageKind}
_NAMES: Final = {
    "destination": "destinationId",
    "case": "caseId",
    "attachment": "attachmentId",
    "kid": "kid",
    "draft": "draft",
    "table": "table",
}
_KINDS: Final[Mapping[str, Schema]] = {
    "kid": {"type": "string", "minLength": 1, "maxLength": 64},
    "draft": {"type": "integer", "minimum": 1, "maximum": 2**53},
    "table": {"type": "string", "pattern": "^[a-z]{1,40}$"},
}
"""What stands in an address that is no UUID."""
_REF: Final = "#/components/schemas/"
_AS_OAUTH: Final = (400, 401, 429)
"""What the token endpoint answers in the form of RFC 6749."""


@dataclass(frozen=True, slots=True)
class Api:
    """One service: where it is mounted and what it offers."""

    mount: str
    title: str
    versions: tuple[Version | None, ...]
    """None: its addresses carry no version."""
    operations: Callable[[Version | None], tuple[Operation, ...]]
    about: str = "Which of this is our reading where the public sources are silent: docs/fit-connect.md."
    numbers: Mapping[Version, Mapping[str, int]] = field(default_factory=lambda: NUMBER)
    schemas: Callable[[Version], Mapping[str, Schema]] = components
    """Of its bodies, by the names `ref` takes."""


APIS: Final = (
    Api("submission-api", "FIT-Connect Submission API", ("v1", "v2"), submission_api),
    Api("destination-api", "FIT-Connect Destination API", ("v2",), destination_api),
    Api("routing-api", "FIT-Connect Routing API", ("v1", "v2"), routing_api),
    Api("auth", "FIT-Connect OAuth 2.0", (None,), auth_api),
    Api(
        "preflight-api",
        "Preflight API",
        ("v1",),
        preflight_api,
        "Asking before sending. Not part of FIT-Connect; described in docs/portal.md.",
        {"v1": {"major": 1, "minor": 0, "patch": 0}},
    ),
)


def document(api: Api, version: Version | None, public_url: str) -> dict[str, Any]:
    """JSON-ready. `public_url`: where the installation is reached, with any path prefix."""
    paths: dict[str, dict[str, Any]] = {}
    operations = api.operations(version)
    here = {operation.id for operation in operations}
    for operation in operations:
        path, names = address_of(operation, version)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, names, _links(operation, here))
    number = api.numbers[version or "v2"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Amtsbote · {api.title}{f' {version}' if version else ''}",
            "version": ".".join(str(part) for part in number.values()),
            "description": api.about,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": f"{public_url}/{api.mount}"}],
        "paths": paths,
        "components": {
            "schemas": _used(paths, api.schemas(version or "v2")),
            "headers": {name: {"description": said, "schema": COUNT} for name, said in RATE_HEADERS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def address_of(operation: Operation, version: Version | None) -> tuple[str, list[str]]:
    """The path with the names clients know, and those names."""
    first = operation.path.split("/")[1]
    names = {**_NAMES, "message": _MESSAGE.get(first, "")}
    path = _PARAMETER.sub(lambda found: "{" + names[found[1]] + "}", operation.path)
    unversioned = version is None or operation.path.startswith("/.well-known/")
    return path if unversioned else f"/{version}{path}", [names[found] for found in _PARAMETER.findall(operation.path)]


def _operation(one: Operation, names: list[str], links: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [_in_path(name) for name in names] + list(one.query)
    return {
        "operationId": one.id,
        "summary": one.summary,
        "security": [{"token": []}] if one.secured else [],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": {"required": True, "content": _content(one.takes)}} if one.takes else {}),
        "responses": {str(status): {**answer, "headers": _RATE} for status, answer in sorted(_answers(one, links))},
    }


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": _KINDS.get(name, UUID)}


def _answers(one: Operation, following: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for status, body in one.answers.items():
        content = {} if body is None else {"content": _content(body)}
        links = {"links": following} if following else {}
        yield status, {"description": one.summary, **content, **links}
    if one.id == "getToken":
        for status in _AS_OAUTH:
            content = {"application/json": {"schema": ref("OAuthError")}}
            yield status, {"description": _WHY[status], "content": content}
    for status in {*ALWAYS, *one.problems} - set(one.answers) - ({*_AS_OAUTH} if one.id == "getToken" else set()):
        yield status, {"description": _WHY[status], "content": {PROBLEM_JSON: {"schema": ref("Problem")}}}


def _links(one: Operation, here: Set[str]) -> Mapping[str, Any]:
    targets = LINKS.get(one.id, {}).items()
    return {name: {"operationId": name, "parameters": dict(values)} for name, values in targets if name in here}


def _content(bodies: Body | tuple[Body, ...]) -> dict[str, Any]:
    each = bodies if isinstance(bodies, tuple) else (bodies,)
    return {body.media_type: {"schema": body.schema} for body in each}


def _used(paths: Mapping[str, Any], schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """The schemas that are named, directly or by another one, in the order they are written."""
    wanted, found = set(_named(paths)), set[str]()
    while fresh := wanted - found:
        found |= fresh
        wanted |= {name for one in fresh for name in _named(schemas[one])}
    return {name: schema for name, schema in schemas.items() if name in found}


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(target := value.get("$ref"), str) and target.startswith(_REF):
            yield target.removeprefix(_REF)
        for inner in value.values():
            yield from _named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named(inner)


_RATE: Final = {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS}
_WHY: Final = {
    400: "Not well-formed: the problem names the field.",
    401: "No valid token.",
    403: "This client may not do that.",
    404: "Not there, or nothing this client has part in.",
    406: "The answer cannot be given in an accepted media type.",
    408: "The body did not come in time.",
    409: "Not possible in the present state, or different from what is there.",
    410: "The content has been deleted at the end of its retention.",
    411: "The length of the body is missing.",
    413: "Too large.",
    415: "Wrong content type.",
    422: "Well-formed, but not acceptable: the problem says why.",
    429: "Too many requests; RateLimit-Reset says when to go on.",
    500: "Our fault; the problem carries a number for the operator.",
    503: "Nothing can be stored now; Retry-After says when to repeat.",
}

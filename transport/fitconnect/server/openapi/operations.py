"""What can be asked, in the order of the dossier's table 2.2: one line of data for each method of each address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from amtsbote.model.message import MessageKind
from transport.fitconnect.assumptions import AREA_TERM, REPLY_DECISIONS, REPLY_ID
from transport.fitconnect.server.openapi.schemas import DAY, JWE, JWS, SERVICE_IDENTIFIER, UUID, WORDS, Schema, ref
from transport.fitconnect.server.versions import Version

JSON: Final = "application/json"
JOSE: Final = "application/jose"
FORM: Final = "application/x-www-form-urlencoded"

ALWAYS: Final = (400, 406, 429, 500, 503)
"""May happen to every request: not well-formed, not acceptable, too many, our fault, storage gone."""
BODY: Final = (408, 411, 413, 415)
"""May happen to every request with a body."""


@dataclass(frozen=True, slots=True)
class Body:
    media_type: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    """As in the server's table of addresses, without the version."""
    id: str
    summary: str
    answers: Mapping[int, Body | tuple[Body, ...] | None]
    """Success, by status. Several: one of them, as is asked for."""
    problems: tuple[int, ...] = ()
    """Statuses of `application/problem+json` beside those that may always happen."""
    takes: Body | tuple[Body, ...] | None = None
    """Several: one of them."""
    query: tuple[Schema, ...] = ()
    secured: bool = True


def json(name: str) -> Body:
    return Body(JSON, ref(name))


def in_query(name: str, schema: Schema, *, required: bool = False, **more: Any) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": schema, **more}


PAGE: Final = (
    in_query("offset", {"type": "integer", "minimum": 0, "maximum": 10**9, "default": 0}),
    in_query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}),
)
INFO: Final = Operation("GET", "/info", "getInfo", "Version of this API", {200: json("Info")}, (404,), secured=False)
JWKS: Final = Operation(
    "GET",
    "/.well-known/jwks.json",
    "getKeys",
    "Public keys this service signs with",
    {200: json("Keys")},
    secured=False,
)

ID: Final = {MessageKind.SUBMISSION: "submissionId", MessageKind.REPLY: REPLY_ID.value}
PLURAL: Final = {MessageKind.SUBMISSION: "submissions", MessageKind.REPLY: "replies"}
_READING: Final = (401, 403, 404)


def destinations() -> tuple[Operation, ...]:
    one = "/destinations/{destination}"
    return (
        Operation("GET", f"{one}/keys", "listDestinationKeys", "The keys in use, first the one to encrypt to",
                  {200: json("Keys")}, (404,), secured=False),
        Operation("GET", one, "getDestination", "A destination: services, schemas, key, ways to answer",
                  {200: json("Destination")}, (401, 404)),
        Operation("GET", f"{one}/keys/{{kid}}", "getDestinationKey", "A public key of a destination, also a former one",
                  {200: json("Jwk")}, (404,), secured=False),
    )  # fmt: skip


def managing() -> tuple[Operation, ...]:
    """What the subscriber of a destination does with it."""
    many, one = "/destinations", "/destinations/{destination}"
    writing = (401, 403, 404, 409, 422, *BODY)
    return (
        Operation("GET", many, "listDestinations", "The destinations of whoever asks",
                  {200: json("Destinations")}, (401, 403), query=PAGE),
        Operation("PUT", one, "putDestination", "Describe a destination anew",
                  {200: json("Destination")}, writing, json("WholeDestination")),
        Operation("PATCH", one, "patchDestination", "Change what is named: description, status, current keys",
                  {200: json("Destination")}, writing, json("ChangedDestination")),
        Operation("DELETE", one, "deleteDestination", "Decommission a destination, or delete one that was never open",
                  {200: json("LeftDestination")}, (401, 403, 404, 409)),
        Operation("POST", f"{one}/keys", "postDestinationKey", "Register a key with its certificates",
                  {201: json("Jwk")}, writing, json("CertifiedKey")),
    )  # fmt: skip


def _both_kinds(kind: MessageKind) -> tuple[Operation, ...]:
    """What submissions and replies have in common."""
    word, plural, name = kind.value, PLURAL[kind], kind.value.capitalize()
    many, one = f"/{plural}", f"/{plural}/{{message}}"
    attachment = f"{one}/attachments/{{attachment}}"
    writing = (401, 403, 404, 409, 410, 422, *BODY)
    of = in_query("destinationId", UUID)
    return (
        Operation("PUT", attachment, f"put{name}Attachment", f"Upload an announced attachment of a {word}",
                  {204: None}, writing, Body(JOSE, JWE)),
        Operation("PUT", one, f"put{name}", f"Complete a {word}",
                  {200: json(name)}, writing, json("Parts")),
        Operation("GET", many, f"list{plural.capitalize()}", f"What waits for whoever asks: complete {plural}",
                  {200: json(plural.capitalize())}, (401, 403), query=(of, *PAGE)),
        Operation("GET", one, f"get{name}", f"A {word}, for its receiver", {200: json(f"Fetched{name}")},
                  (*_READING, 410)),
        Operation("GET", attachment, f"get{name}Attachment", f"An attachment of a {word}, for its receiver",
                  {200: Body(JOSE, JWE)}, (*_READING, 410)),
        Operation("GET", f"{one}/events", f"get{name}Events", f"The event log of the case of a {word}",
                  {200: json("EventLog")}, _READING, query=PAGE),
    )  # fmt: skip


def submission_api(version: Version | None) -> tuple[Operation, ...]:
    accept, reject = REPLY_DECISIONS.value
    create = (401, 403, 404, 409, 422, *BODY)
    return (
        INFO,
        JWKS,
        *destinations(),
        *(managing() if version == "v1" else ()),
        Operation("POST", "/submissions", "createSubmission", "Announce a submission to a destination",
                  {201: json("Submission")}, create, json("CreateSubmission")),
        *_both_kinds(MessageKind.SUBMISSION),
        Operation("GET", "/cases", "listCases", "The cases of whoever asks, newest first",
                  {200: json("Cases")}, (401, 403), query=PAGE),
        Operation("GET", "/cases/{case}", "getCase", "A case and what belongs to it", {200: json("WholeCase")},
                  _READING),
        Operation("GET", "/cases/{case}/events", "getCaseEvents", "The event log of a case: signed, oldest first",
                  {200: json("EventLog")}, _READING, query=PAGE),
        Operation("POST", "/cases/{case}/events", "postEvent", "Accept, reject or forward: a subscriber's signed event",
                  {204: None}, (*_READING, 409, 410, 422, *BODY), Body(JOSE, JWS)),
        Operation("POST", "/replies", "createReply", "Announce a reply in a case, from either side",
                  {201: json("Reply")}, create, json("CreateReply")),
        *_both_kinds(MessageKind.REPLY),
        Operation("PUT", f"/replies/{{message}}/{accept}", "acceptReply", "A portal accepts a reply",
                  {204: None}, (*_READING, 408, 409, 410, 413)),
        Operation("PUT", f"/replies/{{message}}/{reject}", "rejectReply", "A portal rejects a reply, in its own words",
                  {204: None}, (*_READING, 409, 410, *BODY), json("Rejection")),
    )  # fmt: skip


def destination_api(_: Version | None) -> tuple[Operation, ...]:
    return (
        INFO,
        JWKS,
        *destinations(),
        *managing(),
        Operation("POST", "/destinations", "createDestination", "Create a destination, to be given keys and opened",
                  {201: json("Destination")}, (401, 403, 409, 422, *BODY), json("NewDestination")),
    )  # fmt: skip


def routing_api(_: Version | None) -> tuple[Operation, ...]:
    asked = (
        in_query("leikaKey", {"type": "string", "pattern": "^99[0-9]{12}$"}, required=True),
        in_query("ags", {"type": "string", "pattern": "^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{8})$"}),
        in_query("ars", {"type": "string", "pattern": "^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})$"}),
        in_query("areaId", {"type": "string", "pattern": "^[0-9]{1,12}$"}, description="As the areas have it."),
    )
    term: Schema = {"type": "string", "maxLength": AREA_TERM.value, "pattern": r"^\**[^*]{2,}(\*+[^*]{2,})*\**$"}
    sought = in_query(
        "areaSearchexpression",
        {"type": "array", "minItems": 1, "maxItems": 10, "items": term},
        required=True,
        style="form",
        explode=True,
        description="Names or postcodes, all of which must fit. A term fits whole words one after the other; * stands"
        " for any characters, with two characters at least beside it.",
        example=["Mag*"],
    )
    either = (json("Areas"), Body("application/problem+json", ref("Areas")))
    return (
        INFO,
        JWKS,
        Operation("GET", "/routes", "getRoutes", "Who is responsible; exactly one of ags, ars, areaId",
                  {200: json("Routes")}, (404,), query=(*asked, *PAGE), secured=False),
        Operation("GET", "/areas", "getAreas", "Areas of today by name or postcode, to be asked for by areaId",
                  {200: either}, (404,), query=(sought, *PAGE), secured=False),
        Operation("GET", "/snapshot", "getRoutingSnapshot", "The tables behind the routes as one signed file, where"
                  " they are published; not part of FIT-Connect. By If-None-Match only what is new",
                  {200: json("RoutingSnapshot"), 304: None}, (404,), secured=False),
    )  # fmt: skip


def preflight_api(_: Version | None) -> tuple[Operation, ...]:
    asked = (
        in_query("schemaUri", WORDS, required=True, description="As in the metadata of a submission."),
        in_query("service", SERVICE_IDENTIFIER, description="Of this service alone."),
        in_query("date", DAY, description="German calendar day of the submit; today if it is left out."),
    )
    tried = (
        in_query(
            "schema", {"type": "string", "maxLength": 500}, description="As in the metadata; else told by content."
        ),
        in_query(
            "service", SERVICE_IDENTIFIER, description="With ars: where it would go today, and is it taken there."
        ),
        in_query("ars", {"type": "string", "pattern": "^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})$"}),
    )
    document = {"description": "The document itself; whatever it is, it gets a verdict."}
    documents = (Body("application/xml", document), Body(JSON, document))
    return (
        Operation("GET", "/destinations/{destination}/acceptance", "getAcceptance",
                  "Does a destination take a schema on a day; may be cached", {200: json("Acceptance")}, (404,),
                  query=asked, secured=False),
        Operation("POST", "/check", "checkDocument", "Is a document valid, and where would it go; nothing is stored",
                  {200: json("CheckResult")}, (401, 403, 422, *BODY), documents, tried),
    )  # fmt: skip


def auth_api(_: Version | None) -> tuple[Operation, ...]:
    return (
        JWKS,
        token(),
    )


def token() -> Operation:
    return Operation("POST", "/token", "getToken", "OAuth 2.0 client credentials (RFC 6749, 4.4)",
                     {200: json("Token")}, (408,), Body(FORM, ref("TokenRequest")), secured=False)  # fmt: skip

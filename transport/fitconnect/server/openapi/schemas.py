"""Bodies, as JSON Schema 2020-12 (the dialect of OpenAPI 3.1). One entry per name; `$ref` ties them together."""

from collections.abc import Mapping
from typing import Any, Final

from amtsbote.model.callback import LONGEST_SECRET
from amtsbote.model.channels import CHANNELS
from amtsbote.model.directory import Status
from amtsbote.model.schema import LayerOutcome, Severity
from transport.fitconnect.assumptions import CASES, ENDED_KEY, REPLIES, REPLY_ID
from transport.fitconnect.server.naming import REGION_FORM, SERVICE_FORM
from transport.fitconnect.server.versions import SERVICE_FIELD, SERVICES_FIELD, Version

Schema = dict[str, Any]

UUID: Final[Schema] = {"type": "string", "format": "uuid"}
TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
JWE: Final[Schema] = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{22}$",
    "description": "Compact JWE (RFC 7516): RSA-OAEP-256, A256GCM, kid of the receiver's key, cty of the plaintext.",
}
JWS: Final[Schema] = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    "description": "Compact JWS (RFC 7515), PS512; a Security Event Token (RFC 8417).",
}
SERVICE_IDENTIFIER: Final[Schema] = {
    "type": "string",
    "maxLength": 255,
    "pattern": f"^{SERVICE_FORM}$",
    "examples": ["urn:de:fim:leika:leistung:99093003001002"],
}
REGION: Final[Schema] = {"type": "string", "maxLength": 100, "pattern": f"^(?:{REGION_FORM})$"}
DAY: Final[Schema] = {"type": "string", "format": "date"}
INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
WORDS: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 500}


_SAID: Final[Mapping[type, Schema]] = {
    bool: {"type": "boolean"},
    tuple: {"type": "array", "items": WORDS, "maxItems": 100},
}


NULL: Final[Schema] = {"type": "null"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(of: Schema) -> Schema:
    """Null says what leaving it out says: many programs write out what they do not have."""
    return {"anyOf": [of, NULL]}


def listed(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def whole(members: Mapping[str, Schema], **more: Any) -> Schema:
    """An object that has all of these members."""
    return {"type": "object", "required": list(members), "properties": dict(members), **more}


def some(required: Mapping[str, Schema], optional: Mapping[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}, **more}


def page_of(name: str, of: Schema) -> Schema:
    return whole({"offset": COUNT, "count": COUNT, "totalCount": COUNT, name: listed(of)})


PROBLEM: Final = some(
    {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {
            "type": "string",
            "description": "What is wrong and what to do; German unless asked otherwise.",
        },
        "instance": TEXT,
        "code": {"type": "string", "pattern": "^AB-[0-9]{4}$", "description": "Stable number of the error table."},
    },
    {},
    description="RFC 9457. Further members may follow; clients pass over what they do not know.",
)
OAUTH_ERROR: Final = some({"error": TEXT}, {"error_description": TEXT}, description="RFC 6749, section 5.2.")
TOKEN: Final = whole(
    {
        "access_token": TEXT,
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "minimum": 1},
        "scope": TEXT,
    }
)
TOKEN_REQUEST: Final = some(
    {"grant_type": {"const": "client_credentials"}, "client_id": TEXT, "client_secret": TEXT},
    {"scope": {"type": "string", "description": "Space separated; without it everything the client may."}},
    additionalProperties=TEXT,
)
INFO: Final = whole({"version": whole({"major": COUNT, "minor": COUNT, "patch": COUNT})})
JWK: Final = some(
    {"kty": {"enum": ["RSA", "OKP"]}, "alg": TEXT, "kid": {"type": "string", "minLength": 1}, "key_ops": listed(TEXT)},
    {"n": TEXT, "e": TEXT, "crv": TEXT, "x": TEXT, "x5c": listed(TEXT)},
    description="RFC 7517; keys of destinations carry their certificates in x5c.",
    **{"not": {"required": ["d"]}},
)
KEYS: Final = whole({"keys": listed(ref("Jwk"))})
SCHEMA_REF: Final = whole({"schemaUri": TEXT, "mimeType": TEXT})
DESCRIBED_SCHEMA: Final = whole(
    {
        "schemaUri": WORDS,
        "mimeType": {"type": "string", "maxLength": 255, "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.+-]+$"},
    }
)
OFFERED_SERVICE: Final = whole(
    {
        "identifier": SERVICE_IDENTIFIER,
        "name": TEXT,
        "submissionSchemas": listed(ref("SchemaRef")),
        "regions": listed({"type": "string", "description": "ARS or a prefix of it."}),
    }
)
DESCRIBED_SERVICE: Final = some(
    {
        "identifier": SERVICE_IDENTIFIER,
        "submissionSchemas": {"type": "array", "minItems": 1, "maxItems": 100, "items": ref("DescribedSchema")},
    },
    {
        "name": {"type": "string", "maxLength": 500},
        "regions": listed({**REGION, "description": "DE and an ARS or its first digits."}),
    },
    description="Without regions it is offered everywhere.",
)
KID: Final[Schema] = {"type": "string", "minLength": 8, "maxLength": 64}
REPLY_CHANNELS: Final[Schema] = {
    "type": "object",
    "properties": {
        channel: {"type": "object", "properties": {member: _SAID[kind] for member, kind in members.items()}}
        for channel, members in CHANNELS.items()
    },
    "additionalProperties": False,
}
CERTIFIED_KEY: Final = whole(
    {
        "kty": {"const": "RSA"},
        "alg": {"enum": ["RSA-OAEP-256", "PS512"]},
        "key_ops": {"enum": [["wrapKey"], ["verify"]]},
        "kid": KID,
        "n": {"type": "string", "minLength": 683, "maxLength": 1366},
        "e": {"const": "AQAB"},
        "x5c": {"type": "array", "minItems": 1, "maxItems": 8, "items": TEXT},
    },
    description="An RSA key of 4096 to 8192 bits with its certificates up to a registered root, its own first.",
)
LEFT_DESTINATION: Final[Schema] = {
    "anyOf": [ref("Destination"), whole({"destinationId": UUID, "status": {"const": "deleted"}})]
}
NAMED_SERVICE: Final = some({"identifier": SERVICE_IDENTIFIER}, {"name": {"type": "string", "maxLength": 500}})
EVENT_LOG: Final = page_of("eventLog", JWS)
ATTACHMENTS: Final[Schema] = {
    "type": "array",
    "items": UUID,
    "maxItems": 1000,
    "description": "Made by whoever writes; fragments of a large attachment are announced like attachments.",
}
PARTS: Final = some({"encryptedMetadata": JWE}, {"encryptedData": maybe(JWE)})
CALLBACK: Final = whole(
    {
        "url": {"type": "string", "format": "uri", "pattern": "^https://"},
        "secret": {
            "type": "string",
            "writeOnly": True,
            "minLength": 1,
            "maxLength": LONGEST_SECRET,
            "description": "Printable characters.",
        },
    },
    description="Where whoever announces wants to be told of events; the secret is never shown again.",
)
CREATE_REPLY: Final = some({"caseId": UUID}, {"announcedAttachments": ATTACHMENTS, "callback": maybe(ref("Callback"))})
SAID_PROBLEM: Final = some(
    {"type": {"type": "string", "maxLength": 500}},
    {
        "title": {"type": "string", "maxLength": 500},
        "detail": {"type": "string", "maxLength": 2000},
        "instance": {"type": "string", "maxLength": 500},
    },
)
REJECTION: Final = whole({"problems": {"type": "array", "minItems": 1, "maxItems": 100, "items": ref("SaidProblem")}})
SUBMISSION: Final = whole({"submissionId": UUID, "caseId": UUID, "destinationId": UUID})
REPLY: Final = whole({REPLY_ID.value: UUID, "caseId": UUID, "destinationId": UUID})
ROUTE: Final = some(
    {
        "destinationId": UUID,
        "destinationSignature": {
            "type": "string",
            "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
            "description": "Compact JWS (RFC 7515), PS512, by a key of this service's jwks.json: the whole offer of the"
            " destination.",
        },
    },
    {
        "destinationName": {"type": "string", "description": "The authority that is responsible."},
        "origin": {"type": "string", "description": "The system that holds the tables."},
        "customParameters": {
            "type": "object",
            "properties": {ENDED_KEY.value: TEXT},
            "description": "ars: the key the area has today, where the one that was asked for has ended. The signature"
            " is about this one.",
        },
    },
)
ROUTES: Final = page_of("routes", ref("Route"))
AREA: Final = whole(
    {
        "id": {
            "type": "string",
            "pattern": "^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})$",
            "description": "ARS or a prefix of it: areaId of the routes.",
        },
        "name": TEXT,
        "type": {"type": "string", "description": "In German.", "examples": ["Gemeinde", "Kreis", "Land"]},
    }
)
ROUTING_SNAPSHOT: Final = whole(
    {
        "format": {"const": "urn:amtsbote:routing-snapshot:1"},
        "issuer": {"type": "string", "description": "This service; its jwks.json has the key of the signature."},
        "version": {"type": "integer", "minimum": 1},
        "effective": {**DAY, "description": "The first German day this version was in force on."},
        "created": INSTANT,
        "sha256": {"type": "string", "description": "As sha256sum *.csv | sha256sum counts it."},
        "digests": {"type": "object", "additionalProperties": TEXT, "description": "SHA-256 of each table's bytes."},
        "signature": {
            "type": "string",
            "description": "Compact JWS (RFC 7515), PS512, typ routing-snapshot; its payload are the members above.",
        },
        "tables": {"type": "object", "additionalProperties": TEXT, "description": "CSV; see docs/betrieb."},
    }
)
AREAS: Final = page_of("areas", ref("Area"))


def fetched(of: Schema, more: Mapping[str, Schema]) -> Schema:
    """A message as its receiver gets it."""
    members = {"attachments": listed(UUID), "encryptedMetadata": JWE, **more}
    return {"allOf": [of, some(members, {"encryptedData": JWE})]}


def destination(version: Version) -> Schema:
    return some(
        {
            "destinationId": UUID,
            "name": TEXT,
            "status": {"enum": ["created", "active", "inactive", "decommissioned", "deleted"]},
            "metadataVersions": listed(TEXT),
            SERVICES_FIELD[version]: listed(ref("OfferedService")),
            "contactInformation": {"type": "object", "additionalProperties": TEXT},
            "replyChannels": {"type": "object", "additionalProperties": {"type": "object"}},
        },
        {"encryptionKid": TEXT, "signatureKid": TEXT, "callback": whole({"url": TEXT})},
    )


def described(version: Version) -> dict[str, Schema]:
    """What a subscriber says of a destination."""
    return {
        "name": WORDS,
        SERVICES_FIELD[version]: maybe(listed(ref("DescribedService"))),
        "contactInformation": {
            "type": "object",
            "maxProperties": 20,
            "propertyNames": WORDS,
            "additionalProperties": WORDS,
        },
        "replyChannels": REPLY_CHANNELS,
        "metadataVersions": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {"type": "string", "pattern": "^[0-9]{1,4}\\.[0-9]{1,4}\\.[0-9]{1,4}$"},
        },
        "callback": {
            "anyOf": [
                some({"url": CALLBACK["properties"]["url"]}, {"secret": maybe(CALLBACK["properties"]["secret"])}),
                NULL,
            ],
            "description": "Without a secret it keeps the one it has; null takes it away.",
        },
        "status": maybe({"enum": [status.value for status in Status]}),
        "encryptionKid": maybe(KID),
        "signatureKid": maybe(KID),
    }


def whole_destination(version: Version, **more: Schema) -> Schema:
    members = described(version) | more
    return some({"name": members.pop("name")}, members)


def changed_destination(version: Version) -> Schema:
    members = described(version)
    never_null = ("name", "contactInformation", "replyChannels", "metadataVersions")
    return some({}, members | {name: maybe(members[name]) for name in never_null})


def create_submission(version: Version) -> Schema:
    service = SERVICE_FIELD[version]
    return some(
        {"destinationId": UUID, service: ref("NamedService")},
        {
            "announcedAttachments": ATTACHMENTS,
            "region": maybe({**REGION, "description": "ARS or a prefix of it."}),
            "caseId": maybe(UUID),
            "callback": maybe(ref("Callback")),
        },
    )


def case(version: Version) -> Schema:
    return whole({"caseId": UUID, "destinationId": UUID, SERVICE_FIELD[version]: ref("NamedService")})


ACCEPTANCE: Final = some(
    {
        "destinationId": UUID,
        "schemaUri": WORDS,
        "date": DAY,
        "accepted": {"type": "boolean"},
        "services": {**listed(TEXT), "description": "Those of the asked ones that list the schema."},
        "submissionSchemas": {**listed(ref("SchemaRef")), "description": "What is taken on that day."},
    },
    {"reason": {"enum": ["not-offered", "not-yet", "over", "inactive"]}, "validFrom": DAY, "validTo": DAY},
)


FINDING: Final = some(
    {
        "code": TEXT,
        "layer": TEXT,
        "severity": {"enum": list(Severity)},
        "de": TEXT,
        "en": TEXT,
        "path": {"type": "string", "description": "XPath with the prefixes of the result, or JSON Pointer."},
        "line": COUNT,
        "type_name": TEXT,
        "field": {"type": "string", "description": "As the schema's documentation calls it."},
        "expected": listed(whole({"what": TEXT, "values": listed(TEXT), "more": {"type": "boolean"}})),
        "other_path": {"type": "string", "description": "Of a key that occurs twice: where it stands first. Or empty."},
    },
    {},
    description="Never with a value of the document.",
)
CHECK_RESULT: Final = whole(
    {
        "verdict": {"enum": ["valid", "invalid", "unknown", "refused"]},
        "schema": TEXT,
        "package": TEXT,
        "layers": {"type": "object", "additionalProperties": {"enum": list(LayerOutcome)}},
        "findings": listed(ref("Finding")),
        "more": {"type": "boolean"},
        "candidates": listed(TEXT),
        "prefixes": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "Prefix → namespace, as the paths of the findings have them.",
        },
        "document": whole({"name": TEXT, "size": COUNT, "sha256": TEXT}),
        "checkedAt": INSTANT,
        "route": maybe(
            whole(
                {
                    "service": TEXT,
                    "ars": TEXT,
                    "date": DAY,
                    "authorities": listed(TEXT),
                    "rules": listed(TEXT),
                    "destinationId": maybe(UUID),
                    "destinationName": maybe(TEXT),
                }
            )
        ),
        "acceptance": maybe(ref("Acceptance")),
    },
    description="As `amtsbote check --json` tells it. acceptance, with a route and a schema: is it taken there today.",
)


def components(version: Version) -> dict[str, Schema]:
    """Every schema of the Submission API, by the name `ref` takes."""
    service = {SERVICE_FIELD[version]: ref("NamedService")}
    whole_case = whole({"submissionIds": listed(UUID), "replyIds": listed(UUID)})
    return {
        "Problem": PROBLEM,
        "OAuthError": OAUTH_ERROR,
        "TokenRequest": TOKEN_REQUEST,
        "Token": TOKEN,
        "Info": INFO,
        "Jwk": JWK,
        "Keys": KEYS,
        "SchemaRef": SCHEMA_REF,
        "DescribedSchema": DESCRIBED_SCHEMA,
        "OfferedService": OFFERED_SERVICE,
        "NamedService": NAMED_SERVICE,
        "DescribedService": DESCRIBED_SERVICE,
        "Destination": destination(version),
        "Destinations": page_of("destinations", ref("Destination")),
        "NewDestination": whole_destination(version, callback=maybe(ref("Callback"))),
        "WholeDestination": whole_destination(version),
        "ChangedDestination": changed_destination(version),
        "LeftDestination": LEFT_DESTINATION,
        "CertifiedKey": CERTIFIED_KEY,
        "CreateSubmission": create_submission(version),
        "Callback": CALLBACK,
        "Parts": PARTS if version == "v1" else whole({"encryptedMetadata": JWE, "encryptedData": JWE}),
        "Submission": SUBMISSION,
        "Submissions": page_of("submissions", ref("Submission")),
        "FetchedSubmission": fetched(SUBMISSION, service),
        "CreateReply": CREATE_REPLY,
        "Reply": REPLY,
        "Replies": page_of(REPLIES.value, ref("Reply")),
        "FetchedReply": fetched(REPLY, {}),
        "SaidProblem": SAID_PROBLEM,
        "Rejection": REJECTION,
        "EventLog": EVENT_LOG,
        "Case": case(version),
        "Cases": page_of(CASES.value, ref("Case")),
        "WholeCase": {"allOf": [ref("Case"), whole_case]},
        "Acceptance": ACCEPTANCE,
        "Finding": FINDING,
        "CheckResult": CHECK_RESULT,
        "Route": ROUTE,
        "Routes": ROUTES,
        "Area": AREA,
        "Areas": AREAS,
        "RoutingSnapshot": ROUTING_SNAPSHOT,
    }

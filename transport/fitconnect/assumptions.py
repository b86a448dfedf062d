"""Where no published source says how FIT-Connect does a thing: our reading, in one table.

Each row is corrected here and nowhere else; `docs/fit-connect.md` shows all of them to whoever builds a client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

from amtsbote.model.directory import REST

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Assumption(Generic[T]):
    value: T
    silent: str
    """What the sources do not say."""
    choice: str
    """What we do, and why."""


REPLY_ID: Final = Assumption(
    "replyId",
    "the bodies of the reply endpoints",
    "as those of submissions, with replyId in place of submissionId",
)
REPLIES: Final = Assumption(
    "replies",
    "the body of the list of replies",
    "as the list of submissions: offset, count, totalCount and the member replies",
)
REPLY_DECISIONS: Final = Assumption(
    ("accept", "reject"),
    "how a portal, which has no registered signature key, accepts or rejects a reply",
    "PUT /replies/{replyId}/accept and /reject; this service signs the event in its own name",
)
PROCESS_STANDARDS: Final = Assumption(
    "processStandards",
    "what follows from the processStandards that a destination and a submission name",
    "they say which answers either side writes and reads. No submission is refused for them: the way back is no reason"
    " to turn an applicant away. What this service answers itself is of urn:amtsbote:standard:antwort:1.0, and goes"
    " only to a portal that names it; to others the authority has to answer in another way. Between a portal and an"
    " end-to-end destination the lists pass unread",
)
CASES: Final = Assumption(
    "cases",
    "the bodies of GET /cases and GET /cases/{caseId}",
    "the list pages like every other; a case names destination and service and lists submissionIds and replyIds",
)
FRAGMENTS: Final = Assumption(
    "fragments",
    "whether fragments are announced, and whether the authentication tags name them or the attachment",
    "a fragment is a part like an attachment and its id stands wherever that of an attachment does; the attachmentId "
    "of an attachment in fragments is a name, unless one of the fragments bears it",
)
DATALESS: Final = Assumption(
    "encryptedData",
    "what becomes of a v1 submission without encryptedData",
    "it is accepted; an end-to-end destination decides on it, one that is opened here rejects it with missing-data",
)

NEW_REPLIES: Final = Assumption(
    "new-replies",
    "type and body of the callback for new replies",
    "as that for new submissions: the type ends in new-replies, and the member replies lists destinationId, replyId and"
    " caseId",
)
NEW_EVENTS: Final = Assumption(
    "new-events",
    "type and body of the callback for new events",
    "the type ends in new-events; caseIds names the cases whose event log has grown, submissions and replies the"
    " messages it grew by, in the form of the other two callbacks",
)
CALLBACK_SERVICE: Final = Assumption(
    "callback-service",
    "how a receiver that uses several services learns which one calls",
    "the address of the submission API in a header of its own, so that the body stays as published; the HMAC does not"
    " cover it: choose among services you know by it, each with a secret of its own",
)
CALLBACK_FIELDS: Final = Assumption(
    "callback",
    "where a sender names the callback of a submission, and whether either side may name one for a reply",
    "the member callback with url and secret of POST /submissions and POST /replies: whoever announces a message is"
    " told there of its events. New replies to a portal, and events of replies that name none, go to the callback the"
    " portal named last in the case; those to a destination go to its own",
)
CALLBACK_ENDS: Final = Assumption(
    timedelta(days=3),
    "when callbacks that are not answered end",
    "after ten seconds, then twice as long each time up to an hour, for three days; all of it is a setting. What a"
    " receiver was not told it still finds by polling, and an operator can start its callbacks again",
)
DESTINATION_BODIES: Final = Assumption(
    "as read",
    "the bodies with which destinations are created and changed, in both versions",
    "the members a destination is read with; PUT replaces what its subscriber describes, PATCH what it names; status,"
    " current keys and the secret of the callback stay where they are not named",
)
SIGNATURE_KID: Final = Assumption(
    "signatureKid",
    "how the current signature key of a destination is named, if at all",
    "signatureKid beside encryptionKid; the first key of a purpose is taken up by itself",
)
DESTINATION_REST: Final = Assumption(
    REST.days,
    "who decommissions a destination that has been inactive for 30 days, and when one is deleted after that",
    "its subscriber does, by DELETE or by its status, once nothing is open there; 30 days later it is answered for like"
    " one that never was, but its keys stay published: signed events refer to them. One that was never open is deleted"
    " at once",
)
MOST_DESTINATIONS: Final = Assumption(
    5000,
    "whether the number of destinations is limited for each client or for each owner",
    "for each client, at the higher of the two published numbers",
)
MOST_KEYS: Final = Assumption(
    50,
    "how many keys a destination may have",
    "so many that are not retired",
)
OFFERED_REGIONS: Final = Assumption(
    "DE",
    "how the regions of a destination's services are written",
    "as in the scopes of senders: DE and an ARS or its first digits; read with or without DE, or as URN",
)

AREA_TERM: Final = Assumption(
    100,
    "what a search term for areas finds that has no wildcard, and how long it may be",
    "whole words of a name that follow each other, or a postcode; so many characters at most. Case, accents and"
    " punctuation do not count, and an umlaut is found as ae and as a, too. The id of an area is its ARS",
)
ENDED_KEY: Final = Assumption(
    "ars",
    "what is answered for an area whose key has ended",
    "the route of its only confirmed successor, nothing where there is none; customParameters names the key it has"
    " today under this name, and the signature is about both, so that who compares it with the key that was asked for"
    " finds it",
)

SEND_REGION: Final = Assumption(
    "send:region:DE",
    "what a token allows that carries scopes of both vocabularies, and how a scope's region is compared",
    "a region that is named narrows, send-submissions says nothing of regions; the submission's region must lie within,"
    " or all the destination offers where none is named; else 403. A reply counts like a submission of its case;"
    " reading and deciding are not narrowed",
)
BASIC_BESIDE_FORM: Final = Assumption(
    "client_secret",
    "what holds when credentials stand in the form and in an HTTP Basic header",
    "those of the form, so that clients that send both still get in; Basic alone is invalid_client unless allowed",
)

ALL: Final[Mapping[str, Assumption[object]]] = {
    name: row for name, row in globals().items() if isinstance(row, Assumption)
}

"""What leads to what: OpenAPI links, by which people and programs find the usual way through a service.

`$response` and `$request` are runtime expressions (OpenAPI 3.1, 4.8.20.4).
"""

from collections.abc import Mapping
from typing import Final

from amtsbote.model.message import MessageKind
from transport.fitconnect.assumptions import CASES, REPLY_DECISIONS
from transport.fitconnect.server.openapi.operations import ID, PLURAL

Parameters = Mapping[str, str]
"""Of the operation that follows: name → where in the question or in its answer."""

_REPLY: Final = ID[MessageKind.REPLY]
_CASE: Final = {"caseId": "$response.body#/caseId"}
_MADE: Final = {"destinationId": "$response.body#/destinationId"}
_SAME: Final = {"destinationId": "$request.path.destinationId"}


def _of_messages(kind: MessageKind) -> dict[str, dict[str, Parameters]]:
    name, own, plural = kind.value.capitalize(), ID[kind], PLURAL[kind]
    named, same = {own: f"$response.body#/{own}"}, {own: f"$request.path.{own}"}
    return {
        f"create{name}": {
            f"put{name}Attachment": {**named, "attachmentId": "$request.body#/announcedAttachments/0"},
            f"put{name}": named,
            f"get{name}Events": named,
            "getCase": _CASE,
            "getCaseEvents": _CASE,
        },
        f"put{name}Attachment": {f"put{name}": same},
        f"put{name}": {f"get{name}": named, f"get{name}Events": named},
        f"list{plural.capitalize()}": {f"get{name}": {own: f"$response.body#/{plural}/0/{own}"}},
        f"get{name}": {
            f"get{name}Attachment": {**same, "attachmentId": "$response.body#/attachments/0"},
            "postEvent": _CASE,
            **({f"{decision}Reply": same for decision in REPLY_DECISIONS.value} if kind is MessageKind.REPLY else {}),
        },
    }


LINKS: Final[Mapping[str, Mapping[str, Parameters]]] = {
    **_of_messages(MessageKind.SUBMISSION),
    **_of_messages(MessageKind.REPLY),
    **{f"{decision}Reply": {"getReplyEvents": {_REPLY: f"$request.path.{_REPLY}"}}
       for decision in REPLY_DECISIONS.value},
    "postEvent": {"getCaseEvents": {"caseId": "$request.path.caseId"}},
    "listCases": {"getCase": {"caseId": f"$response.body#/{CASES.value}/0/caseId"}},
    "getCase": {
        "getCaseEvents": _CASE,
        "getDestination": _MADE,
        "getSubmission": {"submissionId": "$response.body#/submissionIds/0"},
        "getReply": {_REPLY: "$response.body#/replyIds/0"},
    },
    "listDestinations": {"getDestination": {"destinationId": "$response.body#/destinations/0/destinationId"}},
    "getDestination": {
        "listDestinationKeys": _SAME,
        "getDestinationKey": {**_SAME, "kid": "$response.body#/encryptionKid"},
    },
    "listDestinationKeys": {"getDestinationKey": {**_SAME, "kid": "$response.body#/keys/0/kid"}},
    "createDestination": {
        "postDestinationKey": _MADE,
        "patchDestination": _MADE,
        "putDestination": _MADE,
        "deleteDestination": _MADE,
    },
    "postDestinationKey": {
        "getDestinationKey": {**_SAME, "kid": "$response.body#/kid"},
        "postDestinationKey": _SAME,
        "patchDestination": _SAME,
    },
    "patchDestination": {"getDestination": _SAME, "deleteDestination": _SAME},
    "putDestination": {"getDestination": _SAME, "patchDestination": _SAME},
}  # fmt: skip
"""Operation → operation that may follow its success, where the same document has it."""

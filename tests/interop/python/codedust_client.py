"""Runs `fitconnect` (codedust) as its authors wrote it: one line of JSON for each question and each answer.

The library offers no setting for addresses of its own, so they are put into its table before it is used.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Callable
from typing import Any

import fitconnect  # type: ignore[import-not-found]  # lives in the environment of `make interop`
from fitconnect import fitconnect as library

METADATA = "https://schema.fitko.de/fit-connect/metadata/1.0.0/metadata.schema.json"


def send(client: Any, about: dict[str, Any]) -> Any:
    """All in one call, as its documentation begins."""
    attachments = [base64.b64decode(each) for each in about["attachments"]]
    return client.submission(
        about["destination"], about["service"], data=about["data"], data_schema=_schema(about), attachments=attachments
    )


def send_in_steps(client: Any, about: dict[str, Any]) -> Any:
    """Announce, attach, submit, each by its own call; everything has been encrypted before."""
    destination = about["destination"]
    contents = [base64.b64decode(each) for each in about["attachments"]]
    created = client.create_submission(destination, about["service"], len(contents))
    ids = created["announcedAttachments"]
    for name, content in zip(ids, contents, strict=True):
        token = client.encrypt(destination, content)
        client.upload_attachment(destination, created["submissionId"], name, attachment_encrypted=token)
    metadata, data = _metadata(about, dict(zip(ids, contents, strict=True))), about["data"]
    tokens = {
        "metadata_encrypted": client.encrypt(destination, metadata),
        "data_encrypted": client.encrypt(destination, data),
    }
    return client.submit_submission(destination, created["submissionId"], **tokens)


def send_with_own_metadata(client: Any, about: dict[str, Any]) -> Any:
    """All in one call with a metadata set of the caller's, to which the library adds what it lacks, and data that has
    been encrypted before, with its hash."""
    destination, data = about["destination"], client.convert_to_bytes(about["data"])
    own = {
        "$schema": METADATA,
        "contentStructure": {"attachments": []},
        "additionalReferenceInfo": {"senderReference": about["reference"]},
    }
    return client.submission(
        destination,
        about["service"],
        metadata=own,
        data_encrypted=client.encrypt(destination, data),
        data_sha512=hashlib.sha512(data).hexdigest(),
        data_schema=_schema(about),
        attachments=[base64.b64decode(each) for each in about["attachments"]],
    )


def retrieve(client: Any, about: dict[str, Any]) -> Any:
    found = client.retrieve_submission(about["submission"], about["key"])
    texts = {name: base64.b64encode(each).decode() for name, each in found["attachments"].items()}
    return found | {"attachments": texts}


def destination(client: Any, about: dict[str, Any]) -> Any:
    return client.get_destination(about["destination"]).json()


def activate(client: Any, about: dict[str, Any]) -> Any:
    response = client.activate_destination(about["destination"])
    return {"status": response.status_code, "body": response.json()}


ANSWERS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "send": send,
    "send in steps": send_in_steps,
    "send with own metadata": send_with_own_metadata,
    "list": lambda client, _: client.available_submissions(),
    "retrieve": retrieve,
    "destination": destination,
    "activate": activate,
}


def _schema(about: dict[str, Any]) -> dict[str, Any]:
    return {"schemaUri": about["schema"], "mimeType": about["mimeType"]}


def _metadata(about: dict[str, Any], attachments: dict[str, bytes]) -> dict[str, Any]:
    described = [
        {"attachmentId": name, "purpose": "attachment", "mimeType": "application/pdf", "hash": _hash(content)}
        for name, content in attachments.items()
    ]
    data = {"hash": _hash(about["data"].encode()), "submissionSchema": _schema(about)}
    return {"$schema": METADATA, "contentStructure": {"attachments": described, "data": data}}


def _hash(content: bytes) -> dict[str, str]:
    return {"type": "sha512", "content": hashlib.sha512(content).hexdigest()}


def _client(base: str, name: str, secret: str) -> Any:
    addresses = {"TOKEN_URL": f"{base}/auth/token", "SUBMISSION_API_URL": f"{base}/submission-api/v1"}
    library._ENVIRONMENT_CONFIG[fitconnect.Environment.TESTING] = addresses
    return fitconnect.FITConnectClient(fitconnect.Environment.TESTING, name, secret)


def main() -> None:
    for line in sys.stdin:
        ask = json.loads(line)
        person = ask["as"]
        client = _client(person["base"], person["client"], person["secret"])
        try:
            reply = {"answer": ANSWERS[ask["does"]](client, ask["about"])}
        except ValueError as refused:
            reply = {"refused": str(refused)}
        print(json.dumps(reply), flush=True)


main()

"""Runs `fitconnect` (codedust) as its authors wrote it: one question on standard input, one answer on standard output.

The library offers no setting for addresses of its own, so they are put into its table before it is used.
"""

import base64
import json
import sys
from typing import Any

import fitconnect  # type: ignore[import-not-found]  # lives in the environment of `make interop`
from fitconnect import fitconnect as library


def answer(ask: dict[str, Any]) -> Any:
    client = _client(ask["base"], ask["client"], ask["secret"])
    match ask["does"]:
        case "send":
            schema = {"schemaUri": ask["schema"], "mimeType": ask["mimeType"]}
            attachments = [base64.b64decode(each) for each in ask["attachments"]]
            return client.submission(
                ask["destination"], ask["service"], data=ask["data"], data_schema=schema, attachments=attachments
            )
        case "list":
            return client.available_submissions()
        case "retrieve":
            found = client.retrieve_submission(ask["submission"], ask["key"])
            texts = {name: base64.b64encode(each).decode() for name, each in found["attachments"].items()}
            return found | {"attachments": texts}
    raise ValueError(ask["does"])


def _client(base: str, name: str, secret: str) -> Any:
    addresses = {"TOKEN_URL": f"{base}/auth/token", "SUBMISSION_API_URL": f"{base}/submission-api/v1"}
    library._ENVIRONMENT_CONFIG[fitconnect.Environment.TESTING] = addresses
    return fitconnect.FITConnectClient(fitconnect.Environment.TESTING, name, secret)


def main() -> None:
    try:
        json.dump({"answer": answer(json.load(sys.stdin))}, sys.stdout)
    except ValueError as refused:
        json.dump({"refused": str(refused)}, sys.stdout)


main()

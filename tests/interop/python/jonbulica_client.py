"""Runs `fitconnect-client` (jonbulica99) as its author wrote it: one line of JSON for each question and each answer.

The library offers no setting for addresses of its own, so they are put into its table before it is used.
"""

import json
import sys
from typing import Any

from fitconnect_client import environment  # type: ignore[import-not-found]  # lives in the environment of `make interop`
from fitconnect_client.client import APIError, FitconnectClient  # type: ignore[import-not-found]
from fitconnect_client.objects import Attachment  # type: ignore[import-not-found]


def send(person: dict[str, Any], about: dict[str, Any]) -> Any:
    """Everything the library can do, in its order: token, announcement, key, attachments, metadata alone."""
    client = _client(person["base"], person["client"], person["secret"])
    client.obtain_access_token()
    attachments = [Attachment(path) for path in about["paths"]]
    submission = client.create_submission(about["destination"], about["service"], "Baumfällgenehmigung", attachments)
    metadata = client.create_metadata(
        "2026-01-01", "HB-1", about["schema"], about["metadata"], "a@example.org", attachments
    )
    return client.send_submission(submission, metadata)


def _client(base: str, name: str, secret: str) -> Any:
    addresses = {"OAUTH_ENDPOINT": f"{base}/auth/token", "SUBMISSION_API": f"{base}/submission-api/v1"}
    environment.ENV_CONFIG[environment.Environment.TESTING] = addresses
    return FitconnectClient(environment.Environment.TESTING, name, secret)


def main() -> None:
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            reply = {"answer": send(ask["as"], ask["about"])}
        except APIError as refused:
            reply = {"refused": str(refused)}
        print(json.dumps(reply), flush=True)


main()

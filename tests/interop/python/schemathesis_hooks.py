"""What the configuration of the fuzzer cannot say: bodies that are one JWE or JWS, whole keys that are really good, and
how a refusal reads that no schema can announce. FUZZED names a file with them, FUZZED_ANSWERS one to write at the end.
"""

import atexit
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis  # type: ignore[import-not-found]
from hypothesis import strategies

THERE = json.loads(Path(os.environ["FUZZED"]).read_text())
GOOD = strategies.sampled_from([token.encode() for token in THERE["tokens"]])
FORMED = strategies.from_regex(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{0,60}){0,5}", fullmatch=True).map(str.encode)

schemathesis.openapi.media_type("application/jose", GOOD | GOOD | FORMED | strategies.binary(max_size=300))


@schemathesis.hook.apply_to(method="POST", path_regex="/keys$")  # type: ignore[untyped-decorator]
def flatmap_body(_context: object, body: Any) -> Any:
    """What is right by its schema becomes a key that exists; what was broken stays so."""
    return strategies.sampled_from(THERE["keys"]) | strategies.just(body) if formed(body) else strategies.just(body)


def formed(body: Any) -> bool:
    """Whether a body has the form of a key."""
    if not isinstance(body, dict) or not {"n", "kid", "x5c"} <= body.keys():
        return False
    fixed = body.get("kty") == "RSA" and body.get("e") == "AQAB" and body.get("alg") in ("RSA-OAEP-256", "PS512")
    words = [body["n"], body["kid"], *(body["x5c"] if isinstance(body["x5c"], list) else [None])]
    sized = all(isinstance(word, str) for word in words) and 683 <= len(words[0]) <= 1366 and 8 <= len(words[1]) <= 64
    return fixed and sized and body.get("key_ops") in (["wrapKey"], ["verify"]) and 1 <= len(words) - 2 <= 8


@schemathesis.hook  # type: ignore[untyped-decorator]
def filter_failure(_context: object, failure: Any, _case: object, response: Any) -> bool:
    """Data that fits its schema may break a rule that a schema cannot say."""
    unsaid = type(failure).__name__ == "RejectedPositiveData" and any(told in response.text for told in THERE["unsaid"])
    return not unsaid


ANSWERS: Counter[str] = Counter()
"""How often each operation was answered with each status."""


@schemathesis.hook  # type: ignore[untyped-decorator]
def after_call(_context: object, case: Any, response: Any) -> None:
    if response.request.method == case.operation.method.upper():
        ANSWERS[f"{case.operation.label} {response.status_code}"] += 1


atexit.register(lambda: Path(os.environ["FUZZED_ANSWERS"]).write_text(json.dumps(ANSWERS)))

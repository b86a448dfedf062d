"""Tokens that others made and we read, and tokens that we made for others: `tests/vectors/*.json`.

The keys are published with them, so nothing they protect is secret. `tests/interop/make_vectors.py` makes all of it.
"""

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jwcrypto.jwk
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
OURS = "amtsbote"
OTHERS = ("nimbus", "jose", "joserfc", "jwcrypto")
KEYS = ("recipient", "signer")
Kind = Literal["jwe", "jws", "detached"]


@dataclass(frozen=True)
class Vector:
    kind: Kind
    name: str
    token: str
    content: bytes
    refused: str = ""
    """The header member for which a strict reader refuses it; empty for what it takes."""

    def written(self) -> dict[str, str]:
        text = base64.b64encode(self.content).decode()
        members = {"kind": self.kind, "name": self.name, "content": text, "refused": self.refused, "token": self.token}
        return {name: value for name, value in members.items() if value or name == "content"}


def vectors(maker: str) -> list[Vector]:
    rows = json.loads((FOLDER / f"{maker}.json").read_text("utf-8"))["vectors"]
    return [Vector(**row | {"content": base64.b64decode(row["content"])}) for row in rows]


def write(maker: str, made_by: str, made: list[Vector]) -> None:
    document = {"made_by": made_by, "vectors": [vector.written() for vector in made]}
    (FOLDER / f"{maker}.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")


@cache
def private_jwk(name: str) -> dict[str, Any]:
    """The private half of the key `recipient` or `signer`, as a subscriber keeps it in a file."""
    members: dict[str, Any] = json.loads((FOLDER / "keys.json").read_text("utf-8"))[name]
    return members


@cache
def private_key(name: str) -> RSAPrivateKey:
    numbers = {member: _number(private_jwk(name)[member]) for member in ("n", "e", "d", "p", "q", "dp", "dq", "qi")}
    public = RSAPublicNumbers(numbers.pop("e"), numbers.pop("n"))
    private = RSAPrivateNumbers(
        numbers["p"], numbers["q"], numbers["d"], numbers["dp"], numbers["dq"], numbers["qi"], public
    )
    return private.private_key(unsafe_skip_rsa_key_validation=True)


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def public_jwk(name: str) -> dict[str, Any]:
    """As a destination publishes it, without certificates."""
    operation = {"unwrapKey": "wrapKey", "sign": "verify"}
    private = private_jwk(name)
    public = {member: private[member] for member in ("kty", "alg", "kid", "n", "e")}
    return public | {"key_ops": [operation[each] for each in private["key_ops"]]}


def write_keys(made: dict[str, RSAPrivateKey]) -> None:
    uses = {"recipient": ("RSA-OAEP-256", "unwrapKey"), "signer": ("PS512", "sign")}
    written = {}
    for name, (algorithm, operation) in uses.items():
        key = jwcrypto.jwk.JWK.from_pyca(made[name])
        written[name] = key.export_private(as_dict=True) | {
            "alg": algorithm,
            "key_ops": [operation],
            "kid": key.thumbprint(),
        }
    (FOLDER / "keys.json").write_text(json.dumps(written, indent=1) + "\n", "utf-8")

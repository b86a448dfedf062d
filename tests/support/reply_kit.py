"""Reads a reply the way a portal does: with jwcrypto alone, knowing the protocol and the answer document."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwcrypto.jwe
import jwcrypto.jwk
import jwcrypto.jws
from application_kit import decode, encode


@dataclass(frozen=True)
class OpenedReply:
    """Every hash was compared, and the signature over the data verified."""

    metadata: Mapping[str, Any]
    answer: Mapping[str, Any]
    documents: Mapping[str, bytes]
    """By the name that the answer gives them."""


def opened(token: bytes | str, key: jwcrypto.jwk.JWK) -> bytes:
    jwe = jwcrypto.jwe.JWE()
    jwe.deserialize(token if isinstance(token, str) else token.decode(), key)
    assert jwe.jose_header["kid"] == key.thumbprint()
    return bytes(jwe.payload)


def signer_of(metadata: bytes | str, key: jwcrypto.jwk.JWK) -> str:
    """Id of the key that the signature over the data names."""
    said = json.loads(opened(metadata, key))["contentStructure"]["data"]["signature"]["content"]
    return str(json.loads(decode(decode(said).decode().split(".")[0]))["kid"])


def open_reply(tokens: Mapping[str, bytes], key: jwcrypto.jwk.JWK, signing_key: jwcrypto.jwk.JWK) -> OpenedReply:
    """`tokens`: part → compact JWE. `key`: the portal's private key for replies. `signing_key`: of the destination."""
    metadata, data = json.loads(opened(tokens["metadata"], key)), opened(tokens["data"], key)
    assert metadata["$schema"].endswith("/metadata/2.1.0/metadata.schema.json")
    described = metadata["contentStructure"]
    assert described["data"]["hash"] == {"type": "sha512", "content": hashlib.sha512(data).hexdigest()}
    _verify(data, described["data"]["signature"], signing_key)
    contents = {}
    for entry in described["attachments"]:
        parts = entry.get("fragments") or [entry["attachmentId"]]
        content = b"".join(opened(tokens[part], key) for part in parts)
        assert entry["hash"]["content"] == hashlib.sha512(content).hexdigest()
        contents[entry["attachmentId"]] = content
    answer = json.loads(data)
    for one in answer["documents"]:
        assert one["sha512"] == hashlib.sha512(contents[one["attachmentId"]]).hexdigest()
    return OpenedReply(metadata, answer, {one["name"]: contents[one["attachmentId"]] for one in answer["documents"]})


def _verify(data: bytes, signature: Mapping[str, Any], key: jwcrypto.jwk.JWK) -> None:
    assert (signature["signatureFormat"], signature["detachedSignature"]) == ("json", True)
    jws = jwcrypto.jws.JWS()
    jws.allowed_algs = ["PS512"]
    head, _, tail = decode(signature["content"]).decode().split(".")
    jws.deserialize(f"{head}.{encode(data)}.{tail}")
    jws.verify(key)

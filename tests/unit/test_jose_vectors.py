"""Committed tokens (`tests/vectors`): what four other libraries made we read, and two of them read what we made.

The other two, Nimbus and jose, read ours in `make interop`.
"""

import pytest
from jose_oracles import Joserfc, Jwcrypto, Oracle, unwrapper
from jose_vectors import OTHERS, OURS, Vector, private_key, public_jwk, vectors

from amtsbote.errors import DecryptionFailed
from amtsbote.jose import HeaderRefused, jwe, jws
from amtsbote.jose.jwk import public_key_from_jwk, thumbprint
from amtsbote.model.directory import KeyPurpose

CLIENT = "tokens of four JOSE libraries"
LIMIT = 1 << 20
GOOD = [(maker, vector) for maker in (*OTHERS, OURS) for vector in vectors(maker) if not vector.refused]
BAD = [(maker, vector) for maker in OTHERS for vector in vectors(maker) if vector.refused]


def of(kind: str, found: list[tuple[str, Vector]]) -> list[object]:
    return [pytest.param(vector, id=f"{maker}-{vector.name}") for maker, vector in found if vector.kind == kind]


@pytest.mark.parametrize("vector", of("jwe", GOOD))
def test_we_open_what_was_encrypted(vector: Vector) -> None:
    token, unwrap = vector.token.encode(), unwrapper(private_key("recipient"))
    pieces = [token[start : start + 97] for start in range(0, len(token), 97)]
    check = jwe.JweCheck(LIMIT)
    for piece in pieces:
        check.feed(piece)

    assert jwe.decrypt_small(token, unwrap, limit=LIMIT) == vector.content
    assert b"".join(jwe.decrypt_stream(pieces, unwrap, limit=LIMIT)) == vector.content
    assert check.finish().tag == vector.token.rsplit(".", 1)[1]


@pytest.mark.parametrize("vector", of("jws", GOOD))
def test_we_verify_what_was_signed(vector: Vector) -> None:
    public = private_key("signer").public_key()

    header, payload = jws.verify_compact(vector.token, lambda _: public, alg="PS512", typ="secevent+jwt", limit=LIMIT)

    assert (header.kid, payload) == (thumbprint(public), vector.content)


@pytest.mark.parametrize("vector", of("detached", GOOD))
def test_we_verify_a_detached_signature_over_these_bytes_only(vector: Vector) -> None:
    public = private_key("signer").public_key()

    assert jws.verify_detached(vector.token, vector.content, lambda _: public).kid == thumbprint(public)
    with pytest.raises(jws.SignatureInvalid):
        jws.verify_detached(vector.token, vector.content + b" ", lambda _: public)


@pytest.mark.parametrize("vector", of("jwe", BAD))
def test_we_refuse_an_encryption_that_is_not_allowed(vector: Vector) -> None:
    token = vector.token.encode()
    with pytest.raises(HeaderRefused) as refused:
        jwe.JweCheck(LIMIT).feed(token)
    with pytest.raises(DecryptionFailed):
        jwe.decrypt_small(token, unwrapper(private_key("recipient")), limit=LIMIT)

    assert refused.value.member == vector.refused


@pytest.mark.parametrize("vector", of("jws", BAD))
def test_we_refuse_a_signature_that_is_not_allowed(vector: Vector) -> None:
    with pytest.raises(HeaderRefused) as refused:
        jws.read_compact(vector.token, limit=LIMIT)

    assert refused.value.member == vector.refused


@pytest.mark.parametrize("library", [Joserfc, Jwcrypto])
def test_other_libraries_read_what_we_made(library: type[Joserfc | Jwcrypto]) -> None:
    reads: dict[str, Oracle] = {
        "jwe": library(private_key("recipient")),
        "jws": library(private_key("signer")),
    }
    for vector in vectors(OURS):
        token = vector.token
        match vector.kind:
            case "jwe" if vector.content or library is Joserfc:  # jwcrypto takes an empty plaintext for a failure
                assert reads["jwe"].decrypt(token.encode()) == vector.content
            case "jws":
                assert reads["jws"].verify(token) == vector.content
            case "detached":
                assert reads["jws"].verify(token, vector.content) == vector.content


@pytest.mark.parametrize(("name", "purpose"), [("recipient", KeyPurpose.ENCRYPTION), ("signer", KeyPurpose.SIGNATURE)])
def test_the_keys_are_taken_as_a_destination_publishes_them(name: str, purpose: KeyPurpose) -> None:
    public = public_jwk(name)

    assert thumbprint(public_key_from_jwk(public, purpose)) == public["kid"]

"""Nimbus, jose, joserfc and jwcrypto: they read what we write, we read what they write, and so does the broker."""

import json
from collections.abc import Callable
from typing import Any, Literal

import jwcrypto.jwk
import pytest
from application_kit import CHEMNITZ as REGION
from application_kit import TREE_FELLING, Application, Sealed, decode, metadata_of, one_bit_of, photo_and_plan
from broker_kit import RunningBroker
from chains_for_tests import Wish, issue, issuer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from foreign_programs import JosePeer, Refused
from installation_kit import CHEMNITZ
from jose_oracles import unwrapper
from jose_vectors import OURS, private_jwk, public_jwk, vectors
from portal_kit import Portal, Sent

from amtsbote.jose import jwe, jwk, jws
from amtsbote.model.directory import KeyPurpose

Zip = Literal["DEF"] | None
Jwk = dict[str, Any]
KEY = "chemnitz-encryption"
CONTENTS = {
    "nothing": b"",
    "a document": "<ort>Straße, Bäume, 北</ort>".encode() * 400,
    "every byte": bytes(range(256)) * 150,
}


LIMITS = {("jwcrypto", "nothing"): "jwcrypto 1.6.1 takes an empty plaintext for a failure"}


@pytest.fixture(scope="session")
def key(rsa_key: Callable[[str], RSAPrivateKey]) -> RSAPrivateKey:
    return rsa_key(KEY)


@pytest.fixture(scope="session")
def published(key: RSAPrivateKey, rsa_key: Callable[[str], RSAPrivateKey]) -> Callable[[KeyPurpose], Jwk]:
    """The public half as we publish it, with its certificates."""
    chain = issue([Wish("Stadt Chemnitz", key), issuer("Test-Wurzel", rsa_key("root"))])
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return lambda purpose: jwk.public_jwk(der, purpose, chain)


@pytest.mark.parametrize("zip_", [None, "DEF"])
@pytest.mark.parametrize("name", CONTENTS)
def test_it_opens_what_we_encrypt(
    request: pytest.FixtureRequest, peer: JosePeer, key: RSAPrivateKey, name: str, zip_: Zip
) -> None:
    if limit := LIMITS.get((request.node.callspec.params["peer"], name)):
        pytest.skip(limit)
    kid = jwk.thumbprint(key.public_key())
    token = jwe.encrypt(CONTENTS[name], key.public_key(), kid=kid, cty="application/xml", zip_=zip_)

    assert peer.open(token.decode(), private_half(key, "RSA-OAEP-256", "unwrapKey")) == CONTENTS[name]


@pytest.mark.parametrize("zip_", [None, "DEF"])
@pytest.mark.parametrize("name", CONTENTS)
def test_we_open_what_it_encrypts_for_the_key_we_publish(
    peer: JosePeer, key: RSAPrivateKey, published: Callable[[KeyPurpose], Jwk], name: str, zip_: Zip
) -> None:
    recipient = published(KeyPurpose.ENCRYPTION)
    header = sealing(recipient["kid"], "application/xml") | ({"zip": zip_} if zip_ else {})

    token = peer.seal(CONTENTS[name], header, recipient).encode()

    assert jwe.decrypt_small(token, unwrapper(key), limit=1 << 20) == CONTENTS[name]
    assert b"".join(jwe.decrypt_stream([token[:700], token[700:]], unwrapper(key), limit=1 << 20)) == CONTENTS[name]


def test_it_reads_our_committed_tokens(request: pytest.FixtureRequest, peer: JosePeer) -> None:
    for vector in vectors(OURS):
        match vector.kind:
            case "jwe" if vector.content or request.node.callspec.params["peer"] != "jwcrypto":
                assert peer.open(vector.token, private_jwk("recipient")) == vector.content
            case "jws":
                assert peer.verify(vector.token, public_jwk("signer")) == vector.content
            case "detached":
                assert peer.verify_detached(vector.token, vector.content, public_jwk("signer")) == vector.content


def test_it_verifies_what_we_sign_with_the_key_we_publish(
    peer: JosePeer, key: RSAPrivateKey, published: Callable[[KeyPurpose], Jwk]
) -> None:
    token, public = signed_by_us(key), published(KeyPurpose.EVENTS)

    assert peer.verify(token, public) == CONTENTS["a document"]
    assert peer.verify_detached(jws.detach(token), CONTENTS["a document"], public) == CONTENTS["a document"]


def test_we_verify_what_it_signs(peer: JosePeer, key: RSAPrivateKey) -> None:
    header = {"alg": "PS512", "kid": jwk.thumbprint(key.public_key()), "typ": "secevent+jwt"}
    private, content = private_half(key, "PS512", "sign"), CONTENTS["every byte"]

    token = peer.sign(content, header, private)
    detached = peer.sign_detached(content, header, private)

    read, payload = jws.verify_compact(
        token, lambda _header: key.public_key(), alg="PS512", typ="secevent+jwt", limit=1 << 20
    )
    assert (read.kid, payload) == (header["kid"], content)
    assert jws.verify_detached(detached, content, lambda _header: key.public_key()) == read


@pytest.mark.parametrize("segment", [1, 2, 3, 4])
def test_it_refuses_our_token_with_one_bit_changed(peer: JosePeer, key: RSAPrivateKey, segment: int) -> None:
    kid = jwk.thumbprint(key.public_key())
    token = jwe.encrypt(CONTENTS["a document"], key.public_key(), kid=kid, cty="application/xml").decode()

    with pytest.raises(Refused):
        peer.open(one_bit_of(segment)(token), private_half(key, "RSA-OAEP-256", "unwrapKey"))


def test_it_refuses_our_signature_over_other_content(
    peer: JosePeer, key: RSAPrivateKey, published: Callable[[KeyPurpose], Jwk]
) -> None:
    token, public = signed_by_us(key), published(KeyPurpose.SIGNATURE)

    with pytest.raises(Refused):
        peer.verify(one_bit_of(1)(token), public)
    with pytest.raises(Refused):
        peer.verify_detached(jws.detach(token), CONTENTS["every byte"], public)


def test_it_computes_the_thumbprint_we_use_as_key_id(peer: JosePeer, published: Callable[[KeyPurpose], Jwk]) -> None:
    public = published(KeyPurpose.ENCRYPTION)

    assert peer.thumbprint(public) == public["kid"]


def test_the_broker_accepts_what_it_signs_and_encrypts_and_it_verifies_every_event(
    peer: JosePeer, broker: RunningBroker, portal: Portal
) -> None:
    sealed = sealed_by(peer, broker, portal, Application(CHEMNITZ, enclosures=photo_and_plan()))
    created = portal.announce(sealed.application).json()
    sent = Sent(created["submissionId"], created["caseId"], CHEMNITZ, sealed)
    for attachment, token in sealed.attachments.items():
        assert portal.attach(sent.submission, attachment, token).status_code == 204
    assert portal.submit(sent.submission, sealed).status_code == 200

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.data == sealed.application.data
    assert folder.attachments == tuple(each.content for each in sealed.application.enclosures)
    assert folder.manifest["signature"]["verdict"] == "valid"
    log = portal.good("GET", f"/v2/cases/{sent.case}/events").json()["eventLog"]
    told = [json.loads(peer.verify(token, signers_key(portal, token))) for token in log]
    assert [event["sub"] for event in told] == [f"submission:{sent.submission}"] * 3


def test_it_verifies_the_signed_answer_who_is_responsible(peer: JosePeer, portal: Portal) -> None:
    [route] = portal.route(TREE_FELLING, ars=REGION)
    token = route["destinationSignature"]

    assert json.loads(peer.verify(token, signers_key(portal, token)))["destinationId"] == CHEMNITZ


def sealed_by(peer: JosePeer, broker: RunningBroker, portal: Portal, application: Application) -> Sealed:
    """Every part encrypted and the data signed by the library, for the key that the broker gives out."""
    kid = portal.good("GET", f"/v2/destinations/{CHEMNITZ}").json()["encryptionKid"]
    recipient = portal.good("GET", f"/v2/destinations/{CHEMNITZ}/keys/{kid}").json()
    signing = broker.keys.private("hamburg-signing")
    header = {"alg": "PS512", "kid": jwk.thumbprint(signing.public_key())}
    signature = peer.sign_detached(application.data, header, private_half(signing, "PS512", "sign"))
    metadata = json.dumps(metadata_of(application, signature)).encode()
    attachments = {
        each.id: peer.seal(each.content, sealing(kid, each.mime_type), recipient) for each in application.enclosures
    }
    return Sealed(
        application,
        peer.seal(metadata, sealing(kid, "application/json"), recipient),
        peer.seal(application.data, sealing(kid, "application/xml"), recipient),
        attachments,
    )


def signers_key(portal: Portal, token: str) -> Jwk:
    """By issuer: of the service from its `jwks.json`, of a destination from its keys."""
    head, claims = (json.loads(decode(part)) for part in token.split(".")[:2])
    if claims["iss"] == CHEMNITZ:
        found: Jwk = portal.good("GET", f"/v2/destinations/{CHEMNITZ}/keys/{head['kid']}").json()
        return found
    keys = portal.http.get(f"{claims['iss']}/.well-known/jwks.json").json()["keys"]
    return next(key for key in keys if key["kid"] == head["kid"])


def sealing(kid: str, content_type: str) -> Jwk:
    return {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": kid, "cty": content_type}


def private_half(key: RSAPrivateKey, algorithm: str, operation: str) -> Jwk:
    """As a subscriber keeps it in a file."""
    members: Jwk = jwcrypto.jwk.JWK.from_pyca(key).export_private(as_dict=True)
    return members | {"alg": algorithm, "key_ops": [operation], "kid": jwk.thumbprint(key.public_key())}


def signed_by_us(key: RSAPrivateKey) -> str:
    header = {"typ": "secevent+jwt", "alg": "PS512", "kid": jwk.thumbprint(key.public_key())}
    what = jws.signing_input(header, CONTENTS["a document"])
    return jws.compact(what, jws.sign_ps512(key, what))

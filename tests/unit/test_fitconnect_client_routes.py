"""What a portal believes of routes, destinations and keys."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from chains_for_tests import NOW, Wish, issue, issuer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amtsbote.jose import KeyRefused
from amtsbote.jose.jwk import keys_of_set, public_jwk, thumbprint
from amtsbote.jose.jws import JwsHeader, compact, sign_ps512, signing_input
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import DestinationId, KeyId
from transport.fitconnect.client import (
    Application,
    DestinationView,
    Endpoints,
    Failure,
    FoundRoute,
    OfferedSchemas,
    SendingFailed,
)
from transport.fitconnect.client.destinations import (
    certified_public_key,
    check_encryption_key,
    check_takes,
    read_destination,
)
from transport.fitconnect.client.routes import check_route, only_route

SERVICE, ARS = "99093003001002", "145110000000"
URN_SERVICE = f"urn:de:fim:leika:leistung:{SERVICE}"
URN_REGION = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:"
DESTINATION = DestinationId("d1d1d1d1-0000-4000-8000-000000000001")
ENDPOINTS = Endpoints(
    "https://a.example/auth/token", "https://a.example:8443/submission-api", "https://r.example/routing"
)
SCHEMA = SchemaRef("urn:schema", "application/xml")
VIEW = DestinationView(
    DESTINATION, "Chemnitz", "active", KeyId("k" * 43), ("2.1.0",), (OfferedSchemas(URN_SERVICE, (SCHEMA,), (ARS,)),)
)


@pytest.fixture(scope="module")
def addressing(rsa_key: Callable[[str], RSAPrivateKey]) -> RSAPrivateKey:
    return rsa_key("addressing")


@pytest.fixture(scope="module")
def encryption(rsa_key: Callable[[str], RSAPrivateKey]) -> RSAPrivateKey:
    return rsa_key("encryption")


@pytest.fixture(scope="module")
def route(addressing: RSAPrivateKey) -> Callable[..., dict[str, Any]]:
    """A route as the routing service answers it; `changes` of the signed claims."""

    def make(**changes: Any) -> dict[str, Any]:
        claims = {
            "submissionHost": "a.example:8443",
            "iss": "https://r.example/routing",
            "services": [{"gebietIDs": [URN_REGION + ARS], "leistungIDs": [URN_SERVICE]}],
            "destinationId": DESTINATION,
            "iat": 1637863481,
            "jti": "2d1426f2-d673-46de-868e-d96844d24fe1",
        }
        data = signing_input(
            {"kid": "addressing-key", "typ": "jwt", "alg": "PS512"}, json.dumps(claims | changes).encode()
        )
        signature = compact(data, sign_ps512(addressing, data))
        return {"destinationId": DESTINATION, "destinationSignature": signature, "destinationName": "Chem\x1bnitz"}

    return make


@pytest.fixture(scope="module")
def check(addressing: RSAPrivateKey) -> Callable[[dict[str, Any]], FoundRoute]:
    def known(header: JwsHeader) -> Any:
        return addressing.public_key() if header.kid == "addressing-key" else None

    return lambda found: check_route(found, ENDPOINTS, known, service=SERVICE, ars=ARS)


def failure_of(action: Callable[[], object]) -> SendingFailed:
    with pytest.raises(SendingFailed) as caught:
        action()
    assert caught.value.de
    assert caught.value.en
    return caught.value


def test_a_route_that_holds_is_found_and_its_name_is_fit_for_a_terminal(route: Any, check: Any) -> None:
    assert check(route()) == FoundRoute(DESTINATION, "Chem nitz", SERVICE, ARS)


@pytest.mark.parametrize("region", ["14", "145", "14511", "145110000000", "140000000000"])
def test_a_larger_region_contains_the_asked_one(region: str, route: Any, check: Any) -> None:
    services = [
        {"gebietIDs": [URN_REGION + "02"], "leistungIDs": [URN_SERVICE]},
        {"gebietIDs": [URN_REGION + region], "leistungIDs": ["x", URN_SERVICE]},
    ]

    assert check(route(services=services)).destination == DESTINATION


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"destinationId": "d1d1d1d1-0000-4000-8000-000000000002"}, "destinationId"),
        ({"submissionHost": "evil.example"}, "submissionHost"),
        ({"submissionHost": "a.example"}, "submissionHost"),
        ({"services": []}, "services"),
        ({"services": None}, "services"),
        ({"services": [None, "x"]}, "services"),
        ({"services": [{"gebietIDs": URN_REGION + ARS, "leistungIDs": URN_SERVICE}]}, "services"),
        ({"services": [{"gebietIDs": [URN_REGION + "02"], "leistungIDs": [URN_SERVICE]}]}, "services"),
        ({"services": [{"gebietIDs": [URN_REGION], "leistungIDs": [URN_SERVICE]}]}, "services"),
        ({"services": [{"gebietIDs": [URN_REGION + "1451"], "leistungIDs": [URN_SERVICE]}]}, "services"),
        ({"services": [{"gebietIDs": [ARS], "leistungIDs": [URN_SERVICE]}]}, "services"),
        ({"services": [{"gebietIDs": [URN_REGION + ARS], "leistungIDs": [SERVICE]}]}, "services"),
        (
            {
                "services": [
                    {"gebietIDs": [URN_REGION + ARS], "leistungIDs": []},
                    {"gebietIDs": [], "leistungIDs": [URN_SERVICE]},
                ]
            },
            "services",
        ),
    ],
)
def test_a_signed_route_to_somewhere_else_is_not_trusted(changes: Any, reason: str, route: Any, check: Any) -> None:
    failed = failure_of(lambda: check(route(**changes)))

    assert failed.failure is Failure.ROUTE
    assert reason in failed.en


def test_a_changed_or_foreign_signature_is_not_trusted(route: Any, check: Any) -> None:
    header, body, signature = route()["destinationSignature"].split(".")
    other = route(submissionHost="b")["destinationSignature"].split(".")[1]

    def failure_with(spoilt: str) -> Failure:
        return failure_of(lambda: check({**route(), "destinationSignature": spoilt})).failure

    for spoilt in (f"{header}.{other}.{signature}", f"{header}.{body}.", "x", f"{header}.{body}", ""):
        assert failure_with(spoilt) is Failure.ROUTE
    nobody = failure_of(lambda: check_route(route(), ENDPOINTS, lambda _h: None, service=SERVICE, ars=ARS))
    assert nobody.failure is Failure.ROUTE


@pytest.mark.parametrize("name", ["destinationId", "destinationSignature"])
@pytest.mark.parametrize("value", [None, 1, "../../x", []])
def test_a_route_without_its_members_is_not_as_agreed(name: str, value: object, route: Any, check: Any) -> None:
    expected = {Failure.UNEXPECTED, Failure.ROUTE} if name == "destinationSignature" else {Failure.UNEXPECTED}

    assert failure_of(lambda: check({**route(), name: value})).failure in expected


def test_of_no_route_and_of_several_destinations_none_is_taken() -> None:
    def only(*routes: Any) -> Any:
        return only_route({"routes": list(routes)}, SERVICE, ARS)

    assert failure_of(only).failure is Failure.NOBODY
    assert failure_of(lambda: only({"destinationId": "a"}, {"destinationId": "b"})).failure is Failure.SEVERAL
    assert failure_of(lambda: only("x")).failure is Failure.UNEXPECTED
    assert failure_of(lambda: only_route({}, SERVICE, ARS)).failure is Failure.UNEXPECTED
    assert only({"destinationId": "a"}, {"destinationId": "a", "x": 1}) == {"destinationId": "a"}


def answer(**changes: Any) -> dict[str, Any]:
    return {
        "destinationId": DESTINATION,
        "name": "Chemnitz",
        "status": "active",
        "encryptionKid": "k" * 43,
        "metadataVersions": ["2.1.0"],
        "publicServices": [
            {
                "identifier": URN_SERVICE,
                "submissionSchemas": [{"schemaUri": "urn:schema", "mimeType": "application/xml"}],
                "regions": [ARS],
            }
        ],
        "replyChannels": {"unknown": 1},
    } | changes


def test_a_destination_is_read() -> None:
    assert read_destination(answer(), DESTINATION) == VIEW


@pytest.mark.parametrize(
    "changes",
    [
        {"destinationId": "d1d1d1d1-0000-4000-8000-000000000002"},
        {"encryptionKid": None},
        {"status": 1},
        {"publicServices": [{}]},
        {"publicServices": "x"},
        {"metadataVersions": [1]},
    ],
)
def test_another_answer_is_not_as_agreed(changes: dict[str, Any]) -> None:
    assert failure_of(lambda: read_destination(answer(**changes), DESTINATION)).failure is Failure.UNEXPECTED


def application(service: str = SERVICE, schema: SchemaRef = SCHEMA) -> Application:
    return Application(service, "Baumfällgenehmigung", ARS, schema, b"<a/>")


def test_a_fitting_application_may_be_sent() -> None:
    check_takes(VIEW, application())


@pytest.mark.parametrize(
    ("changes", "what", "reason"),
    [
        ({"status": "inactive"}, application(), "inactive"),
        ({"metadataVersions": ["1.0.0"]}, application(), "2.1.0"),
        ({}, application(service="99000000000000"), "99000000000000"),
        ({}, application(schema=SchemaRef("urn:other", "application/xml")), "urn:other"),
        ({}, application(schema=SchemaRef("urn:schema", "application/json")), "urn:schema"),
    ],
)
def test_what_would_be_rejected_is_not_sent(changes: Any, what: Application, reason: str) -> None:
    failed = failure_of(lambda: check_takes(read_destination(answer(**changes), DESTINATION), what))

    assert failed.failure is Failure.DESTINATION
    assert reason in failed.en


@pytest.fixture(scope="module")
def certified(encryption: RSAPrivateKey, addressing: RSAPrivateKey) -> tuple[dict[str, Any], bytes]:
    """The JWK of an encryption key with its chain, and the root."""
    uses = frozenset({"key_encipherment"})
    chain = issue([Wish("Chemnitz", encryption, uses), issuer("Wurzel", addressing)])
    der = encryption.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public_jwk(der, KeyPurpose.ENCRYPTION, chain), chain[1]


def view_of(jwk: dict[str, Any]) -> DestinationView:
    return DestinationView(DESTINATION, "", "active", KeyId(jwk["kid"]), (), ())


def test_a_certified_key_is_taken(certified: Any, encryption: RSAPrivateKey) -> None:
    jwk, root = certified

    key = check_encryption_key(jwk, view_of(jwk), [root], at=NOW)

    assert (key.public, key.kid) == (encryption.public_key(), thumbprint(encryption.public_key()))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda jwk: jwk | {"kid": "another-key"}, "kid"),
        (lambda jwk: {name: value for name, value in jwk.items() if name != "x5c"}, "x5c"),
        (lambda jwk: jwk | {"x5c": []}, "empty"),
        (lambda jwk: jwk | {"x5c": "AAAA"}, "x5c"),
        (lambda jwk: jwk | {"x5c": [1]}, "x5c"),
        (lambda jwk: jwk | {"x5c": ["-_-_"]}, "x5c"),
        (lambda jwk: jwk | {"x5c": ["ä"]}, "x5c"),
        (lambda jwk: jwk | {"x5c": [base64.b64encode(b"no certificate").decode()]}, "unreadable"),
        (lambda jwk: jwk | {"x5c": jwk["x5c"][:1]}, "not-anchored"),
        (lambda jwk: jwk | {"x5c": jwk["x5c"][::-1]}, "o"),
        (lambda jwk: jwk | {"alg": "RSA-OAEP"}, "alg"),
        (lambda jwk: jwk | {"key_ops": ["verify"]}, "key_ops"),
        (lambda jwk: jwk | {"n": jwk["n"][:-8] + "AAAA" + jwk["n"][-4:]}, "other-key"),
    ],
)
def test_any_other_key_is_not_used(spoil: Any, reason: str, certified: Any) -> None:
    jwk, root = certified
    failed = failure_of(lambda: check_encryption_key(spoil(jwk), view_of(jwk), [root], at=NOW))

    assert failed.failure is Failure.KEY
    assert reason in failed.reason


def test_a_key_is_for_its_time_its_purpose_and_our_anchors_only(certified: Any) -> None:
    jwk, root = certified
    kid = KeyId(jwk["kid"])
    signing = jwk | {"alg": "PS512", "key_ops": ["verify"]}
    late = NOW + timedelta(days=1000)

    expired = failure_of(lambda: certified_public_key(jwk, kid, KeyPurpose.ENCRYPTION, [root], at=late))
    misused = failure_of(lambda: certified_public_key(signing, kid, KeyPurpose.SIGNATURE, [root], at=NOW))
    foreign = failure_of(lambda: certified_public_key(jwk, kid, KeyPurpose.ENCRYPTION, [], at=NOW))

    assert (expired.reason, misused.reason, foreign.reason) == ("expired", "key-usage", "not-anchored")
    assert "abgelaufen. Es wurde nichts gesendet." in expired.de
    assert "has expired. Nothing was sent." in expired.en


def test_of_a_key_set_only_fitting_keys_are_taken(certified: Any, addressing: RSAPrivateKey) -> None:
    der = addressing.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    good = public_jwk(der, KeyPurpose.EVENTS)
    others = [certified[0], {}, None, "x", good | {"kid": 1}, good | {"kid": ["x"]}]

    assert keys_of_set({"keys": [*others, good]}, KeyPurpose.EVENTS) == {good["kid"]: addressing.public_key()}
    with pytest.raises(KeyRefused):
        keys_of_set({}, KeyPurpose.EVENTS)

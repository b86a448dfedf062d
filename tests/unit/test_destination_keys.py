"""Keys a subscriber brings: each refusal names its member and why, one key follows the other with overlap."""

from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from application_kit import Application, seal
from chains_for_tests import NOW, Wish, issue, issuer
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import ObjectIdentifier
from front_for_tests import creation
from house_for_tests import DIRECT, PORTAL, SEALED, STRANGER, SUBSCRIBER, House
from managing_kit import ENCRYPTION, SIGNATURE, V1, V2, Manager, Pki, managing

from amtsbote.model.directory import SETTLING
from amtsbote.model.ids import KeyId

Key = Callable[[str], RSAPrivateKey]
Jwk = dict[str, Any]
Spoil = Callable[[Pki], Jwk]


@pytest.fixture
async def manager(house: House, rsa_key: Key) -> AsyncIterator[Manager]:
    async with managing(house, rsa_key) as one:
        yield one


def leaf(pki: Pki, **changes: Any) -> Jwk:
    key = pki.rsa_key("new")
    return pki.jwk(chain=pki.chain(Wish("new", key, frozenset({"key_encipherment"})).but(**changes)))


def under(pki: Pki, **changes: Any) -> Jwk:
    """Certified by an authority between leaf and root."""
    key = pki.rsa_key("new")
    between = issuer("Zwischen", pki.rsa_key("stranger")).but(**changes)
    return pki.jwk(chain=pki.chain(Wish("new", key, frozenset({"key_encipherment"})), between))


def ec_jwk(_: Pki) -> Jwk:
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "key_ops": ["verify"], "kid": "an-ec-key", "x": "A", "y": "A"}


MEMBERS: dict[str, tuple[Spoil, str]] = {
    "no kty": (lambda pki: pki.jwk(kty=None), "kty"),
    "an EC key": (ec_jwk, "kty"),
    "no alg": (lambda pki: {name: value for name, value in pki.jwk().items() if name != "alg"}, "alg"),
    "another alg": (lambda pki: pki.jwk() | {"alg": "RSA-OAEP"}, "alg"),
    "an alg that is a list": (lambda pki: pki.jwk() | {"alg": ["PS512"]}, "alg"),
    "no key_ops": (lambda pki: pki.jwk(key_ops=None), "key_ops"),
    "operations of the other purpose": (lambda pki: pki.jwk(key_ops=["verify"]), "key_ops"),
    "more operations": (lambda pki: pki.jwk(key_ops=["wrapKey", "encrypt"]), "key_ops"),
    "the private operation": (lambda pki: pki.jwk(key_ops=["unwrapKey"]), "key_ops"),
    "no kid": (lambda pki: pki.jwk(kid=None), "kid"),
    "a kid of 7": (lambda pki: pki.jwk(kid="x" * 7), "kid"),
    "a kid of 65": (lambda pki: pki.jwk(kid="x" * 65), "kid"),
    "a kid with a blank": (lambda pki: pki.jwk(kid="two words"), "kid"),
    "a kid that is a number": (lambda pki: pki.jwk(kid=12345678), "kid"),
    "no n": (lambda pki: pki.jwk(n=None), "n"),
    "a short n": (lambda pki: pki.jwk(n="x" * 342 + "w"), "n"),
    "an n with padding": (lambda pki: pki.jwk() | {"n": pki.jwk()["n"] + "="}, "n"),
    "an even n": (lambda pki: pki.jwk() | {"n": "_" * 682 + "w"}, "n"),
    "no e": (lambda pki: pki.jwk(e=None), "e"),
    "another e": (lambda pki: pki.jwk(e="Aw"), "e"),
    "a private key": (lambda pki: pki.jwk(d="AQAB"), "d"),
    "no x5c": (lambda pki: pki.jwk(x5c=None), "x5c"),
    "an x5c that is a text": (lambda pki: pki.jwk() | {"x5c": pki.jwk()["x5c"][0]}, "x5c"),
    "an x5c in base64url": (lambda pki: pki.jwk() | {"x5c": ["_-__"]}, "x5c"),
    "an x5c of numbers": (lambda pki: pki.jwk() | {"x5c": [1]}, "x5c"),
}


@pytest.mark.parametrize("name", MEMBERS)
async def test_a_refused_member_is_named_with_what_is_allowed(manager: Manager, name: str) -> None:
    spoil, member = MEMBERS[name]

    problem = await manager.refused("POST", f"/{SEALED}/keys", spoil(manager.pki), 422, "AB-1411")

    assert problem["member"] == member
    assert f"„{member}“ ist nicht zulässig; verlangt ist" in problem["detail"]
    assert problem["detail"].endswith("Bitte berichtigt erneut senden.")


def stranger_chain(pki: Pki) -> list[str]:
    root = issuer("Wurzel", pki.rsa_key("stranger"))
    chain = issue([Wish("new", pki.rsa_key("new"), frozenset({"key_encipherment"})), root])
    return [b64encode(certificate).decode() for certificate in chain]


def two_between(pki: Pki) -> Jwk:
    wish = Wish("new", pki.rsa_key("new"), frozenset({"key_encipherment"}))
    upper = issuer("Oben", pki.rsa_key("stranger"), path_length=0)
    return pki.jwk(chain=pki.chain(wish, issuer("Unten", pki.rsa_key("second")), upper))


def by_curve(pki: Pki) -> Jwk:
    wish = Wish("new", pki.rsa_key("new"), frozenset({"key_encipherment"}))
    return pki.jwk(chain=pki.chain(wish, issuer("Kurve", ec.generate_private_key(ec.SECP384R1()))))


CERTIFICATES: dict[str, tuple[Spoil, str]] = {
    "no certificate": (lambda pki: pki.jwk() | {"x5c": []}, "empty"),
    "something else": (lambda pki: pki.jwk() | {"x5c": [b64encode(b"x").decode()]}, "unreadable"),
    "too many": (lambda pki: pki.jwk() | {"x5c": pki.jwk()["x5c"][:1] * 9}, "too-long"),
    "of another key": (lambda pki: pki.jwk() | {"x5c": pki.jwk("second")["x5c"]}, "other-key"),
    "the wrong way round": (lambda pki: pki.jwk() | {"x5c": pki.jwk()["x5c"][::-1]}, "order"),
    "without the root": (lambda pki: pki.jwk() | {"x5c": pki.jwk()["x5c"][:1]}, "not-anchored"),
    "from a stranger": (
        lambda pki: pki.jwk() | {"x5c": stranger_chain(pki)},
        "not-anchored",
    ),
    "expired": (lambda pki: leaf(pki, end=NOW - timedelta(hours=1)), "expired"),
    "not valid yet": (lambda pki: leaf(pki, start=NOW + timedelta(hours=1)), "not-yet-valid"),
    "for signing": (lambda pki: leaf(pki, uses=frozenset({"digital_signature"})), "key-usage"),
    "for nothing in particular": (lambda pki: leaf(pki, uses=None), "key-usage"),
    "for an authority": (lambda pki: leaf(pki, ca=True), "leaf-is-ca"),
    "with a critical extension": (lambda pki: leaf(pki, critical=ObjectIdentifier("1.2.3.4")), "critical-extension"),
    "signed with SHA-224": (lambda pki: leaf(pki, digest=hashes.SHA224()), "weak-signature"),
    "by one who may not": (lambda pki: under(pki, ca=False, uses=frozenset({"key_cert_sign"})), "not-a-ca"),
    "by one who is too far up": (two_between, "path-length"),
    "by an elliptic curve": (by_curve, "key-type"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
async def test_a_refused_chain_is_named_with_its_fault(manager: Manager, name: str) -> None:
    spoil, fault = CERTIFICATES[name]

    problem = await manager.refused("POST", f"/{SEALED}/keys", spoil(manager.pki), 422, "AB-1416")

    assert (problem["member"], problem["fault"]) == ("x5c", fault)


async def test_a_chain_with_an_authority_between_is_taken(manager: Manager) -> None:
    key = under(manager.pki)
    assert await manager.good("POST", f"/{SEALED}/keys", key) == key


async def test_reasons_are_in_the_language_that_is_asked_for(manager: Manager) -> None:
    told = {}
    for language in ("de", "en"):
        answer = await manager.asked.send(
            "POST",
            f"{V2}/destinations/{SEALED}/keys",
            SUBSCRIBER,
            json=leaf(manager.pki, end=NOW - timedelta(hours=1)),
            headers={"Accept-Language": language},
        )
        told[language] = answer.json()["detail"]
    assert "abgelaufen" in told["de"]
    assert "has expired" in told["en"]


# whose key, and what it is called


async def test_a_key_keeps_the_name_its_owner_gave_it_and_further_members_are_passed_over(manager: Manager) -> None:
    key = manager.pki.jwk("signing", SIGNATURE, kid="leipzig-signatur-1")

    taken = await manager.good("POST", f"/{SEALED}/keys", key | {"use": "sig", "x5t": "x"})

    assert taken == key
    fetched = await manager.asked.get(f"{V1}/destinations/{SEALED}/keys/leipzig-signatur-1", None)
    assert fetched.json() == key


async def test_a_name_and_a_key_are_given_once(manager: Manager) -> None:
    other = await manager.created()
    await manager.good("POST", f"/{other}/keys", manager.pki.jwk("new", kid="leipzig-neu"))
    signing = Wish("new", manager.pki.rsa_key("new"), frozenset({"digital_signature"}))
    for place, key in (
        (SEALED, manager.pki.jwk("new", kid="leipzig-neu")),
        (SEALED, manager.pki.jwk("second", kid="leipzig-neu")),
        (SEALED, manager.pki.jwk("new")),
        (other, manager.pki.jwk("second", kid="leipzig-neu")),
        (other, manager.pki.jwk("new")),
        (other, manager.pki.jwk("new", SIGNATURE, kid="leipzig-neu", chain=manager.pki.chain(signing))),
        (SEALED, manager.pki.jwk("chemnitz-encryption")),
    ):
        await manager.refused("POST", f"/{place}/keys", key, 409, "AB-1412")


async def test_the_same_key_with_new_certificates_is_certified_anew(manager: Manager) -> None:
    name = await manager.created()
    first = leaf(manager.pki)
    await manager.good("POST", f"/{name}/keys", first)
    later = leaf(manager.pki, end=NOW + timedelta(days=700))

    assert await manager.good("POST", f"/{name}/keys", later) == later

    assert (await manager.told())[-1] == (f"client:{SUBSCRIBER}", "key.certified", first["kid"])
    assert (await manager.good("GET", f"/{name}/keys"))["keys"] == [later]


async def test_a_destination_has_a_limited_number_of_keys(manager: Manager) -> None:
    for name in ("encryption", "new"):
        await manager.good("POST", f"/{SEALED}/keys", manager.pki.jwk(name))
    await manager.refused("POST", f"/{SEALED}/keys", manager.pki.jwk("second"), 409, "AB-1415")


# one after the other


async def retired(manager: Manager, kid: str) -> None:
    house = manager.asked.house
    entry = replace(house.directory.keys[KeyId(kid)], retired_at=house.clock())
    await house.store.write(lambda tx: tx.directory.put(entry))
    await house.renew()


async def test_the_current_encryption_key_comes_first_and_retired_ones_are_not_listed(manager: Manager) -> None:
    name = await manager.opened()
    first = (await manager.good("GET", f"/{name}/keys"))["keys"]
    second = manager.pki.jwk("new")
    await manager.good("POST", f"/{name}/keys", second)
    assert (await manager.good("GET", f"/{name}/keys"))["keys"] == [*first, second]

    switched = await manager.good("PATCH", f"/{name}", {"encryptionKid": second["kid"]})

    assert switched["encryptionKid"] == second["kid"]
    for api in (V1, "/submission-api/v2", V2):
        listed = (await manager.asked.get(f"{api}/destinations/{name}/keys", None)).json()["keys"]
        assert [key["kid"] for key in listed] == [second["kid"], first[1]["kid"], first[0]["kid"]]
    assert (f"client:{SUBSCRIBER}", "key.rotated", name) in await manager.told()
    await retired(manager, first[0]["kid"])
    listed = (await manager.good("GET", f"/{name}/keys"))["keys"]
    assert [key["kid"] for key in listed] == [second["kid"], first[1]["kid"]]
    assert (await manager.asked.get(f"{V1}/destinations/{name}/keys/{first[0]['kid']}", None)).status_code == 200


async def test_what_was_announced_before_a_switch_may_come_under_the_former_key_and_nothing_later(
    manager: Manager,
) -> None:
    house, name = manager.asked.house, await manager.opened()
    former, current = manager.pki.jwk("encryption"), manager.pki.jwk("new")
    early = (await manager.asked.send("POST", f"{V1}/submissions", PORTAL, json=creation(name))).json()["submissionId"]
    await manager.good("POST", f"/{name}/keys", current)
    await manager.good("PATCH", f"/{name}", {"encryptionKid": current["kid"]})
    house.clock.passes(SETTLING + timedelta(seconds=1))
    late = (await manager.asked.send("POST", f"{V1}/submissions", PORTAL, json=creation(name))).json()["submissionId"]

    sealed = {}
    for kid, key in ((former["kid"], "encryption"), (current["kid"], "new")):
        made = seal(Application(name), house.keys.jwk(key), house.keys.signing_jwk("hamburg-signing"))
        sealed[kid] = {"encryptedMetadata": made.metadata, "encryptedData": made.data}
    refused = await manager.asked.send("PUT", f"{V1}/submissions/{late}", PORTAL, json=sealed[former["kid"]])
    answers = [
        await manager.asked.send("PUT", f"{V1}/submissions/{message}", PORTAL, json=sealed[kid])
        for message, kid in ((early, former["kid"]), (late, current["kid"]))
    ]

    assert (refused.status_code, refused.json()["code"]) == (422, "AB-1107")
    assert current["kid"] in refused.json()["detail"]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert house.directory.keys[KeyId(former["kid"])].replaced_at is not None


@pytest.mark.parametrize("field", ["encryptionKid", "signatureKid"])
async def test_only_a_living_key_of_ones_own_for_the_purpose_is_taken_up(manager: Manager, field: str) -> None:
    alg, other = (ENCRYPTION, SIGNATURE) if field == "encryptionKid" else (SIGNATURE, ENCRYPTION)
    second, wrong = manager.pki.jwk("new", alg), manager.pki.jwk("second", other)
    for key in (second, wrong):
        await manager.good("POST", f"/{SEALED}/keys", key)
    foreign = manager.entry(DIRECT).encryption_key
    for kid in (wrong["kid"], foreign, "x" * 64):
        await manager.refused("PATCH", f"/{SEALED}", {field: kid}, 422, "AB-1414")
    await retired(manager, second["kid"])

    await manager.refused("PATCH", f"/{SEALED}", {field: second["kid"]}, 409, "AB-1413")
    await manager.refused("POST", f"/{SEALED}/keys", second, 409, "AB-1413")


async def test_a_key_whose_certificates_have_run_out_is_not_taken_up(manager: Manager) -> None:
    key = manager.pki.jwk("new")
    await manager.good("POST", f"/{SEALED}/keys", key)
    manager.asked.house.clock.passes(timedelta(days=366))
    problem = await manager.refused("PATCH", f"/{SEALED}", {"encryptionKid": key["kid"]}, 422, "AB-1416")
    assert problem["fault"] == "expired"


async def test_a_former_key_may_be_taken_up_again(manager: Manager) -> None:
    name = await manager.opened()
    former, current = manager.pki.jwk("encryption")["kid"], manager.pki.jwk("new")
    await manager.good("POST", f"/{name}/keys", current)
    await manager.good("PATCH", f"/{name}", {"encryptionKid": current["kid"]})
    assert (await manager.good("PATCH", f"/{name}", {"encryptionKid": former}))["encryptionKid"] == former
    assert manager.asked.house.directory.keys[KeyId(former)].replaced_at is None


async def test_a_key_without_certificates_is_not_published_in_the_list(manager: Manager) -> None:
    assert (await manager.good("GET", f"/{SEALED}/keys"))["keys"] == []
    manager.client = STRANGER
    assert (await manager.good("GET", f"/{DIRECT}/keys"))["keys"] == []

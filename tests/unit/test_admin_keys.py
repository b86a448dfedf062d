"""Keys of destinations come into the house: made here or imported, and certified; their public halves go out."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwcrypto.jwk
import pytest
from chains_for_tests import NOW
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from declaration_kit import DIRECT, END_TO_END, SEALED, TOWN, declaring_office, destination
from keys_kit import NEW_PLACE, Keys

from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.jose.certificates import Fault
from amtsbote.keys.keystore import KeyStore

RsaKey = Callable[[str], RSAPrivateKey]


@pytest.fixture
async def keys(tmp_path: Path, rsa_key: RsaKey) -> AsyncIterator[Keys]:
    async with declaring_office(tmp_path, rsa_key) as declaring:
        await declaring.apply(TOWN)
        yield Keys(declaring, rsa_key)


async def test_a_made_key_is_sealed_and_asks_for_a_certificate_of_its_purpose(keys: Keys) -> None:
    made = await keys("create", destination=DIRECT, purpose="encryption")
    request, entry = x509.load_pem_x509_csr(made["request"].encode()), await keys.entry(made["key"]["kid"])
    public = request.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    usage = request.extensions.get_extension_for_class(x509.KeyUsage).value

    assert (request.is_signature_valid, public) == (True, entry.public)
    assert [attribute.value for attribute in request.subject] == ["DE", "Stadt Chemnitz", DIRECT]
    assert (usage.key_encipherment, usage.data_encipherment, usage.digital_signature) == (True, True, False)
    assert (made["key"]["state"], entry.made_at, entry.tenant, entry.chain) == ("uncertified", NOW, "chemnitz", ())
    KeyStore(keys.declaring.office.vault, [entry])  # opens with this vault, for this key, purpose and tenant
    assert (await keys.refused("rotate", destination=DIRECT, to=entry.kid)).code == "certificate"
    assert await keys.audited() == [("uid:4711", "key.created", entry.kid)]

    await keys("retire", kid=entry.kid)
    assert (await keys.entry(entry.kid)).sealed_private is None


async def test_nothing_secret_is_shown_or_audited(keys: Keys) -> None:
    kid = await keys.imported()
    entry = await keys.entry(kid)
    answers = [await keys("list"), await keys("show", kid=kid), await keys("export-public", kid=kid)]

    assert entry.sealed_private is not None
    told = repr(answers) + repr(await keys.declaring.audit())
    assert kid in told
    assert "PRIVATE" not in told
    assert repr(entry.sealed_private)[2:-1] not in told


async def test_an_imported_key_is_ready_and_the_list_knows_every_state(keys: Keys) -> None:
    kid = await keys.imported()
    listed = {key["kid"]: key["state"] for key in (await keys("list", destination=DIRECT))["keys"]}

    assert listed == {kid: "ready", keys.kid("encryption"): "current", keys.kid("signing"): "current"}
    shown = await keys("show", kid=kid)
    assert shown["key"]["valid_until"] == (NOW + timedelta(days=365)).isoformat().replace("+00:00", ".000Z")
    assert [one["subject"] for one in shown["chain"]] == ["CN=second", "CN=Wurzel"]


async def test_what_is_imported_must_be_certified_and_belong_together(keys: Keys) -> None:
    of = {"destination": DIRECT, "purpose": "encryption"}
    good = {"chain": keys.chain("second"), "private": keys.private("second")}
    cases: list[tuple[dict[str, Any], str, Fault | None]] = [
        ({**of, **good, "chain": keys.chain("other")}, "certificate", Fault.OTHER_KEY),
        ({**of, **good, "chain": keys.chain("second", "signature")}, "certificate", Fault.KEY_USAGE),
        (
            {**of, **good, "chain": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
            "certificate",
            None,
        ),
        ({**of, **good, "chain": ""}, "certificate", None),
        ({**of, **good, "private": "no key"}, "private", None),
        ({**of, **good, "private": None}, "private", None),
        ({**of, **good, "tenant": "saxony"}, "other-owner", None),
        ({**of, **good, "destination": NEW_PLACE}, "not-found", None),
        ({**of, **good, "destination": NEW_PLACE, "tenant": "nobody"}, "not-found", None),
        ({**of, **good, "purpose": "events"}, "arguments", None),
    ]
    for arguments, code, fault in cases:
        refused = await keys.refused("import", **arguments)
        assert refused.code == code
        assert fault is None or fault in refused.en
    await keys.imported()
    assert (await keys.refused("import", **of, **good)).code == "key-known"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"end": NOW - timedelta(seconds=1)}, Fault.EXPIRED),
        ({"start": NOW + timedelta(days=1)}, Fault.NOT_YET_VALID),
        ({"uses": frozenset({"digital_signature"})}, Fault.KEY_USAGE),
        ({"ca": True}, Fault.LEAF_IS_CA),
    ],
)
async def test_a_chain_that_is_not_good_is_refused_with_its_reason(
    keys: Keys, changes: dict[str, Any], fault: Fault
) -> None:
    refused = await keys.refused("certify", kid=keys.kid("encryption"), chain=keys.chain("encryption", **changes))
    assert refused.code == "certificate"
    assert fault in refused.de
    assert fault in refused.en


async def test_a_later_certificate_takes_the_place_of_the_earlier(keys: Keys) -> None:
    later = NOW + timedelta(days=900)
    answer = await keys("certify", kid=keys.kid("encryption"), chain=keys.chain("encryption", end=later))
    assert answer["key"]["valid_until"].startswith("2028-10-20")
    assert answer["key"]["state"] == "current"
    assert await keys.audited() == [("uid:4711", "key.certified", keys.kid("encryption"))]


async def test_the_public_half_is_what_others_expect(keys: Keys) -> None:
    given = await keys("export-public", kid=keys.kid("encryption"))
    jwk = jwcrypto.jwk.JWK(**given["jwk"])

    assert (given["jwk"]["alg"], given["jwk"]["key_ops"], len(given["jwk"]["x5c"])) == ("RSA-OAEP-256", ["wrapKey"], 2)
    assert jwk.thumbprint() == given["kid"] == given["jwk"]["kid"]
    assert jwcrypto.jwk.JWK.from_pem(given["pem"].encode()).thumbprint() == given["kid"]
    assert len(x509.load_pem_x509_certificates(given["chain"].encode())) == 2


async def test_the_services_own_keys_are_not_touched(keys: Keys) -> None:
    assert (await keys.refused("retire", kid="nobody")).code == "not-found"
    entry = await keys.service_key()
    assert (await keys.refused("retire", kid=entry.kid)).code == "current"
    assert (await keys.refused("certify", kid=entry.kid, chain=keys.chain("encryption"))).code == "service-key"
    assert (await keys.refused("rotate", destination=DIRECT, to=entry.kid)).code == "service-key"


async def test_a_destination_to_come_takes_its_keys_by_their_chains_alone(keys: Keys, tmp_path: Path) -> None:
    for name, purpose in (("second", "encryption"), ("other", "signature")):
        await keys.imported(name, purpose, NEW_PLACE, tenant="chemnitz")
        (tmp_path / f"{name}.pem").write_text(keys.chain(name, purpose))
    chains = {"encryption_key": '{ chain = "second.pem" }', "signing_key": '{ chain = "other.pem" }'}
    elsewhere = destination(NEW_PLACE, **chains).replace('"145110000000"', '"145220000000"')
    foreign = elsewhere.replace('"chemnitz"', '"saxony"').replace('"amt"', '"landesamt"')
    with pytest.raises(DeclarationRefused, match="already registered"):
        await keys.declaring.preview(TOWN + foreign)

    await keys.declaring.apply(TOWN + elsewhere)
    assert (await keys.place(NEW_PLACE)).encryption_key == keys.kid("second")
    assert (await keys.entry(keys.kid("second"))).sealed_private is not None


async def test_a_key_made_here_never_becomes_that_of_an_end_to_end_destination(keys: Keys, tmp_path: Path) -> None:
    """Made for a place nobody had declared yet, which is then declared as one the operator cannot read."""
    await keys.imported("third", "encryption", SEALED, tenant="saxony")
    for name, purpose in (("third", "encryption"), ("fourth", "signature")):
        (tmp_path / f"{name}.pem").write_text(keys.chain(name, purpose))
    sealed = END_TO_END.replace("encryption.pem", "third.pem").replace("signing.pem", "fourth.pem")

    with pytest.raises(DeclarationRefused, match="in the wrong place"):
        await keys.declaring.preview(f"{TOWN}{sealed}")


async def test_of_an_end_to_end_destination_only_the_public_half_comes_in(keys: Keys, tmp_path: Path) -> None:
    for name, purpose in (("third", "encryption"), ("fourth", "signature")):
        (tmp_path / f"{name}.pem").write_text(keys.chain(name, purpose))
    sealed = END_TO_END.replace("encryption.pem", "third.pem").replace("signing.pem", "fourth.pem")
    await keys.declaring.apply(f"{TOWN}{sealed}")
    of = {"destination": SEALED, "purpose": "encryption"}
    files = {"chain": keys.chain("second"), "private": keys.private("second")}

    assert (await keys.refused("create", **of)).code == "held-elsewhere"
    assert (await keys.refused("import", **of, **files)).code == "held-elsewhere"
    kid = (await keys("import", **of, chain=keys.chain("second")))["key"]["kid"]
    await keys("rotate", destination=SEALED, to=kid)
    assert (await keys.place(SEALED)).encryption_key == kid

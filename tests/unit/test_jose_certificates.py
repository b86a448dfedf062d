"""Chains: good ones pass, and every fault is refused under its own name in two languages."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from string import ascii_letters

import pytest
from chains_for_tests import ISSUER_USES, LEAF_USES, NOW, Wish, as_pem, issue, issuer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from amtsbote.jose.certificates import (
    PORTAL_BITS,
    SENTENCES,
    CertificateRefused,
    Fault,
    certified_key,
    check_chain,
    read_chain,
)
from amtsbote.jose.jwk import PublicKey
from amtsbote.model.directory import KeyPurpose

Keys = Callable[[str], RSAPrivateKey]


@pytest.fixture(scope="module")
def wishes(rsa_key: Keys) -> list[Wish]:
    """Leaf, issuer, root: a good chain to spoil."""
    return [
        Wish("Zustellpunkt Chemnitz", rsa_key("jose")),
        issuer("CA Kommunen", rsa_key("another"), path_length=0),
        issuer("Wurzel", rsa_key("root")),
    ]


@pytest.fixture(scope="module")
def chain(wishes: list[Wish]) -> list[bytes]:
    return issue(wishes)


@pytest.fixture(scope="module")
def weak() -> RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def check(
    chain: Sequence[bytes],
    key: PublicKey,
    *,
    anchors: Sequence[bytes] | None = None,
    purpose: KeyPurpose = KeyPurpose.ENCRYPTION,
    days: float = 0,
) -> None:
    at = NOW + timedelta(days=days)
    check_chain(key, chain, chain[-1:] if anchors is None else anchors, at=at, purpose=purpose)


def refused(fault: Fault, chain: Sequence[bytes], key: PublicKey, **circumstances: object) -> None:
    with pytest.raises(CertificateRefused) as refusal:
        check(chain, key, **circumstances)  # type: ignore[arg-type]  # one signature, written once above

    assert refusal.value.reason == fault.value
    assert (refusal.value.de, refusal.value.en) == SENTENCES[fault]


# ---- good chains


@pytest.mark.parametrize("purpose", [KeyPurpose.ENCRYPTION, KeyPurpose.SIGNATURE, KeyPurpose.EVENTS])
def test_a_good_chain_passes(rsa_key: Keys, chain: list[bytes], purpose: KeyPurpose) -> None:
    check(chain, rsa_key("jose").public_key(), anchors=[b"another root", chain[-1]], purpose=purpose)


@pytest.mark.parametrize("signed_with", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_both_paddings_and_all_strong_hashes_pass(wishes: list[Wish], signed_with: hashes.SHA512) -> None:
    pss = padding.PSS(padding.MGF1(signed_with), padding.PSS.DIGEST_LENGTH)
    for scheme in (pss, padding.PKCS1v15()):
        made = issue([wish.but(digest=signed_with, scheme=scheme) for wish in wishes])
        check(made, wishes[0].key.public_key())  # type: ignore[arg-type]  # RSA in this fixture


def test_a_leaf_directly_under_the_root_passes(rsa_key: Keys, wishes: list[Wish]) -> None:
    check(issue([wishes[0], wishes[2]]), rsa_key("jose").public_key())


def test_a_leaf_that_says_that_it_is_no_ca_passes(rsa_key: Keys, wishes: list[Wish]) -> None:
    check(issue([wishes[0].but(ca=False), *wishes[1:]]), rsa_key("jose").public_key())


def test_a_portal_may_sign_with_3072_bits_and_a_destination_may_not(wishes: list[Wish]) -> None:
    key = rsa.generate_private_key(65537, PORTAL_BITS)
    made = issue([wishes[0].but(key=key), *wishes[1:]])

    check_chain(key.public_key(), made, made[-1:], at=NOW, purpose=KeyPurpose.SIGNATURE, minimum_bits=PORTAL_BITS)
    refused(Fault.WEAK_KEY, made, key.public_key(), purpose=KeyPurpose.SIGNATURE)


def test_the_borders_of_validity_belong_to_it(rsa_key: Keys, chain: list[bytes]) -> None:
    check(chain, rsa_key("jose").public_key(), days=-1)
    check(chain, rsa_key("jose").public_key(), days=365)


# ---- reading


def test_a_pem_file_is_read_in_its_order_and_other_things_in_it_are_skipped(rsa_key: Keys, chain: list[bytes]) -> None:
    private = rsa_key("jose").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    assert read_chain(b"Subject: somebody\n" + as_pem(chain)) == tuple(chain)
    assert read_chain(private + as_pem(chain[:1])) == tuple(chain[:1])


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"nothing",
        b"-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----",
    ],
)
def test_a_file_without_readable_certificates_is_refused(pem: bytes) -> None:
    with pytest.raises(CertificateRefused) as refusal:
        read_chain(pem)
    assert refusal.value.reason == "unreadable"


def test_the_key_of_a_certificate_is_read(rsa_key: Keys, chain: list[bytes]) -> None:
    assert certified_key(chain[0]) == rsa_key("jose").public_key()
    with pytest.raises(CertificateRefused):
        certified_key(chain[0][:-1])


# ---- keys


def test_a_key_without_certificate_is_refused(rsa_key: Keys, chain: list[bytes]) -> None:
    refused(Fault.EMPTY, [], rsa_key("jose").public_key(), anchors=chain)


def test_the_certificate_of_another_key_is_refused(rsa_key: Keys, chain: list[bytes]) -> None:
    refused(Fault.OTHER_KEY, chain, rsa_key("somebody").public_key())


def test_keys_that_are_not_rsa_are_refused(rsa_key: Keys, wishes: list[Wish]) -> None:
    curve = ec.generate_private_key(ec.SECP384R1())

    refused(Fault.KEY_TYPE, issue([wishes[0].but(key=curve), *wishes[1:]]), rsa_key("jose").public_key())
    refused(Fault.KEY_TYPE, issue([*wishes[:2], wishes[2].but(key=curve)]), rsa_key("jose").public_key())


def test_a_key_of_access_tokens_cannot_be_certified(chain: list[bytes]) -> None:
    refused(Fault.OTHER_KEY, chain, Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_weak_key_anywhere_is_refused(wishes: list[Wish], weak: RSAPrivateKey, place: int) -> None:
    made = [wish.but(key=weak) if index == place else wish for index, wish in enumerate(wishes)]
    refused(Fault.WEAK_KEY, issue(made), made[0].key.public_key())  # type: ignore[arg-type]  # RSA in this fixture


# ---- order and anchor


def test_a_chain_that_ends_elsewhere_is_refused(rsa_key: Keys, wishes: list[Wish], chain: list[bytes]) -> None:
    key = rsa_key("jose").public_key()
    namesake = issue([wishes[2].but(key=rsa_key("somebody"))])

    refused(Fault.NOT_ANCHORED, chain, key, anchors=[])
    refused(Fault.NOT_ANCHORED, chain, key, anchors=chain[:2])
    refused(Fault.NOT_ANCHORED, chain, key, anchors=namesake)
    refused(Fault.NOT_ANCHORED, chain[:2], key, anchors=chain[2:])


def test_a_chain_in_the_wrong_order_or_with_a_gap_is_refused(rsa_key: Keys, chain: list[bytes]) -> None:
    key = rsa_key("jose").public_key()
    leaf, middle, root = chain

    for wrong in (
        [root, middle, leaf],
        [leaf, root, middle],
        [middle, leaf, root],
        [leaf, root],
        [leaf, leaf, middle, root],
    ):
        refused(Fault.ORDER, wrong, key, anchors=[root])


def test_a_certificate_that_nobody_issued_is_refused(rsa_key: Keys, wishes: list[Wish]) -> None:
    alone = issue(wishes[:1])
    refused(Fault.NOT_ANCHORED, alone, rsa_key("jose").public_key(), anchors=[])


def test_a_chain_of_more_than_eight_links_is_refused_unread(rsa_key: Keys) -> None:
    refused(Fault.TOO_LONG, [b"not even a certificate"] * 9, rsa_key("jose").public_key())


# ---- issuers


@pytest.mark.parametrize(
    "change",
    [
        {"ca": None},
        {"ca": False, "path_length": None},
        {"uses": None},
        {"uses": LEAF_USES},
        {"uses": frozenset({"crl_sign"})},
    ],
)
@pytest.mark.parametrize("place", [1, 2])
def test_an_issuer_that_may_not_issue_is_refused(
    rsa_key: Keys, wishes: list[Wish], place: int, change: dict[str, object]
) -> None:
    made = [*wishes]
    made[place] = made[place].but(**change)
    refused(Fault.NOT_A_CA, issue(made), rsa_key("jose").public_key())


def test_a_chain_longer_than_an_issuer_allows_is_refused(rsa_key: Keys, wishes: list[Wish]) -> None:
    key = rsa_key("jose").public_key()
    leaf, middle, root = wishes

    refused(Fault.PATH_LENGTH, issue([leaf, middle, root.but(path_length=0)]), key)
    check(issue([leaf, middle, root.but(path_length=1)]), key)
    lower = issuer("CA Stadt", rsa_key("somebody"))
    refused(Fault.PATH_LENGTH, issue([leaf, lower, middle, root]), key)


def test_a_leaf_that_is_an_issuer_itself_is_refused(rsa_key: Keys, wishes: list[Wish]) -> None:
    both = wishes[0].but(ca=True, uses=LEAF_USES | ISSUER_USES)
    refused(Fault.LEAF_IS_CA, issue([both, *wishes[1:]]), rsa_key("jose").public_key())
    refused(Fault.LEAF_IS_CA, issue([both]), rsa_key("jose").public_key())


# ---- use


@pytest.mark.parametrize(
    ("purpose", "uses", "fits"),
    [
        (KeyPurpose.ENCRYPTION, {"key_encipherment"}, True),
        (KeyPurpose.ENCRYPTION, {"data_encipherment"}, True),
        (KeyPurpose.ENCRYPTION, {"digital_signature", "key_agreement"}, False),
        (KeyPurpose.SIGNATURE, {"digital_signature"}, True),
        (KeyPurpose.SIGNATURE, {"content_commitment", "key_encipherment"}, False),
        (KeyPurpose.SIGNATURE, None, False),
        (KeyPurpose.ENCRYPTION, None, False),
    ],
)
def test_the_key_usage_must_fit_the_purpose(
    rsa_key: Keys, wishes: list[Wish], purpose: KeyPurpose, uses: set[str] | None, fits: bool
) -> None:
    made = issue([wishes[0].but(uses=None if uses is None else frozenset(uses)), *wishes[1:]])
    if fits:
        check(made, rsa_key("jose").public_key(), purpose=purpose)
    else:
        refused(Fault.KEY_USAGE, made, rsa_key("jose").public_key(), purpose=purpose)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_critical_extension_that_is_not_understood_is_refused(rsa_key: Keys, wishes: list[Wish], place: int) -> None:
    made = [*wishes]
    made[place] = made[place].but(critical=x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"))
    refused(Fault.CRITICAL_EXTENSION, issue(made), rsa_key("jose").public_key())


# ---- time


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_certificate_out_of_its_time_is_refused_wherever_it_stands(
    rsa_key: Keys, wishes: list[Wish], place: int
) -> None:
    early, late = [*wishes], [*wishes]
    early[place] = wishes[place].but(start=NOW + timedelta(seconds=1))
    late[place] = wishes[place].but(end=NOW - timedelta(seconds=1))

    refused(Fault.NOT_YET_VALID, issue(early), rsa_key("jose").public_key())
    refused(Fault.EXPIRED, issue(late), rsa_key("jose").public_key())


# ---- signatures


def test_a_link_signed_by_a_namesake_is_refused(rsa_key: Keys, wishes: list[Wish], chain: list[bytes]) -> None:
    leaf, middle, root = wishes
    forged_leaf = issue([leaf, middle.but(key=rsa_key("somebody")), root])[0]
    forged_middle = issue([leaf, middle, root.but(key=rsa_key("somebody"))])[1]

    refused(Fault.SIGNATURE, [forged_leaf, *chain[1:]], rsa_key("jose").public_key())
    refused(Fault.SIGNATURE, [chain[0], forged_middle, chain[2]], rsa_key("jose").public_key())


def test_a_link_signed_with_a_weak_hash_is_refused(rsa_key: Keys, wishes: list[Wish]) -> None:
    for scheme in (padding.PSS(padding.MGF1(hashes.SHA224()), padding.PSS.DIGEST_LENGTH), padding.PKCS1v15()):
        made = issue([wishes[0].but(digest=hashes.SHA224(), scheme=scheme), *wishes[1:]])
        refused(Fault.WEAK_SIGNATURE, made, rsa_key("jose").public_key())


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("place", [0, 1])
def test_every_flipped_byte_of_a_certificate_is_refused(rsa_key: Keys, chain: list[bytes], place: int) -> None:
    good = chain[place]
    unused_bits_of_the_signature = len(good) - 513  # says how the value is written, not what it is
    for position in set(range(len(good))) - {unused_bits_of_the_signature}:
        spoiled = [*chain]
        spoiled[place] = good[:position] + bytes([good[position] ^ 1 << position % 8]) + good[position + 1 :]
        with pytest.raises(CertificateRefused):
            check(spoiled, rsa_key("jose").public_key())


def test_a_certificate_cut_off_anywhere_is_unreadable(rsa_key: Keys, chain: list[bytes]) -> None:
    for end in range(0, len(chain[0]), 7):
        refused(Fault.UNREADABLE, [chain[0][:end], *chain[1:]], rsa_key("jose").public_key())


# ---- sentences


def test_every_fault_has_a_sentence_in_both_languages_and_a_stable_word() -> None:
    assert SENTENCES.keys() == set(Fault)
    for fault, (german, english) in SENTENCES.items():
        assert german.endswith(".")
        assert english.endswith(".")
        assert german != english
        assert set(fault.value) <= {*ascii_letters, "-"}
    assert len({sentence for pair in SENTENCES.values() for sentence in pair}) == 2 * len(Fault)

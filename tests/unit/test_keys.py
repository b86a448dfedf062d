"""The vault, the key store, and how keys come in."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from house_for_tests import DIRECT, KeyRing
from hypothesis import given
from hypothesis import strategies as st

from amtsbote.errors import Damaged, Misconfigured
from amtsbote.jose.jwk import load_public, thumbprint
from amtsbote.jose.jws import verify_ed25519, verify_ps512
from amtsbote.keys.keystore import KeyStore, KeyUnavailable
from amtsbote.keys.making import import_private, import_public, new_service_keys
from amtsbote.keys.vault import CHUNK, SEALED_CHUNK, Vault, make_master_key, sealed_chunks
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import KeyId, TenantId

OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
VAULT = Vault(b"k" * 32)


@pytest.fixture
def ring(rsa_key: Callable[[str], RSAPrivateKey]) -> KeyRing:
    return KeyRing(rsa_key, VAULT)


def opened(sealed: bytes, key: bytes, context: str = "part") -> bytes:
    return b"".join(VAULT.unseal(sealed_chunks(sealed), key, context))


@given(secret=st.binary(max_size=200), context=st.text(max_size=20), place=st.integers(0, 10_000))
def test_a_wrapped_secret_opens_unchanged_in_its_context_and_no_flipped_bit_passes(
    secret: bytes, context: str, place: int
) -> None:
    wrapped = VAULT.wrap(secret, context)
    spoilt = bytearray(wrapped)
    spoilt[place % len(spoilt)] ^= 1 << place % 8

    assert VAULT.unwrap(wrapped, context) == secret
    for wrong, where in ((bytes(spoilt), context), (wrapped, context + "'"), (wrapped[:5], context), (b"", context)):
        with pytest.raises(Damaged):
            VAULT.unwrap(wrong, where)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_sealed_body_opens_unchanged(size: int) -> None:
    body = os.urandom(size)

    sealed, key = VAULT.seal(body, "part")

    assert opened(sealed, key) == body


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:SEALED_CHUNK],
        lambda sealed: sealed + b"x",
        lambda sealed: sealed + sealed[-16:],
        lambda sealed: sealed[SEALED_CHUNK : 2 * SEALED_CHUNK] + sealed[:SEALED_CHUNK] + sealed[2 * SEALED_CHUNK :],
        lambda sealed: sealed[:SEALED_CHUNK] + sealed[2 * SEALED_CHUNK :],
        lambda sealed: sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:],
        lambda _: b"",
    ],
)
def test_no_chunk_of_a_sealed_body_can_be_changed_exchanged_added_or_cut_off(spoil: Callable[[bytes], bytes]) -> None:
    sealed, key = VAULT.seal(b"x" * (2 * CHUNK + 5), "part")

    with pytest.raises(Damaged):
        opened(spoil(sealed), key)
    with pytest.raises(Damaged):
        opened(sealed, key, "another part")


def test_no_chunk_is_given_out_before_it_is_authentic() -> None:
    sealed, key = VAULT.seal(b"x" * (2 * CHUNK + 5), "part")
    spoilt = sealed[: SEALED_CHUNK + 7] + b"!" + sealed[SEALED_CHUNK + 8 :]
    chunks = VAULT.unseal(sealed_chunks(spoilt), key, "part")

    assert next(chunks) == b"x" * CHUNK
    with pytest.raises(Damaged):
        next(chunks)


def test_a_new_master_key_is_for_its_owner_only_and_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    make_master_key(file)

    assert file.stat().st_mode & 0o777 == 0o600
    first = file.read_text()
    assert Vault.from_file(file).unwrap(Vault.from_file(file).wrap(b"s", "c"), "c") == b"s"
    with pytest.raises(FileExistsError):
        make_master_key(file)
    assert file.read_text() == first


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("00" * 32, 0o640, "chmod 600"),
        ("00" * 31, 0o600, "32 bytes"),
        ("zz" * 32, 0o600, "64 hexadecimal digits"),
        (None, 0, "cannot be read"),
    ],
)
def test_a_master_key_that_is_no_secret_or_no_key_is_refused(
    tmp_path: Path, content: str | None, mode: int, said: str
) -> None:
    file = tmp_path / "master.key"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)

    with pytest.raises(Misconfigured, match=said) as refusal:
        Vault.from_file(file)

    assert content is None or content not in str(refusal.value)


@pytest.mark.parametrize(("mode", "refused"), [(0o440, False), (0o444, True)])
def test_a_credential_of_systemd_may_show_the_mask_of_its_access_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, refused: bool
) -> None:
    file = tmp_path / "master.key"
    file.write_text("00" * 32)
    file.chmod(mode)
    with pytest.raises(Misconfigured, match="chmod 600"):
        Vault.from_file(file)

    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    with pytest.raises(Misconfigured, match="chmod 600") if refused else nullcontext():
        Vault.from_file(file)


def test_a_content_key_is_unwrapped_for_its_owner_and_a_wrong_one_is_only_random(ring: KeyRing) -> None:
    store = KeyStore(VAULT, ring.entries())
    kid, key = ring.kid("chemnitz-encryption"), os.urandom(32)
    public = ring.rsa("chemnitz-encryption").public_key()

    assert store.unwrap(kid, public.encrypt(key, OAEP), owner=DIRECT) == key
    short, broken = public.encrypt(b"16 bytes of key!", OAEP), b"x" * 512
    for encrypted in (short, broken, b"", b"x" * 600):
        substitutes = {store.unwrap(kid, encrypted, owner=DIRECT) for _ in range(2)}
        assert len(substitutes) == 2
        assert {len(one) for one in substitutes} == {32}


def test_a_key_serves_its_purpose_and_its_owner_only(ring: KeyRing) -> None:
    store = KeyStore(VAULT, ring.entries())

    for kid, owner in (
        (ring.kid("chemnitz-encryption"), "somebody else"),
        (ring.kid("chemnitz-signing"), DIRECT),
        (ring.kid("leipzig-encryption"), "33333333-0000-4000-8000-333333333333"),
        (KeyId("unknown"), DIRECT),
    ):
        with pytest.raises(KeyUnavailable):
            store.unwrap(kid, b"x" * 512, owner=owner)
    with pytest.raises(KeyUnavailable):
        store.sign(ring.kid("chemnitz-encryption"), b"data")


def test_signatures_are_those_of_the_keys_purpose(ring: KeyRing) -> None:
    entries = {entry.purpose: entry for entry in ring.entries()}
    store = KeyStore(VAULT, entries.values())

    events, tokens = entries[KeyPurpose.EVENTS], entries[KeyPurpose.ACCESS_TOKEN]
    verify_ps512(ring.rsa("service-events").public_key(), b"data", store.sign(events.kid, b"data"))
    public = load_public(tokens.public)
    verify_ed25519(public, b"data", store.sign(tokens.kid, b"data"))  # type: ignore[arg-type]


def test_new_keys_replace_the_old_ones_as_a_whole_or_not_at_all(ring: KeyRing) -> None:
    first = ring.entry("chemnitz-signing", KeyPurpose.SIGNATURE, DIRECT, "chemnitz")
    second = ring.entry("service-events", KeyPurpose.EVENTS)
    store = KeyStore(VAULT, [first])

    foreign = replace(second, sealed_private=Vault(b"o" * 32).wrap(b"x", "elsewhere"))
    with pytest.raises(Damaged):
        store.replace([first, foreign])
    assert store.sign(first.kid, b"data")

    store.replace([second])
    assert store.sign(second.kid, b"data")
    with pytest.raises(KeyUnavailable):
        store.sign(first.kid, b"data")


def test_a_key_that_changes_its_purpose_changes_it(ring: KeyRing) -> None:
    signing = ring.entry("chemnitz-signing", KeyPurpose.SIGNATURE, DIRECT, "chemnitz")
    store = KeyStore(VAULT, [signing])

    store.replace([replace(signing, purpose=KeyPurpose.ENCRYPTION)])

    with pytest.raises(KeyUnavailable):
        store.sign(signing.kid, b"data")


def test_a_sealed_key_opens_only_as_what_it_was_sealed_as(ring: KeyRing) -> None:
    entry = ring.entry("chemnitz-signing", KeyPurpose.SIGNATURE, DIRECT, "chemnitz")

    for moved in (
        replace(entry, tenant=TenantId("leipzig")),
        replace(entry, purpose=KeyPurpose.EVENTS),
        replace(entry, kid=KeyId("another")),
    ):
        with pytest.raises(Damaged):
            KeyStore(VAULT, [moved])


def test_an_imported_key_is_sealed_and_named_by_its_thumbprint(ring: KeyRing) -> None:
    key = ring.rsa("chemnitz-signing")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    entry = import_private(
        pem, purpose=KeyPurpose.SIGNATURE, owner=DIRECT, tenant=TenantId("chemnitz"), chain=(b"c",), vault=VAULT
    )
    public = import_public(
        key.public_key(), purpose=KeyPurpose.SIGNATURE, owner=DIRECT, tenant=TenantId("chemnitz"), chain=(b"c",)
    )

    assert entry.kid == thumbprint(key.public_key())
    assert replace(entry, sealed_private=None) == public
    assert key.private_numbers().d.to_bytes(512) not in (entry.sealed_private or b"")
    verify_ps512(key.public_key(), b"data", KeyStore(VAULT, [entry]).sign(entry.kid, b"data"))


def test_what_is_no_open_rsa_key_is_not_imported(ring: KeyRing) -> None:
    elliptic = generate_private_key(SECP256R1())
    locked = BestAvailableEncryption(b"password")
    pems = (
        b"nothing",
        elliptic.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        elliptic.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked),
    )
    for pem in pems:
        with pytest.raises(Misconfigured, match="private key"):
            import_private(pem, purpose=KeyPurpose.SIGNATURE, owner="d", tenant=TenantId("t"), chain=(), vault=VAULT)


def test_a_key_whose_numbers_do_not_fit_is_refused_every_time(ring: KeyRing) -> None:
    numbers = ring.rsa("chemnitz-signing").private_numbers()
    forged = RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d + 2, numbers.dmp1, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    )
    key = forged.private_key(unsafe_skip_rsa_key_validation=True)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    for _ in range(2):
        with pytest.raises(Misconfigured, match="private key"):
            import_private(pem, purpose=KeyPurpose.SIGNATURE, owner="d", tenant=TenantId("t"), chain=(), vault=VAULT)


def test_a_new_installation_has_one_key_for_each_of_its_own_purposes() -> None:
    entries = new_service_keys(VAULT)

    assert {entry.purpose for entry in entries} == {
        KeyPurpose.EVENTS, KeyPurpose.ADDRESSING, KeyPurpose.ACCESS_TOKEN,
    }  # fmt: skip
    assert {entry.owner for entry in entries} == {""}
    store = KeyStore(VAULT, entries)
    assert all(store.sign(entry.kid, b"data") for entry in entries)

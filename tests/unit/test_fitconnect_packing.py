"""What a portal sends: read back by the envelope of the other side, and with jwcrypto alone."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwcrypto.jwe
import jwcrypto.jwk
import jwcrypto.jws
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from keyring_for_tests import as_jwk

from amtsbote.jose.jwe import OAEP_256, decrypt_small
from amtsbote.jose.jwk import thumbprint
from amtsbote.model.content import SchemaRef
from amtsbote.model.ids import DestinationId, PartId
from transport.fitconnect.client import Application, AttachmentFile, EncryptionKey
from transport.fitconnect.client.values import CHUNK
from transport.fitconnect.metadata import read_metadata
from transport.fitconnect.packing import (
    AttachmentInTransit,
    PackedAttachment,
    data_signature,
    in_transit,
    metadata_set,
    pack,
    signer_with,
)

PHOTO, PLAN = (PartId(f"a0000000-0000-4000-8000-00000000000{number}") for number in (1, 2))
DATA = "<antrag>Bäume</antrag>\n".encode()


@pytest.fixture(scope="module")
def private(rsa_key: Callable[[str], RSAPrivateKey]) -> RSAPrivateKey:
    return rsa_key("encryption")


@pytest.fixture(scope="module")
def signing(rsa_key: Callable[[str], RSAPrivateKey]) -> RSAPrivateKey:
    return rsa_key("portal")


@pytest.fixture(scope="module")
def key(private: RSAPrivateKey) -> EncryptionKey:
    public = private.public_key()
    return EncryptionKey(DestinationId("d"), thumbprint(public), public)


@pytest.fixture(scope="module")
def opened(private: RSAPrivateKey) -> Callable[[bytes], tuple[bytes, dict[str, Any]]]:
    """Plaintext and header, by jwcrypto."""

    def open_token(token: bytes) -> tuple[bytes, dict[str, Any]]:
        jwe = jwcrypto.jwe.JWE()
        jwe.deserialize(token.decode(), as_jwk(private))
        return jwe.payload, jwe.jose_header

    return open_token


def application(*attachments: AttachmentFile, reference: str | None = None) -> Application:
    schema = SchemaRef("urn:schema", "application/xml")
    return Application("99093003001002", "Baumfällgenehmigung", "145110000000", schema, DATA, attachments, reference)


def packed_part(part: PartId, content: bytes) -> PackedAttachment:
    return PackedAttachment(part, hashlib.sha512(content).hexdigest(), {part: "t" * 22})


def test_metadata_and_data_are_what_the_other_side_reads(key: EncryptionKey, signing: Any, opened: Any) -> None:
    files = (
        AttachmentFile(b"photo", "Eiche „Süd“.jpg", "image/jpeg", description="Südseite"),
        AttachmentFile(b"plan", "Plan.pdf", "application/pdf", purpose="report"),
    )
    parts = [packed_part(PHOTO, b"photo"), packed_part(PLAN, b"plan")]

    packed = pack(application(*files, reference="HH 1"), parts, key, signer_with(signing))
    raw, header = opened(packed.encrypted_metadata)
    read = read_metadata(raw, supported=("2.1.0",))

    assert (header["cty"], header["kid"]) == ("application/json", key.kid)
    assert (read.version, read.fully_validated, read.sender_reference) == ("2.1.0", True, "HH 1")
    assert read.data_hash == hashlib.sha512(DATA).hexdigest()
    assert [(entry.id, entry.filename, entry.description, entry.purpose) for entry in read.attachments] == [
        (PHOTO, "Eiche „Süd“.jpg", "Südseite", "attachment"),
        (PLAN, "Plan.pdf", None, "report"),
    ]
    assert [entry.sha512 for entry in read.attachments] == [part.sha512 for part in parts]
    assert opened(packed.encrypted_data)[0] == DATA
    assert opened(packed.encrypted_data)[1]["cty"] == "application/xml"


def test_the_tags_are_the_fifth_segments(key: EncryptionKey) -> None:
    packed = pack(application(AttachmentFile(b"x", "x", "text/plain")), [packed_part(PHOTO, b"x")], key, None)

    assert packed.tags == {
        "metadata": packed.encrypted_metadata.decode().split(".")[4],
        "data": packed.encrypted_data.decode().split(".")[4],
        PHOTO: "t" * 22,
    }


def test_without_a_key_there_is_no_signature_and_without_a_reference_no_reference() -> None:
    metadata = metadata_set(application(), [], None)

    assert "signature" not in metadata["contentStructure"]["data"]
    assert "additionalReferenceInfo" not in metadata


def test_the_signature_over_the_data_is_a_detached_jws_that_jwcrypto_verifies(signing: RSAPrivateKey) -> None:
    content = data_signature(DATA, signer_with(signing))
    token = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)).decode()
    header, nothing, signature = token.split(".")

    assert nothing == ""
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {
        "alg": "PS512",
        "kid": thumbprint(signing.public_key()),
    }
    whole = f"{header}.{base64.urlsafe_b64encode(DATA).decode().rstrip('=')}.{signature}"
    jws = jwcrypto.jws.JWS()
    jws.allowed_algs = ["PS512"]
    jws.deserialize(whole, jwcrypto.jwk.JWK.from_pyca(signing.public_key()))
    assert jws.payload == DATA


def test_every_attachment_needs_its_part() -> None:
    with pytest.raises(ValueError, match="shorter"):
        metadata_set(application(AttachmentFile(b"x", "x", "text/plain")), [], None)


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, 3 * CHUNK + 7])
def test_an_attachment_in_a_file_is_hashed_and_tagged_while_it_leaves(
    size: int, tmp_path: Path, key: EncryptionKey, opened: Any
) -> None:
    content = (b"0123456789" * (size // 10 + 1))[:size]
    (tmp_path / "file").write_bytes(content)
    transit = AttachmentInTransit(PHOTO, AttachmentFile(tmp_path / "file", "f", "image/png"), key)

    [(part, token)] = [(part, b"".join(token)) for part, token in transit.ciphertexts()]

    sha512 = hashlib.sha512(content).hexdigest()
    assert transit.packed() == PackedAttachment(PHOTO, sha512, {part: token.decode().split(".")[4]})
    assert opened(token)[0] == content
    assert opened(token)[1]["cty"] == "image/png"


def test_an_empty_file_is_an_attachment_too(key: EncryptionKey, private: RSAPrivateKey) -> None:
    transit = AttachmentInTransit(PHOTO, AttachmentFile(b"", "leer.txt", "text/plain"), key)

    [token] = [b"".join(token) for _part, token in transit.ciphertexts()]

    assert decrypt_small(token, lambda _header, wrapped: private.decrypt(wrapped, OAEP_256), limit=10) == b""
    assert transit.packed().sha512 == hashlib.sha512().hexdigest()


def test_an_attachment_is_never_in_memory_as_a_whole(key: EncryptionKey) -> None:
    read: list[int] = []

    class Endless(AttachmentFile):
        def chunks(self) -> Iterator[bytes]:
            for number in range(10_000):
                read.append(number)
                yield b"x" * CHUNK

    transit = AttachmentInTransit(PHOTO, Endless(b"", "f", "image/png"), key)
    produced = 0
    _part, token = next(transit.ciphertexts())
    for piece in token:
        produced += len(piece)
        if produced > 5 * CHUNK:
            break

    assert len(read) < 8


IDS = tuple(PartId(f"b0000000-0000-4000-8000-00000000000{number}") for number in range(9))


@pytest.mark.parametrize(
    ("size", "fragment_size", "sizes"),
    [
        (2 * CHUNK, CHUNK, [CHUNK, CHUNK]),
        (2 * CHUNK + 1, CHUNK, [CHUNK, CHUNK, 1]),
        (CHUNK + 9, 300_000, [300_000, 300_000, 300_000, CHUNK + 9 - 900_000]),
        (CHUNK + 1, CHUNK + 1, None),
        (5, None, None),
    ],
)
def test_what_is_larger_than_a_fragment_goes_in_several(
    size: int, fragment_size: int | None, sizes: list[int] | None, tmp_path: Path, key: EncryptionKey, opened: Any
) -> None:
    content = (b"0123456789" * (size // 10 + 1))[:size]
    (tmp_path / "file").write_bytes(content)
    file = AttachmentFile(tmp_path / "file", "f", "image/png")

    transit = in_transit(file, key, iter(IDS).__next__, fragment_size)
    tokens = {part: b"".join(token) for part, token in transit.ciphertexts()}
    packed = transit.packed()

    plain = [opened(token)[0] for token in tokens.values()]
    assert [*map(len, plain)] == (sizes or [size])
    assert b"".join(plain) == content
    assert (packed.id, packed.sha512) == (IDS[0], hashlib.sha512(content).hexdigest())
    assert packed.tags == {part: token.decode().split(".")[4] for part, token in tokens.items()}
    assert tuple(tokens) == transit.parts == (IDS[1 : len(sizes) + 1] if sizes else (IDS[0],))
    [described] = metadata_set(application(file), [packed], None)["contentStructure"]["attachments"]
    assert (described["attachmentId"], described.get("fragments", [])) == (IDS[0], list(packed.fragments))


def test_what_a_file_has_grown_meanwhile_is_sent_too(tmp_path: Path, key: EncryptionKey, opened: Any) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    transit = in_transit(AttachmentFile(tmp_path / "file", "f", "text/plain"), key, iter(IDS).__next__, 3)
    (tmp_path / "file").write_bytes(b"abcdefgh")

    assert [opened(b"".join(token))[0] for _part, token in transit.ciphertexts()] == [b"abc", b"defgh"]
    assert transit.packed().sha512 == hashlib.sha512(b"abcdefgh").hexdigest()

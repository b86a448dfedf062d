"""What the portal of the demonstration sends, who certifies it, and how its arrival is checked."""

import hashlib
import json
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from demo_people import demo_people
from schemas_for_tests import inspector

from amtsbote.demo.application import APPLICATIONS, SCHEMA, SERVICE, application_xml, enclosures
from amtsbote.demo.certificates import (
    DESTINATION_SIGNING,
    ENCRYPTION,
    ISSUING,
    PORTAL_SIGNING,
    ROOT,
    Certified,
)
from amtsbote.demo.failure import StepFailed
from amtsbote.demo.inbox import Arrived, arrived, compared
from amtsbote.demo.pictures import HEIGHT, WIDTH, photo, site_plan
from amtsbote.jose.certificates import CertificateRefused, check_chain, read_chain
from amtsbote.model.directory import KeyPurpose

NOW = datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
IDS = ("3a1c9a6e-1b8e-4f6e-8a55-6a3d3f5d9b10", "5b2d8b7f-2c9f-4a7f-9b66-7b4e4a6eac21")
MESSAGE = "0f6a3a52-8d1e-4b8f-a0c4-51f3f0a5d302"


def document(name: str, at: datetime = NOW) -> bytes:
    return application_xml(name, message_id=MESSAGE, attachments=IDS, at=at)


@pytest.mark.parametrize("at", [NOW, NOW.replace(microsecond=1), NOW.astimezone(timezone(timedelta(hours=2)))])
def test_the_good_application_satisfies_its_schema_at_any_time(at: datetime) -> None:
    report = inspector().inspect(document("oak", at))
    assert report.findings == ()
    assert report.facts["service"] == SERVICE


def test_the_slip_has_exactly_the_two_findings_the_demonstration_announces() -> None:
    report = inspector().inspect(document("slip"))
    assert [finding.code for finding in report.findings] == ["XSD-TYPE", "XSD-ENUMERATION"]


def test_the_application_names_its_attachments_and_nothing_is_left_to_fill_in() -> None:
    for name in APPLICATIONS:
        text = document(name).decode()
        assert all(identifier in text for identifier in (*IDS, MESSAGE))
        assert "$" not in text


def test_the_schema_is_one_of_the_bundled_package() -> None:
    assert SCHEMA.uri.endswith("#baumfaellung.antrag.0100")


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    rest = png[8:]
    while rest:
        length, kind = struct.unpack(">I4s", rest[:8])
        content, (checksum,) = rest[8 : 8 + length], struct.unpack(">I", rest[8 + length : 12 + length])
        assert zlib.crc32(kind + content) == checksum
        yield kind, content
        rest = rest[12 + length :]


def test_the_photo_is_a_png_with_every_pixel() -> None:
    png = photo()
    parts = dict(chunks(png))
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">IIBBBBB", parts[b"IHDR"]) == (WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    pixels = zlib.decompress(parts[b"IDAT"])
    assert len(pixels) == HEIGHT * (1 + 3 * WIDTH)
    assert set(pixels[:: 1 + 3 * WIDTH]) == {0}, "every row begins with its filter"
    assert png == photo()


def test_the_photo_is_large_enough_to_be_kept_as_a_file() -> None:
    assert len(photo()) > 64 * 1024


def test_the_site_plan_is_a_pdf_whose_table_finds_every_object() -> None:
    pdf = site_plan()
    place = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf[place:].startswith(b"xref\n")
    offsets = [int(found) for found in re.findall(rb"^(\d{10}) 00000 n $", pdf[place:], re.MULTILINE)]
    for number, offset in enumerate(offsets, start=1):
        assert pdf[offset:].startswith(b"%d 0 obj\n" % number)
    assert f"/Size {len(offsets) + 1} ".encode() in pdf
    length = re.search(rb"/Length (\d+) >>\nstream\n", pdf)
    assert length is not None
    assert pdf[length.end() + int(length[1]) :].startswith(b"endstream")


@pytest.fixture(scope="module")
def everyone(rsa_key: Callable[[str], RSAPrivateKey]) -> Mapping[str, Certified]:
    return demo_people(rsa_key, NOW)


PURPOSES = {
    PORTAL_SIGNING: KeyPurpose.SIGNATURE,
    DESTINATION_SIGNING: KeyPurpose.SIGNATURE,
    ENCRYPTION: KeyPurpose.ENCRYPTION,
}


@pytest.mark.parametrize("name", PURPOSES)
@pytest.mark.parametrize("purpose", [KeyPurpose.SIGNATURE, KeyPurpose.ENCRYPTION])
def test_every_certificate_is_good_for_its_purpose_and_no_other(
    everyone: Mapping[str, Certified], name: str, purpose: KeyPurpose, tmp_path: Path
) -> None:
    one = everyone[name]
    one.write_chain(tmp_path / "chain.pem")
    chain = read_chain((tmp_path / "chain.pem").read_bytes())
    anchors = [everyone[ROOT].chain[0].public_bytes(Encoding.DER)]

    def checked() -> None:
        check_chain(one.key.public_key(), chain, anchors, at=NOW, purpose=purpose)

    if purpose is PURPOSES[name]:
        checked()
    else:
        with pytest.raises(CertificateRefused):
            checked()


def test_chains_run_from_the_holder_over_the_issuing_authority_to_the_root(everyone: Mapping[str, Certified]) -> None:
    assert {name: len(one.chain) for name, one in everyone.items()} == dict.fromkeys(PURPOSES, 3) | {
        ROOT: 1,
        ISSUING: 2,
    }
    for one in everyone.values():
        for certificate, issuer in pairwise(one.chain):
            certificate.verify_directly_issued_by(issuer)


def test_a_private_key_is_for_its_owner_only_and_never_overwritten(
    everyone: Mapping[str, Certified], tmp_path: Path
) -> None:
    file = tmp_path / "portal.key"
    everyone[PORTAL_SIGNING].write_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    assert key.public_key() == everyone[PORTAL_SIGNING].key.public_key()
    with pytest.raises(FileExistsError):
        everyone[ENCRYPTION].write_key(file)


class Town:
    """Outbox of the portal and folder of Chemnitz, with one application delivered as it was sent."""

    def __init__(self, folder: Path) -> None:
        self.sent = folder / "sent"
        self.inbox = folder / "inbox"
        for each in (self.sent, self.inbox, self.inbox / ".amtsbote"):
            each.mkdir()
        self.files = {"antrag.xml": document("oak")} | {one.filename: one.content for one in enclosures()}
        for name, content in self.files.items():
            (self.sent / name).write_bytes(content)

    def deliver(self, name: str, attachments: int = 2, marker: bool = True) -> Path:
        folder = self.inbox / name
        folder.mkdir()
        entries = []
        for number, (original, content) in enumerate(list(self.files.items())[: attachments + 1]):
            file = f"part-{number}"
            (folder / file).write_bytes(content)
            digest = hashlib.sha512(content).hexdigest()
            entries.append({"file": file, "originalName": original, "sha512": digest})
        manifest = {"ids": {"message": MESSAGE}, "data": entries[0], "attachments": entries[1:]}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        if marker:
            (folder / "fertig").touch()
        return folder


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def there(town: Town) -> Arrived:
    found = arrived(town.inbox, MESSAGE)
    assert found is not None
    return found


def test_what_arrived_as_it_was_sent_compares_equal(town: Town) -> None:
    town.deliver("one")
    assert [(sent.name, size) for sent, _, size in compared(there(town), town.sent)] == [
        (name, len(content)) for name, content in town.files.items()
    ]


def test_a_folder_counts_only_with_its_marker_and_for_its_submission(town: Town) -> None:
    town.deliver("one", marker=False)
    assert arrived(town.inbox, MESSAGE) is None
    town.deliver("two")
    assert arrived(town.inbox, "another") is None
    assert there(town).folder.name == "two"


@pytest.mark.parametrize("file", ["part-0", "part-1", "part-2"])
def test_one_flipped_bit_in_any_file_is_noticed(town: Town, file: str) -> None:
    folder = town.deliver("one")
    content = bytearray((folder / file).read_bytes())
    content[-1] ^= 1
    (folder / file).write_bytes(content)
    with pytest.raises(StepFailed, match=f"{file} is not equal"):
        compared(there(town), town.sent)


def test_a_wrong_hash_in_the_manifest_is_noticed(town: Town) -> None:
    folder = town.deliver("one")
    manifest = (folder / "manifest.json").read_text()
    digest = hashlib.sha512(town.files["antrag.xml"]).hexdigest()
    (folder / "manifest.json").write_text(manifest.replace(digest, digest[::-1]))
    with pytest.raises(StepFailed, match="part-0 is not equal"):
        compared(there(town), town.sent)


def test_an_attachment_that_did_not_arrive_is_noticed(town: Town) -> None:
    town.deliver("one", attachments=1)
    with pytest.raises(StepFailed, match="not exactly what was sent"):
        compared(there(town), town.sent)


def test_an_application_that_arrived_twice_is_noticed(town: Town) -> None:
    town.deliver("one")
    town.deliver("two")
    with pytest.raises(StepFailed, match="twice"):
        arrived(town.inbox, MESSAGE)

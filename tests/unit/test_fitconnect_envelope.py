"""The envelope of a message and the portal's signature over its data."""

from dataclasses import replace
from typing import Any

import pytest
from application_kit import (
    Application,
    Enclosure,
    Spoil,
    cut_off,
    detached_signature,
    encode,
    header_with,
    one_bit_of,
    raw_header,
    sign,
)
from house_for_tests import DIRECT, House, with_entries
from store_samples import NOON, a_message

from amtsbote.api.envelope import Trust
from amtsbote.errors import Damaged, Problem, Rejected, table
from amtsbote.keys.keystore import KeyUnavailable
from amtsbote.model.content import Content, SignatureResult, SignatureVerdict
from amtsbote.model.ids import DestinationId, PartId
from amtsbote.model.message import DATA, METADATA, SubmittedPart
from transport.fitconnect.envelope import FitConnectEnvelope, PlaintextLimits
from transport.fitconnect.metadata import SignatureEntry
from transport.fitconnect.portal_signature import check_signature

PHOTO = Enclosure(b"p" * 300_000, "../../Eiche.jpg", "image/jpeg", "AAAAAAAA-0000-4000-8000-00000000000A")
PLAIN = Application(DIRECT)
WITH_PHOTO = PLAIN.but(enclosures=(PHOTO,))


def opened(house: House, application: Application, spoil: Spoil | None = None, **changes: Any) -> Content:
    ready = house.sealed(application, spoil)
    tokens = {METADATA: ready.metadata, DATA: ready.data}
    tokens |= {PartId(name.lower()): token for name, token in ready.attachments.items()}
    parts = {part: readable(part, token) for part, token in tokens.items()} | changes.pop("parts", {})
    announced = tuple(part for part in tokens if part not in (METADATA, DATA))
    message = a_message(**{"announced": announced, "service": application.service, "submitted_at": NOON, **changes})
    portal = house.directory.portals["hamburg"]  # type: ignore[index]
    destination = house.directory.destinations[DestinationId(application.destination)]
    return house.envelope.open(message, destination, parts, house.keystore, Trust(portal.signing_keys))


def readable(part: PartId, token: str) -> SubmittedPart:
    raw = token.encode()
    return SubmittedPart(part, len(raw), "", lambda: iter([raw[:1000], raw[1000:]]))


def refused(house: House, application: Application, spoil: Spoil | None = None, **changes: Any) -> Problem:
    with pytest.raises(Rejected) as rejected:
        opened(house, application, spoil, **changes)
    [problem] = rejected.value.problems
    return problem


@pytest.mark.parametrize("version", ["1.0.0", "2.1.0"])
@pytest.mark.parametrize("compressed", [False, True])
async def test_what_was_packed_is_opened(house: House, version: str, compressed: bool) -> None:
    content = opened(house, WITH_PHOTO.but(metadata=version, compressed=compressed))

    assert content.data == PLAIN.data
    assert content.metadata_version == version
    assert content.signature.verdict is SignatureVerdict.VALID
    [attachment] = content.attachments
    assert (attachment.id, attachment.size, attachment.filename) == (PHOTO.id.lower(), 300_000, "../../Eiche.jpg")
    assert set(content.content_keys) == {METADATA, DATA, PHOTO.id.lower()}
    assert content.sender_reference == "HH-2026-0815"


@pytest.mark.parametrize("part", ["metadata", "data", "attachment"])
@pytest.mark.parametrize(
    "spoil",
    [one_bit_of(1), one_bit_of(2), one_bit_of(3), one_bit_of(4), cut_off(30), header_with(zip="DEF"), raw_header(b"{")],
)
async def test_every_tampered_part_ends_in_the_same_problem(house: House, part: str, spoil: Any) -> None:
    problem = refused(house, WITH_PHOTO, Spoil(after={part: spoil}))

    assert problem.type is table.ENCRYPTION_ISSUE
    assert problem.instance == (part if part != "attachment" else f"attachment:{PHOTO.id.lower()}")


async def test_a_key_that_is_not_the_destinations_is_no_fault_of_the_sender(house: House) -> None:
    """The door checked the key; if it is not here, something is wrong with us."""
    foreign = {DATA: readable(DATA, house.sealed(PLAIN.but(destination="22222222-0000-4000-8000-222222222222")).data)}

    with pytest.raises(KeyUnavailable):
        opened(house, PLAIN, parts=foreign)


async def test_metadata_and_submission_must_name_the_same(house: House) -> None:
    other = PartId("bbbbbbbb-0000-4000-8000-000000000001")

    missing = refused(house, WITH_PHOTO, announced=())
    unnamed = refused(house, PLAIN, announced=(other,))
    service = refused(house, PLAIN.but(metadata="1.0.0"), service="99000000000000")
    nothing = refused(house, PLAIN, parts={DATA: None})

    assert missing.type is unnamed.type is table.ATTACHMENTS_MISMATCH
    assert missing.values == {"missing": PHOTO.id.lower(), "foreign": "–"}
    assert unnamed.values == {"missing": "–", "foreign": other}
    assert service.type is table.SERVICE_MISMATCH
    assert nothing.type is table.DATA_MISSING


async def test_an_attachment_that_is_named_twice_is_refused(house: House) -> None:
    def twice(metadata: dict[str, Any]) -> dict[str, Any]:
        attachments = metadata["contentStructure"]["attachments"]
        again = attachments[0] | {"attachmentId": attachments[0]["attachmentId"].lower()}
        attachments.append(again)
        return metadata

    assert refused(house, WITH_PHOTO, Spoil(before={"metadata": twice})).type is table.METADATA_INVALID


@pytest.mark.parametrize("part", ["metadata", "data", "attachment"])
async def test_a_part_that_is_too_long_when_opened_is_refused_with_the_limit(house: House, part: str) -> None:
    limits = {"metadata": 10**6, "data": 10**6, "attachment": 10**6, "attachments": 10**6, part: 100}
    house.envelope = FitConnectEnvelope("http://x", PlaintextLimits(**limits))

    problem = refused(house, WITH_PHOTO.but(compressed=True))

    assert problem.type is table.PART_TOO_LARGE
    assert problem.values["limit"] == "100"


PICTURE = b"".join(number.to_bytes(4, "big") for number in range(2_500))
FRAGMENTED = Enclosure(PICTURE, "b.tif", "image/tiff", "cccccccc-0000-4000-8000-00000000000c", 4_000)
FIRST, SECOND, THIRD = (FRAGMENTED.fragment(start) for start in (0, 4_000, 8_000))
IN_FRAGMENTS = PLAIN.but(enclosures=(FRAGMENTED, PHOTO))


def fragments(*ids: str) -> Spoil:
    """Names these fragments instead of the right ones."""

    def renamed(metadata: dict[str, Any]) -> dict[str, Any]:
        metadata["contentStructure"]["attachments"][0]["fragments"] = list(ids)
        return metadata

    return Spoil(before={"metadata": renamed})


@pytest.mark.parametrize("compressed", [False, True])
async def test_fragments_make_one_attachment_in_the_order_of_the_metadata(house: House, compressed: bool) -> None:
    content = opened(house, IN_FRAGMENTS.but(compressed=compressed))

    whole, photo = content.attachments
    assert (whole.id, whole.size) == (FRAGMENTED.id, len(FRAGMENTED.content))
    assert whole.parts == whole.fragments == (FIRST, SECOND, THIRD)
    assert (photo.parts, photo.fragments) == ((PHOTO.id.lower(),), ())
    assert set(content.content_keys) == {METADATA, DATA, FIRST, SECOND, THIRD, PHOTO.id.lower()}


async def test_fragments_may_be_written_in_capitals_and_the_attachment_may_be_one_of_them(house: House) -> None:
    alone = replace(PHOTO, split=10**6)
    own = PLAIN.but(enclosures=(alone,))

    def named_itself(metadata: dict[str, Any]) -> dict[str, Any]:
        [entry] = metadata["contentStructure"]["attachments"]
        entry["attachmentId"] = entry["fragments"][0]
        return metadata

    [attachment] = opened(house, own, Spoil(before={"metadata": named_itself})).attachments

    assert attachment.id == attachment.parts[0] == alone.fragment(0)
    assert opened(house, IN_FRAGMENTS, fragments(FIRST.upper(), SECOND, THIRD)).attachments[0].parts[0] == FIRST


@pytest.mark.parametrize(
    ("named", "missing", "foreign"),
    [
        ((FIRST, SECOND), "–", THIRD),
        ((FIRST, SECOND, THIRD, FRAGMENTED.id), FRAGMENTED.id, "–"),
        ((SECOND, THIRD, "dddddddd-0000-4000-8000-000000000001"), "dddddddd-0000-4000-8000-000000000001", FIRST),
    ],
)
async def test_missing_and_foreign_fragments_are_named(
    house: House, named: tuple[str, ...], missing: str, foreign: str
) -> None:
    problem = refused(house, IN_FRAGMENTS, fragments(*named))

    assert (problem.type, problem.instance) == (table.ATTACHMENTS_MISMATCH, "submission")
    assert problem.values == {"missing": missing, "foreign": foreign}
    assert missing in problem.detail("de")
    assert foreign in problem.detail("en")


async def test_fragments_in_another_order_are_named_as_they_were(house: House) -> None:
    problem = refused(house, IN_FRAGMENTS, fragments(SECOND, FIRST, THIRD))

    assert (problem.type, problem.instance) == (table.FRAGMENTS_MISMATCH, f"attachment:{FRAGMENTED.id}")
    assert f"{SECOND}, {FIRST}, {THIRD}" in problem.detail("de")
    assert problem.extensions == {"fragments": [SECOND, FIRST, THIRD]}


@pytest.mark.parametrize(
    ("named", "doubled"),
    [
        ((FIRST, SECOND, THIRD, FIRST), [FIRST]),
        ((FIRST, SECOND, THIRD, FIRST.upper(), SECOND.upper()), [FIRST, SECOND]),
    ],
)
async def test_a_fragment_that_is_named_twice_is_refused_by_its_id(
    house: House, named: tuple[str, ...], doubled: list[str]
) -> None:
    problem = refused(house, IN_FRAGMENTS, fragments(*named))

    assert problem.type is table.METADATA_INVALID
    [finding] = problem.extensions["findings"]
    assert (finding["path"], finding["ids"]) == ("$.contentStructure.attachments[0].fragments", doubled)


async def test_a_part_of_one_attachment_cannot_be_one_of_another(house: House) -> None:
    def shared(metadata: dict[str, Any]) -> dict[str, Any]:
        first, second = metadata["contentStructure"]["attachments"]
        second["fragments"] = [first["fragments"][1].upper(), first["attachmentId"]]
        return metadata

    problem = refused(house, IN_FRAGMENTS, Spoil(before={"metadata": shared}))

    [finding] = problem.extensions["findings"]
    assert finding["ids"] == [SECOND, FRAGMENTED.id]


async def test_a_tampered_fragment_is_named_with_its_attachment(house: House) -> None:
    problem = refused(house, IN_FRAGMENTS, Spoil(after={"attachment": one_bit_of(4)}))

    assert (problem.type, problem.instance) == (table.ENCRYPTION_ISSUE, f"attachment:{FRAGMENTED.id}")
    assert FIRST in problem.detail("de")


@pytest.mark.parametrize("application", [IN_FRAGMENTS, WITH_PHOTO.but(enclosures=(PHOTO, FRAGMENTED))])
async def test_all_attachments_together_are_bounded_when_opened(house: House, application: Application) -> None:
    house.envelope = FitConnectEnvelope("http://x", PlaintextLimits(10**6, 10**6, 300_000, 309_999))

    problem = refused(house, application.but(compressed=True))

    assert problem.type is table.PART_TOO_LARGE
    assert problem.values == {"what": "attachments", "limit": "309999"}
    house.envelope = FitConnectEnvelope("http://x", PlaintextLimits(10**6, 10**6, 300_000, 310_000))
    assert len(opened(house, application).attachments) == 2


async def test_the_second_pass_needs_no_private_key_and_finds_damage(house: House) -> None:
    part = readable(DATA, house.sealed(PLAIN).data)
    keys: dict[PartId, bytes] = dict(opened(house, PLAIN, parts={DATA: part}).content_keys)
    house.keystore.replace([])

    assert b"".join(house.envelope.reread(part, keys[DATA])) == PLAIN.data
    for spoilt, key in ((part, bytes(32)), (replace(part, chunks=lambda: iter([b"x"])), keys[DATA])):
        with pytest.raises(Damaged):
            list(house.envelope.reread(spoilt, key))


def signature(content: str | None, format: str = "json", *, detached: bool = True) -> SignatureEntry:  # noqa: A002
    return SignatureEntry(format, detached, content)


async def test_every_verdict_on_a_portals_signature(house: House) -> None:
    trusted = Trust(house.directory.portals["hamburg"].signing_keys)  # type: ignore[index]
    key, other = house.keys.signing_jwk("hamburg-signing"), house.keys.signing_jwk("chemnitz-signing")
    kid = house.keys.kid("hamburg-signing")

    def check(entry: SignatureEntry | None) -> SignatureResult:
        return check_signature(entry, b"data", trusted)

    def coded(token: str) -> SignatureEntry:
        return signature(encode(token.encode()))

    good = detached_signature(b"data", key)
    whole = sign(b"data", {"alg": "PS512", "kid": key.thumbprint()}, key)
    weak = sign(b"data", {"alg": "PS256", "kid": key.thumbprint()}, key)
    head, _, tail = weak.split(".")
    absent, unclear, invalid, valid = (
        SignatureVerdict.ABSENT, SignatureVerdict.NOT_VERIFIABLE, SignatureVerdict.INVALID, SignatureVerdict.VALID,
    )  # fmt: skip

    assert check(None) == SignatureResult(absent)
    assert check(coded(good)) == SignatureResult(valid, kid)
    assert check(signature("x", "cms")) == SignatureResult(unclear, reason="format-not-supported")
    assert check(signature("x", detached=False)).verdict is unclear
    assert check(signature(None)).verdict is unclear
    assert check(coded(detached_signature(b"data", other))) == SignatureResult(unclear, reason="key-not-registered")
    assert check(coded(detached_signature(b"other data", key))) == SignatureResult(
        invalid, kid, "signature-does-not-fit"
    )
    for malformed in (coded(whole), coded(f"{head}..{tail}"), coded("a..b"), signature("ä"), coded("é")):
        assert check(malformed) == SignatureResult(invalid, reason="malformed")


async def test_a_portal_without_keys_proves_nothing(house: House) -> None:
    house.directory = with_entries(
        house.directory,
        portals=[replace(house.directory.portals["hamburg"], signing_keys={})],  # type: ignore[index]
    )

    assert opened(house, PLAIN).signature == SignatureResult(
        SignatureVerdict.NOT_VERIFIABLE, reason="key-not-registered"
    )

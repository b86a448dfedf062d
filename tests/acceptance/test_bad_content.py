"""Contents that are wrong: the sender gets a rejection with problems its portal can show, nobody gets anything."""

import json
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from acceptance_words import NewBroker
from application_kit import (
    METADATA_2,
    SAMPLES,
    Application,
    Enclosure,
    Spoil,
    header_with,
    one_bit_of,
    sample,
)
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, destination
from portal_kit import Portal, waited_for

EVENT_PROBLEMS = "https://schema.fitko.de/fit-connect/events/problems/"
ENCLOSURE = Enclosure(b"%PDF-1.7 plan" * 9000, "plan.pdf", "application/pdf", "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6b0001")
ATTACHMENT = f"attachment:{ENCLOSURE.id}"
GOOD = Application(CHEMNITZ, enclosures=(ENCLOSURE,))
ELEMENT = b"<vornamen>Erika</vornamen>"


def metadata(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """A change to the metadata before it is encrypted."""

    def changed(document: dict[str, Any]) -> object:
        copy = json.loads(json.dumps(document))
        return change(copy) or copy

    return Spoil(before={"metadata": changed})


def raw_metadata(raw: bytes) -> Spoil:
    return Spoil(before={"metadata": lambda _: raw})


def first(document: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = document["contentStructure"]["attachments"][0]
    return entry


TAMPERED = {
    f"{part}: {what}": (Spoil(after={part: one_bit_of(segment)}), ("encryption-issue", instance))
    for part, instance in (("metadata", "metadata"), ("data", "data"), ("attachment", ATTACHMENT))
    for what, segment in (("wrapped key", 1), ("nonce", 2), ("ciphertext", 3), ("tag", 4))
} | {
    f"{part}: header rewritten": (Spoil(after={part: header_with(typ="JOSE")}), ("encryption-issue", instance))
    for part, instance in (("metadata", "metadata"), ("data", "data"), ("attachment", ATTACHMENT))
}
WRONG: dict[str, tuple[Spoil, tuple[str, str]]] = TAMPERED | {
    "said to be compressed and is not": (
        Spoil(after={"data": header_with(zip="DEF")}),
        ("encryption-issue", "data"),
    ),
    "data changed": (Spoil(before={"data": lambda data: data + b"\n"}), ("hash-mismatch", "data")),
    "attachment changed": (Spoil(before={"attachment": lambda data: data[:-1]}), ("hash-mismatch", ATTACHMENT)),
    "metadata no JSON": (raw_metadata(b"<metadata/>"), ("syntax-violation", "metadata")),
    "metadata empty": (raw_metadata(b""), ("syntax-violation", "metadata")),
    "metadata with something behind it": (raw_metadata(b"{} {}"), ("syntax-violation", "metadata")),
    "metadata truncated": (raw_metadata(b'{"$schema": "'), ("syntax-violation", "metadata")),
    "metadata with a member twice": (
        raw_metadata(f'{{"$schema":"{METADATA_2}","$schema":"{METADATA_2}"}}'.encode()),
        ("syntax-violation", "metadata"),
    ),
    "metadata nested too deeply": (
        raw_metadata(b'{"a":' + b"[" * 90_000 + b"]" * 90_000 + b"}"),
        ("syntax-violation", "metadata"),
    ),
    "metadata with a string without an end": (
        raw_metadata(b'{"a":"' + b'\\"' * 240_000),
        ("syntax-violation", "metadata"),
    ),
    "metadata of an unknown version": (
        metadata(lambda document: document | {"$schema": METADATA_2.replace("2.1.0", "9.0.0")}),
        ("unsupported-schema", "metadata"),
    ),
    "metadata without its content structure": (
        metadata(lambda document: {"$schema": document["$schema"]}),
        ("schema-violation", "metadata"),
    ),
    "hash of another kind": (
        metadata(lambda document: document["contentStructure"]["data"]["hash"].update(type="sha256")),
        ("schema-violation", "metadata"),
    ),
    "an attachment not listed": (
        metadata(lambda document: document["contentStructure"]["attachments"].clear()),
        ("attachments-mismatch", "submission"),
    ),
    "an attachment listed that never came": (
        metadata(
            lambda document: document["contentStructure"]["attachments"].append(
                first(document) | {"attachmentId": "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6b0002"}
            )
        ),
        ("attachments-mismatch", "submission"),
    ),
    "data of a schema nobody offers": (
        metadata(
            lambda document: document["contentStructure"]["data"]["submissionSchema"].update(
                schemaUri="https://attacker.example/schema.xsd"
            )
        ),
        ("unsupported-schema", "metadata"),
    ),
    "a signature over other data": (
        Spoil(signature=lambda token: token[:-8] + "AAAAAAAA"),
        ("invalid-signature", "data"),
    ),
    "a signature that is none": (Spoil(signature=lambda _: "not a signature"), ("invalid-signature", "data")),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_spoilt_submission_is_rejected_and_nobody_gets_anything(
    broker: RunningBroker, portal: Portal, name: str
) -> None:
    spoil, problem = WRONG[name]

    sent = portal.send(GOOD, spoil)

    _rejected(broker, portal, sent.submission, sent.case, problem)
    _next_one_passes(broker, portal)


def test_metadata_of_version_1_that_names_another_service_is_rejected(broker: RunningBroker, portal: Portal) -> None:
    spoil = metadata(
        lambda document: document["publicServiceType"].update(identifier="urn:de:fim:leika:leistung:99050012104000")
    )

    sent = portal.send(GOOD.but(metadata="1.0.0"), spoil)

    _rejected(broker, portal, sent.submission, sent.case, ("service-mismatch", "metadata"))
    _next_one_passes(broker, portal)


def test_metadata_older_than_the_declaration_allows_is_neither_offered_nor_taken(new_broker: NewBroker) -> None:
    broker = new_broker()
    portal = broker.portal()
    more = 'authority = "chemnitz-gba"\noldest_metadata_version = "2.0.0"'
    declared = destination(CHEMNITZ, "chemnitz", "broker", "direct", '"145110000000"', more)
    before = portal.accepted(GOOD.but(metadata="1.0.0"))

    broker.installation.apply(declared)

    def offered() -> bool | None:
        shown = portal.good("GET", f"/v2/destinations/{CHEMNITZ}").json()["metadataVersions"]
        return shown == ["2.1.0"] or None

    waited_for(offered, "the destination to name newer versions only")
    sent = portal.send(GOOD.but(metadata="1.0.0"))
    event = portal.ends_with(sent, "reject-submission")
    assert event.problems == [("unsupported-schema", "metadata")]
    assert "2.1.0" in event.body["problems"][0]["detail"]
    assert broker.delivered(sent.submission) == []
    assert len(broker.delivered(before.submission)) == 1
    _next_one_passes(broker, portal)


def test_a_part_encrypted_with_another_key_under_the_right_name_is_rejected(
    broker: RunningBroker, portal: Portal
) -> None:
    for part, instance in (("metadata", "metadata"), ("data", "data"), ("attachment", ATTACHMENT)):
        sent = portal.send(GOOD, Spoil(key={part: broker.keys.jwk("leipzig-encryption")}))

        _rejected(broker, portal, sent.submission, sent.case, ("encryption-issue", instance))
    _next_one_passes(broker, portal)


def doctype(declaration: str, text: str = "Erika") -> bytes:
    """A valid document but for its DOCTYPE, and a reference to what it declares."""
    document = sample("gueltig-kleinster-antrag")
    head, _, rest = document.partition(b"\n")
    marked = rest.replace(ELEMENT, f"<vornamen>{text}</vornamen>".encode())
    return head + f"\n<!DOCTYPE bf [{declaration}]>\n".encode() + marked


LAUGHS = '<!ENTITY a "haha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 12}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "XML-EMPTY"),
    "not XML": (b"Sehr geehrte Damen und Herren", "XML-NOT-XML"),
    "JSON": (b'{"antrag": 1}', "XML-NOT-XML"),
    "truncated": (sample("gueltig-kleinster-antrag")[:-100], "XML-TRUNCATED"),
    "a billion laughs": (doctype(LAUGHS, "&j;"), "XML-DOCTYPE"),
    "quadratic blowup": (doctype(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 1000), "XML-DOCTYPE"),
    "an external entity": (doctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"), "XML-DOCTYPE"),
    "an external parameter entity": (doctype('<!ENTITY % a SYSTEM "http://127.0.0.1:1/x"> %a;'), "XML-DOCTYPE"),
    "nested too deeply": (
        sample("gueltig-kleinster-antrag").replace(ELEMENT, b"<a>" * 100_000 + b"</a>" * 100_000),
        "XML-DEPTH",
    ),
    "an attribute without end": (
        sample("gueltig-kleinster-antrag").replace(ELEMENT, b'<a b="' + b"x" * 12_000_000 + b'"/>'),
        "XML-LIMIT",
    ),
    "too many elements": (sample("gueltig-kleinster-antrag").replace(ELEMENT, b"<a/>" * 3_000_000), "XML-TOO-MANY"),
    "a NUL in the text": (sample("gueltig-kleinster-antrag").replace(b"Erika", b"Er\0ka"), "XML-CHARACTER"),
    "another encoding than it says": (
        sample("gueltig-kleinster-antrag").replace("ß".encode(), b"\xdf"),
        "XML-ENCODING",
    ),
    "an encoding nobody needs": (
        sample("gueltig-kleinster-antrag").decode().replace("UTF-8", "UTF-7").encode("utf-7"),
        "XML-ENCODING",
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_is_no_permitted_xml_is_rejected(broker: RunningBroker, portal: Portal, name: str) -> None:
    document, code = DOCUMENTS[name]

    sent = portal.send(GOOD.but(data=document, compressed=True))

    problem = _rejected(broker, portal, sent.submission, sent.case, ("syntax-violation", "data"))
    assert [finding["code"] for finding in problem["findings"]] == [code]
    _next_one_passes(broker, portal)


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("ungueltig-*.xml")))
def test_every_invalid_sample_is_rejected_with_findings_in_both_languages(
    broker: RunningBroker, portal: Portal, name: str
) -> None:
    sent = portal.send(GOOD.but(data=sample(name)))

    event = portal.ends_with(sent, "reject-submission")

    [problem] = event.body["problems"]
    assert problem["instance"] == "data"
    assert problem["findings"]
    assert all(finding["de"] and finding["en"] and finding["de"] != finding["en"] for finding in problem["findings"])
    assert broker.delivered(sent.submission) == []


def test_ten_thousands_of_unknown_attributes_are_rejected_with_a_bounded_list(
    broker: RunningBroker, portal: Portal
) -> None:
    attributes = b" ".join(b'a%d=""' % number for number in range(60_000))

    sent = portal.send(GOOD.but(data=sample("gueltig-kleinster-antrag").replace(ELEMENT, b"<a " + attributes + b"/>")))

    problem = _rejected(broker, portal, sent.submission, sent.case, ("schema-violation", "data"))
    assert 0 < len(problem["findings"]) <= 100
    _next_one_passes(broker, portal)


@pytest.mark.parametrize("part", ["metadata", "data", "attachment"])
def test_a_zip_bomb_is_rejected_before_it_is_unpacked(broker: RunningBroker, portal: Portal, part: str) -> None:
    bomb = b" " * (120 << 20)
    assert len(zlib.compress(bomb)) < 200_000
    before = broker.metrics()["process_resident_memory_bytes"]

    sent = portal.send(GOOD.but(compressed=True), Spoil(before={part: lambda _: bomb}))

    instance = ATTACHMENT if part == "attachment" else part
    _rejected(broker, portal, sent.submission, sent.case, ("content-too-large", instance))
    assert broker.metrics()["process_resident_memory_bytes"] - before < 64 << 20
    _next_one_passes(broker, portal)


def _rejected(
    broker: RunningBroker, portal: Portal, submission: str, case: str, expected: tuple[str, str]
) -> dict[str, Any]:
    """The last event rejects with exactly this problem, complete in both languages; nothing was delivered."""

    def ended() -> Any:
        last = portal.events(case)[-1]
        return last if last.name in ("reject-submission", "accept-submission") else None

    event = waited_for(ended, "the rejection")
    assert event.name == "reject-submission"
    assert event.problems == [expected]
    assert event.issuer == CHEMNITZ
    [problem] = event.body["problems"]
    assert problem["type"] == EVENT_PROBLEMS + expected[0]
    assert all(problem[name] for name in ("title", "detail", "titleEn", "detailEn"))
    assert re.search(r"\{[a-z]+\}", problem["detail"] + problem["detailEn"]) is None
    assert broker.delivered(submission) == []
    found: dict[str, Any] = problem
    return found


def _next_one_passes(broker: RunningBroker, portal: Portal) -> None:
    broker.takes_a_good_one(portal, Application(CHEMNITZ))

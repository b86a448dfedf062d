"""Reading a metadata set: which version, which verdict, what remains of it."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from metadata_samples import ATTACHMENT, CHANNELS_2, DATA, HASH, OTHER_UUID, UUID, full_1, full_2, places, replaced

from amtsbote.errors import Problem, Rejected, table
from amtsbote.model.content import ReplyChannel, SchemaRef
from amtsbote.model.ids import PartId
from transport.fitconnect.metadata import AttachmentEntry, Metadata, SignatureEntry, read_metadata
from transport.fitconnect.metadata.findings import MAX_FINDINGS

BOTH = ("1.0.0", "2.1.0")


def raw(document: Any) -> bytes:
    return json.dumps(document, default=float).encode()


def uri(version: str) -> str:
    return f"https://schema.fitko.de/fit-connect/metadata/{version}/metadata.schema.json"


def small(version: str | None = "2.1.0", **members: Any) -> dict[str, Any]:
    document: dict[str, Any] = {"contentStructure": {"data": DATA, "attachments": []}, **members}
    return document if version is None else {"$schema": uri(version), **document}


def refused(content: bytes, supported: Sequence[str] = BOTH, oldest: str = "1.0.0") -> Problem:
    with pytest.raises(Rejected) as caught:
        read_metadata(content, supported=supported, oldest=oldest)
    [problem] = caught.value.problems
    assert problem.instance == "metadata"
    assert problem.detail("de")
    assert problem.detail("en")
    return problem


def findings(content: bytes) -> list[dict[str, str]]:
    problem = refused(content)
    assert problem.type is table.METADATA_INVALID
    return list(problem.extensions["findings"])


def test_a_full_set_of_1_0_0_is_brought_to_our_shape() -> None:
    document = next(full_1())

    assert read_metadata(raw(document), supported=BOTH) == Metadata(
        version="1.0.0",
        fully_validated=True,
        schema=SchemaRef("https://schema.example/antrag/1.0", "application/xml"),
        data_hash=HASH["content"],
        attachments=(
            AttachmentEntry(
                PartId(UUID),
                HASH["content"],
                "attachment",
                "application/pdf",
                "Lageplan Süd.pdf",
                "Lageplan",
            ),
        ),
        signature=SignatureEntry("json", True, "ZXlKaGJHY2lP"),
        public_service="urn:de:fim:leika:leistung:99093003001002",
        sender_reference="R 1",
        answered_by="eMail",
    )


def test_a_full_set_of_2_1_0_is_brought_to_the_same_shape() -> None:
    document = next(full_2())

    read = read_metadata(raw(document), supported=BOTH)

    assert (read.version, read.fully_validated, read.public_service) == ("2.1.0", True, None)
    assert (read.attachments[0].purpose, read.sender_reference) == ("data", "R 1")


def test_without_data_there_is_neither_schema_nor_hash_nor_signature() -> None:
    read = read_metadata(raw({"contentStructure": {"attachments": []}}), supported=BOTH)

    assert (read.schema, read.data_hash, read.signature) == (None, None, None)


@pytest.mark.parametrize("channel", ["deMail", "fink", "elster", "fitConnect", "idBundDeMailbox"])
def test_every_reply_channel_of_the_schema_is_allowed(channel: str) -> None:
    document = next(document for document in full_2() if channel in document["replyChannel"])

    assert read_metadata(raw(document), supported=BOTH).version == "2.1.0"


def test_a_reply_channel_the_schema_does_not_know_is_allowed() -> None:
    assert read_metadata(raw(small(replyChannel={"pigeon": 1})), supported=BOTH).version


def test_unknown_members_of_open_objects_are_passed_over() -> None:
    assert read_metadata(raw(small(additionalStuff={"a": 1}, contentstructure=1)), supported=BOTH).version == "2.1.0"


@pytest.mark.parametrize("version", ["1.1.0", "1.3.0", "1.5.0", "2.0.0", "2.2.0", "2.10.7"])
def test_a_version_without_a_reference_is_read_by_its_major_and_marked(version: str) -> None:
    read = read_metadata(raw(small(version)), supported=BOTH)

    assert (read.version, read.fully_validated) == (version, False)


@pytest.mark.parametrize("version", ["2.0.0", "2.2.0"])
def test_such_a_version_is_checked_all_the_same(version: str) -> None:
    assert findings(raw(small(version, additionalReferenceInfo={"more": 1})))[0]["path"] == "$.additionalReferenceInfo"


@pytest.mark.parametrize(("oldest", "least"), [("1.3.0", "1.3.0"), ("1.10.0", "1.10.0"), ("2.0.0", "2.0.0")])
def test_nothing_older_than_the_oldest_is_taken_whatever_is_listed(oldest: str, least: str) -> None:
    assert read_metadata(raw(small(least)), supported=BOTH, oldest=oldest).version == least

    for older in ("1.0.0", "1.2.9", None):
        problem = refused(raw(small(older)), oldest=oldest)
        assert (problem.type, problem.values["supported"]) == (table.METADATA_SCHEMA_UNSUPPORTED, "2.1.0")
    for unknown in (uri("9.0.0"), "2.1.0"):
        assert refused(raw({"$schema": unknown}), oldest=oldest).values["supported"] == "2.1.0"


def test_a_listed_version_without_a_reference_is_read() -> None:
    assert read_metadata(raw(small("2.5.0")), supported=("2.5.0",)).version == "2.5.0"


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        (uri("3.0.0"), "3.0.0"),
        (uri("0.9.0"), "0.9.0"),
        (uri("10.0.0"), "10.0.0"),
        (uri("2.1"), "?"),
        (uri("2.1.0") + "\n", "?"),
        (uri("2.1.12345"), "?"),
        (uri("2.١.0"), "?"),
        (uri("2.1.0").replace("https", "http"), "?"),
        ("https://evil.example/?personal=data", "?"),
        (210, "?"),
        (None, "?"),
    ],
)
def test_other_schemas_are_unsupported_and_shown_only_as_a_version(declared: object, shown: str) -> None:
    problem = refused(raw({**small(), "$schema": declared}))

    assert problem.type is table.METADATA_SCHEMA_UNSUPPORTED
    assert problem.values == {"schema": shown, "supported": "1.0.0, 2.1.0"}


@pytest.mark.parametrize(
    ("version", "supported"),
    [("1.0.0", ("2.1.0",)), ("2.1.0", ("1.0.0",)), ("1.3.0", ("2.1.0",)), ("2.1.0", ("2.0.0",)), ("3.0.0", ("3.0.0",))],
)
def test_a_version_the_destination_does_not_list_is_unsupported(version: str, supported: tuple[str, ...]) -> None:
    assert refused(raw(small(version)), supported).type is table.METADATA_SCHEMA_UNSUPPORTED


def test_without_a_schema_it_is_1_0_0() -> None:
    assert read_metadata(raw(small(None)), supported=("1.0.0",)).version == "1.0.0"


def test_where_only_2_x_is_taken_a_missing_schema_is_a_problem_of_its_own() -> None:
    assert refused(raw(small(None)), ("2.1.0",)).type is table.METADATA_SCHEMA_MISSING


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "syntax 1:1"),
        (b'{"a":1,"a":1}', "duplicate-member"),
        (raw(small()).replace(b'"sha512"', b'"sha512", "type": "sha512"'), "duplicate-member"),
        (b"[]", "not-an-object"),
        (b'{"a":"' + b"x" * 1_000_000 + b'"}', "too-large"),
        (b"\xff", "not-utf-8"),
    ],
)
def test_what_is_no_strict_json_is_told_in_both_languages(content: bytes, reason: str) -> None:
    problem = refused(content)

    assert problem.type is table.METADATA_SYNTAX
    assert problem.values["reason"] == reason
    assert set(problem.extensions["findings"][0]) == {"path", "de", "en"}


def test_findings_name_places_never_values() -> None:
    secret = "Erika Musterfrau"
    document = small(replyChannel={"eMail": {"address": secret}}, author={"name": 1, secret: secret})
    document["contentStructure"]["attachments"] = [{**ATTACHMENT, "purpose": secret}, {**ATTACHMENT, "hash": secret}]
    document["additionalReferenceInfo"] = {secret: secret, "senderReference": None}

    found = findings(raw(document))

    assert secret not in repr(found)
    assert [finding["path"] for finding in found] == [
        "$.contentStructure.attachments[0].purpose",
        "$.contentStructure.attachments[1].hash",
        "$.replyChannel.eMail.address",
        "$.additionalReferenceInfo.senderReference",
        "$.additionalReferenceInfo",
        "$.author.name",
        "$.author.product",
    ]


def test_a_value_of_the_message_is_in_no_error_that_is_raised() -> None:
    with pytest.raises(Rejected) as caught:
        read_metadata(raw(small(author={"name": ["Erika Musterfrau"]})), supported=BOTH)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "Erika" not in f"{caught.value} {caught.value.problems}"


def test_findings_are_counted_whole_and_shown_up_to_the_bound() -> None:
    document = small()
    document["contentStructure"]["attachments"] = [{}] * 900

    problem = refused(raw(document))

    assert problem.values["count"] == "3600"
    assert len(problem.extensions["findings"]) == MAX_FINDINGS


def test_a_megabyte_of_nonsense_is_answered_soon() -> None:
    started = time.process_time()
    document = small()
    document["contentStructure"]["attachments"] = [{}] * 160_000
    assert findings(raw(document))[0]["en"] == "The list is too long."
    assert time.process_time() - started < 5


HOSTILE = ("a" * 200_000, f" {'a' * 200_000} ", f"a/{'a.' * 100_000} ", f"a@{'a.' * 100_000}", f"a:{'/' * 200_000} ")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("document", [next(full_1()), next(full_2())], ids=BOTH)
def test_a_long_text_at_any_place_costs_linear_time(document: dict[str, Any], text: str) -> None:
    for place in places(document):
        content = raw(replaced(document, place, text))
        started = time.process_time()
        with suppress(Rejected):
            read_metadata(content, supported=BOTH)
        assert time.process_time() - started < 1, place


def test_fragments_are_the_parts_of_their_attachment_in_order_and_in_small_letters() -> None:
    document = small()
    fragments = [OTHER_UUID.upper(), "b0000000-0000-4000-8000-000000000001"]
    document["contentStructure"]["attachments"] = [{**ATTACHMENT, "fragments": fragments}]

    [entry] = read_metadata(raw(document), supported=BOTH).attachments

    assert (entry.id, entry.fragments) == (UUID, (OTHER_UUID, fragments[1]))
    assert entry.parts == entry.fragments


def test_in_1_x_fragments_are_one_of_the_unknown_members() -> None:
    document = small("1.3.0")
    document["contentStructure"]["attachments"] = [{**ATTACHMENT, "fragments": [OTHER_UUID]}]

    [entry] = read_metadata(raw(document), supported=BOTH).attachments
    assert entry.parts == (UUID,)


def test_one_id_for_two_attachments_is_refused_even_in_other_letters() -> None:
    document = small()
    document["contentStructure"]["attachments"] = [ATTACHMENT, {**ATTACHMENT, "attachmentId": UUID.upper()}]

    assert [finding["path"] for finding in findings(raw(document))] == [
        "$.contentStructure.attachments[1].attachmentId"
    ]


def test_two_reply_channels_are_refused() -> None:
    channels = {"deMail": {"address": "a@b.de"}, "other": 1}

    assert findings(raw(small(replyChannel=channels)))[0]["path"] == "$.replyChannel"


class TestTheChannelForReplies:
    def test_a_key_for_replies_is_kept_with_its_standards(self) -> None:
        read = read_metadata(raw(small(replyChannel={"fitConnect": CHANNELS_2["fitConnect"]})), supported=BOTH)

        channel: Any = CHANNELS_2["fitConnect"]
        key = channel["encryptionPublicKey"]
        standards = tuple(channel["processStandards"])
        assert read.answered_by == "fitConnect"
        assert read.reply_channel == ReplyChannel(key["kid"], key["n"], standards)

    @pytest.mark.parametrize("channel", ["deMail", "fink", "elster", "idBundDeMailbox"])
    def test_another_channel_has_no_key(self, channel: str) -> None:
        read = read_metadata(raw(small(replyChannel={channel: CHANNELS_2[channel]})), supported=BOTH)

        assert (read.answered_by, read.reply_channel) == (channel, None)

    def test_without_a_channel_there_is_the_post(self) -> None:
        read = read_metadata(raw(small()), supported=BOTH)

        assert (read.answered_by, read.reply_channel) == (None, None)

    @pytest.mark.parametrize(
        "changes",
        [
            {"d": "AQAB"},
            {"n": "n" * 683},
            {"n": "A" * 683},
            {"n": "g" + "A" * 682},
            {"n": "g" + "A" * 2000 + "E"},
            {"kid": "k" * 7 + "\n"},
        ],
        ids=["private", "not canonical", "zero", "even", "too long", "control"],
    )
    def test_a_key_nobody_could_encrypt_to_is_refused(self, changes: dict[str, str]) -> None:
        channel: Any = CHANNELS_2["fitConnect"]
        spoilt = {**channel, "encryptionPublicKey": channel["encryptionPublicKey"] | changes}

        with pytest.raises(Rejected) as refused:
            read_metadata(raw(small(replyChannel={"fitConnect": spoilt})), supported=BOTH)

        [problem] = refused.value.problems
        assert problem.type is table.METADATA_INVALID
        [finding] = problem.extensions["findings"]
        assert finding["path"] == "$.replyChannel.fitConnect.encryptionPublicKey"

"""String formats by their RFCs, and the constraints no schema test reaches."""

from decimal import Decimal

import pytest
from metadata_samples import EMAILS, URIS
from pydantic import TypeAdapter, ValidationError

from amtsbote.model.formats import is_date, is_date_time, is_email, is_uri, is_uuid
from transport.fitconnect.metadata.constraints import MAX_ENTRIES, Amount, Several, matching


@pytest.mark.parametrize(("text", "verdict"), URIS.items())
def test_uri(text: str, verdict: bool) -> None:
    assert is_uri(text) is verdict


@pytest.mark.parametrize("text", ["http://[v1.fe:x]/", "http://a:80", "http://", "file:///x", "http://u:p@h/?#"])
def test_rare_uris_are_uris(text: str) -> None:
    assert is_uri(text)


@pytest.mark.parametrize(
    "text", ["http://[fe80::1%25eth0]/", "http://a:b/", "http://h/ ", "http://h/\n", "ä:b", "a:[b"]
)
def test_near_uris_are_none(text: str) -> None:
    assert not is_uri(text)


@pytest.mark.parametrize(("text", "verdict"), EMAILS.items())
def test_email(text: str, verdict: bool) -> None:
    assert is_email(text) is verdict


def test_a_domain_is_at_most_255_characters() -> None:
    assert is_email("a@" + ".".join(["x" * 63] * 3 + ["y" * 63]))
    assert not is_email("a@" + ".".join(["x" * 63] * 4 + ["y"]))


@pytest.mark.parametrize("text", ["a@[IPv6:zz]", "a@[1.2.3]", "a@[]", 'a"b@c.de', '"a@c.de', '"\n"@c.de'])
def test_near_mailboxes_are_none(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("8C0B9A6E-54a1-4f3d-9e2b-1f0a6c7d8e9f", True),
        ("00000000-0000-0000-0000-000000000000", True),
        ("8c0b9a6e54a14f3d9e2b1f0a6c7d8e9f", False),
        ("{8c0b9a6e-54a1-4f3d-9e2b-1f0a6c7d8e9f}", False),
        ("urn:uuid:8c0b9a6e-54a1-4f3d-9e2b-1f0a6c7d8e9f", False),
        ("8c0b9a6e-54a1-4f3d-9e2b-1f0a6c7d8e9f\n", False),
        ("８c0b9a6e-54a1-4f3d-9e2b-1f0a6c7d8e9f", False),
    ],
)
def test_uuid(text: str, verdict: bool) -> None:
    assert is_uuid(text) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("2024-02-29", True),
        ("2100-02-29", False),
        ("2024-13-01", False),
        ("0000-01-01", False),
        ("2024-W09-4", False),
        ("20240229", False),
        ("2024-02-29\n", False),
        ("２024-02-29", False),
    ],
)
def test_date(text: str, verdict: bool) -> None:
    assert is_date(text) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("2024-02-29T00:00:00Z", True),
        ("2024-02-29t00:00:00z", True),
        ("2024-02-29T00:00:00.000000000000001+00:00", True),
        ("2016-12-31T23:59:60Z", True),
        ("2017-01-01T00:59:60+01:00", True),
        ("2016-12-31T15:59:60-08:00", True),
        ("2017-01-01T00:59:60Z", False),
        ("2017-01-01T00:59:60-01:00", False),
        ("2024-02-29T00:00:61Z", False),
        ("2024-02-29T00:00Z", False),
        ("2024-02-29T00:00:00+1:00", False),
        ("2024-02-29T00:00:00+24:00", False),
        ("2024-02-29T00:00:00.Z", False),
        ("2024-02-30T00:00:00Z", False),
        ("2024-02-29 00:00:00Z", False),
        ("2024-02-29T00:00:00Z\n", False),
    ],
)
def test_date_time(text: str, verdict: bool) -> None:
    assert is_date_time(text) is verdict


@pytest.mark.parametrize(
    ("amount", "verdict"),
    [
        (10**400, True),
        (Decimal("1E+9000"), True),
        (Decimal("123456789012345678901234567890.12"), True),
        (Decimal("123456789012345678901234567890.123"), False),
        (Decimal("0.01" + "0" * 500), True),
        (Decimal("0.01" + "0" * 500 + "1"), False),
        (Decimal("1E-9000"), False),
    ],
)
def test_amounts_beyond_the_precision_of_arithmetic_are_judged_exactly(amount: object, verdict: bool) -> None:
    adapter: TypeAdapter[Decimal] = TypeAdapter(Amount)
    try:
        adapter.validate_python(amount)
    except ValidationError:
        assert not verdict
    else:
        assert verdict


def test_a_list_beyond_the_bound_is_one_finding_however_bad_its_entries_are() -> None:
    adapter = TypeAdapter(Several[int])

    with pytest.raises(ValidationError) as caught:
        adapter.validate_python([None] * (MAX_ENTRIES + 1))
    assert [error["type"] for error in caught.value.errors()] == ["too_many"]


def test_a_dollar_at_the_end_of_a_pattern_means_the_very_end_and_an_escaped_one_itself() -> None:
    end, dollar = matching("^a$").func, matching(r"a\$").func

    with pytest.raises(ValueError, match="does not hold"):
        end("a\n")  # type: ignore[call-arg]
    assert dollar("a$b") == "a$b"  # type: ignore[call-arg]

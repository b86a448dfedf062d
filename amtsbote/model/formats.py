"""The string formats that JSON schemas assert, each by its RFC."""

import re
from datetime import date
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

UUID: Final = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_UUID: Final = re.compile(UUID)

_UNRESERVED_AND_DELIMITERS: Final = r"[A-Za-z0-9._~!$&'()*+,;=-]"
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}"
_PCHAR: Final = rf"(?:{_UNRESERVED_AND_DELIMITERS}|[:@]|{_ESCAPED})"
_URI: Final = re.compile(
    rf"""[A-Za-z][A-Za-z0-9+.-]*+:
    (?: //
        (?:(?:{_UNRESERVED_AND_DELIMITERS}|:|{_ESCAPED})*+@)?
        (?:\[(?P<literal>[^\]]*+)\]|(?:{_UNRESERVED_AND_DELIMITERS}|{_ESCAPED})*+)
        (?::[0-9]*+)?
        (?:/{_PCHAR}*+)*+
      | /?(?:{_PCHAR}++(?:/{_PCHAR}*+)*+)?
    )
    (?:\?(?:{_PCHAR}|[/?])*+)?
    (?:\#(?:{_PCHAR}|[/?])*+)?""",
    re.VERBOSE | re.ASCII,
)
_IP_FUTURE: Final = re.compile(rf"v[0-9A-Fa-f]+\.(?:{_UNRESERVED_AND_DELIMITERS}|:)+", re.ASCII | re.IGNORECASE)

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART: Final = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"')
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME: Final = re.compile(
    r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d|60)(?:\.\d+)?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<off_hour>[01]\d|2[0-3]):(?P<off_minute>[0-5]\d))",
    re.ASCII,
)


def is_uuid(text: str) -> bool:
    """RFC 9562, section 4; any version."""
    return _UUID.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    """RFC 3986, section 3: with a scheme, not a relative reference."""
    found = _URI.fullmatch(text)
    return found is not None and (found["literal"] is None or _is_ip_literal(found["literal"]))


def _is_ip_literal(text: str) -> bool:
    return _IP_FUTURE.fullmatch(text) is not None or ("%" not in text and _is_ipv6(text))


def is_email(text: str) -> bool:
    """RFC 5321, 4.1.2 Mailbox, in ASCII."""
    local, at, domain = text.rpartition("@")
    if not at or len(local) > 64 or len(domain) > 255 or _LOCAL_PART.fullmatch(local) is None:
        return False
    if domain.startswith("[") and domain.endswith("]"):
        return _is_address_literal(domain[1:-1])
    return _DOMAIN.fullmatch(domain) is not None


def _is_address_literal(text: str) -> bool:
    if text.startswith("IPv6:"):
        return _is_ipv6(text.removeprefix("IPv6:"))
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def is_date(text: str) -> bool:
    """RFC 3339, 5.6 `full-date`."""
    if _DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """RFC 3339, 5.6 `full-time`; a leap second only at 23:59:60 UTC."""
    found = _TIME.fullmatch(text)
    return found is not None and (found["second"] != "60" or _last_minute_of_a_day(found))


def is_date_time(text: str) -> bool:
    """RFC 3339, 5.6 `date-time`."""
    day, between, time = text[:10], text[10:11], text[11:]
    return between in {"T", "t"} and is_date(day) and is_time(time)


def _last_minute_of_a_day(time: re.Match[str]) -> bool:
    offset = int(time["off_hour"] or 0) * 60 + int(time["off_minute"] or 0)
    minute = int(time["hour"]) * 60 + int(time["minute"])
    in_utc = minute + offset if time["sign"] == "-" else minute - offset
    return in_utc % (24 * 60) == 24 * 60 - 1

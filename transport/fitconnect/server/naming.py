"""How services and regions are written: read leniently, always written in one way (dossier 2.3, 2.4)."""

import re
from typing import Final

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD

SERVICE_URN: Final = "urn:de:fim:leika:leistung:"
REGION_URN: Final = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:"
SERVICE_FORM: Final = f"(?:{SERVICE_URN})?(99[0-9]{{12}})"
REGION_FORM: Final = f"DE|(?:{REGION_URN}|DE)?([0-9]{{2,3}}|[0-9]{{5}}|[0-9]{{9}}|[0-9]{{12}})"


def service_key(value: str, field: str) -> str:
    """The LeiKa key, 14 digits. Raises `RequestRefused`."""
    found = re.fullmatch(SERVICE_FORM, value)
    if found is None:
        raise RequestRefused(INVALID_FIELD(field=field, reason="service"))
    return found[1]


def region_key(value: str, field: str) -> str:
    """ARS or a prefix of it; empty for all of Germany. Raises `RequestRefused`."""
    found = re.fullmatch(REGION_FORM, value)
    if found is None:
        raise RequestRefused(INVALID_FIELD(field=field, reason="region"))
    return found[1] or ""


def region_name(key: str) -> str:
    """As the scopes of senders have it (dossier 2.1): `DE`, `DE14511`."""
    return f"DE{key}"

"""What the operator of the demonstration declares: portal, tenant, destination, authority, target, routes."""

import json
from collections.abc import Mapping
from typing import Final

from amtsbote.api.answer import ANSWER_SCHEMA
from amtsbote.demo.application import REGION, SCHEMA, SERVICE, SERVICE_NAME
from amtsbote.demo.certificates import DESTINATION_SIGNING, ENCRYPTION, PORTAL_SIGNING, Certified
from amtsbote.demo.decision import REPLIES
from amtsbote.demo.folder import Layout

DESTINATION: Final = "5b0f3c6e-7a41-4f0e-9d57-0c1e6d2a9b14"
AUTHORITY: Final = "chemnitz-gruenflaechenamt"
CLIENT: Final = "hamburg-onlinedienst"

_DECLARATION: Final = """\
# Vorführung: das Portal Hamburg, die Stadt Chemnitz und wer wofür zuständig ist.

[[portals]]
id = "hamburg"
name = "Onlinedienst Hamburg"
signing_certificates = ["keys/hamburg-signatur.pem"]

[[portals.clients]]
id = "{client}"

[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"

[[targets]]
id = "chemnitz-eingang"
tenant = "chemnitz"
adapter = "folder"
options = {{ path = {inbox}, replies = "{replies}" }}

[[authorities]]
id = "{authority}"
tenant = "chemnitz"
name = "Grünflächenamt Chemnitz"
targets = ["chemnitz-eingang"]

[[destinations]]
id = "{destination}"
tenant = "chemnitz"
name = "Grünflächenamt Chemnitz"
holding = "broker"
reach = "direct"
stage = "live"
authority = "{authority}"
reply_channels = {{ fitConnect = {{ processStandards = ["{standard}"] }} }}
encryption_key = {{ chain = "keys/chemnitz-verschluesselung.pem", private = "keys/chemnitz-verschluesselung.key" }}
signing_key = {{ chain = "keys/chemnitz-signatur.pem", private = "keys/chemnitz-signatur.key" }}

[[destinations.services]]
service = "{service}"
name = "{service_name}"
regions = ["{region}"]
schemas = [{{ uri = "{schema}", mime_type = "{mime_type}" }}]

[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "gebiete": (
        "ars;ags;name;gueltig_ab;gueltig_bis",
        "020000000000;02000000;Hamburg, Freie und Hansestadt;;",
        "14;14;Sachsen;;",
        f"{REGION};14511000;Chemnitz, Stadt;;",
        "146120000000;14612000;Dresden, Stadt;;",
    ),
    "leistungen": ("leistung;name", f"{SERVICE};{SERVICE_NAME}"),
    "rollen": ("leistung;rolle;gueltig_ab;gueltig_bis", f"{SERVICE};gba;;"),
    "zustaendigkeiten": (
        "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis",
        f"gba;{REGION};{AUTHORITY};;",
        f"unb;{REGION};{AUTHORITY};;",  # whom the package names, too, from March to September
    ),
}


def write_declaration(layout: Layout, certified: Mapping[str, Certified]) -> None:
    """Declaration, routing tables, and the keys and certificates they name."""
    keys = layout.operator / "keys"
    keys.mkdir()
    certified[PORTAL_SIGNING].write_chain(keys / "hamburg-signatur.pem")
    for name, stem in ((ENCRYPTION, "chemnitz-verschluesselung"), (DESTINATION_SIGNING, "chemnitz-signatur")):
        certified[name].write_chain(keys / f"{stem}.pem")
        certified[name].write_key(keys / f"{stem}.key")
    for table, lines in _TABLES.items():
        (layout.operator / f"{table}.csv").write_text("\n".join((*lines, "")), "utf-8")
    layout.declaration.write_text(_declaration(layout), "utf-8")


def secret_file(layout: Layout) -> str:
    """Where `amtsbote apply` writes the secret it makes for the portal's client."""
    return str(layout.operator / "secrets" / f"{CLIENT}.secret")


def _declaration(layout: Layout) -> str:
    return _DECLARATION.format(
        client=CLIENT,
        inbox=json.dumps(str(layout.inbox), ensure_ascii=False),
        replies=REPLIES,
        standard=ANSWER_SCHEMA.uri,
        authority=AUTHORITY,
        destination=DESTINATION,
        service=SERVICE,
        service_name=SERVICE_NAME,
        region=REGION,
        schema=SCHEMA.uri,
        mime_type=SCHEMA.mime_type,
    )

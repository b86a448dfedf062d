"""An office with a real store, a declaration in a folder with its files, and every key certified by a test root."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chains_for_tests import NOW, Wish, as_pem, issue, issuer
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters import adapter_kinds
from amtsbote.admin.bundle import Bundle, as_document, gather, make_secrets
from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office
from amtsbote.api.persistence import AuditRow, Page
from amtsbote.keys.vault import Vault
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import Directory
from amtsbote.store import SqliteStore

SCHEMA = SchemaRef("urn:test:antrag_1.0#antrag", "application/xml")
SERVICE = "99093003001002"
DIRECT = "11111111-0000-4000-8000-000000000001"
COLLECTING = "22222222-0000-4000-8000-000000000002"
SEALED = "33333333-0000-4000-8000-000000000003"

TENANTS = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
[[tenants]]
id = "saxony"
name = "Freistaat Sachsen"
land = "14"
[[tenants.clients]]
id = "saxony-software"
"""
PORTAL = """
[[portals]]
id = "hamburg"
name = "Onlinedienst Hamburg"
signing_certificates = ["portal.pem"]
[[portals.clients]]
id = "hamburg-portal"
"""
AUTHORITIES = """
[[authorities]]
id = "amt"
tenant = "chemnitz"
name = "Grünflächenamt"
targets = ["folder"]
[[authorities]]
id = "landesamt"
tenant = "saxony"
name = "Landesamt"
"""
TARGET = """
[[targets]]
id = "folder"
tenant = "chemnitz"
adapter = "folder"
options = { path = "/srv/eingang" }
"""
ROUTES = """
[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
TABLES: Mapping[str, str] = {
    "gebiete.csv": "ars;ags;name;gueltig_ab;gueltig_bis\n145110000000;14511000;Chemnitz, Stadt;;\n",
    "leistungen.csv": f"leistung;name\n{SERVICE};Baumfällgenehmigung\n",
    "rollen.csv": f"leistung;rolle;gueltig_ab;gueltig_bis\n{SERVICE};gba;;\n",
    "zustaendigkeiten.csv": "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;145110000000;amt;;\n",
}


def destination(place: str = DIRECT, **changes: str) -> str:
    """A direct, broker-held destination; `changes` are TOML values, empty ones are left out."""
    lines = {
        "id": f'"{place}"',
        "tenant": '"chemnitz"',
        "name": '"Zustellpunkt"',
        "holding": '"broker"',
        "reach": '"direct"',
        "authority": '"amt"',
        "encryption_key": '{ chain = "encryption.pem", private = "encryption.key" }',
        "signing_key": '{ chain = "signing.pem", private = "signing.key" }',
        "services": (
            f'[{{ service = "{SERVICE}", name = "Baumfällung", regions = ["145110000000"], '
            f'schemas = [{{ uri = "{SCHEMA.uri}", mime_type = "{SCHEMA.mime_type}" }}] }}]'
        ),
        **changes,
    }
    return "\n".join(["[[destinations]]", *(f"{key} = {value}" for key, value in lines.items() if value), ""])


END_TO_END = destination(
    SEALED,
    tenant='"saxony"',
    holding='"end-to-end"',
    authority='"landesamt"',
    subscriber='"saxony-software"',
    encryption_key='{ chain = "encryption.pem" }',
    signing_key='{ chain = "signing.pem" }',
)
TOWN = f"{TENANTS}{PORTAL}{AUTHORITIES}{TARGET}{destination()}{ROUTES}"


@dataclass
class DeclaringOffice:
    """Applies declarations as the command line does, without a process."""

    folder: Path
    office: Office
    told: list[int] = field(default_factory=list)
    file: str = "town.toml"

    def gather(self, declaration: str) -> Bundle:
        path = self.folder / self.file
        path.write_text(declaration, "utf-8")
        return gather(path)

    async def preview(self, declaration: str) -> dict[str, Any]:
        return await self.run("apply.preview", {"bundle": as_document(self.gather(declaration))})

    async def apply(self, declaration: str) -> dict[str, Any]:
        """Without looking first: importing RSA keys twice would make every test slow."""
        bundle = self.gather(declaration)
        directory, routing = await self.office.store.read(lambda tx: (tx.directory.load(), tx.routing.newest()))
        new = [client.id for client in bundle.declaration.clients() if client.id not in directory.clients]
        made = make_secrets(self.folder / self.file, [client for client in new if client not in bundle.secrets])
        basis = {"revision": directory.revision, "routing": routing}
        return await self.run("apply", {"bundle": as_document(bundle.with_secrets(made)), "basis": basis})

    async def run(self, command: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return await run_command(self.office, "uid:4711", command, arguments)

    async def directory(self) -> Directory:
        return await self.office.store.read(lambda tx: tx.directory.load())

    async def audit(self) -> tuple[AuditRow, ...]:
        return await self.office.store.read(lambda tx: tx.audit.page(Page(0, 1000)))

    def at(self, moment: datetime) -> None:
        self.office = replace(self.office, clock=lambda: moment)


@asynccontextmanager
async def declaring_office(folder: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[DeclaringOffice]:
    root = trusted_root(rsa_key)
    write_files(folder, rsa_key, root)
    store = SqliteStore.open(folder / "data", readers=1)
    told: list[int] = []

    async def changed() -> None:
        told.append(await store.read(lambda tx: tx.directory.revision()))

    office = Office(
        store=store,
        vault=Vault(bytes(32)),
        anchors=(issue([root])[0],),
        schemas=lambda: {SCHEMA},
        adapters=adapter_kinds().usable,
        clock=lambda: NOW,
        changed=changed,
    )
    try:
        yield DeclaringOffice(folder, office, told)
    finally:
        await store.close()


def trusted_root(rsa_key: Callable[[str], RSAPrivateKey]) -> Wish:
    """Signed with PKCS #1 v1.5, so that the root is the same bytes every time it is issued."""
    return issuer("Wurzel", rsa_key("root")).but(scheme=padding.PKCS1v15())


def write_files(folder: Path, rsa_key: Callable[[str], RSAPrivateKey], root: Wish) -> None:
    uses = {
        "encryption": frozenset({"key_encipherment"}),
        "signing": frozenset({"digital_signature"}),
        "portal": frozenset({"digital_signature"}),
    }
    for name, use in uses.items():
        write_chain(folder / f"{name}.pem", Wish(name, rsa_key(name), use), root)
        write_private(folder / f"{name}.key", rsa_key(name))
    for name, rows in TABLES.items():
        (folder / name).write_text(rows, "utf-8")


def write_chain(file: Path, leaf: Wish, root: Wish) -> None:
    file.write_bytes(as_pem(issue([leaf, root])))


def write_private(file: Path, key: RSAPrivateKey) -> None:
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def renewed(name: str, key: RSAPrivateKey, use: str) -> Wish:
    """The same key with a later certificate."""
    return Wish(name, key, frozenset({use}), end=NOW + timedelta(days=700))

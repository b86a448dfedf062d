"""A house for measurements: an installation of national size, its daemon as a process of its own, prepared mail."""

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from broker_kit import children_of
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from keyring_for_tests import shared_key
from national_routing import national_authorities, national_document
from ports import free_port
from postgres_kit import DURABLE, Server, server

from amtsbote.api.persistence import Transaction
from amtsbote.daemon import Settings, compose
from amtsbote.daemon.logs import configure_logs
from amtsbote.daemon.serving import serve
from amtsbote.daemon.storage import open_database
from amtsbote.jose import base64url
from amtsbote.jose.jwe import encrypt
from amtsbote.jose.jwk import thumbprint
from amtsbote.jose.jws import compact, detach, sign_ps512, signing_input
from amtsbote.keys.making import import_private, new_service_keys
from amtsbote.keys.vault import Vault, make_master_key
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Destination,
    Holding,
    KeyEntry,
    KeyPurpose,
    OfferedService,
    Portal,
    Reach,
    Target,
    Tenant,
)
from amtsbote.model.ids import AuthorityId, ClientId, DestinationId, PortalId, TargetId, TenantId
from amtsbote.model.stage import Stage

STORE = os.environ.get("STORE") or "sqlite"
"""`sqlite` or `postgresql`."""
SERVICE = "99093003001002"
REGION = "145110000000"
SCHEMA = "urn:amtsbote:standard:baumfaellgenehmigung_1.0#baumfaellung.antrag.0100"
METADATA = "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json"
DESTINATION = DestinationId("5c1f0d8a-0b7e-4c53-9a5e-3f6a2b1c0d9e")
SEALED = DestinationId("9e0d1c2b-6a3f-4e5a-8c53-0b7e5c1f0d8a")
"""End-to-end: its keys are with the subscriber."""
CLIENT, SUBSCRIBER = ClientId("portal-im-versuch"), ClientId("fachverfahren-im-versuch")
SECRET = "nur-im-versuch"
M10 = 10_000
ANNOUNCE = json.dumps(
    {
        "destinationId": DESTINATION,
        "announcedAttachments": [],
        "publicService": {"name": "Baumfällgenehmigung", "identifier": f"urn:de:fim:leika:leistung:{SERVICE}"},
        "region": REGION,
    }
).encode()
SAMPLES = Path(__file__).resolve().parents[2] / "schemas" / "packages" / "baumfaellgenehmigung" / "1.0" / "samples"


@dataclass(frozen=True)
class House:
    folder: Path
    public: str
    metrics: str
    database: Server | None = None
    """Where the rows lie on PostgreSQL."""

    @property
    def inbox(self) -> Path:
        return self.folder / "eingang"


def build_house(folder: Path) -> House:
    """An installation with tables of national size, one destination, one portal, one folder; its store is `STORE`."""
    database = server(*DURABLE) if STORE == "postgresql" else None
    house = House(folder, f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}", database)
    house.inbox.mkdir(parents=True)
    make_master_key(folder / "master.key")
    (folder / "amtsbote.toml").write_text(
        f'[public]\nlisten = "{house.public}"\nurl = "http://{house.public}"\n[metrics]\nlisten = "{house.metrics}"\n'
        "[rates]\nclient = 0\n"
        + ("" if database is None else f'[storage]\ndatabase = "{database.schema_url(folder)}"\n')
    )
    asyncio.run(_furnish(house))
    return house


def database_cpu_seconds(house: House) -> float:
    """CPU time of the PostgreSQL server and its processes."""
    return 0.0 if house.database is None else cpu_seconds(house.database.pid)


async def _furnish(house: House) -> None:
    settings = Settings.load(house.folder / "amtsbote.toml")
    vault = Vault.from_file(settings.keys.master_key_file)
    store = open_database(settings)
    entries = _entries(house, vault)
    tables = _tables()

    def unit(tx: Transaction) -> None:
        for entry in entries:
            tx.directory.put(entry)
        tx.routing.add(tables, at=datetime.now(UTC), author="system")

    await store.write(unit)
    await store.close()


def _tables() -> dict[str, bytes]:
    tables = dict(national_document().tables)
    more = {
        "gebiete": f"{REGION};14511000;Chemnitz;;\n",
        "leistungen": f"{SERVICE};Baumfällgenehmigung\n",
        "rollen": f"{SERVICE};gba;;\n",
        "zustaendigkeiten": f"gba;{REGION};chemnitz;;;\nunb;{REGION};chemnitz;;;\n",
    }
    return {name: table + more[name].encode() for name, table in tables.items()}


def _entries(house: House, vault: Vault) -> list[Any]:
    tenant = TenantId("chemnitz")
    keys = house.folder.parent / "keys"
    keys.mkdir(exist_ok=True)
    pems = {
        name: shared_key(keys, name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for name in ("encryption", "signature")
    }
    own = {
        name: import_private(
            pems[name], purpose=KeyPurpose(name), owner=DESTINATION, tenant=tenant, chain=(), vault=vault
        )
        for name in pems
    }
    theirs = {purpose: _held_elsewhere(keys, purpose) for purpose in (KeyPurpose.ENCRYPTION, KeyPurpose.SIGNATURE)}
    portal = shared_key(keys, "portal").public_key()
    secret = hashlib.sha256(SECRET.encode()).hexdigest()
    offered = OfferedService(SERVICE, "Baumfällgenehmigung", (REGION,), (SchemaRef(SCHEMA, "application/xml"),))
    authorities = [Authority(authority, tenant, authority, ()) for authority in national_authorities()]
    return [
        *new_service_keys(vault),
        *own.values(),
        *theirs.values(),
        *authorities,
        Tenant(tenant, "Stadt Chemnitz", "14"),
        Portal(
            PortalId("hamburg"),
            "Portal Hamburg",
            {thumbprint(portal): portal.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)},
        ),
        Client(CLIENT, ClientRole.SENDER, "hamburg", (secret,)),
        Client(SUBSCRIBER, ClientRole.SUBSCRIBER, tenant, (secret,)),
        Destination(
            DESTINATION,
            tenant,
            "Chemnitz",
            Holding.BROKER,
            Reach.DIRECT,
            Stage.LIVE,
            (offered,),
            own["encryption"].kid,
            own["signature"].kid,
            authority=AuthorityId("chemnitz"),
        ),
        Destination(
            SEALED,
            tenant,
            "Chemnitz, versiegelt",
            Holding.END_TO_END,
            Reach.DIRECT,
            Stage.LIVE,
            (offered,),
            theirs[KeyPurpose.ENCRYPTION].kid,
            theirs[KeyPurpose.SIGNATURE].kid,
            authority=AuthorityId("chemnitz"),
            subscriber=SUBSCRIBER,
        ),
        Authority(AuthorityId("chemnitz"), tenant, "Grünflächenamt", (TargetId("ordner"),)),
        Target(TargetId("ordner"), tenant, "folder", {"path": str(house.inbox)}),
    ]


def _held_elsewhere(keys: Path, purpose: KeyPurpose) -> KeyEntry:
    """A public key whose private half is with the subscriber."""
    public = shared_key(keys, f"subscriber-{purpose}").public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return KeyEntry(thumbprint(public), purpose, SEALED, TenantId("chemnitz"), der, (), None)


def m10() -> bytes:
    """The sample of our package nearest to 10 kB."""
    samples = [sample.read_bytes() for sample in SAMPLES.glob("gueltig-*.xml")]
    return min(samples, key=lambda sample: abs(len(sample) - M10))


def prepared_bodies(house: House, count: int) -> list[bytes]:
    """JSON bodies of the final PUT: signed by the portal, metadata and data encrypted, each one of its own."""
    keys = house.folder.parent / "keys"
    portal, public = shared_key(keys, "portal"), shared_key(keys, "encryption").public_key()
    kid, signer, data = thumbprint(public), thumbprint(portal.public_key()), m10()
    digest = hashlib.sha512(data).hexdigest()
    signed = signing_input({"alg": "PS512", "kid": signer}, data)
    signature = base64url.encode(detach(compact(signed, sign_ps512(portal, signed))).encode())
    metadata = json.dumps(
        {
            "$schema": METADATA,
            "contentStructure": {
                "attachments": [],
                "data": {
                    "hash": {"type": "sha512", "content": digest},
                    "submissionSchema": {"schemaUri": SCHEMA, "mimeType": "application/xml"},
                    "signature": {"signatureFormat": "json", "detachedSignature": True, "content": signature},
                },
            },
        }
    ).encode()
    return [
        json.dumps(
            {
                "encryptedMetadata": encrypt(metadata, public, kid=kid, cty="application/json").decode(),
                "encryptedData": encrypt(data, public, kid=kid, cty="application/xml").decode(),
            }
        ).encode()
        for _ in range(count)
    ]


@contextlib.contextmanager
def running(house: House, mode: str) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon as a process; `mode` is `whole` or `intake` (lanes and signing rest)."""
    log = (house.folder / "daemon.log").open("wb")
    daemon = subprocess.Popen([sys.executable, __file__, str(house.folder), mode], stderr=log, stdout=log)
    try:
        _until_ready(house, daemon)
        yield daemon
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)
        log.close()


def _until_ready(house: House, daemon: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if daemon.poll() is not None:
            raise SystemExit((house.folder / "daemon.log").read_text())
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{house.metrics}/readyz", timeout=5).close()
            return
        time.sleep(0.1)
    raise SystemExit("the daemon did not become ready")


def operation_metrics(house: House) -> dict[str, float]:
    """Sample name with labels → value."""
    with urllib.request.urlopen(f"http://{house.metrics}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and the helpers it started."""
    ticks = 0
    for process in [pid, *children_of(pid)]:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """Highest resident memory of the process and its helpers, added up."""
    total = 0.0
    for process in [pid, *children_of(pid)]:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process}/status").read_text()
            total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    return total


class _Resting:
    """In the place of the signer."""

    def wake(self) -> None: ...

    async def run(self) -> None:
        await asyncio.Event().wait()


async def _main(folder: Path, mode: str) -> None:
    configure_logs()
    daemon = await compose(Settings.load(folder / "amtsbote.toml"))
    if mode == "intake":
        daemon = dataclasses.replace(daemon, lanes=(), signing=_Resting())  # type: ignore[arg-type]  # it rests
    try:
        await serve(daemon, asyncio.Event())
    finally:
        await daemon.close()


if __name__ == "__main__":
    uvloop.run(_main(Path(sys.argv[1]), sys.argv[2]))

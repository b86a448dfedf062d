"""An installation as an operator makes it: a test CA, certified keys, a declaration, and the public commands only.

Making one takes seconds (keys), so it is made once per test run and copied for every broker.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import jwcrypto.jwk
from application_kit import SCHEMA
from chains_for_tests import Wish, as_pem, issue, issuer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from keyring_for_tests import as_jwk, shared_key

AMTSBOTE = (sys.executable, "-c", "from amtsbote.cli import main; main()")
CHEMNITZ, SAXONY, LEIPZIG, DRESDEN = (f"{digit * 8}-0000-4000-8000-{digit * 12}" for digit in "1234")
"""Destinations: Chemnitz direct, Saxony collecting (both opened by the broker), Leipzig and Dresden end-to-end."""

_DESTINATION = """
[[destinations]]
id = "{id}"
tenant = "{tenant}"
name = "{tenant}"
holding = "{holding}"
reach = "{reach}"
stage = "live"
{more}
encryption_key = {{ chain = "keys/{tenant}-encryption.pem"{encryption} }}
signing_key = {{ chain = "keys/{tenant}-signing.pem"{signing} }}
[[destinations.services]]
service = "99093003001002"
name = "Baumfällgenehmigung"
regions = [{regions}]
schemas = [{{ uri = "{schema}", mime_type = "application/xml" }}]
"""
_PEOPLE = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
four_eyes = false
[[tenants]]
id = "saxony"
name = "Freistaat Sachsen"
land = "14"
four_eyes = false
[[tenants]]
id = "leipzig"
name = "Stadt Leipzig"
land = "14"
four_eyes = false
[[tenants.clients]]
id = "leipzig-software"
[[tenants]]
id = "dresden"
name = "Stadt Dresden"
land = "14"
four_eyes = false
[[tenants.clients]]
id = "dresden-software"
[[portals]]
id = "hamburg"
name = "Onlinedienst Hamburg"
signing_certificates = ["keys/hamburg-signing.pem"]
[[portals.clients]]
id = "hamburg-portal"
[[portals]]
id = "bremen"
name = "Onlinedienst Bremen"
[[portals.clients]]
id = "bremen-portal"
[[authorities]]
id = "chemnitz-gba"
tenant = "chemnitz"
name = "Grünflächenamt Chemnitz"
targets = ["chemnitz", "archive"]
[[authorities]]
id = "saxony-gba"
tenant = "saxony"
name = "Landesamt"
targets = ["saxony"]
[[authorities]]
id = "leipzig-gba"
tenant = "leipzig"
name = "Leipzig"
[[authorities]]
id = "dresden-gba"
tenant = "dresden"
name = "Dresden"
[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
_TABLES = {
    "gebiete": (
        "ars;ags;name;gueltig_ab;gueltig_bis",
        "145110000000;14511000;Chemnitz, Stadt;;",
        "145225102060;14522060;Burgstädt, Stadt;;",
        "145230320320;14523320;Plauen, Stadt;;",
        "146120000000;14612000;Dresden, Stadt;;",
        "146250020020;14625020;Bautzen;;",
        "147130000000;14713000;Leipzig, Stadt;;",
    ),
    "leistungen": ("leistung;name", "99093003001002;Baumfällgenehmigung", "99050012104000;Gewerbe Anmeldung"),
    "rollen": ("leistung;rolle;gueltig_ab;gueltig_bis", "99093003001002;gba;;", "99050012104000;MELDID;;"),
    "zustaendigkeiten": (
        "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;bedingung;grund",
        "gba;145110000000;chemnitz-gba;;;;",
        "gba;147130000000;leipzig-gba;;;;",
        "gba;146120000000;dresden-gba;;;;",
        "gba;14522;saxony-gba;;;;",
        "gba;146250020020;saxony-gba;;;handwerk=true;",
        "gba;146250020020;chemnitz-gba;;;handwerk=false;",
        "unb;;-;;;;In diesen Tests bekommt sie nichts.",
    ),
}
"""Chemnitz, Leipzig, Dresden, Burgstädt have one authority, Bautzen one of two, by a fact no tree has, Plauen none."""


@dataclass(frozen=True)
class Keys:
    """Keys and certificates of everyone in the tests. The RSA keys are made once per test run."""

    folder: Path

    def private(self, name: str) -> RSAPrivateKey:
        return shared_key(self.folder, name)

    def jwk(self, name: str) -> jwcrypto.jwk.JWK:
        return as_jwk(self.private(name))

    @cached_property
    def root(self) -> x509.Certificate:
        """The test CA's own certificate, as the first use of `write` made it."""
        return x509.load_pem_x509_certificate((self.folder / "installation" / "keys" / "root.pem").read_bytes())

    def write(self, to: Path) -> None:
        """Everyone's certificates, and the private keys the broker is to hold."""
        to.mkdir()
        wishes = _dated(issuer("Test-Wurzel", self.private("root")))
        [root] = issue([wishes])
        (to / "root.pem").write_bytes(as_pem([root]))
        uses = ("encryption", "signing")
        names = [f"{tenant}-{use}" for tenant in ("chemnitz", "saxony", "leipzig", "dresden") for use in uses]
        for name in ["hamburg-signing", *names]:
            leaf = _dated(Wish(name, self.private(name), _USES[name.rpartition("-")[2]]))
            (to / f"{name}.pem").write_bytes(as_pem([issue([leaf, wishes])[0], root]))
        for name in names[:4]:
            pem = self.private(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (to / f"{name}.key").write_bytes(pem)


def _dated(wish: Wish) -> Wish:
    now = datetime.now(UTC).replace(microsecond=0)
    return wish.but(start=now - timedelta(days=1), end=now + timedelta(days=365))


_USES = {
    "encryption": frozenset({"key_encipherment", "data_encipherment"}),
    "signing": frozenset({"digital_signature"}),
}


@dataclass(frozen=True)
class Installation:
    """A folder with `amtsbote.toml`, data, keys and targets."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def config(self) -> Path:
        return self.folder / "site" / "amtsbote.toml"

    def target(self, name: str) -> Path:
        return self.folder / "targets" / name

    def secret(self, client: str) -> str:
        return (self.folder / "secrets" / f"{client}.secret").read_text().strip()

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `amtsbote …` for this installation."""
        return subprocess.run(
            [*AMTSBOTE, *words],
            env={**self.environment, "AMTSBOTE_CONFIG": str(self.config)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def good(self, *words: str) -> Any:
        """The JSON answer of a command that has to succeed."""
        done = self.command(*words)
        assert done.returncode == 0, f"amtsbote {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if "--json" in words else done.stdout

    def apply(self, declaration: str, name: str = "change.toml") -> None:
        (self.folder / name).write_text(declaration)
        self.good("apply", str(self.folder / name), "--yes")

    def point_targets_here(self, *missing: str) -> None:
        """The targets of a copy lie in its own folder. `missing` ones are not created."""
        targets = {"chemnitz": "chemnitz", "archive": "chemnitz", "saxony": "saxony"}
        for name in targets.keys() - set(missing):
            self.target(name).mkdir(parents=True, exist_ok=True)
        self.apply("\n".join(_target(name, tenant, self.target(name)) for name, tenant in targets.items()))


def new_installation(shared: Path, folder: Path, **settings: str) -> Installation:
    """A copy of the installation of this test run. `settings`: `WORK__ANNOUNCED_FOR` and the like."""
    template = _template(shared)
    shutil.copytree(template, folder, dirs_exist_ok=True)
    overrides = {f"AMTSBOTE__{name}": value for name, value in settings.items()}
    installation = Installation(folder, _environment() | overrides)
    installation.point_targets_here()
    return installation


def destination(
    place: str, tenant: str, holding: str, reach: str, regions: str, more: str = "", stage: str = "live"
) -> str:
    private = {"encryption": "", "signing": ""}
    if holding == "broker":
        private = {use: f', private = "keys/{tenant}-{use}.key"' for use in private}
    written = _DESTINATION.format(
        id=place, tenant=tenant, holding=holding, reach=reach, more=more, regions=regions, schema=SCHEMA, **private
    )
    return written.replace('stage = "live"', f'stage = "{stage}"')


def dresden(stage: str = "live") -> str:
    more = 'authority = "dresden-gba"\nsubscriber = "dresden-software"'
    return destination(DRESDEN, "dresden", "end-to-end", "direct", '"146120000000"', more, stage)


def _template(shared: Path) -> Path:
    """Made by the first worker of a test run that needs it."""
    folder = shared / "installation"
    with (shared / "installation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "finished").exists():
            _make(shared, folder)
            (folder / "finished").touch()
    return folder


def _make(shared: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # what an attempt left that failed: it fails one test, not all of them
    folder.mkdir()
    Keys(shared).write(folder / "keys")
    for name, rows in _TABLES.items():
        (folder / f"{name}.csv").write_text("\n".join([*rows, ""]))
    installation = Installation(folder, _environment())
    installation.good("init", str(folder / "site"), "--trust-anchor", str(folder / "keys" / "root.pem"))
    installation.apply(_declaration(folder), "declaration.toml")


def _declaration(folder: Path) -> str:
    """Everyone of the tests; the targets' folders are named anew in every copy."""
    targets = (("chemnitz", "chemnitz"), ("archive", "chemnitz"), ("saxony", "saxony"))
    leipzig = 'authority = "leipzig-gba"\nsubscriber = "leipzig-software"'
    everywhere = '"145110000000", "145225102060", "145230320320", "146250020020"'
    return "\n".join(
        [
            _PEOPLE,
            *(_target(name, tenant, folder / "targets" / name) for name, tenant in targets),
            destination(CHEMNITZ, "chemnitz", "broker", "direct", '"145110000000"', 'authority = "chemnitz-gba"'),
            destination(SAXONY, "saxony", "broker", "collecting", everywhere, 'serves = ["saxony", "chemnitz"]'),
            destination(LEIPZIG, "leipzig", "end-to-end", "direct", '"147130000000"', leipzig),
            dresden(),
        ]
    )


def _target(name: str, tenant: str, path: Path) -> str:
    return f'[[targets]]\nid = "{name}"\ntenant = "{tenant}"\nadapter = "folder"\noptions = {{ path = "{path}" }}\n'


def _environment() -> dict[str, str]:
    """What the commands see of this process's environment: enough to run and to count coverage."""
    wanted = ("PATH", "HOME", "PYTHONPATH", "COVERAGE_", "COV_", "TMPDIR")
    found = {name: value for name, value in os.environ.items() if name.startswith(wanted)}
    here = str(Path(__file__).resolve().parents[2])
    return found | {"PYTHONPATH": os.pathsep.join(filter(None, [here, found.get("PYTHONPATH")])), "AMTSBOTE_LANG": "en"}

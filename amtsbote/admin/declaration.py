"""The declaration: who takes part, as an operator writes it (TOML), before anything is looked up.

A declaration adds and updates. What it names becomes exactly as written: a key left out takes its default. What it does
not name stays as it is, so that an operator may keep one file per tenant. Only authorities and targets can be taken
away, by naming them under `[remove]`; tenants, portals and destinations stay for good because messages and signed
events refer to them: a destination is switched off with `status = "inactive"`, a client with `active = false`.

Keys, chains, certificates, secrets and routing tables are file names, relative to the declaration.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from amtsbote.admin.mistakes import DeclarationRefused, mistake, mistakes_of
from amtsbote.model.content import SignatureAction, SignatureVerdict
from amtsbote.model.directory import DestinationStatus, Holding, Reach

LARGEST_DECLARATION: Final = 16 * 1024 * 1024

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
LandKey = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-6])$")]
Thumbprint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""RFC 7638, SHA-256, base64url."""
ServiceKey = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]
RegionKey = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})?$")]
"""ARS or a prefix of it; empty for all of Germany."""
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]


class Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeclaredClient(Declared):
    id: Id
    secret_file: FileName | None = None
    """Without it a secret is made at the first `apply` and written beside the declaration."""
    active: bool = True


class DeclaredTenant(Declared):
    id: Id
    name: Words
    land: LandKey
    clients: tuple[DeclaredClient, ...] = ()
    """Clients of subscribers: they fetch from end-to-end destinations."""


class DeclaredPortal(Declared):
    id: Id
    name: Words
    signing_certificates: tuple[FileName, ...] = ()
    """PEM files, each the chain of one signing key: leaf first, root last."""
    signing_keys: tuple[Thumbprint, ...] = ()
    """Keys this portal has already, by thumbprint, without their certificates: how `export` names them."""
    clients: tuple[DeclaredClient, ...] = ()


class DeclaredSchema(Declared):
    uri: Words
    mime_type: Words


class DeclaredService(Declared):
    service: ServiceKey
    name: Words
    regions: tuple[RegionKey, ...] = Field(min_length=1)
    schemas: tuple[DeclaredSchema, ...] = Field(min_length=1)


class DeclaredKey(Declared):
    chain: FileName
    """PEM: certificate of the key first, root last."""
    private: FileName | None = None
    """PEM, PKCS#8, unencrypted. Only where this broker holds the key; the file may be deleted afterwards."""


class DeclaredDestination(Declared):
    id: Uuid
    tenant: Id
    name: Words
    holding: Holding
    reach: Reach
    status: DestinationStatus = DestinationStatus.ACTIVE
    authority: Id | None = None
    serves: tuple[Id, ...] = ()
    services: tuple[DeclaredService, ...] = Field(min_length=1)
    encryption_key: DeclaredKey
    signing_key: DeclaredKey
    subscriber: Id | None = None
    signature_policy: dict[SignatureVerdict, SignatureAction] = Field(default_factory=dict)
    """Verdicts left out keep the default."""
    metadata_versions: tuple[Version, ...] = Field(("1.0.0", "2.1.0"), min_length=1)
    contact: dict[str, Words] = Field(default_factory=dict)


class DeclaredAuthority(Declared):
    id: Id
    tenant: Id
    name: Words
    targets: tuple[Id, ...] = ()
    """The first one is primary, the others receive copies."""


class DeclaredTarget(Declared):
    id: Id
    tenant: Id
    adapter: Words
    options: dict[str, str | int | bool] = Field(default_factory=dict)


class DeclaredRoutes(Declared):
    """CSV files of the routing tables. A table left out stays as it is."""

    gebiete: FileName | None = None
    leistungen: FileName | None = None
    rollen: FileName | None = None
    zustaendigkeiten: FileName | None = None

    def named(self) -> dict[str, str]:
        """Table → file, of the tables that are declared."""
        return {table: file for table in type(self).model_fields if (file := getattr(self, table)) is not None}


class Removed(Declared):
    authorities: tuple[Id, ...] = ()
    targets: tuple[Id, ...] = ()


class Declaration(Declared):
    tenants: tuple[DeclaredTenant, ...] = ()
    portals: tuple[DeclaredPortal, ...] = ()
    destinations: tuple[DeclaredDestination, ...] = ()
    authorities: tuple[DeclaredAuthority, ...] = ()
    targets: tuple[DeclaredTarget, ...] = ()
    routes: DeclaredRoutes = DeclaredRoutes()
    remove: Removed = Removed()

    def clients(self) -> tuple[DeclaredClient, ...]:
        owned = [portal.clients for portal in self.portals] + [tenant.clients for tenant in self.tenants]
        return tuple(client for clients in owned for client in clients)

    def files(self) -> tuple[str, ...]:
        """Every file whose content belongs to the declaration, once each. Secrets are not among them."""
        keys = [key for one in self.destinations for key in (one.encryption_key, one.signing_key)]
        names = [
            *(file for portal in self.portals for file in portal.signing_certificates),
            *(file for key in keys for file in (key.chain, key.private) if file is not None),
            *self.routes.named().values(),
        ]
        return tuple(dict.fromkeys(names))


def read_declaration(path: Path) -> Declaration:
    """Read and check the form of a declaration. Raises `DeclarationRefused`."""
    try:
        if path.stat().st_size > LARGEST_DECLARATION:
            raise _refused(path, "declaration.file-too-large", file=path.name, limit=LARGEST_DECLARATION)
        text = path.read_text("utf-8")
    except OSError as error:
        raise _refused(path, "declaration.unreadable", file=path.name, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise _refused(path, "declaration.not-toml", file=path.name, reason="UTF-8") from error
    try:
        return Declaration.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refused(path, "declaration.not-toml", file=path.name, reason=error) from error
    except ValidationError as error:
        raise DeclarationRefused(path.name, mistakes_of(error, Declaration)) from None


def _refused(path: Path, key: str, **values: object) -> DeclarationRefused:
    return DeclarationRefused(path.name, [mistake("", key, **values)])

"""The declaration: who takes part, as an operator writes it (TOML), before anything is looked up.

A declaration adds and updates. What it names becomes exactly as written: a key left out takes its default. What it does
not name stays as it is, so that an operator may keep one file per tenant. Only authorities, targets and editors can
be taken away, by naming them under `[remove]`; tenants, portals and destinations stay for good because messages and
signed events refer to them: a destination is switched off with `stage = "off"`, a client with `active = false`.

Keys, chains, certificates, secrets and routing tables are file names, relative to the declaration.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from amtsbote.admin.mistakes import DeclarationRefused, mistake, mistakes_of, place_of
from amtsbote.model.callback import is_callback_url
from amtsbote.model.content import SignatureAction, SignatureVerdict
from amtsbote.model.directory import MOST_REGIONS, Holding, Reach, Status
from amtsbote.model.stage import Stage

LARGEST_DECLARATION: Final = 16 * 1024 * 1024


def _callback_url(value: str) -> str:
    if not is_callback_url(value):
        raise ValueError("must be an https:// address that can be called")
    return value


def _day(value: object) -> date:
    """A number, which pydantic would take for a moment, is none."""
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("must be a day, e.g. 2026-12-31") from None


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
ServicePrefix = Annotated[str, StringConstraints(pattern=r"^99[0-9]{0,12}$")]
UnixUser = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.@-]{0,63}$")]
KeyName = Annotated[str, StringConstraints(pattern=r"^[!-~]{8,64}$")]
CallbackUrl = Annotated[str, AfterValidator(_callback_url)]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]

Day = Annotated[date, BeforeValidator(_day)]
Origin = Annotated[str, StringConstraints(pattern=r"^(import:[a-z0-9][a-z0-9.-]{0,63})?$")]
Days = Annotated[int, Field(ge=1, le=3660)]


class Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeclaredClient(Declared):
    id: Id
    secret_file: FileName | None = None
    """Without it a secret is made at the first `apply` and written beside the declaration."""
    active: bool = True
    test: bool = False
    """Of a portal: it may announce to test destinations alone. Of one that `manages`: it creates such alone."""
    regions: tuple[RegionKey, ...] = Field((), max_length=MOST_REGIONS)
    """Only of a portal: it may announce within these alone. None restricts nothing."""
    manages: bool = False
    """Only of a tenant: it may manage destinations ("Destination Management API autorisiert")."""


class DeclaredTerm(Declared):
    """From when until when the tenant's destinations take a schema: German days, both included."""

    uri: Words
    valid_from: Day | None = None
    valid_to: Day | None = None


class DeclaredTenant(Declared):
    id: Id
    name: Words
    land: LandKey
    schemas: tuple[DeclaredTerm, ...] = ()
    """Each schema once; one that is not named is taken at any time."""
    four_eyes: bool = True
    """Whether a change of the routing tables that concerns the tenant takes a second person."""
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
    kid: KeyName | None = None
    """What a subscriber calls its key; without it the thumbprint. A key that is registered keeps its name."""


class DeclaredCallback(Declared):
    url: CallbackUrl
    secret_file: FileName | None = None
    """Without it the destination keeps the secret it has."""


class DeclaredDeadlines(Declared):
    """In days; what is left out keeps the default."""

    told_after: tuple[Days, ...] = (3, 9)
    rejected_after: Days = 14
    accepted_kept: Days = 30
    rejected_kept: Days = 7
    announced_kept: Days = 1

    @model_validator(mode="after")
    def _in_order(self) -> "DeclaredDeadlines":
        moments = (*self.told_after, self.rejected_after)
        if list(moments) != sorted(set(moments)):
            raise ValueError("told_after must ascend and end before rejected_after")
        return self


class DeclaredDestination(Declared):
    id: Uuid
    tenant: Id
    name: Words
    holding: Holding
    reach: Reach
    stage: Stage = Stage.LIVE
    authority: Id | None = None
    serves: tuple[Id, ...] = ()
    status: Status = Status.ACTIVE
    """Only of an end-to-end destination. One that is `created` may do without services and keys."""
    services: tuple[DeclaredService, ...] = ()
    encryption_key: DeclaredKey | None = None
    signing_key: DeclaredKey | None = None
    subscriber: Id | None = None
    signature_policy: dict[SignatureVerdict, SignatureAction] = Field(default_factory=dict)
    """Verdicts left out keep the default."""
    metadata_versions: tuple[Version, ...] = Field(("1.0.0", "2.1.0"), min_length=1)
    oldest_metadata_version: Version = "1.0.0"
    contact: dict[str, Words] = Field(default_factory=dict)
    deadlines: DeclaredDeadlines = DeclaredDeadlines()
    reply_channels: dict[str, dict[str, bool | tuple[Words, ...]]] = Field(default_factory=dict)
    """Named as on the wire: `{ fitConnect = { processStandards = ["urn:…"] }, eMail = { usePgp = true } }`."""
    callback: DeclaredCallback | None = None

    def named_keys(self) -> tuple[tuple[str, DeclaredKey], ...]:
        """Those it has, by the names they are declared with."""
        keys = (("encryption_key", self.encryption_key), ("signing_key", self.signing_key))
        return tuple((name, key) for name, key in keys if key is not None)


class DeclaredAuthority(Declared):
    id: Id
    tenant: Id
    name: Words
    targets: tuple[Id, ...] = ()
    """The first one is primary, the others receive copies."""
    origin: Origin = ""
    """Where it was imported from, as `export` names it: the next import of that source may change it again."""
    stand: Day | None = None


class DeclaredTarget(Declared):
    id: Id
    tenant: Id
    adapter: Words
    options: dict[str, str | int | bool] = Field(default_factory=dict)
    stage: Stage = Stage.LIVE
    schemas: tuple[Words, ...] = ()
    """Versions it wants: a message of the same standard in another one is mapped."""


class DeclaredRoutes(Declared):
    """CSV files of the routing tables. A table left out stays as it is."""

    gebiete: FileName | None = None
    nachfolger: FileName | None = None
    orte: FileName | None = None
    vertretungen: FileName | None = None
    leistungen: FileName | None = None
    rollen: FileName | None = None
    zustaendigkeiten: FileName | None = None

    def named(self) -> dict[str, str]:
        """Table → file, of the tables that are declared."""
        return {table: file for table in type(self).model_fields if (file := getattr(self, table)) is not None}


class DeclaredEditor(Declared):
    """A person who may change the routing tables within a scope."""

    id: Id
    name: Words
    user: UnixUser | None = None
    """Who asks at the admin socket."""
    clients: tuple[DeclaredClient, ...] = ()
    """With which they ask over HTTP. Whatever door is taken, it is one person."""
    regions: tuple[RegionKey, ...] = Field(min_length=1, max_length=MOST_REGIONS)
    """Nobody gets all of Germany by leaving something out: that is `""`."""
    services: tuple[ServicePrefix, ...] = ()
    """None restricts nothing."""
    tenants: tuple[Id, ...] = ()
    """None restricts nothing."""
    may_release: bool = False


class Removed(Declared):
    authorities: tuple[Id, ...] = ()
    targets: tuple[Id, ...] = ()
    editors: tuple[Id, ...] = ()


class Declaration(Declared):
    tenants: tuple[DeclaredTenant, ...] = ()
    portals: tuple[DeclaredPortal, ...] = ()
    destinations: tuple[DeclaredDestination, ...] = ()
    authorities: tuple[DeclaredAuthority, ...] = ()
    targets: tuple[DeclaredTarget, ...] = ()
    editors: tuple[DeclaredEditor, ...] = ()
    routes: DeclaredRoutes = DeclaredRoutes()
    remove: Removed = Removed()

    def clients(self) -> tuple[DeclaredClient, ...]:
        return tuple(client for _, client in self.placed_clients())

    def placed_clients(self) -> tuple[tuple[str, DeclaredClient], ...]:
        """Every client behind its place."""
        owned = [("portals", at, one.clients) for at, one in enumerate(self.portals)]
        owned += [("tenants", at, one.clients) for at, one in enumerate(self.tenants)]
        owned += [("editors", at, one.clients) for at, one in enumerate(self.editors)]
        return tuple(
            (place_of([table, at, "clients", number]), client)
            for table, at, clients in owned
            for number, client in enumerate(clients)
        )

    def files(self) -> tuple[str, ...]:
        """Every file whose content belongs to the declaration, once each. Secrets of clients are not among them."""
        return tuple(self.places_of_files())

    def places_of_files(self) -> dict[str, str]:
        """File → where the declaration names it first."""
        named: list[tuple[str | None, list[str | int]]] = []
        for at, portal in enumerate(self.portals):
            named += [(file, ["portals", at, "signing_certificates"]) for file in portal.signing_certificates]
        for at, one in enumerate(self.destinations):
            for name, key in one.named_keys():
                named += [(key.chain, ["destinations", at, name]), (key.private, ["destinations", at, name])]
            if one.callback is not None:
                named.append((one.callback.secret_file, ["destinations", at, "callback"]))
        named += [(file, ["routes", table]) for table, file in self.routes.named().items()]
        places: dict[str, str] = {}
        for file, location in named:
            if file is not None:
                places.setdefault(file, place_of(location))
        return places

    def secret_files(self) -> dict[str, str]:
        """Files of the secrets of callbacks → where they are named. They go along: a callback is authenticated with the
        secret itself."""
        callbacks = (one.callback for one in self.destinations if one.callback is not None)
        places = self.places_of_files()
        return {file: places[file] for callback in callbacks if (file := callback.secret_file) is not None}


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

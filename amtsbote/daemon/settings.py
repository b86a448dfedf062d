"""The installation file: what describes this installation and nothing else (architecture, section 6).

Who takes part (tenants, portals, destinations, routes) are rows, changed by `amtsbote apply`.
"""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from amtsbote.daemon.faults import PREFIX, Fault, of_environment, of_values
from amtsbote.errors import Misconfigured
from amtsbote.net.mail import Transport
from transport.fitconnect.assumptions import CALLBACK_ENDS

MIB = 1024 * 1024
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
BUCKET: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*))?/?")
"""Bucket and prefix; names of general purpose buckets (Amazon S3, Bucket naming rules)."""


def _address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, e.g. 127.0.0.1:8080")
    return value


def _without_slash(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must be an http:// or https:// address")
    return value.rstrip("/")


def _network(value: str) -> str:
    try:
        return str(ip_network(value, strict=False))
    except ValueError:
        raise ValueError("must be an IP address or a network, e.g. 10.0.0.0/8") from None


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


def _database(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("must be a postgresql:// address")
    return value


def _parts(value: str) -> str:
    if "://" in value and BUCKET.fullmatch(value) is None:
        raise ValueError("must be a folder or s3://BUCKET/PREFIX")
    return value


Address = Annotated[str, AfterValidator(_address)]
Url = Annotated[str, AfterValidator(_without_slash)]
Maybe = BeforeValidator(_none_if_empty)
"""For what may be left out: an empty text is left out too."""
Database = Annotated[SecretStr, AfterValidator(_database)]
Parts = Annotated[str, AfterValidator(_parts)]
Network = Annotated[str, AfterValidator(_network)]
GroupName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")]
SourceDays = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}=[1-9][0-9]{0,3}$")]
Span = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=366))]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Public(Section):
    """The listener portals and subscribers reach, normally behind a reverse proxy with TLS."""

    listen: Address = "127.0.0.1:8080"
    url: Url = "http://127.0.0.1:8080"
    """Address as seen from outside, with any path prefix. For ever: signed events carry it."""
    trusted_proxies: tuple[Network, ...] = ()
    """Reverse proxies whose `X-Forwarded-For` is believed, for counting requests alone."""
    routing_snapshot: bool = False
    """Whether everybody may fetch the routing tables, as a signed file."""


class OAuth(Section):
    """The token endpoint."""

    basic: bool = False
    """Whether credentials are taken from a header, too; the public service does not."""
    failures: int = Field(5, ge=1)
    """Wrong secrets in a row, of one client from one address, before the first wait."""
    longest_wait: Span = timedelta(minutes=1)
    """The wait is a second at first and doubles up to this."""


class Rates(Section):
    """Requests in a minute, counted in each process. 0 sets no limit."""

    client: int = Field(30_000, ge=0)
    """Of one client, by its access token; asking for tokens counts, too."""
    address: int = Field(12_000, ge=0)
    """Of one address without a token, where a trusted proxy names it."""


class Metrics(Section):
    listen: Address = "127.0.0.1:9464"


class Storage(Section):
    """Where everything lies that must survive."""

    folder: Path = Path("data")
    """Of this node alone. Without another place for it, the database and the parts lie here."""
    database: Annotated[Database | None, Maybe] = None
    """`postgresql://…`. Without it, SQLite in the folder."""
    database_file: Annotated[Path | None, Maybe] = None
    """A file that holds the address instead, so that no password stands in the installation file."""
    parts: Annotated[Parts | None, Maybe] = None
    """Large sealed parts: a folder that all nodes mount, or `s3://bucket/prefix`. Without it, `parts` in the folder."""

    @model_validator(mode="after")
    def _only_one(self) -> "Storage":
        if self.database is not None and self.database_file is not None:
            raise ValueError("database and database_file exclude each other")
        return self

    @property
    def on_postgresql(self) -> bool:
        return self.database is not None or self.database_file is not None

    def database_address(self) -> str | None:
        """The address of the PostgreSQL database; None for SQLite in the folder. Raises `Misconfigured`."""
        if self.database_file is not None:
            return _address_in(self.database_file)
        return None if self.database is None else self.database.get_secret_value()


class S3(Section):
    """How the S3-compatible storage is reached that `storage.parts` names."""

    endpoint: Annotated[Url | None, Maybe] = None
    region: str = "us-east-1"
    """As the storage has it; part of every signature."""
    access_key: Annotated[str | None, Maybe] = None
    secret_key: Annotated[SecretStr | None, Maybe] = None
    secret_key_file: Annotated[Path | None, Maybe] = None
    """A file that holds it instead, so that no secret stands in the installation file."""
    allow_http: bool = False
    """Whether the endpoint may be reached without TLS."""

    def secret(self) -> str | None:
        """Raises `Misconfigured`."""
        if self.secret_key_file is not None:
            return _line_in(self.secret_key_file, "s3.secret_key_file")
        return None if self.secret_key is None else self.secret_key.get_secret_value()


class Schemas(Section):
    registry: Path = Path("schemas")
    """Folder of the registered standards; nodes of one installation share it or hold the same."""
    packages: Path = Path("packages")
    """Folder of the operator's own service packages, `<name>/<version>/service.toml`."""


class Keys(Section):
    master_key_file: Path = Path("master.key")
    """Outside the data folder, so that a copy of the data opens nothing."""
    trust_anchors: tuple[Path, ...] = ()
    """PEM files: certificates every chain must end in."""


class Admin(Section):
    listen: Annotated[Address | None, Maybe] = None
    """Where the editing API answers; without it, nowhere. Its neighbour with TLS is a reverse proxy, as in public."""
    url: Annotated[Url | None, Maybe] = None
    """Its address as editors have it; without it, http:// and `listen`."""
    socket: Path = Path("admin.sock")
    group: Annotated[GroupName | None, Maybe] = None
    """Unix group whose members may connect; who of them may do what is said by the declaration."""

    @property
    def address(self) -> str:
        """Where editors reach the API; empty where there is none."""
        return "" if self.listen is None else self.url or f"http://{self.listen}"


class Limits(Section):
    """What one request, one message and the whole service may cost. Sizes in bytes."""

    metadata: int = Field(1 * MIB, ge=1024)
    """One encrypted metadata set."""
    data: int = Field(28 * MIB, ge=1024)
    """One encrypted data set."""
    document: int = Field(20 * MIB, ge=1024)
    """One XML or JSON document, decrypted."""
    attachment: int = Field(500 * MIB, ge=1024)
    """One encrypted attachment or fragment; FIT-Connect allows 500 MB."""
    attachments: int = Field(100, ge=0)
    """Attachments of one submission; one in fragments counts as many."""
    attachments_total: int = Field(2048 * MIB, ge=1024)
    """All attachments of one submission together, encrypted, and again decrypted; FIT-Connect allows 2 GB."""
    in_flight: int = Field(256 * MIB, ge=MIB)
    """Request bodies held in memory at once; beyond it 503 with Retry-After."""


class Work(Section):
    """How jobs are worked off."""

    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """Computing threads, each with a validation helper."""
    lease: timedelta = Field(timedelta(minutes=10), ge=timedelta(seconds=1))
    attempts: int = Field(12, ge=1)
    """Tries before a person is asked."""
    first_retry: Span = timedelta(seconds=2)
    longest_retry: Span = timedelta(hours=1)
    collect_interval: Span = timedelta(seconds=30)
    """Between two looks at what a Fachverfahren gives back."""
    validation_timeout: Span = timedelta(seconds=30)


class Mail(Section):
    """How contacts of destinations are told what nobody fetches. Without a server the log says so."""

    server: Annotated[Address | None, Maybe] = None
    """HOST:PORT of the mail server."""
    sender: Annotated[str | None, Maybe] = None
    transport: Transport = Transport.STARTTLS
    user: Annotated[str | None, Maybe] = None
    password: Annotated[SecretStr | None, Maybe] = None
    password_file: Annotated[Path | None, Maybe] = None
    """A file that holds it instead, so that no secret stands in the installation file."""

    @model_validator(mode="after")
    def _whole(self) -> "Mail":
        if (self.server is None) != (self.sender is None):
            raise ValueError("server and sender go together")
        if self.user is not None and self.transport is Transport.NONE:
            raise ValueError("a login needs transport starttls or tls")
        return self

    def secret(self) -> str | None:
        """Raises `Misconfigured`."""
        if self.password_file is not None:
            return _line_in(self.password_file, "mail.password_file")
        return None if self.password is None else self.password.get_secret_value()


class Callbacks(Section):
    """How receivers are called that want to be told."""

    allow: tuple[Network, ...] = ()
    """Networks that may be called although they are not of the internet."""
    refuse: tuple[Network, ...] = ()
    """Networks of the internet that are the operator's own."""
    extra_ca: Annotated[Path | None, Maybe] = None
    """PEM file of certification authorities trusted besides those of the system."""
    pause: Span = timedelta(seconds=1)
    most: int = Field(100, ge=1, le=500)
    """Notices told in one call."""
    timeout: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(minutes=1))] = timedelta(seconds=15)
    """For a whole call."""
    first_retry: Span = timedelta(seconds=10)
    longest_retry: Span = timedelta(hours=1)
    give_up: Span = CALLBACK_ENDS.value
    keep: Span = timedelta(days=30)
    """How long what could not be told waits for an operator."""


class Mirror(Section):
    """The node whose routing tables hold here instead of own ones."""

    issuer: Annotated[Url | None, Maybe] = None
    """Address of its routing API, as its snapshots name it."""
    keys: Annotated[Path | None, Maybe] = None
    """JWK set with the keys whose signature stands for a release; read whenever something is taken over."""

    @model_validator(mode="after")
    def _whole(self) -> "Mirror":
        if (self.issuer is None) != (self.keys is None):
            raise ValueError("issuer and keys go together")
        return self


class Sources(Section):
    """When what was imported into the routing registry is too old."""

    stale_days: int = Field(200, ge=1, le=3660)
    stale_days_of: tuple[SourceDays, ...] = ()
    """`NAME=DAYS`, for sources that come more often or less."""

    def days_of(self, source: str) -> int:
        own = dict(one.split("=") for one in self.stale_days_of)
        return int(own.get(source, self.stale_days))


class Serve(Section):
    stop_seconds: float = Field(20.0, gt=0)
    """How long SIGTERM waits for work in hand."""


class Settings(BaseSettings):
    """Read with `Settings.load`. `AMTSBOTE__PUBLIC__LISTEN` and the like override single values."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__")

    public: Public = Public()
    oauth: OAuth = OAuth()
    rates: Rates = Rates()
    metrics: Metrics = Metrics()
    storage: Storage = Storage()
    s3: S3 = S3()
    schemas: Schemas = Schemas()
    keys: Keys = Keys()
    admin: Admin = Admin()
    limits: Limits = Limits()
    work: Work = Work()
    mail: Mail = Mail()
    callbacks: Callbacks = Callbacks()
    sources: Sources = Sources()
    mirror: Mirror = Mirror()
    serve: Serve = Serve()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  (pydantic-settings' signature)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; nothing else is read."""
        return env_settings, init_settings

    @classmethod
    def load(cls, file: Path) -> "Settings":
        """Read the installation file; relative paths are relative to it. Raises `Misconfigured`."""
        return cls.of(content_of(file), file)

    @classmethod
    def of(cls, content: Mapping[str, Any], file: Path) -> "Settings":
        """The settings of `file`, which holds `content`, under the present environment. Raises `Misconfigured`."""
        found = of_environment(os.environ, cls)
        faults = list(found.values())
        try:
            settings = cls(**content)
        except SettingsError:
            raise _refused(file, faults) from None
        except ValidationError as error:
            told = (one for one in of_values(error, os.environ, cls) if one not in faults)
            raise _refused(file, [*faults, *told]) from None
        if faults:
            raise _refused(file, faults)
        return settings.beside(file.resolve().parent)

    def beside(self, folder: Path) -> "Settings":
        """The same with every relative path below `folder`."""
        changed: dict[str, Any] = {
            "storage": self._storage_beside(folder),
            "s3": self.s3.model_copy(
                update={"secret_key_file": self.s3.secret_key_file and _resolved(folder, self.s3.secret_key_file)}
            ),
            "mail": self.mail.model_copy(
                update={"password_file": self.mail.password_file and _resolved(folder, self.mail.password_file)}
            ),
            "callbacks": self.callbacks.model_copy(
                update={"extra_ca": self.callbacks.extra_ca and _resolved(folder, self.callbacks.extra_ca)}
            ),
            "mirror": self.mirror.model_copy(update={"keys": self.mirror.keys and _resolved(folder, self.mirror.keys)}),
            "admin": self.admin.model_copy(update={"socket": folder / self.admin.socket}),
            "schemas": self.schemas.model_copy(
                update={"registry": folder / self.schemas.registry, "packages": folder / self.schemas.packages}
            ),
            "keys": self.keys.model_copy(
                update={
                    "master_key_file": _resolved(folder, self.keys.master_key_file),
                    "trust_anchors": tuple(folder / anchor for anchor in self.keys.trust_anchors),
                }
            ),
        }
        return self.model_copy(update=changed)

    def _storage_beside(self, folder: Path) -> Storage:
        storage = self.storage
        file = storage.database_file and _resolved(folder, storage.database_file)
        parts = storage.parts
        if parts is not None and BUCKET.fullmatch(parts) is None:
            parts = str(folder / parts)
        return storage.model_copy(update={"folder": folder / storage.folder, "database_file": file, "parts": parts})


def _line_in(file: Path, setting: str) -> str:
    """The only line of a secret file. Its content is never part of a sentence."""
    try:
        line = file.read_text("ascii").strip()
    except OSError as error:
        raise Misconfigured(
            f"{setting}: {file} cannot be read: {error.strerror}",
            f"{setting}: {file} ist nicht lesbar: {error.strerror}",
        ) from None
    except ValueError:
        line = ""
    if not line or not line.isprintable() or " " in line:
        raise Misconfigured(
            f"{setting}: {file} must hold one line, the secret",
            f"{setting}: {file} muss genau eine Zeile enthalten, das Geheimnis",
        )
    return line


def _address_in(file: Path) -> str:
    """The only line of a secret file. Its content is never part of a sentence."""
    try:
        address = file.read_text("utf-8").strip()
        _database(SecretStr(address))
    except OSError as error:
        raise Misconfigured(
            f"storage.database_file: {file} cannot be read: {error.strerror}",
            f"storage.database_file: {file} ist nicht lesbar: {error.strerror}",
        ) from None
    except ValueError:
        raise Misconfigured(
            f"storage.database_file: {file} must hold one line, an address that begins with postgresql://",
            f"storage.database_file: {file} muss genau eine Zeile enthalten, eine Adresse mit postgresql:// am Anfang",
        ) from None
    return address


def content_of(file: Path) -> dict[str, Any]:
    """The installation file as it is written. Raises `Misconfigured`."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise Misconfigured(
            f"{file} cannot be read: there is no such file. Say where it is with --config or AMTSBOTE_CONFIG, or make"
            " an installation with amtsbote init",
            f"{file} gibt es nicht. Bitte mit --config oder AMTSBOTE_CONFIG angeben, wo sie liegt, oder mit"
            " amtsbote init eine Installation anlegen",
        ) from error
    except OSError as error:
        raise Misconfigured(
            f"{file} cannot be read: {error.strerror}", f"{file} ist nicht lesbar: {error.strerror}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} is not valid TOML: {error}", f"{file} ist kein gültiges TOML: {error}") from error


def _refused(file: Path, faults: Sequence[Fault]) -> Misconfigured:
    """One line per mistake; a mistake of the environment names its variable."""
    lines = tuple(dict.fromkeys(faults))
    return Misconfigured(
        "\n".join([f"{file} or the environment is not valid:", *(en for _, en in lines)]),
        "\n".join([f"{file} oder die Umgebung ist nicht gültig:", *(de for de, _ in lines)]),
    )


def _resolved(folder: Path, path: Path) -> Path:
    """`$CREDENTIALS_DIRECTORY` in front is the folder systemd hands to the service (systemd.exec(5), Credentials)."""
    first, *rest = path.parts or ("",)
    given = os.environ.get(_CREDENTIALS)
    if first == f"${_CREDENTIALS}" and given:
        return Path(given, *rest)
    return folder / path

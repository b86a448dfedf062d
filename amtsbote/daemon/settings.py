"""The installation file: what describes this installation and nothing else (architecture, section 6).

Who takes part (tenants, portals, destinations, routes) are rows, changed by `amtsbote apply`.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from amtsbote.daemon.faults import PREFIX, Fault, of_environment, of_values
from amtsbote.errors import Misconfigured

MIB = 1024 * 1024
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"


def _address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, e.g. 127.0.0.1:8080")
    return value


def _without_slash(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must be an http:// or https:// address")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
Url = Annotated[str, AfterValidator(_without_slash)]
Span = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=366))]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Public(Section):
    """The listener portals and subscribers reach, normally behind a reverse proxy with TLS."""

    listen: Address = "127.0.0.1:8080"
    url: Url = "http://127.0.0.1:8080"
    """Address as seen from outside, with any path prefix. For ever: signed events carry it."""


class Metrics(Section):
    listen: Address = "127.0.0.1:9464"


class Storage(Section):
    folder: Path = Path("data")


class Keys(Section):
    master_key_file: Path = Path("master.key")
    """Outside the data folder, so that a copy of the data opens nothing."""
    trust_anchors: tuple[Path, ...] = ()
    """PEM files: certificates every chain must end in."""


class Admin(Section):
    socket: Path = Path("admin.sock")


class Limits(Section):
    """What one request, one message and the whole service may cost. Sizes in bytes."""

    metadata: int = Field(1 * MIB, ge=1024)
    """One encrypted metadata set."""
    data: int = Field(28 * MIB, ge=1024)
    """One encrypted data set."""
    document: int = Field(20 * MIB, ge=1024)
    """One XML document, decrypted."""
    attachment: int = Field(500 * MIB, ge=1024)
    """One encrypted attachment; FIT-Connect allows 500 MB."""
    attachments: int = Field(100, ge=0)
    """Attachments of one submission."""
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
    announced_for: Span = timedelta(days=1)
    """How long an unfinished submission is kept; dossier: one day."""
    validation_timeout: Span = timedelta(seconds=30)


class Serve(Section):
    stop_seconds: float = Field(20.0, gt=0)
    """How long SIGTERM waits for work in hand."""


class Settings(BaseSettings):
    """Read with `Settings.load`. `AMTSBOTE__PUBLIC__LISTEN` and the like override single values."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__")

    public: Public = Public()
    metrics: Metrics = Metrics()
    storage: Storage = Storage()
    keys: Keys = Keys()
    admin: Admin = Admin()
    limits: Limits = Limits()
    work: Work = Work()
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
        return settings._beside(file.resolve().parent)

    def _beside(self, folder: Path) -> "Settings":
        changed: dict[str, Any] = {
            "storage": self.storage.model_copy(update={"folder": folder / self.storage.folder}),
            "admin": self.admin.model_copy(update={"socket": folder / self.admin.socket}),
            "keys": self.keys.model_copy(
                update={
                    "master_key_file": _resolved(folder, self.keys.master_key_file),
                    "trust_anchors": tuple(folder / anchor for anchor in self.keys.trust_anchors),
                }
            ),
        }
        return self.model_copy(update=changed)


def content_of(file: Path) -> dict[str, Any]:
    """The installation file as it is written. Raises `Misconfigured`."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
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

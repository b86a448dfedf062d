"""The effective configuration of an installation: every value, and where it comes from. Secrets are masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretBytes, SecretStr
from pydantic_settings import EnvSettingsSource

from amtsbote.daemon.settings import Settings, content_of

MASKED: Final = "***"


class Origin(StrEnum):
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Configuration:
    file: Path
    settings: Settings
    origins: Mapping[str, Origin]
    """`section.key` → where its value comes from; every setting is there."""

    @classmethod
    def read(cls, file: Path) -> "Configuration":
        """Raises `Misconfigured`, like `Settings.load`."""
        content = content_of(file)
        settings = Settings.of(content, file)
        environment = EnvSettingsSource(Settings)()
        return cls(file, settings, {name: _origin(name, environment, content) for name in values_of(settings)})

    def shown(self) -> dict[str, Any]:
        """`section.key` → its value as it may be shown, JSON-ready."""
        return {name: masked(value) for name, value in values_of(self.settings).items()}


def values_of(settings: Settings) -> dict[str, Any]:
    """`section.key` → value, in the order of the installation file."""
    sections = {name: getattr(settings, name) for name in Settings.model_fields}
    return {f"{name}.{key}": getattr(section, key) for name, section in sections.items() for key in _keys(section)}


def masked(value: Any) -> Any:
    """Secret types never; a password within an address neither. Times in seconds."""
    if isinstance(value, SecretStr | SecretBytes):
        return MASKED
    if isinstance(value, timedelta):
        return int(value.total_seconds()) if value.microseconds == 0 else value.total_seconds()
    if isinstance(value, tuple):
        return [masked(one) for one in value]
    if isinstance(value, str | Path):
        return _without_password(str(value))
    return value


def _without_password(text: str) -> str:
    if "://" not in text:
        return text
    password = urlsplit(text).password
    return text.replace(f":{password}@", f":{MASKED}@") if password else text


def _origin(name: str, environment: Mapping[str, Any], content: Mapping[str, Any]) -> Origin:
    section, key = name.split(".")
    if key in environment.get(section, {}):
        return Origin.ENVIRONMENT
    return Origin.FILE if key in content.get(section, {}) else Origin.DEFAULT


def _keys(section: Any) -> tuple[str, ...]:
    return tuple(type(section).model_fields)

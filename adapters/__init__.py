"""How payloads reach local software: one kind of adapter per kind of target.

Ours stand in `KINDS`. Third parties register an object with the attributes of `amtsbote.api.AdapterKind` as an entry
point of the group `amtsbote.adapters`; its name there is the name of the kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from adapters.folder import FolderKind
from amtsbote.api import AdapterKind, Misfit

GROUP: Final = "amtsbote.adapters"
KINDS: Final[Mapping[str, AdapterKind]] = MappingProxyType({kind.name: kind for kind in (FolderKind(),)})


@dataclass(frozen=True, slots=True)
class AdapterKinds:
    usable: Mapping[str, AdapterKind]
    broken: Mapping[str, Misfit]
    """Entry point that cannot be used → why. The others work."""


def adapter_kinds() -> AdapterKinds:
    """Ours and those of third parties; a name of ours cannot be taken over."""
    usable: dict[str, AdapterKind] = dict(KINDS)
    broken: dict[str, Misfit] = {}
    for point in entry_points(group=GROUP):
        found = _load(point, taken=usable)
        if isinstance(found, Misfit):
            broken[f"{point.name} ({point.value})"] = found
        else:
            usable[point.name] = found
    return AdapterKinds(MappingProxyType(usable), MappingProxyType(broken))


def _load(point: EntryPoint, taken: Mapping[str, AdapterKind]) -> AdapterKind | Misfit:
    if point.name in taken:
        return Misfit(
            f"Der Adaptername {point.name} ist schon vergeben.", f"The adapter name {point.name} is already taken."
        )
    try:
        found: Any = point.load()
        if not _is_kind(found, point.name):
            return Misfit(
                "Der Einstiegspunkt ist keine Adapterart: name, options oder build fehlt oder passt nicht.",
                "The entry point is no adapter kind: name, options or build is missing or does not fit.",
            )
    except Exception as error:  # noqa: BLE001  (importing a stranger's module may raise anything)
        kind = type(error).__name__
        return Misfit(
            f"Der Einstiegspunkt lässt sich nicht laden ({kind}).", f"The entry point cannot be loaded ({kind})."
        )
    kind_found: AdapterKind = found
    return kind_found


def _is_kind(found: Any, name: str) -> bool:
    options = getattr(found, "options", None)
    return (
        getattr(found, "name", None) == name
        and isinstance(options, type)
        and issubclass(options, BaseModel)
        and callable(getattr(found, "build", None))
    )

"""Where v1 and v2 differ on the wire: this table, and nothing else."""

from typing import Final, Literal

from starlette.requests import Request

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import NOT_FOUND

Version = Literal["v1", "v2"]

VERSIONS: Final[dict[str, Version]] = {"v1": "v1", "v2": "v2"}
SERVICE_FIELD: Final[dict[Version, str]] = {"v1": "serviceType", "v2": "publicService"}
"""Member that names the service of a submission."""
SERVICES_FIELD: Final[dict[Version, str]] = {"v1": "services", "v2": "publicServices"}
"""Member that lists the services of a destination."""
DATA_REQUIRED: Final[dict[Version, bool]] = {"v1": False, "v2": True}
"""Whether a message needs `encryptedData`; metadata 1.0.0 may describe none (dossier 2.3)."""
NUMBER: Final[dict[Version, dict[str, int]]] = {
    "v1": {"major": 1, "minor": 0, "patch": 7},
    "v2": {"major": 2, "minor": 0, "patch": 0},
}


def version_of(request: Request) -> Version:
    """The first step of the address below its service."""
    below = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    found = VERSIONS.get(below.split("/")[1])
    if found is None:
        raise RequestRefused(NOT_FOUND())
    return found

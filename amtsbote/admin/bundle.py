"""A declaration together with the contents of its files: what is sent to the daemon, which may not read them itself.

Client secrets stay with whoever calls: only their SHA-256 goes along.
"""

import base64
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, StringConstraints, model_validator

from amtsbote.admin.declaration import Declaration, DeclaredClient, read_declaration
from amtsbote.admin.mistakes import DeclarationRefused, Mistake, mistake
from amtsbote.admin.rules import broken_rules
from amtsbote.api.operations import Disk
from routing.layout import MAX_TABLE_BYTES

SECRET_BYTES: Final = 32
SHORTEST_SECRET: Final = 43
"""Characters of 256 bits in base64url."""
LARGEST_FILE: Final = MAX_TABLE_BYTES
SECRETS_FOLDER: Final = "secrets"
_DISK: Final = Disk()


class Bundle(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """File name of the declaration, for messages."""
    declaration: Declaration
    files: dict[str, Base64Bytes]
    """Content of every file, by the name the declaration uses."""
    secrets: dict[str, Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]]
    """Client id → SHA-256 (hex) of its secret, as far as there is one."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in self.declaration.files() if name not in self.files]
        if missing:
            raise ValueError(f"files without content: {', '.join(missing)}")
        return self

    def with_secrets(self, made: Mapping[str, str]) -> "Bundle":
        return self.model_copy(update={"secrets": {**self.secrets, **made}})


def gather(path: Path) -> Bundle:
    """Read a declaration and every file it names. Raises `DeclarationRefused` with all that is missing."""
    declaration = read_declaration(path)
    mistakes = broken_rules(declaration)
    files: dict[str, bytes] = {}
    for name, place in declaration.places_of_files().items():
        files[name] = _content(path.parent / name, name, place, mistakes)
    for name, place in declaration.secret_files().items():
        if _is_open(path.parent / name):
            mistakes.append(mistake(place, "declaration.secret-open", file=path.parent / name))
    found = {client.id: _secret_hash(path, client, place, mistakes) for place, client in declaration.placed_clients()}
    if mistakes:
        raise DeclarationRefused(path.name, mistakes)
    # built without validation: the type wants base64 on the way in, and these are the bytes themselves
    return Bundle.model_construct(
        name=path.name,
        declaration=declaration,
        files=files,
        secrets={client: digest for client, digest in found.items() if digest is not None},
    )


def as_document(bundle: Bundle) -> dict[str, object]:
    """The bundle as JSON-ready document."""
    return {
        "name": bundle.name,
        "declaration": bundle.declaration.model_dump(mode="json", exclude_unset=True),
        "files": {name: base64.b64encode(content).decode() for name, content in bundle.files.items()},
        "secrets": dict(bundle.secrets),
    }


def secret_file(declaration: Path, client: str) -> Path:
    """Where a generated secret is written, and found again by the next `apply`."""
    return declaration.parent / SECRETS_FOLDER / f"{client}.secret"


def make_secrets(
    declaration: Path, clients: Collection[str], *, random: Callable[[int], bytes] = os.urandom, disk: Disk = _DISK
) -> dict[str, str]:
    """Write a new secret of 256 random bits for each client, durably, before its hash is registered anywhere.

    Returns client → SHA-256. Should the caller die before registering it, the next `apply` finds the file. Raises
    `DeclarationRefused`.
    """
    made: dict[str, str] = {}
    for client in clients:
        file = secret_file(declaration, client)
        try:
            made[client] = _write_secret(file, random, disk)
        except OSError as error:
            unwritable = mistake("", "declaration.secret-unwritable", file=file, reason=_why(error))
            raise DeclarationRefused(declaration.name, [unwritable]) from error
    return made


def new_secret(random: Callable[[int], bytes] = os.urandom) -> str:
    """256 random bits, base64url."""
    return base64.urlsafe_b64encode(random(SECRET_BYTES)).rstrip(b"=").decode()


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _write_secret(file: Path, random: Callable[[int], bytes], disk: Disk) -> str:
    """The file gets its name when it is whole: a kill leaves no empty secret, and an existing one is kept."""
    secret = new_secret(random)
    _make_secrets_folder(file.parent, disk)
    descriptor, draft = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secret + "\n")
            out.flush()
            disk.sync(out.fileno())
        os.link(draft, file)
    finally:
        Path(draft).unlink()
    disk.sync_folder(file.parent)
    return hash_of(secret)


def _make_secrets_folder(folder: Path, disk: Disk) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        disk.sync_folder(folder.parent)


def _content(file: Path, name: str, place: str, mistakes: list[Mistake]) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            mistakes.append(mistake(place, "declaration.file-too-large", file=name, limit=LARGEST_FILE))
            return b""
        return file.read_bytes()
    except (OSError, ValueError) as error:
        mistakes.append(mistake(place, "declaration.file-missing", file=name, reason=_why(error)))
        return b""


def _secret_hash(declaration: Path, client: DeclaredClient, place: str, mistakes: list[Mistake]) -> str | None:
    """None when there is no file: the client keeps its secret, or gets one made if it is new."""
    generated = secret_file(declaration, client.id)
    if client.secret_file is None and not generated.exists():
        return None
    file = declaration.parent / client.secret_file if client.secret_file is not None else generated
    try:
        if _is_open(file):
            mistakes.append(mistake(place, "declaration.secret-open", file=file))
            return None
        secret = file.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        mistakes.append(mistake(place, "declaration.file-missing", file=file, reason=_why(error)))
        return None
    if len(secret) < SHORTEST_SECRET:
        mistakes.append(mistake(place, "declaration.secret-short", file=file, limit=SHORTEST_SECRET))
        return None
    return hash_of(secret)


def _is_open(file: Path) -> bool:
    """Whether others may read it; not for one that is missing."""
    return file.exists() and bool(file.stat().st_mode & 0o077)


def _why(error: OSError | ValueError) -> str:
    """The system's words; never the content of a file."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__

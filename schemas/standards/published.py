"""What a publisher hands out, read into memory: a folder, or a ZIP as the XRepository gives it.

Nothing is unpacked to a disk. Names come from outside and are used as keys only.
"""

import lzma
import posixpath
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from amtsbote.errors import Misconfigured

MAX_FILES: Final = 20_000
MAX_FILE: Final = 64 * 1024 * 1024
MAX_TOTAL: Final = 512 * 1024 * 1024
_OUTSIDE: Final = re.compile(r"(^|/)\.\.(/|$)|^/|^[A-Za-z]:")
_HIDDEN: Final = re.compile(r"(^|/)(\.(?!xsd$)|__MACOSX/)")
"""XTA 3 brings a schema file that is called `.xsd`."""
_LONGEST_NAME: Final = 200


_BROKEN: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError)
"""What the standard library raises over a damaged ZIP."""


def read_published(path: Path) -> Mapping[str, bytes]:
    """Name with `/` → bytes of every file in the folder or ZIP, hidden ones left out.

    Raises `Misconfigured` for what is neither or cannot be read, for names that lead outside or could mean something
    else, for links, encrypted members and beyond `MAX_FILES`, `MAX_FILE` and `MAX_TOTAL` bytes.
    """
    try:
        if path.is_dir():
            return _bounded(path, _of_folder(path))
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return _bounded(path, _of_archive(path, archive))
    except (OSError, *_BROKEN) as cause:
        raise Misconfigured(f"{path} cannot be read: {cause}", f"{path} ist nicht lesbar: {cause}") from cause
    raise Misconfigured(
        f"{path} is neither a folder nor a ZIP: give the folder or the ZIP of the standard",
        f"{path} ist weder Ordner noch ZIP: bitte Ordner oder ZIP des Standards angeben",
    )


def _bounded(path: Path, files: Iterator[tuple[str, bytes]]) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for name, data in files:
        if name in found:
            raise Misconfigured(f"{path}: {name} occurs twice", f"{path}: {name} kommt doppelt vor")
        found[name] = data
        total += len(data)
        if len(found) > MAX_FILES or total > MAX_TOTAL:
            raise _too_large(f"{path}")
    return found


def _of_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if _HIDDEN.search(name) or (file.is_dir() and not file.is_symlink()):
            continue
        _plain(path, name)
        if file.is_symlink() or not file.is_file():
            raise _refused(path, name, "is a link or a special file", "ist ein Verweis oder eine besondere Datei")
        if file.stat().st_size > MAX_FILE:
            raise _too_large(f"{path}: {name}")
        yield name, file.read_bytes()


def _of_archive(path: Path, archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for member in archive.infolist():
        name = member.filename.replace("\\", "/").removeprefix("./")
        if _OUTSIDE.search(name) or "\0" in name:
            raise _refused(path, name, "leads out of the ZIP", "führt aus dem ZIP hinaus")
        if member.is_dir() or _HIDDEN.search(name):
            continue
        _plain(path, name)
        if stat.S_ISLNK(member.external_attr >> 16) or member.flag_bits & 1:
            raise _refused(path, name, "is a link or encrypted", "ist ein Verweis oder verschlüsselt")
        yield name, _unpacked(path, name, archive, member)


def _unpacked(path: Path, name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """At most `MAX_FILE` bytes, whatever size the member claims to have."""
    try:
        with archive.open(member) as stream:
            data = stream.read(MAX_FILE + 1)
    except (OSError, *_BROKEN) as cause:
        raise _refused(path, name, f"cannot be unpacked ({cause})", f"lässt sich nicht auspacken ({cause})") from cause
    if len(data) > MAX_FILE:
        raise _too_large(f"{path}: {name}")
    return data


def _plain(path: Path, name: str) -> None:
    """Two names never mean one file, and none means one of the registry's own, which begin with `@`."""
    strange = any(unicodedata.category(char) in ("Cc", "Cs") for char in name)
    long = any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in name.split("/"))
    if strange or long or name.startswith("@") or posixpath.normpath(name) != name:
        shown = ascii(name[:_LONGEST_NAME])
        raise _refused(path, shown, "is no name that can be kept", "ist kein Name, der sich aufbewahren lässt")


def _refused(path: Path, name: str, en: str, de: str) -> Misconfigured:
    return Misconfigured(f"{path}: {name} {en}", f"{path}: {name} {de}")


def _too_large(place: str) -> Misconfigured:
    return Misconfigured(
        f"{place} is larger than a standard may be ({MAX_FILES} files, {MAX_FILE >> 20} MB each, "
        f"{MAX_TOTAL >> 20} MB together)",
        f"{place} ist größer, als ein Standard sein darf ({MAX_FILES} Dateien, je {MAX_FILE >> 20} MB, "
        f"zusammen {MAX_TOTAL >> 20} MB)",
    )

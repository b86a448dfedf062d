"""Why the operating system refused, in German too: its own words are English wherever a service runs."""

import errno
from collections.abc import Mapping
from typing import Final

from amtsbote.errors import Language

_GERMAN: Final[Mapping[int, str]] = {
    errno.ENOENT: "Datei oder Ordner gibt es nicht",
    errno.EACCES: "keine Berechtigung",
    errno.EPERM: "keine Berechtigung",
    errno.EISDIR: "das ist ein Ordner",
    errno.ENOTDIR: "ein Teil des Pfades ist kein Ordner",
    errno.EEXIST: "das gibt es schon",
    errno.ENOTEMPTY: "der Ordner ist nicht leer",
    errno.EROFS: "der Datenträger ist schreibgeschützt",
    errno.ENOSPC: "auf dem Datenträger ist kein Platz",
    errno.EDQUOT: "das Kontingent an Speicherplatz ist ausgeschöpft",
    errno.EIO: "der Datenträger meldet einen Fehler",
    errno.ENAMETOOLONG: "der Name ist zu lang",
    errno.ELOOP: "zu viele symbolische Verknüpfungen",
    errno.EMFILE: "zu viele offene Dateien",
    errno.ENFILE: "zu viele offene Dateien",
    errno.EBUSY: "die Datei ist in Gebrauch",
    errno.EFBIG: "die Datei ist zu groß",
    errno.ETIMEDOUT: "Zeitüberschreitung",
}


def cause_told(error: OSError, language: Language) -> str:
    """Without the name of the file. What is not known here is told as the system tells it, or by its kind."""
    told = _GERMAN.get(error.errno or 0) if language == "de" else None
    return told or error.strerror or type(error).__name__

"""Sentences about versions of the routing tables and the change sets they come from."""

from collections.abc import Mapping
from typing import Final

CHANGING: Final[Mapping[str, tuple[str, str]]] = {
    "help.routes.versions": (
        "Alle Versionen der Routingtabellen: wer, wann, warum, ab welchem Tag.",
        "All versions of the routing tables: who, when, why, from which day on.",
    ),
    "help.routes.version": (
        "Diese Version; sonst die geltende.",
        "This version; the one in force otherwise.",
    ),
    "help.routes.csv": (
        "Die ganze Tabelle, wie sie geschrieben wurde, auf die Standardausgabe.",
        "The whole table as it was written, on standard output.",
    ),
    "column.version": ("Version", "Version"),
    "column.standing": ("Stand", "Standing"),
    "column.effective": ("gilt ab", "in force from"),
    "column.made": ("erstellt", "made"),
    "column.author": ("von", "by"),
    "column.releaser": ("freigegeben von", "released by"),
    "column.reason": ("Grund", "Reason"),
    "standing.in-force": ("gilt", "in force"),
    "standing.pending": ("kommt", "to come"),
    "standing.past": ("vorbei", "past"),
    "office.version-unknown": (
        "Die Version {version} gibt es nicht. „amtsbote routes versions“ nennt alle.",
        "There is no version {version}. `amtsbote routes versions` lists all.",
    ),
}

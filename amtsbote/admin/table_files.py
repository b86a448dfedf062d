"""Routing tables as a person has them: CSV or XLSX files, read in the process of whoever asks."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from amtsbote.admin.mistakes import DeclarationRefused, Mistake
from amtsbote.admin.refusals import CommandRefused
from routing.layout import COLUMNS
from routing.refusal import RoutingRefused
from routing.workbook import read_workbook

_ENDINGS: Final = (".csv", ".xlsx")


def read_tables(files: Sequence[Path], folder: Path | None, known: Collection[str] = COLUMNS) -> dict[str, bytes]:
    """Name of the table → CSV, from single files or those of a folder. `known`: tables there may be. Raises
    `CommandRefused`, and `DeclarationRefused` with every mistake of a workbook."""
    if (folder is not None) == bool(files):
        raise CommandRefused("usage", "tables.files-or-folder")
    if folder is not None:
        files = [file for name in known for ending in _ENDINGS if (file := folder / f"{name}{ending}").exists()]
        if not files:
            raise CommandRefused("not-found", "tables.none-in-folder", path=folder, known=", ".join(known))
    tables: dict[str, bytes] = {}
    for file in files:
        for name, data in _read(file, known).items():
            if name in tables:
                raise CommandRefused("usage", "tables.twice", table=name, file=file)
            tables[name] = data
    return tables


def _read(file: Path, known: Collection[str]) -> dict[str, bytes]:
    name, ending = file.stem.lower(), file.suffix.lower()
    if ending not in _ENDINGS or (ending == ".csv" and name not in known):
        raise CommandRefused("usage", "tables.file-name", file=file, known=", ".join(known))
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CommandRefused("not-found", "tables.unreadable", file=file, reason=error) from error
    return {name: data} if ending == ".csv" else workbook_tables(name, data, known)


def workbook_tables(name: str, data: bytes, known: Collection[str] = COLUMNS) -> dict[str, bytes]:
    """Name of the table → CSV. `name`: that of the file, which names the table of a workbook with one sheet;
    `known`: tables there may be. Raises `DeclarationRefused` with every mistake."""
    try:
        return read_workbook(name, data, known)
    except RoutingRefused as refused:
        mistakes = [Mistake("", problem.text("de"), problem.text("en")) for problem in refused.problems]
        raise DeclarationRefused(f"{name}.xlsx", mistakes, refused.total - len(mistakes)) from None

"""Where the commands about regions take their tables and files from."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.region_files import RegionFile
from amtsbote.admin.table_folder import read_folder
from amtsbote.cli.looking import asked
from amtsbote.daemon.composition import utc_now
from amtsbote.model.routing import german_day
from routing.offer import Offer
from routing.regions.area import Area
from routing.regions.difference import Change, difference
from routing.regions.tables import read_tables

Tables = Annotated[Path | None, typer.Option("--tables", metavar="DIR", help="help.regions.tables")]
TablesHere = Annotated[Path, typer.Option("--tables", metavar="DIR", help="help.regions.tables-here")]
Stand = Annotated[datetime | None, typer.Option("--stand", formats=["%Y-%m-%d"], help="help.regions.stand")]
Day = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="help.regions.date")]


@dataclass(frozen=True, slots=True)
class NamedOffer:
    file: Path
    offer: Offer


def tables_of(folder: Path | None, config: Path) -> Mapping[str, bytes]:
    """Those of a folder, else those in force in the installation."""
    if folder is not None:
        return read_folder(folder)
    answer = asked("regions.tables", {}, config)
    return {name: base64.b64decode(content) for name, content in answer["tables"].items()}


def offers_of(files: Sequence[Path], stand: datetime | None) -> list[NamedOffer]:
    """The files in the order in which they are to be merged: older ones first, lists of AGS after those of ARS. What
    only says something about areas comes after every list of them, whatever its day."""
    day = stand.date() if stand is not None else None
    offers = [NamedOffer(file, RegionFile(file, day).offer()) for file in files]
    return sorted(offers, key=_place_in_order)


def _place_in_order(one: NamedOffer) -> tuple[bool, bool, date, bool]:
    offer = one.offer
    only = not offer.areas
    return only and bool(offer.places), only and bool(offer.successions), offer.stand, bool(offer.ags_list)


def areas_of(path: Path, stand: datetime | None, on: date) -> Sequence[Area]:
    """Of a file what it lists, of a folder of tables what is valid on the day."""
    if path.is_dir():
        return list(read_tables(read_folder(path)).on(on))
    return offers_of([path], stand)[0].offer.areas


def compared(old: Sequence[Area], new: Sequence[Area]) -> tuple[Change, ...]:
    """The changes between two states. Refused where there is nothing to compare: districts beside municipalities."""
    common = {area.group for area in old} & {area.group for area in new}
    if not common:
        raise CommandRefused("refused", "regions.not-comparable")
    return difference(old, new)


def day_of(given: datetime | None) -> date:
    """Today, unless another day is asked for."""
    return given.date() if given is not None else german_day(utc_now())

"""Files of regions, recognised by what is in them. Here the reader of code lists and the reader of regions meet: each
lives in its room and knows nothing of the other."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from amtsbote.admin.refusals import CommandRefused
from routing.layout import iso_date
from routing.offer import Offer
from routing.regions import refusing
from routing.regions.code_lists import CodeRows, offer_of_list
from routing.regions.csv_files import read_csv
from routing.regions.gv100ad import looks_like_gv100ad, read_gv100ad
from routing.regions.refusing import refused
from schemas.genericode import read_code_table

_XML: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_DAYS: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])")
_YEAR: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


@dataclass(frozen=True, slots=True)
class RegionFile:
    """One file of regions: an `Importer`."""

    path: Path
    stand: date | None = None
    """The day the data is of, for files that do not say it."""

    def offer(self) -> Offer:
        """Raises `RegionsRefused`, and `CommandRefused` for a file that is not there."""
        try:
            data = self.path.read_bytes()
        except OSError as cause:
            raise CommandRefused("not-found", "preflight.no-file", path=self.path, reason=cause) from cause
        name, stand = self.path.name, self.stand or day_in(self.path.name)
        if _XML.match(data):
            table = read_code_table(data)
            if table is None:
                raise refused(refusing.BAD_XML, name)
            return offer_of_list(CodeRows(table.uri, table.version, table.columns, table.rows), name, stand)
        if looks_like_gv100ad(data):
            return read_gv100ad(data, name)
        return read_csv(data, name, stand)


def day_in(name: str) -> date | None:
    """The last day a file's name contains, None if there is no such day: then nobody knows what was meant.

    Of a year alone its first day, for the data may be as old as that.
    """
    days = _DAYS.findall(name)
    if days:
        return iso_date(days[-1])
    years = _YEAR.findall(name)
    return date(int(years[-1]), 1, 1) if years else None

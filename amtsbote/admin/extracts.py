"""An extract of a registry that somebody has drawn: files in the form of our tables, and one of authorities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from amtsbote.admin.table_files import read_tables
from routing.importing.offered import read_offered
from routing.layout import OFFERED
from routing.offer import Offer


@dataclass(frozen=True, slots=True)
class Extract:
    """CSV and XLSX files of one extract: an `Importer`."""

    files: Sequence[Path]
    source: str
    """What the registry is called here; the same at every import."""
    stand: date
    """The day on which the extract was drawn."""

    def offer(self) -> Offer:
        """Raises `RoutingRefused`, `CommandRefused`, and `DeclarationRefused` for a workbook."""
        tables = read_tables(self.files, None, OFFERED)
        read_offered(tables)
        return Offer(self.source, self.stand, tables=tables)

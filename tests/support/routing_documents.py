"""Small routing documents for tests: rows are given as text, headers are added."""

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import RoutingDocument
from routing.layout import COLUMNS

TREE = "99093003001002"
TRADE = "99050012104000"
CHEMNITZ = "145110000000"
BURGSTAEDT = "145225102060"

SOUND: dict[str, tuple[str, ...]] = {
    "gebiete": (f"{CHEMNITZ};14511000;Chemnitz, Stadt;;", f"{BURGSTAEDT};14522060;Burgstädt, Stadt;;"),
    "nachfolger": (),
    "orte": (),
    "vertretungen": (),
    "leistungen": (f"{TREE};Baumfällgenehmigung", f"{TRADE};Gewerbe Anmeldung"),
    "rollen": (f"{TREE};gba;;", f"{TRADE};MELDID;;"),
    "zustaendigkeiten": (f"gba;{CHEMNITZ};amt-c;;", "gba;14522;amt-b;;"),
}
AUTHORITIES = frozenset({AuthorityId("amt-a"), AuthorityId("amt-b"), AuthorityId("amt-c")})


def table(name: str, *rows: str) -> bytes:
    """CSV bytes: the header of that table and these rows."""
    return "\n".join([";".join(COLUMNS[name]), *rows, ""]).encode()


def wide(name: str, columns: str, *rows: str) -> bytes:
    """CSV bytes of a table with optional columns: the usual ones, and behind them these."""
    return "\n".join([";".join([*COLUMNS[name], columns]), *rows, ""]).encode()


def document(**rows: tuple[str, ...]) -> RoutingDocument:
    """A sound document, version 7, in which the named tables have these rows instead."""
    return RoutingDocument(7, {name: table(name, *given) for name, given in (SOUND | rows).items()})


def with_bytes(**tables: bytes) -> RoutingDocument:
    """A sound document in which the named tables are exactly these bytes."""
    return RoutingDocument(7, {**document().tables, **tables})

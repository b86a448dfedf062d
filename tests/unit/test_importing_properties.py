"""Whatever a source offers: no answer that rows of others gave becomes another one, and the same offer twice is one."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import cycle
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st
from routing_documents import AUTHORITIES

from amtsbote.model.routing import Outcome, RouteFound, RoutingDocument
from amtsbote.model.stage import Stage
from routing.importing.door import Registry, Vouched, take_in
from routing.layout import COLUMNS, OPTIONAL
from routing.offer import Offer
from routing.refusal import RoutingRefused
from routing.resolver import Resolver
from routing.tables import Known, check

FIRST = date(2024, 1, 1)
MUNICIPALITIES = ("145110000000", "145225102060")
PLACES = ("", "14", "14511", "14522", *MUNICIPALITIES)
SERVICE = "99000000000001"
ROLES = ("gba", "unb")
FACTS: tuple[Mapping[str, str], ...] = (
    {},
    {"klasse": "a", "ziel": MUNICIPALITIES[1]},
    {"klasse": "b", "ziel": MUNICIPALITIES[0]},
)
STAND = date(2026, 9, 1)
HEADS = {
    "vertretungen": "gebiet;handelnd;rolle;gueltig_ab;gueltig_bis",
    "rollen": "leistung;rolle;gebiet;art;ort;bedingung;prioritaet;gueltig_ab;gueltig_bis",
    "zustaendigkeiten": "rolle;gebiet;behoerde;grund;stage;bedingung;prioritaet;gueltig_ab;gueltig_bis",
}
DAY = st.sampled_from(("", (FIRST + timedelta(days=2)).isoformat()))
CONDITION = st.sampled_from(("", "", "klasse = a", "klasse = b"))
PRIORITY = st.sampled_from(("", "1", "-1"))
PLACE = st.sampled_from(PLACES)
CELLS = {
    "vertretungen": (st.sampled_from(PLACES[1:]), st.sampled_from(PLACES[1:]), st.sampled_from(("", *ROLES))),
    "rollen": (
        st.just(SERVICE),
        st.sampled_from(ROLES),
        PLACE,
        st.sampled_from(("", "", "", "weitere", "entfaellt")),
        st.sampled_from(("", "", "ziel")),
        CONDITION,
        PRIORITY,
    ),
    "zustaendigkeiten": (
        st.sampled_from(ROLES),
        PLACE,
        st.sampled_from((*(f"{name};" for name in sorted(AUTHORITIES)), "-;niemand")),
        st.sampled_from(("", "", "test", "off")),
        CONDITION,
        PRIORITY,
    ),
}
Rows = Mapping[str, list[str]]


def rows(table: str) -> st.SearchStrategy[list[str]]:
    begins = st.tuples(*CELLS[table], DAY, st.just(""))
    return st.lists(begins.map(";".join), max_size=2 if table == "vertretungen" else 6, unique=True)


DRAWN = st.fixed_dictionaries({table: rows(table) for table in CELLS})
USUAL: Rows = {"rollen": [f"{SERVICE};gba;;;;;;;"]}
"""Without a rule for the service, no other one says anything."""


def csv(head: str, *lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (head, *lines)).encode()


BY_HAND, OF_OTHERS, DEFAULT = ("",), ("", "import:andere"), "paket:eins"


def tables(local: Rows, origins: Sequence[str] = (*OF_OTHERS, DEFAULT), *, defaults: bool = True) -> dict[str, bytes]:
    """The tables with these rows, whose origins take turns; with or without the defaults among them, which only the
    table of roles has."""
    written = {}
    for name, of_table in local.items():
        turns = cycle(origins if name == "rollen" else [one for one in origins if one != DEFAULT])
        rows_of_all = (
            f"{row};{origin}" for row, origin in zip(of_table, turns, strict=False) if defaults or origin != DEFAULT
        )
        written[name] = csv(f"{HEADS[name]};herkunft", *rows_of_all)
    gebiete = csv(";".join(COLUMNS["gebiete"]), *(f"{ars};;Name;;" for ars in MUNICIPALITIES))
    return {"gebiete": gebiete, "leistungen": csv("leistung;name", f"{SERVICE};Name"), **written}


def offer(offered: Rows, source: str = "quelle") -> Offer:
    return Offer(source, STAND, tables={name: csv(HEADS[name], *of_table) for name, of_table in offered.items()})


def sound(document: Mapping[str, bytes]) -> bool:
    try:
        check(RoutingDocument(0, document), Known(AUTHORITIES))
    except RoutingRefused:
        return False
    return True


def answers(document: Mapping[str, bytes]) -> dict[tuple[object, ...], RouteFound]:
    resolver = Resolver.load(RoutingDocument(1, document))
    return {
        (ars, day, stage, at): resolver.resolve(SERVICE, ars, FIRST + timedelta(days=day), stage, facts)
        for ars in MUNICIPALITIES
        for day in (0, 3)
        for stage in (Stage.LIVE, Stage.TEST)
        for at, facts in enumerate(FACTS)
    }


def said(found: RouteFound) -> tuple[object, ...]:
    return found.outcome, found.primary, found.also, found.reason if found.outcome is Outcome.UNRESOLVED else None


def agreeing(drawn: Rows, usual: Rows = MappingProxyType({}), origins: Sequence[str] = (*OF_OTHERS, DEFAULT)) -> Rows:
    """As many of the rows as may be in force together."""
    kept: dict[str, list[str]] = {name: list(usual.get(name, ())) for name in CELLS}
    for name, of_table in drawn.items():
        for row in of_table:
            more = {**kept, name: [*kept[name], row]}
            if row not in kept[name] and sound(tables(more, origins)):
                kept = more
    return kept


@settings(max_examples=300, deadline=None)
@given(local=DRAWN, offered=DRAWN, usual=st.sampled_from((USUAL, {})))
def test_an_import_never_changes_an_answer_that_rows_of_others_gave(local: Rows, offered: Rows, usual: Rows) -> None:
    """One that named somebody, whoever was asked, and needed no default. And only regions that act in a circle have to
    be refused."""
    others = agreeing(local, usual)
    before = tables(others)
    sensible = agreeing(offered, origins=BY_HAND)

    after = take_in(Registry(before), offer(sensible), Vouched()).tables

    if not sound(after):
        assert sensible["vertretungen"]
        return
    later, alone = answers(after), answers(tables(others, defaults=False))
    for question, found in answers(before).items():
        if Outcome.RESOLVED is found.outcome is alone[question].outcome:
            assert said(later[question]) == said(found), question


@settings(max_examples=100, deadline=None)
@given(local=DRAWN, offered=DRAWN, earlier=DRAWN)
def test_what_is_there_afterwards_hangs_on_the_rows_of_others_and_the_offer_alone(
    local: Rows, offered: Rows, earlier: Rows
) -> None:
    try:
        first = take_in(Registry(tables(local)), offer(earlier), Vouched())
        direct = take_in(Registry(tables(local)), offer(offered), Vouched())
    except RoutingRefused:
        return

    twice = take_in(Registry(first.tables), offer(offered), Vouched())
    assert twice.tables == direct.tables
    assert take_in(Registry(twice.tables), offer(offered), Vouched()).tables == twice.tables


@settings(max_examples=100, deadline=None)
@given(local=DRAWN, offered=DRAWN)
def test_rows_of_others_stay_as_they_are_and_each_offered_one_is_there_or_told(local: Rows, offered: Rows) -> None:
    before = tables(local)
    try:
        after = take_in(Registry(before), offer(offered), Vouched())
    except RoutingRefused:
        return

    for name in CELLS:
        there = [dict(zip(columns(name), line.split(";"), strict=True)) for line in lines(after.tables[name])]
        others = [row for row in there if row["herkunft"] != "import:quelle"]
        assert [cells(name, row) for row in others] == local[name]
        own = [row for row in there if row["herkunft"] == "import:quelle"]
        assert all(row["stand"] == STAND.isoformat() for row in own)
        left_out = [note for note in after.notes if note.outcome in {"local-first", "agrees"}]
        assert len(own) + sum(note.key.split()[0] == name for note in left_out) == len(offered[name])


def columns(name: str) -> tuple[str, ...]:
    return (*COLUMNS[name], *OPTIONAL[name])


def lines(content: bytes) -> list[str]:
    return content.decode().splitlines()[1:]


def cells(name: str, row: Mapping[str, str]) -> str:
    return ";".join(row[column] for column in HEADS[name].split(";"))

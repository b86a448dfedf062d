"""Whatever a source offers: no answer that rows of others gave becomes another one, and the same offer twice is one."""

from collections.abc import Mapping
from datetime import date, timedelta
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
FACTS: tuple[Mapping[str, str], ...] = ({}, {"klasse": "a"}, {"klasse": "b"})
STAND = date(2026, 9, 1)
HEADS = {
    "vertretungen": "gebiet;handelnd;rolle;gueltig_ab;gueltig_bis",
    "rollen": "leistung;rolle;gebiet;art;bedingung;prioritaet;gueltig_ab;gueltig_bis",
    "zustaendigkeiten": "rolle;gebiet;behoerde;stage;bedingung;prioritaet;gueltig_ab;gueltig_bis",
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
        CONDITION,
        PRIORITY,
    ),
    "zustaendigkeiten": (
        st.sampled_from(ROLES),
        PLACE,
        st.sampled_from(sorted(AUTHORITIES)),
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
USUAL: Rows = {"rollen": [f"{SERVICE};gba;;;;;;"]}
"""Without a rule for the service, no other one says anything."""


def csv(head: str, *lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (head, *lines)).encode()


def tables(local: Rows) -> dict[str, bytes]:
    """The tables with these rows, of which every second one is from another source."""
    written = {
        name: csv(
            f"{HEADS[name]};herkunft",
            *(f"{row};{'import:andere' if at % 2 else ''}" for at, row in enumerate(of_table)),
        )
        for name, of_table in local.items()
    }
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


def agreeing(drawn: Rows, usual: Rows = MappingProxyType({})) -> Rows:
    """As many of the rows as may be in force together."""
    kept: dict[str, list[str]] = {name: list(usual.get(name, ())) for name in CELLS}
    for name, of_table in drawn.items():
        for row in of_table:
            more = {**kept, name: [*kept[name], row]}
            if row not in kept[name] and sound(tables(more)):
                kept = more
    return kept


@settings(max_examples=300, deadline=None)
@given(local=DRAWN, offered=DRAWN)
def test_an_import_never_changes_an_answer_that_rows_of_others_gave(local: Rows, offered: Rows) -> None:
    """One that named somebody, whoever was asked. And only regions that act in a circle have to be refused."""
    before = tables(agreeing(local, USUAL))
    sensible = agreeing(offered)

    after = take_in(Registry(before), offer(sensible), Vouched()).tables

    if not sound(after):
        assert sensible["vertretungen"]
        return
    later = answers(after)
    for question, found in answers(before).items():
        if found.outcome is Outcome.RESOLVED:
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

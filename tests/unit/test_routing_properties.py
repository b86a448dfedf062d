"""The resolver answers as a slow, literal reading of the rules does, over random tables and days."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from routing_documents import AUTHORITIES, document, wide

from amtsbote.model.conditions import parse
from amtsbote.model.routing import Outcome, RoutingDocument
from routing.resolver import Resolver
from routing.tables import Known, RoutingRefused, check

FIRST = date(2024, 1, 1)
DAYS = 6
LEVELS = (0, 2, 3, 5, 9, 12)
MUNICIPALITIES = ("145225102060", "145225102380", "160615051097")
"""Few, so that rules often meet at one place: on prefixes of each other, on neighbouring days."""
SHORTER = tuple(sorted({ars[:length] for ars in MUNICIPALITIES for length in LEVELS[1:-1]}))
ASKED = (*MUNICIPALITIES, *SHORTER, "145110000001", "13", "", "1451")
SERVICES = ("99000000000001", "99000000000002")


@dataclass(frozen=True)
class Dated:
    cells: tuple[str, ...]
    begin: int | None
    end: int | None

    def holds(self, day: int) -> bool:
        return (self.begin is None or self.begin <= day) and (self.end is None or day <= self.end)

    def line(self) -> str:
        return ";".join([*self.cells, _iso(self.begin), _iso(self.end)])


@dataclass(frozen=True)
class Tables:
    regions: list[Dated]
    roles: list[Dated]
    rules: list[Dated]


def _iso(day: int | None) -> str:
    return "" if day is None else (FIRST + timedelta(days=day)).isoformat()


BORDER = st.one_of(st.none(), st.integers(0, DAYS))


def dated(*cells: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[list[Dated]]:
    row = st.builds(Dated, st.tuples(*cells), BORDER, BORDER)
    sound = row.filter(lambda one: one.begin is None or one.end is None or one.begin <= one.end)
    return st.lists(sound, min_size=least, max_size=8)


PREFIXES = st.sampled_from((*MUNICIPALITIES, *SHORTER, ""))
ANY_TABLES = st.builds(
    Tables,
    dated(st.sampled_from((*MUNICIPALITIES, *SHORTER)), st.just(""), st.just("Name")),
    dated(st.sampled_from(SERVICES), st.sampled_from(("gba", "töj"))),
    dated(
        st.sampled_from(("gba", "töj")),
        PREFIXES,
        st.sampled_from(sorted(AUTHORITIES)),
    ),
)
ONE_ROLE = st.builds(
    Tables,
    st.just([Dated((ars, "", "Name"), None, None) for ars in MUNICIPALITIES]),
    st.just([Dated((service, "gba"), None, None) for service in SERVICES]),
    dated(
        st.just("gba"),
        st.sampled_from([MUNICIPALITIES[0][:length] for length in LEVELS]),
        st.sampled_from(sorted(AUTHORITIES)),
        least=4,
    ),
)
"""Every place is there and leads to one role, and many rules meet at one place: how they stand to each other counts."""
TABLES = st.one_of(ANY_TABLES, ONE_ROLE)


def literal_answer(tables: Tables, service: str, region: str, day: int) -> tuple[Outcome, list[str]]:
    """The law as the operator's guide tells it, without any index. These tables were never checked: where equal rules
    say different things, all of it is possible."""
    roles = {row.cells[1] for row in tables.roles if row.cells[0] == service and row.holds(day)}
    municipality = len(region) == 12
    regions = [row.cells[0] for row in tables.regions if row.holds(day)]
    if len(region) not in LEVELS[1:] or not any(
        key == region if municipality else key.startswith(region) for key in regions
    ):
        return Outcome.UNRESOLVED, []
    possible: set[str | None] = set()
    for role in roles:
        fitting = [
            row for row in tables.rules if row.cells[0] == role and region.startswith(row.cells[1]) and row.holds(day)
        ]
        longest = max((len(row.cells[1]) for row in fitting), default=0)
        possible |= {row.cells[2] for row in fitting if len(row.cells[1]) == longest} or {None}
    named = sorted(one for one in possible if one is not None)
    if not named:
        return Outcome.UNRESOLVED, []
    return Outcome.RESOLVED if len(possible) == 1 else Outcome.AMBIGUOUS, named


def as_document(tables: Tables) -> RoutingDocument:
    return document(
        gebiete=tuple(row.line() for row in tables.regions),
        leistungen=tuple(f"{service};Name" for service in SERVICES),
        rollen=tuple(row.line() for row in tables.roles),
        zustaendigkeiten=tuple(row.line() for row in tables.rules),
    )


@settings(max_examples=300)
@given(tables=TABLES, service=st.sampled_from((*SERVICES, "99999999999999")), day=st.integers(-1, DAYS + 1))
def test_the_resolver_answers_what_a_literal_reading_of_the_rules_does(tables: Tables, service: str, day: int) -> None:
    resolver = Resolver.load(as_document(tables))

    for region in ASKED:
        found = resolver.resolve(service, region, FIRST + timedelta(days=day))
        assert (found.outcome, list(found.authorities)) == literal_answer(tables, service, region, day)


@settings(max_examples=200)
@given(tables=TABLES, day=st.integers(0, DAYS))
def test_every_authority_answered_stands_in_the_line_its_hop_names(tables: Tables, day: int) -> None:
    resolver = Resolver.load(as_document(tables))

    for region in ASKED:
        found = resolver.resolve(SERVICES[0], region, FIRST + timedelta(days=day))
        rules = [hop for hop in found.trace.hops if hop.table == "zustaendigkeiten" and hop.line]
        named = [tables.rules[hop.line - 2] for hop in rules]
        assert {row.cells[2] for row in named} == set(found.authorities)
        assert all(row.holds(day) and region.startswith(row.cells[1]) for row in named)


def same_on_some_day(rows: list[Dated], key: tuple[int, ...]) -> bool:
    """Whether two rows with the same key hold on one day; days outside the drawn ones are those of the open borders."""
    for day in range(-1, DAYS + 2):
        keys = [tuple(row.cells[cell] for cell in key) for row in rows if row.holds(day)]
        if len(keys) != len(set(keys)):
            return True
    return False


@settings(max_examples=300)
@given(tables=TABLES)
@example(tables=Tables([], [], []))
@example(tables=Tables([], [], [Dated(("gba", "", "amt-a"), None, None)]))
@example(tables=Tables([Dated((MUNICIPALITIES[0], "", "Name"), None, None)], [], []))
@example(tables=Tables([Dated((MUNICIPALITIES[0], "", "Name"), *days) for days in ((None, 2), (2, None))], [], []))
@example(tables=Tables([Dated((MUNICIPALITIES[0], "", "Name"), *days) for days in ((None, 2), (3, None))], [], []))
def test_exactly_the_rows_that_collide_on_some_day_are_refused(tables: Tables) -> None:
    collides = (
        same_on_some_day(tables.regions, (0,))
        or same_on_some_day(tables.roles, (0,))
        or same_on_some_day(tables.rules, (0, 1))
    )
    keys = {row.cells[0] for row in tables.regions}
    dangling = any(not any(key.startswith(row.cells[1]) for key in keys) for row in tables.rules if row.cells[1])

    assert passes(tables) == (not collides and not dangling)


def passes(tables: Tables) -> bool:
    try:
        check(as_document(tables), Known(AUTHORITIES))
    except RoutingRefused:
        return False
    return True


@dataclass(frozen=True)
class Ruled:
    """A rule of the competences with all it can have."""

    role: str
    prefix: str
    authority: str
    begin: int | None
    end: int | None
    condition: str
    priority: int

    def line(self) -> str:
        dates = f"{_iso(self.begin)};{_iso(self.end)}"
        reason = "Niemand." if self.authority == "-" else ""
        return f"{self.role};{self.prefix};{self.authority};{dates};{self.condition};{self.priority};{reason}"


RULED = st.lists(
    st.builds(
        Ruled,
        st.sampled_from(("gba", "unb")),
        PREFIXES,
        st.sampled_from((*sorted(AUTHORITIES), "-")),
        BORDER,
        BORDER,
        st.sampled_from(("", "k=a", "k!=a", "monat=1", "monat!=1")),
        st.integers(0, 2),
    ).filter(lambda one: one.begin is None or one.end is None or one.begin <= one.end),
    max_size=10,
)
SERVED = "99000000000001"
ROLE_ROWS = (f"{SERVED};gba;;;;;", f"{SERVED};unb;;;weitere;;", f"{SERVED};unb;;;entfaellt;k=b;1")


def ruled(rules: list[Ruled]) -> Resolver | None:
    """None for tables that are refused."""
    made = document(gebiete=tuple(f"{ars};;Name;;" for ars in MUNICIPALITIES), leistungen=(f"{SERVED};Name",))
    wider = {
        "rollen": wide("rollen", "art;bedingung;prioritaet", *ROLE_ROWS),
        "zustaendigkeiten": wide("zustaendigkeiten", "bedingung;prioritaet;grund", *(rule.line() for rule in rules)),
    }
    tables = RoutingDocument(1, {**made.tables, **wider})
    try:
        check(tables, Known(AUTHORITIES))
    except RoutingRefused:
        return None
    return Resolver.load(tables)


@settings(max_examples=300)
@given(
    rules=RULED,
    place=st.sampled_from(MUNICIPALITIES),
    day=st.integers(-1, DAYS + 1),
    facts=st.sampled_from(({}, {"k": "a"}, {"k": "b"}, {"k": "c"})),
)
def test_no_rule_counts_outside_its_days_its_region_or_its_condition_and_equal_questions_get_equal_answers(
    rules: list[Ruled], place: str, day: int, facts: dict[str, str]
) -> None:
    resolver, other = ruled(rules), ruled(list(rules))
    if resolver is None or other is None:
        return
    on = FIRST + timedelta(days=day)

    found, again = (one.resolve(SERVED, place, on, facts=dict(facts)) for one in (resolver, other))

    assert (found, found.trace) == (again, again.trace)
    assert found.outcome is not Outcome.RESOLVED or found.primary is not None
    for hop in found.trace.hops:
        if hop.table == "zustaendigkeiten" and hop.line:
            rule = rules[hop.line - 2]
            assert place.startswith(rule.prefix)
            assert Dated((), rule.begin, rule.end).holds(day)
            assert not rule.condition or parse(rule.condition).holds(facts, on) is not False
    if "k" in facts:
        assert found.outcome is not Outcome.AMBIGUOUS  # checked tables leave nothing open but unknown facts

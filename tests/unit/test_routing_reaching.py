"""A row of competences that no message can ever reach is refused, and no other."""

import sys
from collections.abc import Callable, Sequence
from datetime import date
from types import FrameType
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from routing_documents import BURGSTAEDT, CHEMNITZ, TREE, document, table

from amtsbote.model.routing import RoutingDocument
from amtsbote.model.stage import Stage
from routing.resolver import Resolver
from routing.tables import Known, RoutingRefused, TableProblem, check

MUEHLAU, UNION = "145225102380", "145225102"
PLACES = (CHEMNITZ, BURGSTAEDT, MUEHLAU, "145230320320")
DAYS = (date(2019, 6, 1), date(2020, 1, 1), date(2022, 6, 1), date(2024, 12, 31), date(2026, 6, 1))
HEADER = "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;stage"


def tables(rules: Sequence[str], acting: Sequence[str], places: Sequence[str] = PLACES) -> RoutingDocument:
    regions = tuple(f"{ars};;Ort {ars};;" for ars in places)
    written = "\n".join([HEADER, *rules, ""]).encode()
    plain = document(gebiete=regions, rollen=(f"{TREE};gba;;",), zustaendigkeiten=())
    more = {"zustaendigkeiten": written, "vertretungen": table("vertretungen", *acting)}
    return RoutingDocument(7, {**plain.tables, **more})


def problems_of(rules: Sequence[str], acting: Sequence[str]) -> tuple[TableProblem, ...]:
    try:
        check(tables(rules, acting), Known(None))
    except RoutingRefused as refused:
        return refused.problems
    return ()


def lines(rules: Sequence[str], acting: Sequence[str]) -> list[int]:
    found = problems_of(rules, acting)
    assert all((one.table, one.column) == ("zustaendigkeiten", "gebiet") for one in found)
    return [one.line for one in found]


def test_it_is_told_with_its_line_the_row_that_takes_its_place_and_what_to_do() -> None:
    [problem] = problems_of(("gba;14;a;;;", f"gba;{MUEHLAU};b;;;"), (f"{MUEHLAU};{BURGSTAEDT};;;",))

    assert problem.text("de") == (
        f"zustaendigkeiten, Zeile 3, Spalte gebiet: Die Zeile wird nie erreicht: Für {MUEHLAU} handelt nach Zeile 2 der"
        " Tabelle vertretungen ein anderes Gebiet. Bitte die Zeile streichen, oder die Vertretung auf andere Rollen"
        " oder Tage beschränken."
    )
    assert "is never reached" in problem.text("en")


@pytest.mark.parametrize(
    ("rule", "acting"),
    [
        (f"gba;{MUEHLAU};b;;;", (f"{MUEHLAU};{BURGSTAEDT};gba;;",)),
        (f"gba;{MUEHLAU};b;2020-01-01;2024-12-31;", (f"{MUEHLAU};{BURGSTAEDT};;2020-01-01;2024-12-31",)),
        (f"gba;{MUEHLAU};b;;;", (f"{MUEHLAU};{BURGSTAEDT};;;2021-12-31", f"{MUEHLAU};{CHEMNITZ};;2022-01-01;")),
        (f"gba;{MUEHLAU};b;;;test", (f"{UNION};{BURGSTAEDT};;;",)),
        (f"gba;{UNION};b;;;", (f"14522;{CHEMNITZ};;;",)),
    ],
    ids=["the role", "the same days", "one after the other", "of a test, by the union", "a whole region"],
)
def test_what_somebody_acts_for_on_all_its_days_is_refused(rule: str, acting: tuple[str, ...]) -> None:
    assert lines((rule,), acting) == [2]


@pytest.mark.parametrize(
    ("rule", "acting"),
    [
        (f"gba;{MUEHLAU};b;;;", (f"{MUEHLAU};{BURGSTAEDT};psw;;",)),
        (f"gba;{MUEHLAU};b;;;", (f"{MUEHLAU};{BURGSTAEDT};;2020-01-01;",)),
        (f"gba;{MUEHLAU};b;;;", (f"{MUEHLAU};{BURGSTAEDT};;;2021-12-30", f"{MUEHLAU};{CHEMNITZ};;2022-01-01;")),
        (f"gba;{MUEHLAU};b;;;off", (f"{MUEHLAU};{BURGSTAEDT};;;",)),
        (f"gba;{BURGSTAEDT};b;;;", (f"{UNION};{BURGSTAEDT};;;",)),
        (f"gba;{UNION};b;;;", (f"{UNION};{BURGSTAEDT};;;",)),
        (f"gba;{UNION};b;;;", (f"{MUEHLAU};{UNION};;;",)),
        ("gba;14522;b;;;", (f"{UNION};{BURGSTAEDT};;;",)),
    ],
    ids=["another role", "later", "a day between", "off", "who acts", "from there", "the union", "a larger region"],
)
def test_what_may_be_reached_on_some_day_from_some_place_is_not(rule: str, acting: tuple[str, ...]) -> None:
    assert lines((rule,), acting) == []


def effort(whole: RoutingDocument) -> int:
    """Lines run by a check: nobody else disturbs it."""
    count = 0

    def seen(_: FrameType, event: str, __: object) -> Any:
        nonlocal count
        count += event == "line"
        return seen

    before = sys.gettrace()
    sys.settrace(seen)
    try:
        check(whole, Known(None))
    finally:
        sys.settrace(before)
    return count


def many_rules(number: int) -> RoutingDocument:
    """For one region, in which others act for as many other roles."""
    return tables(
        [f"role-{one};{MUEHLAU};b;;;" for one in range(number)],
        [f"{MUEHLAU};{BURGSTAEDT};other-{one};;" for one in range(number)],
    )


def many_ways(number: int) -> RoutingDocument:
    """A region acts for many others, and for it another one for many roles, and so on."""
    others = [f"14522{one:07}" for one in range(number)]
    acting = [
        *(f"{other};{MUEHLAU};;;" for other in others),
        *(f"{MUEHLAU};{BURGSTAEDT};role-{one};;" for one in range(number)),
        *(f"{BURGSTAEDT};{CHEMNITZ};role-{one};;" for one in range(number)),
    ]
    return tables((), acting, [*PLACES, *others])


@pytest.mark.parametrize(("whole", "number"), [(many_rules, 500), (many_ways, 50)])
def test_twice_as_many_rows_cost_twice_as_much(whole: Callable[[int], RoutingDocument], number: int) -> None:
    assert effort(whole(2 * number)) < 2.5 * effort(whole(number))


RULES = st.lists(
    st.tuples(
        st.sampled_from(["14", "14522", UNION, *PLACES]),
        st.sampled_from([";", "2020-01-01;", ";2021-12-31", "2020-01-01;2024-12-31"]),
        st.sampled_from(["", "test"]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda rule: (rule[0], rule[2]),
)
ACTING = st.lists(
    st.tuples(
        st.sampled_from(["14522", UNION, *PLACES]),
        st.sampled_from([UNION, *PLACES]),
        st.sampled_from(["", "gba", "psw"]),
        st.sampled_from([";", "2020-01-01;", ";2021-12-31", "2022-01-01;"]),
    ),
    max_size=4,
)


@given(RULES, ACTING)
def test_the_resolver_never_reaches_what_is_refused(
    rules: list[tuple[str, str, str]], acting: list[tuple[str, str, str, str]]
) -> None:
    written = [f"gba;{region};amt-{line};{days};{stage}" for line, (region, days, stage) in enumerate(rules, start=2)]
    instead = [f"{region};{by};{role};{days}" for region, by, role, days in acting]
    found = problems_of(written, instead)
    assume(all("nie erreicht" in one.de for one in found))

    resolver = Resolver.load(tables(written, instead))
    reached = {
        authority
        for place in ("14", "14522", UNION, *PLACES)
        for on in DAYS
        for stage in (Stage.LIVE, Stage.TEST)
        for authority in resolver.resolve(TREE, place, on, stage).authorities
    }

    assert reached.isdisjoint({f"amt-{one.line}" for one in found})

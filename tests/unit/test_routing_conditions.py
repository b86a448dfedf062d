"""Conditions: what they mean, that unknown stays unknown, and that what is proved to exclude each other does."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amtsbote.model.conditions import Condition, ConditionRefused, parse

DAY = date(2026, 4, 1)


def holds(text: str, on: date = DAY, **facts: str) -> bool | None:
    return parse(text).holds(facts, on)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("klasse=gemeinde|kreis", {"klasse": "kreis"}, True),
        ("klasse=gemeinde|kreis", {"klasse": "land"}, False),
        ("klasse=gemeinde|kreis", {}, None),
        ("strasse=B*", {"strasse": "B173"}, True),
        ("strasse=B*", {"strasse": "S236"}, False),
        ("klasse!=land|bund", {"klasse": "kreis"}, True),
        ("klasse!=land|bund", {"klasse": "bund"}, False),
        ("klasse!=land|bund", {}, None),
        ("betrag<=5000", {"betrag": "5000.00"}, True),
        ("betrag<5000", {"betrag": "5000"}, False),
        ("betrag>5000", {"betrag": "viel"}, None),
        ("betrag>-1", {"betrag": "0"}, True),
        ("betrag=0..10", {"betrag": "0"}, True),
        ("betrag=1..10|20", {"betrag": "20"}, True),
        ("betrag=1..10|20", {"betrag": "15"}, False),
        ("einzug>=2026-05-01", {"einzug": "2026-05-01"}, True),
        ("einzug=2026-01-01..2026-03-31", {"einzug": "2026-04-01"}, False),
        ("einzug>=2026-05-01", {"einzug": "5"}, None),
        ("klasse=kreis und betrag>10", {"klasse": "land"}, False),
        ("klasse=kreis und betrag>10", {"klasse": "kreis"}, None),
        ("klasse=kreis und betrag>10", {"klasse": "kreis", "betrag": "11"}, True),
        ("monat=3..9", {}, True),
        ("monat=10..2", {}, False),
        ("monat=3..9", {"monat": "12"}, True),
        ("monat!=4", {}, False),
        ("monat<=4", {}, True),
        ("tag>=2026-04-02", {}, False),
        ("tag=2026-04-01", {}, True),
    ],
)
def test_what_a_condition_means(text: str, facts: Mapping[str, str], expected: bool | None) -> None:
    assert parse(text).holds(facts, DAY) is expected


@pytest.mark.parametrize(("month", "expected"), [(1, True), (2, True), (3, False), (9, False), (10, True), (12, True)])
def test_months_go_over_the_turn_of_the_year(month: int, expected: bool) -> None:
    assert holds("monat=10..2", date(2026, month, 28)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "klasse",
        "klasse=",
        "=kreis",
        "Klasse=kreis",
        "klasse==kreis",
        "klasse=a b",
        "klasse=a*b",
        "klasse=*",
        "klasse=a|",
        "betrag<viel",
        "betrag=1..x",
        "betrag=9..1",
        "einzug=2026-01-01..5",
        "einzug>2026-02-30",
        "monat=0",
        "monat=13",
        "monat=1.5",
        "monat=3*",
        "tag=heute",
        "tag>5",
        "klasse=a und klasse=b",
        "betrag<5 und betrag>6",
        "betrag<=5.000",
        "betrag=1..12.500",
        "betrag<=5000,50",
        "monat!=1..12",
        "a=1 oder b=2",
        "a=1 und ",
        "a=" + "x" * 500,
    ],
)
def test_what_is_no_condition_is_refused_with_the_part_that_is_wrong(text: str) -> None:
    with pytest.raises(ConditionRefused) as refused:
        parse(text)
    assert refused.value.de.format(value="x")
    assert refused.value.en.format(value="x")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("k=a", "k=b", True),
        ("k=a|b", "k=b|c", False),
        ("k=a", "k!=a", True),
        ("k=a|b", "k!=a", False),
        ("k=ab*", "k!=a*", True),
        ("k=a*", "k=ab", False),
        ("k=a*", "k=b*", True),
        ("b<5", "b>=5", True),
        ("b<=5", "b>=5", False),
        ("b=1..4", "b=5..9", True),
        ("b=1..5", "b!=0..10", True),
        ("b=7", "b<5", True),
        ("e<2026-01-01", "e>=2026-01-01", True),
        ("e<2026-01-01", "e>5", False),
        ("monat=3..9", "monat=10..2", True),
        ("monat!=3..9", "monat=4", True),
        ("monat!=3..9", "monat!=10..2", True),
        ("k=a", "j=b", False),
        ("k=a und j=x", "k=a und j=y", True),
    ],
)
def test_two_conditions_exclude_each_other_only_where_it_is_provable(one: str, other: str, expected: bool) -> None:
    assert parse(one).apart(parse(other)) is expected
    assert parse(other).apart(parse(one)) is expected


VALUES = ("a", "ab", "b", "1", "2", "5", "10", "2026-01-01", "2026-06-30")
TERMS = st.one_of(
    st.builds(
        lambda fact, operator, values: f"{fact}{operator}{'|'.join(values)}",
        st.sampled_from(("k", "j")),
        st.sampled_from(("=", "!=")),
        st.lists(
            st.sampled_from((*VALUES, "a*", "1*", "1..5", "5..10", "2026-01-01..2026-03-01")), min_size=1, max_size=2
        ),
    ),
    st.builds(
        lambda fact, operator, value: f"{fact}{operator}{value}",
        st.sampled_from(("k", "j")),
        st.sampled_from(("<", "<=", ">", ">=")),
        st.sampled_from(("2", "5", "2026-01-01")),
    ),
    st.builds(
        lambda operator, first, last: f"monat{operator}{first}..{last}",
        st.sampled_from(("=", "!=")),
        st.integers(1, 12),
        st.integers(1, 12),
    ),
)
FACTS = st.dictionaries(st.sampled_from(("k", "j")), st.sampled_from(VALUES), max_size=2)
DAYS = st.dates(date(2025, 12, 1), date(2026, 7, 31))


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    try:
        return parse(" und ".join(draw(st.lists(TERMS, min_size=1, max_size=2))))
    except ConditionRefused:
        return parse("k=a")


@given(conditions(), conditions(), FACTS, DAYS)
def test_what_is_apart_never_holds_together(one: Condition, other: Condition, facts: dict[str, str], on: date) -> None:
    if one.apart(other):
        assert not (one.holds(facts, on) is True and other.holds(facts, on) is True)


@given(conditions(), FACTS, DAYS)
def test_a_verdict_stays_when_more_becomes_known(condition: Condition, facts: dict[str, str], on: date) -> None:
    for name in facts:
        fewer = {key: value for key, value in facts.items() if key != name}
        if (before := condition.holds(fewer, on)) is not None:
            assert condition.holds(facts, on) is before


@given(st.text(max_size=30))
def test_no_text_ends_in_anything_but_a_condition_or_a_refusal(text: str) -> None:
    try:
        condition = parse(text)
    except ConditionRefused:
        return
    assert condition.holds({}, DAY) in {True, False, None}

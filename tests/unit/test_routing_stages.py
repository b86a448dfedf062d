"""Rules for tests are a layer over the live ones, rules that are off are none, and both are checked like any rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_documents import AUTHORITIES, CHEMNITZ, TREE, with_bytes

from amtsbote.model.routing import Hop, RoutingDocument
from amtsbote.model.stage import Stage
from routing.resolver import Resolver
from routing.tables import Known, RoutingRefused, check

DAY = date(2026, 3, 1)
HEADER = "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;stage"
Rule = tuple[str, str, str]
"""Prefix, authority, stage."""


def staged(*rules: Rule) -> RoutingDocument:
    rows = [f"gba;{prefix};{authority};;;{stage}" for prefix, authority, stage in rules]
    return with_bytes(zustaendigkeiten="\n".join([HEADER, *rows, ""]).encode())


def asked(stage: Stage, *rules: Rule) -> tuple[str, ...]:
    return Resolver.load(staged(*rules)).resolve(TREE, CHEMNITZ, DAY, stage).authorities


@pytest.mark.parametrize(
    ("rules", "live", "test"),
    [
        ((("14", "amt-a", ""),), ("amt-a",), ("amt-a",)),
        ((("14", "amt-a", "live"), ("14", "amt-b", "test")), ("amt-a",), ("amt-b",)),
        ((("14", "amt-a", "live"), ("14511", "amt-b", "test")), ("amt-a",), ("amt-b",)),
        ((("14511", "amt-a", "live"), ("14", "amt-b", "test")), ("amt-a",), ("amt-a",)),
        ((("14", "amt-a", "off"),), (), ()),
        ((("14", "amt-a", "live"), ("14511", "amt-b", "off")), ("amt-a",), ("amt-a",)),
        ((("14", "amt-a", "test"),), (), ("amt-a",)),
    ],
)
def test_a_test_rule_replaces_the_live_rules_of_its_prefix_for_tests_alone(
    rules: tuple[Rule, ...], live: tuple[str, ...], test: tuple[str, ...]
) -> None:
    assert (asked(Stage.LIVE, *rules), asked(Stage.TEST, *rules)) == (live, test)


def test_the_trace_tells_a_test_rule_from_a_live_one() -> None:
    trace = Resolver.load(staged(("14", "amt-a", "test"))).resolve(TREE, CHEMNITZ, DAY, Stage.TEST).trace

    assert trace.hops[-1] == Hop("zustaendigkeiten", "gba + 14 → amt-a (test)", 2, "land")


def test_rules_that_are_off_can_be_named() -> None:
    resolver = Resolver.load(staged(("14", "amt-a", "off"), (CHEMNITZ, "amt-b", "off"), ("02", "amt-c", "off")))

    found = resolver.switched_off(TREE, CHEMNITZ, DAY)

    assert [(hop.rule, hop.line) for hop in found] == [
        (f"gba + {CHEMNITZ} → amt-b (off)", 3),
        ("gba + 14 → amt-a (off)", 2),
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "14", "14511", CHEMNITZ]),
            st.sampled_from(sorted(AUTHORITIES)),
            st.sampled_from(["", "live", "test", "off"]),
        ),
        max_size=8,
    )
)
def test_live_answers_do_not_depend_on_any_rule_for_tests(rules: list[Rule]) -> None:
    in_earnest = [rule for rule in rules if rule[2] in {"", "live"}]

    assert asked(Stage.LIVE, *rules) == asked(Stage.LIVE, *in_earnest)


def refused(*rules: Rule) -> list[tuple[int, str]]:
    with pytest.raises(RoutingRefused) as refusal:
        check(staged(*rules), Known(AUTHORITIES))
    return [(problem.line, problem.column) for problem in refusal.value.problems]


@pytest.mark.parametrize("stage", ["Test", "active", " live", "off "])
def test_an_unknown_stage_is_a_mistake(stage: str) -> None:
    assert refused(("14", "amt-a", stage)) == [(2, "stage")]


def test_the_same_rule_twice_is_a_mistake_within_one_stage_only() -> None:
    check(staged(("14", "amt-a", "live"), ("14", "amt-a", "test"), ("14", "amt-a", "off")), Known(AUTHORITIES))

    assert refused(("14", "amt-a", ""), ("14", "amt-a", "live")) == [(3, "rolle")]


def test_only_competences_have_a_stage() -> None:
    rows = f"leistung;rolle;gueltig_ab;gueltig_bis;stage\n{TREE};gba;;;test\n"

    with pytest.raises(RoutingRefused):
        check(with_bytes(rollen=rows.encode()), Known(AUTHORITIES))

"""The judge of the campaign can fail: each fault a broker could have is found and named."""

from dataclasses import replace
from typing import Any

import pytest
from campaign_judge import Arrival, Promise, Sight, judge

BOTH = Promise("both", frozenset({"chemnitz", "archive"}), content="b")
PROMISES = (BOTH, Promise("bad", end="reject-submission"), Promise("odd", end=None))
CAME = (Arrival("chemnitz", "both", "d1", "b"), Arrival("archive", "both", "d2", "b"))
BEGUN = ("create-submission", "submit-submission")
EVENTS = {"both": (*BEGUN, "accept-submission"), "bad": (*BEGUN, "reject-submission"), "odd": BEGUN}
STATES = {"both": "accepted", "bad": "rejected", "odd": "held", "never-finished": "announced"}
ALL_WELL = Sight(CAME, events=EVENTS, states=STATES, cases={"odd": 1})


def test_what_came_as_it_was_promised_is_good() -> None:
    verdict = judge(PROMISES, ALL_WELL)

    assert verdict.good
    assert verdict.line == "acceptance ok sent=3 delivered=2 doubled=0 lost=0"
    assert list(verdict.told()) == []


@pytest.mark.parametrize(
    ("kind", "names", "changes"),
    [
        ("lost", "both never came to archive", {"arrivals": CAME[:1]}),
        ("lost", "bad has no reject-submission", {"events": EVENTS | {"bad": BEGUN}}),
        ("lost", "bad was acknowledged and is unknown", {"states": {"both": "accepted", "odd": "held"}}),
        ("doubled", "both came 2 times to chemnitz", {"arrivals": (*CAME, replace(CAME[0], delivery="d3"))}),
        ("doubled", "both ends with accept-submission, reject-submission",
         {"events": EVENTS | {"both": (*EVENTS["both"], "reject-submission")}}),
        ("stray", "bad at saxony", {"arrivals": (*CAME, Arrival("saxony", "bad", "d4", ""))}),
        ("changed", "both at chemnitz", {"arrivals": (replace(CAME[0], content="c"), CAME[1])}),
        ("torn", "20260801_half", {"torn": ("20260801_half: no marker",)}),
        ("stuck", "2 jobs are left", {"jobs": 2}),
        ("stuck", "both has 1 open", {"cases": {"odd": 1, "both": 1}}),
        ("stuck", "odd has 0 open", {"cases": {}}),
        ("stuck", "stranger is submitted", {"states": STATES | {"stranger": "submitted"}}),
        ("stuck", "stranger is a Klärungsfall", {"cases": {"odd": 1, "stranger": 1}}),
        ("stuck", "nobody acknowledged an application", {"unsent": ("an application",)}),
        ("unverified", "bad: InvalidSignature", {"unverified": {"bad": "InvalidSignature"}}),
        ("wrong-end", "bad ends with accept", {"events": EVENTS | {"bad": (*BEGUN, "accept-submission")}}),
        ("wrong-end", "odd ends with accept", {"events": EVENTS | {"odd": (*BEGUN, "accept-submission")}}),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_named(kind: str, names: str, changes: dict[str, Any]) -> None:
    verdict = judge(PROMISES, replace(ALL_WELL, **changes))

    assert verdict.faults.keys() == {kind}
    assert any(told.startswith(f"{kind}: ") and names in told for told in verdict.told())
    assert verdict.line.startswith("acceptance failed sent=3 ")
    assert f" {kind}={len(verdict.faults[kind])}" in verdict.line


def test_a_fault_of_one_kind_does_not_hide_another() -> None:
    verdict = judge(PROMISES, replace(ALL_WELL, arrivals=(CAME[0], CAME[0]), jobs=1))

    assert verdict.faults.keys() == {"lost", "doubled", "stuck"}

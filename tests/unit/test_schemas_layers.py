"""How the findings of several layers become one report."""

from collections.abc import Iterator

import pytest
from schemas_for_tests import changed, inspector, tree_felling

from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.findings import Observation
from schemas.layers import Tally
from schemas.plan import MAX_FINDINGS

(PLAN,) = tree_felling().plans()
LATER = Layer.PACKAGE_RULES


def seen(severity: Severity, count: int) -> Iterator[Observation]:
    for number in range(count):
        yield Observation("XSD-PATTERN", f"/a[{number}]", severity=severity)


def test_a_document_against_its_schema_is_judged_no_further() -> None:
    layers = inspector().inspect(changed(">112<", ">dick<")).layers

    assert set(layers) == set(Layer)
    assert layers[Layer.WELL_FORMED] is LayerOutcome.PASSED
    assert layers[Layer.XSD] is LayerOutcome.FAILED
    assert layers[Layer.JSON_SCHEMA] is LayerOutcome.NOT_DECLARED


def test_a_warning_leaves_a_layer_passed_and_the_document_valid() -> None:
    tally = Tally(PLAN)

    assert tally.take(LATER, seen(Severity.WARNING, 3))

    assert tally.valid
    report = tally.report({"region": "1"})
    assert (report.layers[LATER], len(report.findings), report.more) == (LayerOutcome.PASSED, 3, False)


def test_no_number_of_warnings_hides_an_error() -> None:
    tally = Tally(PLAN)
    many = [*seen(Severity.WARNING, 1000), *seen(Severity.ERROR, 1)]

    assert not tally.take(LATER, iter(many))

    report = tally.report()
    assert (report.layers[LATER], report.more) == (LayerOutcome.FAILED, True)
    assert len(report.findings) == MAX_FINDINGS
    assert report.findings[-1].severity is Severity.ERROR


def test_nobody_asks_for_more_errors_than_are_kept() -> None:
    endless = (Observation("XSD-PATTERN", f"/a[{number}]") for number in iter(int, 1))
    tally = Tally(PLAN)

    assert not tally.take(LATER, endless)

    assert tally.report().more


@pytest.mark.parametrize("order", [(1, 0), (0, 1)])
def test_two_checks_of_one_layer_pass_together_or_not_at_all(order: tuple[int, int]) -> None:
    tally = Tally(PLAN)
    for errors in order:
        tally.take(LATER, seen(Severity.ERROR, errors))

    assert tally.report().layers[LATER] is LayerOutcome.FAILED


def test_an_error_of_every_layer_is_kept() -> None:
    tally = Tally(PLAN)
    tally.take(LATER, seen(Severity.ERROR, MAX_FINDINGS))
    tally.take(Layer.WELL_FORMED, [Observation("XML-SYNTAX")])

    codes = [finding.code for finding in tally.report().findings]

    assert (len(codes), codes[-1]) == (MAX_FINDINGS, "XML-SYNTAX")

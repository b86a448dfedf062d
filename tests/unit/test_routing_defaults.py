"""Where the operator's own rows go before what a service package says."""

from datetime import date

import pytest
from routing_documents import TREE, document, wide

from amtsbote.model.routing import DefaultRule, RoutingDocument
from routing.defaults import Standing, standings

DAY = date(2026, 3, 1)
MAIN = DefaultRule("baum-1.0", TREE, "gba")
SAXON = DefaultRule("baum-1.0", TREE, "gba", "14")
ALSO = DefaultRule("baum-1.0", TREE, "unb", kind="weitere", condition="monat=3..9")


def standing(default: DefaultRule, *rows: str) -> Standing:
    roles = wide("rollen", "gebiet;art;bedingung;herkunft", *rows)
    [found] = standings([default], RoutingDocument(1, {**document().tables, "rollen": roles}), DAY)
    return found


@pytest.mark.parametrize(
    ("default", "row", "overridden", "everywhere"),
    [
        (MAIN, f"{TREE};bab;;;;;;", True, True),
        (MAIN, f"{TREE};bab;;;14;;;", True, False),
        (SAXON, f"{TREE};bab;;;;;;", True, True),
        (SAXON, f"{TREE};bab;;;12;;;", False, False),
        (SAXON, f"{TREE};bab;;;14522;;;", True, False),
        (MAIN, f"{TREE};bab;;;;;monat=1;", True, False),
        (MAIN, f"{TREE};bab;2027-01-01;;;;;", True, False),
        (MAIN, f"{TREE};bab;;2025-12-31;;;;", False, False),
        (MAIN, f"{TREE};bab;;;;weitere;;", False, False),
        (MAIN, f"{TREE};bab;;;;;;paket:andere-1.0", False, False),
        (ALSO, f"{TREE};unb;;;14511;entfaellt;;", True, False),
        (ALSO, f"{TREE};ora;;;;weitere;;", False, False),
    ],
)
def test_own_rows_of_the_same_choice_around_the_region_or_within_it_go_before(
    default: DefaultRule, row: str, overridden: bool, everywhere: bool
) -> None:
    found = standing(default, row)

    assert (bool(found.overridden), found.everywhere) == (overridden, everywhere)
    assert all(one.line == 2 for one in found.overridden)


def test_before_the_first_tables_every_default_stands() -> None:
    [found] = standings([MAIN], RoutingDocument(0, {}), DAY)

    assert (found.default, found.overridden) == (MAIN, ())

"""What the routing API may say while the facts of a message are not known: the one destination all lead to, or none."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from application_kit import CHEMNITZ, TREE_FELLING
from directory_for_tests import TABLES
from house_for_tests import COLLECTING, DIRECT, House, with_entries

from amtsbote.daemon.snapshot import PublishedRoutes, Snapshot
from amtsbote.model.directory import Authority
from amtsbote.model.ids import AuthorityId, TenantId
from amtsbote.model.routing import RoutingDocument
from routing.former import FormerKeys
from routing.regions.search import Gazetteer
from routing.regions.tables import read_tables
from routing.resolver import Resolver

MAY = datetime(2026, 5, 4, 12, tzinfo=UTC)
SAXONY = TenantId("saxony")
KREIS, GEMEINDE = f"gba;{CHEMNITZ};land;;;handwerk=true;", f"gba;{CHEMNITZ};dorf;;;handwerk=false;"
ELSE = f"gba;{CHEMNITZ};land;;;handwerk!=true|false;"


def published(house: House, *rules: str, roles: tuple[str, ...] = ()) -> PublishedRoutes:
    """In place of the rule for Chemnitz: these; `dorf` is a second authority of Saxony, whose destination collects."""
    dorf = Authority(AuthorityId("dorf"), SAXONY, "Dorf", ())
    directory = with_entries(house.directory, authorities=[dorf])
    kept = [row for row in TABLES["zustaendigkeiten"] if not row.startswith(f"gba;{CHEMNITZ}")]
    header = "leistung;rolle;gueltig_ab;gueltig_bis;art;bedingung"
    tables = {
        **TABLES,
        "zustaendigkeiten": (*kept, *rules),
        "rollen": (header, f"{TREE_FELLING};gba;;;;", *roles),
    }
    document = RoutingDocument(1, {name: "\n".join(rows).encode() for name, rows in tables.items()})
    resolver, gazetteer = Resolver.load(document), Gazetteer.of(read_tables(document.tables))
    return PublishedRoutes(Snapshot(directory, resolver, gazetteer, FormerKeys(resolver)))


def destination(routes: PublishedRoutes, **facts: str) -> str | None:
    found = routes.route(TREE_FELLING, CHEMNITZ, MAY, facts).destination
    return None if found is None else found.id


async def test_every_possibility_at_one_collecting_destination_is_published(house: House) -> None:
    routes = published(house, KREIS, GEMEINDE, ELSE, "gba;14;land;;;;")
    way = routes.route(TREE_FELLING, CHEMNITZ, MAY)

    assert destination(routes) == COLLECTING
    assert (way.authorities, way.name) == (("dorf", "land"), "saxony")
    assert routes.route(TREE_FELLING, CHEMNITZ, MAY, {"handwerk": "false"}).name == "Dorf"


@pytest.mark.parametrize(
    "rules",
    [
        (KREIS, GEMEINDE, ELSE),
        (KREIS, f"gba;{CHEMNITZ};gba;;;handwerk=false;", "gba;14;land;;;;"),
        (KREIS, f"gba;{CHEMNITZ};-;;;handwerk=false;Niemand.", "gba;14;land;;;;"),
        (f"gba;{CHEMNITZ};gba;;;handwerk=true;",),
    ],
    ids=["a gap behind", "two destinations", "perhaps nobody", "perhaps no rule"],
)
async def test_where_it_may_be_another_nothing_is_published(house: House, rules: tuple[str, ...]) -> None:
    assert destination(published(house, *rules)) is None


async def test_whether_somebody_else_gets_it_too_is_no_matter_of_the_destination(house: House) -> None:
    may_be = (f"{TREE_FELLING};hwk;;;weitere;handwerk=true",)
    routes = published(house, f"gba;{CHEMNITZ};gba;;;;", roles=may_be)

    assert destination(routes) == DIRECT
    assert destination(routes, handwerk="false") == DIRECT
    assert destination(routes, handwerk="true") is None  # nobody is entered for it: it would wait for a person


async def test_a_stale_key_is_published_by_its_confirmed_successor(house: House) -> None:
    routes = published(house, f"gba;{CHEMNITZ};gba;;;;")
    tables = {**TABLES, "nachfolger": ("ars_alt;ars_neu;ab", f"145000000000;{CHEMNITZ};2020-01-01")}
    document = RoutingDocument(1, {name: "\n".join(rows).encode() for name, rows in tables.items()})
    stale = replace(routes, snapshot=replace(routes.snapshot, resolver=Resolver.load(document)))

    found = stale.route(TREE_FELLING, "145000000000", MAY)

    assert found.destination is not None
    assert found.destination.id == DIRECT
    assert stale.route(TREE_FELLING, "145000000001", MAY).destination is None

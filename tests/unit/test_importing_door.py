"""What the door lets stand beside the rows of others, one kind of collision after the other."""

from collections.abc import Callable
from datetime import date

import pytest

from amtsbote.model.directory import Authority
from amtsbote.model.ids import AuthorityId, TargetId, TenantId
from routing.importing.door import Registry, Vouched, take_in
from routing.offer import Offer
from routing.refusal import RoutingRefused
from routing.regions.rules import RuleRow

STAND = date(2026, 9, 1)
HEADS = {
    "behoerden": "behoerde;mandant;name;ziele",
    "leistungen": "leistung;name",
    "rollen": "leistung;rolle;gebiet;art;prioritaet;gueltig_ab;gueltig_bis",
    "vertretungen": "gebiet;handelnd;rolle;gueltig_ab;gueltig_bis",
    "zustaendigkeiten": "rolle;gebiet;behoerde;stage;prioritaet;gueltig_ab;gueltig_bis",
}
S = "99093003001002"


def table(name: str, *rows: str) -> dict[str, bytes]:
    return {name: "".join(f"{row}\n" for row in (HEADS[name], *rows)).encode()}


def outcome(local: dict[str, bytes], offered: dict[str, bytes], *, narrower_first: bool = False) -> str:
    """Of the one row that is offered."""
    taken = take_in(Registry(local), Offer("pvog", STAND, tables=offered), Vouched(narrower_first=narrower_first))
    return taken.notes[0].outcome


@pytest.mark.parametrize(
    ("name", "local", "offered", "expected"),
    [
        ("zustaendigkeiten", "gba;14511;a;;;;", "gba;14511;b;;;;", "local-first"),
        ("zustaendigkeiten", "gba;14511;a;;;;", "gba;14;b;;;;", "added"),
        ("zustaendigkeiten", "gba;14;a;;;;", "gba;14511;b;;;;", "local-first"),
        ("zustaendigkeiten", "gba;14;a;;;;", "unb;14511;b;;;;", "added"),
        ("zustaendigkeiten", "gba;14;a;;;;", "gba;16;b;;;;", "added"),
        ("zustaendigkeiten", "gba;14;a;;;2020-01-01;2025-12-31", "gba;14;b;;;2026-01-01;", "added"),
        ("zustaendigkeiten", "gba;14;a;;;;", "gba;14;b;;-1;;", "added"),
        ("zustaendigkeiten", "gba;14;a;;-1;;", "gba;14;b;;;;", "local-first"),
        ("zustaendigkeiten", "gba;14;a;;;;", "gba;14;b;test;;;", "local-first"),
        ("zustaendigkeiten", "gba;14;a;test;;;", "gba;14;b;;;;", "added"),
        ("zustaendigkeiten", "gba;14;a;off;;;", "gba;14;b;;;;", "added"),
        ("zustaendigkeiten", "gba;14;a;off;;;", "gba;14;b;off;;;", "local-first"),
        ("zustaendigkeiten", "gba;14;a;;;;", "gba;14;a;live;0;;", "agrees"),
        ("rollen", f"{S};gba;;;;;", f"{S};unb;14;;;;", "local-first"),
        ("rollen", f"{S};gba;14;;;;", f"{S};unb;;;;;", "added"),
        ("rollen", f"{S};gba;14;;;;", f"{S};unb;;weitere;;;", "local-first"),
        ("rollen", f"{S};gba;14;;;;", f"{S};unb;16;weitere;;;", "added"),
        ("rollen", f"{S};unb;14;weitere;;;", f"{S};gba;14;;;;", "added"),
        ("vertretungen", "14511;14;;;", "14511;16;;;", "local-first"),
        ("vertretungen", "14511;14;gba;;", "14511;16;;;", "added"),
        ("vertretungen", "14511;14;gba;;", "14511;16;unb;;", "added"),
        ("leistungen", f"{S};Baum", f"{S};Baumfällung", "local-first"),
        ("leistungen", f"{S};Baum", f"{S};Baum", "agrees"),
    ],
)
def test_a_row_stands_behind_those_of_others_or_not_at_all(name: str, local: str, offered: str, expected: str) -> None:
    assert outcome(table(name, local), table(name, offered)) == expected


@pytest.mark.parametrize("offered", [f"{S};unb;;;;;", f"{S};unb;14;;;;", f"{S};gba;14;;;;", f"{S};unb;;weitere;;;"])
def test_an_offered_row_goes_before_a_default_that_was_copied_from_a_package(offered: str) -> None:
    head, row = "leistung;rolle;gebiet;gueltig_ab;gueltig_bis;herkunft", f"{S};gba;14;;;paket:baum-1.0"
    local = {"rollen": f"{head}\n{row}\n".encode()}

    taken = take_in(Registry(local), Offer("pvog", STAND, tables=table("rollen", offered)), Vouched())

    assert [note.outcome for note in taken.notes] == ["added"]
    assert b"paket:baum-1.0" in taken.tables["rollen"]


@pytest.mark.parametrize(
    ("region", "role", "expected"),
    [
        ("14511", "gba", "local-first"),
        ("14", "", "local-first"),
        ("145110000000", "gba", "local-first"),
        ("14511", "unb", "added"),
        ("16", "gba", "added"),
    ],
)
def test_who_acts_is_not_offered_where_somebody_is_competent_already(region: str, role: str, expected: str) -> None:
    """Around the region of the rule, at it, and within it."""
    local = table("zustaendigkeiten", "gba;14511;a;;;;")

    assert outcome(local, table("vertretungen", f"{region};13;{role};;")) == expected


def acting_and_competent(count: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    competent = table("zustaendigkeiten", *(f"gba;14{at:03};a;;;;" for at in range(count)))
    return competent, table("vertretungen", *(f"15{at:03};13;;;" for at in range(count)))


def further_and_competent(count: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    main = table("rollen", *(f"{S};gba;14{at:03};;;;" for at in range(count)))
    return main, table("rollen", *(f"{S};unb;15{at:03};weitere;;;" for at in range(count)))


@pytest.mark.parametrize("made", [acting_and_competent, further_and_competent])
def test_twice_as_many_rows_are_twice_the_work(
    made: Callable[[int], tuple[dict[str, bytes], dict[str, bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work is counted in cells that are read."""
    real = RuleRow.__getitem__
    read: list[str] = []

    def counted(row: RuleRow, column: str) -> str:
        read.append(column)
        return real(row, column)

    monkeypatch.setattr(RuleRow, "__getitem__", counted)
    work = []
    for count in (100, 200):
        read.clear()
        local, offered = made(count)
        taken = take_in(Registry(local), Offer("pvog", STAND, tables=offered), Vouched())
        assert len(taken.notes) == count
        work.append(len(read))
    assert work[1] < 2.5 * work[0]


def test_a_rule_nobody_would_reach_is_left_out_and_who_acts_there_is_named() -> None:
    local = table("vertretungen", "14511;16;gba;2020-01-01;2025-12-31", "14511;15;gba;2026-01-01;")

    assert outcome(local, table("zustaendigkeiten", "gba;145110000000;b;;;2021-01-01;")) == "local-first"
    assert outcome(local, table("zustaendigkeiten", "gba;145110000000;b;;;;")) == "added"
    assert outcome(local, table("zustaendigkeiten", "unb;145110000000;b;;;2021-01-01;")) == "added"
    own = {**table("vertretungen", "14511;16;;;"), **table("zustaendigkeiten", "gba;14511;b;;;;")}
    with pytest.raises(RoutingRefused):
        take_in(Registry({}), Offer("pvog", STAND, tables=own), Vouched())


def test_somebody_may_want_narrower_rules_first_and_no_others() -> None:
    local = table("zustaendigkeiten", "gba;14;a;;;;")

    assert outcome(local, table("zustaendigkeiten", "gba;14511;b;;;;"), narrower_first=True) == "before-wider"
    assert outcome(local, table("zustaendigkeiten", "gba;14;b;;;;"), narrower_first=True) == "local-first"


def test_a_rule_by_hand_that_is_written_later_takes_the_place_at_the_next_import() -> None:
    offer = Offer("pvog", STAND, tables=table("zustaendigkeiten", "gba;14511;b;;;;"))
    first = take_in(Registry({}), offer, Vouched())
    written = first.tables["zustaendigkeiten"] + b"gba;14511;a;;2026-01-01;;;;;;\n"

    again = take_in(Registry({"zustaendigkeiten": written}), offer, Vouched())

    assert [note.outcome for note in again.notes] == ["local-first", "withdrawn"]


MANY = range(100)


def test_authorities_that_stayed_because_they_were_named_go_later_without_being_vouched_for_again() -> None:
    def offer(day: int, *ids: int) -> Offer:
        return Offer("pvog", STAND.replace(day=day), tables=table("behoerden", *(f"amt{at};gera;Amt;" for at in ids)))

    named = {AuthorityId(f"amt{at}"): "zustaendigkeiten:2" for at in MANY}
    first = take_in(Registry({}), offer(1, *MANY), Vouched(), named)
    held = take_in(first, offer(2, *MANY[25:]), Vouched(complete=True), named)
    assert held.authorities.keys() == named.keys()

    after = take_in(held, offer(3, *MANY[25:], 100), Vouched())

    assert after.authorities.keys() == {f"amt{at}" for at in (*MANY[25:], 100)}
    assert take_in(after, offer(4, *MANY[60:]), Vouched()).notes[-1].outcome == "incomplete"


def test_services_that_stayed_because_roles_needed_them_go_later_without_being_vouched_for_again() -> None:
    def offer(day: int, *ids: int) -> Offer:
        services = table("leistungen", *(f"{S[:-3]}{at:03};Leistung" for at in ids))
        return Offer("pvog", STAND.replace(day=day), tables=services)

    roles = table("rollen", *(f"{S[:-3]}{at:03};gba;;;;;" for at in MANY))
    first = take_in(Registry(roles), offer(1, *MANY), Vouched())
    held = take_in(first, offer(2, *MANY[25:]), Vouched(complete=True))
    assert held.tables["leistungen"].count(b"import:pvog") == 100

    after = take_in(Registry({"leistungen": held.tables["leistungen"]}), offer(3, *MANY[25:], 100), Vouched())

    assert after.tables["leistungen"].count(b"import:pvog") == 76
    assert take_in(after, offer(4, *MANY[60:]), Vouched()).notes[-1].outcome == "incomplete"


def test_an_authority_keeps_its_tenant_and_targets_as_the_source_says() -> None:
    offered = table("behoerden", "neu;gera;Neues Amt;eins , zwei", "alt;gera;Altes Amt;")
    first = take_in(Registry({}), Offer("pvog", STAND, tables=offered), Vouched())

    ids = AuthorityId("neu"), TenantId("gera")
    assert first.authorities[ids[0]] == Authority(
        *ids, "Neues Amt", (TargetId("eins"), TargetId("zwei")), "import:pvog", STAND
    )


@pytest.mark.parametrize("id_", ["bab:145110000000", "töj", "", "a b", "-x", "x" * 65])
def test_an_id_no_declaration_could_have_is_refused(id_: str) -> None:
    with pytest.raises(RoutingRefused) as refused:
        take_in(Registry({}), Offer("pvog", STAND, tables=table("behoerden", f"{id_};gera;Amt;")), Vouched())
    assert [problem.line for problem in refused.value.problems] == [2]


def test_what_no_source_offers_is_refused() -> None:
    with pytest.raises(RoutingRefused) as refused:
        take_in(Registry({}), Offer("pvog", STAND, tables={"gebiete": b""}), Vouched())
    assert "regions import" in refused.value.problems[0].en

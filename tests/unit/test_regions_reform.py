"""What changed between two states, what probably follows what, and what it means for the rules."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import RoutingDocument, Why
from routing.references import Known
from routing.regions.area import Area, Course, Succession, kind_of
from routing.regions.difference import Change, Reason, What, difference, successions
from routing.regions.reform import Effect, Reform, reform, remembered, steps_of, with_steps
from routing.regions.succession import chosen, confirmed
from routing.regions.tables import RegionTables, read_tables, write_tables
from routing.resolver import Resolver
from routing.tables import check

DAY = date(2026, 1, 1)
EVE = date(2025, 12, 31)
STAND = date(2026, 6, 30)
OLD, NEW = "064350014014", "064150000000"
TREE = "99093003001002"


def area(ars: str, name: str, ags: str = "") -> Area:
    return Area(ars, name, kind_of(ars), ags, origin="import:liste", stand=date(2023, 11, 30))


def change(old: list[Area], new: list[Area]) -> dict[str, Change]:
    found = difference([*old, area("010010000000", "Flensburg")], [*new, area("010010000000", "Flensburg")])
    return {(one.old or one.new).ars: one for one in found}  # type: ignore[union-attr]


# the difference


def test_each_change_is_told_once_with_the_strongest_reason() -> None:
    found = change(
        [
            area("034030000000", "Oldenburg (Oldenburg), Stadt", "03403000"),
            area("010570008008", "Bönebüttel", "01057008"),
            area("072325005096", "Obergeckler", "07232096"),
            area(OLD, "Hanau", "06435014"),
            area("160760004004", "Berga/Elster, Stadt", "16076004"),
            area("160615009039", "Glasehausen", "16061039"),
        ],
        [
            area("034030000000", "Oldenburg (Oldb), Stadt", "03403000"),
            area("010575785008", "Bönebüttel", "01057008"),
            area("072325005503", "Obergeckler", "07232503"),
            area(NEW, "Hanau", "06415000"),
            area("160760094094", "Berga-Wünschendorf, Stadt", "16076094"),
        ],
    )

    assert {key: (one.what, [proposal.reason for proposal in one.proposals]) for key, one in found.items()} == {
        "034030000000": (What.RENAMED, []),
        "010570008008": (What.NEW_ARS, [Reason.SAME_AGS]),
        "072325005096": (What.NEW_KEY, [Reason.SAME_NAME_DISTRICT]),
        OLD: (What.NEW_KEY, [Reason.SAME_NAME_LAND]),
        "160760004004": (What.GONE, [Reason.PART_OF_NAME]),
        "160615009039": (What.GONE, []),
        "160760094094": (What.ADDED, []),
    }
    assert found["160615009039"].unknown


def test_a_name_that_two_have_lost_or_two_have_won_is_no_reason_across_districts() -> None:
    lost = [area("033525411038", "Neuenkirchen"), area("033580017017", "Neuenkirchen")]
    won = [area("034595404027", "Neuenkirchen")]

    assert {one.what for one in change(lost, won).values()} == {What.GONE, What.ADDED}
    assert {one.what for one in change(won, lost).values()} == {What.GONE, What.ADDED}


def test_two_of_the_name_in_the_new_district_are_both_proposed_and_neither_is_chosen() -> None:
    [found] = [
        one
        for one in change(
            [area("130755553101", "Neuenkirchen")],
            [area("130755554101", "Neuenkirchen"), area("130755555102", "Neuenkirchen")],
        ).values()
        if one.old is not None
    ]

    assert (found.what, len(found.proposals)) == (What.GONE, 2)
    assert not any(one.confirmed for one in successions([found], STAND, "import:liste"))


def test_groups_that_only_one_list_has_are_not_compared() -> None:
    assert difference([area("16061", "Eichsfeld")], [area("010010000000", "Flensburg")]) == ()


# successors


PROPOSED = Succession(OLD, NEW, STAND, Course.NEW_KEY, False, "import:liste", STAND)
AREAS = (
    replace(area(OLD, "Hanau", "06435014"), end=date(2026, 6, 29)),
    replace(area(NEW, "Hanau", "06415000"), begin=STAND),
    area("064350001001", "Bad Orb", "06435001"),
)


def test_who_confirms_gives_the_day_and_the_rows_of_both_keys_follow_it() -> None:
    tables = RegionTables(AREAS, (PROPOSED,))
    [row] = chosen(tables, OLD, "")
    after = confirmed(tables, replace(row, since=DAY))

    assert [(one.begin, one.end) for one in after.areas[:2]] == [(date.min, EVE), (DAY, date.max)]
    assert after.successions == (Succession(OLD, NEW, DAY, Course.NEW_KEY, True, "", STAND),)


def test_what_was_written_by_hand_keeps_its_days() -> None:
    tables = RegionTables(tuple(replace(one, origin="") for one in AREAS), (PROPOSED,))

    assert confirmed(tables, replace(PROPOSED, since=DAY)).areas == tables.areas


def test_a_person_may_name_a_successor_nobody_has_proposed_or_say_there_is_none() -> None:
    tables = RegionTables(AREAS)

    assert chosen(tables, OLD, "") == []
    assert chosen(tables, OLD, "999999999999") == []
    assert [one.new for one in chosen(tables, OLD, NEW)] == [NEW]
    assert [one.course for one in chosen(tables, OLD, "-")] == [Course.DISSOLVED]


# the rules

RULES = {
    "leistungen": f"leistung;name\n{TREE};Baumfällung\n99050012104000;Gewerbe Anmeldung\n",
    "rollen": (
        f"leistung;rolle;gueltig_ab;gueltig_bis;gebiet;art\n{TREE};gba;;;;\n{TREE};unb;;;;weitere\n"
        f"{TREE};gba;;;{OLD};\n99050012104000;MELDID;;;;\n"
    ),
    "vertretungen": f"gebiet;handelnd;rolle;gueltig_ab;gueltig_bis\n064350001001;{OLD};;;\n",
    "zustaendigkeiten": (
        "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;stage\n"
        f"gba;{OLD};hanau;;;\n"
        "gba;06435;kreis;;;\n"
        "unb;06435;kreis;;;\n"
        f"xga;{OLD};hanau;2010-01-01;2020-12-31;\n"
        f"MELDID;{OLD};alt;;;\n"
        f"MELDID;{NEW};neu;2026-06-30;;\n"
        "gba;064350001;orb;;;\n"
    ),
}
AUTHORITIES = {AuthorityId(name) for name in ("hanau", "kreis", "alt", "neu", "orb")}


def tables(areas: tuple[Area, ...] = AREAS) -> dict[str, bytes]:
    texts = {name: text.encode() for name, text in RULES.items()}
    return {**texts, **write_tables(RegionTables(areas))}


def rows(found: Reform, name: str) -> list[Mapping[str, str]]:
    return list(csv.DictReader(io.StringIO(found.tables[name].decode()), delimiter=";"))


def reformed(step: Succession = PROPOSED) -> Reform:
    before = tables()
    places = read_tables(before)
    return reform(before, replace(places, successions=remembered(places, [step])), [step])


def told(found: Reform, effect: Effect) -> list[tuple[str, int, str]]:
    return [(one.table, one.line, one.after) for one in found.affected if one.effect is effect]


def test_rules_of_the_old_key_end_and_go_on_under_the_new_one() -> None:
    found = reformed()

    assert [line for _, line, _ in told(found, Effect.CONTINUED)] == [4, 2, 2]
    competent = [(row["gebiet"], row["gueltig_ab"], row["gueltig_bis"]) for row in rows(found, "zustaendigkeiten")]
    assert competent[:2] == [(OLD, "", "2026-06-29"), (NEW, "2026-06-30", "")]
    assert [row["handelnd"] for row in rows(found, "vertretungen")] == [OLD, NEW]
    assert [row["gebiet"] for row in rows(found, "rollen")] == ["", "", OLD, NEW, ""]
    assert told(found, Effect.ALREADY) == [("zustaendigkeiten", 6, f"MELDID;{NEW};alt")]
    assert f"xga;{OLD};hanau;2010-01-01;2020-12-31;" in found.tables["zustaendigkeiten"].decode()


def test_who_was_competent_by_the_district_and_is_no_more_is_told() -> None:
    shifted = [(one.before, one.after) for one in reformed().affected if one.effect is Effect.SHIFTED]

    assert shifted == [("MELDID: alt", "neu"), ("unb: kreis", "")]


def test_the_proposed_tables_pass_the_check() -> None:
    found = reformed()

    check(RoutingDocument(1, found.tables), Known(AUTHORITIES))


def test_a_message_with_the_old_key_waits_until_a_person_has_confirmed_its_successor() -> None:
    proposed = reformed().tables
    found = Resolver.load(RoutingDocument(1, proposed)).resolve(TREE, OLD, STAND)
    assert found.reason is not None
    assert (found.reason.why, found.reason.named) == (Why.SUCCESSOR_PROPOSED, NEW)

    places = confirmed(read_tables(proposed), replace(PROPOSED, since=STAND))
    tables = {**proposed, **write_tables(places)}
    answer = Resolver.load(RoutingDocument(1, tables)).resolve("99050012104000", OLD, STAND)
    assert answer.primary is not None
    assert answer.primary.authority == "neu"


@pytest.mark.parametrize(
    "step",
    [
        Succession(OLD, "", STAND),
        Succession(OLD, "", STAND, Course.DISSOLVED),
        Succession(OLD, NEW, STAND, Course.ABSORBED),
        Succession(OLD, NEW, STAND, Course.SPLIT),
    ],
    ids=["unknown", "dissolved", "absorbed", "split"],
)
def test_rules_go_on_only_where_the_whole_area_goes_on(step: Succession) -> None:
    found = reformed(step)

    assert told(found, Effect.CONTINUED) == []
    assert [line for _, line, _ in told(found, Effect.ENDED)] == [4, 2, 2, 6]
    assert found.unknown == ((OLD,) if step.course is None else ())


def test_a_rule_about_a_district_without_municipalities_is_told() -> None:
    alone = reform(tables(AREAS[:2]), RegionTables(AREAS[:2]), [PROPOSED])

    assert ("zustaendigkeiten", 3, "") in told(alone, Effect.EMPTY)
    assert told(reformed(), Effect.EMPTY) == []


def test_without_rules_only_the_regions_change() -> None:
    places = RegionTables(AREAS)
    found = reform(write_tables(places), places, [PROPOSED])

    assert (found.affected, found.tables) == ((), write_tables(places))


def test_a_change_list_alone_ends_the_old_key_and_begins_the_new_one() -> None:
    before = tables((area(OLD, "Hanau", "06435014"),))
    after = with_steps(before, [replace(PROPOSED, since=DAY, confirmed=True)])

    assert [(one.ars, one.name, one.ags, one.begin, one.end) for one in after.areas] == [
        (OLD, "Hanau", "06435014", date.min, EVE),
        (NEW, "Hanau", "", DAY, date.max),
    ]
    assert [one.new for one in after.successions] == [NEW]


def test_what_a_person_has_confirmed_goes_before_what_is_proposed() -> None:
    mine = Succession(OLD, "064350001001", DAY, Course.ABSORBED)
    changes = difference([area(OLD, "Hanau")], [area(NEW, "Hanau")])

    assert steps_of(changes, RegionTables(AREAS, (mine,)), STAND, "import:liste") == (mine,)
    assert [one.new for one in steps_of(changes, RegionTables(AREAS), STAND, "import:liste")] == [NEW]

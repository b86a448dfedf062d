"""Imported lists become part of the tables: nothing doubled, nothing lost, nothing written by hand taken away."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.offer import AgsEntry, Offer
from routing.regions.area import Area, Art, Course, Place, Succession, kind_of
from routing.regions.merge import Merged, merge
from routing.regions.outcome import Outcome
from routing.regions.tables import RegionTables, read_tables, write_tables

BEFORE, AFTER = date(2023, 11, 30), date(2026, 6, 30)
EVE = date(2026, 6, 29)


def area(ars: str, name: str, ags: str = "", **changes: object) -> Area:
    return replace(Area(ars, name, kind_of(ars), ags, origin="import:liste", stand=BEFORE), **changes)  # type: ignore[arg-type]


def offer(*areas: Area, stand: date = BEFORE, kind: str = "liste") -> Offer:
    dated = tuple(replace(one, origin=f"import:{kind}", stand=stand) for one in areas)
    return Offer(kind, stand, dated, frozenset(one.group for one in areas) or frozenset({"gemeinde"}))


def imported(*offers: Offer, tables: RegionTables | None = None) -> Merged:
    """All one after the other, with all notes."""
    merged = Merged(tables or RegionTables(), ())
    for one in offers:
        after = merge(merged.tables, one)
        merged = Merged(after.tables, (*merged.notes, *after.notes))
    return merged


def valid(merged: Merged, on: date) -> dict[str, str]:
    return {row.ars: row.name for row in merged.tables.on(on)}


def told(merged: Merged, outcome: Outcome) -> list[str]:
    return [note.key for note in merged.of(outcome)]


UDER = area("160615012097", "Uder", "16061097")
LUTTER = area("160615012067", "Lutter", "16061067")
NEW_UDER = area("160615051119", "Uder", "16061119")


def test_the_first_list_has_no_beginning_and_the_next_begins_on_its_day() -> None:
    merged = imported(offer(UDER, LUTTER), offer(NEW_UDER, stand=AFTER))

    assert valid(merged, date(1990, 1, 1)) == {UDER.ars: "Uder", LUTTER.ars: "Lutter"}
    assert valid(merged, EVE) == {UDER.ars: "Uder", LUTTER.ars: "Lutter"}
    assert valid(merged, AFTER) == {NEW_UDER.ars: "Uder"}
    assert told(merged, Outcome.ENDED) == [UDER.ars, LUTTER.ars]


def test_a_confirmed_successor_gives_the_legal_day() -> None:
    confirmed = Succession(UDER.ars, NEW_UDER.ars, date(2024, 1, 1), Course.NEW_KEY)
    tables = RegionTables(successions=(confirmed,))
    merged = imported(offer(UDER, LUTTER), offer(NEW_UDER, stand=AFTER), tables=tables)

    assert valid(merged, date(2023, 12, 31)).keys() == {UDER.ars, LUTTER.ars}
    assert valid(merged, date(2024, 1, 1)).keys() == {NEW_UDER.ars, LUTTER.ars}


def test_a_list_of_changes_gives_the_legal_day_to_what_is_imported_already() -> None:
    told_later = Succession(UDER.ars, NEW_UDER.ars, date(2024, 1, 1), Course.NEW_KEY, origin="import:nachfolger")
    lists = (offer(UDER), offer(NEW_UDER, stand=AFTER))
    merged = imported(*lists, Offer("nachfolger", AFTER, successions=(told_later,)))
    proposed = imported(*lists, Offer("nachfolger", AFTER, successions=(replace(told_later, confirmed=False),)))

    assert valid(merged, date(2023, 12, 31)).keys() == {UDER.ars}
    assert valid(merged, date(2024, 1, 1)).keys() == {NEW_UDER.ars}
    assert valid(proposed, EVE).keys() == {UDER.ars}


def test_a_proposed_successor_gives_none() -> None:
    proposed = Succession(UDER.ars, NEW_UDER.ars, date(2024, 1, 1), Course.NEW_KEY, confirmed=False)
    merged = imported(offer(UDER), offer(NEW_UDER, stand=AFTER), tables=RegionTables(successions=(proposed,)))

    assert valid(merged, EVE).keys() == {UDER.ars}


def test_the_same_list_again_changes_nothing() -> None:
    once = imported(offer(UDER, LUTTER), offer(NEW_UDER, stand=AFTER))
    twice = merge(once.tables, offer(NEW_UDER, stand=AFTER))

    assert (twice.tables, twice.notes) == (once.tables, ())


def test_a_new_name_stays_in_its_row() -> None:
    merged = imported(offer(area("091840123123", "Haar")), offer(area("091840123123", "Haar, St"), stand=AFTER))

    assert [(row.name, row.stand) for row in merged.tables.areas] == [("Haar, St", AFTER)]
    assert told(merged, Outcome.RENAMED) == ["091840123123"]


def test_another_ags_beside_the_same_ars_is_another_row() -> None:
    merged = imported(offer(UDER), offer(replace(UDER, ags="16061119"), stand=AFTER))

    assert [(row.ags, row.begin, row.end) for row in merged.tables.areas] == [
        ("16061097", date.min, EVE),
        ("16061119", AFTER, date.max),
    ]


KEYS = st.sampled_from([f"16061{number:07}" for number in range(8)])
STATES = st.lists(
    st.dictionaries(
        KEYS,
        st.tuples(st.sampled_from(["Uder", "Lutter", "Birkenfelde"]), st.sampled_from(["", "16061001", "16061002"])),
        min_size=1,
    ),
    min_size=1,
    max_size=5,
)


@given(STATES, st.integers(min_value=1, max_value=400))
def test_whatever_lists_follow_each_other_each_of_their_days_has_what_its_list_has(
    states: list[dict[str, tuple[str, str]]], days: int
) -> None:
    offers = [
        offer(*(area(ars, *said) for ars, said in state.items()), stand=BEFORE + number * timedelta(days))
        for number, state in enumerate(states)
    ]
    merged = imported(*offers)

    for one in offers:
        rows = [row.ars for row in merged.tables.on(one.stand)]
        assert sorted(rows) == sorted(area.ars for area in one.areas)
    assert all(row.begin <= row.end for row in merged.tables.areas)
    assert merge(merged.tables, offers[-1]).notes == ()
    assert read_tables(write_tables(merged.tables)).areas == tuple(
        sorted(merged.tables.areas, key=lambda row: (row.ars, row.begin))
    )


@given(STATES, st.lists(st.tuples(KEYS, KEYS, st.integers(min_value=-800, max_value=800)), max_size=4))
def test_whatever_successors_are_confirmed_no_key_is_valid_twice_on_a_day(
    states: list[dict[str, tuple[str, str]]], confirmed: list[tuple[str, str, int]]
) -> None:
    successions = tuple(
        Succession(old, new, BEFORE + timedelta(days), Course.NEW_KEY) for old, new, days in confirmed if old != new
    )
    gone = Offer("alte-schluessel", BEFORE, (area("160610000000", "Alt", end=date(2018, 12, 31)),))
    offers = [
        offer(*(area(ars, *said) for ars, said in state.items()), stand=BEFORE + number * timedelta(200))
        for number, state in enumerate(states)
    ]
    merged = imported(gone, *offers, tables=RegionTables(successions=successions))

    assert sorted(row.ars for row in merged.tables.on(offers[-1].stand)) == sorted(states[-1])
    rows = sorted(merged.tables.areas, key=lambda row: (row.ars, row.begin))
    assert all(row.begin <= row.end for row in rows)
    assert all(one.ars != after.ars or one.end < after.begin for one, after in pairwise(rows))


# what was written by hand


@pytest.mark.parametrize(
    "own",
    [
        replace(UDER, name="Uder (Eichsfeld)", origin=""),
        replace(UDER, ags="16061999", origin=""),
        replace(UDER, end=date(2020, 12, 31), origin=""),
        replace(UDER, ars="160615012999", origin=""),
    ],
    ids=["another name", "another AGS", "ended", "another ARS"],
)
def test_what_was_written_by_hand_stays_and_is_said(own: Area) -> None:
    merged = imported(offer(UDER), tables=RegionTables((own,)))

    assert merged.tables.areas == (own,)
    assert told(merged, Outcome.LOCAL_KEPT) == [UDER.ars]


def test_what_agrees_is_not_said() -> None:
    own = replace(UDER, origin="", stand=None)
    merged = imported(offer(replace(UDER, ags="")), offer(UDER, stand=AFTER), tables=RegionTables((own,)))

    assert merged == Merged(RegionTables((own,)), ())


def test_what_no_official_list_has_is_said_and_stays() -> None:
    own = replace(LUTTER, origin="")
    merged = imported(offer(UDER), tables=RegionTables((own,)))

    assert own in merged.tables.areas
    assert told(merged, Outcome.NOT_OFFICIAL) == [LUTTER.ars]


# lists that are cut off


MANY = [area(f"16061{number:07}", f"Ort {number}") for number in range(100)]
ELSEWHERE = area("010010000000", "Flensburg, Stadt")


def test_a_list_in_which_much_is_missing_ends_nothing_unless_somebody_vouches_for_it() -> None:
    tables = imported(offer(*MANY)).tables
    short = offer(*MANY[:70], stand=AFTER)

    kept = merge(tables, short)
    assert len(list(kept.tables.on(AFTER))) == 100
    assert [(note.outcome, note.before, note.after) for note in kept.notes] == [(Outcome.INCOMPLETE, "100", "30")]
    vouched = merge(tables, short, complete=True)
    assert len(list(vouched.tables.on(AFTER))) == 70
    assert len(list(merge(tables, offer(*MANY[:80], stand=AFTER)).tables.on(AFTER))) == 80


def test_a_list_of_one_land_says_nothing_about_the_others() -> None:
    merged = imported(offer(ELSEWHERE, UDER, LUTTER), offer(UDER, stand=AFTER))

    assert valid(merged, AFTER).keys() == {ELSEWHERE.ars, UDER.ars}
    assert told(merged, Outcome.LAND_MISSING) == ["01"]
    vouched = merge(merged.tables, offer(UDER, stand=date(2026, 7, 1)), complete=True)
    assert valid(vouched, date(2026, 7, 1)).keys() == {UDER.ars}


# lists that contradict each other


def test_two_lists_of_one_day_with_different_keys_for_one_municipality_are_reported_and_neither_is_repaired() -> None:
    """Uder: the official list of ARS, the list of AGS, and the quarterly extract have three different keys."""
    by_ars = offer(area("160615051097", "Uder"), stand=AFTER, kind="destatis-rs")
    by_ags = Offer("destatis-ags", AFTER, ags_list=(AgsEntry("16061119", "Uder"),))
    extract = offer(NEW_UDER, stand=AFTER, kind="gemeinden")
    merged = imported(by_ars, by_ags, extract)

    assert [(row.ars, row.ags) for row in merged.tables.areas] == [("160615051097", "16061119")]
    assert told(merged, Outcome.DISAGREES) == ["160615051119", "160615051097"]
    assert valid(merged, AFTER) == {"160615051097": "Uder"}


def test_an_older_list_fills_what_is_empty_and_changes_nothing() -> None:
    now = offer(area("145110000000", "Chemnitz", "14511000"), stand=AFTER)
    old = offer(area("145110000000", "Chemnitz, Stadt", "14511000", typ="Kreisfreie Stadt"), LUTTER, kind="gv100ad")
    merged = imported(now, old)

    assert [(row.name, row.typ, row.origin, row.stand) for row in merged.tables.areas] == [
        ("Chemnitz", "Kreisfreie Stadt", "import:liste", AFTER)
    ]
    assert told(merged, Outcome.OLDER) == ["145110000000", LUTTER.ars]


def test_a_key_only_one_list_of_the_day_has_begins_on_it() -> None:
    coast = area("039019999999", "Küstengewässer", "03901999")
    merged = imported(offer(UDER, stand=AFTER), offer(UDER, coast, stand=AFTER, kind="destatis-rs"))

    assert valid(merged, AFTER).keys() == {UDER.ars, coast.ars}
    assert merged.tables.areas[1].art is Art.GEMEINDEFREI


# AGS


def test_a_list_of_ags_is_joined_by_the_name_in_the_district_and_never_by_digits() -> None:
    twins = area("095740139139", "Leinburg"), area("095749461461", "Leinburg")
    entries = (AgsEntry("16061119", "Uder"), AgsEntry("09574139", "Leinburg"), AgsEntry("09574461", "Leinburg"))
    merged = imported(offer(area("160615051097", "Uder"), *twins), Offer("destatis-ags", BEFORE, ags_list=entries))

    assert {row.ars: row.ags for row in merged.tables.areas} == {
        "160615051097": "16061119",
        "095740139139": "",
        "095749461461": "",
    }
    assert told(merged, Outcome.AGS_OPEN) == ["095740139139", "095749461461"]


def test_an_ags_the_list_does_not_have_is_said() -> None:
    merged = imported(offer(UDER), Offer("destatis-ags", BEFORE, ags_list=(AgsEntry("16061119", "Uder"),)))

    assert told(merged, Outcome.DISAGREES) == [UDER.ars]
    assert merged.tables.areas[0].ags == "16061097"


# keys that are gone, successors, postcodes


def test_keys_that_are_gone_are_added_with_their_end_and_touch_no_known_row() -> None:
    gone = area("160615012097", "Uder", end=date(2023, 12, 31)), area("160755000001", "Alt", end=date(2018, 12, 31))
    merged = imported(offer(UDER), Offer("alte-schluessel", AFTER, gone))

    assert valid(merged, AFTER) == {UDER.ars: "Uder"}
    assert told(merged, Outcome.ADDED) == [UDER.ars, "160755000001"]
    assert merge(merged.tables, offer(UDER, NEW_UDER, stand=AFTER)).tables.areas[-1].begin == AFTER


def test_a_key_that_is_there_again_begins_after_its_end() -> None:
    ended = Offer("alte-schluessel", BEFORE, (replace(UDER, end=date(2018, 12, 31)),))
    merged = imported(ended, offer(UDER))

    assert [(row.begin, row.end) for row in merged.tables.areas] == [
        (date.min, date(2018, 12, 31)),
        (date(2019, 1, 1), date.max),
    ]


def test_a_key_that_a_person_lets_begin_later_is_there_once_all_the_same() -> None:
    later = replace(NEW_UDER, begin=date(2027, 1, 1))
    merged = merge(RegionTables((UDER, later)), offer(UDER, NEW_UDER, stand=AFTER))

    assert [(row.begin, row.end) for row in merged.tables.areas if row.ars == NEW_UDER.ars] == [
        (date(2027, 1, 1), date.max),
        (AFTER, date(2026, 12, 31)),
    ]


def test_successors_need_a_key_that_is_known_and_a_confirmed_one_stays() -> None:
    own = Succession(UDER.ars, NEW_UDER.ars, date(2024, 1, 1), Course.NEW_KEY)
    proposed = replace(own, since=AFTER, confirmed=False, origin="import:aenderungen")
    nowhere = replace(proposed, old=LUTTER.ars, new="160615051999")
    tables = RegionTables((UDER, NEW_UDER), (own,))
    merged = merge(tables, Offer("aenderungen", AFTER, successions=(proposed, nowhere)))

    assert merged.tables == tables
    assert [(note.outcome, note.key) for note in merged.notes] == [
        (Outcome.LOCAL_KEPT, UDER.ars),
        (Outcome.SUCCESSOR_UNKNOWN, LUTTER.ars),
    ]


def test_a_newer_list_of_postcodes_takes_the_place_of_the_older_one_and_of_nothing_else() -> None:
    own = Place("37318", "16061097", "Uder-Dorf")
    old = Place("37318", "16061097", "Uder", "import:plz-ags", BEFORE)
    new = tuple(replace(old, stand=AFTER, **changes) for changes in ({"name": "Uder, Ort"}, {"ags": "99999999"}))
    tables = RegionTables((UDER,), places=(own, old))
    merged = merge(tables, Offer("plz-ags", AFTER, places=(*new, *new)))

    assert merged.tables.places == (own, new[0])
    assert told(merged, Outcome.AGS_UNKNOWN) == ["99999999", "99999999"]
    assert merge(merged.tables, Offer("plz-ags", BEFORE, places=(old,))).tables == merged.tables


# as files


def test_tables_are_written_and_read_again_without_loss() -> None:
    merged = imported(
        offer(UDER, area("146250020020", 'Bautzen; "Budyšin"', "14625020", typ="Große Kreisstadt")),
        offer(NEW_UDER, stand=AFTER),
    )
    tables = replace(
        merged.tables,
        areas=tuple(sorted(merged.tables.areas, key=lambda row: row.ars)),
        successions=(Succession(UDER.ars, NEW_UDER.ars, AFTER, Course.NEW_KEY, False, "import:liste", AFTER),),
        places=(Place("37318", "16061097", "Uder", "import:plz-ags", BEFORE),),
    )

    assert read_tables(write_tables(tables)) == tables
    assert write_tables(RegionTables()) == {}

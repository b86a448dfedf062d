"""What differs between two versions of the tables, and the same change made to a third one."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.difference import Overlapping, Tables, difference, rebased

HEADER = "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis"


def competences(*rows: str, header: str = HEADER) -> dict[str, bytes]:
    return {"zustaendigkeiten": "\n".join([header, *rows, ""]).encode()}


def told(before: Tables, after: Tables) -> list[tuple[str, int, str | None, str | None]]:
    return [(one.action, one.line, _joined(one.before), _joined(one.after)) for one in difference(before, after)]


def _joined(row: Mapping[str, str] | None) -> str | None:
    return None if row is None else ";".join(row.values())


def test_rows_are_added_removed_and_changed() -> None:
    before = competences("gba;14;a;;", "gba;02;b;;", "unb;14;c;;")
    after = competences("gba;14;x;;", "unb;14;c;;", "unb;16;d;;")

    assert told(before, after) == [
        ("changed", 2, "gba;14;a;;", "gba;14;x;;"),
        ("removed", 3, "gba;02;b;;", None),
        ("added", 4, None, "unb;16;d;;"),
    ]


def test_order_quotes_line_ends_and_empty_columns_are_no_difference() -> None:
    before = competences("gba;14;a;;", "unb;02;b;;")
    rearranged = '\ufeffbehoerde;gebiet;rolle;gueltig_bis;gueltig_ab;stage\r\nb;02;"unb";;;\r\na;14;gba;;;\r\n'

    assert told(before, {"zustaendigkeiten": rearranged.encode()}) == []


def test_a_row_that_stands_there_twice_is_gone_once() -> None:
    twice = competences("gba;14;a;;", "gba;14;a;;")

    assert [one[0] for one in told(twice, competences("gba;14;a;;"))] == ["removed"]


def test_several_rows_about_the_same_thing_are_not_paired() -> None:
    before = competences("gba;14;a;2025-01-01;2025-12-31", "gba;14;b;2026-01-01;")

    assert [one[0] for one in told(before, competences("gba;14;c;;"))] == ["removed", "removed", "added"]


def test_a_row_that_only_has_another_day_is_the_same_row_said_again() -> None:
    header = f"{HEADER};herkunft;stand"
    origins = "import:pvog;2026-01-01", "import:pvog;2026-02-01"
    before = competences(*(f"gba;14;{one};;;{origins[0]}" for one in ("a", "b", "c")), header=header)
    after = competences(*(f"gba;14;{one};;;{origins[1]}" for one in ("b", "a", "x")), header=header)

    found = difference(before, after)
    assert [(one.action, one.line, one.renewed, one.after and one.after["behoerde"]) for one in found] == [
        ("changed", 2, True, "b"),
        ("changed", 3, True, "a"),
        ("changed", 4, False, "x"),
    ]
    assert all(one.before is not None and one.before["stand"] == "2026-01-01" for one in found)


def test_an_older_day_or_none_is_not_the_same_row_said_again() -> None:
    header = f"{HEADER};herkunft;stand"
    tables = [competences(f"gba;14;a;;;import:pvog;{day}", header=header) for day in ("2026-02-01", "2026-01-01", "")]

    assert [one.renewed for after in tables[1:] for one in difference(tables[0], after)] == [False, False]


def test_a_table_that_was_not_there_had_no_rows() -> None:
    after = {"leistungen": b"leistung;name\n99000000000000;Neu\n"}

    assert told({}, after) == [("added", 2, None, "99000000000000;Neu")]
    assert told(after, {}) == [("removed", 2, "99000000000000;Neu", None)]


def test_a_change_is_made_to_what_others_changed_meanwhile() -> None:
    base = competences("gba;14;a;;", "gba;02;b;;", "unb;16;c;;")
    ours = competences("gba;14;x;;", "gba;02;b;;", "unb;16;c;;", "gba;05;new;;")
    theirs = competences("gba;02;y;;;test", "gba;14;a;;;", "neu;;z;;;", header=f"{HEADER};stage")

    assert rebased(base, ours, theirs)["zustaendigkeiten"].decode().splitlines() == [
        f"{HEADER};stage",
        "gba;02;y;;;test",
        "gba;14;x;;;",
        "neu;;z;;;",
        "gba;05;new;;;",
    ]


def test_a_table_only_one_side_touched_is_kept_byte_for_byte() -> None:
    base = {**competences("gba;14;a;;"), "leistungen": b"leistung;name\n"}
    ours = {**base, "leistungen": b'\xef\xbb\xbfname;leistung\r\n"Neu";99000000000000\r\n'}
    theirs = {**base, **competences("gba;14;b;;")}

    assert rebased(base, ours, theirs) == {**ours, **competences("gba;14;b;;")}


def test_two_changes_about_the_same_thing_are_for_a_person() -> None:
    base, ours = competences("gba;14;a;;"), competences("gba;14;x;;")

    with pytest.raises(Overlapping) as raised:
        rebased(base, ours, competences("gba;14;a;;2026-12-31", "gba;14;y;2027-01-01;"))
    assert [one.action for one in raised.value.meanwhile] == ["removed", "added", "added"]


PVOG = f"{HEADER};herkunft;stand"


def said_on(day: str, *rows: str) -> dict[str, bytes]:
    """Competences as a source said them on a day of January."""
    return competences(*(f"{row};import:pvog;2026-01-{day}" for row in rows), header=PVOG)


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        (said_on("02", "gba;14;a;;", "unb;14;b;;"), said_on("01", "gba;14;a;;", "unb;14;x;;"), ["a02", "x01"]),
        (said_on("01", "gba;14;a;;", "unb;14;x;;"), said_on("02", "gba;14;a;;", "unb;14;b;;"), ["a02", "x01"]),
        (said_on("02", "gba;14;a;;", "unb;14;b;;"), said_on("01", "gba;14;a;;"), ["a02"]),
        (said_on("01", "gba;14;a;;"), said_on("02", "gba;14;a;;", "unb;14;b;;"), ["a02"]),
        (said_on("02", "gba;14;a;;", "unb;14;b;;"), said_on("03", "gba;14;a;;", "unb;14;b;;"), ["a03", "b03"]),
        (said_on("03", "gba;14;a;;", "unb;14;b;;"), said_on("02", "gba;14;a;;", "unb;14;b;;"), ["a03", "b03"]),
        (
            said_on("02", "gba;14;a;;", "unb;14;b;;"),
            said_on("01", "gba;14;a;;", "unb;14;b;;", "unb;14;c;2027-01-01;"),
            ["a02", "b01", "c01"],
        ),
    ],
    ids=["they-change", "we-change", "they-remove", "we-remove", "they-younger", "we-younger", "they-add"],
)
def test_a_day_that_is_new_gives_way_to_what_the_other_side_changed(
    ours: Tables, theirs: Tables, merged: list[str]
) -> None:
    base = said_on("01", "gba;14;a;;", "unb;14;b;;")

    rows = [row.split(";") for row in rebased(base, ours, theirs)["zustaendigkeiten"].decode().splitlines()[1:]]
    assert [row[2] + row[-1][-2:] for row in rows] == merged


ROWS = st.lists(
    st.sampled_from([f"{role};{area};{who};;" for role, area, who in product("pq", ("", "14"), "ab")]), max_size=5
)


@given(ROWS, ROWS, ROWS)
def test_what_is_rebased_brings_both_changes_or_says_that_it_cannot(
    base: list[str], ours: list[str], theirs: list[str]
) -> None:
    before, first, second = (competences(*rows) for rows in (base, ours, theirs))
    try:
        merged = rebased(before, first, second)
    except Overlapping:
        return
    assert merged.keys() == before.keys()
    assert without_lines(told(second, merged)) == without_lines(told(before, first))
    assert without_lines(told(first, merged)) == without_lines(told(before, second))


def without_lines(
    found: list[tuple[str, int, str | None, str | None]],
) -> list[tuple[str, str, str]]:
    return sorted((action, before or "", after or "") for action, _, before, after in found)

"""Places of a declaration and the lines they stand on, for every way of writing TOML a person may choose."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amtsbote.admin.bundle import gather
from amtsbote.admin.lines import line_at, lines_named, lines_of
from amtsbote.admin.mistakes import place_of
from amtsbote.admin.refusals import CommandRefused, RefusedThere

TEXT = '''# a comment with [[tenants]] and id = "x"
[[tenants]]
id = "a"  # [[tenants]]
name = """
[[tenants]]
land = "14" """
land = "14"

[[tenants]]
"id" = 'b'
  [[tenants.clients]]
  id = "one"
  [[tenants.clients]]
  id = "two"

[[destinations]]
contact.name = "x = 1"
services = [
  { service = "1", regions = ["a"] },  # ]
]
[destinations.encryption_key]
chain = "a.pem"

[routes]
gebiete = "g.csv"
'''
PLACES = {
    "[[tenants]] #1": 2,
    "[[tenants]] #1 · id": 3,
    "[[tenants]] #1 · name": 4,
    "[[tenants]] #1 · land": 7,
    "[[tenants]] #2": 9,
    "[[tenants]] #2 · id": 10,
    "[[tenants]] #2 · clients #1": 11,
    "[[tenants]] #2 · clients #2 · id": 14,
    "[[destinations]] #1 · contact · name": 17,
    "[[destinations]] #1 · services #1 · regions": 18,
    "[[destinations]] #1 · encryption_key": 21,
    "[[destinations]] #1 · encryption_key · chain": 22,
    "[routes]": 24,
    "[routes] · gebiete": 25,
    "[[tenants]] #1 · missing": 2,
    "[[tenants]] #1 · clients": 2,
}


@pytest.mark.parametrize(("place", "line"), PLACES.items())
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_place_stands_on_its_line_or_on_that_of_what_is_around_it(place: str, line: int, ending: str) -> None:
    assert line_at(lines_of(TEXT.replace("\n", ending)), place) == line


def test_what_the_file_does_not_have_has_no_line() -> None:
    assert line_at(lines_of(TEXT), "[[targets]] #1") is None
    assert line_at(lines_of(TEXT), "") is None


@given(st.lists(st.sampled_from(["id", "name", "a-b"]), unique=True, min_size=1), st.integers(1, 4), st.text())
def test_every_key_is_found_whatever_the_values_are(keys: list[str], tables: int, value: str) -> None:
    quoted = "".join(f"\\U{ord(one):08X}" if one in '"\\' or not one.isprintable() else one for one in value)
    text = "".join("[[tenants]]\n" + "".join(f'{key} = "{quoted}"\n' for key in keys) for _ in range(tables))
    assert tomllib.loads(text)["tenants"][0][keys[0]] == value
    lines = lines_of(text)
    for table in range(tables):
        for number, key in enumerate(keys):
            assert line_at(lines, place_of(["tenants", table, key])) == table * (len(keys) + 1) + number + 2


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of(text).values())


def refused(folder: Path, text: str) -> dict[str, int | None]:
    """English sentence → line."""
    file = folder / "town.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(RefusedThere) as caught, lines_named(file):
        gather(file)
    return {one["en"]: one["line"] for one in caught.value.refusal["mistakes"]}


def test_what_is_there_twice_and_what_is_missing_is_found_where_it_is_named(tmp_path: Path) -> None:
    tenant = '[[tenants]]\nid = "a"\nname = "A"\nland = "14"\n'
    portal = '[[portals]]\nid = "p"\nname = "P"\nsigning_certificates = ["no.pem"]\n'
    client = '[[portals.clients]]\nid = "c"\nsecret_file = "no.secret"\n'
    found = refused(tmp_path, f'{tenant}{tenant}{portal}{client}[routes]\ngebiete = "no.csv"\n')

    assert sorted(filter(None, found.values())) == [6, 12, 13, 17]
    assert [line for sentence, line in found.items() if "there twice" in sentence] == [6]
    assert [line for sentence, line in found.items() if "no.csv" in sentence] == [17]


def test_what_is_no_mistake_of_the_declaration_passes_unchanged(tmp_path: Path) -> None:
    with pytest.raises(CommandRefused), lines_named(tmp_path / "town.toml"):
        raise CommandRefused("changed-meanwhile", "office.changed-meanwhile")

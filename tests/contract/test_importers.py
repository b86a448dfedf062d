"""What every importer keeps: its offer passes the one door, says where it is from, and touches nothing of others."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from pydantic import TypeAdapter
from region_files import GV100AD, code_list

from amtsbote.admin.extracts import Extract
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.region_files import RegionFile
from amtsbote.errors import Misconfigured
from amtsbote.model.directory import Authority
from amtsbote.model.ids import AuthorityId, TenantId
from routing.importing.door import Registry, Vouched, take_in
from routing.layout import OFFERED, ORIGIN
from routing.offer import Importer, Offer
from routing.regions.area import Area, Place, Succession

STAND = date(2026, 9, 1)
LOCAL = {
    "gebiete": b"ars;ags;name;gueltig_ab;gueltig_bis\n145110000000;14511000;Eigener Name;;\n",
    "leistungen": b"leistung;name\n99093003001002;Eigene\n",
    "rollen": b"leistung;rolle;gueltig_ab;gueltig_bis\n99093003001002;gba;;\n",
    "zustaendigkeiten": b"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;145110000000;amt;;\n",
}
OWN = {AuthorityId("amt"): Authority(AuthorityId("amt"), TenantId("chemnitz"), "Amt", ())}
ROWS = {
    "behoerden": ("behoerde;mandant;name", "amt;dresden;Anders", "neu;dresden;Neu"),
    "leistungen": ("leistung;name", "99093003001002;Andere", "99102013104000;Neue"),
    "zustaendigkeiten": ("rolle;gebiet;behoerde;gueltig_ab;gueltig_bis", "gba;145110000000;neu;;", "gba;16;neu;;"),
}
Made = Callable[[Path], Importer]


def official(folder: Path) -> Importer:
    towns = ("145110000000", "Chemnitz"), ("160520000000", "Gera")
    (folder / "rs.xml").write_bytes(code_list("rs", "2026-06-30", *towns))
    return RegionFile(folder / "rs.xml")


def directory_of_municipalities(folder: Path) -> Importer:
    (folder / "gv.txt").write_text(GV100AD, "utf-8")
    return RegionFile(folder / "gv.txt")


def extract(folder: Path) -> Importer:
    for name, lines in ROWS.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), "utf-8")
    return Extract([folder / f"{name}.csv" for name in ROWS], "pvog", STAND)


def workbook(folder: Path) -> Importer:
    book = Workbook()
    for name, lines in ROWS.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line.split(";"))
    book.remove(book.worksheets[0])
    book.save(folder / "auszug.xlsx")
    return Extract([folder / "auszug.xlsx"], "pvog", STAND)


@pytest.fixture(params=[official, directory_of_municipalities, extract, workbook])
def importer(request: pytest.FixtureRequest, tmp_path: Path) -> Importer:
    made: Made = request.param
    return made(tmp_path)


def test_an_importer_says_the_same_again(importer: Importer) -> None:
    assert importer.offer() == importer.offer()


def test_an_offer_speaks_for_its_source_alone(importer: Importer) -> None:
    offer = importer.offer()

    rows: list[Area | Succession | Place] = [*offer.areas, *offer.successions, *offer.places]
    assert {(row.origin, row.stand) for row in rows} <= {(offer.origin, offer.stand)}
    assert offer.tables.keys() <= OFFERED.keys()
    assert not any(column in content.decode().splitlines()[0] for content in offer.tables.values() for column in ORIGIN)
    assert offer.rows or offer.tables


def test_an_offer_passes_the_socket_unchanged(importer: Importer) -> None:
    offers = TypeAdapter(list[Offer])
    told = offers.dump_json([importer.offer()])

    assert offers.validate_json(told) == [importer.offer()]


def test_an_offer_is_taken_in_once_and_leaves_what_is_there_alone(importer: Importer) -> None:
    offer = importer.offer()

    first = take_in(Registry(LOCAL, OWN), offer, Vouched())
    assert first.changed
    for name, content in LOCAL.items():
        assert any(rows_of(content)[0].items() <= row.items() for row in rows_of(first.tables[name]))
    assert first.authorities[AuthorityId("amt")] == OWN[AuthorityId("amt")]
    new = [row for content in first.tables.values() for row in rows_of(content) if row.get("herkunft")]
    assert {(row["herkunft"], row["stand"]) for row in new} == {(offer.origin, offer.stand.isoformat())}
    imported = [one for one in first.authorities.values() if one.id != "amt"]
    assert all((one.origin, one.stand) == (offer.origin, offer.stand) for one in imported)

    again = take_in(Registry(first.tables, first.authorities), offer, Vouched())
    assert not again.changed
    assert (again.tables, again.authorities) == (first.tables, first.authorities)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode()), delimiter=";"))


MAKERS: Mapping[str, Callable[[Path], Importer]] = {
    "regions": RegionFile,
    "extract": lambda file: Extract([file], "pvog", STAND),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_what_cannot_be_read_is_refused_in_both_languages(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "zustaendigkeiten.csv"
    file.write_bytes("rolle;gebiet\ngrün;14\n".encode("latin-1"))

    with pytest.raises(Misconfigured) as refused:
        MAKERS[kind](file).offer()
    assert refused.value.de != refused.value.en
    with pytest.raises(CommandRefused):
        MAKERS[kind](tmp_path / "fehlt" / "zustaendigkeiten.csv").offer()

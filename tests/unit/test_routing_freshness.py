"""Newest and oldest day of every source: of what counts, and of what can grow old."""

from datetime import UTC, date, datetime

from amtsbote.daemon.meter import Meter
from amtsbote.model.directory import Authority
from amtsbote.model.ids import AuthorityId, TenantId
from routing.freshness import Freshness, of_tables, with_authorities

TODAY = date(2026, 9, 1)
TABLES = {
    "gebiete": (
        b"ars;ags;name;gueltig_ab;gueltig_bis;herkunft;stand\n"
        b"14;;Sachsen;;;import:laender;2025-01-01\n"
        b"16;;Alt;;2026-08-31;import:laender;2019-01-01\n"
        b"15;;Ohne Tag;;2026-09-01;import:laender;\n"
    ),
    "nachfolger": b"ars_alt;ars_neu;ab;herkunft;stand\n13;14;;import:nachfolger;1999-01-01\n",
    "leistungen": b"leistung;name\n99093003001002;import:nur ein Name\n",
    "zustaendigkeiten": (
        b"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;stand;herkunft\n"
        b"gba;14;a;;;2026-03-01;import:pvog\n"
        b"gba;15;a;;;2026-04-01;import:pvog\n"
        b"gba;16;a;;;2020-01-01;paket:baum-1.0\n"
        b"unb;16;a;;;2020-01-01;\n"
    ),
}


def imported(name: str, origin: str, stand: date | None) -> Authority:
    return Authority(AuthorityId(name), TenantId("t"), name, (), origin, stand)


def test_a_source_is_told_with_its_rows_and_its_oldest_and_newest_day() -> None:
    authorities = [
        imported("a", "import:pvog", date(2026, 5, 1)),
        imported("b", "import:dvdv", None),
        imported("c", "", None),
    ]

    assert with_authorities(of_tables(TABLES).on(TODAY), authorities) == (
        Freshness("dvdv", 0, 1, None, None),
        Freshness("laender", 2, 0, date(2025, 1, 1), date(2025, 1, 1)),
        Freshness("pvog", 2, 1, date(2026, 3, 1), date(2026, 5, 1)),
    )


def test_the_age_of_a_source_is_measured_until_it_is_gone() -> None:
    meter = Meter()
    meter.measure_sources([Freshness("pvog", 1, 0, TODAY, TODAY), Freshness("dvdv", 0, 1)])

    moment = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
    lines = [line for line in meter.exposition().decode().splitlines() if line.startswith("amtsbote_source_newest")]
    assert [(line.split()[0], float(line.split()[1])) for line in lines] == [
        ('amtsbote_source_newest_timestamp_seconds{source="pvog"}', moment)
    ]
    meter.measure_sources(())
    assert "amtsbote_source_newest_timestamp_seconds{" not in meter.exposition().decode()

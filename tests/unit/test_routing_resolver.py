"""The two steps, the longest prefix, the borders of validity, and what a trace says."""

from datetime import date, timedelta

import pytest
from routing_documents import BURGSTAEDT, CHEMNITZ, TRADE, TREE, document, wide, with_bytes

from amtsbote.errors import Misconfigured
from amtsbote.model.routing import DefaultRule, Hop, Outcome, RouteFound, RoutingDocument, Why
from routing.resolver import Resolver

DAY = date(2026, 3, 1)
UDER_OLD, UDER = "160615012097", "160615051097"
UDER_ROWS = (f"{UDER_OLD};16061097;Uder;;2023-12-31", f"{UDER};16061119;Uder;2024-01-01;")


def resolver(**rows: tuple[str, ...]) -> Resolver:
    return Resolver.load(document(**rows))


def why(found: RouteFound) -> Why | None:
    return found.reason.why if found.reason is not None else None


def authorities(found: RouteFound) -> tuple[str, ...]:
    return found.authorities


def test_service_leads_to_role_and_role_and_region_to_the_authority() -> None:
    found = resolver().resolve(TREE, CHEMNITZ, DAY)

    assert (found.role, found.authorities) == ("gba", ("amt-c",))


def test_the_trace_names_each_rule_with_table_and_line() -> None:
    trace = resolver().resolve(TREE, CHEMNITZ, DAY).trace

    assert (trace.version, trace.service, trace.region, trace.on) == (7, TREE, CHEMNITZ, DAY)
    assert trace.hops == (
        Hop("rollen", f"{TREE} → gba", 2, "bund"),
        Hop("gebiete", f"{CHEMNITZ} Chemnitz, Stadt", 2, "gemeinde"),
        Hop("zustaendigkeiten", f"gba + {CHEMNITZ} → amt-c", 2, "gemeinde"),
    )


def test_a_line_is_that_of_the_file_even_behind_empty_lines_and_quoted_line_ends() -> None:
    data = b'rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\r\n\r\n"x\r\ny";14;amt-a;;\r\ngba;14;amt-b;;\r\n'

    found = Resolver.load(with_bytes(zustaendigkeiten=data)).resolve(TREE, CHEMNITZ, DAY)

    assert found.trace.hops[-1] == Hop("zustaendigkeiten", "gba + 14 → amt-b", 5, "land")


LADDER = (
    f"gba;{BURGSTAEDT};amt-12;;",
    "gba;145225102;amt-9;;",
    "gba;14522;amt-5;;",
    "gba;145;amt-3;;",
    "gba;14;amt-2;;",
    "gba;;amt-0;;",
)


@pytest.mark.parametrize("missing", range(len(LADDER)))
def test_the_longest_prefix_wins_whatever_the_order_of_the_lines(missing: int) -> None:
    rules = LADDER[missing:]
    expected = rules[0].split(";")[2]

    for order in (rules, rules[::-1]):
        assert authorities(resolver(zustaendigkeiten=order).resolve(TREE, BURGSTAEDT, DAY)) == (expected,)


def test_a_prefix_is_not_any_number_of_digits_but_a_level() -> None:
    rows = (f"gba;{CHEMNITZ};amt-c;;",)

    assert authorities(resolver(zustaendigkeiten=rows).resolve(TREE, BURGSTAEDT, DAY)) == ()


def test_the_federation_is_shown_by_name() -> None:
    hop = resolver(zustaendigkeiten=("gba;;amt-a;;",)).resolve(TREE, CHEMNITZ, DAY).trace.hops[-1]

    assert hop == Hop("zustaendigkeiten", "gba + Bund → amt-a", 2, "bund")


def test_a_longer_rule_that_does_not_hold_on_the_day_hides_nothing() -> None:
    rules = (f"gba;{CHEMNITZ};amt-c;2026-03-02;", "gba;14511;amt-b;;2026-02-28", "gba;14;amt-a;;")

    assert authorities(resolver(zustaendigkeiten=rules).resolve(TREE, CHEMNITZ, DAY)) == ("amt-a",)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2020, 1, 31), ()),
        (date(2020, 2, 1), ("amt-a",)),
        (date(2020, 2, 29), ("amt-a",)),
        (date(2020, 3, 1), ()),
    ],
)
@pytest.mark.parametrize("limited", ["rollen", "gebiete", "zustaendigkeiten"])
def test_the_first_and_the_last_day_are_included(limited: str, on: date, expected: tuple[str, ...]) -> None:
    dates = dict.fromkeys(("rollen", "gebiete", "zustaendigkeiten"), ";") | {limited: "2020-02-01;2020-02-29"}
    limited_tables = resolver(
        gebiete=(f"{CHEMNITZ};;Chemnitz;{dates['gebiete']}",),
        rollen=(f"{TREE};gba;{dates['rollen']}",),
        zustaendigkeiten=(f"gba;14;amt-a;{dates['zustaendigkeiten']}",),
    )

    assert authorities(limited_tables.resolve(TREE, CHEMNITZ, on)) == expected


@pytest.mark.parametrize("on", [date.min, date.max])
def test_open_dates_hold_on_the_first_and_the_last_day_there_is(on: date) -> None:
    assert authorities(resolver().resolve(TREE, CHEMNITZ, on)) == ("amt-c",)


def test_a_handover_between_two_days_leaves_no_gap_and_no_overlap() -> None:
    rules = ("gba;14;amt-a;;2026-02-28", "gba;14;amt-b;2026-03-01;")
    tables = resolver(zustaendigkeiten=rules)

    assert authorities(tables.resolve(TREE, CHEMNITZ, DAY - timedelta(days=1))) == ("amt-a",)
    assert authorities(tables.resolve(TREE, CHEMNITZ, DAY)) == ("amt-b",)


def test_two_rules_of_equal_rank_are_not_guessed_between_and_both_are_named() -> None:
    found = resolver(zustaendigkeiten=("gba;14;amt-b;;", "gba;;amt-0;;", "gba;14;amt-a;;")).resolve(TREE, CHEMNITZ, DAY)

    assert (found.outcome, found.primary, found.candidates) == (Outcome.AMBIGUOUS, None, ("amt-a", "amt-b"))
    assert [(hop.rule, hop.line) for hop in found.trace.hops[2:]] == [("gba + 14 → amt-b", 2), ("gba + 14 → amt-a", 4)]


def test_nobody_is_an_answer_with_a_hop_of_no_line() -> None:
    found = resolver().resolve(TRADE, CHEMNITZ, DAY)

    assert (found.role, found.authorities) == ("MELDID", ())
    assert found.trace.hops[-1] == Hop("zustaendigkeiten", f"MELDID + {CHEMNITZ} → –", 0)


@pytest.mark.parametrize("service", ["99999999999999", TREE[:-1], "", "99093003001003"])
def test_an_unknown_service_has_no_role_and_no_authority(service: str) -> None:
    found = resolver().resolve(service, CHEMNITZ, DAY)

    assert (found.role, found.authorities) == (None, ())
    assert (found.outcome, why(found)) == (Outcome.UNRESOLVED, Why.SERVICE_UNKNOWN)
    assert (found.trace.hops[0].table, found.trace.hops[0].line) == ("rollen", 0)


def test_two_roles_in_a_version_that_was_never_checked_are_not_guessed_between() -> None:
    found = resolver(rollen=(f"{TREE};gba;;", f"{TREE};unb;;")).resolve(TREE, CHEMNITZ, DAY)

    assert (found.outcome, found.primary, why(found)) == (Outcome.AMBIGUOUS, None, Why.SEVERAL_RULES)


def test_an_unknown_municipality_never_falls_back_to_its_district() -> None:
    found = resolver(zustaendigkeiten=("gba;14;amt-a;;", "gba;;amt-0;;")).resolve(TREE, "145110000001", DAY)

    assert (found.role, found.authorities) == ("gba", ())
    assert found.trace.hops[-1] == Hop("gebiete", "145110000001 → –", 0)


def test_a_stale_key_has_no_authority_and_the_trace_says_until_when_it_was_valid() -> None:
    tables = resolver(gebiete=UDER_ROWS, zustaendigkeiten=("gba;16;amt-a;;",))

    stale, early = tables.resolve(TREE, UDER_OLD, DAY), tables.resolve(TREE, UDER, date(2023, 12, 31))

    assert (stale.authorities, early.authorities) == ((), ())
    assert stale.trace.hops[-1] == Hop("gebiete", f"{UDER_OLD} Uder (../2023-12-31) → –", 2, "gemeinde")
    assert early.trace.hops[-1] == Hop("gebiete", f"{UDER} Uder (2024-01-01/..) → –", 3, "gemeinde")
    assert authorities(tables.resolve(TREE, UDER_OLD, date(2023, 12, 31))) == ("amt-a",)
    assert authorities(tables.resolve(TREE, UDER, date(2024, 1, 1))) == ("amt-a",)


def test_of_several_expired_rows_the_latest_before_the_day_is_named() -> None:
    rows = (f"{CHEMNITZ};;Neu;2030-01-01;", f"{CHEMNITZ};;Alt;;1990-05-31", f"{CHEMNITZ};;Jünger;1990-06-01;2000-12-31")

    hop = resolver(gebiete=rows).resolve(TREE, CHEMNITZ, DAY).trace.hops[-1]

    assert hop == Hop("gebiete", f"{CHEMNITZ} Jünger (1990-06-01/2000-12-31) → –", 4, "gemeinde")


@pytest.mark.parametrize(
    ("region", "expected"),
    [("145225102", "amt-9"), ("14522", "amt-5"), ("145", "amt-3"), ("14", "amt-2"), ("14511", "amt-3")],
)
def test_a_shorter_key_is_answered_by_its_own_prefixes(region: str, expected: str) -> None:
    found = resolver(zustaendigkeiten=LADDER).resolve(TREE, region, DAY)

    assert found.authorities == (expected,)
    assert found.trace.hops[1] == Hop("gebiete", f"{region}…", 0)


def test_a_shorter_key_with_a_row_of_its_own_is_shown_with_its_name() -> None:
    tables = resolver(gebiete=("14522;14522;Mittelsachsen;;", f"{BURGSTAEDT};;Burgstädt;;"))

    assert tables.resolve(TREE, "14522", DAY).trace.hops[1] == Hop("gebiete", "14522 Mittelsachsen", 2, "kreis")


@pytest.mark.parametrize("region", ["", "1", "1451", "14523", "15", "1451100000000", "99"])
def test_a_key_that_is_no_level_or_has_no_region_is_unknown(region: str) -> None:
    assert authorities(resolver(zustaendigkeiten=LADDER).resolve(TREE, region, DAY)) == ()


def test_a_shorter_key_dies_with_its_last_region() -> None:
    tables = resolver(gebiete=UDER_ROWS, zustaendigkeiten=("gba;16;amt-a;;",))

    assert authorities(tables.resolve(TREE, "160615012", date(2023, 12, 31))) == ("amt-a",)
    assert authorities(tables.resolve(TREE, "160615012", date(2024, 1, 1))) == ()
    assert authorities(tables.resolve(TREE, "16061", date(2024, 1, 1))) == ("amt-a",)


HOSTILE = [
    "x\r\nFAKE LOG LINE",
    "../../etc/passwd",
    "１４５１１",
    "9" * 1_000_000,
    "\x1b[31m",
    "Erika Mustermann",
    "{0}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_key_is_never_repeated_in_a_trace(text: str) -> None:
    for found in (resolver().resolve(text, CHEMNITZ, DAY), resolver().resolve(TREE, text, DAY)):
        assert found.authorities == ()
        assert text not in repr(found)
        assert "?" in {found.trace.service, found.trace.region}


def test_an_ags_is_looked_up_and_never_computed() -> None:
    tables = resolver(gebiete=UDER_ROWS)

    assert tables.ars_of_ags("16061119", DAY) == (UDER,)
    assert tables.ars_of_ags("16061097", DAY) == (UDER_OLD,)  # ended: the resolver knows what became of it, or says so
    assert tables.ars_of_ags("16061097", date(2023, 12, 31)) == (UDER_OLD,)
    assert tables.ars_of_ags("16061119", date(2023, 12, 31)) == ()


def test_an_ags_of_several_regions_answers_all_of_them_and_an_empty_one_none() -> None:
    rows = (
        "020000000002;02000000;B;;",
        "020000000001;02000000;A;;",
        "020000000003;;C;;",
        "020000000004;02000000;D;;1999-01-01",
    )
    tables = resolver(gebiete=rows)

    assert tables.ars_of_ags("02000000", DAY) == ("020000000001", "020000000002")
    assert tables.ars_of_ags("", DAY) == ()


def test_names_are_those_of_the_day() -> None:
    tables = resolver(
        gebiete=("145110000000;;Karl-Marx-Stadt;1953-05-10;1990-05-31", "145110000000;;Chemnitz;1990-06-01;")
    )

    def named(on: date) -> str:
        return tables.resolve(TREE, CHEMNITZ, on).trace.hops[1].rule

    assert named(date(1990, 5, 31)) == f"{CHEMNITZ} Karl-Marx-Stadt"
    assert named(date(1990, 6, 1)) == f"{CHEMNITZ} Chemnitz"


def test_a_resolver_keeps_nothing_of_the_document_and_a_second_version_is_a_second_resolver() -> None:
    first, second = document(), document(zustaendigkeiten=("gba;14;amt-a;;",))
    old, new = Resolver.load(first), Resolver.load(RoutingDocument(8, second.tables))

    assert (old.version, new.version) == (7, 8)
    assert authorities(old.resolve(TREE, CHEMNITZ, DAY)) == ("amt-c",)
    assert authorities(new.resolve(TREE, CHEMNITZ, DAY)) == ("amt-a",)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rollen", b"leistung;rolle;gueltig_ab\n"),
        ("rollen", b"leistung;rolle;gueltig_ab;gueltig_bis\n99093003001002;gba\n"),
        ("rollen", b"leistung;rolle;gueltig_ab;gueltig_bis\n99093003001002;gba;gestern;\n"),
        ("zustaendigkeiten", b""),
        ("zustaendigkeiten", b"\xff"),
    ],
)
def test_a_damaged_version_is_refused_with_a_word_to_the_operator(name: str, data: bytes) -> None:
    with pytest.raises(Misconfigured):
        Resolver.load(with_bytes(**{name: data}))


def test_a_version_without_a_table_is_refused() -> None:
    with pytest.raises(Misconfigured, match="version 3"):
        Resolver.load(RoutingDocument(3, {}))


def test_a_service_the_tables_do_not_name_has_the_role_its_package_names() -> None:
    unnamed = "99102013104000"
    defaults = [DefaultRule("hund-1.0", unnamed, "gba"), DefaultRule("baum-1.0", TREE, "other")]

    found = Resolver.load(document(), defaults).resolve(unnamed, CHEMNITZ, DAY)

    assert (found.role, found.authorities) == ("gba", ("amt-c",))
    assert found.trace.hops[0] == Hop("packages", f"{unnamed} → gba", 0, "bund", "paket:hund-1.0")


@pytest.mark.parametrize(
    ("row", "region", "expected"),
    [
        (f"{TREE};gba;;;", "", "gba"),
        (f"{TREE};gba;;;", "14", "gba"),
        (f"{TREE};gba;;;14511", "14", "gba"),
        (f"{TREE};gba;;;12", "14", "other"),
        (f"{TREE};gba;;2020-12-31;", "", "other"),
    ],
    ids=["same region", "everywhere, the package for the Land", "a part of the Land", "another Land", "no longer"],
)
def test_a_rule_of_the_operator_that_covers_the_region_goes_before_every_word_of_a_package(
    row: str, region: str, expected: str
) -> None:
    defaults = [DefaultRule("baum-1.0", TREE, "other", region)]
    found = Resolver.load(with_bytes(rollen=wide("rollen", "gebiet", row)), defaults)

    assert found.resolve(TREE, CHEMNITZ, DAY).role == expected


def test_a_row_that_was_copied_from_a_package_stays_behind_a_rule_of_the_operator() -> None:
    copied, own = f"{TREE};other;;;14;paket:baum-1.0", f"{TREE};gba;;;;"
    found = Resolver.load(with_bytes(rollen=wide("rollen", "gebiet;herkunft", copied, own)))

    assert found.resolve(TREE, CHEMNITZ, DAY).role == "gba"


def test_where_a_rule_of_the_operator_may_hold_the_package_is_a_possibility_behind_it() -> None:
    defaults = [DefaultRule("baum-1.0", TREE, "other", "14")]
    rows = wide("rollen", "gebiet;bedingung", f"{TREE};gba;;;;handwerk=true")
    found = Resolver.load(with_bytes(rollen=rows), defaults)

    def roles(**facts: str) -> list[str]:
        hops = found.resolve(TREE, CHEMNITZ, DAY, facts=facts).trace.hops
        return [hop.table for hop in hops if hop.table in {"rollen", "packages"}]

    assert roles(handwerk="true") == ["rollen"]
    assert roles(handwerk="false") == ["packages"]
    assert roles() == ["rollen", "packages"]

"""The cases of the field as tables and questions: who is competent, who gets it, too, and what is said instead."""

from datetime import date
from typing import Final

import pytest
from routing_documents import document, table, wide

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import DefaultRule, Outcome, RouteFound, RoutingDocument, Why
from routing.refusal import RoutingRefused
from routing.resolver import Resolver
from routing.tables import Known, check

CHEMNITZ, BURGSTAEDT, MUEHLAU, TAURA = "145110000000", "145225102060", "145225102380", "145225102550"
MITTWEIDA, LEUBSDORF, FREIBERG = "145225119360", "145220340340", "145220180180"
HAMBURG, GERA, HANAU_OLD, HANAU = "020000000000", "160520000000", "064350014014", "064150000000"
TREE, TRADE, DOG, ROAD = "99093003001002", "99050012104000", "99102013104000", "99108012005002"
BUILDING, RESIDENCE = "99012070006001", "99115005104000"

REGIONS: Final = (
    f"{HAMBURG};02000000;Hamburg;;",
    f"{HANAU_OLD};06435014;Hanau;;2025-12-31",
    f"{HANAU};06415000;Hanau;2026-01-01;",
    f"{CHEMNITZ};14511000;Chemnitz, Stadt;;",
    f"{BURGSTAEDT};14522060;Burgstädt, Stadt;;",
    f"{MUEHLAU};14522380;Mühlau;;",
    f"{TAURA};14522550;Taura;;",
    f"{MITTWEIDA};14522360;Mittweida, Stadt;;",
    f"{LEUBSDORF};14522340;Leubsdorf;;",
    f"{FREIBERG};14522180;Freiberg, Stadt;;",
    f"{GERA};16052000;Gera, Stadt;;",
    "120645410340;12064340;Neuhardenberg;;",
    "120645410;;Amt Neuhardenberg;;2021-12-31",
    "120645417340;12064341;Letschin;;",
)
ROLES: Final = "gebiet;art;bedingung;ort;prioritaet"
RULES: Final = "bedingung;prioritaet;grund"
PACKAGE: Final = (
    DefaultRule("baum-1.0", TREE, "gba"),
    DefaultRule("baum-1.0", TREE, "unb", kind="weitere", condition="monat=3..9"),
    DefaultRule("hund-1.0", DOG, "kka"),
    DefaultRule("hund-1.0", DOG, "fin", region="02"),
)


def tables(rules: tuple[str, ...], roles: tuple[str, ...] = (), **more: bytes) -> RoutingDocument:
    services = {row.partition(";")[0] for row in roles} | {TREE, DOG}
    plain = document(gebiete=REGIONS, leistungen=tuple(f"{service};Name" for service in sorted(services)))
    given = {
        "rollen": wide("rollen", ROLES, *roles),
        "zustaendigkeiten": wide("zustaendigkeiten", RULES, *rules),
        **more,
    }
    return RoutingDocument(7, {**plain.tables, **given})


def resolver(rules: tuple[str, ...], roles: tuple[str, ...] = (), **more: bytes) -> Resolver:
    """As an installation has it: checked, and with the defaults of the packages."""
    found = tables(rules, roles, **more)
    named = {AuthorityId(row.split(";")[2]) for row in rules}
    check(found, Known(named, {"strassenklasse", "bisher", "nebenwohnung", "betrag"}))
    return Resolver.load(found, PACKAGE)


def also(found: RouteFound) -> dict[str, str]:
    return {one.role: one.authority for one in found.also}


def why(found: RouteFound) -> tuple[Outcome, Why | None]:
    return found.outcome, None if found.reason is None else found.reason.why


TREES = resolver(
    (
        f"gba;{CHEMNITZ};chemnitz-gruen;;;;;",
        "gba;145225102;burgstaedt-ordnungsamt;;;;;",
        f"gba;{LEUBSDORF};-;;;;;In Leubsdorf gilt keine Baumschutzsatzung.",
        f"unb;{CHEMNITZ};chemnitz-umwelt;;;;;",
        "unb;14522;mittelsachsen-umwelt;;;;;",
    )
)


@pytest.mark.parametrize(
    ("on", "further"),
    [
        (date(2026, 11, 15), {}),
        (date(2026, 2, 28), {}),
        (date(2026, 3, 1), {"unb": "chemnitz-umwelt"}),
        (date(2026, 4, 15), {"unb": "chemnitz-umwelt"}),
        (date(2026, 9, 30), {"unb": "chemnitz-umwelt"}),
        (date(2026, 10, 1), {}),
    ],
)
def test_a_tree_in_chemnitz_concerns_the_conservation_authority_while_birds_breed(
    on: date, further: dict[str, str]
) -> None:
    found = TREES.resolve(TREE, CHEMNITZ, on)

    assert (found.outcome, found.primary and found.primary.authority) == (Outcome.RESOLVED, "chemnitz-gruen")
    assert also(found) == further
    named = [hop for hop in found.trace.hops if hop.recipient == "unb"]
    assert [hop.table for hop in named] == ["packages", *(["zustaendigkeiten"] if further else [])]
    assert [hop.unmet for hop in named if hop.unmet] == ([] if further else ["monat=3..9"])


@pytest.mark.parametrize("place", [BURGSTAEDT, MUEHLAU, TAURA])
def test_the_association_of_burgstaedt_acts_for_its_members(place: str) -> None:
    found = TREES.resolve(TREE, place, date(2026, 4, 15))

    assert found.authorities == ("burgstaedt-ordnungsamt",)
    assert also(found) == {"unb": "mittelsachsen-umwelt"}
    assert found.trace.hops[2].level == "verband"


def test_a_municipality_without_a_bylaw_has_a_reason_and_no_gap() -> None:
    found = TREES.resolve(TREE, LEUBSDORF, date(2026, 11, 15))

    assert why(found) == (Outcome.UNRESOLVED, Why.NOBODY_HERE)
    assert found.reason is not None
    assert found.reason.named == "In Leubsdorf gilt keine Baumschutzsatzung."
    assert why(TREES.resolve(TREE, MITTWEIDA, date(2026, 11, 15))) == (Outcome.UNRESOLVED, Why.NO_RULE)


def test_a_further_recipient_nobody_has_entered_is_never_left_out_silently() -> None:
    found = resolver((f"gba;{CHEMNITZ};chemnitz-gruen;;;;;",)).resolve(TREE, CHEMNITZ, date(2026, 4, 15))

    assert (found.primary, found.also) == (None, ())
    assert why(found) == (Outcome.UNRESOLVED, Why.NO_RULE)
    assert (found.role, found.open_recipient) == ("gba", "unb")


@pytest.mark.parametrize(
    ("rules", "roles"),
    [
        ((f"unb;{CHEMNITZ};-;;;;;Chemnitz entscheidet selbst.",), ()),
        ((), (f"{TREE};unb;;;14511;entfaellt;;;",)),
        ((f"unb;{CHEMNITZ};chemnitz-gruen;;;;;",), ()),
    ],
    ids=["nobody, with a reason", "not a recipient here", "the same authority"],
)
def test_there_may_explicitly_be_no_further_recipient(rules: tuple[str, ...], roles: tuple[str, ...]) -> None:
    tables = resolver((f"gba;{CHEMNITZ};chemnitz-gruen;;;;;", *rules), roles)

    found = tables.resolve(TREE, CHEMNITZ, date(2026, 4, 15))

    assert (found.outcome, found.authorities, found.also) == (Outcome.RESOLVED, ("chemnitz-gruen",), ())
    assert any(hop.recipient == "unb" for hop in found.trace.hops)


def test_a_provider_serves_towns_of_two_laender_each_by_the_profile_of_its_land() -> None:
    kisa = resolver(
        ("kka;16;gera-kasse;;;;;", "sta;14;sachsen-steuer;;;;;", "kka;14;kasse;;;;;", "fin;02;finanzamt;;;;;"),
        (f"{DOG};sta;;;14;;;;",),
    )
    day = date(2026, 6, 1)

    assert [(found.role, found.authorities) for found in (kisa.resolve(DOG, GERA, day),)] == [("kka", ("gera-kasse",))]
    assert kisa.resolve(DOG, CHEMNITZ, day).role == "sta"
    assert kisa.resolve(DOG, CHEMNITZ, day).authorities == ("sachsen-steuer",)
    assert (kisa.resolve(DOG, HAMBURG, day).role, kisa.resolve(DOG, HAMBURG, day).authorities) == (
        "fin",
        ("finanzamt",),
    )


ROADS = resolver(
    ("sbb;145225102;burgstaedt;;;;;", "svb;14522;kreis;;;;;", "lasuv;14;land;;;;;"),
    (
        f"{ROAD};sbb;;;;;strassenklasse=gemeinde;;",
        f"{ROAD};svb;;;;;strassenklasse=kreis;;",
        f"{ROAD};lasuv;;;;;strassenklasse=land|bund;;",
    ),
)


@pytest.mark.parametrize(
    ("road", "authority"), [("gemeinde", "burgstaedt"), ("kreis", "kreis"), ("land", "land"), ("bund", "land")]
)
def test_the_class_of_the_road_decides_on_its_special_use(road: str, authority: str) -> None:
    found = ROADS.resolve(ROAD, BURGSTAEDT, date(2026, 6, 1), facts={"strassenklasse": road})

    assert (found.outcome, found.authorities) == (Outcome.RESOLVED, (authority,))
    assert found.trace.facts == {"strassenklasse": road}


def test_without_the_class_of_the_road_a_person_decides_between_all_of_them() -> None:
    found = ROADS.resolve(ROAD, BURGSTAEDT, date(2026, 6, 1))

    assert why(found) == (Outcome.AMBIGUOUS, Why.FACT_NOT_GIVEN)
    assert found.candidates == ("burgstaedt", "kreis", "land")
    assert found.reason is not None
    assert found.reason.named == "strassenklasse"
    assert {hop.rule for hop in found.trace.hops if hop.table == "rollen"} == {
        f"{ROAD} [strassenklasse=gemeinde] → sbb",
        f"{ROAD} [strassenklasse=kreis] → svb",
        f"{ROAD} [strassenklasse=land|bund] → lasuv",
        f"{ROAD} → –",
    }
    assert ROADS.resolve(ROAD, BURGSTAEDT, date(2026, 6, 1), facts={"strassenklasse": "feldweg"}).authorities == ()


def test_a_town_that_is_its_own_building_authority_stands_before_its_district() -> None:
    building = resolver(
        ("bab;14522;kreis-bauamt;;;;;", f"bab;{FREIBERG};freiberg-bauamt;;2026-08-31;;;", f"bab;{CHEMNITZ};c;;;;;"),
        (f"{BUILDING};bab;;;;;;;",),
    )

    assert building.resolve(BUILDING, FREIBERG, date(2026, 8, 31)).authorities == ("freiberg-bauamt",)
    assert building.resolve(BUILDING, FREIBERG, date(2026, 9, 1)).authorities == ("kreis-bauamt",)
    assert building.resolve(BUILDING, MITTWEIDA, date(2026, 8, 31)).authorities == ("kreis-bauamt",)


def test_a_move_reaches_three_recipients_one_of_them_where_somebody_lived_before() -> None:
    moving = resolver(
        (f"ags;{CHEMNITZ};chemnitz;;;;;", "kba;;kfz-stelle;;;;;", "ags;145225102;burgstaedt;;;;;"),
        (
            f"{RESIDENCE};ags;;;;;;;",
            f"{RESIDENCE};kba;;;;weitere;;;",
            f"{RESIDENCE};ags;;;;weitere;;bisher;",
        ),
    )
    day = date(2026, 6, 1)

    found = moving.resolve(RESIDENCE, CHEMNITZ, day, facts={"bisher": MUEHLAU})

    assert found.primary is not None
    assert (found.primary.authority, also(found)) == ("chemnitz", {"kba": "kfz-stelle", "ags": "burgstaedt"})
    assert [(one.region, one.recipient) for one in found.also] == [(CHEMNITZ, "kba"), (MUEHLAU, "ags (bisher)")]
    unknown = moving.resolve(RESIDENCE, CHEMNITZ, day)
    assert (why(unknown), unknown.open_recipient) == ((Outcome.AMBIGUOUS, Why.FACT_NOT_GIVEN), "ags (bisher)")
    assert unknown.authorities == ("chemnitz",)


def test_one_role_is_told_at_every_place_that_facts_name() -> None:
    moving = resolver(
        (f"ags;{CHEMNITZ};chemnitz;;;;;", "ags;145225102;burgstaedt;;;;;", f"ags;{FREIBERG};freiberg;;;;;"),
        (
            f"{RESIDENCE};ags;;;;;;;",
            f"{RESIDENCE};ags;;;;weitere;;bisher;",
            f"{RESIDENCE};ags;;;;weitere;;nebenwohnung;",
        ),
    )
    facts = {"bisher": MUEHLAU, "nebenwohnung": FREIBERG}

    found = moving.resolve(RESIDENCE, CHEMNITZ, date(2026, 6, 1), facts=facts)
    same = moving.resolve(RESIDENCE, CHEMNITZ, date(2026, 6, 1), facts={**facts, "bisher": CHEMNITZ})

    assert [one.authority for one in found.also] == ["burgstaedt", "freiberg"]
    assert [one.authority for one in same.also] == ["freiberg"]


@pytest.mark.parametrize(
    ("withdrawn", "left"),
    [
        (f"{RESIDENCE};ags;;;14;entfaellt;;;", []),
        (f"{RESIDENCE};ags;;;14;entfaellt;;bisher;", ["freiberg"]),
        (f"{RESIDENCE};ags;;;12;entfaellt;;;", ["burgstaedt", "freiberg"]),
    ],
)
def test_a_role_is_withdrawn_at_every_place_unless_one_is_named(withdrawn: str, left: list[str]) -> None:
    moving = resolver(
        (f"ags;{CHEMNITZ};chemnitz;;;;;", "ags;145225102;burgstaedt;;;;;", f"ags;{FREIBERG};freiberg;;;;;"),
        (
            f"{RESIDENCE};ags;;;;;;;",
            f"{RESIDENCE};ags;;;;weitere;;bisher;",
            f"{RESIDENCE};ags;;;;weitere;;nebenwohnung;",
            withdrawn,
        ),
    )
    facts = {"bisher": MUEHLAU, "nebenwohnung": FREIBERG}

    found = moving.resolve(RESIDENCE, CHEMNITZ, date(2026, 6, 1), facts=facts)

    assert [one.authority for one in found.also] == left


@pytest.mark.parametrize(("place", "colliding"), [("", True), ("bisher", True), ("nebenwohnung", False)])
def test_what_withdraws_a_role_at_a_place_collides_with_what_names_it_there(place: str, colliding: bool) -> None:
    roles = (f"{RESIDENCE};ags;;;;weitere;;bisher;", f"{RESIDENCE};ags;;;;entfaellt;;{place};")
    rules = (f"ags;{CHEMNITZ};chemnitz;;;;;",)

    if not colliding:
        resolver(rules, (f"{RESIDENCE};ags;;;;;;;", *roles))
        return
    with pytest.raises(RoutingRefused, match="line 4, column leistung"):
        resolver(rules, (f"{RESIDENCE};ags;;;;;;;", *roles))


@pytest.mark.parametrize("parts", [(MUEHLAU, CHEMNITZ), (MUEHLAU, "145229999001")])
def test_a_former_place_that_has_been_divided_is_not_taken_for_one_of_its_parts(parts: tuple[str, str]) -> None:
    gone = wide("nachfolger", "art;bestaetigt", *(f"145229999000;{part};2020-01-01;geteilt;" for part in parts))
    rest = wide("nachfolger", "art;bestaetigt", f"145229999001;{TAURA};2024-01-01;;")
    moving = resolver(
        (f"ags;{CHEMNITZ};chemnitz;;;;;", "agsalt;14;alt;;;;;"),
        (f"{RESIDENCE};ags;;;;;;;", f"{RESIDENCE};agsalt;;;;weitere;;bisher;"),
        nachfolger=gone + rest.partition(b"\n")[2],
    )

    found = moving.resolve(RESIDENCE, CHEMNITZ, date(2026, 6, 1), facts={"bisher": "145229999000"})

    assert (why(found), found.open_recipient) == ((Outcome.AMBIGUOUS, Why.REGION_DIVIDED), "agsalt (bisher)")
    assert found.candidates == ("alt",)


def test_hanau_leaves_its_district_with_the_year() -> None:
    rules = ("bab;06435;kreis;;;;;", "bab;06415;hanau;2026-01-01;;;;")
    known = table("nachfolger", f"{HANAU_OLD};{HANAU};2026-01-01")
    found = resolver(rules, (f"{BUILDING};bab;;;;;;;",), nachfolger=known)

    assert found.resolve(BUILDING, HANAU_OLD, date(2025, 12, 31)).authorities == ("kreis",)
    assert found.resolve(BUILDING, HANAU, date(2026, 1, 2)).authorities == ("hanau",)
    late = found.resolve(BUILDING, HANAU_OLD, date(2026, 1, 2))
    assert (late.authorities, late.primary and late.primary.region) == (("hanau",), HANAU)
    assert "064350014014 → 064150000000 (2026-01-01/..)" in [hop.rule for hop in late.trace.hops]
    assert why(found.resolve(BUILDING, HANAU, date(2025, 12, 31))) == (Outcome.UNRESOLVED, Why.REGION_EXPIRED)


STALE = "120645410"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((), Why.REGION_EXPIRED),
        ((f"{STALE};120645417;2022-01-01;;vorschlag",), Why.SUCCESSOR_PROPOSED),
        ((f"{STALE};;2022-01-01;aufgeloest;",), Why.REGION_DISSOLVED),
        ((f"{STALE};120645417;2022-01-01;geteilt;", f"{STALE};160520000000;2022-01-01;geteilt;"), Why.REGION_DIVIDED),
        ((f"{STALE};120645417;2022-01-01;geteilt;",), Why.REGION_DIVIDED),
        ((f"{STALE};120645417;2027-01-01;;",), Why.REGION_EXPIRED),
    ],
)
def test_a_stale_key_is_answered_with_what_has_become_of_it_and_never_silently(
    rows: tuple[str, ...], expected: Why
) -> None:
    regions = tuple(row for row in REGIONS if not row.startswith("120645410340"))
    known, gone = table("gebiete", *regions), wide("nachfolger", "art;bestaetigt", *rows)
    found = resolver(("gba;12;brandenburg;;;;;",), gebiete=known, nachfolger=gone).resolve(
        TREE, STALE, date(2026, 11, 15)
    )

    assert found.primary is None
    assert why(found)[1] is expected
    proposed = "" if expected is not Why.SUCCESSOR_PROPOSED else found.reason and found.reason.named
    assert proposed in {"", "120645417"}


def test_a_confirmed_successor_of_a_stale_key_is_followed_and_named() -> None:
    regions = tuple(row for row in REGIONS if not row.startswith("120645410340"))
    known, gone = table("gebiete", *regions), table("nachfolger", f"{STALE};120645417;2022-01-01")
    found = resolver(("gba;12;brandenburg;;;;;",), gebiete=known, nachfolger=gone).resolve(
        TREE, STALE, date(2026, 11, 15)
    )

    assert (found.authorities, found.primary and found.primary.region) == (("brandenburg",), "120645417")
    assert any(hop.table == "nachfolger" and "2022-01-01" in hop.rule for hop in found.trace.hops)


def test_a_town_acts_for_its_neighbour_and_the_trace_says_so() -> None:
    acting = table("vertretungen", f"{MUEHLAU};{CHEMNITZ};gba;2026-01-01;")
    found = resolver((f"gba;{CHEMNITZ};chemnitz;;;;;", "gba;14522;kreis;;;;;"), vertretungen=acting)

    assert found.resolve(TREE, MUEHLAU, date(2026, 1, 1)).authorities == ("chemnitz",)
    assert found.resolve(TREE, MUEHLAU, date(2025, 12, 31)).authorities == ("kreis",)
    assert found.resolve(TREE, TAURA, date(2026, 1, 1)).authorities == ("kreis",)
    hops = found.resolve(TREE, MUEHLAU, date(2026, 1, 1)).trace.hops
    assert [hop.rule for hop in hops if hop.table == "vertretungen"] == [f"{MUEHLAU} → {CHEMNITZ}"]


def test_of_equal_prefixes_the_higher_priority_goes_first_if_its_condition_holds() -> None:
    fees = resolver(
        ("gba;14;klein;;;;;", "gba;14;gross;;;betrag>5000;1;"),
    )
    asked = {
        amount: fees.resolve(TREE, CHEMNITZ, date(2026, 1, 1), facts={"betrag": amount}) for amount in ("1", "9000")
    }

    assert {amount: found.authorities for amount, found in asked.items()} == {"1": ("klein",), "9000": ("gross",)}
    assert fees.resolve(TREE, CHEMNITZ, date(2026, 1, 1)).candidates == ("gross", "klein")


@pytest.mark.parametrize("amount", ["5.000,00", "5000,50", "viel", ""])
def test_an_amount_that_is_no_number_is_said_to_be_none(amount: str) -> None:
    fees = resolver(("gba;14;klein;;;betrag<=5000;;", "gba;14;gross;;;betrag>5000;;"))

    found = fees.resolve(TREE, CHEMNITZ, date(2026, 1, 1), facts={"betrag": amount})

    assert (why(found), found.candidates) == ((Outcome.AMBIGUOUS, Why.FACT_NOT_COMPARABLE), ("gross", "klein"))
    assert found.reason is not None
    assert found.reason.named == "betrag"


def test_a_dwelling_certificate_goes_by_where_somebody_lives_and_else_by_where_he_will() -> None:
    """Wohnungswesen-ZVO of Mecklenburg-Vorpommern, § 1 (2); here Saxony stands for it."""
    dwelling = "99107022012000"
    office = resolver(
        (f"wbs;{CHEMNITZ};chemnitz;;;;;", "wbs;145225102;burgstaedt;;;;;"),
        (f"{dwelling};wbs;;;;;bisher=14*;bisher;", f"{dwelling};wbs;;;;;bisher!=14*;nebenwohnung;"),
    )

    def asked(**facts: str) -> tuple[tuple[str, ...], Why | None]:
        found = office.resolve(dwelling, GERA, date(2026, 6, 1), facts=facts)
        return found.authorities, why(found)[1]

    assert asked(bisher=CHEMNITZ, nebenwohnung=MUEHLAU) == (("chemnitz",), None)
    assert asked(bisher=HAMBURG, nebenwohnung=MUEHLAU) == (("burgstaedt",), None)
    assert asked(bisher=HAMBURG) == ((), Why.PLACE_NOT_GIVEN)
    assert asked(nebenwohnung=MUEHLAU)[1] is Why.FACT_NOT_GIVEN


def test_what_every_possibility_leads_to_is_an_answer() -> None:
    same = resolver(("gba;14;amt;;;;;", "gba;14511;amt;;;betrag>5000;;"))

    assert same.resolve(TREE, CHEMNITZ, date(2026, 1, 1)).authorities == ("amt",)
    assert same.resolve(TREE, CHEMNITZ, date(2026, 1, 1)).outcome is Outcome.RESOLVED

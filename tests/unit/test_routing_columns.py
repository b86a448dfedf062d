"""The optional tables and columns: what they may say, what they refer to, and what a spreadsheet has done to them."""

import pytest
from routing_documents import AUTHORITIES, BURGSTAEDT, CHEMNITZ, TREE, document, table, wide, with_bytes

from routing.tables import Known, RoutingRefused, check

FACTS = {"strassenklasse", "betrag", "künftig"}
GONE = "145229999060"
CLASS = "strassenklasse"


def places(**tables: bytes) -> list[tuple[str, int, str]]:
    try:
        check(with_bytes(**tables), Known(AUTHORITIES, FACTS))
    except RoutingRefused as refused:
        return [(problem.table, problem.line, problem.column) for problem in refused.problems]
    return []


def said(**tables: bytes) -> str:
    with pytest.raises(RoutingRefused) as refused:
        check(with_bytes(**tables), Known(AUTHORITIES, FACTS))
    return refused.value.problems[0].de


def regions(*rows: str) -> bytes:
    return wide("gebiete", "art;typ;herkunft;stand", f"{CHEMNITZ};14511000;Chemnitz;;;gemeinde;;;", *rows)


def roles(*rows: str) -> bytes:
    return wide("rollen", "gebiet;art;bedingung;ort;prioritaet;herkunft;stand", *rows)


def rules(*rows: str) -> bytes:
    return wide("zustaendigkeiten", "stage;bedingung;prioritaet;grund", *rows)


def successors(*rows: str) -> bytes:
    return wide("nachfolger", "art;bestaetigt", *rows)


def acting(*rows: str) -> bytes:
    return table("vertretungen", *rows)


SOUND = [
    {"rollen": roles(f"{TREE};gba;;;14;haupt;monat=3..9;;10;paket:baum-1.0;2026-06-30")},
    {"rollen": roles(f"{TREE};gba;;;;;;;;;", f"{TREE};unb;;;;weitere;monat=3..9;;;;", f"{TREE};gba;;;;entfaellt;;;;;")},
    {"rollen": roles(f"{TREE};gba;;;;;;;;;", f"{TREE};unb;;;;;;;;paket:baum-1.0;")},
    {"rollen": roles(f"{TREE};gba;;;;;{CLASS}=gemeinde;;;;", f"{TREE};sbb;;;;;{CLASS}!=gemeinde;{CLASS};;;")},
    {"zustaendigkeiten": rules("gba;14;-;;;;;;Hier gilt keine Baumschutzsatzung.")},
    {"zustaendigkeiten": rules("gba;14;amt-a;;;;betrag<=5000;;", "gba;14;amt-b;;;;betrag>5000;;")},
    {"zustaendigkeiten": rules("gba;14;amt-a;;;;;;", "gba;14;amt-b;;;;betrag>5000;1;")},
    {"nachfolger": successors(f"{GONE};{BURGSTAEDT};2021-01-01;eingegliedert;ja", f"{GONE};{CHEMNITZ};;;vorschlag")},
    {"nachfolger": successors(f"{GONE};{BURGSTAEDT};;geteilt;", f"{GONE};{CHEMNITZ};;geteilt;")},
    {"nachfolger": successors(f"{GONE};;2021-01-01;aufgeloest;")},
    {"nachfolger": successors(f"{GONE};145229999061;2001-01-01;;", f"145229999061;{BURGSTAEDT};2021-01-01;;")},
    {"nachfolger": successors(f"{CHEMNITZ};{BURGSTAEDT};2001-01-01;;", f"{BURGSTAEDT};{CHEMNITZ};2021-01-01;;")},
    {"orte": table("orte", "09217;14522060;Burgstädt", "09217;14511000;Chemnitz", "09111;14511000;Chemnitz")},
    {"vertretungen": acting(f"145225102;{BURGSTAEDT};;;", f"145225102;{CHEMNITZ};gba;;")},
    {"vertretungen": acting(f"{CHEMNITZ};{BURGSTAEDT};uwb;;", f"{BURGSTAEDT};{CHEMNITZ};psw;;")},
    {"gebiete": regions(f"{BURGSTAEDT};14522060;Burgstädt;;;gemeinde;Stadt;import:destatis-rs;2026-06-30")},
]


@pytest.mark.parametrize("tables", SOUND)
def test_what_the_new_columns_may_say_passes(tables: dict[str, bytes]) -> None:
    assert places(**tables) == []


REFUSED = [
    ({"rollen": roles(f"{TREE};gba;;;1451;;;;;;")}, ("rollen", 2, "gebiet")),
    ({"rollen": roles(f"{TREE};gba;;;99;;;;;;")}, ("rollen", 2, "gebiet")),
    ({"rollen": roles(f"{TREE};gba;;;;nebenbei;;;;;")}, ("rollen", 2, "art")),
    ({"rollen": roles(f"{TREE};gba;;;;;monat=13;;;;")}, ("rollen", 2, "bedingung")),
    ({"rollen": roles(f"{TREE};gba;;;;;strassenklase=x;;;;")}, ("rollen", 2, "bedingung")),
    ({"rollen": roles(f"{TREE};gba;;;;;;wohnort;;;")}, ("rollen", 2, "ort")),
    ({"rollen": roles(f"{TREE};gba;;;;;;;hoch;;")}, ("rollen", 2, "prioritaet")),
    ({"rollen": roles(f"{TREE};gba;;;;;;;;von mir;")}, ("rollen", 2, "herkunft")),
    ({"rollen": roles(f"{TREE};gba;;;;;;;;;gestern")}, ("rollen", 2, "stand")),
    ({"rollen": roles(f"{TREE};gba;;;;;;;;;", f"{TREE};unb;;;;;;;0;;")}, ("rollen", 3, "leistung")),
    ({"rollen": roles(f"{TREE};gba;;;;;betrag<5;;;;", f"{TREE};unb;;;;;betrag<=6;;;;")}, ("rollen", 3, "leistung")),
    ({"rollen": roles(f"{TREE};u;;;;weitere;;;;;", f"{TREE};u;;;;entfaellt;;;;;")}, ("rollen", 3, "leistung")),
    ({"zustaendigkeiten": rules("gba;14;-;;;;;;")}, ("zustaendigkeiten", 2, "grund")),
    ({"zustaendigkeiten": rules("gba;14;amt-a;;;;;;Darum.")}, ("zustaendigkeiten", 2, "grund")),
    ({"zustaendigkeiten": rules("gba;14;amt-a;;;;;;", "gba;14;-;;;;;;Darum.")}, ("zustaendigkeiten", 3, "rolle")),
    ({"nachfolger": successors(f"{GONE};99;;;")}, ("nachfolger", 2, "ars_neu")),
    ({"nachfolger": successors(f"{GONE};;;;")}, ("nachfolger", 2, "ars_neu")),
    ({"nachfolger": successors(f"{GONE};{CHEMNITZ};;aufgeloest;")}, ("nachfolger", 2, "ars_neu")),
    ({"nachfolger": successors(f"{GONE};{CHEMNITZ};;;vielleicht")}, ("nachfolger", 2, "bestaetigt")),
    ({"nachfolger": successors(f"{GONE};{CHEMNITZ};;;", f"{GONE};{BURGSTAEDT};;;")}, ("nachfolger", 3, "ars_alt")),
    ({"nachfolger": successors(f"{GONE};{CHEMNITZ};;;", f"{GONE};{CHEMNITZ};;;")}, ("nachfolger", 3, "ars_alt")),
    ({"nachfolger": successors(f"{GONE};{GONE};;;")}, ("nachfolger", 2, "ars_neu")),
    ({"orte": table("orte", "9217;14522060;Burgstädt")}, ("orte", 2, "plz")),
    ({"orte": table("orte", "09217;14999999;Nirgends")}, ("orte", 2, "ags")),
    ({"orte": table("orte", "09217;14522060;B", "09217;14522060;B")}, ("orte", 3, "plz")),
    ({"vertretungen": acting(f";{BURGSTAEDT};;;")}, ("vertretungen", 2, "gebiet")),
    ({"vertretungen": acting("145225102;99;;;")}, ("vertretungen", 2, "handelnd")),
    (
        {"vertretungen": acting(f"14522;{CHEMNITZ};psw;;", f"14522;{BURGSTAEDT};psw;2020-01-01;")},
        ("vertretungen", 3, "gebiet"),
    ),
]


@pytest.mark.parametrize(("tables", "place"), REFUSED)
def test_what_they_may_not_say_is_named_with_its_place(tables: dict[str, bytes], place: tuple[str, int, str]) -> None:
    assert places(**tables) == [place]


def test_successors_and_regions_that_act_may_not_lead_in_a_circle() -> None:
    there_and_back = (f"{CHEMNITZ};{BURGSTAEDT};2001-01-01;;", f"{BURGSTAEDT};{CHEMNITZ};2001-01-01;;")
    for_each_other = (f"{CHEMNITZ};{BURGSTAEDT};psw;;", f"14522;{CHEMNITZ};psw;;")

    assert places(nachfolger=successors(*there_and_back)) == [
        ("nachfolger", 2, "ars_neu"),
        ("nachfolger", 3, "ars_neu"),
    ]
    assert [place[0] for place in places(vertretungen=acting(*for_each_other))] == ["vertretungen", "vertretungen"]


@pytest.mark.parametrize(
    ("tables", "hint"),
    [
        ({"zustaendigkeiten": rules("gba;1,45E+11;amt-a;;;;;;")}, "die letzten Ziffern sind verloren"),
        ({"rollen": roles("9,90930E+13;gba;;;;;;;;;")}, "die letzten Ziffern sind verloren"),
        ({"nachfolger": successors(f"20000000000;{CHEMNITZ};;;")}, "führende Null verloren: 020000000000"),
        ({"zustaendigkeiten": rules("gba;2;amt-a;;;;;;")}, "führende Null verloren: 02"),
        ({"orte": table("orte", "1067;14511000;Dresden")}, "führende Null verloren: 01067"),
        ({"zustaendigkeiten": rules("gba;14511000;amt-a;;;;;;")}, "„14511000“ ist ein AGS"),
        ({"zustaendigkeiten": rules("gba;14;amt-a;1.2.2026;;;;;")}, "Bitte so: 2026-02-01."),
        ({"gebiete": regions(f"{BURGSTAEDT};;BurgstÃ¤dt;;;;;;")}, "vermutlich „Burgstädt“"),
        ({"rollen": roles(f"{TREE};gba;;;;;strassenklase=x;;;;")}, "strassenklasse"),
        ({"leistungen": b"leistung,name\n"}, "Zwischen den Feldern steht , statt Semikolon"),
        ({"leistungen": b"leistung\tname\n"}, "Zwischen den Feldern steht TAB statt Semikolon"),
        (
            {"leistungen": f"leistung;name\n{TREE};Bäume\n".encode("latin-1")},
            "vermutlich in Latin-1 (dann steht dort „Bäume“)",
        ),
        ({"leistungen": "leistung;name\n".encode("utf-16")}, "UTF-16"),
        ({"leistungen": "leistung;name\n".encode("utf-16-be")}, "UTF-16"),
        ({"leistungen": b"sep=;\nleistung;name\n"}, "Bitte löschen"),
        ({"zustaendigkeiten": rules("gba;145110000000\u00a0;amt-a;;;;;;")}, "vermutlich 145110000000."),
        ({"zustaendigkeiten": rules("gba;'145110000000;amt-a;;;;;;")}, "vermutlich 145110000000."),
        ({"zustaendigkeiten": rules('gba;"=""145110000000""";amt-a;;;;;;')}, "vermutlich 145110000000."),
        ({"zustaendigkeiten": rules("gba;145.110.000.000;amt-a;;;;;;")}, "vermutlich 145110000000."),
        ({"zustaendigkeiten": rules("gba;１４５１１;amt-a;;;;;;")}, "vermutlich 14511."),
        ({"zustaendigkeiten": rules("gba ;14511;amt-a;;;;;;")}, "vermutlich gba."),
        ({"zustaendigkeiten": rules("gba;14511;amt-a;2026-01-31 ;;;;;")}, "vermutlich 2026-01-31."),
        ({"zustaendigkeiten": rules("gba;14511;–;;;;;;Keine Satzung.")}, "vermutlich -."),
        ({"zustaendigkeiten": rules("gba;14511;amt-aa;;;;;;")}, "ähnlich: amt-a"),
        ({"zustaendigkeiten": rules("gba;145110000001;amt-a;;;;;;")}, "ähnlich: 145110000000"),
        ({"rollen": roles(f"{TREE[:-1]}3;gba;;;;;;;;;")}, f"ähnlich: {TREE}"),
    ],
)
def test_what_a_spreadsheet_has_spoilt_is_explained(tables: dict[str, bytes], hint: str) -> None:
    assert hint in said(**tables)


def test_facts_are_not_checked_where_nobody_knows_the_packages() -> None:
    check(with_bytes(rollen=roles(f"{TREE};gba;;;;;irgendwas=x;;;;")), Known(AUTHORITIES))


def test_more_equal_rules_than_can_be_compared_are_refused_as_a_whole() -> None:
    many = tuple(f"gba;14;amt-a;;;;betrag={number};;" for number in range(301))

    assert places(zustaendigkeiten=rules(*many[:-1])) == []
    assert places(zustaendigkeiten=rules(*many)) == [("zustaendigkeiten", 302, "rolle")]


def test_rules_that_follow_each_other_are_not_counted_together() -> None:
    years = tuple(f"gba;14;amt-a;{year}-01-01;{year}-12-31;;;;" for year in range(1700, 2026))

    assert places(zustaendigkeiten=rules(*years)) == []
    assert places(zustaendigkeiten=rules(*years, "gba;14;amt-b;1999-06-01;1999-07-01;;;;")) == [
        ("zustaendigkeiten", 328, "rolle")
    ]


def test_the_optional_tables_may_be_missing() -> None:
    tables = {
        name: data for name, data in document().tables.items() if name not in {"nachfolger", "orte", "vertretungen"}
    }

    check(type(document())(1, tables), Known(AUTHORITIES))

"""Every pair of service and municipality gets the answer of the resolver, however many of them are asked at once."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from routing_documents import document

from amtsbote.model.ids import AuthorityId, TenantId
from amtsbote.model.routing import DefaultRule, RoutingDocument
from routing.coverage import Answer, Coverage, Verdict
from routing.inboxes import Inbox, Inboxes
from routing.resolver import Resolver

DAY = date(2026, 3, 1)
PLACES = ("020000000000", "145110000000", "145225102060", "145225102380", "145230320320", "160520000000")
PREFIXES = ("", "14", "145", "14522", "145225102", *PLACES)
SERVICES = ("99000000000001", "99000000000002", "99000000000003")
REGIONS = tuple(f"{ars};;Ort {ars};;" for ars in (*PLACES, "14", "14522"))
PACKAGED = (DefaultRule("paket-1.0", SERVICES[2], "p"), DefaultRule("paket-1.0", SERVICES[2], "q", "14522", "weitere"))
ACTING = "gebiet;handelnd;rolle;gueltig_ab;gueltig_bis\n145225102380;145225102060;;;\n14523;14511;p;;\n"

Rule = tuple[str, str, str, str]
RULES = st.lists(
    st.tuples(
        st.sampled_from("pq"),
        st.sampled_from(PREFIXES),
        st.sampled_from("abc-"),
        st.sampled_from(["", "2020-12-31", "strasse=gemeinde"]),
    ),
    max_size=12,
    unique_by=lambda rule: rule[:2],
)
ROLES = st.dictionaries(
    st.tuples(st.sampled_from(SERVICES), st.sampled_from(("", "14", "145225102"))),
    st.tuples(st.sampled_from("pq"), st.sampled_from(("", "monat=4..9", "monat=1..3"))),
)


def tables(roles: dict[tuple[str, str], tuple[str, str]], rules: list[Rule], *, acting: bool) -> RoutingDocument:
    named = [
        f"{role};{area};{who};;{word if word[:1] == '2' else ''};{word if word[:1] == 's' else ''};"
        + ("Keine Satzung" if who == "-" else "")
        for role, area, who, word in rules
    ]
    lists = {
        "gebiete": ["ars;ags;name;gueltig_ab;gueltig_bis", *REGIONS],
        "leistungen": ["leistung;name", *(f"{service};Leistung" for service in SERVICES)],
        "rollen": [
            "leistung;gebiet;rolle;bedingung;gueltig_ab;gueltig_bis",
            *(f"{service};{area};{role};{when};;" for (service, area), (role, when) in roles.items()),
        ],
        "zustaendigkeiten": ["rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;bedingung;grund", *named],
    }
    more = {"vertretungen": ACTING.encode()} if acting else {}
    return RoutingDocument(1, {name: "\n".join([*rows, ""]).encode() for name, rows in lists.items()} | more)


@given(ROLES, RULES, st.booleans())
def test_each_pair_has_the_resolvers_own_answer(
    roles: dict[tuple[str, str], tuple[str, str]], rules: list[Rule], acting: bool
) -> None:
    given_tables = tables(roles, rules, acting=acting)
    resolver = Resolver.load(given_tables, PACKAGED)
    groups = list(Coverage(given_tables, PACKAGED, DAY).groups())

    found = {
        (service, ars): answer
        for covered in groups
        for service in covered.services
        for ars, answer in covered.answers.items()
    }

    assert found == {
        (service, ars): Answer.of(resolver.resolve(service, ars, DAY)) for service in SERVICES for ars in PLACES
    }
    assert sum(len(covered.services) for covered in groups) == len(SERVICES)


def of_service(asked: Coverage, service: str, land: str = "") -> list[tuple[str, int, Verdict, tuple[str, ...]]]:
    [covered] = asked.groups(service, land)
    return [
        (one.place, one.municipalities, one.answer.verdict, one.answer.authorities) for one in asked.stretches(covered)
    ]


def test_neighbours_with_one_answer_are_told_together() -> None:
    rules = [("p", "14", "a", ""), ("p", "145225102380", "b", "")]
    asked = Coverage(tables({(SERVICES[0], ""): ("p", "")}, rules, acting=False), (), DAY)

    assert of_service(asked, SERVICES[0]) == [
        ("020000000000", 1, Verdict.GAP, ()),
        ("145110000000", 1, Verdict.COMPETENT, ("a",)),
        ("145225102060", 1, Verdict.COMPETENT, ("a",)),
        ("145225102380", 1, Verdict.COMPETENT, ("b",)),
        ("145230320320", 1, Verdict.COMPETENT, ("a",)),
        ("160520000000", 1, Verdict.GAP, ()),
    ]
    assert of_service(asked, SERVICES[1], "14") == [("14", 4, Verdict.GAP, ())]


def test_what_hangs_on_facts_and_what_is_expressly_nobodys_is_no_gap() -> None:
    rules = [("p", "14", "-", ""), ("p", "02", "a", "strasse=gemeinde"), ("p", "16", "b", "")]
    asked = Coverage(tables({(SERVICES[0], ""): ("p", "")}, rules, acting=False), (), DAY)

    assert [found[2] for found in of_service(asked, SERVICES[0])] == [Verdict.OPEN, Verdict.NOBODY, Verdict.COMPETENT]


def test_what_hangs_on_facts_needs_a_destination_for_one_of_those_who_may_be_competent() -> None:
    given_tables = tables(
        {(SERVICES[0], ""): ("p", "")},
        [("p", "145225102060", "a", "strasse=gemeinde"), ("p", "14522", "b", ""), ("p", "16", "c", "strasse=gemeinde")],
        acting=False,
    )
    tenant, service = TenantId("t"), {SERVICES[0]: ("14",)}
    known = {AuthorityId(name): tenant for name in "abc"}

    def verdicts(*inboxes: Inbox) -> dict[str, tuple[Verdict, tuple[str, ...]]]:
        [covered] = Coverage(given_tables, (), DAY, Inboxes(inboxes, known)).groups(SERVICES[0])
        return {ars: (answer.verdict, answer.authorities) for ars, answer in covered.answers.items()}

    of_b = verdicts(Inbox(AuthorityId("b"), (), service))
    assert of_b["145225102060"] == (Verdict.OPEN, ("a", "b")), "by the facts, it can be sent"
    assert of_b["145225102380"] == (Verdict.COMPETENT, ("b",))
    assert of_b["160520000000"] == (Verdict.NO_DESTINATION, ("c",))
    of_c = verdicts(Inbox(AuthorityId("c"), (), service))
    assert of_c["145225102060"] == (Verdict.NO_DESTINATION, ("a", "b"))
    assert of_c["160520000000"] == (Verdict.NO_DESTINATION, ("c",)), "it is offered in Saxony alone"
    assert of_c["145110000000"] == (Verdict.GAP, ())


def test_districts_and_what_is_not_valid_are_no_municipalities() -> None:
    given_tables = document(
        gebiete=(*REGIONS, "145110000001;;Alt;;2020-12-31"), leistungen=(f"{SERVICES[0]};Leistung",), rollen=()
    )
    assert Coverage(given_tables, (), DAY).municipalities == sorted(PLACES)

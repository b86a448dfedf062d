"""The pure steps: where a message goes, what an attempt means, and what the trace says of both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from application_kit import CHEMNITZ, TREE_FELLING
from house_for_tests import COLLECTING, DIRECT, House, a_resolver, with_entries
from hypothesis import given
from hypothesis import strategies as st
from store_samples import NOON, a_delivery, a_message

from amtsbote.api import Delivered, Outcome, Refused, Retry, Unknown
from amtsbote.errors import Damaged, Rejected, table
from amtsbote.model.content import Content, SchemaRef, SignatureAction, SignatureResult, SignatureVerdict
from amtsbote.model.deadletter import Reason
from amtsbote.model.directory import DEFAULT_SIGNATURE_POLICY, Destination, Reach
from amtsbote.model.ids import AuthorityId, TargetId
from amtsbote.model.message import Assignment, Message
from amtsbote.model.routing import within
from amtsbote.model.schema import Finding, Inspection, Layer, LayerOutcome, Severity
from amtsbote.model.term import Term
from amtsbote.pipeline import Confirmation, Held, Opened, Recorder, Submitted, confirm_delivery
from amtsbote.pipeline.address import Addressed, address_message, region_of
from amtsbote.pipeline.deliver import Attempted
from amtsbote.pipeline.inspect import Inspected, inspect_message
from amtsbote.pipeline.open import open_message, submitted_on

SCHEMA = SchemaRef("urn:s", "application/xml")
SOUND = dict.fromkeys(Layer, LayerOutcome.PASSED)
BURGSTAEDT, BAUTZEN, PLAUEN = "145225102060", "146250020020", "145230320320"


def content(verdict: SignatureVerdict = SignatureVerdict.VALID, schema: SchemaRef = SCHEMA) -> Content:
    return Content(schema, b"<a/>", "00", (), SignatureResult(verdict, reason="why"), "2.1.0", True, {})


def inspected(destination: Destination, message: Message, facts: Mapping[str, str]) -> Inspected:
    return Inspected(Opened(message, destination, content(), marked=False), Inspection("package 1", SOUND, (), facts))


def submitted(region: str | None = CHEMNITZ, **changes: Any) -> Message:
    return a_message(region=region, submitted_at=NOON, service=TREE_FELLING, **changes)


def addressed(house: House, place: str, where: str = DIRECT, **facts: str) -> Addressed:
    destination = next(one for one in house.directory.destinations.values() if one.id == where)
    return address_message(inspected(destination, submitted(place), facts), a_resolver(), house.directory)


async def test_the_direct_destination_of_the_competent_authority_gets_it(house: House) -> None:
    found = addressed(house, CHEMNITZ)

    assert (found.authority.id, found.targets) == ("gba", ("main", "copy"))
    assert found.told()["authority"] == "gba"
    assert "gba:" not in found.told()["rules"]
    assert found.told()["table version"] == "1"


async def test_a_collecting_destination_reaches_the_authorities_of_the_tenants_it_serves(house: House) -> None:
    assert addressed(house, BURGSTAEDT, COLLECTING).authority.id == "land"


@pytest.mark.parametrize(
    ("place", "where", "reason"),
    [
        (PLAUEN, DIRECT, Reason.NOBODY_COMPETENT),
        (BAUTZEN, DIRECT, Reason.SEVERAL_COMPETENT),
        (BURGSTAEDT, DIRECT, Reason.AUTHORITY_DISAGREES),
        (CHEMNITZ, COLLECTING, Reason.TENANT_NOT_SERVED),
        ("999999999999", DIRECT, Reason.NOBODY_COMPETENT),
    ],
)
async def test_whatever_is_not_certain_is_held_with_what_was_found(
    house: House, place: str, where: str, reason: Reason
) -> None:
    with pytest.raises(Held) as held:
        addressed(house, place, where)

    assert held.value.reason is reason
    assert held.value.details
    if reason is Reason.SEVERAL_COMPETENT:
        assert held.value.details["candidates"] == "gba, land"


@pytest.mark.parametrize(("offered", "held"), [(("145230320320", "14522"), True), (("02", "14"), False), ((), False)])
async def test_a_place_for_which_the_destination_does_not_offer_the_service_is_held(
    house: House, offered: tuple[str, ...], held: bool
) -> None:
    direct = house.directory.destinations[DIRECT]
    changed = replace(direct, services=(replace(direct.services[0], regions=offered),))
    house.directory = with_entries(house.directory, destinations=[changed])

    if not held:
        assert addressed(house, CHEMNITZ).authority.id == "gba"
        return
    with pytest.raises(Held) as refused:
        addressed(house, CHEMNITZ)
    assert refused.value.reason is Reason.REGION_DISAGREES
    assert refused.value.details == {"region": CHEMNITZ, "offered": "145230320320, 14522"}


def assigned(house: House, where: str, assignment: Assignment, place: str | None = PLAUEN, **facts: str) -> Addressed:
    destination = next(one for one in house.directory.destinations.values() if one.id == where)
    step = inspected(destination, submitted(place), facts)
    return address_message(step, a_resolver(), house.directory, assignment)


def by_hand(authority: str | None = None, target: str | None = None, region: str | None = None) -> Assignment:
    named = (AuthorityId(authority) if authority else None, TargetId(target) if target else None)
    return Assignment(*named, region, "uid:7", "geklärt", NOON)


@pytest.mark.parametrize("place", [PLAUEN, BAUTZEN, BURGSTAEDT, None])
async def test_what_a_person_assigned_is_never_overridden_by_the_tables(house: House, place: str | None) -> None:
    found = assigned(house, DIRECT, by_hand("gba"), place, region=PLAUEN)

    assert (found.authority.id, found.targets) == ("gba", ("main", "copy"))
    told = found.told()
    assert (told["assigned by"], told["assigned at"]) == ("uid:7", NOON.isoformat())
    assert told["assigned authority"] == "gba"
    assert "geklärt" not in str(told)
    assert told["rules"] == "assignment:0 → gba"


async def test_an_assigned_target_is_the_only_one(house: House) -> None:
    assert assigned(house, DIRECT, by_hand("gba", "copy")).targets == ("copy",)


async def test_a_corrected_region_is_what_the_tables_decide_with(house: House) -> None:
    found = assigned(house, DIRECT, by_hand(region=CHEMNITZ), PLAUEN, region=BAUTZEN)

    assert (found.region, found.authority.id) == (CHEMNITZ, "gba")
    assert "assigned region" in found.told()
    assert found.told()["table version"] == "1"


@pytest.mark.parametrize(
    ("where", "assignment", "reason"),
    [
        (DIRECT, by_hand("gone"), Reason.NOBODY_COMPETENT),
        (DIRECT, by_hand("land"), Reason.TENANT_NOT_SERVED),
        (COLLECTING, by_hand("gba"), Reason.TENANT_NOT_SERVED),
        (DIRECT, by_hand("gba", "gone"), Reason.NO_TARGET),
        (DIRECT, by_hand("gba", "land"), Reason.NO_TARGET),
        (DIRECT, by_hand(region=PLAUEN), Reason.NOBODY_COMPETENT),
    ],
)
async def test_an_assignment_that_no_longer_holds_goes_back_to_a_person(
    house: House, where: str, assignment: Assignment, reason: Reason
) -> None:
    with pytest.raises(Held) as held:
        assigned(house, where, assignment)

    assert held.value.reason is reason


async def test_an_authority_without_a_target_is_held(house: House) -> None:
    bare = replace(house.directory.authorities[AuthorityId("gba")], targets=())
    house.directory = with_entries(house.directory, authorities=[bare])

    with pytest.raises(Held) as held:
        addressed(house, CHEMNITZ)

    assert held.value.reason is Reason.NO_TARGET


async def test_the_region_is_that_of_the_payload_then_of_the_submission_then_of_the_destination(house: House) -> None:
    direct = house.directory.destinations[DIRECT]
    several = replace(direct, services=(replace(direct.services[0], regions=("14511", "14522")),))
    collecting = replace(direct, reach=Reach.COLLECTING)

    def region(destination: Destination, named: str | None, **facts: str) -> str:
        return region_of(inspected(destination, submitted(named), facts))

    assert region(direct, "14", region=CHEMNITZ) == CHEMNITZ
    assert region(direct, "14") == "14"
    assert region(direct, None) == CHEMNITZ
    assert region(direct, None, region=BAUTZEN) == BAUTZEN
    everywhere = replace(direct, services=(replace(direct.services[0], regions=("",)),))
    for destination in (several, everywhere, collecting, replace(direct, services=())):
        with pytest.raises(Held) as held:
            region(destination, None)
        assert held.value.reason is Reason.REGION_UNKNOWN
    with pytest.raises(Held) as held:
        region(direct, CHEMNITZ, region=BAUTZEN)
    assert held.value.details == {"payload": BAUTZEN, "submission": CHEMNITZ}


ARS = st.text("0123456789", min_size=12, max_size=12)


@given(place=ARS, length=st.sampled_from([2, 3, 5, 9, 12]))
def test_a_region_lies_in_each_of_its_prefixes_also_when_filled_up_with_zeros(place: str, length: int) -> None:
    assert within(place, place[:length])
    assert within(place, place[:length].ljust(12, "0"))


@given(place=ARS, other=ARS)
def test_a_region_lies_in_no_region_that_begins_differently(place: str, other: str) -> None:
    significant = other.rstrip("0")
    if not place.startswith(significant):
        assert not within(place, other)


@pytest.mark.parametrize(
    ("place", "region", "expected"),
    [
        ("145110000000", "145120000000", False),
        ("145225102060", "145220000000", True),
        ("145225102060", "14522", True),
        ("145225102060", "140000000000", True),
        ("145225102060", "145225102061", False),
        ("14", "145110000000", False),
        ("145110000000", "", True),
        ("145110000000", "1451", False),
    ],
)
def test_prefixes_of_regions_have_their_own_lengths(place: str, region: str, expected: bool) -> None:
    assert within(place, region) is expected


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_german_day_of_the_submit_decides(at: datetime, day: date) -> None:
    assert submitted_on(replace(submitted(), submitted_at=at)) == day


def test_a_message_that_was_never_submitted_has_no_day() -> None:
    with pytest.raises(ValueError, match="never submitted"):
        submitted_on(a_message())


@dataclass
class Opens:
    """An envelope that opens everything to one content."""

    content: Content

    def open(self, *_: Any) -> Content:
        return self.content


def opened_with(destination: Destination, verdict: SignatureVerdict) -> Opened:
    trusted: Any = None
    return open_message(Submitted(submitted(), destination, {}, trusted), Opens(content(verdict)), trusted)  # type: ignore[arg-type]


@pytest.mark.parametrize("verdict", SignatureVerdict)
@pytest.mark.parametrize("action", SignatureAction)
async def test_the_destinations_policy_decides_about_every_verdict(
    house: House, verdict: SignatureVerdict, action: SignatureAction
) -> None:
    direct = house.directory.destinations[DIRECT]
    destination = replace(direct, signature_policy={**DEFAULT_SIGNATURE_POLICY, verdict: action})

    match action:
        case SignatureAction.REJECT:
            with pytest.raises(Rejected) as rejected:
                opened_with(destination, verdict)
            assert rejected.value.problems[0].type is table.SIGNATURE_REFUSED
        case SignatureAction.HOLD:
            with pytest.raises(Held) as held:
                opened_with(destination, verdict)
            assert held.value.details == {"verdict": verdict, "because": "why"}
        case _:
            found = opened_with(destination, verdict)
            assert found.marked is (action is SignatureAction.MARK)
            assert found.told()["signature"] == verdict


def test_by_default_absent_is_marked_unverifiable_held_and_invalid_rejected() -> None:
    assert dict(DEFAULT_SIGNATURE_POLICY) == {
        SignatureVerdict.ABSENT: SignatureAction.MARK,
        SignatureVerdict.VALID: SignatureAction.ACCEPT,
        SignatureVerdict.NOT_VERIFIABLE: SignatureAction.HOLD,
        SignatureVerdict.INVALID: SignatureAction.REJECT,
    }


@dataclass
class Registry:
    """A registry with one verdict."""

    inspection: Inspection
    known: bool = True

    def knows(self, _: SchemaRef) -> bool:
        return self.known

    def inspect(self, *_: Any) -> Inspection:
        return self.inspection


FINDING = Finding("XSD-PATTERN", Layer.XSD, Severity.ERROR, "de", "en", "/a", 3, "t")
BROKEN = SOUND | {Layer.WELL_FORMED: LayerOutcome.FAILED}


async def test_a_schema_in_another_spelling_is_taken_and_called_as_the_destination_calls_it(house: House) -> None:
    direct = house.directory.destinations[DIRECT]
    listed = SchemaRef("urn:s:hund_1.0#anmeldung", "application/xml")
    destination = replace(direct, services=(replace(direct.services[0], schemas=(listed,)),))
    sent = content(schema=SchemaRef("URN:S:hund_1.0", "application/xml"))
    registry: Any = Registry(Inspection("p", SOUND, (), {}))

    found = inspect_message(Opened(submitted(), destination, sent, marked=False), registry, house.directory)

    assert found.opened.content.schema == listed


@pytest.mark.parametrize(
    ("registry", "schema", "problem"),
    [
        (Registry(Inspection("p", SOUND, (FINDING,), {}, more=True)), None, table.DATA_AGAINST_SCHEMA),
        (Registry(Inspection("p", BROKEN, (FINDING,), {})), None, table.DATA_SYNTAX),
        (Registry(Inspection("p", SOUND, (), {}), known=False), None, table.DATA_SCHEMA_UNSUPPORTED),
        (Registry(Inspection("p", SOUND, (), {})), SchemaRef("urn:other", "text/xml"), table.DATA_SCHEMA_UNSUPPORTED),
    ],
)
async def test_data_that_does_not_fit_is_rejected_with_its_findings(
    house: House, registry: Any, schema: SchemaRef | None, problem: Any
) -> None:
    direct = house.directory.destinations[DIRECT]
    offered = replace(direct.services[0], schemas=(SCHEMA,))
    opened = Opened(submitted(), replace(direct, services=(offered,)), content(schema=schema or SCHEMA), marked=False)

    with pytest.raises(Rejected) as rejected:
        inspect_message(opened, registry, house.directory)

    [found] = rejected.value.problems
    assert found.type is problem
    if problem is table.DATA_AGAINST_SCHEMA:
        assert found.extensions["findings"][0]["code"] == "XSD-PATTERN"
        assert found.extensions["moreFindings"] is True
        assert found.extensions["layers"] == SOUND


@pytest.mark.parametrize(
    ("submitted_at", "problem"),
    [
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), table.DATA_SCHEMA_NOT_YET),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), None),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), None),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), table.DATA_SCHEMA_OVER),
    ],
)
async def test_a_schema_is_taken_from_its_first_german_day_to_its_last(
    house: House, submitted_at: datetime, problem: Any
) -> None:
    newer = SchemaRef("urn:newer", "application/xml")
    term = Term(SCHEMA.uri, date(2026, 7, 1), date(2026, 12, 31))
    direct = house.directory.destinations[DIRECT]
    direct = replace(direct, services=(replace(direct.services[0], schemas=(SCHEMA, newer)),))
    tenant = replace(house.directory.tenants[direct.tenant], schemas=(term,))
    directory = replace(house.directory, tenants={direct.tenant: tenant})
    opened = Opened(replace(submitted(), submitted_at=submitted_at), direct, content(), marked=False)
    registry: Any = Registry(Inspection("p", SOUND, (), {}))

    if problem is None:
        assert inspect_message(opened, registry, directory).inspection.valid
        return
    with pytest.raises(Rejected) as rejected:
        inspect_message(opened, registry, directory)
    [found] = rejected.value.problems
    assert found.type is problem
    day = "2026-07-01" if problem is table.DATA_SCHEMA_NOT_YET else "2026-12-31"
    assert day in found.detail("de")
    assert found.detail("en").endswith("one of these schemas: urn:newer.")


async def test_a_warning_rejects_nothing(house: House) -> None:
    direct = house.directory.destinations[DIRECT]
    offered = replace(direct.services[0], schemas=(SCHEMA,))
    opened = Opened(submitted(), replace(direct, services=(offered,)), content(schema=SCHEMA), marked=False)
    registry: Any = Registry(Inspection("p", SOUND, (replace(FINDING, severity=Severity.WARNING),), {"region": "1"}))

    inspected = inspect_message(opened, registry, house.directory)

    assert inspected.inspection.facts == {"region": "1"}
    assert inspected.told()["warnings"] == "1"


@pytest.mark.parametrize(
    ("outcome", "last", "expected"),
    [
        (Delivered("r"), False, Confirmation(delivered=True, accepted=True)),
        (Retry("x"), False, Confirmation(again=True, failure="x")),
        (Retry("x"), True, Confirmation(held=Reason.ATTEMPTS_USED_UP, failure="x")),
        (Refused("x"), False, Confirmation(held=Reason.DELIVERY_REFUSED, failure="x")),
        (Unknown("x"), True, Confirmation(held=Reason.DELIVERY_UNKNOWN, failure="x")),
    ],
)
def test_an_attempt_is_delivered_again_or_for_a_person(outcome: Outcome, last: bool, expected: Confirmation) -> None:
    found = confirm_delivery(a_delivery(), Attempted(outcome), last_attempt=last)

    assert found == expected
    assert [found.delivered, found.again, found.held is not None].count(True) == 1
    assert all(isinstance(value, str) for value in found.told().values())


def test_only_the_primary_target_accepts() -> None:
    copy = confirm_delivery(a_delivery(primary=False), Attempted(Delivered("r")), last_attempt=False)

    assert (copy.delivered, copy.accepted) == (True, False)
    assert copy.told() == {"accepted": "no, a copy"}


@pytest.mark.parametrize(
    ("error", "verdict", "details"),
    [
        (
            Rejected(table.DATA_MISSING(), table.HASH_MISMATCH(what="data")),
            "rejected",
            {"problems": "AB-2010, AB-2002"},
        ),
        (Held(Reason.SIGNATURE, {"verdict": "absent"}), "held", {"reason": "signature", "verdict": "absent"}),
        (Damaged("chunk 3"), "held", {"reason": "part-damaged"}),
        (ValueError("a value of the message"), "failed", {"error": "ValueError"}),
    ],
)
async def test_the_trace_knows_how_a_step_ended_and_no_value(
    error: Exception, verdict: str, details: dict[str, str]
) -> None:
    moments = iter([NOON, NOON + timedelta(milliseconds=3)] * 2)
    record = Recorder(lambda: next(moments), 2)

    def fails() -> Confirmation:
        raise error

    async def fails_later() -> Confirmation:
        raise error

    with pytest.raises(type(error)):
        record.step("open", fails)
    with pytest.raises(type(error)):
        await record.step_async("deliver", fails_later)

    assert [(one.step, one.verdict, one.details) for one in record.records] == [
        ("open", verdict, details),
        ("deliver", verdict, details),
    ]
    assert {(one.attempt, one.microseconds) for one in record.records} == {(2, 3000)}

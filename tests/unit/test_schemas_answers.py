"""The pipe to a helper and its answers: what breaks the form is never believed."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schemas_for_tests import dog_tax, inspector, sample, smallest, tree_felling

from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.answers import identified_of, inspection_of
from schemas.findings import Observation, Stated
from schemas.frames import Frames, PipeEnded
from schemas.helper_main import answer
from schemas.helper_process import HelperFailed
from schemas.plan import MAX_FINDINGS, Report, Scenario
from schemas.schematron.ruleset import MASK, KnownCheck, RuleSet

(PLAN,) = tree_felling().plans()
SEEN = Observation("XSD-PATTERN", "/bf:a/b[2]/*[3]/@c", 7, "din:textA", ("x", "bf:y"))
READ = {**PLAN.layers, Layer.WELL_FORMED: LayerOutcome.PASSED}
SOUND = {**READ, **dict.fromkeys((Layer.XSD, Layer.CODE_LISTS, Layer.PACKAGE_RULES), LayerOutcome.PASSED)}
GOOD = Report({**READ, Layer.XSD: LayerOutcome.FAILED}, (SEEN,), more=False, facts={})


def heard(**changes: Any) -> dict[str, Any]:
    """A good answer after its way over the pipe, with some members changed."""
    told: dict[str, Any] = json.loads(json.dumps(asdict(GOOD)))
    return told | changes


def finding(**changes: Any) -> list[dict[str, Any]]:
    return [asdict(GOOD.findings[0]) | changes]


def test_an_answer_becomes_an_inspection_with_sentences() -> None:
    inspection = inspection_of(PLAN, heard(more=True))
    (found,) = inspection.findings
    assert inspection.package == "baumfaellgenehmigung 1.0"
    assert not inspection.valid
    assert inspection.more
    assert found.en == "The value does not match the required pattern. Expected: x, bf:y."
    assert (found.path, found.line, found.type_name) == ("/bf:a/b[2]/*[3]/@c", 7, "din:textA")


def test_what_a_helper_says_of_a_real_document_is_understood() -> None:
    assert inspection_of(PLAN, answer(inspector().inspect, smallest())).facts["region"] == "145110000000"
    assert not inspection_of(PLAN, answer(inspector().inspect, sample("ungueltig-datum"))).valid
    assert not inspection_of(PLAN, answer(inspector().inspect, b"")).well_formed


@given(start=st.integers(0, len(smallest())), length=st.integers(0, 60), other=st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_every_damaged_document_gets_a_verdict_that_is_understood(start: int, length: int, other: bytes) -> None:
    document = smallest()[:start] + other + smallest()[start + length :]
    inspection = inspection_of(PLAN, json.loads(json.dumps(answer(inspector().inspect, document))))
    assert inspection.valid is not bool(inspection.errors)
    assert inspection.valid or not inspection.facts


@pytest.mark.parametrize(
    "head",
    [
        {},
        heard(findings=finding(code="XSD-ERFUNDEN")),
        heard(findings=finding(path="/antrag/Erika Mustermann")),
        heard(findings=finding(path="/antrag" * 400)),
        heard(findings=finding(line=-1)),
        heard(findings=finding(type_name="geboren am 1.1.1970")),
        heard(findings=finding(expected=["a b"])),
        heard(findings=finding(expected=["a"] * 11)),
        heard(findings=finding(value="Erika")),
        heard(findings=finding(assertion="Erika")),
        heard(findings=finding(code="DOC-NAMESPACE", path="/*", space="urn:erika")),
        heard(findings=finding(told="Erika")),
        heard(findings=finding() * (MAX_FINDINGS + 1)),
        heard(facts={"region": "145110000000"}),
        heard(findings=[], layers=SOUND, facts={"region": "Erika"}),
        heard(findings=[], layers=SOUND, facts={"name": "Erika"}),
        heard(findings=[], layers=SOUND, facts={"region": "1" * 201}),
        heard(findings=finding(severity="Erika")),
        heard(findings=finding(about="Erika")),
        heard(findings=[]),
        heard(layers=SOUND),
        heard(layers=PLAN.layers),
        heard(findings=[], layers={}),
        heard(findings=[], layers=READ),
        heard(findings=[], layers={**SOUND, Layer.SCHEMATRON: LayerOutcome.PASSED}),
        heard(findings=[], layers={**SOUND, "erfunden": LayerOutcome.PASSED}),
        heard(findings=[], layers={**SOUND, Layer.WELL_FORMED: LayerOutcome.NOT_RUN}),
        heard(extra="Erika"),
    ],
)
def test_an_answer_that_breaks_the_form_counts_as_a_crash_and_is_not_quoted(head: dict[str, Any]) -> None:
    with pytest.raises(HelperFailed) as failed:
        inspection_of(PLAN, head)
    assert failed.value.reason == "crashed"
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    assert "Erika" not in str(failed.value)


JSON_PLAN = next(plan for plan in dog_tax("1.1").plans() if plan.json_schema)
PATTERN = Report(
    {**JSON_PLAN.layers, Layer.WELL_FORMED: LayerOutcome.PASSED, Layer.JSON_SCHEMA: LayerOutcome.FAILED},
    (Observation("JSON-PATTERN", "/hund/0/*"),),
    more=False,
    facts={},
)


def test_places_in_json_are_pointers_of_plain_names_and_numbers() -> None:
    told: dict[str, Any] = json.loads(json.dumps(asdict(PATTERN)))
    assert inspection_of(JSON_PLAN, told).findings[0].path == "/hund/0/*"
    for path in ("/hund[2]", "/hund/@x", "/Erika Mustermann", "hund"):
        with pytest.raises(HelperFailed):
            inspection_of(JSON_PLAN, told | {"findings": [asdict(PATTERN.findings[0]) | {"path": path}]})


RULES = RuleSet(
    "regeln.sch",
    "",
    "",
    rules=("/a",),
    checks=(
        KnownCheck("assert", "R-1", Severity.ERROR, ("In ", " steht ", "."), ("name", "value")),
        KnownCheck("report", "R-2", Severity.WARNING, ("Achtung.",), ()),
    ),
)
RULED = replace(PLAN, rule_sets=(RULES,))
STATED = Stated(0, check=0, words=("bf:a", MASK))


def of_rules(stated: Stated | None = STATED, **changes: Any) -> dict[str, Any]:
    """An answer with one finding of a rule set."""
    seen = {**asdict(Observation("SCH-ASSERT", "/bf:a", 7, stated=stated)), **changes}
    outcome = LayerOutcome.FAILED if seen["severity"] == Severity.ERROR else LayerOutcome.PASSED
    layers = {**SOUND, Layer.SCHEMATRON: outcome}
    return heard(layers=layers, findings=json.loads(json.dumps([seen])))


def test_a_finding_of_a_rule_has_the_sentence_of_the_rule_set() -> None:
    (found,) = inspection_of(RULED, of_rules()).findings
    assert (found.de, found.type_name) == ("In bf:a steht ….", "R-1")
    asked = replace(RULED, rule_sets=(replace(RULES, quoting=True),))
    (quoted,) = inspection_of(asked, of_rules(Stated(0, check=0, words=("bf:a", "<Müller>")))).findings
    assert quoted.de == "In bf:a steht <Müller>."
    (failed,) = inspection_of(RULED, of_rules(Stated(0, rule=0), code="SCH-ERROR")).findings
    assert failed.type_name == "/a"


def test_whether_a_rule_set_met_something_is_known_and_no_finding() -> None:
    assert inspection_of(RULED, of_rules(STATED)).rules_met == {RULES.name: True}
    assert inspection_of(RULED, {**of_rules(STATED), "more": True}).rules_met == {}
    passed = {**SOUND, Layer.SCHEMATRON: LayerOutcome.PASSED}
    silent = {**of_rules(Stated(0), code="SCH-NEVER-FIRED", severity="warning"), "layers": passed}
    assert (inspection_of(RULED, silent).findings, inspection_of(RULED, silent).rules_met) == ((), {RULES.name: False})


@pytest.mark.parametrize(
    "head",
    [
        of_rules(None),
        of_rules(Stated(1, check=0, words=STATED.words)),
        of_rules(Stated(-1, check=0, words=STATED.words)),
        of_rules(Stated(0, check=2)),
        of_rules(Stated(0, check=1)),
        of_rules(Stated(0, check=0)),
        of_rules(Stated(0, check=0, words=("bf:a", "Erika"))),
        of_rules(Stated(0, check=0, words=("Erika Mustermann", MASK))),
        of_rules(Stated(0, check=0, rule=0, words=STATED.words)),
        of_rules(Stated(0, rule=1), code="SCH-ERROR"),
        of_rules(Stated(0), code="SCH-ASSERT"),
        of_rules(Stated(0), code="SCH-NEVER-FIRED"),
        of_rules(Stated(0, rule=0), code="SCH-NEVER-FIRED", severity="warning"),
        of_rules(severity="warning"),
        heard(findings=finding(stated=asdict(STATED))),
    ],
)
def test_a_finding_that_no_rule_can_have_made_counts_as_a_crash(head: dict[str, Any]) -> None:
    with pytest.raises(HelperFailed, match="crashed"):
        inspection_of(RULED, head)


def test_which_message_it_is_is_understood() -> None:
    known = [Scenario(f"urn:a_{version}#x", f"{{urn:{version}}}x") for version in (1, 2)]
    read = {"well_formed": True, "findings": [], "matches": ["urn:a_1#x", "urn:a_2#x"], "near": [], "space": None}
    assert identified_of(known, read).matches == ("urn:a_1#x", "urn:a_2#x")
    alike = identified_of(known, {**read, "matches": [], "near": ["urn:a_2#x"]})
    assert (alike.matches, alike.candidates) == ((), ("urn:a_2#x",))
    unread = {"well_formed": False, "findings": finding(code="XML-DOCTYPE", path=""), "matches": [], "near": []} | {
        "space": None
    }
    assert [each.code for each in identified_of(known, unread).findings] == ["XML-DOCTYPE"]


@pytest.mark.parametrize(
    "head",
    [
        {},
        {"well_formed": True, "findings": [], "matches": ["urn:erfunden"], "near": [], "space": None},
        {"well_formed": True, "findings": [], "matches": [], "near": ["urn:erfunden"], "space": None},
        {"well_formed": True, "findings": finding(), "matches": [], "near": [], "space": None},
        {"well_formed": False, "findings": [], "matches": [], "near": [], "space": None},
        {"well_formed": False, "findings": finding() * 2, "matches": [], "near": [], "space": None},
        {"well_formed": True, "findings": [], "matches": [], "near": [], "space": None, "root": "Erika"},
        {"well_formed": True, "findings": [], "matches": [], "near": [], "space": "urn:erika"},
    ],
)
def test_which_message_it_is_is_not_believed_in_another_form(head: dict[str, Any]) -> None:
    with pytest.raises(HelperFailed) as failed:
        identified_of([Scenario("urn:a_1#x", "x")], head)
    assert failed.value.reason == "crashed"


@pytest.fixture
def pipe() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def soon() -> float:
    return time.monotonic() + 0.05


@pytest.mark.parametrize("body", [b"", b"kurz", b"x" * 1_000_000], ids=["empty", "short", "long"])
def test_a_message_arrives_as_it_was_sent(pipe: tuple[socket.socket, socket.socket], body: bytes) -> None:
    ours, theirs = pipe
    sender = threading.Thread(target=Frames(ours, 100, 0).send, args=({"schema": "ü"}, body))
    sender.start()
    assert Frames(theirs, 100, 2_000_000).receive() == ({"schema": "ü"}, body)
    sender.join()


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack(">II", 101, 0) + b"{}",
        struct.pack(">II", 2, 101) + b"{}",
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 2, 0) + b"{x",
        struct.pack(">II", 1, 0) + b"\xff",
        struct.pack(">II", 9, 0) + b"{}",
        b"\0",
        b"",
    ],
    ids=["long head", "long body", "no object", "no json", "no text", "short head", "short lengths", "nothing"],
)
def test_a_message_that_breaks_the_form_ends_the_pipe(pipe: tuple[socket.socket, socket.socket], raw: bytes) -> None:
    ours, theirs = pipe
    ours.sendall(raw)
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(PipeEnded):
        Frames(theirs, 100, 100).receive(until=time.monotonic() + 5)


def test_one_who_says_nothing_or_half_of_it_is_not_waited_for(pipe: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pipe
    ours.sendall(b"\0\0\0\2")
    with pytest.raises(TimeoutError):
        Frames(theirs, 100, 100).receive(until=soon())


def test_one_who_takes_nothing_is_not_waited_for(pipe: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        Frames(pipe[0], 100, 100).send({}, b"x" * 10_000_000, until=soon())
    with pytest.raises(TimeoutError):
        Frames(pipe[0], 100, 100).send({}, until=time.monotonic() - 1)


def test_one_who_is_gone_is_noticed_when_sending(pipe: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pipe
    theirs.close()
    with pytest.raises(PipeEnded):
        Frames(ours, 100, 100).send({}, b"x" * 100_000)

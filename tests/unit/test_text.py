"""The catalogue is complete: both languages, the same placeholders, an entry for every word of the model."""

import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args

import pytest

import amtsbote
from amtsbote.admin.storecheck import SecretKind
from amtsbote.model.content import SignatureVerdict
from amtsbote.model.deadletter import LetterAction, Reason, Settlement
from amtsbote.model.event import EventKind
from amtsbote.model.job import JobKind
from amtsbote.model.message import DeliveryState, State
from amtsbote.model.schema import Layer, LayerOutcome
from amtsbote.text.administration import DECLARATION, FIELDS, OFFICE
from amtsbote.text.answers import ANSWERS
from amtsbote.text.callbacks import CALLBACKS
from amtsbote.text.catalogue import TABLE, language_of, say
from amtsbote.text.changing import CHANGING
from amtsbote.text.clients import CLIENTS
from amtsbote.text.commands import EXITS, HELP, OUTPUT
from amtsbote.text.deadlines import DEADLINES
from amtsbote.text.demonstration import DEMONSTRATION
from amtsbote.text.destinations import DESTINATIONS
from amtsbote.text.doctor import DOCTOR
from amtsbote.text.doctor_database import DOCTOR_DATABASE
from amtsbote.text.doctor_net import DOCTOR_NET
from amtsbote.text.first_steps import FIRST_STEPS
from amtsbote.text.keys import KEYS
from amtsbote.text.letters import LETTERS
from amtsbote.text.looking import LOOKING
from amtsbote.text.masterkey import MASTER_KEY
from amtsbote.text.packages import PACKAGES
from amtsbote.text.regions import REGIONS
from amtsbote.text.reports import REPORTS
from amtsbote.text.routing import ROUTING
from amtsbote.text.schemas import SCHEMAS
from amtsbote.text.sending import SENDING
from amtsbote.text.settings import SETTINGS
from amtsbote.text.snapshots import SNAPSHOTS
from amtsbote.text.stages import STAGES
from amtsbote.text.upkeep import UPKEEP
from amtsbote.text.words import REASONS, STATES
from routing.regions import code_lists, gv100ad
from routing.regions.area import Course
from routing.regions.csv_files import LAYOUTS
from routing.regions.difference import Reason as SuccessorReason
from routing.regions.difference import What
from routing.regions.outcome import Outcome as MergeOutcome
from routing.regions.reform import Effect as ReformEffect
from routing.regions.search import Fit
from schemas.trying import Defect

ROOT = Path(amtsbote.__file__).parent
REGION_KINDS = [
    gv100ad.KIND,
    *(layout.kind for layout in LAYOUTS),
    *(f"destatis-{word}" for word in code_lists.LENGTHS),
]
BUILT_FROM_WORDS = (
    "report.",
    "state.", "delivery.", "job.", "event.", "signature.", "verdict.", "reason.", "kind.", "field.", "config.", "exit.",
    "help.panel.", "apply.", "origin.", "doctor.", "doctor-level.", "keystate.", "purpose.", "demo.step.", "demo.why.",
    "settlement.", "standing.", "draft-state.", "letter-action.", "message.", "receiver.", "answer.", "secret.",
    "snapshot.", "verdict-of-tables.", "coverage.column.",
    "schemas.step.", "schemas.change.", "schemas.effect.", "schemas.what.", "preflight.", "packages.defect.",
    "regions.kind.", "regions.outcome.", "regions.change.", "regions.reason.", "regions.course.", "regions.effect.",
    "regions.fit.", "route.why.", "route.outcome.", "route.level.", "packages.routing.",
)  # fmt: skip


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("key", sorted(TABLE))
def test_every_sentence_exists_in_both_languages_with_the_same_values(key: str) -> None:
    german, english = TABLE[key]
    assert german.strip()
    assert english.strip()
    assert placeholders(german) == placeholders(english)


def test_no_key_is_written_twice() -> None:
    groups: tuple[Mapping[str, object], ...] = (
        STATES,
        SNAPSHOTS,
        REASONS,
        ANSWERS,
        FIELDS,
        DECLARATION,
        OFFICE,
        HELP,
        EXITS,
        OUTPUT,
        LOOKING,
        SETTINGS,
        UPKEEP,
        KEYS,
        DEMONSTRATION,
        DESTINATIONS,
        LETTERS,
        MASTER_KEY,
        FIRST_STEPS,
        DOCTOR,
        DOCTOR_DATABASE,
        DOCTOR_NET,
        SCHEMAS,
        PACKAGES,
        REGIONS,
        REPORTS,
        ROUTING,
        SENDING,
        STAGES,
        CLIENTS,
        CALLBACKS,
        CHANGING,
        DEADLINES,
    )
    assert sum(len(group) for group in groups) == len(TABLE)


@pytest.mark.parametrize(
    ("prefix", "members"),
    [
        ("state", State),
        ("delivery", DeliveryState),
        ("job", JobKind),
        ("event", EventKind),
        ("signature", SignatureVerdict),
        ("reason", Reason),
        ("settlement", Settlement),
        ("letter-action", LetterAction),
        ("secret", SecretKind),
        ("packages.defect", get_args(Defect)),
        ("regions.kind", REGION_KINDS),
        ("regions.outcome", MergeOutcome),
        ("regions.change", What),
        ("regions.reason", SuccessorReason),
        ("regions.course", Course),
        ("regions.effect", ReformEffect),
        ("regions.fit", [fit.name.lower() for fit in Fit]),
        ("preflight.layer", Layer),
        ("preflight.outcome", LayerOutcome),
    ],
)
def test_every_word_of_the_model_has_its_entry(prefix: str, members: Iterable[str]) -> None:
    assert {f"{prefix}.{member}" for member in members} <= set(TABLE)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_says_what_to_do(reason: Reason) -> None:
    assert say(f"reason.{reason}.todo", "de") != say(f"reason.{reason}.todo", "en")


def test_no_entry_is_left_over_from_a_word_that_is_gone() -> None:
    known = {*State, *DeliveryState, *JobKind, *EventKind, *SignatureVerdict, *Reason}
    prefixes = ("state.", "delivery.", "job.", "event.", "signature.", "reason.")
    words = {key.removesuffix(".todo").partition(".")[2] for key in TABLE if key.startswith(prefixes)}
    assert words <= {str(member) for member in known}


def test_no_sentence_is_left_that_nobody_says() -> None:
    code = "".join(file.read_text("utf-8") for file in ROOT.rglob("*.py") if file.parent.name != "text")
    said = {key for key in TABLE if f'"{key}"' in code or f"'{key}'" in code}
    assert {key for key in set(TABLE) - said if not key.startswith(BUILT_FROM_WORDS)} == set()


def test_values_are_filled_in_and_never_interpreted() -> None:
    assert say("cli.error", "en", reason="{0.__class__} %s") == "Error: {0.__class__} %s"


def test_a_missing_value_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        say("declaration.unknown", "de", kind="Portal")


@pytest.mark.parametrize(
    ("environ", "explicit", "language"),
    [
        ({}, None, "en"),
        ({"LANG": "de_DE.UTF-8"}, None, "de"),
        ({"LANG": "fr_FR.UTF-8"}, None, "en"),
        ({"LANG": "C.UTF-8"}, None, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "en_GB.UTF-8"}, None, "en"),
        ({"LC_MESSAGES": "de_AT", "LANG": "en_US"}, None, "de"),
        ({"AMTSBOTE_LANG": "de", "LC_ALL": "en_GB.UTF-8"}, None, "de"),
        ({"AMTSBOTE_LANG": "de"}, "en", "en"),
        ({"AMTSBOTE_LANG": "", "LANG": "de_CH"}, None, "de"),
    ],
)
def test_the_language_follows_option_then_variable_then_locale(
    environ: dict[str, str], explicit: str | None, language: str
) -> None:
    assert language_of(environ, explicit) == language

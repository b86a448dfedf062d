"""What a helper says → an `Inspection`. It has read hostile input, so its words are checked before they are used."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from amtsbote.model.schema import Finding, Inspection, Layer, LayerOutcome, Severity
from schemas.findings import (
    ABOUT_A_LIST,
    NAME,
    PATH,
    POINTER,
    SENTENCES,
    SILENT,
    Observation,
    Stated,
    finding_of,
    layer_of,
)
from schemas.helper_process import HelperFailed
from schemas.package_rules import credible as credible_rule
from schemas.package_rules import finding_of_rule
from schemas.plan import MAX_FACT, MAX_FINDINGS, MAX_VALUE, Scenario, SchemaPlan
from schemas.roots import NAMESPACE, elsewhere, unfit
from schemas.schematron.sentences import credible, finding_of_rules

_JUDGED: Final = frozenset({LayerOutcome.PASSED, LayerOutcome.FAILED})
_PATH: Final = re.compile(PATH)
_POINTER: Final = re.compile(POINTER)


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rule_set: int
    check: int | None
    rule: int | None
    words: tuple[str, ...] = Field(max_length=100)


class _Seen(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str
    path: str
    line: int = Field(ge=0, le=2**31)
    type_name: str
    expected: tuple[str, ...] = Field(max_length=10)
    severity: Severity
    about: str
    stated: _Stated | None
    rule: int | None
    assertion: int | None = Field(ge=0, le=2**31)
    other: int | None
    space: str | None
    value: str = Field(max_length=MAX_VALUE)

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        if code not in SENTENCES:
            raise ValueError("unknown code")
        return code

    @model_validator(mode="after")
    def _plain_names(self) -> Self:
        if not (_POINTER if self.code.startswith("JSON-") else _PATH).fullmatch(self.path):
            raise ValueError("not a path of names")
        if not all(re.fullmatch(NAME, name) for name in (self.type_name, *self.expected) if name):
            raise ValueError("not names")
        return self


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    layers: Mapping[Layer, LayerOutcome]
    findings: tuple[_Seen, ...] = Field(max_length=MAX_FINDINGS)
    more: bool
    facts: Mapping[str, str]

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        wrong = {layer_of(each.code) for each in self.findings if each.severity is Severity.ERROR}
        judged = {layer for layer, outcome in self.layers.items() if outcome in _JUDGED}
        failed = {layer for layer, outcome in self.layers.items() if outcome is LayerOutcome.FAILED}
        if wrong != failed or (failed and self.facts) or not {layer_of(each.code) for each in self.findings} <= judged:
            raise ValueError("a verdict that contradicts itself")
        return self


def inspection_of(plan: SchemaPlan, head: Mapping[str, Any]) -> Inspection:
    """The checked answer with its sentences. An answer that breaks the form is a crash: raises `HelperFailed`."""
    try:
        answer = _Answer.model_validate(head)
    except ValidationError:
        raise HelperFailed("crashed") from None  # its text would quote the answer
    known = all(_declared(plan, name, value) for name, value in answer.facts.items())
    seen = tuple(map(_observation, answer.findings))
    asked = plan.quotes or not any(each.value for each in seen)
    sound = known and asked and _in_order(plan, answer.layers)
    if not sound or not all(_possible(plan, each) for each in seen):
        raise HelperFailed("crashed")
    titles = plan.code_lists.titles if plan.code_lists is not None else {}
    if any(each.about and (each.about not in titles or each.code not in ABOUT_A_LIST) for each in seen):
        raise HelperFailed("crashed")
    findings = tuple(_told(plan, each, titles) for each in seen if each.code != SILENT)
    return Inspection(
        plan.package,
        answer.layers,
        findings,
        answer.facts,
        answer.more,
        plan.prefixes,
        _rules_met(plan, answer, seen),
    )


def _rules_met(plan: SchemaPlan, answer: _Answer, seen: Sequence[Observation]) -> Mapping[str, bool]:
    """Of the rule sets that were run; of none where that may have been cut off the findings."""
    if answer.more or answer.layers[Layer.SCHEMATRON] not in _JUDGED:
        return {}
    silent = {each.stated.rule_set for each in seen if each.code == SILENT and each.stated is not None}
    return {each.name: number not in silent for number, each in enumerate(plan.rule_sets)}


def _possible(plan: SchemaPlan, seen: Observation) -> bool:
    """Whether what it refers to is there, and of its kind."""
    known = seen.other is None or (seen.code.startswith("DOC-") and 0 <= seen.other < len(plan.others))
    told = not seen.space or (seen.code == NAMESPACE and (plan.quotes or plan.knows_space(seen.space)))
    return known and told and credible(seen, plan.rule_sets) and credible_rule(seen, plan.rules)


def _told(plan: SchemaPlan, seen: Observation, titles: Mapping[str, tuple[str, str]]) -> Finding:
    """`titles`: of the code lists a finding may be about."""
    if seen.rule is not None:
        found = finding_of_rule(seen, plan.rules[seen.rule])
    elif seen.stated is not None:
        found = finding_of_rules(seen, seen.stated, plan.rule_sets)
    else:
        found = finding_of(seen, titles.get(seen.about))
    if seen.code == NAMESPACE:
        found = elsewhere(found, plan, seen.space)
    if seen.other is not None:
        uri = plan.others[seen.other].uri
        found = replace(found, de=f"{found.de} Es ist {uri}.", en=f"{found.en} It is {uri}.")
    return replace(found, value=seen.value) if plan.quotes else found


def _in_order(plan: SchemaPlan, layers: Mapping[Layer, LayerOutcome]) -> bool:
    """Whether all was judged that the plan declares, until a layer failed that the others need."""
    stopped = False
    for layer, before in plan.layers.items():
        outcome = layers.get(layer)
        ran = before is LayerOutcome.NOT_RUN and not stopped
        if outcome not in _JUDGED if ran else outcome is not before:
            return False
        stopped = stopped or (layer in plan.ground and outcome is LayerOutcome.FAILED)
    return len(layers) == len(plan.layers)


@dataclass(frozen=True, slots=True)
class Identified:
    """Which message a document is; several where the rules cannot tell."""

    matches: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    """Why the document could not be read as permitted XML."""
    near: tuple[str, ...] = ()
    """Those of the same root name, where it is none that is known."""
    unfit: tuple[Finding, ...] = ()
    """Why it is none of those."""

    @property
    def candidates(self) -> tuple[str, ...]:
        """What to show where it is not told."""
        return self.matches or self.near


class _Identification(BaseModel):
    model_config = ConfigDict(extra="forbid")
    well_formed: bool
    findings: tuple[_Seen, ...] = Field(max_length=1)
    matches: tuple[str, ...]
    near: tuple[str, ...]
    space: str | None


def identified_of(scenarios: Sequence[Scenario], head: Mapping[str, Any]) -> Identified:
    """The checked answer. One that breaks the form, or names what nobody asked for, raises `HelperFailed`."""
    try:
        answer = _Identification.model_validate(head)
    except ValidationError:
        raise HelperFailed("crashed") from None
    known = {each.uri: each for each in scenarios}
    spaces = {"", None, *(each.space for each in scenarios)}
    named = {*answer.matches, *answer.near}
    if answer.well_formed == bool(answer.findings) or not named <= known.keys() or answer.space not in spaces:
        raise HelperFailed("crashed")
    findings = tuple(finding_of(_observation(each)) for each in answer.findings)
    why = unfit([known[uri] for uri in answer.near], answer.space)
    return Identified(answer.matches, findings, answer.near, () if why is None else (why,))


def translated_of(head: Mapping[str, Any], body: bytes) -> bytes | None:
    """What a mapping has made, unchecked: it is judged like everything else. Raises `HelperFailed`."""
    match head:
        case {"mapped": True}:
            return body
        case {"mapped": False}:
            return None
    raise HelperFailed("crashed")


def too_large() -> Identified:
    return Identified((), (finding_of(Observation("XML-TOO-LARGE")),))


def _observation(seen: _Seen) -> Observation:
    told = seen.stated
    stated = None if told is None else Stated(told.rule_set, told.check, told.rule, told.words)
    return Observation(
        code=seen.code,
        path=seen.path,
        line=seen.line,
        type_name=seen.type_name,
        expected=seen.expected,
        severity=seen.severity,
        about=seen.about,
        stated=stated,
        rule=seen.rule,
        assertion=seen.assertion,
        other=seen.other,
        space=seen.space,
        value=seen.value,
    )


def refused_unread(plan: SchemaPlan, code: str) -> Inspection:
    """The verdict on a document that no helper needs to see."""
    layers = {**plan.layers, Layer.WELL_FORMED: LayerOutcome.FAILED}
    return Inspection(plan.package, layers, (finding_of(Observation(code)),), {})


def _declared(plan: SchemaPlan, name: str, value: str) -> bool:
    patterns = (fact.pattern for fact in plan.facts if fact.name == name)
    return len(value) <= MAX_FACT and any(re.fullmatch(pattern, value) for pattern in patterns)

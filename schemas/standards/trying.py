"""Trying a standard when it is registered: what is wrong with its samples, can each rule set be used and does it meet
them?
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Finding, Inspection, Layer, LayerOutcome
from schemas.confinement import HelperLimits
from schemas.helpers import HelperFailed, loaded_helpers
from schemas.plan import SchemaPlan
from schemas.reading import read_document
from schemas.schematron.loading import load_rule_set
from schemas.schematron.ruleset import RuleSet
from schemas.schematron.source import SCH, Source
from schemas.schematron.vetting import XSL
from schemas.standards.documents import XSD
from schemas.standards.engines import Engine
from schemas.standards.library import PUBLISHED
from schemas.standards.linking import DRIVER
from schemas.standards.lock import Lock, LockedRules, LockedSample, LockedUnit

MOST_TAGS: Final = 5_000_000
"""Of a sample."""


def with_reasons(folder: Path, lock: Lock) -> Lock:
    """The lock of the standard in `folder`, with what is wrong with each sample that is not valid. It stays unsaid
    where a helper does not come to an end."""
    units = _units(lock)
    wrong = [_sample(folder, each.name) for each in lock.samples if not each.valid and not each.late]
    if not wrong:
        return lock
    plans = [_plan(folder, root, units[root], lock).quoting() for root in dict.fromkeys(each.uri for each in wrong)]
    first: dict[str, Finding] = {}
    with suppress(Misconfigured, HelperFailed), loaded_helpers(HelperLimits(), plans) as helpers:
        for each in wrong:
            errors = helpers.inspect(each.uri, each.data).errors
            if errors and errors[0].layer is Layer.XSD:
                first[each.name] = errors[0]
    return lock.model_copy(update={"samples": tuple(_reasoned(each, first.get(each.name)) for each in lock.samples)})


def _reasoned(sample: LockedSample, found: Finding | None) -> LockedSample:
    if found is None:
        return sample
    return sample.model_copy(update={"code": found.code, "reason": found.en, "reason_de": found.de})


def with_rules(folder: Path, lock: Lock) -> Lock:
    """The lock of the standard in `folder`, with what its rule sets are like. Saxon must be installed."""
    trial = _Trial(folder, lock)
    loaded, tried = [], []
    for name in lock.schematron:
        try:
            loaded.append(load_rule_set(folder / PUBLISHED, name))
        except Misconfigured as cause:
            tried.append(_unusable(name, cause))
    known = {document.namespace for document in lock.documents}
    tried += (
        each.model_copy(update={"foreign": _is_foreign(folder / PUBLISHED, each.name, known)})
        for each in trial.rules(loaded)
    )
    order = lock.schematron.index
    rules = tuple(sorted(tried, key=lambda each: order(each.name)))
    return lock.model_copy(update={"rules": rules, "breaking": tuple(sorted(trial.breaking))})


def _is_foreign(folder: Path, name: str, known: Set[str]) -> bool:
    """Whether it declares namespaces, and none of them is of the standard: it means another one, or another version."""
    declared = Source(folder, folder / name).root.iterchildren(f"{SCH}ns")
    spaces = {node.get("uri", "") for node in declared} - _OF_NO_STANDARD
    return bool(spaces) and not spaces & known


def _unusable(name: str, cause: Misconfigured) -> LockedRules:
    return LockedRules(name=name, objection=cause.en, objection_de=cause.de)


_OF_NO_STANDARD: Final = frozenset({XSD, "http://www.w3.org/2001/XMLSchema-instance", XSL[1:-1]})


@dataclass(frozen=True)
class _Sample:
    name: str
    uri: str
    data: bytes


class _Trial:
    """The rule sets of one standard over its samples, in a helper process."""

    def __init__(self, folder: Path, lock: Lock) -> None:
        self._folder = folder
        self._lock, self._units = lock, _units(lock)
        self._samples = [*self._found(lock)]
        self._spare = lock.units[0]
        self.breaking: set[str] = set()

    def _found(self, lock: Lock) -> Iterator[_Sample]:
        for name in (sample.name for sample in lock.samples if sample.valid):
            yield _sample(self._folder, name)

    def rules(self, rule_sets: Sequence[RuleSet]) -> Sequence[LockedRules]:
        """All together, or each alone where one of them stops the others."""
        if not rule_sets:
            return ()
        try:
            judged = self._judged(rule_sets)
        except (Misconfigured, HelperFailed) as cause:
            if len(rule_sets) > 1:
                return [found for each in rule_sets for found in self.rules((each,))]
            return [_unusable(rule_sets[0].name, _in_words(cause, rule_sets[0].name))]
        self.breaking |= {sample for sample, found in judged if found.layers[Layer.SCHEMATRON] is LayerOutcome.FAILED}
        return [
            LockedRules(name=each.name, fired=sum(found.rules_met.get(each.name, False) for _, found in judged))
            for each in rule_sets
        ]

    def _judged(self, rule_sets: Sequence[RuleSet]) -> Sequence[tuple[str, Inspection]]:
        roots = dict.fromkeys(sample.uri for sample in self._samples)
        plans = [_plan(self._folder, root, self._units[root], self._lock, rule_sets) for root in roots]
        spare = _plan(self._folder, "", self._spare, self._lock, rule_sets)
        with loaded_helpers(HelperLimits(), plans or [spare]) as helpers:
            return [(sample.name, helpers.inspect(sample.uri, sample.data)) for sample in self._samples]


def _units(lock: Lock) -> Mapping[str, LockedUnit]:
    """Of each root the one whose verdict counts."""
    return {root: unit for unit in reversed(lock.units) for root in unit.roots}


def _sample(folder: Path, name: str) -> _Sample:
    data = (folder / PUBLISHED / name).read_bytes()
    return _Sample(name, str(read_document(data, MOST_TAGS, large_texts=True).tag), data)


def _plan(folder: Path, root: str, unit: LockedUnit, lock: Lock, rule_sets: Sequence[RuleSet] = ()) -> SchemaPlan:
    """A plan for trying: messages are called by their roots."""
    home = folder / unit.folder
    return SchemaPlan(
        uri=root,
        package="",
        folder=str(home),
        xsd=str(home / DRIVER),
        root=root,
        prefixes={},
        slow=unit.engine is Engine.XSD11,
        large_texts=lock.large_texts,
        rule_sets=rule_sets,
    )


def _in_words(cause: Misconfigured | HelperFailed, name: str) -> Misconfigured:
    if isinstance(cause, Misconfigured):
        return cause
    return Misconfigured(
        f"Schematron {name}: it does not come to an end on a sample ({cause.reason})",
        f"Schematron {name}: Er kommt bei einem Muster zu keinem Ende ({cause.reason})",
    )

"""Checking one document without an installation: which message is it, and is it valid?

The document is read in helper processes only, one to tell the message, one that has compiled its schema.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from amtsbote.model.report import Checked, Verdict
from amtsbote.model.schema import Finding, Inspection, Layer, LayerOutcome
from amtsbote.model.schema_uris import spelled_as_known
from schemas.answers import Identified
from schemas.confinement import HelperLimits
from schemas.helpers import loaded_helpers
from schemas.package import LoadedPackage
from schemas.plan import SchemaPlan
from schemas.sets import judged
from schemas.standards.contents import Contents
from schemas.standards.library import Library
from schemas.standards.plans import beside, plans_of, scenarios

_PREFIX: Final = re.compile(r"([\w.-]+):(?=\w)")
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\0 \t\r\n]*[{\[]")
"""How JSON begins, also in an encoding it may not have: then that is what its author must hear."""


class Preflight:
    def __init__(
        self,
        packages: Sequence[LoadedPackage],
        library: Library | None,
        limits: HelperLimits,
        *,
        quoting: bool = False,
    ) -> None:
        """`library`: registered standards beside the packages. `quoting`: rules may quote the document."""
        self._plans = {plan.uri: plan for package in packages for plan in package.plans()}
        self._packages = {plan.uri: package for package in packages for plan in package.plans()}
        self._library = library
        self._contents = library.contents() if library is not None else Contents()
        own = (plan.scenario for plan in self._plans.values() if not plan.json_schema)
        self._known = beside(own, scenarios(self._contents.standards))
        self._limits = limits
        self._quoting = quoting

    def check(self, document: bytes, declared: str = "") -> Checked:
        """`declared`: the schema the document says, or is said, to be of; else it is told by its content. Raises
        `HelperFailed` when a helper gives no verdict, `Misconfigured` when something that must judge is missing."""
        known = self._known
        if declared:
            uris = {*self._plans, *(each.uri for each in known)}
            uri = spelled_as_known(declared, uris)
            plans = self._plans_of(uri)
            if not plans:
                self._contents.demand(uri)
                messages = called_alike(uri, uris)
                if "#" in uri or not messages or _JSON.match(document):
                    return unknown(LayerOutcome.NOT_RUN, messages)
                return self._told_by_content(document, messages)
            return self._inspected(plans, document)
        if _JSON.match(document):
            return self._json_of_unknown_schema(document)
        return self._told_by_content(document)

    def _told_by_content(self, document: bytes, messages: Sequence[str] = ()) -> Checked:
        """`messages`: those of the standard that is named; none where none is."""
        with loaded_helpers(self._limits, scenarios=self._known) as helpers:
            identified = helpers.identify(document)
        if identified.findings:
            return refused(identified.findings)
        if not identified.matches and not messages:
            self._contents.demand_all()
        identified = among(messages, identified) if messages else identified
        plans = self._plans_of(identified.matches[0]) if len(identified.matches) == 1 else ()
        return self._inspected(plans, document) if plans else unfitting(identified)

    def _json_of_unknown_schema(self, document: bytes) -> Checked:
        plans = sorted((plan for plan in self._plans.values() if plan.json_schema), key=lambda plan: plan.uri)
        with loaded_helpers(self._limits, plans) as helpers:
            return only_fitting([checked_by(plan.uri, helpers.inspect(plan.uri, document)) for plan in plans])

    def _plans_of(self, uri: str) -> Sequence[SchemaPlan]:
        if plan := self._plans.get(uri):
            self._packages[uri].demand_extras()
            return (plan.beside(self._known),)
        if self._library is None:
            return ()
        return tuple(plan.beside(self._known) for plan in plans_of(self._library, self._contents.standards, uri))

    def _inspected(self, plans: Sequence[SchemaPlan], document: bytes) -> Checked:
        def judge(plan: SchemaPlan) -> Inspection:
            with loaded_helpers(self._limits, plans=(plan.quoting() if self._quoting else plan,)) as helpers:
                return helpers.inspect(plan.uri, document)

        return checked_by(plans[0].uri, judged(plans, judge))


def checked_by(uri: str, found: Inspection) -> Checked:
    verdict = Verdict.VALID if found.valid else Verdict.INVALID if found.well_formed else Verdict.REFUSED
    return Checked(
        verdict,
        uri,
        found.package,
        found.layers,
        found.findings,
        found.more,
        prefixes=_used(found),
        facts=found.facts,
    )


def _used(found: Inspection) -> Mapping[str, str]:
    """Those of the prefixes that the paths of its findings have."""
    named = {name for each in found.findings for name in _PREFIX.findall(f"{each.path} {each.other_path}")}
    return {prefix: space for prefix, space in found.prefixes.items() if prefix in named}


def only_fitting(checked: Sequence[Checked]) -> Checked:
    """JSON does not say what it is: it is of the only schema that takes it."""
    unreadable = next((each for each in checked if each.verdict is Verdict.REFUSED), None)
    if unreadable is not None:
        return replace(unreadable, schema="", package="")
    fitting = [each for each in checked if each.verdict is Verdict.VALID]
    if len(fitting) == 1:
        return fitting[0]
    return unknown(LayerOutcome.PASSED, tuple(each.schema for each in fitting or checked))


def refused(findings: tuple[Finding, ...]) -> Checked:
    """Not read, whatever it was to be."""
    return Checked(Verdict.REFUSED, "", "", _begun(LayerOutcome.FAILED), findings, more=False)


def _begun(well_formed: LayerOutcome) -> Mapping[Layer, LayerOutcome]:
    """Without a schema no further layer can be judged."""
    return {**dict.fromkeys(Layer, LayerOutcome.NOT_RUN), Layer.WELL_FORMED: well_formed}


def among(messages: Sequence[str], identified: Identified) -> Identified:
    """The same where a standard is named, and not its message: of its messages, those that fit first."""
    fitting = tuple(uri for uri in messages if uri in identified.matches)
    near = (uri for uri in identified.near if uri in messages)
    return replace(identified, matches=fitting, near=tuple(dict.fromkeys((*near, *messages))))


def unfitting(identified: Identified) -> Checked:
    """Read, and none that is known, or not one alone."""
    return unknown(LayerOutcome.PASSED, identified.candidates, identified.unfit)


def unknown(well_formed: LayerOutcome, candidates: tuple[str, ...], findings: tuple[Finding, ...] = ()) -> Checked:
    return Checked(Verdict.UNKNOWN, "", "", _begun(well_formed), findings, more=False, candidates=candidates)


def called_alike(uri: str, known: Iterable[str]) -> tuple[str, ...]:
    """Known messages of the same name, of whatever standard and version; of a standard alone all its messages."""
    standard, _, name = uri.partition("#")
    if not name:
        return tuple(sorted(each for each in known if each.partition("#")[0] == standard))
    return tuple(sorted(each for each in known if each.partition("#")[2] == name))

"""Which schema is which: the registry of pinned service packages and registered standards.

A reference from a message is looked up here and nowhere else; nothing is ever fetched.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, Self

from amtsbote.errors import AmtsboteError, Misconfigured, NotFound
from amtsbote.model.content import SchemaRef
from amtsbote.model.schema import Inspection, Mapped, Postmark
from schemas.answers import Identified
from schemas.helpers import HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.package import LoadedPackage, bundled_packages
from schemas.schematron.silence import Silence
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library
from schemas.standards.plans import uri_of

XML: Final = "application/xml"


class NotMapped(AmtsboteError):
    """A message cannot be had in the form a target wants. `about` names schemas, codes and places, never a value."""

    def __init__(self, reason: Literal["no-mapping", "stylesheet-failed", "result-invalid"], about: str) -> None:
        super().__init__(reason, about)
        self.reason = reason
        self.about = about


class SchemaRegistry:
    def __init__(
        self,
        packages: tuple[LoadedPackage, ...],
        helpers: HelperPool,
        on_demand: HelpersOnDemand | None = None,
        standards: StandardsInUse | None = None,
    ) -> None:
        """Have the started `helpers` compile the schemas of the packages, except those with rule sets and those in JSON
        where there are helpers `on_demand`. Raises `Misconfigured` when one cannot be compiled or two packages claim
        the same schema. A package that needs what is not installed stays known, and judges nothing. A package's word on
        a schema counts before a standard's."""
        self.silence = Silence()
        self._helpers = helpers
        self._on_demand = on_demand
        self._standards = standards
        self._by_schema: dict[SchemaRef, LoadedPackage] = {}
        for package in packages:
            for ref in package.about.schemas:
                if self._by_schema.setdefault(ref, package) is not package:
                    both = package.label, self._by_schema[ref].label
                    raise Misconfigured(
                        f"{ref.uri} is claimed by {both[0]} and {both[1]}",
                        f"{both[0]} und {both[1]} führen beide das Schema {ref.uri}",
                    )
        self._unusable = dict(_unusable(packages))
        usable = [package for package in packages if package.label not in self._unusable]
        mappings = tuple(mapping for package in usable for mapping in package.mappings())
        self._mappings = {(mapping.source, mapping.target): mapping for mapping in mappings}
        own = [plan for package in usable for plan in package.plans()]
        self._scenarios = tuple(plan.scenario for plan in own if not plan.json_schema)
        plans = [plan.beside(self._scenarios) for plan in own]
        dear = [plan for plan in plans if plan.rule_sets or plan.json_schema]
        self._apart = {plan.uri: plan for plan in dear if on_demand is not None}
        helpers.load(tuple(plan for plan in plans if plan.uri not in self._apart), self._scenarios, mappings)

    @classmethod
    def bundled(cls, helpers: HelperPool, on_demand: HelpersOnDemand | None = None) -> Self:
        """The registry of the packages that come with the product."""
        return cls(bundled_packages(), helpers, on_demand)

    @property
    def bundled_schemas(self) -> frozenset[SchemaRef]:
        """Those of the packages that can be used."""
        return frozenset(ref for ref, package in self._by_schema.items() if package.label not in self._unusable)

    @property
    def known(self) -> frozenset[SchemaRef]:
        """Every schema a document can be judged by."""
        standards = self._standards.messages() if self._standards is not None else ()
        return frozenset(self._by_schema) | {SchemaRef(uri, XML) for uri in standards}

    @property
    def unusable(self) -> Mapping[str, Misconfigured]:
        """Name and version of each package that cannot be used here, and why."""
        return self._unusable

    def knows(self, ref: SchemaRef) -> bool:
        """Raises `Misconfigured` for a message of a damaged standard."""
        return ref in self._by_schema or self._of_standard(ref) is not None

    def inspect(self, ref: SchemaRef, document: bytes) -> Inspection:
        """Verdict of a helper on the document. Raises `NotFound` for an unknown schema, `Misconfigured` for one of a
        package or standard that cannot be used, `HelperFailed` when there is no verdict."""
        found = self._inspected(ref, document)
        self.silence.take(found)
        return found

    def _inspected(self, ref: SchemaRef, document: bytes) -> Inspection:
        if package := self._by_schema.get(ref):
            if package.label in self._unusable:
                package.demand_extras()
            plan = self._apart.get(ref.uri)
            if plan is not None and self._on_demand is not None:
                return self._on_demand.inspect(plan, document)
            return self._helpers.inspect(ref.uri, document)
        if standards := self._of_standard(ref):
            return standards.inspect(ref.uri, document)
        raise NotFound(ref.uri)

    def identify(self, document: bytes) -> Identified:
        """Which message of a package or a registered standard an XML document is. Raises `HelperFailed`, and
        `Misconfigured` where a damaged standard may be the one that has it."""
        if self._standards is not None and self._standards.any:
            return self._standards.identify(self._scenarios, document)
        return self._helpers.identify(document)

    def _of_standard(self, ref: SchemaRef) -> StandardsInUse | None:
        """Where a registered standard has the message. Raises `Misconfigured` for one of a damaged standard."""
        if ref.mime_type != XML or self._standards is None or not self._standards.has(ref.uri):
            return None
        return self._standards

    def wanted_form(self, ref: SchemaRef, wanted: Sequence[str]) -> SchemaRef | None:
        """Which of the wanted schemas a message of this one must be turned into; None when it may stay as it is,
        because it is of one of them or none of them is of the same standard. Raises `NotMapped` when nothing leads
        there."""
        forms = [uri for uri in wanted if self._may_become(ref.uri, uri)]
        if not forms or ref.uri in forms:
            return None
        found = next((uri for uri in forms if (ref.uri, uri) in self._mappings), None)
        if found is None:
            raise NotMapped("no-mapping", ", ".join(forms))
        return next(known for known in self._by_schema if known.uri == found)

    def _may_become(self, uri: str, form: str) -> bool:
        return (uri, form) in self._mappings or self._standard(uri) == self._standard(form)

    def _standard(self, uri: str) -> str:
        """The kennung of what the schema is of; for one no package knows as its URI says it, `kennung_version#root`."""
        own = (package.declared.kennung for ref, package in self._by_schema.items() if ref.uri == uri)
        return next(own, uri.partition("#")[0].rpartition("_")[0])

    def translate(self, ref: SchemaRef, form: SchemaRef, document: bytes, postmark: Postmark) -> Mapped:
        """The document of schema `ref` as one of `form`, valid. Raises `NotMapped`, or `HelperFailed` when there is no
        answer."""
        made = self._helpers.translate(self._mappings[ref.uri, form.uri].name, document, postmark)
        if made is None:
            raise NotMapped("stylesheet-failed", form.uri)
        inspection = self.inspect(form, made)
        if not inspection.valid:
            raise NotMapped("result-invalid", ", ".join(f"{each.code} {each.path}" for each in inspection.errors[:3]))
        return Mapped(form, inspection.package, made)


def _unusable(packages: Sequence[LoadedPackage]) -> Iterator[tuple[str, Misconfigured]]:
    for package in packages:
        try:
            package.demand_extras()
        except Misconfigured as lack:
            yield package.label, lack


def known_schemas(packages: Iterable[LoadedPackage], library: Library) -> frozenset[SchemaRef]:
    """What a registry of these would know, without any helper."""
    own = frozenset(ref for package in packages for ref in package.about.schemas)
    return own | frozenset(SchemaRef(uri_of(lock, root), XML) for lock in library.standards() for root in lock.messages)

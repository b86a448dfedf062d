"""Which schema is which: the registry of pinned service packages and registered standards.

A reference from a message is looked up here and nowhere else; nothing is ever fetched.
"""

from collections.abc import Iterable
from typing import Final, Self

from amtsbote.errors import NotFound
from amtsbote.model.content import SchemaRef
from amtsbote.model.schema import Inspection, Mapped, Postmark
from schemas.answers import Identified
from schemas.forms import Forms, NotMapped
from schemas.helpers import HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.package import LoadedPackage, bundled_packages
from schemas.schematron.silence import Silence
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library
from schemas.standards.plans import uri_of

XML: Final = "application/xml"


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
        self.forms = Forms(packages)
        own = [plan for package in self.forms.usable for plan in package.plans()]
        self._scenarios = tuple(plan.scenario for plan in own if not plan.json_schema)
        plans = [plan.beside(self._scenarios) for plan in own]
        dear = [plan for plan in plans if plan.rule_sets or plan.json_schema]
        self._apart = {plan.uri: plan for plan in dear if on_demand is not None}
        near = tuple(plan for plan in plans if plan.uri not in self._apart)
        helpers.load(near, self._scenarios, tuple(self.forms.mappings.values()))

    @classmethod
    def bundled(cls, helpers: HelperPool, on_demand: HelpersOnDemand | None = None) -> Self:
        """The registry of the packages that come with the product."""
        return cls(bundled_packages(), helpers, on_demand)

    @property
    def bundled_schemas(self) -> frozenset[SchemaRef]:
        """Those of the packages that can be used."""
        return frozenset(ref for package in self.forms.usable for ref in package.about.schemas)

    @property
    def second_looks_failed(self) -> int:
        """Since the start."""
        on_demand = self._on_demand.second_looks_failed if self._on_demand is not None else 0
        return self._helpers.second_looks_failed + on_demand

    @property
    def known(self) -> frozenset[SchemaRef]:
        """Every schema a document can be judged by."""
        standards = self._standards.messages() if self._standards is not None else ()
        return frozenset(self.forms.packages) | {SchemaRef(uri, XML) for uri in standards}

    def knows(self, ref: SchemaRef) -> bool:
        """Raises `Misconfigured` for a message of a damaged standard."""
        return ref in self.forms.packages or self._of_standard(ref) is not None

    def inspect(self, ref: SchemaRef, document: bytes) -> Inspection:
        """Verdict of a helper on the document. Raises `NotFound` for an unknown schema, `Misconfigured` for one of a
        package or standard that cannot be used, `HelperFailed` when there is no verdict."""
        found = self._inspected(ref, document)
        self.silence.take(found)
        return found

    def _inspected(self, ref: SchemaRef, document: bytes) -> Inspection:
        if package := self.forms.packages.get(ref):
            if package.label in self.forms.unusable:
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

    def translate(self, ref: SchemaRef, form: SchemaRef, document: bytes, postmark: Postmark) -> Mapped:
        """The document of schema `ref` as one of `form`, valid. Raises `NotMapped`, or `HelperFailed` when there is no
        answer."""
        made = self._helpers.translate(self.forms.mappings[ref.uri, form.uri].name, document, postmark)
        if made is None:
            raise NotMapped("stylesheet-failed", form.uri)
        inspection = self.inspect(form, made)
        if not inspection.valid:
            raise NotMapped("result-invalid", ", ".join(f"{each.code} {each.path}" for each in inspection.errors[:3]))
        return Mapped(form, inspection.package, made)


def known_schemas(packages: Iterable[LoadedPackage], library: Library) -> frozenset[SchemaRef]:
    """What a registry of these would know, without any helper."""
    own = frozenset(ref for package in packages for ref in package.about.schemas)
    return own | frozenset(SchemaRef(uri_of(lock, root), XML) for lock in library.standards() for root in lock.messages)

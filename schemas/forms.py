"""Which forms a message can have: by the schemas of the packages, and by what their mappings lead to. No helper."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from amtsbote.errors import AmtsboteError, Misconfigured
from amtsbote.model.content import SchemaRef
from schemas.mapping import MappingPlan
from schemas.package import LoadedPackage


class NotMapped(AmtsboteError):
    """A message cannot be had in the form a target wants. `about` names schemas, codes and places, never a value."""

    def __init__(self, reason: Literal["no-mapping", "stylesheet-failed", "result-invalid"], about: str) -> None:
        super().__init__(reason, about)
        self.reason = reason
        self.about = about


class Forms:
    """Those of these packages. Raises `Misconfigured` when two of them claim the same schema. A package that needs what
    is not installed stays known, and maps nothing."""

    def __init__(self, packages: Sequence[LoadedPackage] = ()) -> None:
        self.packages: Mapping[SchemaRef, LoadedPackage] = _by_schema(packages)
        self.unusable: Mapping[str, Misconfigured] = dict(_unusable(packages))
        """Name and version of each package that cannot be used here, and why."""
        self.usable = tuple(package for package in packages if package.label not in self.unusable)
        self.mappings: Mapping[tuple[str, str], MappingPlan] = {
            (mapping.source, mapping.target): mapping for package in self.usable for mapping in package.mappings()
        }

    def lack(self, uri: str) -> Misconfigured | None:
        """Why no document can be judged by a schema of a package."""
        own = (package.label for ref, package in self.packages.items() if ref.uri == uri)
        return next((self.unusable[label] for label in own if label in self.unusable), None)

    def reachable(self, uri: str) -> tuple[str, ...]:
        """The schema itself, and those a message of it can be turned into."""
        return uri, *(target for source, target in self.mappings if source == uri)

    def wanted(self, ref: SchemaRef, wanted: Sequence[str]) -> SchemaRef | None:
        """Which of the wanted schemas a message of this one must be turned into; None when it may stay as it is,
        because it is of one of them or none of them is of the same standard. Raises `NotMapped` when nothing leads
        there."""
        forms = [uri for uri in wanted if self._may_become(ref.uri, uri)]
        if not forms or ref.uri in forms:
            return None
        found = next((uri for uri in forms if (ref.uri, uri) in self.mappings), None)
        if found is None:
            raise NotMapped("no-mapping", ", ".join(forms))
        return next(known for known in self.packages if known.uri == found)

    def _may_become(self, uri: str, form: str) -> bool:
        return (uri, form) in self.mappings or self._standard(uri) == self._standard(form)

    def _standard(self, uri: str) -> str:
        """The kennung of what the schema is of; for one no package knows as its URI says it, `kennung_version#root`."""
        own = (package.declared.kennung for ref, package in self.packages.items() if ref.uri == uri)
        return next(own, uri.partition("#")[0].rpartition("_")[0])


def _by_schema(packages: Sequence[LoadedPackage]) -> dict[SchemaRef, LoadedPackage]:
    claimed: dict[SchemaRef, LoadedPackage] = {}
    for package in packages:
        for ref in package.about.schemas:
            if claimed.setdefault(ref, package) is not package:
                both = package.label, claimed[ref].label
                raise Misconfigured(
                    f"{ref.uri} is claimed by {both[0]} and {both[1]}",
                    f"{both[0]} und {both[1]} führen beide das Schema {ref.uri}",
                )
    return claimed


def _unusable(packages: Sequence[LoadedPackage]) -> Iterator[tuple[str, Misconfigured]]:
    for package in packages:
        try:
            package.demand_extras()
        except Misconfigured as lack:
            yield package.label, lack

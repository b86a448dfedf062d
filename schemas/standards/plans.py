"""What helper processes need to know of registered standards: how to tell their messages, and how to check one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from amtsbote.model.schema import Layer
from schemas.plan import ANYTHING, ListPlan, Scenario, SchemaPlan
from schemas.schematron.extra import demand_saxon
from schemas.schematron.loading import load_rule_set
from schemas.schematron.ruleset import RuleSet
from schemas.standards.documents import read_schema
from schemas.standards.engines import Engine
from schemas.standards.library import PUBLISHED, Library
from schemas.standards.linking import DRIVER
from schemas.standards.lock import Lock
from schemas.traits import with_layers
from schemas.xsd import prefixes_of


def scenarios(locks: Sequence[Lock]) -> Iterator[Scenario]:
    """One for each message. Versions that share a namespace differ by the attribute that the schema fixes; a document
    that has none could be of each. Rules given at registering must hold, too."""
    for lock in locks:
        test = f"{_marks(lock)} and {_when(lock)}"
        for root in lock.messages:
            yield Scenario(uri_of(lock, root), root, test, lock.prefixes)


def beside(own: Iterable[Scenario], known: Iterable[Scenario]) -> tuple[Scenario, ...]:
    """Those of packages and those of standards: a package's word on a message counts before a standard's."""
    first = {each.uri: each for each in own}
    return (*first.values(), *(each for each in known if each.uri not in first))


def _marks(lock: Lock) -> str:
    return " and ".join(f"(not(//@{name}) or //@{name} = '{lock.version}')" for name in lock.version_marks) or ANYTHING


def _when(lock: Lock) -> str:
    return " and ".join(f"({rule})" for rule in lock.when) or ANYTHING


def uri_of(lock: Lock, root: str) -> str:
    """`kennung_version#root`, as a submission declares it. `root` is a Clark name."""
    return f"{lock.identity}#{root.rpartition('}')[2]}"


def rule_sets_of(folder: Path, lock: Lock) -> tuple[RuleSet, ...]:
    """The Schematron of a standard that lies in `folder`. None when one of them cannot be used: half of the rules would
    pass for all of them. Raises `Misconfigured` without Saxon."""
    if not lock.schematron or any(each.objection for each in lock.rules):
        return ()
    demand_saxon(str(lock.identity))
    return tuple(load_rule_set(folder / PUBLISHED, name) for name in lock.schematron)


def plans_of(library: Library, locks: Sequence[Lock], uri: str) -> Sequence[SchemaPlan]:
    """How to check the message `kennung_version#root` of one of these standards; none when no standard has it. Raises
    as `all_plans`."""
    known = [lock for lock in locks if uri in {uri_of(lock, root) for root in lock.messages}]
    return [plan for lock in known for plan in all_plans(library, lock) if plan.uri == uri]


def all_plans(library: Library, lock: Lock) -> Iterator[SchemaPlan]:
    """How to check each message of a standard. Several of one URI where its sets contradict each other or two of its
    namespaces have a root of that name. Raises `Misconfigured` where the files are not those that were registered."""
    library.must_be_unchanged(lock)
    home = library.home(lock.identity)
    plan = SchemaPlan(
        uri="",
        package=f"{lock.title} {lock.version}",
        folder="",
        prefixes=_prefixes(library, lock),
        when=_when(lock),
        marks=_marks(lock),
        large_texts=lock.large_texts,
        rule_sets=rule_sets_of(home, lock),
        unchecked=(Layer.SCHEMATRON,) if any(each.objection for each in lock.rules) else (),
    )
    lists = _lists(library, lock)
    for unit in lock.units:
        of_unit = replace(
            with_layers(plan, unit.traits, lock.grades.references, lists),
            folder=str(home / unit.folder),
            xsd=str(home / unit.folder / DRIVER),
            slow=unit.engine is Engine.XSD11,
            closed_set=f"{lock.identity} {unit.folder} {lock.registered_at.isoformat()}",
        )
        for root in dict.fromkeys(unit.roots):
            yield replace(of_unit, uri=uri_of(lock, root), root=root)


def _lists(library: Library, lock: Lock) -> Sequence[ListPlan] | None:
    """The code lists that came with the standard; None where nobody looks at any."""
    if lock.grades.no_lists:
        return None
    folder = library.home(lock.identity) / PUBLISHED
    return tuple(
        ListPlan(each.uri, each.version, each.title, str(folder / each.name), lock.grades.of_list(each.uri).severity)
        for each in lock.code_lists
    )


def _prefixes(library: Library, lock: Lock) -> dict[str, str]:
    return prefixes_of(read_schema(each.name, library.read(lock, each.name)).root for each in lock.documents)

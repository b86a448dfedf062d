"""Which Schematron rules came, went or changed between two versions of a standard.

By the ids of their asserts and reports; those without one by their rule. What such a change means for documents cannot
be told, but for a rule that was an error and only warns now, or the reverse.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml import etree

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Severity
from schemas.schematron.model import Check, Let, Schema
from schemas.schematron.rules import read_rules
from schemas.schematron.source import Source
from schemas.standards.difference import Change, Effect
from schemas.standards.library import PUBLISHED, Library
from schemas.standards.lock import Lock


class _Test(NamedTuple):
    """What an assert or a report does, wherever it stands."""

    context: str
    before: tuple[tuple[str, str], ...]
    """Variables that hold where it stands."""
    kind: str
    test: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class _Rules:
    """Of one version."""

    tests: Mapping[str, Counter[_Test]]
    """Id, or name of the rule → what stands under it."""
    order: Sequence[str]
    """Names of the rules: the first that meets a node is the one that counts."""
    around: Sequence[object]
    """Variables, functions and keys beside the patterns."""
    unread: Sequence[str]
    """Files that cannot be understood."""


def difference_of_rules(library: Library, old: Lock, new: Lock) -> Iterator[Change]:
    before, after = _rules(library, old), _rules(library, new)
    unread = sorted({*before.unread, *after.unread})
    yield from (Change(Effect.UNKNOWN, "rules-unread", name) for name in unread)
    names = {*before.tests} & {*after.tests} if unread else {*before.tests, *after.tests}
    for name in sorted(names):
        yield from _of_tests(name, before.tests.get(name, Counter()), after.tests.get(name, Counter()))
    common = set(before.order) & set(after.order)
    orders = [[name for name in each.order if name in common] for each in (before, after)]
    if orders[0] != orders[1]:
        yield Change(Effect.UNKNOWN, "rules-order-changed", "Schematron")
    if before.around != after.around and before.tests and after.tests:
        yield Change(Effect.UNKNOWN, "rules-around-changed", "Schematron")


def _of_tests(name: str, old: Counter[_Test], new: Counter[_Test]) -> Iterator[Change]:
    if old == new:
        return
    if not old or not new:
        yield Change(Effect.UNKNOWN, "rule-added" if new else "rule-removed", name)
        return
    gone, come = [*(old - new).elements()], [*(new - old).elements()]
    if len(gone) == len(come) == 1 and _but_severity(gone[0]) == _but_severity(come[0]):
        effect = Effect.STRICTER if come[0].severity is Severity.ERROR else Effect.LAXER
        yield Change(effect, "severity-changed", name, gone[0].severity, come[0].severity)
    else:
        yield Change(Effect.UNKNOWN, "rule-changed", name)


def _but_severity(test: _Test) -> _Test:
    return test._replace(severity=Severity.ERROR)


def _rules(library: Library, lock: Lock) -> _Rules:
    folder = library.home(lock.identity) / PUBLISHED
    tests: dict[str, Counter[_Test]] = defaultdict(Counter)
    found = _Rules(tests, [], [], [])
    for name in lock.schematron:
        try:
            schema = read_rules(Source(folder, folder / name))
        except Misconfigured:
            found = replace(found, unread=[*found.unread, name])
            continue
        for at, test in _tests(schema):
            tests[at][test] += 1
        labels = [rule.label for pattern in schema.patterns for rule in pattern.rules]
        found = replace(found, order=[*found.order, *labels], around=[*found.around, _around(schema)])
    return found


def _tests(schema: Schema) -> Iterator[tuple[str, _Test]]:
    for pattern in schema.patterns:
        for rule in pattern.rules:
            lets = [*pattern.lets]
            for step in rule.steps:
                if isinstance(step, Let):
                    lets.append(step)
                else:
                    yield step.id or rule.label, _test(rule.context, lets, step)


def _test(context: str, lets: Sequence[Let], check: Check) -> _Test:
    before = tuple((let.name, _plain(let.value)) for let in lets)
    return _Test(_plain(context), before, check.kind, _plain(check.test), check.severity)


def _around(schema: Schema) -> object:
    lets = [(let.name, _plain(let.value)) for let in schema.lets]
    declared = [
        etree.tostring(node, method="c14n2", strip_text=True, with_comments=False) for node in schema.declarations
    ]
    return schema.compatible, lets, declared


def _plain(expression: str) -> str:
    return " ".join(expression.split())

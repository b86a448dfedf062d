"""Messages of registered standards as they arrive: which there are, and how each is judged.

Follows the registry: what is added or removed counts at once. Nothing is read before the first question.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from functools import partial
from threading import Lock as Mutex

import structlog

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Inspection
from schemas.answers import Identified
from schemas.on_demand import HelpersOnDemand
from schemas.plan import Scenario, SchemaPlan
from schemas.sets import judged
from schemas.standards.contents import Contents
from schemas.standards.library import Library
from schemas.standards.lock import Lock
from schemas.standards.plans import all_plans, beside, scenarios, uri_of

log = structlog.get_logger("amtsbote.schemas")


class StandardsInUse:
    """To be asked from any thread."""

    def __init__(self, library: Library, helpers: HelpersOnDemand) -> None:
        self._library = library
        self._helpers = helpers
        self._looking = Mutex()
        self._seen: tuple[int, ...] = ()
        self._contents = Contents()
        self._messages: Mapping[str, Lock] = {}
        self._known: Sequence[Scenario] = ()
        self._plans: dict[str, Sequence[SchemaPlan]] = {}

    def messages(self) -> Set[str]:
        """URIs of all messages, `kennung_version#root`, of standards that are not damaged."""
        with self._looking:
            if self._library.stamp(self._contents.damaged) != self._seen:
                self._look()
            return self._messages.keys()

    def _look(self) -> None:
        before = self._library.stamp()
        self._contents = self._library.contents()
        locks = self._contents.standards
        self._messages = {uri_of(lock, root): lock for lock in locks for root in lock.messages}
        self._known = tuple(scenarios(locks))
        self._plans, self._seen = {}, before + self._library.stamp(self._contents.damaged)[1:]
        self._helpers.forget()
        for each in self._contents.damaged:
            log.error("schemas.damaged", standard=each.name, reason=each.why.en)

    @property
    def any(self) -> bool:
        """Whether anything is registered, damaged or not."""
        return bool(self.messages() or self._contents.damaged)

    def has(self, uri: str) -> bool:
        """Whether it is a message of a registered standard. Raises `Misconfigured` when its standard is damaged."""
        if uri in self.messages():
            return True
        self._contents.demand(uri)
        return False

    def inspect(self, uri: str, document: bytes) -> Inspection:
        """Verdict on one document; blocks until there is one. Raises `HelperFailed`, `KeyError` for a message that no
        registered standard has, and `Misconfigured` where its files have changed or Saxon is not installed for its
        rules."""
        self.messages()
        with self._looking:
            lock = self._messages[uri]
        vouch = partial(self._library.must_be_unchanged, lock)
        return judged(self._plans_of(uri), lambda plan: self._helpers.inspect(plan, document, vouch))

    def identify(self, own: Sequence[Scenario], document: bytes) -> Identified:
        """Which message an XML document is: of a registered standard, or one of the packages' `own`. Blocks as
        `inspect`. Raises `HelperFailed`, and `Misconfigured` for one that is none of them while a standard is
        damaged."""
        self.messages()
        with self._looking:
            edition, known, contents = str(self._seen), self._known, self._contents
        found = self._helpers.identify(edition, beside(own, known), document)
        if not found.matches and not found.findings:
            contents.demand_all()
        return found

    def _plans_of(self, uri: str) -> Sequence[SchemaPlan]:
        """Of all messages of its standard at once: they share most of what a plan holds."""
        with self._looking:
            lock, others, known = self._messages[uri], self._known, self._plans
        if uri not in known:
            plans: dict[str, list[SchemaPlan]] = defaultdict(list)
            try:
                for plan in all_plans(self._library, lock):
                    plans[plan.uri].append(plan.beside(others))
            except Misconfigured as cause:
                log.error("schemas.unusable", package=uri, reason=cause.en)
                raise
            known.update(plans)
        return known[uri]

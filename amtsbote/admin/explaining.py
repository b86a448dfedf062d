"""Why a question about competence is answered as it is: the whole way from the service to the targets."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from amtsbote.admin.asking import Answer, Arguments, Command, MessageStage, read_arguments
from amtsbote.admin.declaration import RegionKey, ServiceKey
from amtsbote.admin.office import Office
from amtsbote.admin.people import EDITOR
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.routes import document_of
from amtsbote.model.conditions import BUILT_IN
from amtsbote.model.directory import Directory
from amtsbote.model.routing import Recipient, RouteFound, RouteReason, german_day
from amtsbote.model.shown import jsonable
from amtsbote.model.spelling import nearest
from amtsbote.model.stage import Stage
from amtsbote.text.catalogue import say
from routing.destinations import destination_for
from routing.resolver import Resolver
from schemas.package import LoadedPackage, declarations_of, declared_facts, default_rules
from schemas.service_file import Fact

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
FactValue = Annotated[str, StringConstraints(max_length=200)]


_NOBODY: Final = {"authority": None, "authorityName": None, "authorityOrigin": None, "authorityStand": None}


class Question(Arguments):
    service: ServiceKey
    region: RegionKey
    on: date | None = None
    stage: MessageStage = Stage.LIVE
    facts: Mapping[FactName, FactValue] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answering:
    """What an answer is made from."""

    resolver: Resolver
    directory: Directory | None
    """None where only the tables are known: then nobody knows names, destinations and targets."""
    today: date
    for_editor: bool = False
    """Which targets an authority has is the operator's business: an editor is told of none."""

    def answer(self, asked: Question) -> Answer:
        """JSON-ready; every member is always there."""
        on = asked.on or self.today
        found = self.resolver.resolve(asked.service, asked.region, on, asked.stage, asked.facts)
        return {
            "outcome": found.outcome.value,
            "service": asked.service,
            "ars": asked.region,
            "date": on.isoformat(),
            "stage": asked.stage.value,
            "role": found.role,
            "openRecipient": found.open_recipient or None,
            **self._primary(found, asked.service),
            "also": [self._recipient(one) for one in found.also],
            "candidates": list(found.candidates),
            "reason": found.reason and _reason(found.reason),
            "trace": _trace(found),
            "off": [jsonable(hop) for hop in self.resolver.switched_off(asked.service, asked.region, on)],
        }

    def _primary(self, found: RouteFound, service: str) -> Answer:
        one = found.primary
        if one is None:
            return {**_NOBODY, "region": None, "destination": None, "targets": []}
        inbox = self.directory and destination_for(one.authority, service, one.region, self.directory)
        known = self._recipient(one)
        return {
            **{name: known[name] for name in (*_NOBODY, "region")},
            "destination": inbox and inbox.id,
            "targets": known["targets"],
        }

    def _recipient(self, one: Recipient) -> Answer:
        entry = self.directory.authorities.get(one.authority) if self.directory is not None else None
        return {
            "role": one.role,
            "recipient": one.recipient,
            "authority": one.authority,
            "authorityName": entry and entry.name,
            "authorityOrigin": entry and entry.origin,
            "authorityStand": jsonable(entry and entry.stand),
            "region": one.region,
            "targets": jsonable(entry.targets) if entry is not None and not self.for_editor else [],
        }


def demand_known_facts(facts: Mapping[str, str], packages: Sequence[LoadedPackage]) -> None:
    """Raises `CommandRefused` for a fact that no service package declares, naming what is like it, and for a value that
    none of those that declare it would read from a document."""
    for name, value in facts.items():
        if name in BUILT_IN:
            raise CommandRefused("usage", "route.fact-of-the-day", name=name)
        declared = declarations_of(name, packages)
        if not declared:
            known = declared_facts(packages)
            near = nearest(name, known) or sorted(known)
            raise CommandRefused("usage", "route.fact-unknown", name=name, known=", ".join(near))
        if not any(re.fullmatch(fact.pattern, value) for fact in declared):
            raise _unreadable(name, declared)


def _unreadable(name: str, declared: Sequence[Fact]) -> CommandRefused:
    patterns = " / ".join(dict.fromkeys(fact.pattern for fact in declared))
    refused = CommandRefused("usage", "route.fact-value", name=name, pattern=patterns)
    refused.de, refused.en = f"{refused.de} {declared[0].de}.", f"{refused.en} {declared[0].en}."
    return refused


def _reason(reason: RouteReason) -> Answer:
    values = reason.values()
    sentences = {language: say(f"route.why.{reason.why}", language, **values) for language in ("de", "en")}
    return {"why": reason.why.value, "role": reason.role or None, **sentences}


def _trace(found: RouteFound) -> Answer:
    trace = found.trace
    return {
        "version": trace.version,
        "service": trace.service,
        "region": trace.region,
        "date": trace.on.isoformat(),
        "facts": dict(trace.facts),
        "hops": [jsonable(hop) for hop in trace.hops],
    }


async def _explain(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(Question, arguments)
    demand_known_facts(asked.facts, office.packages)
    resolver = await _resolver(office, asked.on)
    directory = await office.store.read(lambda tx: tx.directory.load())
    today = german_day(office.clock())
    answering = Answering(resolver, directory, today, actor.startswith(EDITOR))
    return await asyncio.to_thread(answering.answer, asked)


async def _resolver(office: Office, on: date | None) -> Resolver:
    """For the tables in force on the day. Loading those of a country takes a second and 80 MB: only where they are not
    those in memory."""
    today = german_day(office.clock())
    version = await office.store.read(lambda tx: tx.routing.version(max(on or today, today)))
    present = office.present()
    if version and present is not None and present.version == version:
        return present
    document = await document_of(office, on=on)
    return await asyncio.to_thread(Resolver.load, document, default_rules(office.packages))


COMMANDS: Final[Mapping[str, Command]] = {"route.explain": _explain}

"""Step 3, address: who is competent, and where does it go? Never guesses (architecture 5.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amtsbote.model.content import Content
from amtsbote.model.deadletter import Reason
from amtsbote.model.directory import Authority, Destination, Directory, Reach
from amtsbote.model.ids import AuthorityId, TargetId
from amtsbote.model.message import Assignment, Message
from amtsbote.model.routing import Hop, Outcome, Recipient, RouteFound, RouteTrace, within
from amtsbote.model.schema import Inspection
from amtsbote.pipeline.inspect import Inspected
from amtsbote.pipeline.open import Followed, submitted_on
from amtsbote.pipeline.stages import must_fit, staged_targets
from amtsbote.pipeline.steps import Held
from routing.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Consignee:
    """A target, and the authority for which it gets the message."""

    authority: Authority
    target: TargetId


@dataclass(frozen=True, slots=True)
class Addressed:
    """A valid message with exactly one competent authority, and of every further recipient it is known who that is.
    Made by `address_message` only; only it has targets."""

    message: Message
    content: Content
    inspection: Inspection
    marked: bool
    region: str
    consignees: tuple[Consignee, ...]
    """At least one. The first is the primary one: *accepted* means that it has the message. The others receive
    copies."""
    route: RouteTrace
    assignment: Assignment | None = None
    """What a person decided about it."""

    @property
    def authority(self) -> Authority:
        """The competent one."""
        return self.consignees[0].authority

    @property
    def targets(self) -> tuple[TargetId, ...]:
        return tuple(one.target for one in self.consignees)

    def told(self) -> Mapping[str, str]:
        assigned = {} if self.assignment is None else _assigned_by(self.assignment)
        further = {one.authority.id: None for one in self.consignees if one.authority != self.authority}
        also = {"also": ", ".join(further)} if further else {}
        named = {"authority": self.authority.id, **also, "targets": ", ".join(self.targets)}
        return {**_told(self.route), **named, **assigned}


def address_message(
    inspected: Inspected,
    routes: Resolver,
    directory: Directory,
    assignment: Assignment | None = None,
    follows: Followed | None = None,
) -> Addressed:
    """Ask the routing tables as they were on the day of the submission; the portal's choice must agree, and the place
    must lie where the destination offers the service. What a person assigned comes before all of that, and a reply
    follows its case."""
    opened = inspected.opened
    message, destination = opened.message, opened.destination
    if follows is not None and assignment is None:
        return _following(inspected, directory, follows)
    place = region_of(inspected, assignment)
    if assignment is not None and assignment.authority is not None:
        authority = _assigned(inspected, assignment, directory)
        route, further = _decided("assignment", message, place, authority.id), []
    else:
        found = routes.resolve(message.service, place, submitted_on(message), message.stage, inspected.inspection.facts)
        primary, route = _only_one(found), found.trace
        authority = directory.authorities[primary.authority]
        place = routes.key_of(place, submitted_on(message)) or place
        _must_agree(destination, authority, found)
        _must_be_offered(destination, message.service, primary.region)
        further = _further(destination, found, directory)
    consignees = _consignees(message, (authority, *further), directory, assignment)
    return Addressed(message, opened.content, inspected.inspection, opened.marked, place, consignees, route, assignment)


def region_of(inspected: Inspected, assignment: Assignment | None = None) -> str:
    """The place a person named, else the payload field the service package declares, else the submission's region, else
    the direct destination's only region. Disagreement goes to a person, unless one has named the authority: then the
    place decides nothing any more, and may be the empty one."""
    if assignment is not None and assignment.region is not None:
        return assignment.region
    message, destination = inspected.opened.message, inspected.opened.destination
    in_payload = inspected.inspection.facts.get("region")
    place = in_payload or message.region or _only_region(destination, message.service) or ""
    if assignment is not None and assignment.authority is not None:
        return place
    if in_payload and message.region and not within(in_payload, message.region):
        raise Held(Reason.REGION_DISAGREES, {"payload": in_payload, "submission": message.region})
    if not place:
        raise Held(Reason.REGION_UNKNOWN)
    return place


def reachable(destination: Destination, authority: Authority) -> bool:
    """Whether a message to the destination may ever go to the authority: a person cannot widen that either."""
    if destination.reach is Reach.DIRECT:
        return authority.tenant == destination.tenant
    return authority.tenant in destination.serves


def _only_one(found: RouteFound) -> Recipient:
    if found.primary is not None:
        return found.primary
    why = found.reason.values() if found.reason is not None else {}
    candidates = {"candidates": ", ".join(found.candidates)} if found.candidates else {}
    reason = Reason.SEVERAL_COMPETENT if found.outcome is Outcome.AMBIGUOUS else Reason.NOBODY_COMPETENT
    raise Held(reason, {**_told(found.trace), **why, **candidates})


def _further(destination: Destination, found: RouteFound, directory: Directory) -> list[Authority]:
    """Those of another tenant are reached through a collecting destination that serves it; nobody is left out."""
    authorities = [directory.authorities[one.authority] for one in found.also]
    for authority in authorities:
        if not reachable(destination, authority):
            details = {"tenant": authority.tenant, "authority": authority.id, **_told(found.trace)}
            raise Held(Reason.TENANT_NOT_SERVED, details)
    return authorities


def _must_agree(destination: Destination, authority: Authority, found: RouteFound) -> None:
    if destination.reach is Reach.DIRECT:
        if destination.authority != authority.id:
            details = {"destination": destination.authority or "", "authority": authority.id, **_told(found.trace)}
            raise Held(Reason.AUTHORITY_DISAGREES, details)
    elif authority.tenant not in destination.serves:
        raise Held(Reason.TENANT_NOT_SERVED, {"tenant": authority.tenant, "authority": authority.id})


def _must_be_offered(destination: Destination, service: str, place: str) -> None:
    offered = destination.offers(service)
    if offered is not None and not offered.covers(place):
        raise Held(Reason.REGION_DISAGREES, {"region": place, "offered": ", ".join(offered.regions)})


def _only_region(destination: Destination, service: str) -> str | None:
    offered = destination.offers(service)
    if destination.reach is not Reach.DIRECT or offered is None or len(offered.regions) != 1:
        return None
    return offered.regions[0]


def _assigned(inspected: Inspected, assignment: Assignment, directory: Directory) -> Authority:
    """The authority a person named, if it and its target are still there and may still be reached."""
    named = {"assigned authority": assignment.authority or "", "assigned target": assignment.target or "–"}
    authority = next((one for one in directory.authorities.values() if one.id == assignment.authority), None)
    if authority is None:
        raise Held(Reason.NOBODY_COMPETENT, named)
    if not reachable(inspected.opened.destination, authority):
        raise Held(Reason.TENANT_NOT_SERVED, {"tenant": authority.tenant, "authority": authority.id})
    if assignment.target is not None:
        target = directory.targets.get(assignment.target)
        if target is None or target.tenant != authority.tenant:
            raise Held(Reason.NO_TARGET, named)
    return authority


def _following(inspected: Inspected, directory: Directory, follows: Followed) -> Addressed:
    """To those who have what was sent before; to whom the authority has now, where they are gone."""
    opened = inspected.opened
    message = opened.message
    named = {"authority of the case": follows.authority}
    authority = directory.authorities.get(follows.authority)
    if authority is None:
        raise Held(Reason.NOBODY_COMPETENT, named)
    if not reachable(opened.destination, authority):
        raise Held(Reason.TENANT_NOT_SERVED, {"tenant": authority.tenant, "authority": authority.id})
    there = (target for target in follows.targets if target in directory.targets)
    before = tuple(_consignee(target, authority, directory) for target in there)
    for one in before:
        must_fit(message, one.target, directory)
        if not reachable(opened.destination, one.authority):
            raise Held(Reason.TENANT_NOT_SERVED, {"tenant": one.authority.tenant, "authority": one.authority.id})
    consignees = before or _consignees(message, (authority,), directory, None)
    route = _decided("case", message, follows.region, authority.id)
    return Addressed(message, opened.content, inspected.inspection, opened.marked, follows.region, consignees, route)


def _consignee(target: TargetId, competent: Authority, directory: Directory) -> Consignee:
    """For whom a target has got what came before: the competent authority, or another that has it."""
    if target in competent.targets:
        return Consignee(competent, target)
    others = (one for one in directory.authorities.values() if target in one.targets)
    return Consignee(next(others, competent), target)


def _consignees(
    message: Message, authorities: Sequence[Authority], directory: Directory, assignment: Assignment | None
) -> tuple[Consignee, ...]:
    """Every target once, those of the competent authority first."""
    if assignment is not None and assignment.target is not None:
        must_fit(message, assignment.target, directory)
        return (Consignee(authorities[0], assignment.target),)
    found: dict[TargetId, Consignee] = {}
    for authority in authorities:
        for target in staged_targets(message, authority, directory):
            found.setdefault(target, Consignee(authority, target))
    return tuple(found.values())


def _decided(by: str, message: Message, place: str, authority: AuthorityId) -> RouteTrace:
    """No table has decided."""
    return RouteTrace(0, message.service, place, submitted_on(message), (Hop(by, f"→ {authority}", 0),))


def _assigned_by(assignment: Assignment) -> Mapping[str, str]:
    """Who and when leads to the history of the Klärungsfall: the person's own words stay there."""
    named = {
        "assigned authority": assignment.authority,
        "assigned target": assignment.target,
        "assigned region": assignment.region,
    }
    told = {name: value for name, value in named.items() if value is not None}
    return {**told, "assigned by": assignment.actor, "assigned at": assignment.at.isoformat()}


def _told(route: RouteTrace) -> Mapping[str, str]:
    rules = " | ".join(map(_hop_told, route.hops))
    facts = ", ".join(f"{name}={value}" for name, value in route.facts.items())
    told = {"table version": str(route.version), "region": route.region, "on": route.on.isoformat(), "rules": rules}
    return {**told, "facts": facts} if facts else told


def _hop_told(hop: Hop) -> str:
    known = ", ".join(filter(None, (hop.origin, hop.stand)))
    recipient = f"{hop.recipient}: " if hop.recipient else ""
    return f"{recipient}{hop.table}:{hop.line} {hop.rule}{f' ({known})' if known else ''}"

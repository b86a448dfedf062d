"""Step 3, address: who is competent, and where does it go? Never guesses (architecture 5.9)."""

from collections.abc import Mapping
from dataclasses import dataclass

from amtsbote.model.content import Content
from amtsbote.model.deadletter import Reason
from amtsbote.model.directory import Authority, Destination, Directory, Reach
from amtsbote.model.ids import AuthorityId, TargetId
from amtsbote.model.message import Assignment, Message
from amtsbote.model.routing import Hop, RouteFound, RouteTrace, within
from amtsbote.model.schema import Inspection
from amtsbote.pipeline.inspect import Inspected
from amtsbote.pipeline.open import Followed, submitted_on
from amtsbote.pipeline.stages import must_fit, staged_targets
from amtsbote.pipeline.steps import Held
from routing.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Addressed:
    """A valid message with exactly one competent authority. Made by `address_message` only; only it has targets."""

    message: Message
    content: Content
    inspection: Inspection
    marked: bool
    region: str
    authority: Authority
    targets: tuple[TargetId, ...]
    """At least one. The first is the primary one: *accepted* means that it has the message. The others receive
    copies."""
    route: RouteTrace
    assignment: Assignment | None = None
    """What a person decided about it."""

    def told(self) -> Mapping[str, str]:
        assigned = {} if self.assignment is None else _assigned_by(self.assignment)
        return {**_told(self.route), "authority": self.authority.id, "targets": ", ".join(self.targets), **assigned}


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
        authority, route = (
            _assigned(inspected, assignment, directory),
            _decided("assignment", message, place, assignment.authority),
        )
    else:
        found = routes.resolve(message.service, place, submitted_on(message), message.stage)
        authority, route = _only_one(found, directory), found.trace
        _must_agree(destination, authority, found)
        _must_be_offered(destination, message.service, place)
    targets = _targets(message, authority, directory, assignment)
    return Addressed(
        message, opened.content, inspected.inspection, opened.marked, place, authority, targets, route, assignment
    )


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


def _only_one(found: RouteFound, directory: Directory) -> Authority:
    match found.authorities:
        case (only,):
            return directory.authorities[only]
        case ():
            raise Held(Reason.NOBODY_COMPETENT, _told(found.trace))
        case several:
            raise Held(Reason.SEVERAL_COMPETENT, {**_told(found.trace), "candidates": ", ".join(several)})


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
    before = tuple(target for target in follows.targets if target in directory.targets)
    for target in before:
        must_fit(message, target, directory)
    targets = before or staged_targets(message, authority, directory)
    route = _decided("case", message, follows.region, authority.id)
    return Addressed(
        message, opened.content, inspected.inspection, opened.marked, follows.region, authority, targets, route
    )


def _targets(
    message: Message, authority: Authority, directory: Directory, assignment: Assignment | None
) -> tuple[TargetId, ...]:
    if assignment is None or assignment.target is None:
        return staged_targets(message, authority, directory)
    must_fit(message, assignment.target, directory)
    return (assignment.target,)


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
    rules = " | ".join(f"{hop.table}:{hop.line} {hop.rule}" for hop in route.hops)
    return {"table version": str(route.version), "region": route.region, "on": route.on.isoformat(), "rules": rules}

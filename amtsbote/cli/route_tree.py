"""The answer of `route explain` as a tree: what was decided, and beneath it by which rules."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from amtsbote.cli.voice import Voice

Answer = Mapping[str, Any]


def show_route(voice: Voice, answer: Answer) -> None:
    trace = answer["trace"]
    head = {"service": answer["service"], "region": answer["ars"], "day": answer["date"], "version": trace["version"]}
    voice.line(voice.say("route.question", **head))
    voice.line(_verdict(voice, answer))
    branches = list(_branches(voice, answer))
    for number, (title, leaves) in enumerate(branches, start=1):
        last = number == len(branches)
        voice.line(f"{'└─' if last else '├─'} {title}")
        for at, leaf in enumerate(leaves, start=1):
            voice.line(f"{'  ' if last else '│ '} {'└─' if at == len(leaves) else '├─'} {leaf}")


def _verdict(voice: Voice, answer: Answer) -> str:
    told = voice.word("route.outcome", answer["outcome"])
    if answer["authority"] is not None:
        return f"{told}: {_named(answer)}"
    reason = answer["reason"]
    candidates = ", ".join(answer["candidates"])
    named = f" {voice.say('route.candidates', candidates=candidates)}" if candidates else ""
    return f"{told}: {reason[voice.language] if reason else '–'}{named}"


def _branches(voice: Voice, answer: Answer) -> Iterator[tuple[str, Sequence[str]]]:
    """Title and leaves: the competent authority, each further recipient, the facts, what is off."""
    hops = answer["trace"]["hops"]
    leaves = [_leaf(voice, hop) for hop in hops if not hop["recipient"]]
    if answer["destination"] is not None:
        leaves.append(voice.say("route.destination", id=answer["destination"]))
    elif answer["authorityName"] is not None:  # known only where destinations are
        leaves.append(voice.say("route.no-destination"))
    if answer["targets"]:
        leaves.append(voice.say("route.targets", ids=", ".join(answer["targets"])))
    further = dict.fromkeys(hop["recipient"] for hop in hops if hop["recipient"])
    yield voice.say("route.primary", role=answer["role"] or "–"), leaves
    for role in further:
        of_role = [hop for hop in hops if hop["recipient"] == role]
        yield _further(voice, role, answer, of_role), [_leaf(voice, hop) for hop in of_role]
    if facts := answer["trace"]["facts"]:
        yield voice.say("route.facts"), [f"{name} = {value}" for name, value in facts.items()]
    if answer["off"]:
        yield voice.say("routes.off"), [_leaf(voice, hop) for hop in answer["off"]]


def _further(voice: Voice, role: str, answer: Answer, hops: Sequence[Answer]) -> str:
    """Resolved and not among them: a rule says that there is nobody, or it is an authority that gets the message
    anyway."""
    if unmet := " / ".join(dict.fromkeys(hop["unmet"] for hop in hops if hop["unmet"])):
        return voice.say("route.further-unmet", role=role, condition=unmet)
    if answer["authority"] is None:
        return voice.say("route.further-open" if role == answer["openRecipient"] else "route.further-asked", role=role)
    one = next((one for one in answer["also"] if one["recipient"] == role), None)
    if one is None:
        return voice.say("route.no-further", role=role)
    return voice.say("route.further", role=role, authority=_named(one))


def _named(one: Answer) -> str:
    known = ", ".join(filter(None, (one["authorityName"], one["authorityOrigin"], one["authorityStand"])))
    return f"{one['authority']} ({known})" if known else str(one["authority"])


def _leaf(voice: Voice, hop: Answer) -> str:
    place = f"{hop['table']}:{hop['line']}" if hop["line"] else hop["table"]
    level = voice.word("route.level", hop["level"]) if hop["level"] else ""
    stand = voice.say("route.stand", day=hop["stand"]) if hop["stand"] else ""
    known = ", ".join(filter(None, (level, hop["origin"], stand)))
    return f"{place}  {hop['rule']}{f'  [{known}]' if known else ''}"

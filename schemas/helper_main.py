"""A helper process: receives schemas once, then one document after the other, and answers with verdicts.

Started as `python -m schemas.helper_main DESCRIPTOR` by `schemas.helpers`; ends when the pipe closes.
"""

import os
import select
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NoReturn

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Layer, Postmark, Severity
from schemas.confinement import HelperLimits, allow_cpu, bound_memory, confine, give_back, seal
from schemas.explaining.insight import Asked
from schemas.frames import Frames, PipeEnded
from schemas.identifier import Identification, Identifier
from schemas.inspector import Inspector
from schemas.mapping import MappingPlan, Translator
from schemas.plan import CodeListsPlan, FactPlan, ListPlan, Report, RulePlan, Scenario, SchemaPlan
from schemas.schematron.ruleset import RuleSet

if TYPE_CHECKING:
    from schemas.explaining.looking import SecondLook
    from schemas.json_schema.inspector import JsonInspector
    from schemas.json_schema.looking import JsonLook

_MAX_HEAD: Final = 16 * 1024 * 1024
_NOTHING: Final[tuple[Mapping[str, Any], bytes]] = {"mapped": False}, b""
"""No other form: the stylesheet makes none, or one larger than a document may be."""
_DEEPEST: Final = 4000
"""Calls within each other: jsonschema needs some for every level of a document."""


def main(descriptor: int) -> NoReturn:
    isolated = confine(descriptor)
    end = socket.socket(fileno=descriptor)
    Thread(target=_end_with, args=(descriptor,), daemon=True).start()
    try:
        serve(Frames(end, _MAX_HEAD, 2**32), isolated)
    except PipeEnded:
        os._exit(0)


def _end_with(descriptor: int) -> None:
    """End at once when the other side is gone, even in the middle of a document."""
    watch = select.poll()
    watch.register(descriptor, select.POLLRDHUP)
    watch.poll()
    os._exit(0)


def serve(frames: Frames, isolated: bool) -> NoReturn:
    head, _ = frames.receive()
    limits = HelperLimits(**head["limits"])
    identifier = Identifier([Scenario(**each) for each in head["scenarios"]], limits.max_tags)
    try:
        plans = tuple(map(_plan, head["plans"]))
        inspectors = {plan.held_as: _inspector(plan, limits.max_tags) for plan in plans}
        looking = {plan.held_as: _second_look(plan, limits.max_tags) for plan in map(_plan, head["explained"])}
        mappings = [MappingPlan(**each) for each in head["mappings"]]
        translators = {each.name: Translator(each, limits.max_tags) for each in mappings}
    except Misconfigured as cause:
        frames.send({"refused": {"en": cause.en, "de": cause.de}})
        raise PipeEnded from cause
    bound_memory(limits.memory_bytes, reserving=any(plan.rule_sets for plan in plans))
    seal()
    frames.send({"ready": True, "isolated": isolated})
    while True:
        head, document = frames.receive()
        allow_cpu(limits.cpu_seconds)
        if "explain" in head:
            frames.send(insights(looking[head["explain"]], [Asked(**each) for each in head["asked"]], document))
        elif "mapping" in head:
            made = translated(translators[head["mapping"]], document, Postmark(**head["postmark"]))
            frames.send(*made if len(made[1]) <= limits.document_bytes else _NOTHING)
        else:
            asked = _asked(inspectors[head["schema"]], head) if "schema" in head else identifier.identify
            frames.send(answer(asked, document))
        give_back(len(document))


def _inspector(plan: SchemaPlan, max_tags: int) -> "Inspector | JsonInspector":
    if not plan.json_schema:
        return Inspector(plan, max_tags)
    from schemas.json_schema.inspector import JsonInspector  # noqa: PLC0415  (jsonschema takes a while to load)

    sys.setrecursionlimit(_DEEPEST)
    return JsonInspector(plan)


def _asked(inspector: "Inspector | JsonInspector", head: Mapping[str, Any]) -> Callable[[bytes], Report]:
    """By the schema as it was told, or as another message of its closed set."""
    if "root" in head and isinstance(inspector, Inspector):
        return partial(inspector.inspect_as, head["root"], [Scenario(**each) for each in head["others"]])
    return inspector.inspect


def _second_look(plan: SchemaPlan, max_tags: int) -> "SecondLook | JsonLook":
    if plan.json_schema:
        from schemas.json_schema.looking import JsonLook  # noqa: PLC0415  (jsonschema takes a while to load)

        sys.setrecursionlimit(_DEEPEST)
        return JsonLook(plan)
    from schemas.explaining.looking import SecondLook  # noqa: PLC0415  (brings xmlschema, which few documents need)

    return SecondLook(plan, max_tags)


def insights(look: "SecondLook | JsonLook", asked: Sequence[Asked], document: bytes) -> Mapping[str, Any]:
    """What a second look has seen, place by place, JSON-ready."""
    try:
        return {"insights": [None if seen is None else asdict(seen) for seen in look.look(document, asked)]}
    except MemoryError:
        return {"failed": "memory"}


def answer(asked: Callable[[bytes], Report | Identification], document: bytes) -> Mapping[str, Any]:
    """What it says, JSON-ready. Running out of memory is an answer, too; the process is then replaced."""
    try:
        return asdict(asked(document))
    except MemoryError:
        return {"failed": "memory"}


def translated(translator: Translator, document: bytes, postmark: Postmark) -> tuple[Mapping[str, Any], bytes]:
    """What it is in the other form, or that it cannot be had."""
    try:
        made = translator.translate(document, postmark)
    except MemoryError:
        return {"failed": "memory"}, b""
    return _NOTHING if made is None else ({"mapped": True}, made)


def _plan(plan: Mapping[str, Any]) -> SchemaPlan:
    read = {
        "facts": tuple(FactPlan(**fact) for fact in plan["facts"]),
        "references": Severity(plan["references"]) if plan["references"] else None,
        "code_lists": _code_lists(plan["code_lists"]) if plan["code_lists"] else None,
        "rule_sets": tuple(map(RuleSet.told, plan["rule_sets"])),
        "rules": tuple(RulePlan(**{**rule, "severity": Severity(rule["severity"])}) for rule in plan["rules"]),
        "others": tuple(Scenario(**each) for each in plan["others"]),
        "unchecked": tuple(map(Layer, plan["unchecked"])),
    }
    return SchemaPlan(**{**plan, **read})


def _code_lists(plan: Mapping[str, Any]) -> CodeListsPlan:
    held = [{**each, "severity": Severity(each["severity"]) if each["severity"] else None} for each in plan["held"]]
    return CodeListsPlan([ListPlan(**each) for each in held], [(uri, version) for uri, version in plan["named"]])


if __name__ == "__main__":
    main(int(sys.argv[1]))

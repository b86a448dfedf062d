"""The pool of helper processes that read untrusted XML: one round trip per document, bounded in memory and time.

Each helper is a fresh interpreter (no fork of this process, so no key, no descriptor and no lock comes along) that is
started with an empty environment and gives up the rest itself (`confinement`). A helper that crashes, hangs or runs out
of memory costs the document it was reading, and nothing else: it is killed alone and replaced.
"""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from queue import LifoQueue
from threading import Lock
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from amtsbote.errors import AmtsboteError, Misconfigured
from amtsbote.model.schema import Inspection
from schemas.confinement import HelperLimits
from schemas.findings import SENTENCES, Observation, finding_of
from schemas.frames import Frames, PipeEnded
from schemas.inspector import MAX_FACT, MAX_FINDINGS, SchemaPlan

__all__ = ["HelperFailed", "HelperLimits", "HelperPool"]

Reason = Literal["crashed", "timeout", "memory"]
_MAX_ANSWER: Final = 1024 * 1024
_ENDING_SECONDS: Final = 2.0
_HOME: Final = Path(__file__).resolve().parent.parent
_NAME: Final = r"(?:[A-Za-z_][\w.-]{0,99}:)?[A-Za-z_][\w.-]{0,199}"
_PATH: Final = re.compile(rf"(?:/(?:{_NAME}|\*)(?:\[[0-9]{{1,8}}\])?){{0,300}}(?:/@(?:{_NAME}|\*))?")


class HelperFailed(AmtsboteError):
    """The helper gave no verdict on this document. Whoever asked decides about another attempt."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class _Seen(BaseModel):
    """A finding as it arrives. The helper has read hostile input, so its words are checked, too."""

    model_config = ConfigDict(extra="forbid")
    code: str
    path: str
    line: int = Field(ge=0, le=2**31)
    type_name: str
    expected: tuple[str, ...] = Field(max_length=10)

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        if code not in SENTENCES:
            raise ValueError("unknown code")
        return code

    @field_validator("path")
    @classmethod
    def _plain_path(cls, path: str) -> str:
        if not _PATH.fullmatch(path):
            raise ValueError("not a path of names")
        return path

    @model_validator(mode="after")
    def _plain_names(self) -> Self:
        if not all(re.fullmatch(_NAME, name) for name in (self.type_name, *self.expected) if name):
            raise ValueError("not names")
        return self


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    well_formed: bool
    findings: tuple[_Seen, ...] = Field(max_length=MAX_FINDINGS)
    more: bool
    facts: Mapping[str, str] | None


class _Helper:
    """One process and its pipe. Used by one thread at a time."""

    def __init__(self, limits: HelperLimits) -> None:
        self._limits = limits
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  (our own module, no input)
                [sys.executable, "-m", "schemas.helper_main", str(theirs.fileno())],
                cwd=_HOME,
                env={},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )
        self._frames = Frames(ours, _MAX_ANSWER, 0)

    def teach(self, plans: Sequence[SchemaPlan]) -> None:
        """Send the schemas; they are compiled while we go on."""
        try:
            self._frames.send({"limits": asdict(self._limits), "plans": [asdict(plan) for plan in plans]})
        except PipeEnded as cause:
            raise HelperFailed("crashed") from cause

    def await_ready(self) -> None:
        """Wait until the schemas are compiled. Raises `Misconfigured` when one cannot be."""
        try:
            head, _ = self._frames.receive(until=time.monotonic() + self._limits.start_seconds)
        except (PipeEnded, TimeoutError) as cause:
            raise Misconfigured("a helper process for XML validation did not start") from cause
        if refused := head.get("refused"):
            raise Misconfigured(str(refused))

    def ask(self, schema: str, document: bytes) -> Mapping[str, Any]:
        until = time.monotonic() + self._limits.wall_seconds
        try:
            self._frames.send({"schema": schema}, document, until=until)
            head, _ = self._frames.receive(until=until)
        except TimeoutError as cause:
            raise HelperFailed("timeout") from cause
        except PipeEnded as cause:
            raise HelperFailed(self._why_gone()) from cause
        if head.get("failed") == "memory":
            raise HelperFailed("memory")
        return head

    def _why_gone(self) -> Reason:
        try:
            return "timeout" if self.process.wait(_ENDING_SECONDS) == -signal.SIGXCPU else "crashed"
        except subprocess.TimeoutExpired:
            return "crashed"

    @property
    def gone(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._frames.close()

    def end(self) -> None:
        """Close the pipe, at which the process ends by itself; kill it if it does not."""
        self._frames.close()
        try:
            self.process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


class _Slot:
    """The place of one helper in the pool. Empty between the end of one and the start of the next."""

    def __init__(self) -> None:
        self.helper: _Helper | None = None
        self.ready = False

    def launch(self, limits: HelperLimits, plans: Sequence[SchemaPlan]) -> None:
        self.helper, self.ready = _Helper(limits), False
        if plans:
            self.helper.teach(plans)

    def kill(self) -> None:
        if self.helper is not None:
            self.helper.kill()
        self.helper = None


class HelperPool:
    """Helpers for a number of threads. `start`, then `load` once; `inspect` from any thread; `close` at the end."""

    def __init__(self, size: int, limits: HelperLimits) -> None:
        self.limits = limits
        self._slots = tuple(_Slot() for _ in range(size))
        self._free: LifoQueue[_Slot] = LifoQueue()
        self._plans: Mapping[str, SchemaPlan] = {}
        self._closing = False
        self._counting = Lock()
        self._restarts = 0

    @property
    def restarts(self) -> int:
        """How many helpers had to be replaced."""
        return self._restarts

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(slot.helper.process.pid for slot in self._slots if slot.helper is not None)

    def start(self) -> None:
        """Launch all helpers. They wait for `load`."""
        for slot in self._slots:
            slot.launch(self.limits, ())

    def load(self, plans: Sequence[SchemaPlan]) -> None:
        """Have every helper compile these schemas; once, after `start`. Raises `Misconfigured` when one cannot."""
        self._plans = {plan.uri: plan for plan in plans}
        for slot in self._slots:
            if slot.helper is not None:
                slot.helper.teach(plans)
        for slot in self._slots:
            self._prepare(slot)
            self._free.put(slot)

    def inspect(self, schema_uri: str, document: bytes) -> Inspection:
        """Verdict on one document; blocks until a helper is free and has answered. Raises `HelperFailed`."""
        plan = self._plans[schema_uri]
        if len(document) > self.limits.document_bytes:
            return Inspection(plan.package, (finding_of(Observation("XML-TOO-LARGE")),), {}, well_formed=False)
        slot = self._free.get()
        try:
            return _inspection(plan, self._prepare(slot).ask(schema_uri, document))
        except HelperFailed:
            self._replace(slot)
            raise
        finally:
            self._free.put(slot)

    def _prepare(self, slot: _Slot) -> _Helper:
        """The slot's helper, ready for a document; a new one when it died while idle."""
        if slot.helper is not None and slot.helper.gone:
            self._replace(slot)
        if slot.helper is None:
            raise HelperFailed("crashed")
        if not slot.ready:
            slot.helper.await_ready()
            slot.ready = True
        return slot.helper

    def _replace(self, slot: _Slot) -> None:
        slot.kill()
        with self._counting:
            if self._closing:
                return
            self._restarts += 1
        slot.launch(self.limits, tuple(self._plans.values()))

    def close(self) -> None:
        """End all helpers. A document that is being read fails with `HelperFailed`."""
        with self._counting:
            self._closing = True
        for slot in self._slots:
            if slot.helper is not None:
                slot.helper.end()


def _inspection(plan: SchemaPlan, head: Mapping[str, Any]) -> Inspection:
    """The checked answer with its sentences. An answer that breaks the form counts as a crash."""
    try:
        answer = _Answer.model_validate(head)
    except ValidationError as cause:
        raise HelperFailed("crashed") from cause
    facts = answer.facts or {}
    patterns = {fact.name: fact.pattern for fact in plan.facts}
    if any(len(value) > MAX_FACT or not re.fullmatch(patterns.get(name, ""), value) for name, value in facts.items()):
        raise HelperFailed("crashed")
    findings = tuple(
        finding_of(Observation(seen.code, seen.path, seen.line, seen.type_name, seen.expected))
        for seen in answer.findings
    )
    return Inspection(plan.package, findings, facts, answer.well_formed, answer.more)

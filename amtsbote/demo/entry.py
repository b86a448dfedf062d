"""`amtsbote-demo`: play the steps, say how it went, and leave nothing running."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from amtsbote.demo.failure import StepFailed
from amtsbote.demo.folder import Layout, fresh_folder, remove
from amtsbote.demo.interruption import Stopped, ignore_signals, signals_stop
from amtsbote.demo.processes import Children
from amtsbote.demo.screen import Screen
from amtsbote.demo.stage import Stage, new_stage
from amtsbote.demo.steps import STEPS, Step, installed_command
from amtsbote.errors import Language
from amtsbote.text.catalogue import language_of, say


@dataclass(frozen=True, slots=True)
class Wishes:
    language: Language
    once: bool
    keep: bool
    folder: Path


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], steps: Sequence[Step] = STEPS) -> int:
    """0 when every step held, 1 when one did not, 128 + n after signal n."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream on every console
    wishes = _wishes(arguments)
    screen = Screen(wishes.language)
    with signals_stop():
        try:
            with fresh_folder(wishes.folder) as layout:
                return _run(wishes, screen, layout, steps)
        except StepFailed as error:
            screen.verdict(f"demo failed: {error.sentence(wishes.language)}", "bold red")
            return 1
        except Stopped as stopped:
            screen.line(screen.say("demo.stopped"))
            return stopped.exit_code


def _run(wishes: Wishes, screen: Screen, layout: Layout, steps: Sequence[Step]) -> int:
    with Children(layout.logs, wishes.language) as children:
        try:
            stage = new_stage(layout, screen, children)
            last_line = _play(stage, steps)
            if last_line is None:
                return 1
            if not wishes.once:
                screen.verdict(last_line, "bold green")
                _stay(stage)
        finally:
            ignore_signals()
    if not wishes.once:
        screen.line(screen.say("demo.stopped"))
        return 0
    if not wishes.keep:
        remove(layout)
        screen.line(screen.say("demo.removed", folder=layout.root))
    screen.verdict(last_line, "bold green")
    return 0


def _play(stage: Stage, steps: Sequence[Step]) -> str | None:
    """The last line when every step held; None after saying which did not."""
    began = time.monotonic()
    stage.screen.title("demo.title")
    stage.screen.line(stage.screen.say("demo.story"))
    for number, step in enumerate(steps, start=1):
        started = time.monotonic()
        stage.screen.step(number, step.name)
        try:
            step.play(stage)
        except Exception as error:  # noqa: BLE001  (whatever it was: the person learns which step did not hold)
            stage.screen.line(stage.screen.say("demo.kept", folder=stage.layout.root))
            sentence = _sentence(error, stage.screen.language)
            stage.screen.verdict(f"demo failed step={number} name={step.name}: {sentence}", "bold red")
            return None
        stage.screen.held(time.monotonic() - started)
    return f"demo ok steps={len(steps)} seconds={time.monotonic() - began:.1f}"


def _sentence(error: Exception, language: Language) -> str:
    if isinstance(error, StepFailed):
        return error.sentence(language)
    return say("demo.failed.unexpected", language, name=type(error).__name__, reason=str(error))


def _stay(stage: Stage) -> None:
    """Until a signal comes. Raises `StepFailed` when the broker ends by itself."""
    screen, config = stage.screen, " ".join(stage.config)
    screen.title("demo.try")
    amtsbote = installed_command()
    for words in (
        f"ls -R {stage.layout.inbox}",
        f"curl -s http://{stage.listen}/readyz",
        f"curl -s http://{stage.metrics}/metrics | grep amtsbote",
        f"{amtsbote} submissions list {config}",
        f"{amtsbote} submissions show {stage.sent.get('slip', '')} {config}",
        f"cat {stage.children.log('broker')}",
    ):
        screen.command(words)
    if stage.broker is None:
        return
    with suppress(Stopped):  # from here on the end is what the sentence offers
        screen.line(screen.say("demo.stays"))
        code = stage.broker.wait()
        raise StepFailed("demo.failed.broker-ended", code=code, log=stage.children.log("broker"))


def _wishes(arguments: Sequence[str]) -> Wishes:
    language = language_of(os.environ, _language_in(arguments))
    parser = argparse.ArgumentParser("amtsbote-demo", description=say("demo.help", language))
    parser.add_argument("--once", action="store_true", help=say("demo.help.once", language))
    parser.add_argument("--lang", choices=("de", "en"), help=say("help.lang", language))
    parser.add_argument("--folder", type=Path, default=Path("demo-data"), help=say("demo.help.folder", language))
    parser.add_argument("--keep", action="store_true", help=say("demo.help.keep", language))
    read = parser.parse_args(arguments)
    return Wishes(language, read.once, read.keep, read.folder)


def _language_in(arguments: Sequence[str]) -> str | None:
    """`--lang` decides the language of the help and is therefore read first."""
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--lang")
    with suppress(argparse.ArgumentError):
        found: str | None = early.parse_known_args(arguments)[0].lang
        return found
    return None

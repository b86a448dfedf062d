"""What a person reads about test, live and off."""

from collections.abc import Mapping
from typing import Final

STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "help.stage": ("Nur in dieser Betriebsart.", "Only of this stage."),
    "help.stage.messages": (
        "Nur Einreichungen im Echtbetrieb (live) oder nur Testeinreichungen (test).",
        "Only live submissions or only test submissions.",
    ),
    "help.stage.new": ("Die neue Betriebsart: live, test oder off.", "The new stage: live, test or off."),
    "help.stage.question": (
        "Für eine Einreichung im Echtbetrieb (live) oder für eine Testeinreichung (test).",
        "For a live submission or for a test submission.",
    ),
    "help.destinations.stage": (
        (
            "Die Betriebsart eines Zustellpunkts ändern: Was zu „test“ angekündigt wird, ist eine Testeinreichung und"
            " bleibt es; „off“ lehnt neue ab, angenommene werden weiter zugestellt."
        ),
        (
            "Change the stage of a destination: what is announced to `test` is a test submission and remains one; `off`"
            " refuses new ones, accepted ones are still delivered."
        ),
    ),
    "help.targets.stage": (
        "Die Betriebsart eines Ziels ändern: „live“ bekommt nur Echtes, „test“ nur Tests, „off“ nichts.",
        "Change the stage of a target: `live` receives live submissions only, `test` tests only, `off` nothing.",
    ),
    "column.stage": ("Betrieb", "Stage"),
    "routes.off": (
        "Ausgeschaltete Regeln (off), die sonst in Frage kämen:",
        "Rules that are off and would count:",
    ),
    "reason.wrong-stage": (
        (
            "Kein Ziel ist in der Betriebsart der Einreichung: Ein Test erreicht nur Testziele, Echtes nur Ziele im"
            " Echtbetrieb."
        ),
        "No target has the stage of the submission: a test reaches test targets only, a live submission live ones.",
    ),
    "reason.wrong-stage.todo": (
        (
            "Der Behörde ein Ziel dieser Betriebsart geben oder die Betriebsart mit „amtsbote targets stage“"
            " berichtigen, dann „retry“."
        ),
        "Give the authority a target of that stage, or correct the stage with `amtsbote targets stage`, then `retry`.",
    ),
    "office.assign-stage": (
        "Die Einreichung ist {stage}; dorthin darf sie nicht: {ids} (andere Betriebsart).",
        "The submission is {stage} and may not go there: {ids} (another stage).",
    ),
}

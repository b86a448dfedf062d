"""Sentences of the first steps: the effective configuration, shell completion."""

from collections.abc import Mapping
from typing import Final

FIRST_STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "help.config-group": ("Die Konfiguration ansehen.", "Look at the configuration."),
    "help.config.check": (
        "Zeigen, was gilt und woher jeder Wert kommt. Fehler stehen alle da; Geheimnisse nie.",
        "Show what holds and where every value comes from. Every mistake is told; secrets never are.",
    ),
    "help.completion": (
        "Das Skript ausgeben, mit dem die Shell Befehle und Optionen ergänzt.",
        "Print the script with which the shell completes commands and options.",
    ),
    "help.completion.shell": ("Für welche Shell.", "For which shell."),
    "config-check.setting": ("Einstellung", "Setting"),
    "config-check.value": ("Wert", "Value"),
    "config-check.origin": ("Woher", "From"),
    "config-check.fine": ("{path} ist gültig.", "{path} is valid."),
    "origin.environment": ("Umgebung", "environment"),
    "origin.file": ("Datei", "file"),
    "origin.default": ("Vorgabe", "default"),
}

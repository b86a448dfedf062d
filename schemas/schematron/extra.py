"""Saxon is an extra of the installation: 107 MB that not everybody needs."""

from importlib.util import find_spec

from amtsbote.errors import Misconfigured


def saxon_is_here() -> bool:
    return find_spec("saxonche") is not None


def demand_saxon(what: str) -> None:
    """Raises `Misconfigured` that says what to install. `what` brings Schematron rules."""
    if not saxon_is_here():
        raise Misconfigured(
            f"{what} brings Schematron rules, but Saxon is not installed: install amtsbote[schematron]",
            f"{what} bringt Schematron-Regeln mit, aber Saxon fehlt: bitte amtsbote[schematron] installieren",
        )

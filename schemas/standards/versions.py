"""Two versions of a standard, compared in all that can be compared: declarations, Schematron rules, code lists."""

from schemas.standards.declarations import declarations
from schemas.standards.difference import Change, difference
from schemas.standards.difference_of_lists import difference_of_lists
from schemas.standards.difference_of_rules import difference_of_rules
from schemas.standards.library import Library
from schemas.standards.lock import Lock


def differences(library: Library, old: Lock, new: Lock) -> tuple[Change, ...]:
    """Raises `Misconfigured` when a published file cannot be read."""
    return (
        *difference(*declarations(library, old, new)),
        *difference_of_rules(library, old, new),
        *difference_of_lists(library, old, new),
    )

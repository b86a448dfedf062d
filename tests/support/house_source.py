"""The source of the house as syntax trees, for tests that read rules from it. Each worker reads it once."""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import amtsbote

HOME = Path(amtsbote.__file__).resolve().parent.parent
ROOTS = ("amtsbote", "adapters", "schemas", "transport", "routing")


@cache
def modules() -> Mapping[str, ast.Module]:
    """Path within the house → its syntax tree."""
    files = (file for root in ROOTS for file in sorted((HOME / root).rglob("*.py")))
    return {file.relative_to(HOME).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def dotted(node: ast.AST) -> str:
    """`datetime.now` for an attribute of a name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case _:
            return ""


@cache
def names_in(tree: ast.Module) -> frozenset[str]:
    return frozenset(dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))


@cache
def imports_of(tree: ast.Module) -> frozenset[str]:
    """Modules, and what is taken from them."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


@cache
def called_in(tree: ast.Module) -> frozenset[str]:
    """Last names of what is called."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return frozenset(
        call.id if isinstance(call, ast.Name) else call.attr
        for call in calls
        if isinstance(call, ast.Name | ast.Attribute)
    )

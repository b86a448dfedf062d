"""The bundled tree-felling package, ready for tests, and documents that are bad for a reader."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from amtsbote.model.content import SchemaRef
from schemas.inspector import Inspector
from schemas.json_schema.files import DIALECT
from schemas.json_schema.inspector import JsonInspector
from schemas.package import BUNDLED, LoadedPackage, load_package
from schemas.plan import Report

__all__ = [
    "DIALECT", "NAMESPACE", "REF", "ROOT", "URI", "around", "changed", "dog_tax", "inspecting", "inspector", "sample",
    "slow", "smallest", "trade", "tree_felling",
]  # fmt: skip

URI: Final = "urn:amtsbote:standard:baumfaellgenehmigung_1.0#baumfaellung.antrag.0100"
REF: Final = SchemaRef(URI, "application/xml")
NAMESPACE: Final = "urn:amtsbote:standard:baumfaellgenehmigung:1.0"
ROOT: Final = "/bf:baumfaellung.antrag.0100"


@cache
def tree_felling() -> LoadedPackage:
    return load_package(BUNDLED / "baumfaellgenehmigung" / "1.0")


@cache
def inspector() -> Inspector:
    """The compiled schema, in this process: for tests of the verdict itself."""
    return Inspector(tree_felling().plans()[0], max_tags=1_000_000)


@cache
def dog_tax(version: str) -> LoadedPackage:
    return load_package(BUNDLED / "hundesteueranmeldung" / version)


@cache
def trade() -> LoadedPackage:
    return load_package(BUNDLED / "gewerbeanmeldung" / "1.0")


@cache
def inspecting(folder: Path, uri: str) -> Callable[[bytes], Report]:
    """How a helper inspects documents of this schema of a package, in this process."""
    (plan,) = (plan for plan in load_package(folder).plans() if plan.uri == uri)
    return JsonInspector(plan).inspect if plan.json_schema else Inspector(plan, max_tags=1_000_000).inspect


def sample(name: str) -> bytes:
    return (tree_felling().folder / "samples" / f"{name}.xml").read_bytes()


def smallest() -> bytes:
    return sample("gueltig-kleinster-antrag")


def changed(old: str, new: str) -> bytes:
    """The smallest valid application with one place changed."""
    document = smallest()
    assert old.encode() in document
    return document.replace(old.encode(), new.encode(), 1)


def around(inner: bytes) -> bytes:
    """A right root element with its attributes around any content."""
    document = smallest()
    start = document.index(b"<nachrichtenkopf>")
    return document[:start] + inner + b"</bf:baumfaellung.antrag.0100>"


def slow() -> bytes:
    """A document whose check takes seconds: nine million letters that the pattern gives up on at the last one."""
    return changed("Erika", "E" * 9_000_000 + "☃")

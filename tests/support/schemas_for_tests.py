"""The bundled tree-felling package, ready for tests, and documents that are bad for a reader."""

from functools import cache
from typing import Final

from amtsbote.model.content import SchemaRef
from schemas.inspector import Inspector
from schemas.package import BUNDLED, LoadedPackage, load_package

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

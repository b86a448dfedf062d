"""Compiling a linked set: with libxml2, which validates messages, and with xmlschema for a second opinion.

What libxml2 refuses (content models that are not deterministic, XSD 1.1) is left to xmlschema alone, which is slow.
"""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lxml import etree

from schemas.reading import load_schema
from schemas.standards.linking import DRIVER

if TYPE_CHECKING:
    from xmlschema import XMLSchemaBase

SECOND_OPINION_BYTES: Final = 1024 * 1024
"""Larger samples are not shown to xmlschema: it needs seconds per megabyte."""


class Engine(StrEnum):
    LIBXML2 = "libxml2"
    XSD11 = "xsd11"
    """xmlschema in the mode for XSD 1.1."""


def with_libxml2(folder: Path) -> etree.XMLSchema:
    """Raises `etree.XMLSchemaParseError`."""
    return load_schema(folder / DRIVER)


def with_xmlschema(folder: Path, engine: Engine) -> "XMLSchemaBase":
    """Raises `xmlschema.XMLSchemaException`. Reads nothing outside `folder`."""
    import xmlschema  # noqa: PLC0415  (takes half a second to load, and every command would wait for it)
    from xmlschema.loaders import SafeSchemaLoader  # noqa: PLC0415

    make = xmlschema.XMLSchema11 if engine is Engine.XSD11 else xmlschema.XMLSchema10
    return make(
        str(folder / DRIVER),
        allow="sandbox",
        base_url=str(folder),
        defuse="always",
        loader_class=SafeSchemaLoader,
    )

"""The only place where XML is parsed. Untrusted bytes → a parsed document, or the reason why not, in the helper
processes; and the files of operators and publishers, with the same parser.

No DTD, no entities, no network, no decompression, bounded depth, text and number of tags.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from lxml import etree

from schemas.findings import Observation

_ENCODINGS: Final = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "LATIN1", "US-ASCII", "ASCII"})
_DOCTYPE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_TRAILING: Final = b" \t\r\n\0"
_BY_ERROR: Final[Mapping[str, str]] = {
    "ERR_DOCUMENT_EMPTY": "XML-NOT-XML",
    "ERR_DOCUMENT_START": "XML-NOT-XML",
    "ERR_TAG_NOT_FINISHED": "XML-TRUNCATED",
    "ERR_COMMENT_NOT_FINISHED": "XML-TRUNCATED",
    "ERR_CDATA_NOT_FINISHED": "XML-TRUNCATED",
    "ERR_PI_NOT_FINISHED": "XML-TRUNCATED",
    "ERR_ATTRIBUTE_NOT_FINISHED": "XML-TRUNCATED",
    "ERR_UNKNOWN_ENCODING": "XML-ENCODING",
    "ERR_UNSUPPORTED_ENCODING": "XML-ENCODING",
    "ERR_INVALID_ENCODING": "XML-ENCODING",
    "ERR_ENCODING_NAME": "XML-ENCODING",
    "I18N_CONV_FAILED": "XML-ENCODING",
    "I18N_NO_OUTPUT": "XML-ENCODING",
    "ERR_NAME_TOO_LONG": "XML-LIMIT",
    "ERR_RESOURCE_LIMIT": "XML-LIMIT",
    "ERR_ENTITY_LOOP": "XML-DOCTYPE",
}
_MISWRITTEN: Final[Mapping[str, str]] = {
    "ERR_TAG_NAME_MISMATCH": "XML-NOT-CLOSED",
    "ERR_NAME_REQUIRED": "XML-ESCAPE",
    "ERR_ENTITYREF_SEMICOL_MISSING": "XML-ESCAPE",
    "ERR_LT_IN_ATTRIBUTE": "XML-ESCAPE",
    "ERR_UNDECLARED_ENTITY": "XML-ENTITY",
    "ERR_INVALID_CHAR": "XML-CHARACTER",
    "NS_ERR_UNDEFINED_NAMESPACE": "XML-PREFIX",
    "ERR_GT_REQUIRED": "XML-TAG",
    "ERR_ATTRIBUTE_NOT_STARTED": "XML-TAG",
    "ERR_ATTRIBUTE_WITHOUT_VALUE": "XML-TAG",
    "ERR_ATTRIBUTE_REDEFINED": "XML-ATTRIBUTE-TWICE",
    "NS_ERR_ATTRIBUTE_REDEFINED": "XML-ATTRIBUTE-TWICE",
    "ERR_RESERVED_XML_NAME": "XML-DECLARATION",
    "ERR_DOCUMENT_END": "XML-AFTER-END",
}
"""What is written wrongly in a document that has an end."""


class Unreadable(Exception):
    """The bytes are not permitted XML. Stays within a helper."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code)
        self.seen = Observation(code, line=line)


def read_document(document: bytes, max_tags: int, *, large_texts: bool = False) -> etree._Element:
    """Root element of a well-formed document without DOCTYPE. Raises `Unreadable`, or `MemoryError` at the limit.

    A text, comment or attribute may have 10 MB and elements may be nested 256 deep; with `large_texts` a text ends only
    with the document, and 2,048 levels are allowed.
    """
    if not document.strip():
        raise Unreadable("XML-EMPTY")
    if document.count(b"<") > max_tags:
        raise Unreadable("XML-TOO-MANY")
    if _DOCTYPE.match(document):
        raise Unreadable("XML-DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=large_texts
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as refused:
        raise _reason(refused, parser.error_log, document) from None
    about = root.getroottree().docinfo
    if about.internalDTD is not None or about.externalDTD is not None:
        raise Unreadable("XML-DOCTYPE")
    if (about.encoding or "UTF-8").upper() not in _ENCODINGS:
        raise Unreadable("XML-ENCODING", 1)
    return root


def read_file(data: bytes, *, entities: bool = False) -> etree._Element:
    """Root element of what an operator or publisher has written: a schema, a stylesheet, a sample. Raises
    `etree.XMLSyntaxError`. `entities`: whether those the file declares itself are put in, as some schemas need it."""
    resolve: Literal["internal"] | bool = "internal" if entities else False
    return etree.fromstring(data, etree.XMLParser(resolve_entities=resolve, no_network=True, load_dtd=False))


def load_schema(file: str | Path) -> etree.XMLSchema:
    """Compile the schema file with all it refers to, from this machine alone. Raises `etree.XMLSchemaParseError`, or
    `etree.XMLSyntaxError` and `OSError` for a file that cannot be read."""
    return etree.XMLSchema(etree.parse(file, etree.XMLParser(no_network=True)))


def _reason(refused: etree.XMLSyntaxError, log: etree._ListErrorLog, document: bytes) -> Unreadable:
    """libxml2 reads on after what is miswritten, and ends with what follows from it: there the first error counts."""
    last = refused.error_log.last_error
    if last is None:
        return Unreadable("XML-SYNTAX", refused.lineno or 0)
    if last.type_name == "ERR_NO_MEMORY":
        raise MemoryError
    line = max(last.line, 0)
    if last.type_name == "ERR_RESOURCE_LIMIT" and last.message.startswith("Excessive depth"):
        return Unreadable("XML-DEPTH", line)
    if known := _BY_ERROR.get(last.type_name):
        return Unreadable(known, line)
    if last.type_name != "ERR_DOCUMENT_END" and not document.rstrip(_TRAILING).endswith(b">"):
        return Unreadable("XML-TRUNCATED", line)
    first = next(iter(log.filter_from_errors()), last)
    return Unreadable(_MISWRITTEN.get(first.type_name, "XML-SYNTAX"), max(first.line, 0))

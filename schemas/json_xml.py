"""JSON as an XML document and back, so that XSLT 1.0 can read and write it. Runs in the helper processes.

The representation of XPath and XQuery Functions and Operators 3.1, section 17.4.1, without its escapes: elements `map`,
`array`, `string`, `number`, `boolean`, `null` in one namespace; what stands in a map has a `key`. Numbers keep every
digit in both directions.
"""

import json
import re
from decimal import Decimal
from typing import Final

from lxml import etree

from amtsbote.model.strictjson import MAX_DEPTH

NAMESPACE: Final = "http://www.w3.org/2005/xpath-functions"
_PLAIN_DIGITS: Final = 30
"""Numbers of no larger power of ten are written without an exponent, which xs:decimal has not."""
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE: Final = " \t\r\n"


class NotRepresented(Exception):
    """A value that XML cannot hold, or a document that stands for no JSON. Stays within a helper."""


def to_xml(value: object) -> etree._Element:
    """What strict reading of JSON has given, as a document. Raises `NotRepresented` for a text with characters no XML
    may have: with escapes in it, a stylesheet that does not look for them would hand on another text."""
    root = etree.Element(_name(value), nsmap={None: NAMESPACE})
    _fill(root, value)
    return root


def to_json(root: etree._Element) -> bytes:
    """The JSON that the document stands for. Raises `NotRepresented` unless it is exactly such a document."""
    return _json(root, 1).encode()


def _name(value: object) -> str:
    kinds = {dict: "map", list: "array", str: "string", bool: "boolean", int: "number", Decimal: "number"}
    return f"{{{NAMESPACE}}}{kinds.get(type(value), 'null')}"


def _fill(element: etree._Element, value: object) -> None:
    if isinstance(value, dict):
        for key, member in value.items():
            _fill(etree.SubElement(element, _name(member), key=_permitted(key)), member)
    elif isinstance(value, list):
        for item in value:
            _fill(etree.SubElement(element, _name(item)), item)
    elif value is not None:
        element.text = _permitted(_scalar(value))


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and abs(value.adjusted()) <= _PLAIN_DIGITS:
        return format(value, "f")
    return str(value)


def _permitted(text: str) -> str:
    if _NOT_XML.search(text):
        raise NotRepresented
    return text


def _json(element: etree._Element, depth: int, *attributes: str) -> str:
    """`attributes`: those the element must have, and no others."""
    kind = etree.QName(element)
    if depth > MAX_DEPTH or kind.namespace != NAMESPACE or tuple(element.attrib) != attributes:
        raise NotRepresented
    match kind.localname:
        case "map":
            inner = _within(element)
            keys = [str(each.get("key")) for each in inner]
            if len(set(keys)) < len(keys):
                raise NotRepresented
            members = (f"{_quoted(key)}:{_json(each, depth + 1, 'key')}" for key, each in zip(keys, inner, strict=True))
            return f"{{{','.join(members)}}}"
        case "array":
            return f"[{','.join(_json(each, depth + 1) for each in _within(element))}]"
        case "string":
            return _quoted(_text(element))
        case "number" if _NUMBER.fullmatch(number := _text(element).strip(_SPACE)):
            return number
        case "boolean" if truth := _BOOLEANS.get(_text(element).strip(_SPACE)):
            return truth
        case "null" if not _text(element):
            return "null"
    raise NotRepresented


def _within(element: etree._Element) -> list[etree._Element]:
    """The elements in a map or an array, between which only white space and comments may stand."""
    if _own_text(element).strip(_SPACE):
        raise NotRepresented
    return list(element.iterchildren(etree.Element))


def _text(element: etree._Element) -> str:
    if next(element.iterchildren(etree.Element), None) is not None:
        raise NotRepresented
    return _own_text(element)


def _own_text(element: etree._Element) -> str:
    return "".join(filter(None, (element.text, *(child.tail for child in element))))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

"""What can be wrong with a document: stable codes, their sentences, and which error of libxml2 means which.

libxml2's own message is never kept: it quotes the document. A sentence may carry names from the schema, nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from amtsbote.errors.reasons import JSON
from amtsbote.model.schema import Expectation, Finding, Layer, Severity

NAME: Final = r"(?:[A-Za-z_][\w.-]{0,99}:)?[A-Za-z_][\w.-]{0,199}"
PATH: Final = rf"(?:/(?:{NAME}|\*)(?:\[[0-9]{{1,8}}\])?){{0,300}}(?:/@(?:{NAME}|\*))?"
POINTER: Final = rf"(?:/(?:{NAME}|\*|[0-9]{{1,8}})){{0,300}}"
"""How names and paths look, of elements, attributes and types."""


ASSERTION: Final = "assertion"
"""What a finding expects, by its number, until it is explained."""


@dataclass(frozen=True, slots=True)
class Sentence:
    de: str
    en: str


@dataclass(frozen=True, slots=True)
class Stated:
    """Which part of which rule set a finding is of. The sentence stands there; only the words in it come along."""

    rule_set: int
    check: int | None = None
    rule: int | None = None
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """A finding as a helper reports it: without sentences."""

    code: str
    path: str = ""
    line: int = 0
    type_name: str = ""
    """Of a key (`XSD-KEY`) the name of the identity constraint."""
    expected: Sequence[str] = ()
    """Names from the schema that were expected at this place."""
    severity: Severity = Severity.ERROR
    about: str = ""
    """Key of the code list it is about."""
    stated: Stated | None = None
    rule: int | None = None
    """Number of the service package's own rule it is about."""
    assertion: int | None = None
    """Number of the assertion in the schema files it is about."""
    other: int | None = None
    """Number of the other message that the document is."""
    space: str | None = None
    """Of a root in another namespace: that one, empty for none, None for one that is the sender's word alone."""
    value: str = ""
    """What stands at this place, where somebody asked for it."""


UNREADABLE: Final[Mapping[str, Sentence]] = {
    "XML-EMPTY": Sentence("Das Dokument ist leer.", "The document is empty."),
    "XML-TOO-LARGE": Sentence("Das Dokument ist zu groß.", "The document is too large."),
    "XML-TOO-MANY": Sentence("Das Dokument hat zu viele Elemente.", "The document has too many elements."),
    "XML-DEPTH": Sentence("Das Dokument ist zu tief verschachtelt.", "The document is nested too deeply."),
    "XML-LIMIT": Sentence(
        "Ein Text, ein Name oder eine Menge im Dokument überschreitet das Erlaubte.",
        "A text, a name or a number of items in the document exceeds what is allowed.",
    ),
    "XML-DOCTYPE": Sentence(
        "Das Dokument enthält eine DOCTYPE-Deklaration; sie ist nicht erlaubt.",
        "The document contains a DOCTYPE declaration, which is not allowed.",
    ),
    "XML-ENCODING": Sentence(
        "Die Zeichenkodierung ist unbekannt oder falsch angegeben; erlaubt sind UTF-8, UTF-16 und ISO-8859-1.",
        "The character encoding is unknown or wrongly declared; UTF-8, UTF-16 and ISO-8859-1 are allowed.",
    ),
    "XML-NOT-XML": Sentence("Das Dokument ist kein XML.", "The document is not XML."),
    "XML-TRUNCATED": Sentence("Das Dokument endet mitten im Text.", "The document ends in the middle."),
    "XML-NOT-CLOSED": Sentence(
        "Ein Element ist nicht geschlossen: Anfang und Ende tragen verschiedene Namen.",
        "An element is not closed: its start and its end have different names.",
    ),
    "XML-ESCAPE": Sentence(
        "Im Text steht ein & oder < für sich; in XML muss dort &amp; oder &lt; stehen.",
        "A & or < stands in the text by itself; in XML it must be written &amp; or &lt;.",
    ),
    "XML-ENTITY": Sentence(
        "Zwischen & und ; steht ein Name, den XML nicht kennt; erlaubt sind nur &amp;, &lt;, &gt;, &quot; und &apos;.",
        "Between & and ; stands a name XML does not know; only &amp;, &lt;, &gt;, &quot; and &apos; are allowed.",
    ),
    "XML-CHARACTER": Sentence(
        "Das Dokument enthält ein Zeichen, das in XML nicht erlaubt ist, etwa ein Steuerzeichen.",
        "The document contains a character that is not allowed in XML, such as a control character.",
    ),
    "XML-PREFIX": Sentence(
        "Vor einem Namen steht ein Präfix, zu dem kein Namensraum angegeben ist (xmlns:…).",
        "A name has a prefix no namespace is declared for (xmlns:…).",
    ),
    "XML-TAG": Sentence(
        'Ein Tag ist falsch geschrieben: Nach dem Namen dürfen nur Attribute der Form name="wert" stehen.',
        'A tag is miswritten: only attributes of the form name="value" may follow its name.',
    ),
    "XML-ATTRIBUTE-TWICE": Sentence(
        "Ein Attribut steht an einem Element zweimal.", "An element has an attribute twice."
    ),
    "XML-DECLARATION": Sentence(
        "Die XML-Deklaration (<?xml …?>) steht nicht ganz am Anfang des Dokuments.",
        "The XML declaration (<?xml …?>) is not at the very start of the document.",
    ),
    "XML-AFTER-END": Sentence(
        "Nach dem Ende des Wurzelelements steht noch etwas.", "Something follows the end of the root element."
    ),
    "XML-SYNTAX": Sentence("Das Dokument ist kein wohlgeformtes XML.", "The document is not well-formed XML."),
}
"""The document could not be read as permitted XML."""

UNREADABLE_JSON: Final[Mapping[str, Sentence]] = {
    "JSON-EMPTY": Sentence("Das Dokument ist leer.", "The document is empty."),
    **{f"JSON-{reason.upper()}": Sentence(*said) for reason, said in JSON.items() if reason != "not-an-object"},
}
"""The document could not be read as strict JSON."""

AGAINST_SCHEMA: Final[Mapping[str, Sentence]] = {
    "DOC-ROOT": Sentence(
        "Das Wurzelelement ist nicht das, welches das angegebene Schema verlangt.",
        "The root element is not the one the declared schema demands.",
    ),
    "DOC-OTHER": Sentence(
        "Das Dokument ist nicht die Nachricht, als die es angegeben ist, oder nicht in dieser Version.",
        "The document is not the message it is declared to be, or not in this version.",
    ),
    "DOC-NAMESPACE": Sentence(
        "Das Wurzelelement heißt wie verlangt, steht aber in einem anderen Namensraum.",
        "The root element is called as demanded, and is in another namespace.",
    ),
    "DOC-VERSION": Sentence(
        "Die Nachricht ist bekannt, aber nicht in dieser Version oder nicht mit diesem Inhalt.",
        "The message is known, but not in this version, or not with this content.",
    ),
    "XSD-UNEXPECTED": Sentence("Dieses Element wird hier nicht erwartet.", "This element is not expected here."),
    "XSD-MISSING": Sentence("In diesem Element fehlt ein Element.", "An element is missing in this element."),
    "XSD-UNKNOWN": Sentence("Dieses Element ist nicht bekannt.", "This element is not known."),
    "XSD-EMPTY": Sentence("Dieses Element muss leer sein.", "This element must be empty."),
    "XSD-NO-TEXT": Sentence(
        "In diesem Element ist nur Text oder sind nur Elemente erlaubt, nicht das Gefundene.",
        "This element may hold either text or elements only, and not what was found.",
    ),
    "XSD-ATTRIBUTE-MISSING": Sentence("Ein Pflichtattribut fehlt.", "A required attribute is missing."),
    "XSD-ATTRIBUTE-UNKNOWN": Sentence("Dieses Attribut ist nicht erlaubt.", "This attribute is not allowed."),
    "XSD-FIXED": Sentence("Hier ist nur der feste Wert erlaubt.", "Only the fixed value is allowed here."),
    "XSD-TYPE": Sentence("Der Wert hat nicht die verlangte Form.", "The value does not have the required form."),
    "XSD-PATTERN": Sentence(
        "Der Wert entspricht nicht dem verlangten Muster.", "The value does not match the required pattern."
    ),
    "XSD-ENUMERATION": Sentence(
        "Der Wert gehört nicht zu den erlaubten Werten.", "The value is not one of the allowed values."
    ),
    "XSD-LENGTH": Sentence("Der Wert ist zu kurz, zu lang oder leer.", "The value is too short, too long or empty."),
    "XSD-RANGE": Sentence("Der Wert ist zu klein oder zu groß.", "The value is too small or too large."),
    "XSD-DIGITS": Sentence("Der Wert hat zu viele Stellen.", "The value has too many digits."),
    "XSD-KEY": Sentence(
        "Ein Schlüssel kommt doppelt vor, fehlt oder verweist auf nichts.",
        "A key occurs twice, is missing or refers to nothing.",
    ),
    "XSD-ASSERT": Sentence("Eine Bedingung des Schemas ist nicht erfüllt.", "A condition of the schema is not met."),
    "XSD-NIL": Sentence("Der Gebrauch von xsi:nil ist hier falsch.", "The use of xsi:nil is wrong here."),
    "XSD-XSI-TYPE": Sentence(
        "Der Typ in xsi:type ist hier nicht erlaubt.", "The type in xsi:type is not allowed here."
    ),
    "XSD-LIMIT": Sentence(
        "Der Inhalt überschreitet, was geprüft werden kann.", "The content exceeds what can be checked."
    ),
    "XSD-OTHER": Sentence("Das Dokument verletzt eine Regel des Schemas.", "The document breaks a rule of the schema."),
}

AGAINST_JSON_SCHEMA: Final[Mapping[str, Sentence]] = {
    "JSON-TYPE": Sentence("Der Wert ist nicht von der verlangten Art.", "The value is not of the required type."),
    "JSON-REQUIRED": Sentence("Hier fehlt eine Pflichtangabe.", "A required member is missing here."),
    "JSON-ADDITIONAL": Sentence("Diese Angabe ist hier nicht erlaubt.", "This member is not allowed here."),
    "JSON-ENUM": Sentence("Der Wert gehört nicht zu den erlaubten Werten.", "The value is not one of those allowed."),
    "JSON-CONST": Sentence("Hier ist nur der feste Wert erlaubt.", "Only the fixed value is allowed here."),
    "JSON-PATTERN": Sentence(
        "Der Wert entspricht nicht dem verlangten Muster.", "The value does not match the required pattern."
    ),
    "JSON-FORMAT": Sentence(
        "Der Wert hat nicht die verlangte Form, etwa die eines Datums oder einer E-Mail-Adresse.",
        "The value does not have the required form, such as that of a date or an e-mail address.",
    ),
    "JSON-LENGTH": Sentence("Der Wert ist zu kurz, zu lang oder leer.", "The value is too short, too long or empty."),
    "JSON-RANGE": Sentence("Der Wert ist zu klein oder zu groß.", "The value is too small or too large."),
    "JSON-MULTIPLE": Sentence(
        "Der Wert ist kein Vielfaches der verlangten Schrittweite.",
        "The value is not a multiple of the required step.",
    ),
    "JSON-COUNT": Sentence("Es sind zu wenige oder zu viele Einträge.", "There are too few or too many entries."),
    "JSON-UNIQUE": Sentence("Ein Eintrag der Liste kommt doppelt vor.", "An item of the list occurs twice."),
    "JSON-CHOICE": Sentence(
        "Die Angaben entsprechen keiner der erlaubten Alternativen, oder mehr als einer.",
        "What is given is none of the allowed alternatives, or more than one.",
    ),
    "JSON-OTHER": AGAINST_SCHEMA["XSD-OTHER"],
    "JSON-VALUE": Sentence(
        "Diese Angabe fehlt, ist nicht erlaubt oder hat nicht die verlangte Form.",
        "This member is missing, is not allowed or does not have the required form.",
    ),
}

AGAINST_REFERENCES: Final[Mapping[str, Sentence]] = {
    "REF-DUPLICATE": Sentence(
        "Diese Kennung (xs:ID) kommt im Dokument schon einmal vor; jede darf es nur einmal geben.",
        "This identity (xs:ID) occurs in the document before; each may occur once only.",
    ),
    "REF-MISSING": Sentence(
        "Dieser Verweis (xs:IDREF) führt zu keiner Kennung (xs:ID) im Dokument.",
        "This reference (xs:IDREF) leads to no identity (xs:ID) in the document.",
    ),
}

AGAINST_CODE_LISTS: Final[Mapping[str, Sentence]] = {
    "LIST-KEY": Sentence("Der Schlüssel steht nicht in der Codeliste.", "The key is not in the code list."),
    "LIST-UNKNOWN": Sentence(
        "Die Codeliste liegt hier nicht vor; ihre Schlüssel sind nicht geprüft.",
        "The code list is not here; its keys are not checked.",
    ),
    "LIST-VERSION-UNKNOWN": Sentence(
        "Die Codeliste liegt hier nicht in der angegebenen Version vor; ihre Schlüssel sind nicht geprüft.",
        "The code list is not here in the version that is stated; its keys are not checked.",
    ),
    "LIST-UNSTATED": Sentence(
        "Weder Dokument noch Schema sagen, aus welcher Codeliste der Schlüssel ist; er ist nicht geprüft.",
        "Neither document nor schema say which code list the key is from; it is not checked.",
    ),
}

_ABOUT_AN_ATTRIBUTE: Final[Mapping[str, Sentence]] = {
    "XSD-ATTRIBUTE-MISSING": Sentence(
        "Das Pflichtattribut „{name}“ fehlt.", "The required attribute “{name}” is missing."
    ),
    "XSD-ATTRIBUTE-UNKNOWN": Sentence(
        "Das Attribut „{name}“ ist hier nicht erlaubt.", "The attribute “{name}” is not allowed here."
    ),
}
ABOUT_A_LIST: Final[Mapping[str, Sentence]] = {
    "LIST-KEY": Sentence(
        "Der Schlüssel steht nicht in der Codeliste {list}.", "The key is not in the code list {list}."
    ),
    "LIST-UNKNOWN": Sentence(
        "Die Codeliste {list} liegt hier nicht vor; ihre Schlüssel sind nicht geprüft.",
        "The code list {list} is not here; its keys are not checked.",
    ),
    "LIST-VERSION-UNKNOWN": Sentence(
        "Die Codeliste {list} liegt hier nicht in der angegebenen Version vor; ihre Schlüssel sind nicht geprüft.",
        "The code list {list} is not here in the version that is stated; its keys are not checked.",
    ),
}
"""The same where the list is one that we or the schema know."""

SILENT: Final = "SCH-NEVER-FIRED"
"""Told by helpers, and to nobody as a finding: rule sets need not cover each message of their standard. See
`schemas.schematron.silence`."""

AGAINST_RULES: Final[Mapping[str, Sentence]] = {
    "SCH-ASSERT": Sentence("Eine Regel des Standards ist nicht erfüllt.", "A rule of the standard is not met."),
    "SCH-REPORT": Sentence("Eine Regel des Standards hat etwas gemeldet.", "A rule of the standard reports something."),
    "SCH-ERROR": Sentence(
        "Eine Regel des Standards ließ sich auf dieses Dokument nicht anwenden.",
        "A rule of the standard could not be applied to this document.",
    ),
    SILENT: Sentence(
        "Keine Regel dieses Regelsatzes betraf das Dokument: Er hat nichts geprüft.",
        "No rule of this rule set met the document: it has checked nothing.",
    ),
}

AGAINST_PACKAGE_RULES: Final[Mapping[str, Sentence]] = {
    "PKG-RULE": Sentence(
        "Eine Regel des Leistungspakets ist nicht erfüllt.", "A rule of the service package is not met."
    ),
    "PKG-ERROR": Sentence(
        "Eine Regel des Leistungspakets ließ sich auf dieses Dokument nicht anwenden.",
        "A rule of the service package could not be applied to this document.",
    ),
}

_BY_LAYER: Final[Mapping[Layer, Mapping[str, Sentence]]] = {
    Layer.WELL_FORMED: {**UNREADABLE, **UNREADABLE_JSON},
    Layer.XSD: AGAINST_SCHEMA,
    Layer.REFERENCES: AGAINST_REFERENCES,
    Layer.CODE_LISTS: AGAINST_CODE_LISTS,
    Layer.JSON_SCHEMA: AGAINST_JSON_SCHEMA,
    Layer.SCHEMATRON: AGAINST_RULES,
    Layer.PACKAGE_RULES: AGAINST_PACKAGE_RULES,
}
_LAYERS: Final = {code: layer for layer, sentences in _BY_LAYER.items() for code in sentences}
SENTENCES: Final = {code: said for sentences in _BY_LAYER.values() for code, said in sentences.items()}

_PREFIX: Final = "SCHEMAV_"
_BY_TYPE: Final[Mapping[str, str]] = {
    "ELEMENT_CONTENT": "XSD-UNEXPECTED",
    "CVC_COMPLEX_TYPE_2_1": "XSD-EMPTY",
    "CVC_COMPLEX_TYPE_2_2": "XSD-NO-TEXT",
    "CVC_COMPLEX_TYPE_2_3": "XSD-NO-TEXT",
    "CVC_COMPLEX_TYPE_2_4": "XSD-UNEXPECTED",
    "CVC_TYPE_3_1_1": "XSD-ATTRIBUTE-UNKNOWN",
    "CVC_TYPE_3_1_2": "XSD-NO-TEXT",
    "CVC_ELT_1": "XSD-UNKNOWN",
    "CVC_WILDCARD": "XSD-UNKNOWN",
    "CVC_COMPLEX_TYPE_3_1": "XSD-ATTRIBUTE-UNKNOWN",
    "CVC_COMPLEX_TYPE_3_2_1": "XSD-ATTRIBUTE-UNKNOWN",
    "CVC_COMPLEX_TYPE_3_2_2": "XSD-ATTRIBUTE-UNKNOWN",
    "CVC_COMPLEX_TYPE_4": "XSD-ATTRIBUTE-MISSING",
    "CVC_ATTRIBUTE_4": "XSD-FIXED",
    "CVC_AU": "XSD-FIXED",
    "CVC_ELT_5_2_2_1": "XSD-FIXED",
    "CVC_ELT_5_2_2_2_1": "XSD-FIXED",
    "CVC_ELT_5_2_2_2_2": "XSD-FIXED",
    "CVC_ATTRIBUTE_3": "XSD-TYPE",
    "CVC_DATATYPE_VALID_1_2_1": "XSD-TYPE",
    "CVC_DATATYPE_VALID_1_2_2": "XSD-TYPE",
    "CVC_DATATYPE_VALID_1_2_3": "XSD-TYPE",
    "CVC_PATTERN_VALID": "XSD-PATTERN",
    "CVC_ENUMERATION_VALID": "XSD-ENUMERATION",
    "CVC_LENGTH_VALID": "XSD-LENGTH",
    "CVC_MINLENGTH_VALID": "XSD-LENGTH",
    "CVC_MAXLENGTH_VALID": "XSD-LENGTH",
    "CVC_MININCLUSIVE_VALID": "XSD-RANGE",
    "CVC_MAXINCLUSIVE_VALID": "XSD-RANGE",
    "CVC_MINEXCLUSIVE_VALID": "XSD-RANGE",
    "CVC_MAXEXCLUSIVE_VALID": "XSD-RANGE",
    "CVC_TOTALDIGITS_VALID": "XSD-DIGITS",
    "CVC_FRACTIONDIGITS_VALID": "XSD-DIGITS",
    "CVC_IDC": "XSD-KEY",
    "INTERNAL": "XSD-LIMIT",
    "CVC_ELT_3_1": "XSD-NIL",
    "CVC_ELT_3_2_1": "XSD-NIL",
    "CVC_ELT_3_2_2": "XSD-NIL",
    "CVC_ELT_4_1": "XSD-XSI-TYPE",
    "CVC_ELT_4_2": "XSD-XSI-TYPE",
    "CVC_ELT_4_3": "XSD-XSI-TYPE",
}


def code_of(error_type: str) -> str:
    """Our code for the name of a libxml2 error type, e.g. `SCHEMAV_CVC_PATTERN_VALID`."""
    return _BY_TYPE.get(error_type.removeprefix(_PREFIX), "XSD-OTHER")


def layer_of(code: str) -> Layer:
    """The layer whose check makes findings of this code."""
    return _LAYERS[code]


def _named(code: str, title: str, version: str) -> tuple[str, str]:
    said = ABOUT_A_LIST[code]
    de = f"„{title}“ in der Version {version}" if version else f"„{title}“"
    en = f"“{title}” in version {version}" if version else f"“{title}”"
    return said.de.format(list=de), said.en.format(list=en)


def _of_attribute(seen: Observation) -> Sentence | None:
    """The sentence that names the attribute, where the schema knows it."""
    name = seen.path.rpartition("/@")[2]
    if name == seen.path or name == "*" or seen.code not in _ABOUT_AN_ATTRIBUTE:
        return None
    said = _ABOUT_AN_ATTRIBUTE[seen.code]
    return Sentence(said.de.format(name=name), said.en.format(name=name))


def finding_of(seen: Observation, about: tuple[str, str] | None = None) -> Finding:
    """The observation with its sentences. `about`: title and version of the code list."""
    sentence = _of_attribute(seen) or SENTENCES[seen.code]
    de, en = sentence.de, sentence.en
    expected = (Expectation("elements", tuple(seen.expected)),) if seen.expected else ()
    if seen.assertion is not None:
        expected = (Expectation(ASSERTION, (str(seen.assertion),)),)
    if seen.expected:
        names = ", ".join(seen.expected)
        de, en = f"{de} Erwartet wird: {names}.", f"{en} Expected: {names}."
    if about is not None:
        de, en = _named(seen.code, *about)
    return Finding(
        seen.code, layer_of(seen.code), seen.severity, de, en, seen.path, seen.line, seen.type_name, expected=expected
    )

"""What is said of a root element that is called like a known one, and is in another namespace or of another version."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from amtsbote.errors import Language
from amtsbote.model.schema import Finding
from schemas.explaining.sentences import where
from schemas.explaining.voice import Voice
from schemas.findings import Observation, finding_of
from schemas.plan import Scenario, SchemaPlan

NAMESPACE: Final = "DOC-NAMESPACE"
VERSION: Final = "DOC-VERSION"
_EXPECTED: Final = (
    "Das Wurzelelement {own} steht {there}; das Schema erwartet es {wanted}.",
    "The root element {own} is {there}; the schema expects it {wanted}.",
)
_KNOWN: Final = (
    "Das Wurzelelement {own} steht {there}. Bekannt ist es {wanted}.",
    "The root element {own} is {there}. It is known {wanted}.",
)
_NOT_SO: Final = (
    (
        "Die Nachricht {own} ist bekannt, aber nicht in der Version, die das Dokument nennt, oder nicht mit diesem "
        "Inhalt. Bekannt ist: {standards}."
    ),
    (
        "The message {own} is known, but not in the version that the document names, or not with this content. "
        "Known: {standards}."
    ),
)
_VERSION: Final = ("{standard} in der Version {versions}", "{standard} in version {versions}")
_VERSIONS: Final = ("{standard} in den Versionen {versions}", "{standard} in versions {versions}")


def elsewhere(found: Finding, plan: SchemaPlan, space: str | None) -> Finding:
    """The finding that the root is in another namespace than in the schema. `space`: that one, empty for none, None for
    one that is the sender's word alone."""

    def told(language: Language) -> str:
        say = Voice(language)
        name = etree.QName(plan.root)
        there, wanted = where(say, space), where(say, name.namespace or "")
        return say(_EXPECTED, own=say.quoted(name.localname), there=there, wanted=wanted)

    return replace(found, de=told("de"), en=told("en"))


def unfit(near: Sequence[Scenario], space: str | None) -> Finding | None:
    """Why a document is none of the messages that are called like it; None where there are none. `space`: as above."""
    if not near:
        return None
    same = [each for each in near if each.space == space]
    found = finding_of(Observation(VERSION if same else NAMESPACE, "/*"))
    own = etree.QName(near[0].root).localname

    def told(language: Language) -> str:
        say = Voice(language)
        if same:
            return say(_NOT_SO, own=say.quoted(own), standards=_standards(say, same))
        wanted = say.either([_known_in(say, each, near) for each in dict.fromkeys(each.space for each in near)])
        return say(_KNOWN, own=say.quoted(own), there=where(say, space), wanted=wanted)

    return replace(found, de=told("de"), en=told("en"))


def _known_in(say: Voice, space: str, near: Sequence[Scenario]) -> str:
    standards = _standards(say, [each for each in near if each.space == space])
    return f"{where(say, space)} ({standards})"


def _standards(say: Voice, known: Sequence[Scenario]) -> str:
    """E.g. `urn:xoev-de:bmk:standard:xbau in den Versionen 2.5 und 2.6`."""
    versions: dict[str, list[str]] = defaultdict(list)
    for each in known:
        standard, _, version = each.uri.partition("#")[0].rpartition("_")
        versions[standard].append(version)
    return "; ".join(
        say(_VERSION if len(each) == 1 else _VERSIONS, standard=standard, versions=say.listed(each))
        for standard, each in versions.items()
    )

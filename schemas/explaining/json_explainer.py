"""Findings in a JSON document, explained."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from amtsbote.errors import Language
from amtsbote.model.schema import Finding
from schemas.explaining.characters import is_row
from schemas.explaining.field import Form
from schemas.explaining.insight import Asked, Insight, Lack
from schemas.explaining.json_fields import JsonFields
from schemas.explaining.json_sentences import of_choice, of_conditions, of_not
from schemas.explaining.json_ways import Way
from schemas.explaining.sentences import required
from schemas.explaining.values import elements, of_value, saying
from schemas.findings import Observation, finding_of
from schemas.plan import SchemaPlan

_REQUIRED: Final = "JSON-REQUIRED"
_NO_WAY: Final = Way()
_NOTHING: Final = Insight()


class JsonExplainer:
    """Of one schema. Raises `Misconfigured` when it is none."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._fields = JsonFields(plan)

    def asked(self, finding: Finding) -> Asked | None:
        chosen = finding.code == "JSON-CHOICE"
        patterns = self._fields.at(finding.path).facts.get("pattern", ()) if finding.code == "JSON-PATTERN" else ()
        wanted = chosen or is_row(patterns) or self._fields.conditional
        return Asked(finding.code, finding.path) if wanted else None

    def explained(self, finding: Finding, insight: Insight | None = None) -> Finding:
        insight = insight or Insight()
        way = self._way(insight.keywords, finding)
        found = self._told(finding, way, insight)
        if finding.code == "JSON-CHOICE":
            found = self._of_choice(found, insight, way)
        return saying(found, lambda said, language: f"{said} {of_conditions(way, language)}".rstrip())

    def _way(self, keywords: Sequence[str], finding: Finding) -> Way:
        return self._fields.way(keywords, finding.path, elements(finding)) or _NO_WAY

    def _told(self, finding: Finding, way: Way, insight: Insight = _NOTHING) -> Finding:
        if finding.code == _REQUIRED and finding.expected:
            return self._of_members(finding)
        field = self._fields.at(finding.path)
        return of_value(finding, replace(field, form=Form(way.facts)) if way.facts else field, insight)

    def _of_members(self, finding: Finding) -> Finding:
        fields = [self._fields.member(finding.path, name) for name in elements(finding)]
        members = [each for each in fields if each.element]
        field = members[0].name if len(members) == 1 else self._fields.at(finding.path).name
        return saying(replace(finding, field=field), lambda said, lang: required(members, lang) if members else said)

    def _of_choice(self, finding: Finding, insight: Insight, way: Way) -> Finding:
        if insight.keywords and insight.keywords[-1] == "not":
            return saying(finding, lambda _, language: of_not(language))
        choice = way.choice
        if choice is None:
            return finding
        lacks = [self._lack(each) for each in insight.lacks]

        def sentence(_: str, language: Language) -> str:
            told = of_choice(choice, insight.several, insight.nearest, language)
            return " ".join(dict.fromkeys((told, *(_said(each, language) for each in lacks))))

        return saying(finding, sentence)

    def _lack(self, lack: Lack) -> Finding:
        finding = finding_of(Observation(lack.code, lack.path, expected=lack.expected))
        return self._told(finding, self._way(lack.keywords, finding))


def _said(finding: Finding, language: Language) -> str:
    said = finding.de if language == "de" else finding.en
    named = finding.field and finding.code != _REQUIRED  # that one names it itself
    return f"{finding.field}: {said}" if named else said

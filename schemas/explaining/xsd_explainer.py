"""Findings in an XML document, explained."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from amtsbote.model.schema import Expectation, Finding
from schemas.explaining.characters import is_row
from schemas.explaining.field import Field, Form
from schemas.explaining.insight import Asked, Insight
from schemas.explaining.sentences import Fault, incomplete, not_met, of_key, unexpected, wrong_content
from schemas.explaining.values import elements, of_value, saying
from schemas.explaining.xsd_fields import XsdFields
from schemas.findings import ASSERTION
from schemas.plan import SchemaPlan

_OF_CONTENT: Final = {"XSD-UNEXPECTED": unexpected, "XSD-MISSING": incomplete}
"""What one sentence says as a whole; what libxml2 expected is in it."""
_OF_LISTS: Final = frozenset({"XSD-TYPE", "XSD-PATTERN", "XSD-ENUMERATION", *("XSD-LENGTH", "XSD-RANGE", "XSD-DIGITS")})


class XsdExplainer:
    """Of one schema. Raises `Misconfigured` when its files cannot be read."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._fields = XsdFields(plan)
        self._quotes = plan.quotes

    def asked(self, finding: Finding) -> Asked | None:
        """What a second look is asked about it; None where it would tell nothing."""
        if finding.code == "XSD-KEY":
            return Asked(finding.code, finding.path, finding.type_name)
        if finding.code in _OF_CONTENT:
            return Asked(finding.code, finding.path)
        form = self._fields.at(finding.path).form if finding.code in _OF_LISTS else Form()
        of_characters = finding.code == "XSD-PATTERN" and is_row(form.facts.get("pattern", ()))
        return Asked(finding.code, finding.path) if form.item is not None or of_characters else None

    def explained(self, finding: Finding, insight: Insight | None = None) -> Finding:
        if finding.code in _OF_CONTENT:
            return self._of_content(finding, insight or Insight())
        if finding.code == "XSD-KEY":
            return self._of_key(finding, insight)
        if finding.code == "XSD-NO-TEXT":
            own = self._fields.at(finding.path)
            found = replace(finding, field=own.name)
            return saying(found, lambda said, language: wrong_content(own, language) if own.element else said)
        told = self._of_condition(finding) if finding.code == "XSD-ASSERT" else finding
        return of_value(told, self._fields.at(finding.path), insight or Insight())

    def _of_condition(self, finding: Finding) -> Finding:
        """Which one it is stands in it by its number, and afterwards as it is."""
        number = next(
            (int(value) for each in finding.expected if each.what == ASSERTION for value in each.values), None
        )
        condition = None if number is None else self._fields.condition(number)
        if condition is None:
            return replace(finding, expected=())
        found = replace(finding, expected=(Expectation("assert", (condition.test,)),))
        return saying(found, lambda said, language: not_met(condition, said, language))

    def _of_content(self, finding: Finding, insight: Insight) -> Finding:
        missing = finding.code == "XSD-MISSING"
        above = finding.path if missing else finding.path.rpartition("/")[0]
        insight = self._believed(above, insight)
        fault = Fault(
            own=self._own(finding.path),
            possible=self._below(above, elements(finding)),
            missing=self._below(above, insight.missing),
            rivals=self._below(above, insight.rivals),
            before=self._fields.itself(f"{above}/{insight.before}") if insight.before else None,
            behind=self._below(above, insight.behind),
            meant=self._fields.itself(f"{above}/{insight.meant}") if insight.meant else None,
            namespace=self._fields.namespace(f"{above}/{insight.meant}") if insight.meant else "",
            insight=insight,
        )
        own_fault = not missing and any((insight.most, insight.rivals, insight.before, insight.behind, insight.meant))
        awaited = () if own_fault else tuple(insight.missing) or elements(finding)
        alone = len(awaited) == 1 and (missing or fault.missing or not fault.own.name)
        named = insight.meant or (awaited[0] if alone else "")
        field = self._fields.at(f"{above}/{named}" if named else finding.path).name
        expected = (*finding.expected, *of_insight(insight))
        tell = _OF_CONTENT[finding.code]
        return saying(replace(finding, field=field, expected=expected), lambda _, language: tell(fault, language))

    def _of_key(self, finding: Finding, insight: Insight | None) -> Finding:
        key = self._fields.key(finding.type_name)
        field = self._fields.at(finding.path).name
        value = insight.value if insight is not None and self._quotes else ""
        other = insight.other if insight is not None else ""
        found = replace(finding, field=field, other_path=other, value=value or finding.value)
        if key is None:
            return found
        fields = Expectation("fields", tuple(each.element for each in key.fields))
        return saying(
            replace(found, expected=(*finding.expected, fields)),
            lambda said, language: of_key(key, insight, language) or said,
        )

    def _own(self, path: str) -> Field:
        """Also of one that the schema has, but not there."""
        found, name = self._fields.itself(path), path.rpartition("/")[2].partition("[")[0]
        return found if found.element or name == "*" else Field(element=name.rpartition(":")[2])

    def _believed(self, path: str, insight: Insight) -> Insight:
        """With the names that the schema has at this place, and no others."""

        def known(*names: str) -> tuple[str, ...]:
            return tuple(name for name in names if name and self._fields.itself(f"{path}/{name}").element)

        return replace(
            insight,
            missing=known(*insight.missing),
            behind=known(*insight.behind),
            rivals=known(*insight.rivals),
            before="".join(known(insight.before)),
            meant="".join(known(insight.meant)),
        )

    def _below(self, path: str, names: Sequence[str]) -> Sequence[Field]:
        """Those that the schema has at this place; of others nothing is said."""
        fields = (self._fields.itself(f"{path}/{name}") for name in names)
        return tuple(each for each in fields if each.element)


def of_insight(insight: Insight) -> Iterator[Expectation]:
    """For programs, as the schema calls it where it has a word."""
    facts = (
        ("required", tuple(insight.missing)),
        ("minOccurs", (str(insight.least),) if insight.least > 1 else ()),
        ("maxOccurs", (str(insight.most),) if insight.most else ()),
        ("before", (insight.before,) if insight.before else ()),
        ("after", tuple(insight.behind)),
        ("choice", tuple(insight.rivals)),
    )
    return (Expectation(what, values) for what, values in facts if values)

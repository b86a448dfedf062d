"""Small rule sets of our own, and what they find."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lxml import etree

from schemas.schematron.engine import Engine, Find, Outcome
from schemas.schematron.loading import load_rule_set
from schemas.schematron.ruleset import RuleSet


def schema(*content: str, binding: str = "xslt2", attributes: str = "") -> str:
    """A Schematron schema with these children, its names without a prefix."""
    return (
        f"<schema xmlns='http://purl.oclc.org/dsdl/schematron' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'"
        f" queryBinding='{binding}' {attributes}>{''.join(content)}</schema>"
    )


def pattern(*rules: str, attributes: str = "") -> str:
    return f"<pattern {attributes}>{''.join(rules)}</pattern>"


def rule(context: str, *steps: str, attributes: str = "") -> str:
    return f'<rule context="{context}" {attributes}>{"".join(steps)}</rule>'


def assertion(name: str, test: str, text: str = "Nein.", attributes: str = "") -> str:
    return f'<assert id="{name}" test="{test}" {attributes}>{text}</assert>'


def report(name: str, test: str, text: str = "Ja.", attributes: str = "") -> str:
    return f'<report id="{name}" test="{test}" {attributes}>{text}</report>'


class Written:
    """A rule set in a folder."""

    def __init__(self, folder: Path, text: str, *, quoting: bool = False) -> None:
        (folder / "regeln.sch").write_text(text, "utf-8")
        self.rules: RuleSet = replace(load_rule_set(folder, "regeln.sch"), quoting=quoting)

    def run(self, document: str | etree._Element) -> Outcome:
        root = etree.fromstring(document) if isinstance(document, str) else document
        (outcome,) = Engine([self.rules]).run(root)
        return outcome

    def name(self, find: Find) -> str:
        if find.check is not None:
            return self.rules.checks[find.check].id
        return "?" if find.rule is None else f"?{self.rules.rules[find.rule]}"

    def found(self, document: str) -> Sequence[tuple[str, str]]:
        """Id and place of each find."""
        return [(self.name(find), _place(find)) for find in self.run(document).finds]

    def said(self, document: str) -> Sequence[str]:
        """What each find says."""
        finds = [find for find in self.run(document).finds if find.check is not None]
        return [self.rules.checks[find.check or 0].message(find.words) for find in finds]


def _place(find: Find) -> str:
    path = find.element.getroottree().getpath(find.element)
    return f"{path}/@{find.attribute}" if find.attribute else path

"""A tree of Schematron → what it says. What is not understood is refused, never passed over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured
from schemas.schematron.expressions import Substitution, substituted
from schemas.schematron.messages import message_of
from schemas.schematron.model import Check, Let, Pattern, Rule, Schema, severity_of
from schemas.schematron.source import SCH, Source, refused
from schemas.schematron.vetting import DECLARATIONS, SILENT, XSL, vet

_XS: Final = "http://www.w3.org/2001/XMLSchema"
_XPATH_1: Final = frozenset({"xslt", "xslt1", "xpath"})
_XPATH_2: Final = frozenset({"xslt2", "xslt3", "xpath2", "xpath3", "xpath31"})
_ALL: Final = "#ALL"


def read_rules(source: Source) -> Schema:
    """The rule set in the phase it names itself, else with all its patterns. Raises `Misconfigured`."""
    vet(source)
    return _Reader(source).schema()


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source

    def schema(self) -> Schema:
        root = self.source.root
        chosen = root.get("defaultPhase", _ALL)
        lets, patterns = self._active(_ALL if chosen == "#DEFAULT" else chosen)
        return Schema(
            compatible=self._compatible(),
            namespaces=self._namespaces(),
            lets=(*map(self._let, root.iterchildren(f"{SCH}let")), *lets),
            declarations=tuple(root.iterchildren(*(XSL + name for name in DECLARATIONS))),
            patterns=tuple(map(self._pattern, patterns)),
        )

    def _refused(self, node: etree._Element, en: str, de: str) -> Misconfigured:
        return refused(self.source.where(node), en, de)

    def _needed(self, node: etree._Element, attribute: str) -> str:
        value = node.get(attribute)
        if value is None:
            name = etree.QName(node).localname
            raise self._refused(node, f"{name} without {attribute}", f"{name} ohne {attribute}")
        return value

    def _unknown(self, node: etree._Element) -> Misconfigured:
        name = etree.QName(node).localname
        return self._refused(node, f"{name} is not supported here", f"{name} wird hier nicht unterstützt")

    def _compatible(self) -> bool:
        binding = self.source.root.get("queryBinding", "xslt").strip().lower()
        if binding not in _XPATH_1 | _XPATH_2:
            raise self._refused(
                self.source.root,
                f"the query binding {binding} is not supported",
                f"die Abfragesprache {binding} (queryBinding) wird nicht unterstützt",
            )
        return binding in _XPATH_1

    def _namespaces(self) -> dict[str, str]:
        """As `sch:ns` declares them. A prefix it leaves out means what it means in the file, and `xs` is known without:
        published rule sets rely on the implementations that do so."""
        declared: dict[str, str] = {}
        for node in self.source.root.iterchildren(f"{SCH}ns"):
            prefix, uri = self._needed(node, "prefix"), self._needed(node, "uri")
            if declared.setdefault(prefix, uri) != uri or (prefix == "xsl" and f"{{{uri}}}" != XSL):
                raise self._refused(
                    node, f"the prefix {prefix} has two meanings", f"das Präfix {prefix} hat zwei Bedeutungen"
                )
        return {"xs": _XS, **{prefix: uri for prefix, uri in self.source.root.nsmap.items() if prefix}, **declared}

    def _active(self, phase: str) -> tuple[list[Let], list[etree._Element]]:
        """What a phase declares, and its patterns."""
        root = self.source.root
        known = (f"{SCH}ns", f"{SCH}let", f"{SCH}phase", f"{SCH}pattern", f"{SCH}rules")
        for node in root.iterchildren(etree.Element):
            if str(node.tag).startswith(SCH) and node.tag not in known and node.tag not in SILENT:
                raise self._unknown(node)
        patterns = [each for each in root.iterchildren(f"{SCH}pattern") if each.get("abstract") != "true"]
        if phase == _ALL:
            return [], patterns
        chosen = next((each for each in root.iterchildren(f"{SCH}phase") if each.get("id") == phase), None)
        if chosen is None:
            raise self._refused(root, f"there is no phase {phase}", f"es gibt keine Phase {phase}")
        names = {self._needed(each, "pattern"): each for each in chosen.iterchildren(f"{SCH}active")}
        for name in names.keys() - {each.get("id") for each in patterns}:
            raise self._refused(names[name], f"there is no pattern {name}", f"es gibt kein Pattern {name}")
        lets = [self._let(each) for each in chosen.iterchildren(f"{SCH}let")]
        return lets, [each for each in patterns if each.get("id") in names]

    def _let(self, node: etree._Element) -> Let:
        return Let(self._needed(node, "name"), self._needed(node, "value"), node.get("as", ""))

    def _pattern(self, node: etree._Element) -> Pattern:
        if node.get("is-a") is None:
            return self._read_pattern(node, {})
        wanted = node.get("is-a")
        patterns = self.source.root.iterchildren(f"{SCH}pattern")
        model = next((each for each in patterns if each.get("abstract") == "true" and each.get("id") == wanted), None)
        if model is None:
            raise self._refused(node, f"there is no abstract pattern {wanted}", f"es gibt kein Pattern {wanted}")
        for child in node.iterchildren(f"{SCH}rule", f"{SCH}let"):
            raise self._unknown(child)
        params = (*model.iterchildren(f"{SCH}param"), *node.iterchildren(f"{SCH}param"))
        return self._read_pattern(model, {self._needed(each, "name"): self._needed(each, "value") for each in params})

    def _read_pattern(self, node: etree._Element, params: Substitution) -> Pattern:
        for child in node.iterchildren(etree.Element):
            if str(child.tag).startswith(SCH) and child.tag not in {*SILENT, f"{SCH}let", f"{SCH}rule", f"{SCH}param"}:
                raise self._unknown(child)
        lets = tuple(self._replaced(self._let(each), params) for each in node.iterchildren(f"{SCH}let"))
        rules = (each for each in node.iterchildren(f"{SCH}rule") if each.get("abstract") != "true")
        return Pattern(lets, tuple(self._rule(each, node, params) for each in rules))

    def _replaced(self, let: Let, params: Substitution) -> Let:
        return replace(let, value=substituted(let.value, params))

    def _rule(self, node: etree._Element, pattern: etree._Element, params: Substitution) -> Rule:
        context = substituted(self._needed(node, "context"), params)
        label = node.get("id") or " ".join(context.split())[:200]
        return Rule(label, context, tuple(self._steps(node, node, pattern, params, ())))

    def _steps(
        self,
        node: etree._Element,
        rule: etree._Element,
        pattern: etree._Element,
        params: Substitution,
        above: tuple[etree._Element, ...],
    ) -> Iterator[Let | Check]:
        """The steps of `node`, which is `rule` or one it extends."""
        for child in node.iterchildren(etree.Element):
            match str(child.tag).removeprefix(SCH):
                case "let":
                    yield self._replaced(self._let(child), params)
                case "assert" | "report":
                    yield self._found(child, rule, params)
                case "extends":
                    model = self._abstract(child, pattern)
                    if model in above:
                        raise self._refused(child, "a rule extends itself", "eine Regel erweitert sich selbst")
                    yield from self._steps(model, rule, pattern, params, (*above, model))
                case _ if str(child.tag).startswith(SCH) and child.tag not in SILENT:
                    raise self._unknown(child)

    def _abstract(self, node: etree._Element, pattern: etree._Element) -> etree._Element:
        """The abstract rule: of the same pattern, else of another or of a collection of rules."""
        wanted = self._needed(node, "rule")
        everywhere = (*pattern.iterchildren(f"{SCH}rule"), *self.source.root.iter(f"{SCH}rule"))
        model = next((each for each in everywhere if each.get("abstract") == "true" and each.get("id") == wanted), None)
        if model is None:
            raise self._refused(node, f"there is no abstract rule {wanted}", f"es gibt keine abstrakte Regel {wanted}")
        return model

    def _found(self, node: etree._Element, rule: etree._Element, params: Substitution) -> Check:
        """An assert or report of `rule`, which says for all its own what they do not say themselves."""
        said = [holder.get(word, "") for holder in (node, rule) for word in ("severity", "role", "flag")]
        return Check(
            kind="assert" if node.tag == f"{SCH}assert" else "report",
            id=node.get("id", ""),
            test=substituted(self._needed(node, "test"), params),
            severity=severity_of(said),
            subject=substituted(node.get("subject", rule.get("subject", "")), params),
            message=message_of(node, self._diagnostics(node), params),
        )

    def _diagnostics(self, node: etree._Element) -> Sequence[etree._Element]:
        names = node.get("diagnostics", "").split()
        known = {each.get("id"): each for each in self.source.root.iter(f"{SCH}diagnostic")}
        for name in names:
            if name not in known:
                raise self._refused(node, f"there is no diagnostic {name}", f"es gibt keine Diagnose {name}")
        return [known[name] for name in names]
